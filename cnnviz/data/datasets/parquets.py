"""Parquet files with pictures in a column, as Hugging Face has its data sets."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.folders import Picture, of_pictures
from cnnviz.data.datasets.keras import MAX_IMAGES, Arrays
from cnnviz.data.datasets.roles import role
from cnnviz.data.datasets.tables import LABELS, said
from cnnviz.data.datasets.understood import Account, Choice, Understood

ROWS = 256  # of a file that are read at a time


def of_parquet(
    file: str, tables: Sequence[tuple[str, bytes]], account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """The data set that parquet files make, each by its name and bytes: pictures in a column as PNG or JPEG, as Hugging
    Face has them, and labels in another. Raises ValueError with one sentence where they make none."""
    import pyarrow
    from pyarrow import parquet

    account.kind = "parquet files with pictures"
    found: list[Picture] = []
    names: list[str] = []
    for name, content in tables:
        try:
            read = parquet.ParquetFile(pyarrow.BufferReader(content))
            size = sum(read.metadata.row_group(at).total_byte_size for at in range(read.metadata.num_row_groups))
            if size > max_bytes:
                raise ValueError(f"{file}: {name} unpacks to {size:,} bytes; at most {max_bytes:,} are read")
            names = names or _names(read)
            found += _pictures(file, name, read, max_bytes, account)
        except (pyarrow.ArrowException, OSError, KeyError, TypeError, IndexError) as error:
            own = name if name == file else f"{file}: {name}"
            raise ValueError(f"{own} is no parquet file that can be read ({said(error)})") from error
    numbers = all(picture.label.lstrip("-").isdecimal() for picture in found)
    named = names if names and numbers else []
    return of_pictures(file, found, account, choice, max_bytes, progress, named)


def _pictures(file: str, name: str, read: Any, max_bytes: int, account: Account) -> Iterator[Picture]:
    """The rows of a parquet file as pictures, their bytes in memory."""
    import pyarrow

    schema = read.schema_arrow
    image = next((one.name for one in schema if _holds_pictures(one.type)), None)
    label = _label_column(schema, image)
    if image is None:
        raise ValueError(
            f"{file}: {name} has no column of pictures (bytes, or a struct with bytes); it has "
            f"{', '.join(one.name for one in schema)[:200]}"
        )
    if label is None:
        account.leave_out(f"{read.metadata.num_rows:,} rows of {name}", "they have no column of labels")
        return
    if read.metadata.num_rows > MAX_IMAGES:
        raise ValueError(f"{file}: {name} has {read.metadata.num_rows:,} rows; at most {MAX_IMAGES:,} are read")
    part, total, row = role(name)[1], 0, 0
    for batch in read.iter_batches(ROWS, columns=[image, label], use_threads=False):
        pictures = batch.column(0)
        contents = pictures.field("bytes") if pyarrow.types.is_struct(pictures.type) else pictures
        for content, own in zip(contents.to_pylist(), batch.column(1).to_pylist(), strict=True):
            row += 1
            if content is None or own is None:
                account.leave_out(f"row {row:,} of {name}", "it has no picture or no label")
                continue
            total += len(content)
            if total > max_bytes:
                raise ValueError(f"{file} unpacks to more than {max_bytes:,} bytes, the most that are read")
            yield Picture(f"row {row:,} of {name}", str(own), part, len(content), partial(bytes, content))


def _holds_pictures(kind: Any) -> bool:
    import pyarrow

    if pyarrow.types.is_struct(kind):
        return any(kind.field(at).name == "bytes" for at in range(kind.num_fields))
    return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))


def _label_column(schema: Any, image: str | None) -> str | None:
    """The column of labels: by its name, otherwise the first of whole numbers or words."""
    import pyarrow

    others = [one for one in schema if one.name != image]
    named = [one.name for one in others if one.name.lower() in (*LABELS, "fine_label")]
    kinds = (pyarrow.types.is_integer, pyarrow.types.is_string)
    fitting = [one.name for one in others if any(is_kind(one.type) for is_kind in kinds)]
    return next(iter([*named, *fitting]), None)


def _names(read: Any) -> list[str]:
    """The names of the classes, as Hugging Face writes them beside the columns."""
    text = (read.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
    features = json.loads(text).get("info", {}).get("features", {})
    found = (one.get("names") for one in features.values() if isinstance(one, dict))
    names = next((one for one in found if isinstance(one, list)), [])
    return [str(name) for name in names]

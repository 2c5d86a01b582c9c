"""Parquet files with pictures in a column, as Hugging Face has its data sets."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cnnviz.data.datasets.archives import Progress
from cnnviz.data.datasets.columns import IDS, LABELS
from cnnviz.data.datasets.folders import Picture, of_pictures
from cnnviz.data.datasets.keras import MAX_IMAGES, Arrays
from cnnviz.data.datasets.roles import role
from cnnviz.data.datasets.tables import said
from cnnviz.data.datasets.understood import Account, Choice, Understood

ROWS = 256  # of a file that are read at a time: of pictures that are alike, each is read once
UNLABELLED = -1  # where classes have names, as Hugging Face has it
MAX_LABEL = 2**53
EMBED = "save it with the pictures themselves, as datasets.Dataset.to_parquet does once they were loaded"


@dataclass(frozen=True)
class _Columns:
    """The column of pictures, whether it is a struct of their bytes, that of labels and of which type it is, and the
    names of its classes, if any came with it."""

    image: str
    is_struct: bool
    label: str
    kind: Any
    names: tuple[str, ...]


def of_parquet(
    file: str, tables: Sequence[tuple[str, bytes]], account: Account, choice: Choice, max_bytes: int, progress: Progress
) -> tuple[Arrays, Understood]:
    """The data set that parquet files make, each by its name and bytes: pictures in a column as PNG or JPEG, as Hugging
    Face has them, and labels in another. Raises ValueError with one sentence where they make none."""
    import pyarrow
    from pyarrow import parquet

    account.kind = "parquet files with pictures"
    found: list[Picture] = []
    names: tuple[str, ...] = ()
    unlabelled = ""
    for name, content in tables:
        own = name if name == file else f"{file}: {name}"
        try:
            metadata = parquet.read_metadata(pyarrow.BufferReader(content))
            size = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
            if size > max_bytes:
                raise ValueError(f"{own} unpacks to {size:,} bytes; at most {max_bytes:,} are read")
            if metadata.num_rows > MAX_IMAGES:
                raise ValueError(f"{own} has {metadata.num_rows:,} rows; at most {MAX_IMAGES:,} are read")
            schema = parquet.read_schema(pyarrow.BufferReader(content))
            columns = _columns(own, schema)
            if columns is None:
                unlabelled = unlabelled or f"{own} has no column of labels beside {_listed(schema)}"
                account.leave_out(f"{metadata.num_rows:,} rows of {name}", "they have no column of labels")
                continue
            names = names or columns.names
            once = [f"{columns.image}.bytes" if columns.is_struct else columns.image]
            read = parquet.ParquetFile(pyarrow.BufferReader(content), read_dictionary=once)
            found += _pictures(file, name, own, read, columns, max_bytes - sum(one.size for one in found), account)
        except UnicodeDecodeError as error:
            raise ValueError(f"{own} has a text that is not in UTF-8; save its labels as text or as numbers") from error
        except (pyarrow.ArrowException, OSError, KeyError, TypeError, IndexError, OverflowError) as error:
            raise ValueError(f"{own} is no parquet file that can be read ({said(error)})") from error
    if not found and unlabelled:
        raise ValueError(f"{unlabelled}; it needs one of numbers or words, called label")
    if not found:
        raise ValueError(f"{file} has no row with a picture and a label")
    return of_pictures(file, found, account, choice, max_bytes, progress, names)


def _pictures(
    file: str, name: str, own: str, read: Any, columns: _Columns, max_bytes: int, account: Account
) -> Iterator[Picture]:
    """The rows of a parquet file as pictures, their bytes in memory."""
    part, total, row, left_out, some = role(name)[1], 0, 0, 0, False
    for batch in read.iter_batches(ROWS, columns=[columns.image, columns.label], use_threads=False):
        pictures = batch.column(0).field("bytes") if columns.is_struct else batch.column(0)
        for at, given in enumerate(batch.column(1).to_pylist()):
            row += 1
            content, label = pictures[at].as_py(), _label(own, row, given, columns)
            some = some or content is not None
            if content is None or label is None:
                account.leave_out(f"row {row:,} of {name}", "it has no picture or no label")
                left_out += 1
                continue
            total += len(content)
            if total > max_bytes:
                raise ValueError(f"{file} unpacks to more than {max_bytes:,} bytes, the most that are read")
            yield Picture(f"row {row:,} of {name}", label, part, len(content), partial(bytes, content))
    if left_out and not some:
        raise ValueError(f"{own} has names of pictures in {columns.image!r}, and no pictures; {EMBED}")


def _label(own: str, row: int, given: Any, columns: _Columns) -> str | None:
    """The label of a row as text, a number as its digits; None where there is none. Raises ValueError where it is a
    number that is no class."""
    if given is None or (isinstance(given, float) and math.isnan(given)):
        return None
    if isinstance(given, float):
        if not given.is_integer():
            raise ValueError(f"{own}: the label of row {row:,} is {given:g}; labels are whole numbers or words")
        given = int(given)
    if columns.names and given == UNLABELLED:
        return None
    if isinstance(given, int) and abs(given) > MAX_LABEL:
        raise ValueError(f"{own}: the label of row {row:,} is {given}; labels are small whole numbers")
    return str(given) if str(given).strip() else None


# --- which column is what


def _columns(own: str, schema: Any) -> _Columns | None:
    """Which columns are taken; None where there is none of labels. Raises ValueError where there are no pictures, or
    where a reader has to say which column is the label."""
    import pyarrow

    image = next((one for one in schema if _holds_pictures(one.type)), None)
    if image is None:
        raise ValueError(
            f"{own} has no column of pictures (bytes, or a struct with bytes); it has {_listed(schema)}; {EMBED}"
        )
    features = _features(schema)
    label = _label_column(own, [one for one in schema if one.name != image.name], features)
    if label is None:
        return None
    kind = label.type.value_type if pyarrow.types.is_dictionary(label.type) else label.type
    names = features.get(label.name, ()) if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) else ()
    return _Columns(image.name, pyarrow.types.is_struct(image.type), label.name, kind, names)


def _holds_pictures(kind: Any) -> bool:
    import pyarrow

    if pyarrow.types.is_struct(kind):
        return any(kind.field(at).name == "bytes" and _is_bytes(kind.field(at).type) for at in range(kind.num_fields))
    return _is_bytes(kind)


def _is_bytes(kind: Any) -> bool:
    import pyarrow

    return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))


def _label_column(own: str, others: Sequence[Any], features: dict[str, tuple[str, ...]]) -> Any:
    """The column of labels: by its name, by the names of classes that came with it, otherwise the only one of numbers
    or words that does not say which row it is; None where there is none. Raises ValueError where several could be, or
    where the one that is called so has no labels."""
    called = next((one for one in others if one.name.lower() in (*LABELS, "fine_label")), None)
    if called is not None and not _holds_labels(called.type):
        raise ValueError(f"{own}: the column {called.name[:40]!r} has {called.type}; a label is one number or word")
    if called is None:
        called = next((one for one in others if one.name in features and _holds_labels(one.type)), None)
    if called is not None:
        return called
    fitting = [one for one in others if _holds_labels(one.type) and not _is_id(one.name)]
    if len(fitting) > 1:
        names = " and ".join(repr(one.name[:40]) for one in fitting[:3])
        raise ValueError(f"{own}: each of the columns {names} could be the label; call that one label")
    return fitting[0] if fitting else None


def _holds_labels(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _holds_labels(kind.value_type)
    kinds = (types.is_integer, types.is_floating, types.is_boolean, types.is_string, types.is_large_string)
    return any(is_kind(kind) for is_kind in kinds)


def _is_id(name: str) -> bool:
    return "".join(letter for letter in name.lower() if letter.isalpha()) in IDS


def _listed(schema: Any) -> str:
    """The columns with their types."""
    return ", ".join(f"{one.name} ({one.type})" for one in schema)[:200]


def _features(schema: Any) -> dict[str, tuple[str, ...]]:
    """The names of classes by column, as Hugging Face writes them beside the columns; none where that is not so."""
    try:
        found: Any = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    except (ValueError, RecursionError):
        return {}
    for key in ("info", "features"):
        found = found.get(key) if isinstance(found, dict) else None
    features = found if isinstance(found, dict) else {}
    named = {name: one.get("names") for name, one in features.items() if isinstance(one, dict)}
    return {
        name: tuple(map(str, own))
        for name, own in named.items()
        if isinstance(own, list) and own and all(isinstance(one, str | int) for one in own)
    }

"""Parquet files: what stands beside the columns is anything, labels are of any type that is one number or word."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from cnnviz.data.datasets import parquets
from tests.data.datasets.brought_files import images, labels, picture, zipped
from tests.data.datasets.conftest import Bring
from tests.helpers import refused

COUNT = 24
PICTURES = [{"bytes": picture(one), "path": f"{at}.png"} for at, one in enumerate(images(COUNT))]
WORDS = [("owl", "fox", "elk")[at % 3] for at in range(COUNT)]


def written(metadata: bytes | None = None, **columns: Any) -> bytes:
    """A parquet file of those columns, pictures before them."""
    made = pyarrow.table({"image": PICTURES, **columns})
    if metadata is not None:
        made = made.replace_schema_metadata({b"huggingface": metadata})
    out = io.BytesIO()
    parquet.write_table(made, out)
    return out.getvalue()


def features(**names: Any) -> bytes:
    return json.dumps({"info": {"features": {name: {"names": own} for name, own in names.items()}}}).encode()


@pytest.mark.parametrize(
    "metadata",
    [
        b"[]",
        b"null",
        b"2",
        b'"names"',
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b'{"info": null}',
        b'{"info": [1]}',
        b'{"info": {"features": [3]}}',
        b'{"info": {"features": {"label": null}}}',
        b'{"info": {"features": {"label": {"names": null}}}}',
        b'{"info": {"features": {"label": {"names": [null, {}, []]}}}}',
        b'{"info": {"features": {"other": {"names": ["a", "b", "c"]}}}}',
    ],
)
def test_what_stands_beside_the_columns_is_no_names(metadata: bytes, bring: Bring) -> None:
    _, understood = bring("p.parquet", written(metadata, label=labels(COUNT)))
    assert understood.classes == ("0", "1", "2") and understood.train == (6, 6, 6)


TYPES: dict[str, tuple[Any, list[str]]] = {
    "words": (WORDS, ["elk", "fox", "owl"]),
    "large words": (pyarrow.array(WORDS, pyarrow.large_string()), ["elk", "fox", "owl"]),
    "a dictionary": (pyarrow.array(WORDS).dictionary_encode(), ["elk", "fox", "owl"]),
    "true and false": ([at % 2 == 0 for at in range(COUNT)], ["False", "True"]),
    "small integers": (pyarrow.array(labels(COUNT), pyarrow.int8()), ["0", "1", "2"]),
    "floats": ([float(at % 12) for at in range(COUNT)], [str(at) for at in range(12)]),
    "numbers below 0": ([(-30, 0, 7)[at % 3] for at in range(COUNT)], ["-30", "0", "7"]),
}


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("name", ["label", "breed"])
def test_labels_of_any_type(form: str, name: str, bring: Bring) -> None:
    given, classes = TYPES[form]
    _, understood = bring("p.parquet", written(**{"image_id": list(range(COUNT)), name: given}))
    assert list(understood.classes) == classes and sum(understood.train + understood.test) == COUNT


def test_classes_have_the_names_of_their_own_column(bring: Bring) -> None:
    both = features(colour=["red", "green", "blue"], kind=["ant", "bee", "cow"])
    _, understood = bring("p.parquet", written(both, width=[8] * COUNT, kind=labels(COUNT).astype(float)))
    assert understood.classes == ("ant", "bee", "cow")
    with refused("p.parquet", "ant"):
        bring("p.parquet", written(features(label=["ant", "ant", "cow"]), label=labels(COUNT)))


def test_a_row_without_a_label_or_a_picture_is_left_out(bring: Bring) -> None:
    given = labels(COUNT).tolist()
    given[4] = -1  # as Hugging Face has it where classes have names
    given[9] = None
    _, understood = bring("p.parquet", written(features(label=["ant", "bee", "cow"]), label=given))
    assert [one.what for one in understood.left_out] == ["row 5 of p.parquet", "row 10 of p.parquet"]
    words = ["" if at == 2 else word for at, word in enumerate(WORDS)]
    assert [one.what for one in bring("p.parquet", written(label=words))[1].left_out] == ["row 3 of p.parquet"]
    floats = [float("nan") if at == 7 else at % 2 for at in range(COUNT)]
    assert [one.what for one in bring("p.parquet", written(label=floats))[1].left_out] == ["row 8 of p.parquet"]


def of_bytes(kind: Any) -> Any:
    fields = [pyarrow.field("bytes", kind), pyarrow.field("path", pyarrow.string())]
    given = {pyarrow.string(): "x", pyarrow.int64(): 3}.get(kind)
    return pyarrow.array([{"bytes": given, "path": f"{at}.png"} for at in range(COUNT)], pyarrow.struct(fields))


REFUSED: dict[str, tuple[dict[str, Any], list[object]]] = {
    "bytes that are text": ({"image": of_bytes(pyarrow.string())}, ["image", "string"]),
    "bytes that are numbers": ({"image": of_bytes(pyarrow.int64())}, ["image", "int64"]),
    "paths without bytes": ({"image": of_bytes(pyarrow.binary())}, ["image", "no pictures"]),
    "addresses": ({"image": ["http://x/1.png"] * COUNT}, ["image", "string"]),
    "several labels": ({"label": [[0, 1]] * COUNT}, ["label", "list"]),
    "broken numbers": ({"label": [at % 3 + 0.25 for at in range(COUNT)]}, ["row 1", "0.25"]),
    "a number without end": ({"label": [float("inf")] * COUNT}, ["row 1", "inf"]),
    "a huge number": ({"label": pyarrow.array([2**63 + 1] * COUNT, pyarrow.uint64())}, ["row 1", 2**63 + 1]),
    "either column": ({"label": None, "sort": labels(COUNT), "kind": WORDS}, ["sort", "kind"]),
    "no labels": ({"label": None, "image_id": list(range(COUNT))}, ["label", "image_id"]),
    "words that are none": (
        {
            "label": pyarrow.Array.from_buffers(
                pyarrow.string(),
                COUNT,
                [
                    None,
                    pyarrow.py_buffer(np.arange(COUNT + 1, dtype=np.int32).tobytes()),
                    pyarrow.py_buffer(b"\xe4" * COUNT),
                ],
            )
        },
        ["p.parquet"],
    ),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_not_taken_says_why(form: str, bring: Bring) -> None:
    given, values = REFUSED[form]
    columns = {"label": labels(COUNT), **given}
    with refused("p.parquet", *values):
        bring("p.parquet", written(**{name: one for name, one in columns.items() if one is not None}))


def test_rows_without_labels_beside_others(bring: Bring) -> None:
    files = {"a.parquet": written(label=labels(COUNT)), "b.parquet": written()}
    _, understood = bring("p.zip", zipped(files))
    assert sum(understood.train + understood.test) == COUNT and "24 rows" in understood.left_out[0].what


def test_pictures_that_are_alike_are_read_once(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch holds a picture that many rows have once, so that it takes no more than the file says."""
    large = [{"bytes": bytes(400_000), "path": "x"}] * COUNT
    seen: list[int] = []
    taken = parquets._pictures

    def watched(*given: Any) -> Any:
        for batch in given[3].iter_batches(parquets.ROWS, columns=["image"], use_threads=False):
            seen.append(batch.get_total_buffer_size())
        return taken(*given)

    monkeypatch.setattr(parquets, "_pictures", watched)
    with refused("p.parquet"):
        bring("p.parquet", written(image=large, label=labels(COUNT)))
    assert 0 < max(seen) < 1_000_000

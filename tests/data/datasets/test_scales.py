"""On which scale the numbers of images stand: each part by itself where they differ by kind, none where it is not
told."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pytest

from cnnviz.data.datasets import numbers
from tests.data.datasets.brought_files import arrays, coloured, images, labels, npz, table, zipped
from tests.data.datasets.conftest import Bring
from tests.helpers import refused

TRAIN, TEST = images(24), images(9, 5)
HALF = TRAIN // 2  # up to 127


def both(train: Any, test: Any) -> bytes:
    return npz({"x_train": train, "y_train": labels(len(train)), "x_test": test, "y_test": labels(len(test))})


def near(found: np.ndarray, expected: np.ndarray) -> bool:
    return bool((np.abs(found.astype(int) - expected.astype(int)) <= 1).all())


APART: dict[str, tuple[Any, Any]] = {
    "floats beside bytes": ((TRAIN / 255).astype(np.float16), TEST),
    "bytes beside floats": (TRAIN, TEST / 255),
    "bytes beside -1 to 1": (TRAIN, (TEST / 127.5 - 1).astype(np.float32)),
    "bytes beside 16 bits": (TRAIN, TEST.astype(np.uint16) * 257),
    "bytes beside 12 bits": (TRAIN, TEST.astype(np.int32) * 16),
    "bytes beside 10 bits": (TRAIN, TEST.astype(np.uint16) * 4),
    "floats of two scales": (TRAIN.astype(np.float32), TEST / 255),
    "floats beside 14 bits": (TRAIN / 255, TEST.astype(np.uint16) * 64),
    "whole floats beside bytes": (TRAIN.astype(np.float32), TEST),
}


@pytest.mark.parametrize("form", APART)
def test_each_part_has_its_own_scale_where_types_and_ranges_differ(form: str, bring: Bring) -> None:
    made, _ = bring("mine.npz", both(*APART[form]))
    assert near(made["x_train"], TRAIN) and near(made["x_test"], TEST)


def test_bools_beside_bytes_are_black_and_white(bring: Bring) -> None:
    made, understood = bring("mine.npz", both(TRAIN > 90, TEST))
    assert np.array_equal(made["x_train"], np.where(TRAIN > 90, 255, 0)) and np.array_equal(made["x_test"], TEST)
    assert any("True" in note for note in understood.notes)


SHARED: dict[str, tuple[Any, Any, Any, Any]] = {  # what is brought, and what comes of it
    "a dark test stays dark": (TRAIN, TEST // 5, TRAIN, TEST // 5),
    "12 bits, the test up to 10": (
        TRAIN.astype(np.uint16) * 16,
        TEST.astype(np.uint16) * 4,
        TRAIN,
        TEST // 4,
    ),
    "floats, the test half as bright": (TRAIN / 255, TEST / 510, TRAIN, TEST / 2),
    "a test of nothing": (TRAIN / 255, np.zeros((6, 8, 8)), TRAIN, np.zeros((6, 8, 8))),
    "-1 to 1, the test less far": (TRAIN / 127.5 - 1, HALF[:9] / 127.5 - 1, TRAIN, HALF[:9]),
}


@pytest.mark.parametrize("form", SHARED)
def test_parts_that_were_saved_alike_share_a_scale(form: str, bring: Bring) -> None:
    train, test, *expected = SHARED[form]
    made, _ = bring("mine.npz", both(train, test))
    assert near(made["x_train"], np.asarray(expected[0])) and near(made["x_test"], np.asarray(expected[1]))


UNTOLD: dict[str, tuple[Any, Any, list[object]]] = {
    "ones and bytes": (TRAIN, TEST // 255, ["x_train", 255, "x_test", 1]),
    "levels and bytes": (TRAIN // 16, TEST, ["x_train", 15, "x_test", 255]),
    "bytes and 16 bits of one type": (
        TRAIN.astype(np.uint16),
        TEST.astype(np.uint16) * 257,
        ["x_train", 255, "x_test", 65535],
    ),
    "0 to 1 and -1 to 1": (TRAIN / 255, TEST / 127.5 - 1, ["x_train", 0, "x_test", -1]),
    "wide bytes and 12 bits": (
        TRAIN.astype(np.int64) // 2,
        TEST.astype(np.int32) * 16,
        ["x_train", 127, "x_test", 4080],
    ),
}


@pytest.mark.parametrize("form", UNTOLD)
def test_what_may_be_two_scales_is_asked(form: str, bring: Bring) -> None:
    train, test, values = UNTOLD[form]
    with refused("mine.npz", *values):
        bring("mine.npz", both(train, test))


def test_tables_of_two_scales(bring: Bring) -> None:
    tables = {
        "train.csv": table(TRAIN, labels(24)),
        "test.csv": table(np.round(TEST / 255, 5), labels(9)),
    }
    made, _ = bring("both.zip", zipped(tables))
    assert np.array_equal(made["x_train"], TRAIN) and near(made["x_test"], TEST)
    tables["test.csv"] = table(TEST // 255, labels(9))
    with refused("both.zip", "train", 255, "test", 1):
        bring("both.zip", zipped(tables))


BEYOND: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "a rounding above 1": ((TRAIN / 255).astype(np.float32) * np.float32(1.0000003), TRAIN),
    "a rounding below 0": (TRAIN / 255 - 2e-8, TRAIN),
    "a resize above 1": (TRAIN / 255 * 1.03, np.clip(TRAIN * 1.03, 0, 255)),
    "a resize below 0": (TRAIN / 255 - 0.03, np.clip(TRAIN - 0.03 * 255, 0, 255)),
    "above 255": (TRAIN * 1.0002, TRAIN),
    "around 0 to 255": (TRAIN * 1.04 - 5.1, np.clip(TRAIN * 1.04 - 5.1, 0, 255)),
    "above -1 to 1": ((TRAIN / 127.5 - 1) * 1.001, TRAIN),
    "-0.5 to 0.5": (TRAIN / 255 - 0.5, TRAIN),
}


@pytest.mark.parametrize("form", BEYOND)
def test_a_little_beyond_the_ends_is_cut_off(form: str, bring: Bring) -> None:
    given, expected = BEYOND[form]
    made, understood = bring("mine.npz", both(given, given[:9]))
    assert near(made["x_train"], expected)
    low, high = (f"{float(end):.9g}" for end in (given.min(), given.max()))
    assert any(low in note and high in note for note in understood.notes)


NARROW: dict[str, np.ndarray] = {
    "to 2": TRAIN / 127.5,
    "to 1.2": TRAIN / 255 * 1.2,
    "divided twice": TRAIN / 255 / 255,
    "16 levels, broken": TRAIN / 16.1,
    "normalised a little": TRAIN / 255 * 1.3 - 0.6,
    "standardised": TRAIN / 90 - 0.4,
}


@pytest.mark.parametrize("form", NARROW)
def test_broken_numbers_are_not_rounded_to_a_few_levels(form: str, bring: Bring) -> None:
    given = NARROW[form]
    with refused("mine.npz", *(f"{float(end):.9g}" for end in (given.min(), given.max()))):
        bring("mine.npz", both(given, given[:9]))


# --- the order of Fortran


def stored(array: np.ndarray, name: str = "x_train.npy") -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    others = {f"{key}.npy": one for key, one in arrays(len(array), 6).items() if key != "x_train"}
    files = {name: out.getvalue()}
    for key, one in others.items():
        out = io.BytesIO()
        np.save(out, one)
        files[key] = out.getvalue()
    return zipped(files)


FORTRAN: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "grey": (TRAIN, TRAIN),
    "floats": (TRAIN / 255, TRAIN),
    "rows": (TRAIN.reshape(24, -1), TRAIN),
    "channels first": (TRAIN[:, None].astype(np.float32), TRAIN),
}


@pytest.mark.parametrize("form", FORTRAN)
@pytest.mark.parametrize("file", ["mine.npz", "mine.zip"])
def test_fortran_order_is_read_by_columns(form: str, file: str, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    given, expected = FORTRAN[form]
    monkeypatch.setattr(numbers, "BLOCK", 100)  # several blocks of everything
    reader = sys.modules["cnnviz.data.datasets.arrays"]  # the package has a function of that name
    monkeypatch.setattr(reader, "BLOCK", 100)
    one_piece = reader._npy_blocks
    whole: list[object] = []

    def watched(stream: Any, header: Any) -> Any:
        whole.extend([header.shape] * header.fortran)
        return one_piece(stream, header)

    monkeypatch.setattr(reader, "_npy_blocks", watched)
    made, _ = bring(file, stored(np.asfortranarray(given)))
    assert np.array_equal(made["x_train"], expected) and whole == []


def test_colour_in_fortran_order(bring: Bring) -> None:
    own = coloured(15, 3, 16)
    for given in (own, np.moveaxis(own, 3, 1), own.reshape(15, -1)):
        file = npz({"x": np.asfortranarray(given), "y": labels(15)})
        made, _ = bring("mine.npz", file)
        every = np.concatenate([made["x_train"], made["x_test"]])
        assert sorted(every.reshape(15, -1).tolist()) == sorted(own.reshape(15, -1).tolist())

"""How the columns of a table are told: its first image is never a header, a pixel never the label."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest

from cnnviz.data.datasets import tables
from cnnviz.data.datasets.columns import cells, is_number, layout_of
from tests.data.datasets.brought_files import images, labels, zipped
from tests.data.datasets.conftest import Bring, Brought
from tests.helpers import refused

COUNT = 36
DARK = images(COUNT)  # with a dark first column
DENSE = np.random.default_rng(11).integers(1, 256, (COUNT, 6, 6))
OWN = labels(COUNT, 4)
WORDS = np.array(["owl", "fox", "elk", "bat"])[OWN]


def lines(
    pixels: np.ndarray,
    own: Sequence[object] | None = None,
    last: bool = False,
    header: str = "",
    mark: str = ",",
    end: str = "",
) -> bytes:
    """A table with a line of names, if one is given; `end` stands after the last cell of each line."""
    rows = pixels.reshape(len(pixels), -1).tolist()
    if own is not None:
        rows = [[*row, label] if last else [label, *row] for row, label in zip(rows, own, strict=True)]
    text = [header] if header else []
    return "\n".join([*text, *(mark.join(map(str, row)) + end for row in rows), ""]).encode()


def names(pixels: int, first: str = "", last: str = "", stem: str = "pixel") -> str:
    own = [f"{stem}{at}" for at in range(pixels)]
    return ",".join([*filter(None, [first]), *own, *filter(None, [last])])


def every_image(found: Brought) -> list[tuple[str, bytes]]:
    """All images with the names of their classes, in an order of their own."""
    made, understood = found
    return sorted(
        (understood.classes[int(label)], image.tobytes())
        for part in ("train", "test")
        for image, label in zip(made[f"x_{part}"], made[f"y_{part}"], strict=True)
    )


def expected(pixels: np.ndarray, own: Sequence[object]) -> list[tuple[str, bytes]]:
    return sorted((str(label), one.astype(np.uint8).tobytes()) for one, label in zip(pixels, own, strict=True))


TAKEN: dict[str, tuple[bytes, np.ndarray, Sequence[object]]] = {
    "words first, no header": (lines(DARK, WORDS), DARK, WORDS),
    "words last, no header": (lines(DENSE, WORDS, last=True), DENSE, WORDS),
    "a comma at the end of each line": (lines(DARK, OWN, end=","), DARK, OWN),
    "numbers last, dense": (lines(DENSE, OWN, last=True), DENSE, OWN),
    "numbers first, dense": (lines(DENSE, OWN), DENSE, OWN),
    "an unknown name, last": (lines(DENSE, OWN, True, names(36, last="which")), DENSE, OWN),
    "an unknown name, first": (lines(DENSE, OWN, header=names(36, "animal", stem="px_")), DENSE, OWN),
    "numbers as names": (lines(DARK, OWN, header=",".join(map(str, range(65)))), DARK, OWN),
    "a word and numbers as names": (lines(DARK, WORDS, header=names(64, "animal", stem="")), DARK, WORDS),
    "names of rows and columns": (
        lines(DENSE, OWN, header=",".join(["label", *(f"{r}x{c}" for r in range(6) for c in range(6))])),
        DENSE,
        OWN,
    ),
    "all of one name": (lines(DENSE, OWN, header=",".join(["label"] + ["v"] * 36)), DENSE, OWN),
    "ImageId": (
        lines(np.c_[OWN, DENSE.reshape(COUNT, -1)], range(1, COUNT + 1), header=names(36, "ImageId,label")),
        DENSE,
        OWN,
    ),
    "rows that are counted, no header": (lines(np.c_[OWN, DENSE.reshape(COUNT, -1)], range(COUNT)), DENSE, OWN),
    "bars": (lines(DARK, OWN, mark="|"), DARK, OWN),
    "a blank line before": (b"\r\n\n" + lines(DARK, OWN, header=names(64, "label")), DARK, OWN),
    "a remark before": (b"# 36 animals, by me\n" + lines(DARK, OWN, header=names(64, "label")), DARK, OWN),
    "sep=": (b"sep=;\r\n" + lines(DARK, OWN, mark=";"), DARK, OWN),
    "brackets": (
        b"label,pixels\n"
        + b"".join(
            f'{own},"[{" ".join(map(str, one.ravel()))}]"\n'.encode() for one, own in zip(DARK, OWN, strict=True)
        ),
        DARK,
        OWN,
    ),
    "commas in quotes, no header": (
        b"".join(f'{own},"{",".join(map(str, one.ravel()))}"\n'.encode() for one, own in zip(DARK, WORDS, strict=True)),
        DARK,
        WORDS,
    ),
    "1_1 and 11": (
        lines(DARK, np.array(["1_1", "11", "12"])[labels(COUNT)]),
        DARK,
        np.array(["1_1", "11", "12"])[labels(COUNT)],
    ),
    "5e1 and 50": (
        lines(DARK, np.array(["5e1", "50", "7"])[labels(COUNT)]),
        DARK,
        np.array(["5e1", "50", "7"])[labels(COUNT)],
    ),
    "as numpy.savetxt has it": (lines(DARK, [f"{one:.18e}" for one in OWN]), DARK, OWN),
    "floats": (lines(DARK, OWN * 1.0), DARK, OWN),
}


@pytest.mark.parametrize("form", TAKEN)
def test_no_image_is_lost_and_none_gets_another_label(form: str, bring: Bring) -> None:
    content, pixels, own = TAKEN[form]
    assert every_image(bring("mine.csv", content)) == expected(pixels, own)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("in_order", [False, True])
def test_the_label_is_told_from_a_dark_edge(last: bool, in_order: bool, bring: Bring) -> None:
    """Also where the labels are sorted, so that the first lines have one."""
    count = 1500
    pixels = np.zeros((count, 10, 10), int)
    pixels[:, 2:8, 2:8] = np.random.default_rng(4).integers(0, 256, (count, 6, 6))
    own = np.sort(labels(count, 10)) if in_order else labels(count, 10)
    found = bring("mine.csv", lines(pixels, own, last))
    assert every_image(found) == expected(pixels, own)


def test_labels_that_are_sorted_are_looked_for_in_the_whole_file(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BLOCK", 8_000)  # where the first block has one label
    pixels = np.zeros((900, 8, 8), int)
    pixels[:, 2:6, 2:6] = np.random.default_rng(5).integers(0, 256, (900, 4, 4))
    own = np.sort(labels(900, 5))
    for last in (False, True):
        assert every_image(bring("mine.csv.gz", gzip.compress(lines(pixels, own, last)))) == expected(pixels, own)


def test_either_end_may_be_the_label(bring: Bring) -> None:
    binary = np.random.default_rng(6).integers(0, 2, (COUNT, 6, 6))
    for last in (False, True):
        with refused("mine.csv", "column 1", "column 37", "pixel0"):
            bring("mine.csv", lines(binary, labels(COUNT, 2), last))
    two = lines(np.c_[OWN, DENSE.reshape(COUNT, -1)], labels(COUNT, 2), header=names(36, "cat,dog"))
    with refused("mine.csv", "cat", "dog", "label"):
        bring("mine.csv", two)


def test_a_column_that_is_called_pixel_is_no_label(bring: Bring) -> None:
    for stem in ("pixel", "Pixel_", "px"):
        with refused("mine.csv", 37):
            bring("mine.csv", lines(np.c_[OWN, DENSE.reshape(COUNT, -1)], header=names(37, stem=stem)))


def test_a_table_of_pixels_alone_has_no_label(bring: Bring) -> None:
    for content in (lines(DENSE, header=names(36)), lines(DENSE), b"pixels\n" + lines(DENSE, mark=" ")):
        with refused("mine.csv", "labels"):
            bring("mine.csv", content)
    both = {"train.csv": lines(DENSE, OWN, header=names(36, "label")), "test.csv": lines(DENSE[:9], header=names(36))}
    assert every_image(bring("both.zip", zipped(both))) == expected(DENSE, OWN)


def changed(row: int, column: int, cell: str, count: int = COUNT) -> bytes:
    """A table with a cell that is another; rows and columns from 0 on, as the pixels have them."""
    pixels = np.resize(DENSE, (count, 6, 6)).astype(object)
    pixels.reshape(count, -1)[row, column] = cell
    return lines(pixels, np.resize(OWN, count), header=names(36, "label"))


@pytest.mark.parametrize("cell", ["lost", "", "NaN", "0x1f", "1_0"])
@pytest.mark.parametrize(("row", "column"), [(0, 0), (20, 35), (450, 7)])
def test_a_pixel_that_is_no_number_is_named(cell: str, row: int, column: int, bring: Bring) -> None:
    with refused("mine.csv", row + 1, f"pixel{column}", *([cell] if cell and cell != "NaN" else [])):
        bring("mine.csv", changed(row, column, cell, 500))


def test_a_pixel_without_end(bring: Bring) -> None:
    with refused("mine.csv", "1e999", 1, "pixel3"):
        bring("mine.csv", changed(0, 3, "1e999"))
    with refused("mine.csv", "infinite"):
        bring("mine.csv", changed(400, 3, "1e999", 1000))


def test_a_row_without_a_label_is_left_out(bring: Bring) -> None:
    for none in ("", " ", "nan", "NaN"):
        for own in (OWN, WORDS):
            given = [none if at in (3, 17) else str(label) for at, label in enumerate(own)]
            found = bring("mine.csv", lines(DARK, given, header=names(64, "label")))
            rest = [at for at in range(COUNT) if at not in (3, 17)]
            assert every_image(found) == expected(DARK[rest], [own[at] for at in rest])
            assert [one.what for one in found[1].left_out] == ["row 4", "row 18"]
    given = ["inf" if at == 5 else str(label) for at, label in enumerate(OWN)]
    with refused("mine.csv", "inf"):
        bring("mine.csv", lines(DARK, given, header=names(64, "label")))
    given = ["" if at < 30 else str(label) for at, label in enumerate(OWN)]
    given[30:] = ["2", "3"] * 3
    assert sum(one.count for one in bring("mine.csv", lines(DARK, given))[1].left_out) == 30


def test_a_damaged_row_of_joined_pixels_is_named(bring: Bring) -> None:
    rows = [f"{at % 2},{' '.join(map(str, range(25)))}" for at in range(12)]
    for row in (0, 7):
        damaged = [*rows[:row], rows[row].replace(" 4 ", " four "), *rows[row + 1 :]]
        with refused("mine.csv", row + 1, "four"):
            bring("mine.csv", "\n".join(["label,pixels", *damaged]).encode())


NONE: dict[str, tuple[bytes, list[object]]] = {
    "names alone": (names(36, "label").encode() + b"\n", ["row for each image"]),
    "words alone": (b"a,b,c\nx,y,z\n", ["row for each image"]),
    "remarks alone": (b"# nothing\n\n", ["row for each image"]),
    "a title": (b"my animals, 36\n" + lines(DENSE, OWN), [2, 37]),
    "packed twice": (gzip.compress(lines(DENSE, OWN)), [".csv.gz"]),
    "a spreadsheet": (zipped({"xl/sheet.xml": b"<a/>"}), ["CSV"]),
    "UTF-16": (lines(DENSE, OWN).decode().encode("utf-16"), ["UTF-8"]),
    "rows that numpy shortened": (
        b"label,pixels\n" + b'0,"[3 1 4 ... 1 5 9]"\n1,"[3 1 4 ... 1 5 8]"\n' * 4,
        [1, "all"],
    ),
}


@pytest.mark.parametrize("form", NONE)
def test_what_is_no_table_says_what_it_is(form: str, bring: Bring) -> None:
    content, values = NONE[form]
    with refused("mine.csv", *values):
        bring("mine.csv", content)


def test_a_cell_may_be_longer_than_pythons_reader_takes(bring: Bring) -> None:
    side = 210
    pixels = np.random.default_rng(7).integers(100, 256, (8, side, side))
    rows = [f"{at % 2},{' '.join(map(str, one.ravel()))}" for at, one in enumerate(pixels)]
    made, _ = bring("mine.csv", "\n".join(["label,pixels", *rows]).encode())
    assert made["x_train"].shape == (6, side, side)


def test_cells_are_cut_as_pythons_reader_cuts_them() -> None:
    import csv

    for line in ('1,"2",3', '"a,b",c', '"a""b",,"",x', '"",', "", ',",",', '"open, to the end'):
        assert cells(line, ",") == (next(csv.reader([line]), [""]) or [""])
    assert is_number("1e3") and not any(map(is_number, ("1_0", "nan", "inf", "", "٣", "0x1")))


@pytest.mark.parametrize("letter", [",", '"', "1", " ", ";"])
def test_a_long_line_takes_no_long_time(letter: str) -> None:
    for line in (letter * 300_000, f"{letter},1" * 100_000):
        with suppress(ValueError):
            layout_of("mine.csv", [line] * 2)


def test_bytes_that_are_no_text(bring: Bring) -> None:
    out = io.BytesIO(struct.pack("<40d", *range(40)))
    with refused("mine.csv"):
        bring("mine.csv", out.getvalue())

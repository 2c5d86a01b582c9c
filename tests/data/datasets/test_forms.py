"""Every usual form of data that people bring, with what has to become of it; what is not taken gets the remedy."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz.data import datasets
from cnnviz.data.datasets import foreign, uploads
from cnnviz.data.datasets.understood import Choice, Understood
from tests.data.datasets.brought_files import (
    arrays,
    coloured,
    folders,
    idx,
    idx_files,
    images,
    labels,
    npz,
    picture,
    table,
    zipped,
    zipped_by_macos,
)
from tests.helpers import refused

Read = tuple[dict[str, np.ndarray], Understood]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def read(file: str, content: bytes, choice: Choice | None = None) -> Read:
        (tmp_path / "brought").write_bytes(content)
        return foreign.read(tmp_path / "brought", file, choice, uploads.MAX_UNPACKED)

    return read


def is_as_expected(found: Read, expected: Mapping[str, Any]) -> None:
    """The arrays are those, and the account of them counts as they do."""
    made, understood = found
    for name, array in expected.items():
        assert np.array_equal(made[name], array), name
    assert understood.classes == tuple(made["classes"])
    for part, counts in (("train", understood.train), ("test", understood.test)):
        assert counts == tuple(np.bincount(made[f"y_{part}"], minlength=len(counts)))
    height, width, *channels = made["x_train"].shape[1:]
    assert understood.picture == ((channels or [1])[0], height, width)


def said(found: Read) -> str:
    return " ".join([*found[1].notes, *(f"{one.what}: {one.why} ({one.count})" for one in found[1].left_out)])


# --- an .npz


AS_IT_IS = arrays()
ON_ALPHA = np.concatenate([coloured(12), np.full((12, 8, 8, 1), 255, np.uint8)], 3)
NPZ: dict[str, tuple[dict[str, Any], Mapping[str, Any], list[str]]] = {
    "keras": (arrays(), AS_IT_IS, []),
    "one channel": (arrays(x_train=images(12)[..., None], x_test=images(6, 1)[..., None]), AS_IT_IS, []),
    "floats from 0 to 1": (
        arrays(x_train=images(12) / 255, x_test=(images(6, 1) / 255).astype(np.float32)),
        AS_IT_IS,
        ["0 to 1"],
    ),
    "floats from 0 to 255": (
        arrays(x_train=images(12).astype(float), x_test=images(6, 1).astype(float)),
        AS_IT_IS,
        ["float64"],
    ),
    "floats from -1 to 1": (
        arrays(x_train=images(12) / 127.5 - 1, x_test=images(6, 1) / 127.5 - 1),
        AS_IT_IS,
        ["-1 to 1"],
    ),
    "int32": (arrays(x_train=images(12).astype(np.int32), x_test=images(6, 1).astype(np.int32)), AS_IT_IS, ["int32"]),
    "uint16": (
        arrays(x_train=images(12).astype(np.uint16) * 256, x_test=images(6, 1).astype(np.uint16) * 256),
        AS_IT_IS,
        ["16 bits"],
    ),
    "12 bits": (
        arrays(x_train=images(12).astype(np.uint16) * 16, x_test=images(6, 1).astype(np.uint16) * 16),
        AS_IT_IS,
        ["12 bits"],
    ),
    "bool": (
        arrays(x_train=images(12) == 255, x_test=images(6, 1) == 255),
        {"x_train": np.where(images(12) == 255, 255, 0)},
        ["True"],
    ),
    "16 levels": (
        arrays(x_train=images(12) // 16 + (images(12) == 255), x_test=images(6, 1) // 16),
        {"x_train": np.rint((images(12) // 16 + (images(12) == 255)) * (255 / 16))},
        ["0 to 16"],
    ),
    "channels first": (
        arrays(x_train=images(12)[:, None], x_test=images(6, 1)[:, None]),
        AS_IT_IS,
        ["x_train", "first"],
    ),
    "colour, channels first": (
        arrays(x_train=np.moveaxis(coloured(12), 3, 1), x_test=np.moveaxis(coloured(6, 1), 3, 1)),
        {"x_train": coloured(12), "x_test": coloured(6, 1)},
        ["first"],
    ),
    "flat": (
        arrays(x_train=images(12).reshape(12, -1), x_test=images(6, 1).reshape(6, -1)),
        AS_IT_IS,
        ["64", "8 × 8"],
    ),
    "flat in colour, by planes as CIFAR": (
        arrays(
            x_train=np.moveaxis(coloured(12, side=16), 3, 1).reshape(12, -1),
            x_test=np.moveaxis(coloured(6, 1, 16), 3, 1).reshape(6, -1),
        ),
        {"x_train": coloured(12, side=16), "x_test": coloured(6, 1, 16)},
        ["768"],
    ),
    "flat in colour, by pixels": (
        arrays(x_train=coloured(12, side=16).reshape(12, -1), x_test=coloured(6, 1, 16).reshape(6, -1)),
        {"x_train": coloured(12, side=16), "x_test": coloured(6, 1, 16)},
        ["768"],
    ),
    "RGBA": (
        arrays(x_train=ON_ALPHA, x_test=ON_ALPHA[:6]),
        {"x_train": coloured(12), "x_test": coloured(12)[:6]},
        ["alpha", "white"],
    ),
    "LA, strokes in alpha": (
        arrays(x_train=np.stack([0 * images(12), images(12)], 3), x_test=np.stack([0 * images(6, 1), images(6, 1)], 3)),
        {"x_train": 255 - images(12), "x_test": 255 - images(6, 1)},
        ["alpha"],
    ),
    "Fortran order": (arrays(x_train=np.asfortranarray(images(12))), AS_IT_IS, []),
    "labels (N, 1)": (arrays(y_train=labels(12)[:, None].astype(np.uint8)), AS_IT_IS, []),
    "one-hot": (
        arrays(y_train=np.eye(3)[labels(12)], y_test=np.eye(3, dtype=np.uint8)[labels(6)]),
        AS_IT_IS,
        ["one-hot"],
    ),
    "whole floats": (arrays(y_train=labels(12).astype(float)), AS_IT_IS, ["float64"]),
    "true and false": (
        arrays(y_train=labels(12) == 1, y_test=labels(6) == 1),
        {"y_train": labels(12) == 1, "classes": ["False", "True"]},
        ["False, True"],
    ),
    "words": (
        arrays(y_train=np.array(["cat", "ant", "bee"])[labels(12)], y_test=np.array(["cat", "ant", "bee"])[labels(6)]),
        {"y_train": np.array([2, 0, 1])[labels(12)], "classes": ["ant", "bee", "cat"]},
        ["words", "ant, bee, cat"],
    ),
    "bytes": (
        arrays(
            y_train=np.array([b"cat", b"ant", b"bee"])[labels(12)], y_test=np.array([b"ant", b"bee", b"cat"])[labels(6)]
        ),
        {"y_train": np.array([2, 0, 1])[labels(12)], "y_test": labels(6), "classes": ["ant", "bee", "cat"]},
        ["words"],
    ),
    "numbers as words": (
        arrays(y_train=labels(12).astype(str), y_test=labels(6).astype(str)),
        {**AS_IT_IS, "classes": ["0", "1", "2"]},
        [],
    ),
    "parts of two types": (
        arrays(y_train=labels(12).astype(np.uint64), y_test=labels(6).astype(np.int8)),
        AS_IT_IS,
        [],
    ),
    "labels from 1": (
        arrays(y_train=labels(12) + 1, y_test=labels(6) + 1),
        {**AS_IT_IS, "classes": ["1", "2", "3"]},
        ["from 1 to 3"],
    ),
    "labels from 1, with names": (
        arrays(y_train=labels(12) + 1, y_test=labels(6) + 1, classes=np.array(["ant", "bee", "cat"])),
        {**AS_IT_IS, "classes": ["ant", "bee", "cat"]},
        ["counted from 1"],
    ),
    "labels far apart": (
        arrays(y_train=labels(12) * 100, y_test=labels(6) * 100),
        {**AS_IT_IS, "classes": ["0", "100", "200"]},
        ["from 0 to 200"],
    ),
    "-1 and 1": (
        arrays(y_train=labels(12, 2) * 2 - 1, y_test=labels(6, 2) * 2 - 1),
        {"y_train": labels(12, 2), "classes": ["-1", "1"]},
        ["-1 to 1"],
    ),
    "capitals": (
        {"X_train": images(12), "Y_train": labels(12), "X_test": images(6, 1), "Y_test": labels(6)},
        AS_IT_IS,
        [],
    ),
    "other words": (
        {"trainX": images(12), "trainY": labels(12), "test_imgs": images(6, 1), "test_lbl": labels(6)},
        AS_IT_IS,
        [],
    ),
    "positions": (
        {"arr_0": images(12), "arr_1": labels(12), "arr_2": images(6, 1), "arr_3": labels(6)},
        AS_IT_IS,
        ["arr_0", "arr_3"],
    ),
    "MedMNIST": (
        {
            "train_images": images(12),
            "train_labels": labels(12)[:, None],
            "val_images": images(9, 3),
            "val_labels": labels(9)[:, None],
            "test_images": images(6, 1),
            "test_labels": labels(6)[:, None],
        },
        AS_IT_IS,
        ["9 images", "validation"],
    ),
    "validation in place of a test": (
        {"x_train": images(12), "y_train": labels(12), "x_val": images(6, 1), "y_val": labels(6)},
        AS_IT_IS,
        ["validation part is the test"],
    ),
    "an empty test": (arrays(30, x_test=images(0), y_test=labels(0)), {}, ["x_test", "empty", "6 of 30"]),
    "a test without labels": (arrays(30, y_test=None), {}, ["x_test", "fifth", "6 of 30"]),
    "no test": (arrays(30, x_test=None, y_test=None), {}, ["fifth", "6 of 30"]),
    "x and y": ({"x": images(30), "y": labels(30)}, {}, ["fifth"]),
    "scikit-learn's digits": (
        {
            "data": images(30).reshape(30, -1) // 16,
            "images": images(30) // 16,
            "target": labels(30),
            "target_names": np.array(["0", "1", "2"]),
            "feature_names": np.arange(64).astype(str),
        },
        {"classes": ["0", "1", "2"]},
        ["data", "feature_names", "0 to 15"],
    ),
}


@pytest.mark.parametrize("form", NPZ)
def test_arrays(form: str, read: Callable[..., Read]) -> None:
    given, expected, words = NPZ[form]
    found = read("mine.npz", npz(given))
    is_as_expected(found, expected)
    for word in words:
        assert word in said(found)
    assert words or not said(found), "what needs no word gets none"


@pytest.mark.parametrize("form", NPZ)
def test_what_is_kept_is_a_data_set(form: str) -> None:
    name = datasets.keep("mine.npz", npz(NPZ[form][0]))
    data = datasets.load(name)
    assert len(data.x_train) == len(data.y_train) and len(data.x_test) == len(data.y_test)
    assert data.y_train.max() < len(data.classes)


def test_a_share_of_each_class_is_held_out_by_the_seed(read: Callable[..., Read]) -> None:
    uneven = np.array([0] * 20 + [1] * 5 + [2] * 2)
    made, understood = read("mine.npz", npz({"x": images(27), "y": uneven}))
    assert understood.train == (16, 4, 1) and understood.test == (4, 1, 1)
    again, _ = read("mine.npz", npz({"x": images(27), "y": uneven}))
    assert np.array_equal(made["x_test"], again["x_test"])
    assert sorted(np.concatenate([made["x_train"], made["x_test"]]).tolist()) == sorted(images(27).tolist())


REFUSED: dict[str, tuple[dict[str, Any], list[object]]] = {
    "normalised": (
        arrays(x_train=(images(12) - 60.0) / 40, x_test=(images(6) - 60.0) / 40),
        ["-1.5", "4.875", "before"],
    ),
    "beyond 16 bits": (arrays(x_train=images(12).astype(np.int32) * 1000), ["255000", "uint8"]),
    "not a number": (arrays(x_train=np.where(images(12) == 255, np.nan, 0.5)), ["NaN"]),
    "two sizes": (arrays(x_test=images(6, side=9)), ["(8, 8)", "(9, 9)"]),
    "no picture": (arrays(x_train=images(12).reshape(12, -1)[:, :60]), ["x_train", "(12, 60)"]),
    "object images": (arrays(x_train=np.array([{}] * 12, object)), ["x_train", "object", "numpy.uint8"]),
    "object labels": (arrays(y_train=np.array(["a"] * 12, object)), ["y_train", "object", "dtype=str"]),
    "object names": (arrays(classes=np.array(["a", "b", "c"], object)), ["classes", "object", "dtype=str"]),
    "a dictionary": ({"arr_0": np.array({"x": 1}, object)}, ["arr_0", "object", "numpy.savez"]),
    "words and numbers": (arrays(y_train=np.array(["a", "b", "c"])[labels(12)]), ["words", "numbers"]),
    "dates": (arrays(y_train=labels(12).astype("datetime64[D]")), ["y_train", "dates"]),
    "broken floats": (arrays(y_train=labels(12) + 0.5), ["y_train", "0.5"]),
    "infinite": (arrays(y_train=labels(12) / np.array([0.0])), ["y_train", "no number"]),
    "several labels": (arrays(y_train=np.ones((12, 3), int)), ["y_train", "(12, 3)", "one-hot"]),
    "an axis without end": (arrays(y_train=np.empty((10**12, 0), np.uint64)), ["y_train", "(1000000000000, 0)"]),
    "below 0": (arrays(y_train=labels(12) - 1, y_test=labels(6) - 1), [-1, 1]),
    "counts": (arrays(y_train=labels(11)), ["y_train", 12, "(11,)"]),
    "few names": (arrays(classes=np.array(["cat"])), [1, 2]),
    "one class": (arrays(y_train=0 * labels(12), y_test=0 * labels(6)), ["one class"]),
    "one image of a class": ({"x": images(12), "y": np.array([0] * 11 + [1])}, ["'1'", "1 image"]),
    "no labels": ({"x_train": images(12), "x_test": images(6)}, ["labels"]),
    "no images": ({"y_train": labels(12)}, ["images"]),
    "twice": ({"x": images(12), "images": images(11), "y": labels(12)}, ["x", "images"]),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_refused_says_the_value_and_the_remedy(form: str, read: Callable[..., Read]) -> None:
    given, values = REFUSED[form]
    if form == "below 0":
        given = arrays(y_train=labels(12) - 2, y_test=labels(6) - 2)
        values = [-2, 0]
    with np.errstate(all="ignore"), refused("mine.npz", *values):
        read("mine.npz", npz(given))


# --- folders of pictures


def cut(file: Mapping[str, bytes], *parts: str) -> dict[str, bytes]:
    """The same pictures under each of these parts."""
    return {f"{part}/{name}": content for part in parts for name, content in file.items()}


ZIPS: dict[str, tuple[dict[str, bytes], list[str], list[int], list[str]]] = {
    # the files, the classes, how many are for training and the test, what is said
    "folders": (folders(10), ["cat", "dog"], [16, 4], ["fifth"]),
    "within another": (folders(10, prefix="pets/all/"), ["cat", "dog"], [16, 4], []),
    "train and test": (cut(folders(6), "train", "test"), ["cat", "dog"], [12, 12], []),
    "capitals": (cut(folders(6), "Train", "Test"), ["cat", "dog"], [12, 12], []),
    "training and testing": (cut(folders(6), "training", "testing"), ["cat", "dog"], [12, 12], []),
    "train and val": (cut(folders(6), "train", "val"), ["cat", "dog"], [12, 12], ["validation part is the test"]),
    "valid": (cut(folders(6), "set/TRAIN", "set/Validation"), ["cat", "dog"], [12, 12], []),
    "dev": (cut(folders(6), "train", "dev"), ["cat", "dog"], [12, 12], []),
    "all three": (cut(folders(6), "train", "val", "test"), ["cat", "dog"], [12, 12], ["12 images", "validation"]),
    "train alone": (cut(folders(10), "train"), ["cat", "dog"], [16, 4], ["fifth"]),
    "Kaggle's test without labels": (
        {**cut(folders(10), "train"), "test/1.png": picture(images(1)[0]), "test/2.png": picture(images(1)[0])},
        ["cat", "dog"],
        [16, 4],
        ["2 pictures of test", "no labels"],
    ),
    "a class called train": (
        {f"{name}/{at}.png": picture(coloured(6)[at]) for name in ("train", "plane") for at in range(5)},
        ["plane", "train"],
        [8, 2],
        [],
    ),
    "a picture beside the folders": (
        {**folders(10), "preview.png": picture(images(1)[0])},
        ["cat", "dog"],
        [16, 4],
        ["preview.png", "beside"],
    ),
    "deeper": ({**folders(9), "cat/old/tabby/9.png": picture(coloured(1)[0])}, ["cat", "dog"], [15, 4], ["cat/old"]),
    "other files": (
        {**folders(10), "readme.txt": b"hi", "cat/notes.json": b"{}", ".DS_Store": b"", "__MACOSX/cat/._1.png": b"x"},
        ["cat", "dog"],
        [16, 4],
        ["readme.txt", "cat/notes.json"],
    ),
    "pictures of another kind": (
        {**folders(10), "cat/a.heic": b"x", "dog/b.tiff": b"x", "dog/c.tiff": b"x"},
        ["cat", "dog"],
        [16, 4],
        [".tiff", "(2)", "a.heic", "PNG or JPEG"],
    ),
    "a class of another kind": (
        {**folders(10), **{f"hond/{at}.heic": b"x" for at in range(12)}},
        ["cat", "dog"],
        [16, 4],
        ["12 .heic files", "hond", "missing"],
    ),
    "a colon in a name": ({**folders(9), "cat/12:30.png": picture(coloured(1)[0])}, ["cat", "dog"], [15, 4], []),
    "a damaged one": (
        {**folders(10), "dog/bad.png": picture(coloured(1)[0])[:60]},
        ["cat", "dog"],
        [16, 4],
        ["dog/bad.png", "cut short"],
    ),
    "several sizes": (
        {**folders(9), "cat/9.png": picture(coloured(1, side=40)[0])},
        ["cat", "dog"],
        [15, 4],
        ["32 × 32"],
    ),
    "JPEGs that are called jfif": (
        {name.replace(".jpg", ".jfif"): one for name, one in folders(10, suffix="jpg").items()},
        ["cat", "dog"],
        [16, 4],
        [],
    ),
}


@pytest.mark.parametrize("form", ZIPS)
def test_folders(form: str, read: Callable[..., Read]) -> None:
    files, classes, counts, words = ZIPS[form]
    found = read("pets.zip", zipped(files))
    is_as_expected(found, {"classes": classes})
    assert [len(found[0]["y_train"]), len(found[0]["y_test"])] == counts
    for word in words:
        assert word in said(found)


def test_names_from_macos_are_read(read: Callable[..., Read]) -> None:
    names = ["Äpfel", "Süßkirschen", "日本"]
    apart = [unicodedata.normalize("NFD", name) for name in names]
    files = {f"{name}/{at}.png": picture(coloured(6)[at]) for name in apart for at in range(5)}
    for packed in (zipped_by_macos(files), zipped(files)):
        assert read("obst.zip", packed)[1].classes == tuple(sorted(names))


def test_names_of_old_windows_stay_what_they_were(read: Callable[..., Read]) -> None:
    files = {f"{name}/{at}.png": picture(coloured(6)[at]) for name in ("Mull", "Rest") for at in range(5)}
    packed = zipped(files).replace(b"Mull", "Müll".encode("cp437"))
    assert read("x.zip", packed)[1].classes == ("Müll", "Rest")


BAD_ZIPS: dict[str, tuple[dict[str, bytes], list[object]]] = {
    "nothing that is read": ({f"cat/{at}.heic": b"x" for at in range(12)}, ["12 .heic files", "PNG or JPEG"]),
    "nothing": ({"readme.txt": b""}, ["no pictures", "cat/1.png"]),
    "no folders": ({f"{at}.png": picture(coloured(6)[at]) for at in range(5)}, ["class folder"]),
    "parts without classes": (
        {f"{part}/{at}.png": picture(coloured(6)[at]) for part in ("train", "test") for at in range(5)},
        ["'test/0.png'", "class folder"],
    ),
    "two ways to take it": (
        {
            f"{group}/{pet}/{at}.png": picture(coloured(6)[at])
            for group in ("left", "right")
            for pet in ("cat", "dog")
            for at in range(3)
        },
        ["'left'", "'right'", "'cat'"],
    ),
    "most are damaged": (
        {name: one if name.endswith("0.png") else one[:50] for name, one in folders(6).items()},
        ["cannot be read"],
    ),
    "one picture of a class": ({**folders(6), "elk/1.png": picture(coloured(1)[0])}, ["'elk'", "1 image"]),
    "a zip in a zip": ({"inner.zip": zipped(folders(5))}, ["'inner.zip'", "unpack"]),
    "leaves upward": ({**folders(6), "../cat/1.png": picture(coloured(1)[0])}, ["'../cat/1.png'"]),
}


@pytest.mark.parametrize("form", BAD_ZIPS)
def test_folders_that_are_refused(form: str, read: Callable[..., Read]) -> None:
    files, values = BAD_ZIPS[form]
    with refused("pets.zip", *values):
        read("pets.zip", zipped(files))


# --- pictures of every kind


def of_pixels(read: Callable[..., Read], content: bytes, choice: Choice | None = None) -> np.ndarray:
    """What a zip makes of such a picture."""
    files = {f"{name}/{at}.png": content for name in ("a", "b") for at in range(2)}
    made: np.ndarray = read("x.zip", zipped(files), choice)[0]["x_train"][0]
    return made


def test_what_is_transparent_lies_on_white(read: Callable[..., Read]) -> None:
    ink = images(1)[0]
    strokes = np.stack([0 * ink, 0 * ink, 0 * ink, ink], 2)
    assert np.array_equal(of_pixels(read, picture(strokes)), 255 - ink), "black ink on white, one channel"
    assert np.array_equal(of_pixels(read, picture(strokes, mode="LA")), 255 - ink)


def test_a_white_drawing_lies_on_black(read: Callable[..., Read]) -> None:
    ink = images(1)[0]
    strokes = np.stack([255 + 0 * ink, 255 + 0 * ink, 255 + 0 * ink, ink], 2).astype(np.uint8)
    assert np.array_equal(of_pixels(read, picture(strokes)), ink)


def test_of_16_bits_the_upper_8_are_kept(read: Callable[..., Read]) -> None:
    grey = images(1)[0]
    assert np.array_equal(of_pixels(read, picture(grey.astype(np.uint16) * 257)), grey)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_grey_saved_as_colour_is_one_channel(kind: str, read: Callable[..., Read]) -> None:
    grey = np.full((16, 16), 40, np.uint8)
    grey[4:12, 4:12] = 200
    content = picture(grey, kind, "RGB")
    assert of_pixels(read, content).shape == (16, 16)
    assert of_pixels(read, content, Choice(channels=3)).shape == (16, 16, 3), "unless it is wanted otherwise"


@pytest.mark.parametrize("side", [64, 100])
def test_large_pictures_come_in_a_size_that_networks_take(side: int, read: Callable[..., Read]) -> None:
    content = picture(coloured(1, side=side)[0])
    assert of_pixels(read, content).shape == (32, 32, 3)
    assert of_pixels(read, content, Choice(28, 1)).shape == (28, 28)
    assert of_pixels(read, content, Choice(-1)).shape == (side, side, 3)
    large = arrays(x_train=images(12, side=side), x_test=images(6, side=side))
    assert read("mine.npz", npz(large))[1].picture == (1, side, side), "arrays stay as they are, unless"
    assert read("mine.npz", npz(large), Choice(28))[1].picture == (1, 28, 28)


# --- tables


CSVS: dict[str, tuple[str, bytes, Mapping[str, Any], list[str]]] = {
    "label first": ("m.csv", table(images(30), labels(30)), {}, ["fifth"]),
    "label last": ("m.csv", table(images(30), labels(30), last=True), {}, []),
    "no header": ("m.csv", table(images(30), labels(30), header=False), {}, []),
    "no header, label last": ("m.csv", table(images(30), labels(30), header=False, last=True), {}, []),
    "packed": ("m.csv.gz", gzip.compress(table(images(30), labels(30))), {}, []),
    "semicolons": ("m.csv", table(images(30), labels(30), delimiter=";"), {}, []),
    "words": (
        "m.csv",
        table(images(30), np.array(["ant", "bee", "cat"])[labels(30)]),
        {"classes": ["ant", "bee", "cat"]},
        ["words"],
    ),
    "from 1": ("m.csv", table(images(30), labels(30) + 1), {"classes": ["1", "2", "3"]}, ["from 1 to 3"]),
    "floats": ("m.csv", table(np.round(images(30) / 255, 6), labels(30)), {}, ["0 to 1"]),
    "in a zip": (
        "m.zip",
        zipped({"mnist_train.csv": table(images(12), labels(12)), "mnist_test.csv": table(images(6, 1), labels(6))}),
        AS_IT_IS,
        [],
    ),
    "packed in a zip": (
        "m.zip",
        zipped(
            {
                f"mnist_{part}.csv.gz": gzip.compress(table(images(size, at), labels(size)))
                for at, (part, size) in enumerate({"train": 12, "test": 6}.items())
            }
        ),
        AS_IT_IS,
        [],
    ),
    "Kaggle's": (
        "digits.zip",
        zipped(
            {
                "train.csv": table(images(30), labels(30)),
                "test.csv": table(images(6), None),
                "sample_submission.csv": b"ImageId,Label\n1,0\n2,0\n",
            }
        ),
        {},
        ["test", "no labels"],
    ),
}


@pytest.mark.parametrize("form", CSVS)
def test_tables(form: str, read: Callable[..., Read]) -> None:
    file, content, expected, words = CSVS[form]
    found = read(file, content)
    is_as_expected(found, expected)
    everything = np.concatenate([found[0]["x_train"], found[0]["x_test"]])
    if len(everything) == 30:
        assert sorted(everything.tolist()) == sorted(images(30).tolist())
        assert found[1].train == found[1].test[:0] + (8, 8, 8)
        own = {one.tobytes(): label for one, label in zip(images(30), labels(30), strict=True)}
        assert all(
            own[one.tobytes()] == label for one, label in zip(found[0]["x_train"], found[0]["y_train"], strict=True)
        )
    for word in words:
        assert word in said(found)


def test_pixels_in_one_column_with_the_part_in_another(read: Callable[..., Read]) -> None:
    """The form of FER-2013."""
    rows = ["emotion,pixels,Usage"]
    for at, (image, label) in enumerate(zip(images(30), labels(30), strict=True)):
        usage = "Training" if at < 20 else "PublicTest" if at < 25 else "PrivateTest"
        rows.append(f"{label},{' '.join(map(str, image.ravel()))},{usage}")
    found = read("fer2013.csv", "\n".join(rows).encode())
    is_as_expected(found, {"x_train": images(30)[:20], "y_train": labels(30)[:20], "x_test": images(30)[25:]})
    assert "5 images of the validation part" in said(found)


BAD_TABLES: dict[str, tuple[bytes, list[object]]] = {
    "no picture": (table(images(30).reshape(30, -1)[:, :50], labels(30)), [50, "784"]),
    "an empty cell": (table(images(30), labels(30)).replace(b"255", b"", 1), ["empty", "pixel"]),
    "a word among pixels": (table(images(30), labels(30), header=False)[:-7] + b"x\n", ["CSV"]),
    "no text": (b"\x80\x81\xff" * 100, ["UTF-8"]),
    "nothing": (b"", ["row for each image"]),
    "rows of two lengths": (table(images(30), labels(30)) + b"1,2,3\n", ["CSV"]),
}


@pytest.mark.parametrize("form", BAD_TABLES)
def test_tables_that_are_refused(form: str, read: Callable[..., Read]) -> None:
    content, values = BAD_TABLES[form]
    with refused("m.csv", *values):
        read("m.csv", content)


def test_a_table_without_labels_beside_one_with_them(read: Callable[..., Read]) -> None:
    both = {"a.csv": table(images(30), labels(30)), "b.csv": table(images(6, 1), None)}
    with refused("m.zip", 36, 30, "leave it out"):
        read("m.zip", zipped(both))


# --- idx


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_in_a_zip(packed: bool, read: Callable[..., Read]) -> None:
    found = read("mnist.zip", zipped(idx_files(packed)))
    is_as_expected(found, {**AS_IT_IS, "classes": ["0", "1", "2"]})


def test_idx_files_all_at_once() -> None:
    upload = datasets.lay_down(list(idx_files().items()))
    understood = datasets.convert(upload.path, upload.file, upload.target)
    assert understood.train == (4, 4, 4) and understood.test == (2, 2, 2)
    data = datasets.load(datasets.finish(upload, "a"))
    assert np.array_equal(data.x_train[:, 0].numpy(), images(12))


def test_emnist_is_turned_back(read: Callable[..., Read]) -> None:
    turned = {
        "emnist-letters-train-images-idx3-ubyte": idx(images(12).swapaxes(1, 2)),
        "emnist-letters-train-labels-idx1-ubyte": idx(labels(12) + 1),
        "emnist-letters-test-images-idx3-ubyte": idx(images(6, 1).swapaxes(1, 2)),
        "emnist-letters-test-labels-idx1-ubyte": idx(labels(6) + 1),
    }
    found = read("emnist.zip", zipped(turned))
    is_as_expected(found, {**AS_IT_IS, "classes": ["1", "2", "3"]})
    assert "turned back" in said(found)


def test_one_idx_file_alone(read: Callable[..., Read]) -> None:
    with refused("train-images-idx3-ubyte.gz", "together"):
        read("train-images-idx3-ubyte.gz", idx_files()["train-images-idx3-ubyte.gz"])


@pytest.mark.parametrize("kept", [0, 3, 10, 0.5])
def test_idx_files_that_were_cut_short(kept: float, read: Callable[..., Read]) -> None:
    files = idx_files(packed=False)
    whole = files["train-images-idx3-ubyte"]
    files["train-images-idx3-ubyte"] = whole[: kept if isinstance(kept, int) else int(len(whole) * kept)]
    with refused("train-images-idx3-ubyte"):
        read("mnist.zip", zipped(files))


# --- KMNIST, arrays one by one, parquet


def test_arrays_in_files_of_their_own(read: Callable[..., Read]) -> None:
    """KMNIST's four files, each with arr_0."""
    files = {
        "kmnist-train-imgs.npz": npz({"arr_0": images(12)}),
        "kmnist-train-labels.npz": npz({"arr_0": labels(12)}),
        "kmnist-test-imgs.npz": npz({"arr_0": images(6, 1)}),
        "kmnist-test-labels.npz": npz({"arr_0": labels(6)}),
    }
    is_as_expected(read("kmnist.zip", zipped(files)), AS_IT_IS)


def test_npy_files_in_a_zip(read: Callable[..., Read]) -> None:
    files = {}
    for name, array in arrays().items():
        out = io.BytesIO()
        np.save(out, array)
        files[f"set/{name}.npy"] = out.getvalue()
    is_as_expected(read("set.zip", zipped(files)), AS_IT_IS)


def parquet(pixels: np.ndarray, own: Any, names: list[str] | None = None, image: str = "image") -> bytes:
    """A parquet file as Hugging Face writes it."""
    import pyarrow
    from pyarrow import parquet as writer

    pictures = [{"bytes": picture(one), "path": f"{at}.png"} for at, one in enumerate(pixels)]
    made = pyarrow.table({image: pictures, "label": list(own)})
    if names:
        features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        made = made.replace_schema_metadata({"huggingface": json.dumps(features)})
    out = io.BytesIO()
    writer.write_table(made, out)
    return out.getvalue()


def test_parquet_with_pictures(read: Callable[..., Read]) -> None:
    names = ["ant", "bee", "cat"]
    found = read("train-00000-of-00001.parquet", parquet(images(30), labels(30).tolist(), names))
    is_as_expected(found, {"classes": names})
    assert found[1].train == (8, 8, 8)
    both = {
        "data/train-00000-of-00001.parquet": parquet(images(12), labels(12).tolist()),
        "data/test-00000-of-00001.parquet": parquet(images(6, 1), labels(6).tolist()),
    }
    is_as_expected(read("set.zip", zipped(both)), AS_IT_IS)


def test_parquet_that_is_none(read: Callable[..., Read]) -> None:
    for content in (b"", b"PAR1 nothing PAR1", parquet(images(6), labels(6).tolist())[:300]):
        with refused("x.parquet"):
            read("x.parquet", content)


# --- what is not read


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("pets.tar.gz", ".zip"),
        ("pets.rar", ".zip"),
        ("model.pkl", "numpy.savez"),
        ("images.npy", "numpy.savez"),
        ("set.mat", "numpy.savez"),
        ("table.xlsx", "CSV"),
        ("cat.png", "folder"),
        ("cat.heic", "folder"),
        ("notes.docx", ".parquet"),
    ],
)
def test_what_is_not_read_says_what_helps(file: str, words: str) -> None:
    with refused(file, words):
        datasets.keep(file, b"whatever")


def test_a_large_csv_is_to_be_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1000)
    with refused("mnist_train.csv", "gzip mnist_train.csv"):
        datasets.keep("mnist_train.csv", table(images(30), labels(30)))


# --- in the data folder


def test_whatever_is_read_may_lie_in_the_data_folder(folder: Path) -> None:
    folder.mkdir()
    (folder / "mnist_train.csv").write_bytes(table(images(30), labels(30)))
    (folder / "pets.zip").write_bytes(zipped(folders(10)))
    (folder / "words.npz").write_bytes(npz(NPZ["words"][0]))
    assert set(datasets.names()) == {"mnist", "mnist_train", "pets", "words"}
    assert datasets.form("mnist_train") == datasets.Form((1, 8, 8), 3)
    assert datasets.load("pets").picture == (3, 8, 8)
    assert datasets.load("words").classes == ("ant", "bee", "cat")
    converted = sorted(path.name for path in (folder / ".converted").iterdir())
    assert len(converted) == 3, "each once"
    (folder / ".converted" / converted[0]).unlink()
    datasets._arrays_cache.clear()
    datasets._cache.clear()
    datasets.load("mnist_train")
    assert sorted(path.name for path in (folder / ".converted").iterdir()) == converted


def test_names_that_are_no_names_are_made_some(folder: Path) -> None:
    folder.mkdir()
    for name in ("my data.npz", "UPPER.NPZ", "cats (1).npz", "fashion.mnist.npz", "mnist.zip", "x.tar.gz"):
        (folder / name).write_bytes(npz())
    assert set(datasets.names()) == {"mnist", "my_data", "UPPER", "cats_1"}
    assert len(datasets.load("my_data").x_train) == 12
    told = dict(datasets.unreadable())
    assert set(told) == {"fashion.mnist.npz", "mnist.zip", "x.tar.gz"}
    assert "rename" in told["fashion.mnist.npz"] and "zip" in told["x.tar.gz"]

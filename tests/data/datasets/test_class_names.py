"""Classes by their names: none merged, none doubled, none out of order, none without a word gone."""

from __future__ import annotations

import io
import unicodedata
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz.data.datasets import keras
from cnnviz.data.datasets.packing import _folders
from cnnviz.data.datasets.roles import role
from tests.data.datasets.brought_files import arrays, coloured, folders, images, labels, npz, picture, zipped
from tests.data.datasets.conftest import Bring
from tests.helpers import refused

COUNT = 24


def of_words(*words: Any) -> bytes:
    """Arrays whose labels are these in turns."""
    return npz({"x": images(COUNT), "y": np.array(words)[labels(COUNT, len(words))]})


WORDS: dict[str, tuple[tuple[Any, ...], list[str]]] = {
    "bytes of Windows": ((b"b\xe4r", b"b\xf6r", b"elk"), ["bär", "bör", "elk"]),
    "bytes of UTF-8": (("bär".encode(), "bör".encode()), ["bär", "bör"]),
    "with leading zeros": (("07", "7", "8"), ["07", "7", "8"]),
    "zeros throughout": (("002", "010", "001"), ["1", "2", "10"]),
    "floats": (("3.0", "20.0", "100.0"), ["3", "20", "100"]),
    "two forms": (("30.0", "3e1", "4"), ["30.0", "3e1", "4"]),
    "underscores": (("2_0", "20"), ["20", "2_0"]),
    "dashes": (("--3", "--5"), ["--3", "--5"]),
    "other digits": (("٧", "7"), ["7", "٧"]),
    "accents apart": (
        (unicodedata.normalize("NFD", "crème"), unicodedata.normalize("NFC", "crème"), "tea"),
        ["crème", "tea"],
    ),
    "emoji in one": (("👩‍🚀", "🐈"), ["🐈", "👩‍🚀"]),
}


@pytest.mark.parametrize("form", WORDS)
def test_each_word_is_a_class_in_its_order(form: str, bring: Bring) -> None:
    words, classes = WORDS[form]
    _, understood = bring("mine.npz", of_words(*words))
    assert list(understood.classes) == classes
    assert sum(understood.train) + sum(understood.test) == COUNT
    if len(words) == len(classes):
        assert len(set(np.add(understood.train, understood.test))) == 1, "none was merged"


NO_NAMES: dict[str, tuple[list[str], list[object]]] = {
    "twice": (["fox", "owl", "fox"], ["fox", 2]),
    "twice but for blanks": (["fox", "owl", " fox "], ["fox", 2]),
    "twice, accents apart": (["é", "e\u0301", "fox"], ["é", 2]),
    "empty": (["fox", "", "owl"], ["name"]),
    "a letter for control": (["fox", "o\x07wl", "elk"], ["U+0007"]),
    "turned about": (["fox", "\u202eowl", "elk"], ["U+202E"]),
    "a letter of no width": (["fox", "ow\u200bl", "elk"], ["U+200B"]),
}


@pytest.mark.parametrize("form", NO_NAMES)
def test_names_that_are_none_are_refused(form: str, bring: Bring) -> None:
    names, values = NO_NAMES[form]
    with refused("mine.npz", *values):
        bring("mine.npz", npz(arrays(classes=np.array(names))))
    with refused("mine.npz", *values):
        keras.class_names("mine.npz", {**arrays(), "classes": np.array(names)})


def test_names_may_be_bytes_or_numbers(bring: Bring) -> None:
    for names, classes in (
        (np.array([b"H\xe4gar", b"H\xf6gar", b"x"]), ["Hägar", "Högar", "x"]),
        (np.arange(4, 7), ["4", "5", "6"]),
    ):
        assert list(bring("mine.npz", npz(arrays(classes=names)))[1].classes) == classes


def test_labels_of_one_row_or_in_further_axes(bring: Bring) -> None:
    for shape in ((1, 12), (12, 1, 1), (1, 12, 1)):
        made, _ = bring("mine.npz", npz(arrays(y_train=labels(12).reshape(shape))))
        assert np.array_equal(made["y_train"], labels(12))
    with refused("mine.npz", "y_train", 12):
        bring("mine.npz", npz(arrays(y_train=labels(11)[None])))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Xtr", ("images", "train")),
        ("Yte", ("labels", "test")),
        ("xts", ("images", "test")),
        ("yva", ("labels", "val")),
        ("x_tr", ("images", "train")),
        ("Ydev", ("labels", "val")),
        ("text", ("", "")),
        ("try", ("", "")),
    ],
)
def test_short_names_say_which_part_it_is(name: str, expected: tuple[str, str]) -> None:
    assert role(name) == expected


def test_the_order_of_arrays_says_nothing_where_names_do(bring: Bring) -> None:
    for x, y in (("X", "Y"), ("faces_", "ids_")):
        given = {f"{x}te": images(6, 1), f"{y}te": labels(6), f"{x}tr": images(12), f"{y}tr": labels(12)}
        made, _ = bring("mine.npz", npz(given))
        assert np.array_equal(made["x_train"], images(12)) and np.array_equal(made["x_test"], images(6, 1))


@pytest.mark.parametrize(
    "names",
    [
        ["x", "x 0", "X"],
        ["?", "/", "_ 0", "_ 1"],
        ["a", "A", "a 0", "A 0", "a 1"],
        ["cat", "dog"],
        ["", "class 0"],
        ["n", "N"],
    ],
)
def test_each_class_has_a_folder_of_its_own(names: list[str]) -> None:
    assert len({one.casefold() for one in _folders(names)}) == len(names)


# --- labels that are missing


def test_images_without_a_label_are_left_out(bring: Bring) -> None:
    for none in ("", "  ", "nan"):
        made, understood = bring("mine.npz", of_words("elk", none, "owl"))
        assert understood.classes == ("elk", "owl") and sum(understood.train + understood.test) == 16
        assert understood.left_out[0].what == "row 2" and sum(one.count for one in understood.left_out) == 8
        kept = {one.tobytes() for part in ("x_train", "x_test") for one in made[part]}
        assert kept == {one.tobytes() for at, one in enumerate(images(COUNT)) if at % 3 != 1}
    with refused("mine.npz", "inf"):
        bring("mine.npz", of_words("1", "inf", "2"))


# --- two parts


def parts(train: dict[str, str], test: dict[str, str]) -> bytes:
    """Pictures of two parts, whose classes are called so in place of cat and dog."""
    found = {}
    for part, names in (("train", train), ("test", test)):
        for name, content in folders(5).items():
            place, _, file = name.partition("/")
            found[f"{part}/{names.get(place, place)}/{file}"] = content
    return zipped(found)


def test_capitals_alone_make_no_other_class(bring: Bring) -> None:
    _, understood = bring("pets.zip", parts({"cat": "Cat", "dog": "DOG"}, {}))
    assert understood.classes == ("Cat", "DOG") and understood.train == understood.test == (5, 5)
    assert any("cat" in note and "Cat" in note for note in understood.notes)
    _, one = bring("pets.zip", parts({"dog": "Dog"}, {}))
    assert one.classes == ("Dog", "cat") and one.test == (5, 5)


def test_where_case_tells_classes_apart_it_stays(bring: Bring) -> None:
    own = {"cat": "n", "dog": "N"}
    _, understood = bring("letters.zip", parts(own, own))
    assert understood.classes == ("N", "n") and understood.test == (5, 5)


def test_parts_that_share_no_class_are_refused(bring: Bring) -> None:
    with refused("pets.zip", "cats", "cat"):
        bring("pets.zip", parts({"cat": "cats", "dog": "dogs"}, {}))
    for train, test in ((0, 1), (2, 5)):
        with refused("mine.npz", train, test):
            bring("mine.npz", npz(arrays(y_train=0 * labels(12) + train, y_test=0 * labels(6) + test)))


def test_parts_of_classes_that_have_their_names_may_share_none(bring: Bring) -> None:
    few = arrays(y_train=0 * labels(12) + 1, y_test=0 * labels(6) + 2, classes=np.array(["a", "b", "c"]))
    _, understood = bring("mine.npz", npz(few))
    assert understood.classes == ("a", "b", "c") and understood.notes


# --- folders


@pytest.mark.parametrize(
    "others",
    [
        {"bird/": b""},
        {"bird/Thumbs.db": b"x"},
        {"bird/.DS_Store": b"x"},
        {"bird/a.txt": b"x", "bird/b.txt": b"y"},
        {"bird/unnamed": b"x"},
    ],
)
@pytest.mark.parametrize("prefix", ["", "zoo/all/", "train/"])
def test_a_class_without_pictures_is_named(others: dict[str, bytes], prefix: str, bring: Bring) -> None:
    files = {f"{prefix}{name}": one for name, one in {**folders(5), **others}.items()}
    _, understood = bring("zoo.zip", zipped(files))
    assert understood.classes == ("cat", "dog")
    assert any("bird" in note for note in understood.notes)


def test_what_is_no_class_is_not_missed(bring: Bring) -> None:
    files = {**folders(5, "zoo/"), "zoo/": b"", "zoo/cat/": b"", "zoo/.git/": b"", "notes/": b"", "__MACOSX/bird/": b""}
    _, understood = bring("zoo.zip", zipped(files))
    assert not any("missing" in note for note in understood.notes)


@pytest.mark.parametrize("inside", ["@eaDir", ".thumbnails", "#recycle", "$RECYCLE.BIN"])
def test_what_a_system_adds_is_left_out(inside: str, bring: Bring) -> None:
    files = {
        **folders(5),
        **{f"{pet}/{inside}/{at}.png": picture(coloured(1)[0]) for pet in ("cat", "dog") for at in range(3)},
    }
    _, understood = bring("zoo.zip", zipped(files))
    assert sum(understood.train + understood.test) == 10


@pytest.mark.parametrize("names", [("-20", "0", "15"), ("--1", "--2"), ("-5", "-4")])
def test_folders_may_be_called_as_numbers_below_0(names: tuple[str, ...], bring: Bring) -> None:
    files = {f"{name}/{at}.png": picture(coloured(9, at)[place]) for place, name in enumerate(names) for at in range(4)}
    _, understood = bring("zoo.zip", zipped(files))
    assert understood.classes == names and understood.train == (3,) * len(names)


# --- pictures


def deep(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint16)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_pictures_of_more_bits_are_as_bright_as_their_brightest(bits: int, bring: Bring) -> None:
    own = images(20)
    own[1:] //= 2  # one of them alone goes up to the highest
    files = {f"{'ab'[at % 2]}/{at:02}.png": deep(one.astype(int) << (bits - 8)) for at, one in enumerate(own)}
    made, understood = bring("scan.zip", zipped(files))
    found = np.concatenate([made["x_train"], made["x_test"]]).reshape(20, -1).tolist()
    assert sorted(found) == sorted(own.reshape(20, -1).tolist())
    assert (f" {bits} bits" in " ".join(understood.notes)) == (bits < 16)


def test_pictures_in_which_nothing_is_to_be_seen(bring: Bring) -> None:
    for pixels in (np.zeros((8, 8), np.uint8), np.full((8, 8), 9, np.uint8)):
        files = {f"{pet}/{at}.png": picture(pixels) for pet in ("cat", "dog") for at in range(4)}
        _, understood = bring("dark.zip", zipped(files))
        assert any(f"{pixels[0, 0]} of 255" in note for note in understood.notes)
    alike = {f"{pet}/{at}.png": picture(images(1)[0]) for pet in ("cat", "dog") for at in range(4)}
    assert any("one and the same" in note for note in bring("dark.zip", zipped(alike))[1].notes)
    assert not any("nothing" in note for note in bring("pets.zip", zipped(folders(5)))[1].notes)


def turned(kind: str, exif: bytes) -> bytes:
    """A picture of 12 × 20 pixels, its upper rows bright, with that EXIF."""
    pixels = np.zeros((12, 20), np.uint8)
    pixels[:6] = 250
    out = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(out, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    return out.getvalue()


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("WEBP", "webp"), ("JPEG", "jpg")])
def test_pictures_stand_upright_whatever_file_they_are(kind: str, suffix: str, bring: Bring) -> None:
    exif = Image.Exif()
    exif[274] = 6
    files = {f"{pet}/{at}.{suffix}": turned(kind, exif.tobytes()) for pet in ("cat", "dog") for at in range(4)}
    made, understood = bring("pets.zip", zipped(files))
    assert understood.whole == (20, 12) and made["x_train"].shape == (6, 20, 12)
    assert made["x_train"][:, :, 7:].min() > 200 and made["x_train"][:, :, :5].max() < 50
    for broken in (b"Exif\0\0nothing at all", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0MM\0*"):
        files = {f"{pet}/{at}.{suffix}": turned(kind, broken) for pet in ("cat", "dog") for at in range(4)}
        assert bring("pets.zip", zipped(files))[1].left_out == ()


def test_one_size_is_not_several(bring: Bring) -> None:
    large = np.random.default_rng(3).integers(0, 256, (4, 520, 516, 3)).astype(np.uint8)
    files = {
        f"{pet}/{at}.png": picture(large[2 * at + place]) for place, pet in enumerate(("cat", "dog")) for at in (0, 1)
    }
    _, understood = bring("pets.zip", zipped(files))
    assert any("520 × 516" in note for note in understood.notes)

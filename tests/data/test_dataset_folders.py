"""A zip of class folders as a data set."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.datasets import folders, foreign
from tests.helpers import refused


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def pixels(seed=0, height=12, width=10, colour=True):
    shape = (height, width, 3) if colour else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def pack(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def pets(prefix="", **changes):
    files = {f"{prefix}{pet}/{i:02}.png": png(pixels(i)) for pet in ("cat", "dog") for i in range(10)}
    return {**files, **changes}


def test_a_fifth_of_each_class_is_for_the_test(folder):
    pack(folder / "pets.zip", pets())
    data = datasets.load("pets")
    assert datasets.names() == ["mnist", "pets"] and data.classes == ("cat", "dog")
    assert data.x_train.shape == (16, 3, 12, 10) and data.x_test.shape == (4, 3, 12, 10)
    assert data.y_test.tolist() == [0, 0, 1, 1]
    all_of = [one.permute(1, 2, 0).numpy().tobytes() for one in (*data.x_train, *data.x_test)]
    assert sorted(all_of) == sorted(pixels(i).tobytes() for i in range(10) for _ in "ab")


def test_folders_train_and_test_within_another(folder):
    files = {f"pets/{part}/{pet}/1.png": png(pixels()) for part in ("train", "test") for pet in ("cat", "dog")}
    pack(folder / "pets.zip", {**files, "pets/train/dog/2.png": png(pixels(1)), "pets/": b"", "pets/readme.txt": b""})
    data = datasets.load("pets")
    assert data.y_train.tolist() == [0, 1, 1] and data.y_test.tolist() == [0, 1]


def test_grey_pictures_have_one_channel(folder):
    pack(folder / "own.zip", {f"{k}/{i}.png": png(pixels(i, colour=False)) for k in "ab" for i in range(5)})
    assert datasets.load("own").x_train.shape == (8, 1, 12, 10)


@pytest.mark.parametrize("odd", [pixels(0, 40, 20), pixels(0, 200, 200)])
def test_pictures_of_several_sizes_are_brought_to_one(folder, odd):
    pack(folder / "pets.zip", pets(**{"cat/00.png": png(odd)}))
    assert datasets.load("pets").x_train.shape == (16, 3, 32, 32)


def test_hidden_files_are_passed_over(folder):
    pack(folder / "pets.zip", pets(**{"__MACOSX/cat/._00.png": b"x", ".hidden/1.png": b"x", "cat/.DS_Store": b"x"}))
    assert datasets.load("pets").classes == ("cat", "dog")


def bomb():
    """A PNG of 60,000 x 60,000 pixels in a few bytes: its header is enough to refuse it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


WRONG = {
    "no pictures": ({"readme.txt": b"hello"}, ["cat/1.png"]),
    "empty": ({}, ["cat/1.png"]),
    "no folders": ({"1.png": png(pixels()), "2.png": png(pixels())}, ["'1.png'"]),
    "neither train nor test": (
        {f"{part}/{pet}/1.png": png(pixels()) for part in ("left", "right") for pet in ("cat", "dog")},
        ["'left'", "'right'", "'cat'"],
    ),
    "one class": ({f"cat/{i}.png": png(pixels()) for i in range(9)}, ["one class", 2]),
    "too few": ({f"{pet}/1.png": png(pixels()) for pet in ("cat", "dog")}, ["test", "'cat'", 2]),
    "leaves upward": (pets(**{"../cat/1.png": png(pixels())}), ["'../cat/1.png'"]),
    "leaves by backslash": (pets(**{"..\\cat\\1.png": png(pixels())}), [repr("..\\cat\\1.png")]),
    "absolute": (pets(**{"/etc/1.png": png(pixels())}), ["'/etc/1.png'"]),
    "no pictures in them": (dict.fromkeys(pets(), b"not a picture"), ["cat/00.png", 13]),
    "cut short": (dict.fromkeys(pets(), png(pixels())[:200]), ["cat/00.png"]),
    "bombs": (dict.fromkeys(pets(), bomb()), ["cat/00.png", "million"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_gets_a_sentence(folder, case):
    files, values = WRONG[case]
    pack(folder / "pets.zip", files)
    with refused(*values):
        datasets.load("pets")


@pytest.mark.parametrize("kept", [0, 30, 0.5, 0.98])
def test_truncated_zip(folder, kept):
    pack(folder / "pets.zip", pets())
    whole = (folder / "pets.zip").read_bytes()
    (folder / "pets.zip").write_bytes(whole[: kept if isinstance(kept, int) else int(len(whole) * kept)])
    with refused("pets.zip"):
        datasets.load("pets")


def test_corrupt_bytes(folder):
    """Whatever byte is turned over: the pictures as they are, but for one that is named, or one sentence."""
    pack(folder / "pets.zip", {f"{pet}/{i}.png": png(pixels(i)) for pet in ("cat", "dog") for i in range(5)})
    whole = (folder / "pets.zip").read_bytes()
    sentences = []
    for position in range(0, len(whole), 61):
        (folder / "pets.zip").write_bytes(whole[:position] + bytes([whole[position] ^ 255]) + whole[position + 1 :])
        try:
            understood = foreign.read(folder / "pets.zip")[1]
        except ValueError as error:
            sentences.append(str(error))
        else:
            sentences += [f"{one.what}: {one.why}" for one in understood.left_out]
    assert len(sentences) > 50 and not any("\n" in sentence for sentence in sentences)


BOUNDS = {
    (folders, "MAX_FILES"): ["pictures", 20, 10],
    (foreign, "LARGEST"): ["bytes", 10],
    (folders, "MAX_BYTES"): ["bytes", 10],
}


@pytest.mark.parametrize(("where", "values"), BOUNDS.items())
def test_bounds(folder, monkeypatch, where, values):
    pack(folder / "pets.zip", pets())
    monkeypatch.setattr(*where, 10)
    with refused(*values):
        datasets.load("pets")


def test_an_npz_goes_before_a_zip_of_the_same_name(folder):
    pack(folder / "pets.zip", pets())
    images, labels = np.zeros((6, 5, 4), np.uint8), np.arange(6) % 3
    np.savez(folder / "pets.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert datasets.load("pets").picture == (1, 5, 4)

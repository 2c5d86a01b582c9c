"""Data sets that readers bring: kept under names of our own, or refused in a sentence."""

import io
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.datasets import uploads
from tests.helpers import refused

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def npz(seed=0, **others):
    rng = np.random.default_rng(seed)
    arrays = {
        "x_train": rng.integers(0, 256, (12, 9, 8), dtype=np.uint8),
        "y_train": np.arange(12) % 3,
        "x_test": rng.integers(0, 256, (6, 9, 8), dtype=np.uint8),
        "y_test": np.arange(6) % 3,
        **others,
    }
    out = io.BytesIO()
    np.savez_compressed(out, **{name: array for name, array in arrays.items() if array is not None})
    return out.getvalue()


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for label in ("cat", "dog"):
            for index in range(10):
                picture = io.BytesIO()
                Image.fromarray(RNG.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(picture, "PNG")
                archive.writestr(f"{label}/{index}.png", picture.getvalue())
    return out.getvalue()


def test_an_npz_is_a_data_set_from_then_on(folder):
    name = datasets.keep("digits of 8b.npz", npz())
    data = datasets.load(name)
    assert name in datasets.names() and datasets.form(name) == datasets.Form((1, 9, 8), 3)
    assert len(data.x_train) == 12 and data.classes == ("0", "1", "2")
    assert datasets.keep("again.npz", npz()) == name, "the same file is the same data set"
    assert [path.name for path in folder.iterdir()] == [f"{name}.npz"], "nothing else is left behind"


def test_what_is_laid_down_goes_with_whoever_holds_it(folder):
    upload = datasets.lay_down([("x.npz", npz())])
    place = upload.path.parent
    assert upload.path.read_bytes() == npz()
    del upload  # as with a session that has ended before its file was read
    assert not place.exists() and list(folder.iterdir()) == []
    with refused("x.npz"):
        uploads.convert(place / "upload", "x.npz", place / "own.npz")


def test_so_many_wait_to_be_read_and_no_more(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_LAID", 2)
    waiting = [datasets.lay_down([(f"{seed}.npz", npz(seed))]) for seed in range(2)]
    with refused(2):
        datasets.lay_down([("third.npz", npz(3))])
    waiting.pop().drop()
    assert datasets.lay_down([("third.npz", npz(3))]).path.is_file()


def test_a_zip_of_class_folders():
    data = datasets.load(datasets.keep("Pets.ZIP", zipped()))
    assert data.classes == ("cat", "dog") and data.picture == (3, 16, 16) and len(data.x_test) == 4


class Evil:
    def __reduce__(self):
        return os.system, ("touch pwned",)


@pytest.mark.parametrize(
    ("file", "content", "values"),
    [
        ("notes.odt", b"hello", ["notes.odt", ".npz", ".zip"]),
        ("broken.npz", b"no zip at all", ["broken.npz"]),
        ("broken.zip", b"", ["broken.zip"]),
        ("half.npz", npz()[:-40], ["half.npz"]),
        ("floats.npz", npz(x_train=np.zeros((12, 9, 8)) - 3), ["floats.npz", -3, 255]),
        ("short.npz", npz(y_train=None, y_test=None), ["short.npz", "y_train"]),
        ("evil.npz", npz(classes=np.array([Evil()], dtype=object)), ["evil.npz", "classes", "object"]),
        ("../../etc/x.npz", npz(y_train=np.arange(12) - 5), ["x.npz", -5, 6]),
    ],
)
def test_what_is_none_is_refused(file, content, values, folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with refused(*values):
        datasets.keep(file, content)
    assert list(folder.glob("*")) == [] and not (tmp_path / "pwned").exists()


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 10_000)
    bomb = npz(x_train=np.zeros((12, 900, 8), np.uint8), x_test=np.zeros((6, 900, 8), np.uint8))
    assert len(bomb) < 10_000
    with refused("bomb.npz", "80,000"):
        datasets.keep("bomb.npz", bomb)
    monkeypatch.setattr(uploads, "MAX_BYTES", 100)
    with refused("large.npz", 100):
        datasets.keep("large.npz", npz())


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "file" / "data"))
    with refused(tmp_path / "file" / "data"):
        datasets.keep("mine.npz", npz())

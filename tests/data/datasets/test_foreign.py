"""Files that strangers bring as data sets: a set, or one sentence, within bounds of time and memory, and nothing left
behind."""

from __future__ import annotations

import io
import re
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.datasets import archives, folders, foreign, keras, npy, uploads
from cnnviz.data.datasets.keras import ARRAYS, Arrays
from tests.data.datasets import mutants
from tests.data.datasets.mutants import arrays, header, packed, picture, plain
from tests.helpers import refused
from tests.sampling import Tries

MAX_SECONDS, MAX_BYTES = 2.0, 200 * 2**20  # of one file
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def memory(name: str) -> int:
    """VmRSS, what this process has in memory, or VmHWM, the most since it was last cleared, in bytes."""
    found = re.search(rf"{name}:\s+(\d+) kB", STATUS.read_text())
    assert found
    return int(found[1]) * 1024


@contextmanager
def bounded() -> Iterator[None]:
    """The block takes no more than a file may."""
    CLEAR.write_text("5")
    before, start = memory("VmRSS"), resource.getrusage(resource.RUSAGE_SELF)
    yield
    end = resource.getrusage(resource.RUSAGE_SELF)
    seconds = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    assert seconds < MAX_SECONDS and memory("VmHWM") - before < MAX_BYTES


def npz(changes: dict[str, bytes | None] | None = None, method: int = zipfile.ZIP_STORED) -> bytes:
    """An .npz of a small set, some of whose members are other bytes, or missing (None)."""
    members = {f"{name}.npy": mutants.npy(array) for name, array in arrays().items()}
    return packed({k: v for k, v in {**members, **(changes or {})}.items() if v is not None}, method)


def kept(content: bytes, file: str = "own.npz") -> datasets.DataSet:
    """The data set that a file is, kept and loaded."""
    with bounded():
        name = datasets.keep(file, content)
    return datasets.load(name)


# --- whatever comes


@pytest.mark.slow
def test_whatever_comes_is_a_set_or_a_sentence(tries: Tries, folder: Path) -> None:
    sets, sentences = 0, []
    for pick in tries(2000, sample=80):
        file, content = mutants.mutant(pick)
        name = ""
        with bounded():
            try:
                name = datasets.keep(file, content)
            except ValueError as error:
                sentences.append(error)
        if name:
            check(datasets.load(name))
            (folder / f"{name}.npz").unlink()
            sets += 1
        assert not folder.exists() or list(folder.iterdir()) == []
    assert all(type(one) is ValueError and "\n" not in str(one) and 20 < len(str(one)) < 400 for one in sentences)
    assert len(sentences) > sets > len(sentences) / 20, "the mutants are of both kinds"


def check(data: datasets.DataSet) -> None:
    """What was kept is a data set in all that pages and trainers rely on."""
    count, labels = len(data.classes), torch.cat([data.y_train, data.y_test])
    assert data.x_train.dtype == data.x_test.dtype == torch.uint8 and labels.dtype == torch.int64
    assert data.x_train[0].shape == data.x_test[0].shape == data.picture and data.picture[0] in (1, 3)
    assert len(data.x_train) == len(data.y_train) and len(data.x_test) == len(data.y_test)
    assert 0 <= labels.min() <= labels.max() < count <= 1000 and all(len(name) <= 80 for name in data.classes)
    assert datasets.form(data.name) == datasets.Form(data.picture, count)


def test_a_mutant_is_the_same_every_time() -> None:
    assert [mutants.mutant(Random(seed)) for seed in range(20)] == [mutants.mutant(Random(seed)) for seed in range(20)]


# --- the files of the review


@pytest.mark.parametrize("kind", ["|S0", "<U0"])
@pytest.mark.parametrize("count", [1_000, 1_000_000, 50_000_000, 100_000_000])
def test_items_of_no_bytes_are_refused_by_their_header(kind: str, count: int) -> None:
    content = npz({"classes.npy": header(plain(kind, (count,)))}, zipfile.ZIP_DEFLATED)
    with refused("own.npz", "classes", 0, "4,096"), bounded():
        datasets.keep("own.npz", content)


NO_SHAPES = ["((((((((", "(True, 9, 8)", "(-1, 9, 8)", "(12, 9, 8", f"({10**30}, 9, 8)", "[12, 9, 8]"]


@pytest.mark.parametrize("shape", NO_SHAPES)
def test_a_shape_that_is_none(shape: str) -> None:
    content = npz({"x_train.npy": header(plain("|u1", shape)) + arrays()["x_train"].tobytes()})
    with refused("own.npz", "header"), bounded():
        datasets.keep("own.npz", content)


def test_a_member_without_a_name() -> None:
    files = {f"{pet}/{index}.png": picture("PNG") for pet in ("cat", "dog") for index in range(5)}
    for file, members in (("pets.zip", files), ("own.npz", {f"{k}.npy": mutants.npy(v) for k, v in arrays().items()})):
        content = packed({**members, "zzzz": b""}).replace(b"zzzz", b"\0\0\0\0")
        with refused(file, "without a name"), bounded():
            datasets.keep(file, content)


def test_many_pictures_of_one_pixel_are_none() -> None:
    content = io.BytesIO()
    tiny = {part: np.zeros((200_000, 1, 1), np.uint8) for part in ("x_train", "x_test")}
    labels = {part: np.arange(200_000) % 1000 for part in ("y_train", "y_test")}
    np.savez_compressed(content, **tiny, **labels)  # type: ignore[arg-type]
    with refused("own.npz", "1 × 1", 4, 512), bounded():
        datasets.keep("own.npz", content.getvalue())


def test_the_scores_of_an_evaluation_are_bounded() -> None:
    content = io.BytesIO()
    images = {"x_train": np.zeros((1000, 4, 4), np.uint8), "x_test": np.zeros((10_001, 4, 4), np.uint8)}
    np.savez_compressed(content, **images, y_train=np.arange(1000), y_test=np.arange(10_001) % 1000)  # type: ignore[arg-type]
    with refused("own.npz", "10,001", "1,000", "10,001,000", "10,000,000"), bounded():
        datasets.keep("own.npz", content.getvalue())


def test_the_pixels_of_a_zip_are_counted_by_their_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,500 pictures of 25 megapixels, of which none is decoded."""
    out = io.BytesIO()
    Image.new("1", (5000, 5000)).save(out, "PNG")
    files = {f"{pet}/{index:03}.png": out.getvalue() for pet in ("cat", "dog") for index in range(750)}
    content = packed(files)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with refused("pets.zip", "37,500 million", "2,000 million", 128), bounded():
        datasets.keep("pets.zip", content)


# --- every other way in which a header may lie


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_a_header_is_read(version: tuple[int, int]) -> None:
    images = arrays()["x_train"]
    data = kept(npz({"x_train.npy": header(plain("|u1", images.shape), version) + images.tobytes()}))
    assert np.array_equal(data.x_train[:, 0].numpy(), images) and data.classes == ("cat", "dog", "elk")


@pytest.mark.parametrize("version", [(0, 0), (1, 1), (4, 0), (255, 255)])
def test_a_version_that_there_is_not(version: tuple[int, int]) -> None:
    with refused("own.npz", 1, 2, 3):
        datasets.keep("own.npz", npz({"x_train.npy": header(plain("|u1", (12, 9, 8)), version)}))


@pytest.mark.parametrize("length", [0, 5, 60, 9_000, 65_535])
def test_a_length_that_lies(length: int) -> None:
    with refused("own.npz", "header"):
        datasets.keep("own.npz", npz({"x_train.npy": header(plain("|u1", (12, 9, 8)), length=length) + bytes(864)}))


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 100_000])
def test_a_header_of_gigabytes_is_not_read(length: int) -> None:
    with refused("own.npz", "header"), bounded():
        datasets.keep("own.npz", npz({"x_train.npy": header(plain("|u1", (12, 9, 8)), (2, 0), length)}))


def test_every_order_of_bytes_and_axes_is_read() -> None:
    images, labels = arrays()["x_train"], arrays()["y_train"]
    members = {
        "x_train.npy": mutants.npy(np.asfortranarray(images)),
        "y_train.npy": mutants.npy(labels.astype(">i4")[:, None]),
        "y_test.npy": header(plain("<i8", "(6L,)")) + arrays()["y_test"].tobytes(),  # as Python 2 wrote it
        "classes.npy": mutants.npy(np.array(["cat", "dog", "élan"]).astype(">U7")),
    }
    data = kept(npz(members))
    assert np.array_equal(data.x_train[:, 0].numpy(), images) and np.array_equal(data.y_train.numpy(), labels)
    assert data.y_test.tolist() == [0, 1, 2, 0, 1, 2] and data.classes == ("cat", "dog", "élan")


OTHERS: dict[str, tuple[str, bytes, list[object]]] = {
    "structured": ("x_train", mutants.npy(np.zeros(12, [("a", "u1"), ("b", "f4")])), ["header"]),
    "object": ("y_train", mutants.npy(np.array([{}, print] * 6, object)), ["y_train", "object"]),
    "times": ("y_train", mutants.npy(np.zeros(12, "<M8[s]")), ["y_train", "dates"]),
    "no type": ("y_train", header(plain("|i9", (12,))) + bytes(108), ["'|i9'"]),
    "huge text": ("classes", header(plain("<U999999999", (3,))), ["own.npz"]),
    "long text": ("classes", mutants.npy(np.array(["a", "b", "c" * 1025])), ["classes", "4,100", "4,096"]),
    "many names": ("classes", mutants.npy(np.arange(1001).astype(str)), ["1,001", "1,000"]),
    "too few bytes": ("x_train", header(plain("|u1", (12, 9, 8))) + bytes(863), ["'x_train.npy'"]),
    "too many bytes": ("x_train", header(plain("|u1", (12, 9, 8))) + bytes(865), ["'x_train.npy'"]),
    "dimensions": ("x_train", header(plain("|u1", (1,) * 400)) + b"x", [400]),
    "five channels": ("x_train", mutants.npy(np.zeros((12, 9, 8, 5), np.uint8)), ["x_train", (12, 9, 8, 5)]),
    "wide": ("x_train", mutants.npy(np.zeros((12, 4, 513), np.uint8)), ["x_train", "4 × 513", 512]),
    "many": ("x_train", header(plain("|u1", (1_000_001, 4, 4))) + bytes(16_000_016), ["1,000,001", "1,000,000"]),
    "no letters": ("classes", mutants.npy(np.array([0x110000, 97, 98], "<u4").view("<U1")), ["own.npz"]),
}


@pytest.mark.parametrize("case", OTHERS)
def test_an_array_that_should_not_be_there(case: str, folder: Path) -> None:
    name, content, values = OTHERS[case]
    with refused("own.npz", *values), bounded():
        datasets.keep("own.npz", npz({f"{name}.npy": content}, zipfile.ZIP_DEFLATED))
    assert list(folder.iterdir()) == []


def test_half_a_pair_of_surrogates_is_no_letter() -> None:
    names = mutants.npy(np.array([0xD800, 0x1F408, 0x62], "<u4").view("<U1"))
    assert kept(npz({"classes.npy": names})).classes == ("?", "\N{CAT}", "b")


def test_what_is_not_wanted_is_not_opened() -> None:
    """A member that no data set has may be anything, but for its bytes in the file."""
    assert kept(npz({"notes.txt": b"hello", "more.npy": b"\x93NUMPY\xff"})).classes == ("cat", "dog", "elk")


# --- the zip itself


def record(content: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """A zip, in whose first record of that kind some bytes are others."""
    at = content.index(signature) + offset
    return content[:at] + value + content[at + len(value) :]


LOCAL, ENTRY = mutants.LOCAL, mutants.ENTRY
ZIPS: dict[str, tuple[Callable[[bytes], bytes], list[object]]] = {
    "encrypted": (lambda zip_: record(record(zip_, ENTRY, 8, b"\1"), LOCAL, 6, b"\1"), ["encrypted", "password"]),
    "another method": (lambda zip_: record(record(zip_, ENTRY, 10, b"\x0e"), LOCAL, 8, b"\x0e"), [14, "deflate"]),
    "a size that lies": (lambda zip_: record(zip_, ENTRY, 24, (10**6).to_bytes(4, "little")), ["x_train.npy"]),
    "gigabytes": (lambda zip_: record(zip_, ENTRY, 24, b"\xfe\xff\xff\xff"), ["2,516,582,400"]),
    "another checksum": (lambda zip_: record(zip_, ENTRY, 16, b"\0\0\0\0"), ["CRC"]),
    "another place": (lambda zip_: record(zip_, ENTRY, 42, b"\7\0\0\0"), ["own.npz"]),
    "no directory": (lambda zip_: zip_[:-22], ["own.npz"]),
    "a directory of gigabytes": (lambda zip_: record(zip_, mutants.END, 12, b"\xff\xff\xff\x7f"), ["own.npz"]),
}


@pytest.mark.parametrize("case", ZIPS)
def test_a_zip_that_is_not_right(case: str) -> None:
    change, values = ZIPS[case]
    with refused("own.npz", *values), bounded():
        datasets.keep("own.npz", change(npz()))


def test_a_member_that_is_there_twice() -> None:
    out = io.BytesIO(npz())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x_test.npy", b"other")
    for content in (out.getvalue(), npz({"x_test": b"other"})):
        with refused("own.npz", "x_test", "more than once"):
            datasets.keep("own.npz", content)
    pets = io.BytesIO(packed(mutants.pictures("PNG")))
    with zipfile.ZipFile(pets, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("cat/00.png", b"other")
    with refused("pets.zip", "'cat/00.png'", 2):
        datasets.keep("pets.zip", pets.getvalue())


def test_members_are_counted_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed({f"{number}": b"" for number in range(200)})
    monkeypatch.setattr(zipfile, "ZipInfo", lambda *_: pytest.fail("listed"))
    with refused("own.npz", 100), bounded():
        datasets.keep("own.npz", content)


def test_what_is_nearly_nothing_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras, "FREE", 10_000)
    monkeypatch.setattr(keras, "MAX_RATIO", 20)
    zeros = {f"x_{part}.npy": mutants.npy(np.zeros((n, 90, 80), np.uint8)) for part, n in (("train", 12), ("test", 6))}
    with refused("own.npz", 20):
        datasets.keep("own.npz", npz(zeros, zipfile.ZIP_DEFLATED))
    assert kept(npz(zeros)).picture == (1, 90, 80)  # the remedy


def test_a_path_of_thousands_of_folders_is_refused_at_once() -> None:
    files = {f"{pet}/{index}.png": picture("PNG") for pet in ("cat", "dog") for index in range(5)}
    with refused("pets.zip", "32,000"), bounded():
        datasets.keep("pets.zip", packed({**files, "a/" * 32_000 + "x.png": b""}))


def test_the_name_of_a_class_is_bounded_before_a_picture_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{pet}/{index}.png": picture("PNG") for pet in ("cat", "d" * 81) for index in range(5)}
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened"))
    with refused("pets.zip", 81, 80):
        datasets.keep("pets.zip", packed(files))


def test_pictures_of_a_few_pixels_are_brought_to_the_usual_size() -> None:
    files = {f"{pet}/{index}.png": picture("PNG", (1, 1)) for pet in ("cat", "dog") for index in range(5)}
    assert kept(packed(files), "pets.zip").picture == (3, 32, 32)


def test_a_sentence_has_one_line_whatever_the_file_is_called() -> None:
    with refused("a b.txt"):
        datasets.keep("a\nb.txt", b"")


# --- the one way in


@pytest.mark.parametrize(("file", "content"), [("own.npz", npz()), ("PETS.ZIP", packed(mutants.pictures("PNG")))])
def test_progress_goes_from_nothing_to_all(file: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "brought").write_bytes(content)
    heard: list[float] = []
    uploads.convert(tmp_path / "brought", file, tmp_path / "own.npz", progress=heard.append)
    assert heard == sorted(heard) and 0 < heard[0] < heard[-1] == 1 and heard.count(1) == 1
    (read, _), again = foreign.read(tmp_path / "brought", file), keras.read(tmp_path / "own.npz")
    assert {*ARRAYS, "classes"} == read.keys() and same(read, again)


def same(first: Arrays, second: Arrays) -> bool:
    return first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with refused("own.npz", "again"):
            foreign.read(path, "own.npz")


def test_a_header_is_read_as_numpy_reads_it(tries: Tries) -> None:
    for pick in tries(300, sample=60):
        shape = tuple(pick.randint(0, 9) for _ in range(pick.randint(0, 5)))
        array = np.zeros(shape, pick.choice(["u1", ">i8", "<f4", "S3", ">U5", "?"]), pick.choice("CF"))
        found = npy.header(mutants.npy(array))
        assert (found.dtype, found.shape, found.nbytes) == (array.dtype, shape, array.nbytes)
        assert found.fortran == (array.flags.f_contiguous and not array.flags.c_contiguous)


def test_the_bounds_leave_what_people_have() -> None:
    assert keras.MAX_IMAGES > 697_932 and keras.MAX_SCORES > 116_323 * 62, "EMNIST by class"
    assert folders.MAX_FILES >= 70_000 and foreign.ZIP.max_members > folders.MAX_FILES, "MNIST as pictures"
    assert archives.PART < uploads.MAX_UNPACKED

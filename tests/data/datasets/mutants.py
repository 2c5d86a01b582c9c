"""Files that are nearly data sets: .npz and .zip, changed by chance in every way that a stranger may change them.

`mutant(rng)` gives the name and the bytes of one; the same generator gives the same file. Most are changed inside, and
packed again with right checksums, so that they come past the zip and into what reads arrays and pictures.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

import numpy as np
from PIL import Image

Files = dict[str, bytes]
KINDS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
SUFFIX = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "BMP": "bmp", "WEBP": "webp"}
NUMBERS = (0, 1, 2, 3, 4, 5, 9, 10, 12, 255, 1000, 65_536, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, -1)
TYPES = (
    *("|u1", "<u1", ">u1", "|i1", "<i2", ">i2", "<u4", ">i8", "<i8", "<u8", "|b1", "<f4", "<f8", "<f2", "<c16"),
    *("|S0", "<U0", "|S1", "|S5", "<U1", ">U3", "<U80", "|S999999999", "<U999999999", "|O", "|V8", "<M8", "<m8", "a5"),
    *("", "u1,u1", "float64", "<U99999999999", "=u1", "B", "é"),
)
SHAPES = (
    *("((((((((", "(12)", "12", "[12, 9, 8]", "(True, 9, 8)", "(12.0, 9, 8)", "(12, 9, 8", "None", "()", "(,)", "{}"),
)
HEADERS = (
    *("", "{}", "(" * 9000, "[" * 9000, "{'descr': " * 900, "None", "1" * 5000, "'" * 3, "\0" * 50, "{" + " " * 9000),
)


# --- files that are what they should be


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def npy(array: np.ndarray) -> bytes:
    """An array as an .npy."""
    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=True)
    return out.getvalue()


def header(text: str, version: tuple[int, int] = (1, 0), length: int | None = None) -> bytes:
    """The beginning of an .npy with that text for a header, which claims to be `length` bytes long."""
    encoded = text.encode()
    length = len(encoded) if length is None else length
    size = struct.pack("<H", length & 0xFFFF) if version == (1, 0) else struct.pack("<I", length & 0xFFFFFFFF)
    return b"\x93NUMPY" + bytes(version) + size + encoded


def plain(descr: object, shape: object, fortran: object = False) -> str:
    """The text of a header."""
    return f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


@cache
def arrays(colour: bool = False) -> Mapping[str, np.ndarray]:
    """The arrays of a small data set."""
    rng, shape = np.random.default_rng(0), (9, 8, 3) if colour else (9, 8)
    return {
        "x_train": rng.integers(0, 256, (12, *shape), dtype=np.uint8),
        "y_train": np.arange(12) % 3,
        "x_test": rng.integers(0, 256, (6, *shape), dtype=np.uint8),
        "y_test": np.arange(6) % 3,
        "classes": np.array(["cat", "dog", "elk"]),
    }


@cache
def _members(colour: bool) -> Files:
    return {f"{name}.npy": npy(array) for name, array in arrays(colour).items()}


def picture(kind: str, size: tuple[int, int] = (12, 10), mode: str = "RGB") -> bytes:
    """A small picture of noise."""
    pixels = np.random.default_rng(size).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind)
    return out.getvalue()


@cache
def pictures(kind: str) -> Files:
    """The members of a zip of two class folders."""
    return {f"{pet}/{index:02}.{SUFFIX[kind]}": picture(kind) for pet in ("cat", "dog") for index in range(6)}


# --- changes of bytes, wherever they lie


def flipped(content: bytes, rng: Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def truncated(content: bytes, rng: Random) -> bytes:
    """The end is missing, or the beginning."""
    at = rng.randrange(len(content))
    return content[:at] if rng.random() < 0.8 else content[at:]


def spliced(content: bytes, rng: Random) -> bytes:
    """A piece of it, or of another file, stands somewhere else, too."""
    other = rng.choice([content, picture(rng.choice(KINDS)), packed(_members(False))])
    start, at = rng.randrange(len(other)), rng.randrange(len(content))
    piece = other[start : start + rng.randint(1, 400)]
    return content[:at] + piece + content[at + (len(piece) if rng.random() < 0.5 else 0) :]


def numbered(content: bytes, rng: Random) -> bytes:
    """Two, four or eight bytes are a number at the border of what there is."""
    size = rng.choice([2, 4, 8])
    at, number = rng.randrange(max(1, len(content) - size)), rng.choice(NUMBERS) & (256**size - 1)
    return content[:at] + number.to_bytes(size, rng.choice(["little", "big"])) + content[at + size :]


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (flipped, truncated, spliced, numbered)


# --- changes of an array's header


def _other_type(name: str, rng: Random) -> bytes:
    array = arrays()[name]
    return header(plain(rng.choice(TYPES), array.shape, rng.choice([True, False]))) + array.tobytes()


def _other_shape(name: str, rng: Random) -> bytes:
    array = arrays()[name]
    numbers, ones = tuple(rng.choice(NUMBERS) for _ in range(rng.randint(0, 5))), (1,) * rng.choice([20, 900])
    shape = rng.choice([numbers, rng.choice(SHAPES), (*array.shape, 1), array.shape[::-1], ones])
    return header(plain(array.dtype.str, shape, rng.choice([True, False, 1, None, "'no'"]))) + array.tobytes()


def _nothing_for_much(name: str, rng: Random) -> bytes:
    """Items of no bytes, as many as you like."""
    count = rng.choice([0, 1, 3, 1000, 10**6, 10**8, 10**12, 10**17])
    return header(plain(rng.choice(["|S0", "<U0", "|V0", "|u1"]), rng.choice([(count,), (count, 0), (0, count)])))


def _other_length(name: str, rng: Random) -> bytes:
    array = arrays()[name]
    text, version = plain(array.dtype.str, array.shape), rng.choice([(1, 0), (2, 0), (3, 0), (0, 0), (9, 9), (1, 1)])
    length = rng.choice([len(text), len(text) + 1, len(text) - 1, *NUMBERS])
    return header(text, version, length) + array.tobytes()


def _other_text(name: str, rng: Random) -> bytes:
    return header(rng.choice(HEADERS), rng.choice([(1, 0), (2, 0), (3, 0)])) + arrays()[name].tobytes()


def _other_array(name: str, rng: Random) -> bytes:
    """A whole array, but one that should not stand here."""
    count = rng.choice([1, 3, 6, 12, 1001, 70_000])
    choices = [
        lambda: np.zeros((count, *rng.choice([(1, 1), (4, 4), (3, 600), (9, 8), (9, 8, 3), (9, 8, 4)])), np.uint8),
        lambda: np.asfortranarray(arrays()[name]),
        lambda: (np.arange(12) % 3).astype(rng.choice([">i8", "<i2", ">u4", "i1", "f4", "S3", "U3", "bool"]))[:count],
        lambda: np.array([{"a": 1}, None, print] * 4, object),
        lambda: np.zeros(12, [("a", "u1"), ("b", "f8", (2, 2))]),
        lambda: np.array(rng.choice([-1, 3, 999, 1000, 2**40])),
        lambda: np.full(rng.choice([6, 12]), rng.choice([-1, 3, 999, 1000, 2**40])),
        lambda: np.array(["x" * rng.choice([1, 80, 81, 5000])] * rng.choice([1, 3, 1000, 1001])),
        lambda: np.array([0xD800, 0x110000, 0x61, 0xFFFFFFFF][: rng.randint(1, 4)] * 3, "<u4").view("<U1"),
        lambda: np.array([b"\xff\xfe", b"", b"\0a"]),
    ]
    return npy(rng.choice(choices)())


ARRAYS: tuple[Callable[[str, Random], bytes], ...] = (
    *(_other_type, _other_shape, _nothing_for_much, _other_length, _other_text, _other_array),
)


def _changed_arrays(rng: Random) -> bytes:
    """An .npz, one or two of whose arrays are no longer what they were."""
    members = dict(_members(rng.random() < 0.3))
    for _ in range(rng.randint(1, 2)):
        name = rng.choice(list(members))
        change = rng.choice(ARRAYS)
        members[name] = change(name.removesuffix(".npy"), rng)
        if rng.random() < 0.2:
            members[name] = rng.choice(BYTES)(members[name], rng)
    return packed(members, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))


# --- changes of a picture


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _huge(rng: Random) -> bytes:
    """A PNG whose header claims any size; there is next to nothing in it."""
    width, height = (rng.choice([1, 3, 500, 5000, 25_000, 60_000, 2**31 - 1]) for _ in range(2))
    size = struct.pack(">IIBBBBB", width, height, rng.choice([1, 8, 16]), rng.choice([0, 2, 3, 6]), 0, 0, 0)
    chunks = {b"IHDR": size, b"IDAT": zlib.compress(b"\0" * 1000), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks.items())


def _in_pieces(rng: Random) -> bytes:
    """A picture in very many pieces, which a decoder takes one after the other."""
    count, png, gif, jpeg = rng.choice([10, 3000, 60_000]), picture("PNG"), picture("GIF"), picture("JPEG")
    palette = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    last = jpeg.rindex(b"\xff\xda")
    return rng.choice(
        [
            png[:33] + _chunk(b"tEXt", b"") * count + png[33:],
            png[:33] + _chunk(b"IDAT", b"") * count + png[33:],
            png[:-12] + _chunk(b"abCd", b"") * count + png[-12:],
            png[:33] + _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**20))) * min(count, 300) + png[33:],
            gif[:palette] + b"!\xfe" + b"\x01a" * count + b"\0" + gif[palette:],
            gif[:palette] + b"!\x01\0" * count + gif[palette:],
            jpeg[:2] + b"\xff" * count + jpeg[2:],
            jpeg[:2] + b"\xff\xe5\0\2" * count + jpeg[2:],
            jpeg[:-2] + jpeg[last:-2] * (count // 10) + b"\xff\xd9",
        ]
    )


def _other_picture(rng: Random) -> bytes:
    kind = rng.choice(KINDS)
    size = rng.choice([(1, 1), (3, 3), (12, 10), (200, 3), (1, 5000), (700, 700)])
    return picture(kind, size, rng.choice(["RGB", "L", "1"]) if kind in ("PNG", "BMP") else "RGB")


PLACES = (
    *("cat/x.png", "../cat/x.png", "/etc/x.png", "C:/cat/x.png", "cat/../../x.png", "cat\\..\\x.png", "x.png"),
    *("cat//x.png", "cat/\N{CAT FACE}.png", "a/" * 13 + "x.png", "a/" * 3000 + "x.png", "c" * 81 + "/x.png"),
    *("cat/.x.png", "__MACOSX/cat/x.png", "cat/x.PNG", "cat/\n.png", " /x.png", "train/cat/x.png", "test/cat/x.png"),
    *("cat/x.png/", "cat/<img src=x>.png", "-/x.png"),
)
NAMES = ("own.npz", "pets.zip", "own.NPZ.zip", "notes.txt", "a\nb.npz", "x" * 500 + ".zip")


def _changed_pictures(rng: Random) -> bytes:
    """A zip of class folders, some of whose pictures are others, or lie elsewhere."""
    files = dict(pictures(rng.choice(KINDS)))
    for _ in range(rng.randint(1, 3)):
        name = rng.choice(list(files))
        content = rng.choice(
            [
                lambda name=name: rng.choice(BYTES)(files[name], rng),
                lambda: _huge(rng),
                lambda: _in_pieces(rng),
                lambda: _other_picture(rng),
                lambda: packed(_members(False)),
                lambda: bytes(rng.choice([0, 1, 11 * 2**20])),
            ]
        )()
        files[name if rng.random() < 0.6 else rng.choice(PLACES)] = content
    return packed(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))


# --- changes of the zip itself


def _other_members(files: Files, rng: Random) -> bytes:
    """Members are missing, there twice, without a name, packed by a method of their own, or very many."""
    out = io.BytesIO()
    names = rng.sample(list(files), rng.randint(1, len(files))) if rng.random() < 0.3 else list(files)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # of a name that is there already
        for name in names:
            method = rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED] * 8 + [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
            archive.writestr(zipfile.ZipInfo(name), files[name], method)
        more = rng.choice(["twice", "without", "nameless", "many", "bomb", "zip64", ""])
        if more == "twice":
            archive.writestr(zipfile.ZipInfo(rng.choice(list(files))), rng.choice(list(files.values())))
        if more == "without":
            archive.writestr(zipfile.ZipInfo(names[0].removesuffix(".npy")), files[names[0]])
        if more == "nameless":
            archive.writestr(zipfile.ZipInfo("zzzz"), b"")
        if more == "many":
            for index in range(rng.choice([90, 200, 5000])):
                archive.writestr(zipfile.ZipInfo(f"{index}"), b"")
        if more == "bomb":
            archive.writestr(zipfile.ZipInfo("classes.npy"), bytes(40 * 2**20), zipfile.ZIP_DEFLATED, 1)
        if more == "zip64":
            with archive.open(zipfile.ZipInfo("more.npy"), "w", force_zip64=True) as member:
                member.write(files[names[0]])
    return out.getvalue().replace(b"zzzz", b"\0\0\0\0")


LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
FIELDS = {  # where the numbers of a record lie: offset and size
    LOCAL: [(4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)],
    ENTRY: [(6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4)],
    END: [(4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
}


def _other_record(files: Files, rng: Random) -> bytes:
    """A number in the zip's own records is another: flags (encrypted), methods, sizes that contradict, places."""
    content = packed(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(list(FIELDS))
        places = [at for at in range(len(content)) if content.startswith(kind, at)]
        at, size = rng.choice(FIELDS[kind])
        begin = rng.choice(places) + at
        old = int.from_bytes(content[begin : begin + size], "little")
        new = rng.choice([old ^ 1, old + 1, old - 1, old * 2, *NUMBERS]) & (256**size - 1)
        content = content[:begin] + new.to_bytes(size, "little") + content[begin + size :]
    return content


# --- all of it


def _changed_bytes(rng: Random) -> tuple[str, bytes]:
    name, files = _base(rng)
    return name, rng.choice(BYTES)(packed(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])), rng)


def _changed_zip(rng: Random) -> tuple[str, bytes]:
    name, files = _base(rng)
    return name, rng.choice([_other_members, _other_record])(files, rng)


def _base(rng: Random) -> tuple[str, Files]:
    """The name and the members of a file that is what it should be."""
    if rng.random() < 0.5:
        return "own.npz", _members(rng.random() < 0.3)
    return "pets.zip", pictures(rng.choice(KINDS))


def mutant(rng: Random) -> tuple[str, bytes]:
    """The name and the bytes of a file that was changed by chance; some are still what they should be."""
    kind = rng.choice(["arrays", "arrays", "arrays", "pictures", "pictures", "zip", "zip", "bytes", "name"])
    if kind == "arrays":
        return "own.npz", _changed_arrays(rng)
    if kind == "pictures":
        return "pets.zip", _changed_pictures(rng)
    if kind == "zip":
        return _changed_zip(rng)
    if kind == "bytes":
        return _changed_bytes(rng)
    _, files = _base(rng)
    return rng.choice(NAMES), packed(files)

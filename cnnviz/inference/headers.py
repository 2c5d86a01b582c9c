"""The header of a .safetensors file that a stranger wrote, judged before a number of it is read; and such a file
written tensor by tensor.

The file is 8 bytes with the length of the header, the header as JSON, and then the numbers of all tensors without a gap
(https://huggingface.co/docs/safetensors, 'Format').
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import torch

from cnnviz.data.texts import is_text, one_line
from cnnviz.inference.tensors import MAX_HEADER

BYTES = {  # of a number of each type
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 1),
}
WRITTEN = {torch.float32: "F32", torch.int64: "I64"}  # what networks have here
LENGTH = 8  # bytes that say how long the header is
ALIGNMENT = 8  # bytes of which the header takes a multiple, so that every number lies where its type has to
MAX_TENSORS = 4000
MAX_DIMENSIONS = 8
MAX_SIZE = 2**40  # of a tensor along one axis
LONGEST_NAME = 200
METADATA = "__metadata__"
AGAIN = "download it again"
BEGINNINGS = {  # how other files begin that stand under the name of a .safetensors, and what is said of them
    b"version https://git-lfs": (
        "it is a pointer of Git LFS, and the weights are where it points to; git lfs pull brings them"
    ),
    b"<": "it is a page of the web, as a download gives that was not allowed; download the file itself",
    b"GGUF": "it is a GGUF, as llama.cpp has it; save the weights of the PyTorch model with the lines beside this",
    b"\x89HDF": "it is an HDF5, as Keras writes it; save the weights of a PyTorch model with the lines beside this",
    b"\x93NUMPY": "it is an array of numpy; save the weights of a PyTorch model with the lines beside this",
    b"\x89PNG": "it is a picture, a PNG; bring the weights",
    b"\xff\xd8\xff": "it is a picture, a JPEG; bring the weights",
    b"%PDF": "it is a PDF; bring the weights",
    b"\x1f\x8b": "it is packed by gzip; unpack it, as with gunzip, and bring what is in it",
    b"BZh": "it is packed by bzip2; unpack it, as with bunzip2, and bring what is in it",
    b"\xfd7zXZ": "it is packed by xz; unpack it, as with unxz, and bring what is in it",
    b"\x28\xb5\x2f\xfd": "it is packed by zstd; unpack it, as with unzstd, and bring what is in it",
    b"7z\xbc\xaf": "it is packed by 7-Zip; unpack it, and bring what is in it",
    b"Rar!": "it is packed by RAR; unpack it, and bring what is in it",
}
BOM = b"\xef\xbb\xbf"
SHOWN = 200  # bytes of a text, which tell it from other files


@dataclass(frozen=True)
class Entry:
    """A tensor in the file: the type and shape of it, and the bytes from `begin` to `end` of the whole file."""

    kind: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """The tensors of a file by their names, and what words its writer put beside them."""

    tensors: Mapping[str, Entry]
    metadata: Mapping[str, str]


def read(content: bytes) -> Header:
    """The header of a whole file. Raises ValueError with what is wrong where it is no .safetensors, is larger than a
    header may be, or names bytes that are not there, that two tensors share, or that none has."""
    size = int.from_bytes(content[:LENGTH], "little")
    if (content[LENGTH : LENGTH + 1] != b"{" or size > MAX_HEADER) and (other := _other_file(content)):
        raise ValueError(other)
    if size > MAX_HEADER:
        remedy = "save fewer tensors, or fewer words beside them"
        if size > len(content):
            remedy = "it is no .safetensors, or damaged: write it with the lines beside this"
        raise ValueError(f"its header would have {size:,} bytes, and {MAX_HEADER:,} are the most; {remedy}")
    if len(content) < LENGTH:
        raise ValueError(f"it has {len(content):,} bytes and is cut short; {AGAIN}")
    if size < 2:
        raise ValueError(f"its header would have {size} bytes: it is no .safetensors; {AGAIN}")
    if len(content) < LENGTH + size:
        raise ValueError(f"it has {len(content):,} bytes, its header alone {size:,}: it is cut short; {AGAIN}")
    values = _values(content[LENGTH : LENGTH + size])
    metadata = values.pop(METADATA, {})
    if not (isinstance(metadata, dict) and all(isinstance(one, str) and is_text(one) for one in metadata.values())):
        raise ValueError("its metadata are not words under names")
    if len(values) > MAX_TENSORS:
        raise ValueError(f"it has {len(values):,} tensors, and {MAX_TENSORS:,} are the most")
    tensors = {name: _entry(name, value, LENGTH + size) for name, value in values.items()}
    _check_places(list(tensors.values()), LENGTH + size, len(content))
    return Header(tensors, metadata)


def write(
    path: Path, described: Mapping[str, torch.Tensor], numbers: Iterable[torch.Tensor], metadata: Mapping[str, str]
) -> None:
    """Writes a .safetensors file with tensors of the names, types and shapes in `described`, of which none has to be in
    memory: `numbers` gives them in that order, those of wider types first, so that each lies where its type has to.
    Raises OSError where it cannot be written."""
    place, entries = 0, {}
    for name, one in described.items():
        end = place + one.numel() * one.element_size()
        entries[name] = {"dtype": WRITTEN[one.dtype], "shape": list(one.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps({METADATA: dict(metadata), **entries}).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(LENGTH, "little") + text)
        for tensor in numbers:
            file.write(tensor.contiguous().numpy().data)


def _other_file(content: bytes) -> str:
    """What a file is that is no .safetensors, in words, with the remedy; '' where it does not say."""
    begin = content[:SHOWN].removeprefix(BOM)
    start = begin.lstrip()
    if said := next((said for begins, said in BEGINNINGS.items() if start.startswith(begins)), ""):
        return said
    text = begin.decode("utf-8", "ignore")
    if len(text.strip()) < 2 or not all(letter.isprintable() or letter.isspace() for letter in text):
        return ""
    shown = repr(one_line(text, 24))
    if start[:1] in (b"{", b"["):
        return f"it is JSON, which begins {shown}, as an index or an error does; bring the .safetensors itself"
    return f"it is a text, which begins {shown}; write the weights with the lines beside this, or {AGAIN}"


def _values(text: bytes) -> dict[str, Any]:
    """The header as JSON has it."""
    try:
        values = json.loads(text.decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its header is no JSON that can be read ({one_line(error, 80)})") from error
    if not isinstance(values, dict):
        raise ValueError("its header does not name tensors")
    return values


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError where it has a name twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _entry(name: str, value: Any, start: int) -> Entry:
    """One tensor. Raises ValueError where its entry is none, or where its bytes are not those that it needs."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or not is_text(name):
        raise ValueError(f"{one_line(name, 40)!r} is no name of a tensor")
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"what it says of {name} is not a type, a shape and a place")
    kind, shape, place = value["dtype"], value["shape"], value["data_offsets"]
    if not (isinstance(kind, str) and kind in BYTES):
        raise ValueError(f"{name} is of type {one_line(kind, 20)!r}, which is not one of {', '.join(BYTES)}")
    if not (_are_sizes(shape) and len(shape) <= MAX_DIMENSIONS and _are_sizes(place) and len(place) == 2):
        raise ValueError(f"the shape or the place of {name} is none")
    begin, end = place
    if end - begin != prod(shape) * BYTES[kind]:
        raise ValueError(
            f"{name} of {tuple(shape)} and type {kind} takes {prod(shape) * BYTES[kind]:,} bytes, and its place has "
            f"{end - begin:,}"
        )
    return Entry(kind, tuple(shape), start + begin, start + end)


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(one) is int and 0 <= one <= MAX_SIZE for one in values)


def _check_places(entries: Sequence[Entry], start: int, end: int) -> None:
    """Raises ValueError where tensors overlap, where bytes belong to none, and where the file ends before them."""
    places = sorted((one.begin, one.end) for one in entries)
    if (needed := max((last for _, last in places), default=0)) > end:
        raise ValueError(f"it has {end:,} bytes of {needed:,}: it is cut short; {AGAIN}")
    for (_, before), (begin, _) in pairwise([(start, start), *places, (end, end)]):
        if begin != before:
            wrong = "overlap" if begin < before else "leave bytes between them"
            raise ValueError(f"its tensors {wrong}, at byte {min(begin, before):,} of {end:,}")

"""The header of an `.npy`: what an array is, before any of its bytes are read.

numpy's own reader evaluates the header as Python, raises nearly anything on the way (RecursionError, TokenError,
TypeError) and takes memory for what the header claims. A plain array needs one pattern.

The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import re
from dataclasses import dataclass

import numpy as np

MAX_START = 12 + 10_000  # bytes up to the end of a header; numpy reads no longer one, either
MAX_DIMENSIONS = 32

_MAGIC = b"\x93NUMPY"
_LENGTHS = {(1, 0): 2, (2, 0): 4, (3, 0): 4}  # version -> bytes that say how long the header is
_NUMBER = r"[0-9]{1,18}L?"  # Python 2 wrote 28L
_ENTRY = (
    r"'(descr|fortran_order|shape)'\s*:\s*"
    rf"('[<>|=]?[biufcSUOVMm?][0-9]{{0,9}}(?:\[[0-9]{{0,3}}[a-zA-Z]{{1,2}}\])?'|True|False|\(\s*(?:{_NUMBER}\s*,\s*)*(?:{_NUMBER}\s*)?\))"
)
_HEADER = re.compile(rf"\{{\s*{_ENTRY}\s*,\s*{_ENTRY}\s*,\s*{_ENTRY}(?:\s*,)?\s*\}}\s*")


@dataclass(frozen=True)
class Header:
    """What an array is: type and shape, whether its first axis runs fastest, and at which byte it begins."""

    dtype: np.dtype
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes they take."""
        return self.count * self.dtype.itemsize


def header(content: bytes) -> Header:
    """The header in the first MAX_START bytes of an `.npy`. Raises ValueError with the reason where there is none of a
    plain array."""
    length_bytes = _LENGTHS.get((content[6], content[7])) if content[:6] == _MAGIC and len(content) > 7 else None
    if length_bytes is None:
        raise ValueError("it does not begin as an .npy of version 1, 2 or 3")
    begin = 8 + length_bytes
    end = begin + int.from_bytes(content[8:begin], "little")
    if len(content) < begin or end > len(content):
        raise ValueError("its header is longer than it or than 10,000 bytes")
    text = content[begin:end].decode("latin-1")
    found = _HEADER.fullmatch(text)
    entries = dict(zip(found.groups()[::2], found.groups()[1::2], strict=True)) if found else {}
    if not _are_of_their_kind(entries):
        raise ValueError(f"its header {text.strip()[:60]!r} is not that of a plain array")
    shape = tuple(int(number.rstrip("L")) for number in re.findall(_NUMBER, entries["shape"]))
    if len(shape) > MAX_DIMENSIONS:
        raise ValueError(f"it has {len(shape)} dimensions")
    return Header(_dtype(entries["descr"].strip("'")), shape, entries["fortran_order"] == "True", end)


def _are_of_their_kind(entries: dict[str, str]) -> bool:
    """Whether all three entries are there, each with a value as it should have."""
    begins = {name: value[0] for name, value in entries.items()}
    return begins in (
        {"descr": "'", "fortran_order": "T", "shape": "("},
        {"descr": "'", "fortran_order": "F", "shape": "("},
    )


def _dtype(descr: str) -> np.dtype:
    try:
        return np.dtype(descr)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{descr!r} is no type of numbers") from None

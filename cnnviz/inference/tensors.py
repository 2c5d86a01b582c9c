"""Files of tensors, opened with care: whoever may write into a folder of runs may put anything there."""

import json
from pathlib import Path
from typing import Any

import safetensors

from cnnviz.data.files import check_regular

MAX_HEADER = 4 * 2**20  # bytes of names, shapes and card: of 1,000 classes and a text of 20,000 letters it has 150,000

Described = dict[str, tuple[str, tuple[int, ...]]]


def opened(path: Path, framework: str) -> Any:
    """The file, whose tensors are read when they are asked for: a context. Raises OSError where it is no file or cannot
    be read, and SafetensorError where it is no .safetensors, or its header alone is too large."""
    check_regular(path)
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
    if size > MAX_HEADER:
        raise safetensors.SafetensorError(f"its header has {size:,} bytes and {MAX_HEADER:,} are the most")
    return safetensors.safe_open(path, framework)


def described(file: Any) -> Described:
    """Type ('F32', 'U8', ...) and shape of each tensor, before one is read."""
    slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
    return {name: (str(one.get_dtype()), tuple(one.get_shape())) for name, one in slices.items()}


def entry(file: Any, name: str) -> Any:
    """What the header has under a name, as JSON. Raises KeyError where it has nothing, and ValueError where that is no
    JSON."""
    try:
        return json.loads((file.metadata() or {})[name])
    except RecursionError as error:  # of thousands of brackets
        raise ValueError("it is nested too deeply") from error

"""A component's data as one piece of bytes: its JSON, then its arrays. Streamlit sends bytes as they are only
where the data are nothing else; a dictionary with bytes in it does not arrive. `packed.js` takes it apart."""

import json
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

NAMES = {"uint8": "Uint8Array", "int32": "Int32Array", "float32": "Float32Array"}  # what the browser calls them


def packed(data: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The length of the JSON (4 bytes), the JSON, the arrays (uint8, int32, float32); all filled up to 4 bytes."""
    held = [(name, NAMES[str(array.dtype)], array.size) for name, array in arrays.items()]
    header = _filled(json.dumps({**data, "arrays": held}, separators=(",", ":")).encode(), b" ")
    parts = [_filled(array.tobytes(), b"\0") for array in arrays.values()]
    return len(header).to_bytes(4, "little") + header + b"".join(parts)


def _filled(part: bytes, with_byte: bytes) -> bytes:
    """`part` to the next multiple of 4 bytes, as the browser's arrays want it."""
    return part + with_byte * (-len(part) % 4)

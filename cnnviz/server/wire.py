"""Values between the app and its helper processes: JSON, and arrays as their bytes. Never a pickle, so that nobody who
took over a helper by a file could make the app execute anything."""

import dataclasses
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import IO, Any

import numpy as np

KINDS = "biuf"  # of arrays' numbers: what has no objects in it
LARGEST = 2**30  # bytes of one message


def write(pipe: IO[bytes], value: Any) -> None:
    """One message: `value` of None, booleans, numbers, text, lists, tuples, dictionaries by text, fractions, arrays of
    numbers and dataclasses of these. Raises TypeError for anything else."""
    arrays: list[np.ndarray] = []
    body = json.dumps({"value": _plain(value, arrays), "arrays": [[one.dtype.str, one.shape] for one in arrays]})
    encoded = body.encode()
    pipe.write(len(encoded).to_bytes(8, "little") + encoded)
    for one in arrays:
        pipe.write(one.tobytes())
    pipe.flush()


def read(pipe: IO[bytes], classes: Mapping[str, type]) -> Any:
    """The next message; of dataclasses those named in `classes` alone. Raises EOFError where the other side has ended,
    and ValueError where it says what is no message."""
    message = json.loads(_exactly(pipe, int.from_bytes(_exactly(pipe, 8), "little")))
    arrays = []
    for kind, shape in message["arrays"]:
        dtype = np.dtype(str(kind))
        if dtype.kind not in KINDS:
            raise ValueError(f"arrays of {dtype} are not taken")
        content = bytearray(_exactly(pipe, dtype.itemsize * int(np.prod(shape, dtype=np.int64))))
        arrays.append(np.frombuffer(content, dtype).reshape(shape))
    return _rebuilt(message["value"], arrays, classes)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    if not 0 <= size <= LARGEST:
        raise ValueError(f"a message of {size:,} bytes is not taken")
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError("the other side has ended")
    return content


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """`value` as JSON has it; what JSON has no word for is a dictionary with one entry, whose name says what it is."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        arrays.append(np.ascontiguousarray(value))
        return {"array": len(arrays) - 1}
    if isinstance(value, list):
        return [_plain(one, arrays) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [_plain(one, arrays) for one in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _plain(one, arrays) for key, one in value.items()}}
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = {field.name: _plain(getattr(value, field.name), arrays) for field in dataclasses.fields(value)}
        return {"object": [type(value).__name__, held]}
    raise TypeError(f"a {type(value).__name__} is not sent")


def _rebuilt(value: Any, arrays: list[np.ndarray], classes: Mapping[str, type]) -> Any:
    """What `_plain` was given."""
    if isinstance(value, list):
        return [_rebuilt(one, arrays, classes) for one in value]
    if not isinstance(value, dict):
        return value
    ((what, held),) = value.items()
    match what:
        case "array":
            return arrays[held]
        case "tuple":
            return tuple(_rebuilt(one, arrays, classes) for one in held)
        case "dict":
            return {key: _rebuilt(one, arrays, classes) for key, one in held.items()}
        case "fraction":
            return Fraction(*held)
        case "object":
            name, entries = held
            if name not in classes:
                raise ValueError(f"a {name} is not taken")
            return classes[name](**{key: _rebuilt(one, arrays, classes) for key, one in entries.items()})
        case _:
            raise ValueError(f"{what!r} is no kind of value")

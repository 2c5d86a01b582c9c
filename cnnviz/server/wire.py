"""Values between the app and its helper processes: JSON, and arrays as their bytes. Never a pickle, so that nobody who
took over a helper by a file could make the app execute anything."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import IO, Any

import numpy as np

KINDS = "biuf"  # of arrays' numbers: what has no objects in it
LARGEST = 2**30  # bytes of one message
PER_LETTER = 11  # bytes that Python's objects take for a letter of JSON: a step takes 5 kB, and 450 letters
PER_BYTE = 3  # for a byte of an array, with what is computed from it
_AS_THEY_ARE = frozenset((type(None), bool, int, float, str))


def write(pipe: IO[bytes], value: Any) -> int:
    """One message: `value` of None, booleans, numbers, text, lists, tuples, dictionaries by text, fractions, arrays of
    numbers and dataclasses of these. Returns about how many bytes it holds. Raises TypeError for anything else."""
    arrays: list[np.ndarray] = []
    body = json.dumps({"value": _plain(value, arrays), "arrays": [[one.dtype.str, one.shape] for one in arrays]})
    encoded = body.encode()
    pipe.write(len(encoded).to_bytes(8, "little") + encoded)
    for one in arrays:
        pipe.write(one.tobytes())
    pipe.flush()
    return _held(encoded, arrays)


def read(pipe: IO[bytes], classes: Mapping[str, type]) -> tuple[Any, int]:
    """The next message, and about how many bytes it holds; of dataclasses those named in `classes` alone. Raises
    EOFError where the other side has ended, and ValueError where it says what is no message."""
    encoded = _exactly(pipe, int.from_bytes(_exactly(pipe, 8), "little"))
    message = json.loads(encoded)
    arrays = []
    for kind, shape in message["arrays"]:
        dtype = np.dtype(str(kind))
        if dtype.kind not in KINDS:
            raise ValueError(f"arrays of {dtype} are not taken")
        content = bytearray(_exactly(pipe, dtype.itemsize * int(np.prod(shape, dtype=np.int64))))
        arrays.append(np.frombuffer(content, dtype).reshape(shape))
    return _rebuilt(message["value"], arrays, classes), _held(encoded, arrays)


def _held(encoded: bytes, arrays: list[np.ndarray]) -> int:
    """About how many bytes a message holds, with what is computed from its arrays."""
    return PER_LETTER * len(encoded) + PER_BYTE * sum(one.nbytes for one in arrays)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    if not 0 <= size <= LARGEST:
        raise ValueError(f"a message of {size:,} bytes is not taken")
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError("the other side has ended")
    return content


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    """`value` as JSON has it; what JSON has no word for is a dictionary with one entry, whose name says what it is."""
    kind = type(value)
    if kind in _AS_THEY_ARE or isinstance(value, bool | int | float | str):
        return value
    if kind is tuple or isinstance(value, tuple):
        return {"tuple": _each(value, arrays)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"object": [kind.__name__, *_each((getattr(value, name) for name in _fields(kind)), arrays)]}  # type: ignore[arg-type]
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        arrays.append(np.ascontiguousarray(value))
        return {"array": len(arrays) - 1}
    if isinstance(value, list):
        return _each(value, arrays)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": dict(zip(value, _each(value.values(), arrays), strict=True))}
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    raise TypeError(f"a {kind.__name__} is not sent")


def _each(values: Iterable[Any], arrays: list[np.ndarray]) -> list[Any]:
    return [one if type(one) in _AS_THEY_ARE else _plain(one, arrays) for one in values]


@lru_cache(maxsize=256)
def _fields(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields, in the order in which they are sent."""
    return tuple(field.name for field in dataclasses.fields(kind))


def _rebuilt(value: Any, arrays: list[np.ndarray], classes: Mapping[str, type]) -> Any:
    """What `_plain` was given."""

    def each(values: Iterable[Any]) -> list[Any]:
        return [one if type(one) in _AS_THEY_ARE else _rebuilt(one, arrays, classes) for one in values]

    if isinstance(value, list):
        return each(value)
    if not isinstance(value, dict):
        return value
    ((what, held),) = value.items()
    match what:
        case "tuple":
            return tuple(each(held))
        case "object":
            name, *entries = held
            if name not in classes:
                raise ValueError(f"a {name} is not taken")
            names = _fields(classes[name])
            if len(names) != len(entries):
                raise ValueError(f"a {name} of {len(entries)} fields is not taken")
            return classes[name](**dict(zip(names, each(entries), strict=True)))
        case "array":
            return arrays[held]
        case "dict":
            return dict(zip(held, each(held.values()), strict=True))
        case "fraction":
            return Fraction(*held)
        case _:
            raise ValueError(f"{what!r} is no kind of value")

"""Values between the app and its helper processes: JSON, and arrays as their bytes. Never a pickle, so that nobody who
took over a helper by a file could make the app execute anything."""

import dataclasses
import json
from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import lru_cache, partial
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
    body = json.dumps(_plain(value, arrays)).encode()
    _send(pipe, json.dumps([[one.dtype.str, one.shape] for one in arrays]).encode())
    for one in arrays:
        pipe.write(one.tobytes())
    _send(pipe, body)
    pipe.flush()
    return _held(body, arrays)


def read(pipe: IO[bytes], classes: Mapping[str, type]) -> tuple[Any, int]:
    """The next message, and about how many bytes it holds; of dataclasses those named in `classes` alone. Raises
    EOFError where the other side has ended, and ValueError where it says what is no message."""
    arrays = []
    for kind, shape in json.loads(_received(pipe)):
        dtype = np.dtype(str(kind))
        if dtype.kind not in KINDS:
            raise ValueError(f"arrays of {dtype} are not taken")
        content = bytearray(_exactly(pipe, dtype.itemsize * int(np.prod(shape, dtype=np.int64))))
        arrays.append(np.frombuffer(content, dtype).reshape(shape))
    body = _received(pipe)
    return json.loads(body, object_hook=partial(_rebuilt, arrays, classes)), _held(body, arrays)


def _send(pipe: IO[bytes], content: bytes) -> None:
    """Bytes, and before them how many they are."""
    pipe.write(len(content).to_bytes(8, "little") + content)


def _received(pipe: IO[bytes]) -> bytes:
    return _exactly(pipe, int.from_bytes(_exactly(pipe, 8), "little"))


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
        return {"object": [kind.__name__, *_each([getattr(value, name) for name in _fields(kind)], arrays)]}  # type: ignore[arg-type]
    if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
        arrays.append(np.ascontiguousarray(value))
        return {"array": len(arrays) - 1}
    if isinstance(value, list):
        return _each(value, arrays)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": [[*value], _each(value.values(), arrays)]}
    if isinstance(value, Fraction):
        return {"fraction": [value.numerator, value.denominator]}
    raise TypeError(f"a {kind.__name__} is not sent")


def _each(values: Collection[Any], arrays: list[np.ndarray]) -> Collection[Any]:
    if _AS_THEY_ARE.issuperset(map(type, values)):  # as in a shape, of which there are many
        return values if isinstance(values, list | tuple) else [*values]
    return [one if type(one) in _AS_THEY_ARE else _plain(one, arrays) for one in values]


@lru_cache(maxsize=256)
def _fields(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields, in the order in which they are sent."""
    return tuple(field.name for field in dataclasses.fields(kind))


def _rebuilt(arrays: list[np.ndarray], classes: Mapping[str, type], said: dict[str, Any]) -> Any:
    """What `_plain` was given; what lies within it is rebuilt already."""
    if len(said) != 1:
        raise ValueError(f"{len(said)} entries are no value")
    match said:
        case {"tuple": list(held)}:
            return tuple(held)
        case {"object": [str(name), *entries]}:
            if name not in classes:
                raise ValueError(f"a {name} is not taken")
            names = _fields(classes[name])
            if len(names) != len(entries):
                raise ValueError(f"a {name} of {len(entries)} fields is not taken")
            return classes[name](**dict(zip(names, entries)))
        case {"array": int(number)} if 0 <= number < len(arrays):
            return arrays[number]
        case {"dict": [list(keys), list(held)]}:
            return dict(zip(keys, held, strict=True))
        case {"fraction": [int(above), int(below)]}:
            return Fraction(above, below)
        case _:
            raise ValueError(f"{', '.join(said)[:40]!r} is no kind of value")

import io
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from cnnviz.server import wire


@dataclass(frozen=True)
class Point:
    x: int
    of: tuple[float, ...]


CLASSES = {"Point": Point}


def through(value):
    pipe = io.BytesIO()
    held = wire.write(pipe, value)
    pipe.seek(0)
    read = wire.read(pipe, CLASSES)
    assert not pipe.read() and read[1] == held > 0
    return read[0]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        0.1,
        float("inf"),
        "×\n",
        [1, [2]],
        (1, ("a", None)),
        {"array": 1, "tuple": [2]},
        Fraction(-3, 4),
        Point(1, (0.5,)),
        ([Point(2, ())], {}),
    ],
)
def test_what_is_read_is_what_was_written(value):
    assert through(value) == value
    assert type(through(value)) is type(value)


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32", "float64", "bool", ">f4"])
def test_arrays_are_the_same_to_the_bit(kind):
    array = (np.arange(12).reshape(3, 4) % 5).astype(kind)
    read = through((array, array[:, ::2], array[:0]))
    assert [one.tolist() for one in read] == [array.tolist(), array[:, ::2].tolist(), []]
    assert [one.dtype for one in read] == [array.dtype] * 3
    read[0][0, 0] = 1  # and one's own


def test_nothing_else_is_sent():
    for value in (object(), {1: 2}, {"a": b"bytes"}, np.array([object()]), Point, print):
        with pytest.raises(TypeError):
            wire.write(io.BytesIO(), value)


@dataclass
class Other:
    x: int


def test_nothing_else_is_built():
    pipe = io.BytesIO()
    wire.write(pipe, Other(1))
    with pytest.raises(ValueError, match="Other"):
        wire.read(io.BytesIO(pipe.getvalue()), CLASSES)


@pytest.mark.parametrize(
    ("arrays", "body"),
    [
        ("[]", '{"call": "os.system"}'),
        ("[]", "{}"),
        ("[]", '{"tuple": 1}'),
        ("[]", '{"tuple": [], "array": 0}'),
        ("[]", '{"array": 0}'),
        ("[]", '{"dict": [["a"], []]}'),
        ("[]", '{"object": ["Point", 1]}'),
        ("[]", '{"object": ["Point", 1, {"tuple": []}, 2]}'),
        ('[["O", [1]]]', "1"),
    ],
)
def test_a_message_of_another_kind_is_refused(arrays, body):
    parts = [one.encode() for one in (arrays, body)]
    with pytest.raises(ValueError):
        wire.read(io.BytesIO(b"".join(len(one).to_bytes(8, "little") + one for one in parts)), CLASSES)


def test_a_message_that_ends_early_is_the_end():
    pipe = io.BytesIO()
    wire.write(pipe, np.arange(100))
    for size in (0, 5, 20, len(pipe.getvalue()) - 1):
        with pytest.raises(EOFError):
            wire.read(io.BytesIO(pipe.getvalue()[:size]), CLASSES)
    with pytest.raises(ValueError, match="bytes"):
        wire.read(io.BytesIO((2**62).to_bytes(8, "little")), CLASSES)


def test_what_a_message_holds_follows_its_letters_and_its_arrays():
    few, many = wire.write(io.BytesIO(), "a" * 100), wire.write(io.BytesIO(), "a" * 10_100)
    assert many - few == 10_000 * wire.PER_LETTER
    empty, full = wire.write(io.BytesIO(), np.zeros(0)), wire.write(io.BytesIO(), np.zeros(9_000))
    assert full - empty == pytest.approx(72_000 * wire.PER_BYTE, rel=0.01)

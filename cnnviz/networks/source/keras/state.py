"""How far a translation of Keras's layers is, and what its rules share: the values that a layer is given, and the sizes
that come of a window."""

from dataclasses import dataclass, field
from typing import Any

from cnnviz.networks.notation.layers import MAX_TRACED
from cnnviz.networks.source.keras.kinds import NoCounterpartError, Shape

_ORDER_NOTE = (
    "Keras flattens with channels last and PyTorch with channels first: the layers are the same, "
    "but weights of {} would have to be put into another order."
)
FLATTENED, UNFLATTENED = (_ORDER_NOTE.format(which) for which in ("the next Linear", "the Linear before it"))


@dataclass
class State:
    """How far a translation is: the shape that the next layer takes, None before it is known, with channels last also
    where the text has them `first`; whether layers work on `rows`, so that two axes are one of cells and channels."""

    shape: Shape | None = None
    first: bool = False
    rows: bool = False
    input_shape: tuple[int, ...] = ()
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    line: int = 0

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def wrong(self, sentence: str) -> NoCounterpartError:
        return NoCounterpartError(f"Line {self.line}: {sentence}" if self.line else sentence)

    def take(self, axes: int, kind: str) -> tuple[tuple[int | None, ...], int]:
        """The sizes and the channels that come in, of a layer that works along so many axes."""
        shape = self.shape
        if shape is None:
            raise self.wrong(
                f"the shape of the input is not in the text, so that the sizes of {kind} cannot be worked out; "
                "give the first layer input_shape=(28, 28, 1), for instance."
            )
        if len(shape) != axes + 1:
            raise self.wrong(f"{kind} takes {axes + 1} axes beside the batch, and {shape_shown(shape)} comes in.")
        channels = shape[-1]
        if channels is None:
            raise self.wrong(f"the number of channels that {kind} takes is not given.")
        return shape[:-1], channels

    def last_axis(self, kind: str) -> None:
        """Raises NoCounterpartError where the last axis, along which a layer works, is none of channels."""
        if self.first and self.shape is not None and len(self.shape) > 1:
            raise self.wrong(
                f"{kind} works along the last axis, which with channels_first are the columns of pictures: there is no "
                "counterpart."
            )


def shape_shown(shape: Shape) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def set_input(state: State, shape: Shape) -> None:
    """The input's shape with channels first."""
    known = tuple(one for one in (shape[-1], *shape[:-1]) if one is not None)
    state.input_shape = known if len(known) == len(shape) else ()


def for_axes(state: State, value: Any, axes: int, what: str, low: int = 1) -> tuple[int, ...]:
    """One number for each axis."""
    parts = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    if len(parts) == 1:
        parts *= axes
    if len(parts) != axes or not all(type(part) is int and low <= part <= 512 for part in parts):
        raise state.wrong(f"{what} is {str(value)[:40]}, and a whole number from {low} to 512 for each axis is wanted.")
    return parts


def whole(state: State, value: Any, what: str) -> int:
    if type(value) is not int or not 1 <= value <= MAX_TRACED:
        raise state.wrong(f"{what} is {str(value)[:40]}, and a whole number from 1 to {MAX_TRACED:,} is wanted.")
    return value


def number(state: State, value: Any, what: str) -> float:
    if type(value) not in (int, float):
        raise state.wrong(f"{what} is {str(value)[:40]}, and a number is wanted.")
    number: float = value
    return number


def pads_same(state: State, given: dict[str, Any]) -> bool:
    """Whether the padding is 'same'."""
    padding = given.get("padding", "valid")
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise state.wrong(f"the padding is {str(padding)[:40]!r}, and 'valid' or 'same' is translated.")
    return padding.lower() == "same"


def size_after(size: int | None, kernel: int, stride: int, dilation: int, same: bool) -> int | None:
    """ceil(n / s), or ceil((n - d (k - 1)) / s) without padding."""
    if size is None:
        return None
    return -(-size // stride) if same else -(-(size - dilation * (kernel - 1)) // stride)


def padded(size: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """How many cells 'same' pads along an axis, both sides together."""
    return max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)

"""Other sizes of the input that a network would take: those of which no cell is left over, then the nearest."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, prod

from cnnviz.tracing.explaining import oversized_window, sizes_of, wanted_width
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import Shape, Step

USUAL = (28, 32, 64, 96, 224, 227, 256)  # sides of inputs that networks are made for
LARGEST = 512  # side
NEAR = 12  # sides tried above and below

Look = Callable[[Shape], Stopped | None]  # where the network stops for such an input; None where it does not


def other_sizes(input_shape: Shape, stopped: Stopped, steps: Sequence[Step], look: Look) -> Iterator[Shape]:
    """Inputs (N, C, ...) of other sizes worth trying."""
    tried = {input_shape}
    for shape in _worth_trying(input_shape, stopped, steps, look):
        if shape not in tried and min(shape[2:]) > 0:
            tried.add(shape)
            yield shape


def _too_large(stopped: Stopped | None) -> int:
    """1 where it stopped for an input too large, -1 for one too small, 0 where neither can be said."""
    if stopped is None or not stopped.shapes or not stopped.shapes[0]:
        return 0
    if oversized_window(stopped) is not None:
        return -1
    shape, wanted = stopped.shapes[0], wanted_width(stopped)
    sizes = sizes_of(stopped)
    if wanted is not None and len(shape) == 2:
        met = shape[-1]
    elif sizes:
        met, wanted = prod(shape[1:]), prod(size for size in sizes if size > 0)
    else:
        return 0
    return (met > wanted) - (met < wanted)


def _worth_trying(input_shape: Shape, stopped: Stopped, steps: Sequence[Step], look: Look) -> Iterator[Shape]:
    head, sides = input_shape[:2], input_shape[2:]
    if not sides:
        return
    if len(stopped.shapes) > 1:
        yield from _multiples(head, sides, steps)
    sign = _too_large(stopped)
    if sign:
        side = _least(head, sides, sign, look)
        if sign < 0:
            yield (*head, *(max(one, side) for one in sides))
        yield (*head, *(side,) * len(sides))
    for more in sorted(range(-NEAR, NEAR + 1), key=abs):
        yield (*head, *(one + more for one in sides))
    for side in sorted(USUAL, key=lambda side: abs(side - sides[0])):
        yield (*head, *(side,) * len(sides))


def _multiples(head: Shape, sides: Shape, steps: Sequence[Step]) -> Iterator[Shape]:
    """Sides that halve evenly as often as the network halves them, each axis by itself."""
    jumps = [ceil(max(step.jump)) for step in steps if step.jump]
    largest = max(jumps, default=1)
    for unit in (largest, 2 * largest) if largest > 1 else ():
        yield (*head, *(max(1, (side + unit // 2) // unit) * unit for side in sides))


def _least(head: Shape, sides: Shape, sign: int, look: Look) -> int:
    """The least side, all alike, that is not too small; LARGEST where there is none."""
    bad, good = (min(sides), max(LARGEST, *sides)) if sign < 0 else (0, max(sides))
    while good - bad > 1:
        middle = (bad + good) // 2
        if _too_large(look((*head, *(middle,) * len(sides)))) < 0:
            bad = middle
        else:
            good = middle
    return good

"""Inputs for which a check of the text's own holds, as an assert on the height of what arrives: of other sizes than the
one for which it does not, one axis alone before all of them."""

from collections.abc import Iterator, Sequence
from itertools import islice

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.fixes import keeps_images
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import runs
from cnnviz.tracing.sizes import LARGEST, NEAR, USUAL
from cnnviz.tracing.steps import Shape

MAX_SIZES = 96  # that are tried


def size_that_holds(network: nn.Module, shapes: Sequence[Shape], numbers: Sequence[int]) -> tuple[str, Shape] | None:
    """The first other size of the first of those inputs for which the network runs to its end, and what it is called;
    None where there is none. `numbers` are those that the check is about. Inputs that are like the first change with
    it."""
    first = shapes[0]
    for shape in islice(_sizes(first, numbers), MAX_SIZES):
        given = tuple(shape if one == first else one for one in shapes)
        if runs(weightless(network, lazy=True), *given) and keeps_images(weightless(network, lazy=True), given):
            sizes = shape[2:] if len(shape) > 3 and shape[1] == first[1] else shape[1:]
            return f"an input of {times(sizes)}", shape
    return None


def _sizes(shape: Shape, numbers: Sequence[int]) -> Iterator[Shape]:
    """Inputs of other sizes worth trying: multiples of the numbers of the check, these themselves, halves, usual sides
    and those that are near."""
    tried = {shape}
    for one in _changed(shape, [*dict.fromkeys(number for number in numbers if 0 < number <= LARGEST)]):
        if one not in tried and min(one) > 0:
            tried.add(one)
            yield one


def _changed(shape: Shape, numbers: Sequence[int]) -> Iterator[Shape]:
    head, sides = shape[:2], shape[2:]
    for number in (one for one in numbers if 1 < one <= max(sides, default=0)):
        for more in (number // 2, number - 1, 0):  # the nearest multiples, the next, the last
            yield from _each(shape, [max(1, (side + more) // number) * number for side in sides])
    for number in numbers:
        yield from _each(shape, [number] * len(sides))
    for number in numbers:
        yield (head[0], number, *sides)
    yield from _each(shape, [side // 2 for side in sides])
    yield from _each(shape, [2 * side for side in sides])
    if not sides:
        return
    for usual in sorted(USUAL, key=lambda one: abs(one - sides[0])):
        yield from _each(shape, [usual] * len(sides))
    for more in sorted(range(-NEAR, NEAR + 1), key=abs):
        yield from _each(shape, [side + more for side in sides])


def _each(shape: Shape, wanted: Sequence[int]) -> Iterator[Shape]:
    """Those sides, one of them alone at first, then all."""
    head, sides = shape[:2], shape[2:]
    for axis, side in enumerate(wanted):
        yield (*head, *sides[:axis], side, *sides[axis + 1 :])
    yield (*head, *wanted)

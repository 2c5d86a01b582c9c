"""Other sizes of the input that a network would take: those of which no cell is left over, then the nearest; a
sequence, an image or a volume where the first layer takes that and the input is another."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import ceil, prod

from cnnviz.tracing.causes import MOVING
from cnnviz.tracing.explaining import (
    laid_in_a_row,
    oversized_window,
    rank_wanted,
    sequence_wanted,
    side_of,
    sizes_of,
    wanted_width,
)
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import Shape, Step

OF_ALEXNET, FARTHER = 227, 4  # tried after 224, which other networks want, where both are to be had
USUAL = (28, 32, 64, 96, 224, OF_ALEXNET, 256)  # sides of inputs that networks are made for
LARGEST = 512  # side
SMALLEST = 8  # side of a picture
NEAR = 12  # sides tried above and below
ALIKE = 4  # by how much a usual side may be larger than the least that is found
LENGTHS = (100, 1000, 16000)  # of sequences, in steps
SIDES = (32, 224)  # of images where the input was none
DEPTH = 16  # of volumes, in pictures

Look = Callable[[Shape], Stopped | None]  # where the network stops for such an input; None where it does not


def other_sizes(input_shape: Shape, stopped: Stopped, steps: Sequence[Step], look: Look) -> Iterator[Shape]:
    """Inputs (N, C, ...) of other sizes worth trying."""
    tried = {input_shape}
    worth = _of_another_form(input_shape, stopped, look) or _worth_trying(input_shape, stopped, steps, look)
    for shape in chain(_laid_as_they_are(input_shape, stopped, steps), worth):
        if shape not in tried and min(shape[2:]) > 0 and not _is_speck(shape, input_shape):
            tried.add(shape)
            yield shape


def is_beyond_sizes(input_shape: Shape, stopped: Stopped, steps: Sequence[Step], look: Look) -> bool:
    """Whether no other sides of the input change what a layer of another width is given: where it takes no multiple of
    the maps that are laid in its row, or is given as much of an image of twice the sides."""
    wanted, laid = wanted_width(stopped), laid_in_a_row(stopped, steps)
    if wanted is None or stopped.is_of_input or len(input_shape) < 3 or not stopped.shapes[0]:
        return False
    if _met(stopped) == wanted:  # it stops for another reason, as a window that is larger than its maps
        return False
    if laid is not None:
        if laid.sources[0] in stopped.inputs:
            return False
        is_of_maps = len(stopped.shapes[0]) == 2 and not any(step.operation in MOVING for step in steps)
        if is_of_maps and wanted % laid.input_shape[1]:
            return True
    now = look((*input_shape[:2], *(2 * side for side in input_shape[2:])))
    is_same = now is not None and now.name == stopped.name and wanted_width(now) == wanted
    return now is not None and is_same and _met(now) == _met(stopped)


def _met(stopped: Stopped) -> int:
    """The channels or features that arrive."""
    shape = stopped.shapes[0]
    return shape[-1] if stopped.operation.name == "Linear" or len(shape) < 3 else shape[1]


def _is_speck(shape: Shape, input_shape: Shape) -> bool:
    """Whether those are pictures smaller than any that a network is made for, and far smaller than the given ones."""
    side = min(shape[2:])
    return len(shape) == len(input_shape) == 4 and side < SMALLEST and 2 * side < min(input_shape[2:])


def _of_another_form(input_shape: Shape, stopped: Stopped, look: Look) -> Iterator[Shape] | None:
    """Inputs of as many dimensions, and of as many channels, as the first layer takes; None where the input has as
    many, or arrives otherwise."""
    features, wanted = sequence_wanted(stopped), wanted_width(stopped)
    if stopped.shapes[:1] != (input_shape,) or not input_shape:
        return None
    count, sides = input_shape[0], input_shape[2:]
    if features is not None:
        is_turned = len(input_shape) == 3 and input_shape[1] == features
        return iter([(count, *(sides[:1] if len(sides) > 1 or is_turned else input_shape[1:2]), features)])
    rank = rank_wanted(stopped)
    if wanted is None or rank == 0 or (rank == len(input_shape) and input_shape[1] == wanted):
        return None
    if rank == len(input_shape):
        return _from([sides], (count, wanted), look)
    starts: dict[int, list[Shape]] = {
        3: [(length,) for length in LENGTHS],
        4: [(side, side) for side in SIDES],
        5: [(DEPTH, *sides[-2:])] if len(sides) == 2 else [(DEPTH, side, side) for side in SIDES],
    }
    is_row = input_shape[1:] == (wanted,)  # of numbers, such as noise, of which maps are made
    return _from([*([(1,) * (rank - 2)] if is_row else []), *starts[rank]], (count, wanted), look)


def _laid_as_they_are(input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Shape]:
    """Images of as many numbers as a linear layer takes, or a view, that meets an image as it is given: of as many
    channels, of one or of three."""
    laid, axes = laid_in_a_row(stopped, steps), len(input_shape) - 2
    is_given = stopped.is_of_input if laid is None else laid.sources[0] in stopped.inputs
    if axes < 1 or not is_given:
        return
    wanted = prod(size for size in sizes_of(stopped) if size > 0) if laid is None else wanted_width(stopped)
    for count in (input_shape[1], 1, 3):
        side = side_of(wanted, (1, count, *(1,) * axes)) if wanted and count else None
        if side is not None:
            yield (input_shape[0], count, *side)


def usual_near(shape: Shape) -> Iterator[Shape]:
    """The same image with sides that inputs usually have, where it has none of them and some are a little larger."""
    sides = shape[2:]
    if len(sides) == 2 and len(set(sides)) == 1 and sides[0] not in USUAL:
        yield from ((*shape[:2], side, side) for side in USUAL if sides[0] < side <= sides[0] + ALIKE)


def larger(shape: Shape) -> Iterator[Shape]:
    """Larger ones of that input: a network takes it or more where it takes all of these, and of each picture gives
    one row."""
    head, sides = shape[:2], shape[2:]
    for grown in ([side + 1 for side in sides], [side + 2 for side in sides], [2 * side for side in sides]):
        yield (*head, *grown)
    yield (*head, *(LARGEST,) * len(sides))


def _from(starts: Sequence[Shape], head: Shape, look: Look) -> Iterator[Shape]:
    """Those inputs, and what is worth trying from each."""
    yield from ((*head, *start) for start in starts)
    for start in starts:
        now = look((*head, *start))
        if now is not None:
            yield from _worth_trying((*head, *start), now, (), look)


def _too_large(stopped: Stopped | None) -> int:
    """1 where it stopped for an input too large, -1 for one too small, 0 where neither can be said."""
    if stopped is None or not stopped.shapes or not stopped.shapes[0]:
        return 0
    if oversized_window(stopped) is not None:
        return -1
    shape, wanted = stopped.shapes[0], wanted_width(stopped)
    sizes = sizes_of(stopped)
    if wanted is not None and (len(shape) == 2 or (len(shape) == 3 and stopped.operation.name == "Linear")):
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
        if oversized_window(stopped) is not None:  # first the one axis that is too short: a clip of too few pictures
            yield from ((*head, *found) for axis in range(len(sides)) if (found := _along(axis, head, sides, look)))
        side = _least(head, sides, sign, look)
        if sign < 0:
            yield (*head, *(max(one, side) for one in sides))
        yield (*head, *(side,) * len(sides))
    for more in sorted(range(-NEAR, NEAR + 1), key=abs):
        yield (*head, *(one + more for one in sides))
    for side in sorted(USUAL, key=lambda side: abs(side - sides[0]) + (FARTHER if side == OF_ALEXNET else 0)):
        yield (*head, *(side,) * len(sides))


def _multiples(head: Shape, sides: Shape, steps: Sequence[Step]) -> Iterator[Shape]:
    """Sides that halve evenly as often as the network halves them, each axis by itself."""
    jumps = [ceil(max(step.jump)) for step in steps if step.jump]
    largest = max(jumps, default=1)
    for unit in (largest, 2 * largest) if largest > 1 else ():
        yield (*head, *(max(1, (side + unit // 2) // unit) * unit for side in sides))


def _along(axis: int, head: Shape, sides: Shape, look: Look) -> Shape | None:
    """The sides where the least is along one axis that is not too small, the others as they are; None where there is
    none, as where another is too small, too."""

    def of(side: int) -> Shape:
        return (*sides[:axis], side, *sides[axis + 1 :])

    bad, good = sides[axis], max(LARGEST, 2 * sides[axis])
    if len(sides) < 2 or _too_large(look((*head, *of(good)))) < 0:
        return None
    while good - bad > 1:
        middle = (bad + good) // 2
        bad, good = (middle, good) if _too_large(look((*head, *of(middle)))) < 0 else (bad, middle)
    return of(good)


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

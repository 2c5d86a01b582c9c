"""Whether a network treats every image by itself: what one image and what N images give, step by step.

N is the smallest prime from 11 on that neither equals nor divides any size of the trace of one image: so no size can be
taken for it. A step is independent of the batch where its two shapes differ in one axis alone, 1 and N, which is the
first where nothing has moved it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import prod

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.along import ALONG_DIM, EXCHANGING, SEQUENCES, SOFTMAXES
from cnnviz.tracing.causes import MOVING, RESHAPING, cause_of, squeezed
from cnnviz.tracing.explaining import called, explain
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.reduced import REDUCING
from cnnviz.tracing.squeezing import Squeezes, losing_the_image, record_as_many
from cnnviz.tracing.steps import INPUT, Shape, Step, ancestors, result_shape

MIN_BATCH = 11
RECURRENT = ("LSTM", "GRU", "RNN")
PICKING = {"Slice", "Gather", "Index select", "Take along dim"}  # by numbers that another step may have given
PARTING, JOINING = {"Split", "Chunk", "Unbind"}, {"Concatenate", "Stack"}  # the pieces in their order
WIDENED = {"Unsqueeze", "Slice", "Expand", "Reshape"}  # what is made so to be repeated

# where the images of a tensor stand and how many rows each has there, several of the windows of an image, say, which
# another view parts again; None where they are mixed
_Axis = tuple[int, int] | None
_FREE = (-1, 1)  # of what is made of no image: zeros of the same type


@dataclass(frozen=True)
class Mixed:
    """A step at which the images of a batch meet, or at which their number changes, in a sentence without a full stop.

    `kind` is one of rows (their number changes), mixed, moved (their axis), dim (along their axis), lstm, alone (one
    image runs and several do not), several (the other way round), squeeze (one image loses its axis), broadcast, norm
    (one image in training, or the batch's own mean) and maps (a linear layer on maps). `trains` says whether each image
    still has a row of its own, so that it can be trained.
    """

    step: str
    kind: str
    sentence: str
    trains: bool = False


def mixing(
    network: nn.Module, input_shape: Shape, *further: Shape, names: Sequence[str] = (INPUT,)
) -> tuple[Mixed, ...]:
    """Where `network` does not treat every image of an input (N, ...) by itself; () where it does. In evaluation mode,
    but for what is said of batch norm. Of a network that takes several inputs, which go by `names`, `further` ones have
    as many images.

    A network that runs neither for one image nor for the N of `input_shape` gives (). Raises ValueError where it cannot
    be followed, as `trace` does.
    """
    own, shapes = weightless(network), (input_shape, *further)
    one, stopped = record(own, *_of(1, shapes), names=names)
    if stopped is not None:
        return _only_several(own, shapes, names, stopped, one)
    number = coprime(one, *shapes)
    squeezes = Squeezes()
    with squeezes:
        many, now = record(own, *_of(number, shapes), names=names)
    if now is not None:
        if further and now.operation.is_a(*RECURRENT):
            return ()  # one of its inputs is a state, whose images stand behind its layers
        changed = _first_changed(own, one, many, number, now)
        return (*changed, _only_one(own, (number, *input_shape[1:]), now, many))[:1]
    lost = losing_the_image(_judged(one), _judged(many))
    if lost:
        one, _ = record_as_many(own, _of(1, shapes), squeezes.taken, names)
    return (*map(_squeezed, lost), *_compared(own, one, many, number))


def _of(number: int, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The same inputs, of so many images."""
    return tuple((number, *shape[1:]) for shape in shapes)


def coprime(steps: Sequence[Step], *inputs: Shape) -> int:
    """The smallest prime from 11 on that neither equals nor divides any size of the inputs, of the steps or of their
    parameters."""
    sizes = {size for shape in inputs for size in shape[1:]}
    for step in steps:
        shapes = (*step.input_shapes, step.output_shape, *(shape for _, shape in step.tensors))
        sizes |= {size for shape in (*shapes, step.kernel or (), step.stride or ()) for size in shape}
    return next(
        number
        for number in count(MIN_BATCH)
        if all(number % low for low in range(2, int(number**0.5) + 1))
        and all(size % number or not size for size in sizes)
    )


def _judged(steps: Sequence[Step], sources: Sequence[str] = ()) -> list[Step]:
    """The steps on the way to the result, or to what `sources` feed: what is only printed, stored or asked for its
    shape mixes nothing. All of them where nobody can tell."""
    ends = sources or tuple(step.name for step in steps if step.result is not None)
    return ancestors(steps, ends) if ends else list(steps)


def _compared(
    network: nn.Module, one: Sequence[Step], many: Sequence[Step], number: int, sources: Sequence[str] = ()
) -> list[Mixed]:
    """What the two traces say, step by step on the way to the result, or to `sources`. Where each image has its row in
    the end, it can be trained, whatever else it meets."""
    one, many = _judged(one, sources), _judged(many, sources)
    if [step.name for step in one] != [step.name for step in many]:
        each = result_shape(many, ())[:1] == (number,)
        return [Mixed("", "rows", f"the network does other steps for {number} images than for one", trains=each)]
    walk = _Walk(network, many, number)
    found = [mixed for pair in zip(one, many, strict=True) for mixed in walk.step(*pair)]
    found += walk.end(one, many)
    return [replace(mixed, trains=mixed.trains or walk.kept) for mixed in found]


class _Walk:
    """Where the images stand, followed through the steps of two traces."""

    def __init__(self, network: nn.Module, many: Sequence[Step], number: int):
        self.modules, self.number = dict(network.named_modules()), number
        self.made = {step.name: step for step in many}
        inputs = {source for step in many for source in step.sources} - set(self.made)
        self.where: dict[str, _Axis] = dict.fromkeys(inputs, (0, 1))
        self.slower = dict.fromkeys(
            inputs, 1
        )  # of the rows that each image has, how many stand before the images, not within each
        self.moved, self.folded, self.carried = False, "", False
        self.parted: dict[str, Mixed] = {}  # what is to say of steps whose pieces may be joined again
        self.kept = True

    def step(self, single: Step, several: Step) -> Iterator[Mixed]:
        """What is to say of a step, of one image and of several."""
        axis = _axis(single.output_shape, several.output_shape, self.number)
        parted = [self.parted.pop(source) for source in dict.fromkeys(several.sources) if source in self.parted]
        if len(parted) == 1 == len(set(several.sources)) and several.operation in JOINING and axis == (0, 1):
            self.where[several.name], self.slower[several.name] = axis, 1
            return
        yield from parted
        feeding = several.sources[:1] if several.operation.endswith(" as") else several.sources  # others give a shape
        before = [self.where.get(source) for source in feeding if self.where.get(source) != _FREE]
        if not before or several.operation.startswith("New "):
            axis = _FREE
        mixed = before and all(one is None for one in before)  # said already
        taken = None in before and several.operation in PICKING  # in an order that mixes
        self.where[several.name] = None if mixed or taken else axis
        self.slower[several.name] = self.rows_before(several, single)
        self.folded = self.folded or (several.name if axis is not None and axis[1] > 1 else "")
        if not mixed and not taken and axis != _FREE:
            yield from self.remarks(single, several, axis, before)
        self.moved = self.moved or several.operation in MOVING

    def remarks(self, single: Step, several: Step, axis: _Axis, before: Sequence[_Axis]) -> Iterator[Mixed]:
        """What is to say of a step that images come to which have their axis `before`, and then `axis`."""
        came = _axis(single.input_shape, several.input_shape, self.number)
        if axis is None:
            if None not in before and several.operation in PARTING:
                self.parted[several.name] = _changed(several, self.number)
            elif None not in before:
                yield _changed(several, self.number)
        elif self.slower[several.name] == 0:
            self.where[several.name] = None
            yield _laid_across(several)
        elif came is not None and came[0] in several.along:
            if several.operation in EXCHANGING:
                self.where[several.name] = None
            if several.operation not in SEQUENCES or not self.carried:  # a stack of them is told once
                yield _mixes_along(several, came[0], self.modules.get(several.module))
            self.carried = self.carried or several.operation in SEQUENCES
        elif None not in before:
            layer = self.modules.get(several.module) if several.module else None
            if isinstance(layer, _BatchNorm) and prod(single.input_shape) == single.input_shape[1]:
                yield _one_number(several)
            if several.operation == "Add" and not self.is_meant(several):
                yield from _repeated(several)
            if several.operation == "Linear" and len(several.input_shape) == 4 and not self.moved:
                yield _on_maps(several)

    def is_meant(self, step: Step) -> bool:
        """Whether a sum repeats what was made to be repeated, or what belongs to no row of its own: features of two
        branches, of which one has a single number, as the value and the advantages of a dueling network. What goes
        around its own body as it is has to have its shape, and maps of one channel are no summand of others."""
        made = [self.made.get(source) for source in step.sources]
        if any(one is not None and _is_widened(one) for one in made):
            return True
        shapes, sources = step.input_shapes, step.sources
        if len({*map(len, shapes)}) != 1 or len(sources) != 2 or len({shape[0] for shape in shapes}) != 1:
            return False
        steps = [*self.made.values()]
        around = any(
            outer in one.sources for inner, outer in (sources, sources[::-1]) for one in ancestors(steps, (inner,))
        )
        return not around and (len(shapes[0]) < 4 or len({shape[1] for shape in shapes}) == 1)

    def rows_before(self, step: Step, single: Step) -> int:
        """How many of the rows of each image in the result of a step stand before the axis of the images, as of two
        pictures one behind the other, (2N, ...); 0 where another view has laid numbers of several images in one row:
        for that, as many numbers stand before an image as before, in the order in which they lie."""
        axis = self.where[step.name]
        if axis in (None, _FREE) or not step.sources:
            return 1
        source = next((name for name in step.sources if self.where.get(name) not in (None, _FREE)), step.sources[0])
        came = _axis(single.input_shape, step.input_shape, self.number)
        before = self.slower.get(source, 1) if came is not None and came[1] > 1 else 1
        if step.operation not in RESHAPING or came is None:
            ratio = axis[1] // came[1] if came is not None and axis[1] > came[1] > 0 else 1
            more = ratio if step.operation in ("Concatenate", "Repeat", "Tile") else 1
            return before * more if axis[1] > 1 else 1
        part, rest = divmod(prod(single.input_shape[: came[0]]) * before, prod(single.output_shape[: axis[0]]))
        return 0 if rest or not part or axis[1] % part else part

    def end(self, one: Sequence[Step], many: Sequence[Step]) -> Iterator[Mixed]:
        """What is to say of the result: a piece of what its step gives, perhaps."""
        yield from self.parted.values()
        last = many[-1] if many else None
        axis = self.where[last.name] if last is not None else _FREE
        if last is None or axis == _FREE:
            return
        if axis is not None:
            last = replace(last, output_shape=result_shape(many, ()))
            axis = _axis(result_shape(one, ()), last.output_shape, self.number)
            if axis is None:
                yield _changed(last, self.number)
        self.kept = axis == (0, 1)
        if axis is not None and axis[1] > 1:
            yield _changed(next((step for step in many if step.name == self.folded), last), self.number)
        elif axis is not None and axis[0] != 0:
            text = f"{_named(last)} ends with the images along axis {axis[0]} and not along the first"
            yield Mixed(last.name, "moved", text)


def _is_widened(step: Step) -> bool:
    """Whether what a step gives was made to be repeated: by its word, or by a mean that leaves its axes."""
    came, left = step.input_shape, step.output_shape
    return step.operation in WIDENED or (step.operation in REDUCING and len(came) == len(left) and came != left)


def _laid_across(step: Step) -> Mixed:
    """A view that takes the axis of the images for another."""
    text = (
        f"{_named(step)} makes {times(step.output_shape)} of {times(step.input_shape)} in the order in which the "
        "numbers lie, so that numbers of several images come into one row"
    )
    return Mixed(step.name, "mixed", f"{text}; the images come first again by transpose or permute, and then a view")


def _squeezed(step: Step) -> Mixed:
    """A squeeze that takes away the axis of one image, and not that of several."""
    keeps = "squeeze(dim) keeps it" if 1 in step.input_shape[1:] else "without it the axis stays"
    text = f"{_named(step)} takes away {squeezed(step)} where there is but one; {keeps}"
    return Mixed(step.name, "squeeze", text, trains=True)


def _mixes_along(step: Step, axis: int, layer: nn.Module | None) -> Mixed:
    """A step that goes over the images."""
    name, rank, at = _named(step), len(step.input_shape), f"along axis {axis}, which is that of the images"
    if step.operation.startswith("BatchNorm"):
        return _normalised(step)
    if step.operation in SEQUENCES:
        return _for_time(step, axis, layer)
    apart = "the images come first again by transpose or permute"
    if step.operation in EXCHANGING:
        if step.operation == "Slice":
            apart = "x itself leaves them where they are"
        elif rank > 1:
            other = f"dim={_other(axis)}" if step.operation in ALONG_DIM else f"dims without {axis}"
            apart = f"{other} leaves them where they are"
        return Mixed(step.name, "dim", f"{name} goes {at}, so that they change places; {apart}")
    if step.operation in ALONG_DIM:
        same = ", and one image by itself always gives the same" if step.operation in SOFTMAXES else ""
        apart = f"dim={_other(axis)} keeps them apart"
        return Mixed(step.name, "dim", f"{name} goes {at}, so that they mix{same}; {apart}")
    if axis == 0:
        is_norm = step.operation.endswith("Norm")
        apart = "x.shape[1:] in place of x.shape keeps them apart" if is_norm else "x.unsqueeze(1) keeps them apart"
    return Mixed(step.name, "dim", f"{name} takes numbers together {at}, so that they mix; {apart}")


def _other(axis: int) -> int:
    """An axis that is not that of the images."""
    return 1 if axis == 0 else -1


def _for_time(step: Step, axis: int, layer: nn.Module | None) -> Mixed:
    """A recurrent layer or an attention that goes from image to image."""
    first, rank = getattr(layer, "batch_first", False), len(step.input_shape)
    taken = "the first axis, that of the images," if axis == 0 else f"axis {axis}, that of the images,"
    goes = "each looks at the others" if step.operation == "MultiheadAttention" else "each is carried on to the next"
    text = f"{_named(step)} takes {taken} for time, so that {goes}"
    if rank == 2:
        apart = f"x.unsqueeze({1 if first else 0})"
    elif not first:
        apart = "batch_first=True" if layer is not None else "x.transpose(0, 1)"
    else:
        apart = "x.unsqueeze(1) in place of x.unsqueeze(0)" if step.input_shape[0] == 1 else "batch_first=False"
    return Mixed(step.name, "lstm", f"{text}; {apart} keeps them apart", trains=True)


def _axis(single: Shape, several: Shape, number: int) -> _Axis:
    """The one axis in which the shapes differ, by a factor of `number`, and its size for one image."""
    pairs = list(zip(single, several, strict=False))
    differ = [index for index, (low, high) in enumerate(pairs) if low != high]
    if len(single) != len(several) or len(differ) != 1 or several[differ[0]] != number * single[differ[0]]:
        return None
    return differ[0], single[differ[0]]


def _changed(step: Step, number: int) -> Mixed:
    """A step after which there are not as many rows as images."""
    name, rows = _named(step), step.output_shape[0] if step.output_shape else 0
    if step.operation == "Concatenate":
        text = f"{name} joins its sources along the batch: {number} images become {rows:,}; dim=1 stacks their channels"
        return Mixed(step.name, "rows", text)
    if step.operation in ("Flatten", "Reshape", "Unflatten") and len(step.output_shape) == 1:
        text = (
            f"{name} lays the images of the batch in one row, too: {number} images become one row of {rows:,} numbers"
        )
        keeps = "x.size(0) as the first size" if "view" in step.name or "reshape" in step.name else "start_dim=1"
        return Mixed(step.name, "rows", f"{text}; {keeps} leaves each its own")
    if step.operation in ("Flatten", "Reshape", "Unflatten") and rows != number:
        made = f"{rows:,} row{'' if rows == 1 else 's'} of {number} images"
        text = f"{name} makes {made}; x.size(0) as the first size, or nn.Flatten(), keeps them"
        return Mixed(step.name, "rows", text)
    if step.operation.startswith(("Conv1d", "MaxPool1d", "AvgPool1d")) and len(step.input_shape) == 2:
        text = f"{name} takes {times(step.input_shape)} as channels and length, without a batch"
        return Mixed(step.name, "mixed", f"{text}; x.unsqueeze(1) makes each row one channel")
    shapes = f"{times(step.output_shape) or 'a single number'} of {number} images"
    return Mixed(step.name, "mixed", f"{name} makes {shapes}, in which no axis is theirs any more: they are mixed")


def _one_number(step: Step) -> Mixed:
    """A batch norm that has nothing to take a mean of where one image is trained."""
    name = _named(step)
    text = f"{name} meets one number a channel for each image, and in training torch refuses a batch of one image"
    return Mixed(step.name, "norm", text, trains=True)


def _normalised(step: Step) -> Mixed:
    """A batch norm by the mean of the batch itself, also in use."""
    text = (
        f"{_named(step)} takes mean and variance from the batch in use, too, so that each image changes with the others"
    )
    return Mixed(step.name, "norm", f"{text}; running statistics keep them apart", trains=True)


def _repeated(step: Step) -> Iterator[Mixed]:
    """A sum of shapes that are not the same."""
    shapes = [shape[1:] for shape in step.input_shapes]
    if len(set(shapes)) > 1:
        met = " and ".join(map(times, shapes))
        yield Mixed(step.name, "broadcast", f"{_named(step)} adds {met}: the smaller one is repeated", trains=True)


def _on_maps(step: Step) -> Mixed:
    """A linear layer that meets maps as they are."""
    rows = (
        f"{_named(step)} goes over each row of {step.input_shape[-1]:,} numbers of {times(step.input_shape[1:])} alone"
    )
    return Mixed(step.name, "maps", f"{rows}; nn.Flatten() before it lays an image in one row", trains=True)


def _only_several(
    network: nn.Module, shapes: Sequence[Shape], names: Sequence[str], alone: Stopped, one: Sequence[Step]
) -> tuple[Mixed, ...]:
    """A network that does not run for one image: where it changes the rows of those for which it was asked."""
    (steps, stopped), number = record(network, *shapes, names=names), shapes[0][0]
    if stopped is not None or number == 1:
        return ()
    step = next((step for step in _judged(steps) if step.input_shape[:1] == (number,) != step.output_shape[:1]), None)
    if step is not None:
        return (_changed(step, number),)
    why = _why(network, (1, *shapes[0][1:]), alone, one)
    return (Mixed(alone.name, "several", f"the network takes {number:,} images and not one at a time: {why}"),)


def _first_changed(
    network: nn.Module, one: Sequence[Step], many: Sequence[Step], number: int, stopped: Stopped
) -> tuple[Mixed, ...]:
    """The first step before the stop that changes the number of rows; () where none does."""
    found = _compared(network, one[: len(many)], many, number, stopped.sources)
    return tuple(mixed for mixed in found if mixed.kind in ("rows", "mixed") and not mixed.trains)[:1]


def _only_one(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Mixed:
    """A network that stops for several images."""
    why = _why(network, input_shape, stopped, steps)
    return Mixed(stopped.name, "alone", f"the network takes one image and not {input_shape[0]} at a time: {why}")


def _why(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> str:
    """Why it stopped, as an error of shapes says it."""
    cause = cause_of(network, input_shape, stopped, steps)
    return cause.sentence if cause is not None else explain(stopped, steps)


def _named(step: Step) -> str:
    """A step in a sentence."""
    return called(step.name, step.operation)

"""The usual situations, recognised by their cause and not by the layer that noticed: what is said of each, and the
change that belongs to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.edits import Argument, Fix, Remove, Replace, Set, Wrap, changeable, in_a_row
from cnnviz.tracing.explaining import called, channels, rank_wanted, sizes_of, wanted_width
from cnnviz.tracing.meta import first_line
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import INPUT, Shape, Step

ORDERS = {  # by the number of dimensions: where the channels go that stand last
    3: ("permute(0, 2, 1)", (0, 2, 1)),
    4: ("permute(0, 3, 1, 2)", (0, 3, 1, 2)),
    5: ("permute(0, 4, 1, 2, 3)", (0, 4, 1, 2, 3)),
}
RESHAPING = ("Flatten", "Reshape", "Unflatten")


@dataclass(frozen=True)
class Cause:
    """Why a network stopped, in a sentence without a full stop, and what belongs to it."""

    sentence: str
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class _Case:
    """A network that stopped, with all that is known of it."""

    network: nn.Module
    input_shape: Shape
    stopped: Stopped
    steps: Sequence[Step]

    @property
    def name(self) -> str:
        return called(self.stopped.name, self.stopped.operation.name)

    @property
    def shape(self) -> Shape:
        """The first shape that came in."""
        return self.stopped.shapes[0] if self.stopped.shapes else ()

    @property
    def call(self) -> str:
        """The name that the step which stopped would have had as a row."""
        return call_of(self.stopped, self.steps)

    def before(self, method: str) -> tuple[Fix, ...]:
        """x.method() as the argument of the step that stopped; none in a Sequential, which has no forward of its
        own."""
        if self.stopped.layer is not None and (in_a_row(self.network, self.stopped.name) or not self.stopped.name):
            return ()
        return (Fix(f"x.{method} before {self.name}", "call", Wrap(self.call, f"{{}}.{method}")),)


def call_of(stopped: Stopped, steps: Sequence[Step]) -> str:
    """The name that the step which stopped would have had as a row: view_2 where there has been a view."""
    rows = {step.name for step in steps}
    count = sum(f"{stopped.name}_{number}" in rows for number in range(2, len(rows) + 2)) + (stopped.name in rows)
    return f"{stopped.name}_{count + 1}" if count else stopped.name


def cause_of(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Cause | None:
    """The usual situation that this is; None where it is none of them."""
    case = _Case(network, input_shape, stopped, steps)
    return next((found for look in _SITUATIONS if (found := look(case)) is not None), None)


def _no_batch(case: _Case) -> Cause | None:
    """Images without their batch or their channels, which a convolution takes as something else."""
    input_shape = case.input_shape
    source = case.stopped.inputs[0]
    first = next((one for one in case.steps if source in one.sources), None)
    operation = Operation(first.operation, {}, ()) if first else case.stopped.operation
    if not first and source not in case.stopped.sources:
        return None
    axes = operation.dimensions
    if axes < 2 or not operation.is_a("Conv", "MaxPool", "AvgPool", "Adaptive", "BatchNorm", "LPPool"):
        return None
    name = called(first.name, first.operation) if first else case.name
    wanted = None if first else wanted_width(case.stopped)
    if len(input_shape) == axes:
        place, missing, full = "[None, None]", "neither a batch nor channels", (1, 1, *input_shape)
    elif len(input_shape) != axes + 1 or wanted == input_shape[1]:  # its channels stand where a batch leaves them
        return None
    elif wanted == 1 != input_shape[0]:
        place, missing, full = "unsqueeze(1)", "no channels", (input_shape[0], 1, *input_shape[1:])
    else:
        place, missing, full = "unsqueeze(0)", "no batch dimension", (1, *input_shape)
    wants = " × ".join(("batch", "channels", *("depth", "height", "width")[3 - axes :]))
    sentence = f"the input, {times(input_shape)}, has {missing}: {name} takes {wants}"
    text = f"an input of {times(full)}, with its batch: x.{place}"
    fixes = [Fix(text, "order", input_shape=full)]
    if "(" in place and not first:
        fixes += case.before(place)
    return Cause(sentence, tuple(fixes))


def _channels_last(case: _Case) -> Cause | None:
    """(N, H, W, C), or (N, L, C) for a Conv1d."""
    shape, wanted, stopped = case.shape, wanted_width(case.stopped), case.stopped
    if wanted is None or len(shape) != rank_wanted(stopped) or len(shape) not in ORDERS:
        return None
    of_input = stopped.is_of_input
    if shape[-1] != wanted or shape[1] == wanted or not (of_input or len(shape) == 3):
        return None
    if len(shape) > 3 and min(shape[1:-1]) < wanted:
        return None
    method, order = ORDERS[len(shape)]
    right = tuple(shape[axis] for axis in order)
    source = f"{_source(case, 0)} has" if of_input else f"{_source(case, 0)} delivers"
    sentence = (
        f"{case.name} expects {channels(wanted)}, and {source} {shape[1]:,}: in {times(shape[1:])} the channels stand "
        f"last, and they have to stand first, as in {times(right[1:])}"
    )
    given = (Fix(f"an input of {times(right[1:])}: x.{method}", "order", input_shape=right),)
    return Cause(sentence, (*(given if shape == case.input_shape else ()), *case.before(method)))


def _images_changed(case: _Case) -> Cause | None:
    """A step before that made another number of rows than there are images."""
    count = case.input_shape[0] if case.input_shape else 0
    step = next((one for one in _ancestors(case) if _changes_rows(one, count)), None)
    if step is None:
        return None
    name, rows = called(step.name, step.operation), step.output_shape[0]
    images = f"{count:,} image{'' if count == 1 else 's'}"
    if step.operation == "Concatenate":
        text = f"{name} joins its sources along the batch (dim 0), so that {images} become {rows:,}"
        text += "; dim=1 stacks their channels"
        return Cause(text, (Fix(f"dim=1 in {name}", "call", Argument(step.name, "dim", 1)),))
    layer = changeable(case.network, step.module) if step.module else None
    if isinstance(layer, nn.Flatten):
        end = "" if layer.end_dim == -1 else f", end_dim={layer.end_dim}"
        text = f"{name} lays the images of the batch in one row, too (start_dim=0{end})"
        whole = Fix(f"nn.Flatten() in place of {name}", "flatten", Replace(step.module, "nn.Flatten()"))
        kept = Fix(f"start_dim=1 in {name}", "flatten", Set(step.module, "start_dim", 1))
        return Cause(text, (whole, kept, Fix(f"no {name}", "flatten", Remove(step.module))))
    if step.name.rpartition(".")[2].startswith("flatten"):
        text = f"{name} lays the images of the batch in one row, too (start_dim=0)"
        return Cause(text, (Fix(f"torch.flatten(x, 1) in {name}", "call", Argument(step.name, "start_dim", 1)),))
    if step.module or step.operation == "Unflatten":
        return None
    text = f"{name} makes {rows:,} rows of {images}, whose first axis has to stay: x.size(0) keeps it"
    return Cause(text, _kept(step.name, (-1,) if len(step.output_shape) < 3 else step.output_shape[1:]))


def _changes_rows(step: Step, count: int) -> bool:
    """Whether it takes so many images and gives another number of rows, by laying numbers elsewhere."""
    if step.operation not in (*RESHAPING, "Concatenate") or not step.input_shape or step.input_shape[0] != count:
        return False
    return not step.output_shape or step.output_shape[0] != count


def _ancestors(case: _Case) -> list[Step]:
    """The steps that what stopped is made of, in their order."""
    known, found = {step.name: step for step in case.steps}, set[str]()
    left = list(case.stopped.sources)
    while left:
        name = left.pop()
        if name in known and name not in found:
            found.add(name)
            left += known[name].sources
    return [step for step in case.steps if step.name in found]


def _kept(step: str, sizes: tuple[int, ...]) -> tuple[Fix, ...]:
    """The fix that leaves the first axis of a view to the images."""
    written = ", ".join(map(str, sizes))
    edit = Argument(step, "sizes", ("{}.size(0)", *sizes))
    return (Fix(f"x.size(0), {written} in {step}", "call", edit),)


def _count_written(case: _Case) -> Cause | None:
    """A view with the number of images written into it."""
    sizes, shape = sizes_of(case.stopped), case.shape
    if case.stopped.operation.name not in RESHAPING or len(sizes) < 2 or not shape or case.stopped.layer is not None:
        return None
    if sizes[0] in (-1, shape[0]) or -1 in sizes[1:] or prod(sizes[1:]) != prod(shape[1:]):
        return None
    sentence = f"{case.name} wants {sizes[0]:,} images, and {shape[0]:,} arrive: x.size(0) is their number"
    return Cause(sentence, _kept(case.call, sizes[1:]))


def _out_of_order(case: _Case) -> Cause | None:
    """A view of a tensor whose axes were exchanged."""
    if "view size is not compatible" not in first_line(case.stopped.error):
        return None
    sentence = (
        f"{case.name} needs the numbers in the order in which they lie in memory, and {_source(case, 0)} has changed "
        "it; reshape takes them in any order"
    )
    edit = Wrap(case.call, "{}.contiguous()")
    return Cause(sentence, (Fix(f"x.contiguous() before {case.name}, or reshape in its place", "call", edit),))


def _axis_beyond(case: _Case) -> Cause | None:
    """A dim that what arrives does not have."""
    layer, rank = case.stopped.layer, len(case.shape)
    for attribute, usual in (("start_dim", 1), ("end_dim", -1), ("dim", 1)):
        axis = getattr(layer, attribute, None)
        if not rank or not isinstance(axis, int) or -rank <= axis < rank:
            continue
        source = f"{_source(case, 0)} {'has' if case.stopped.is_of_input else 'delivers'}"
        sentence = f"{case.name} is made for axis {axis} ({attribute}={axis}), and {source} the axes 0 to {rank - 1}"
        edit = Set(case.stopped.name, attribute, usual)
        return Cause(sentence, (Fix(f"{attribute}={usual} in {case.name}", "layer", edit),))
    return None


def _joined_along_batch(case: _Case) -> Cause | None:
    """A cat without its dim, whose sources differ in their channels."""
    shapes, settings = case.stopped.shapes, case.stopped.operation.settings
    positional = settings.get("positional") or ()
    dim = settings.get("dim", settings.get("axis", positional[0] if positional else 0))
    if case.stopped.operation.name != "Concatenate" or dim != 0 or len({len(shape) for shape in shapes}) != 1:
        return None
    if len(shapes[0]) < 2 or len({(shape[0], *shape[2:]) for shape in shapes}) != 1:
        return None
    met = " and ".join(times(shape[1:]) for shape in shapes)
    sentence = f"{case.name} joins {met} along the batch (dim 0); dim=1 stacks their channels"
    return Cause(sentence, (Fix(f"dim=1 in {case.name}", "call", Argument(case.call, "dim", 1)),))


def _padding_too_large(case: _Case) -> Cause | None:
    """A pooling padded by more than half its window; a transposed convolution with an output_padding too large."""
    stopped, settings = case.stopped, case.stopped.operation.settings
    if stopped.layer is None or not stopped.operation.dimensions or "padding" not in settings:
        return None
    axes, name = stopped.operation.dimensions, case.name
    if stopped.operation.is_a("MaxPool", "AvgPool"):
        window, padding = _along(settings["kernel_size"], axes), _along(settings["padding"], axes)
        if all(p <= k // 2 for p, k in zip(padding, window, strict=True)):
            return None
        right = tuple(min(p, k // 2) for p, k in zip(padding, window, strict=True))
        sentence = (
            f"{name} pads by {max(padding)}, and a pooling pads by no more than half its window of {times(window)}"
        )
        return _with(case, sentence, "padding", right)
    if stopped.operation.is_a("ConvTranspose"):
        stride, dilation = (_along(settings[key], axes) for key in ("stride", "dilation"))
        more = _along(settings.get("output_padding", 0), axes)
        limits = tuple(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))
        if all(m <= limit for m, limit in zip(more, limits, strict=True)):
            return None
        right = tuple(min(m, limit) for m, limit in zip(more, limits, strict=True))
        sentence = (
            f"{name} has output_padding={more[0]}, which has to be smaller than its stride of {times(stride[:1])}"
        )
        return _with(case, sentence, "output_padding", right)
    return None


def _with(case: _Case, sentence: str, attribute: str, sizes: Shape) -> Cause:
    """The cause that another value of that argument mends."""
    value: int | Shape = sizes[0] if len(set(sizes)) == 1 else sizes
    edit = Set(case.stopped.name, attribute, value)
    return Cause(sentence, (Fix(f"{attribute}={value} in {case.name}", "padding", edit),))


def _along(value: int | Sequence[int], axes: int) -> Shape:
    """A size for each axis."""
    sizes = (value,) if isinstance(value, int) else tuple(value)
    return sizes * axes if len(sizes) == 1 else sizes


def _source(case: _Case, index: int) -> str:
    """What feeds the step that stopped, in a sentence."""
    name = case.stopped.sources[index] if index < len(case.stopped.sources) else INPUT
    step = next((step for step in reversed(case.steps) if step.name == name), None)
    return called(name, step.operation) if step is not None else "the input" if name == INPUT else name


_SITUATIONS: tuple[Callable[[_Case], Cause | None], ...] = (
    _no_batch,
    _channels_last,
    _images_changed,
    _count_written,
    _out_of_order,
    _axis_beyond,
    _joined_along_batch,
    _padding_too_large,
)

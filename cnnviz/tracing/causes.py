"""The usual situations, recognised by their cause and not by the layer that noticed: what is said of each, and the
change that belongs to it."""

from collections.abc import Callable, Sequence
from math import prod

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.borders import padded_too_far, unpooled
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.causal import too_long
from cnnviz.tracing.dimensions import taken_by_accident
from cnnviz.tracing.edits import (
    Argument,
    Drop,
    Fix,
    Insert,
    Remove,
    Replace,
    Set,
    Several,
    Wrap,
    changeable,
    in_a_row,
    rewritten,
)
from cnnviz.tracing.enlarging import sizes_missed
from cnnviz.tracing.explaining import called, channels, rank_wanted, sizes_of, wanted_width
from cnnviz.tracing.grids import gridded
from cnnviz.tracing.meeting import axes_missing, edges_lost, flat_missing, parameter_met, shortcut_missing
from cnnviz.tracing.meta import first_line
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.parts import all_of_it
from cnnviz.tracing.products import unmultiplied
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.reduced import axes_taken_away
from cnnviz.tracing.sequences import width_of_each_place
from cnnviz.tracing.shuffles import shuffled
from cnnviz.tracing.squeezing import rows_grow, squeezed_apart
from cnnviz.tracing.stacked import stacked
from cnnviz.tracing.states import state_given
from cnnviz.tracing.steps import Shape, Step

ORDERS = {  # by the number of dimensions: where the channels go that stand last
    3: ("permute(0, 2, 1)", (0, 2, 1)),
    4: ("permute(0, 3, 1, 2)", (0, 3, 1, 2)),
    5: ("permute(0, 4, 1, 2, 3)", (0, 4, 1, 2, 3)),
}
RESHAPING = ("Flatten", "Reshape", "Unflatten")
MOVING = {"Permute", "Transpose", "Movedim", "Moveaxis", "Swapaxes", "Swapdims"}
AVERAGING = ("Mean", "Sum", "Amax", "Amin")


def cause_of(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Cause | None:
    """The usual situation that this is; None where it is none of them."""
    case = Case(network, input_shape, stopped, steps)
    return next((found for look in _SITUATIONS if (found := look(case)) is not None), None)


def _no_batch(case: Case) -> Cause | None:
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
    wanted = _taken(case, first) if first else wanted_width(case.stopped)
    if len(input_shape) == axes and (wanted == input_shape[1] or input_shape[0] == 1):
        return None  # a row of numbers for each image, such as the noise of which one is made
    if len(input_shape) == axes:
        place, missing, full = "[None, None]", "neither a batch nor channels", (1, 1, *input_shape)
    elif len(input_shape) != axes + 1 or wanted == input_shape[1]:  # its channels stand where a batch leaves them
        return None
    elif wanted == 1 != input_shape[0]:  # as many images without channels; 1 × 28 × 28 is one image with its one
        place, missing, full = "unsqueeze(1)", "no axis for the channels", (input_shape[0], 1, *input_shape[1:])
    else:
        place, missing, full = "unsqueeze(0)", "no batch dimension", (1, *input_shape)
    wants = " × ".join(("batch", "channels", *("depth", "height", "width")[3 - axes :]))
    sentence = f"the input, {times(input_shape)}, has {missing}: {name} takes {wants}"
    text = f"an input of {times(full)}, with its batch: x{'' if '[' in place else '.'}{place}"
    fixes = [Fix(text, "order", input_shape=full)]
    if "(" in place and not first:
        fixes += case.before(place)
    return Cause(sentence, tuple(fixes))


def _taken(case: Case, first: Step) -> int | None:
    """The channels that the first layer, which ran, was made for."""
    layer = dict(case.network.named_modules()).get(first.module) if first.module else None
    count = getattr(layer, "in_channels", getattr(layer, "num_features", None))
    return count if isinstance(count, int) else None


def _channels_last(case: Case) -> Cause | None:
    """(N, H, W, C), or (N, L, C) for a Conv1d or a norm."""
    shape, wanted, stopped = case.shape, wanted_width(case.stopped), case.stopped
    if wanted is None or len(shape) not in ORDERS or stopped.operation.name == "Linear":
        return None
    is_norm = rank_wanted(stopped) == 0
    if not is_norm and len(shape) != rank_wanted(stopped):
        return None
    of_input = stopped.is_of_input
    if shape[-1] != wanted or shape[1] == wanted or not (of_input or len(shape) == 3):
        return None
    if (len(shape) > 3 and min(shape[1:-1]) < wanted) or (len(shape) == 3 and shape[1] == 1):
        return None  # sides smaller than there are channels; a row of one channel, whose length was taken for channels
    method, order = ORDERS[len(shape)]
    right = tuple(shape[axis] for axis in order)
    source = f"{case.source(0)} has" if of_input else f"{case.source(0)} delivers"
    sentence = (
        f"{case.name} expects {channels(wanted)}, and {source} {shape[1]:,}: in {times(shape[1:])} the channels stand "
        f"last, and they have to stand first, as in {times(right[1:])}"
    )
    given = (Fix(f"an input of {times(right[1:])}: x.{method}.contiguous()", "order", input_shape=right),)
    back: tuple[Fix, ...] = ()
    if is_norm and len(shape) == 3:  # which changes no size, so that what follows takes them as they were
        back = case.before("transpose(1, 2)", "transpose(1, 2)")
    copied = f"{method}.contiguous()"  # for a view that comes later, as channels still lie last after a permute
    turned = (*case.before(method), *case.before(copied))
    return Cause(sentence, (*(given if shape == case.input_shape else ()), *back, *turned))


def _time_first(case: Case) -> Cause | None:
    """(N, T, C, H, W), pictures one after the other, for a Conv3d."""
    shape, wanted = case.shape, wanted_width(case.stopped)
    if len(shape) != 5 or rank_wanted(case.stopped) != 5 or shape[2] != wanted or shape[1] == wanted:
        return None
    method, right = "transpose(1, 2)", (shape[0], shape[2], shape[1], *shape[3:])
    sentence = (
        f"{case.name} takes channels × depth × height × width, and in the {times(shape[1:])} of {case.source(0)} the "
        f"{channels(wanted)} stand behind the {shape[1]:,} pictures"
    )
    given = (Fix(f"an input of {times(right[1:])}: x.{method}", "order", input_shape=right),)
    return Cause(sentence, (*(given if shape == case.input_shape else ()), *case.before(method)))


def _image_squeezed(case: Case) -> Cause | None:
    """A squeeze that has taken the axis of a single image, too."""
    found = squeezed_apart(case.network, case.input_shape, case.steps)
    if found is None:
        return None
    step, axes = found
    name = called(step.name, step.operation)
    text = f"{name} takes away {squeezed(step)} where there is but one"
    if not axes:
        return Cause(f"{text}; without it the axis stays", (Fix(f"no {name}", "call", Drop(step.name)),))
    dim = axes[0] if len(axes) == 1 else axes
    fix = Fix(f"dim={dim} in {name}", "call", Argument(step.name, "dim", dim))
    return Cause(f"{text}; squeeze({dim}) keeps it", (fix,))


def _squeezed_for_a_row(case: Case) -> Cause | None:
    """A squeeze between maps and a linear layer, which takes them in one row."""
    step, wanted = _origin(case), wanted_width(case.stopped)
    if step is None or step.operation != "Squeeze" or case.stopped.operation.name != "Linear" or wanted is None:
        return None
    features = prod(step.input_shape[1:])
    if len(step.input_shape) < 4 or features == case.shape[-1]:
        return None
    name, edit = called(step.name, step.operation), Drop(step.name, "{}.flatten(1)")
    sentence = (
        f"{case.name} expects {wanted:,} features in one row, and {name} takes away axes of size 1 alone, so that "
        f"{times(step.input_shape[1:])} stay maps; flatten(1) lays them in one row"
    )
    text = f"flatten(1) in place of {name}"
    if features == wanted:
        return Cause(sentence, (Fix(text, "call", edit),))
    layer = changeable(case.network, case.stopped.name)
    if layer is None:
        return None
    wider = Several((edit, Set(case.stopped.name, "in_features", features)))
    return Cause(sentence, (Fix(f"{text} and then {rewritten(layer, 'in_features', features)}", "call", wider),))


def squeezed(step: Step) -> str:
    """What a squeeze takes away of one image, in a sentence."""
    several = len(step.input_shape) - len(step.output_shape) > 1
    return "every axis of size 1, that of the image, too," if several else "the axis of the image"


def _one_alone(case: Case) -> Cause | None:
    """Rows (N, F) that a convolution along one axis has taken for the N channels of one image without a batch."""
    for step in case.ancestors():
        shape = step.input_shape
        if step.operation == "Conv1d" and len(shape) == 2 and shape[:1] == case.input_shape[:1]:
            name = called(step.name, step.operation)
            sentence = f"{name} takes {times(shape)} as channels and length, without a batch"
            if step.module and in_a_row(case.network, step.module):
                layer = f"nn.Unflatten(1, (1, {shape[1]}))"
                fix = Fix(f"{layer} before {name}", "flatten", Insert(step.module, layer))
            else:
                fix = Fix(f"x.unsqueeze(1) before {name}", "call", Wrap(step.name, "{}.unsqueeze(1)"))
            return Cause(f"{sentence}; a row for each image needs a channel", (fix,))
    return None


def _images_changed(case: Case) -> Cause | None:
    """A step before that made another number of rows than there are images."""
    count = case.input_shape[0] if case.input_shape else 0
    step = next((one for one in case.ancestors() if _changes_rows(one, count)), None)
    if step is None:
        return None
    name, rows = called(step.name, step.operation), step.output_shape[0] if step.output_shape else 1
    images, become = (f"{count:,} image", "becomes") if count == 1 else (f"{count:,} images", "become")
    if step.operation == "Concatenate":
        text = f"{name} joins its sources along the batch (dim 0), so that {images} {become} {rows:,}"
        text += "; dim=1 stacks their channels"
        return Cause(text, (Fix(f"dim=1 in {name}", "call", Argument(step.name, "dim", 1)),))
    grows, places = rows_grow(case.network, case.input_shape, step), step.input_shape[2:]
    if grows and (case.shape[:1] == (count,) or step.output_shape[1:] == places != ()):
        return None  # each place of an image laid beside the others for a while, as the pictures of a film
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
    if count == 1 and not grows:
        text = (
            f"{name} makes {times(step.output_shape)} of the image, without an axis for the images: x.size(0) is first"
        )
        ways = (step.output_shape, tuple(size for size in step.output_shape if size > 1))
        fixes = tuple(fix for sizes in ways if len(sizes) > 1 for fix in _kept(step.name, sizes))
    else:
        made = f"{rows:,} row{'' if rows == 1 else 's'} of {images}"
        text = f"{name} makes {made}, whose first axis has to stay: x.size(0) keeps it"
        fixes = channels_of_view(step.name, name, step.input_shape, step.output_shape)
    return Cause(text, (*fixes, *_kept(step.name, (-1,) if len(step.output_shape) < 3 else step.output_shape[1:])))


def _changes_rows(step: Step, count: int) -> bool:
    """Whether it takes so many images and gives another number of rows, by laying numbers elsewhere."""
    if step.operation not in (*RESHAPING, "Concatenate") or not step.input_shape or step.input_shape[0] != count:
        return False
    return not step.output_shape or step.output_shape[0] != count


def channels_of_view(step: str, name: str, row: Shape, sizes: Shape) -> tuple[Fix, ...]:
    """As many channels in the view `step` of a row as its numbers make of maps of those sides."""
    sides = prod(sizes[2:])
    if len(row) != 2 or len(sizes) < 3 or sides < 1 or row[1] % sides or row[1] // sides == sizes[1]:
        return ()
    count = row[1] // sides
    edit = Argument(step, "sizes", (None, count, *(None for _ in sizes[2:])))
    return (Fix(f"{channels(count)} in {name}: {times((count, *sizes[2:]))}", "call", edit),)


def _kept(step: str, sizes: tuple[int, ...]) -> tuple[Fix, ...]:
    """The fix that leaves the first axis of a view to the images."""
    written = ", ".join(map(str, sizes))
    edit = Argument(step, "sizes", ("{}.size(0)", *sizes))
    return (Fix(f"x.size(0), {written} in {step}", "call", edit),)


def _count_written(case: Case) -> Cause | None:
    """A view with the number of images written into it."""
    sizes, shape = sizes_of(case.stopped), case.shape
    if case.stopped.operation.name not in RESHAPING or len(sizes) < 2 or not shape or case.stopped.layer is not None:
        return None
    if sizes[0] in (-1, shape[0]) or not _come_out(sizes[1:], prod(shape[1:])):
        return None
    arrive = "1 arrives" if shape[0] == 1 else f"{shape[0]:,} arrive"
    sentence = f"{case.name} wants {sizes[0]:,} images, and {arrive}: x.size(0) is their number"
    return Cause(sentence, _kept(case.call, sizes[1:]))


def _come_out(sizes: Shape, numbers: int) -> bool:
    """Whether so many numbers can be laid in those sizes, of which one may be -1."""
    known = prod(size for size in sizes if size != -1)
    return numbers % known == 0 if sizes.count(-1) == 1 and known else known == numbers


def _images_left_out(case: Case) -> Cause | None:
    """A view to the sizes of one image, without an axis for the images."""
    sizes, shape = sizes_of(case.stopped), case.shape
    if case.stopped.operation.name not in RESHAPING or not sizes or len(shape) < 2 or case.stopped.layer is not None:
        return None
    if prod(sizes) != prod(shape[1:]) or -1 in sizes:
        return None
    sentence = f"{case.name} makes {times(sizes)} of one image, and {shape[0]:,} arrive: x.size(0) as the first size"
    return Cause(f"{sentence} leaves each its own", _kept(case.call, sizes))


def _out_of_order(case: Case) -> Cause | None:
    """A view of a tensor whose axes were exchanged."""
    if "view size is not compatible" not in first_line(case.stopped.error):
        return None
    step = _origin(case)
    changed = called(step.name, step.operation) if step is not None else case.source(0)
    sentence = (
        f"{case.name} needs the numbers in the order in which they lie in memory, and {changed} has changed it; "
        "reshape takes them in any order"
    )
    edit = Wrap(case.call, "{}.contiguous()")
    return Cause(sentence, (Fix(f"x.contiguous() before {case.name}, or reshape in its place", "call", edit),))


def _axis_beyond(case: Case) -> Cause | None:
    """A dim that what arrives does not have."""
    layer, rank = case.stopped.layer, len(case.shape)
    for attribute, usual in (("start_dim", 1), ("end_dim", -1), ("dim", 1)):
        axis = getattr(layer, attribute, None)
        if not rank or not isinstance(axis, int) or -rank <= axis < rank:
            continue
        source = f"{case.source(0)} {'has' if case.stopped.is_of_input else 'delivers'}"
        sentence = f"{case.name} is made for axis {axis} ({attribute}={axis}), and {source} the axes 0 to {rank - 1}"
        edit = Set(case.stopped.name, attribute, usual)
        return Cause(sentence, (Fix(f"{attribute}={usual} in {case.name}", "layer", edit),))
    return None


def _joined_along_batch(case: Case) -> Cause | None:
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


def _origin(case: Case) -> Step | None:
    """The step that made the shape which arrives, before what leaves it as it is; None where that is an input."""
    known = {step.name: step for step in case.steps}
    step = known.get(case.stopped.sources[0]) if case.stopped.sources else None
    while step is not None and len(step.sources) == 1 and step.input_shape == step.output_shape:
        step = known.get(step.sources[0])
    return step


def _joined_elsewhere(case: Case) -> Cause | None:
    """A cat along the height or the width, whose sources have together as many channels as are wanted."""
    step, wanted = _origin(case), wanted_width(case.stopped)
    if step is None or step.operation != "Concatenate" or len(case.shape) < 3 or case.shape[1] == wanted:
        return None
    shapes = step.input_shapes
    if {len(shape) for shape in shapes} != {len(case.shape)} or sum(shape[1] for shape in shapes) != wanted:
        return None
    name = called(step.name, step.operation)
    sentence = (
        f"{case.name} expects {channels(wanted)}, and {name} leaves {case.shape[1]:,}, for it joins its sources along "
        "another axis; dim=1 stacks their channels"
    )
    return Cause(sentence, (Fix(f"dim=1 in {name}", "call", Argument(step.name, "dim", 1)),))


def _averaged_elsewhere(case: Case) -> Cause | None:
    """A mean over the channels, where as many features are wanted as there were channels."""
    step, wanted = _origin(case), wanted_width(case.stopped)
    if step is None or step.operation not in AVERAGING or len(case.shape) != 2 or case.shape[1] == wanted:
        return None
    maps = step.input_shape
    if len(maps) < 3 or len(step.output_shape) != 2 or maps[1] != wanted or step.output_shape[0] != maps[0]:
        return None
    dim = tuple(range(2, len(maps))) if len(maps) > 3 else 2
    name = called(step.name, step.operation)
    sentence = (
        f"{case.name} expects {maps[1]:,} features, one for each channel, and {name} makes {case.shape[-1]:,} of "
        f"{times(maps[1:])}: it goes over the channels; dim={dim} leaves them"
    )
    return Cause(sentence, (Fix(f"dim={dim} in {name}", "call", Argument(step.name, "dim", dim)),))


def _axis_more(case: Case) -> Cause | None:
    """An axis put before or behind that of the images, where there was none too few."""
    step, rank = _origin(case), rank_wanted(case.stopped)
    if step is None or step.operation != "Unsqueeze" or len(case.shape) != rank + 1 or len(step.input_shape) != rank:
        return None
    name = called(step.name, step.operation)
    sentence = (
        f"{case.name} takes {times(step.input_shape)} as they came into {name}, which gives them one axis more: "
        f"{times(case.shape)}"
    )
    return Cause(sentence, (Fix(f"no {name}", "call", Drop(step.name)),))


def _moved_away(case: Case) -> Cause | None:
    """Axes exchanged of what had its channels first already."""
    step, wanted = _origin(case), wanted_width(case.stopped)
    if step is None or step.operation not in MOVING or wanted is None or len(case.shape) != rank_wanted(case.stopped):
        return None
    before = step.input_shape
    if case.shape[1] == wanted or before[1:2] != (wanted,) or before[0] != case.shape[0]:
        return None
    name = called(step.name, step.operation)
    sentence = (
        f"{case.name} expects {channels(wanted)}, which stand first in {times(before[1:])}, and {name} makes "
        f"{times(case.shape[1:])} of it"
    )
    fixes = [Fix(f"no {name}", "call", Drop(step.name))]
    if step.sources[0] in case.stopped.inputs and before == case.input_shape:
        last = (before[0], *before[2:], before[1])
        fixes.append(Fix(f"an input of {times(last[1:])}, its channels last", "order", input_shape=last))
    return Cause(sentence, tuple(fixes))


def _padding_too_large(case: Case) -> Cause | None:
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


def _with(case: Case, sentence: str, attribute: str, sizes: Shape) -> Cause:
    """The cause that another value of that argument mends."""
    value: int | Shape = sizes[0] if len(set(sizes)) == 1 else sizes
    edit = Set(case.stopped.name, attribute, value)
    return Cause(sentence, (Fix(f"{attribute}={value} in {case.name}", "padding", edit),))


def _along(value: int | Sequence[int], axes: int) -> Shape:
    """A size for each axis."""
    sizes = (value,) if isinstance(value, int) else tuple(value)
    return sizes * axes if len(sizes) == 1 else sizes


_SITUATIONS: tuple[Callable[[Case], Cause | None], ...] = (
    _no_batch,
    all_of_it,
    taken_by_accident,
    axes_taken_away,
    stacked,
    state_given,
    width_of_each_place,
    _channels_last,
    _time_first,
    _image_squeezed,
    _squeezed_for_a_row,
    _one_alone,
    _images_changed,
    _count_written,
    _images_left_out,
    _out_of_order,
    _axis_beyond,
    _joined_along_batch,
    _joined_elsewhere,
    _averaged_elsewhere,
    _moved_away,
    _axis_more,
    parameter_met,
    too_long,
    shortcut_missing,
    unmultiplied,
    axes_missing,
    sizes_missed,
    edges_lost,
    flat_missing,
    _padding_too_large,
    padded_too_far,
    unpooled,
    shuffled,
    gridded,
)

"""Why a network stopped: what a layer wants, what arrived, in one sentence."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from torch import Tensor, nn

from cnnviz.ops.arithmetic import extent, times
from cnnviz.tracing.figures import window_of
from cnnviz.tracing.meta import first_line
from cnnviz.tracing.recorder import Stopped
from cnnviz.tracing.steps import INPUT, Shape, Step

MAPS = {
    1: "a row of channels × length",
    2: "maps of channels × height × width",
    3: "volumes of channels × depth × height × width",
}


def explain(stopped: Stopped, steps: Sequence[Step]) -> str:
    """What the step wants and what it gets, without a full stop: 'fc1 expects 400 features, but flatten delivers
    16 × 7 × 7 = 784 after pool2'."""
    stopped = replace(
        stopped,
        name=called(stopped.name, stopped.operation.name),
        sources=tuple(_source_called(source, steps) for source in stopped.sources),
    )
    sentence = (
        _rank(stopped)
        or _weights(stopped)
        or _sequence(stopped)
        or _width(stopped, steps)
        or _window(stopped, steps)
        or _normalised(stopped)
        or _branches(stopped)
        or _reshaped(stopped)
    )
    return sentence or f"{stopped.name} does not take {_arrived(stopped)}: {first_line(stopped.error).rstrip('.')}"


def called(name: str, operation: str) -> str:
    """A step in a sentence: its name, with its operation where the name is but a number; a layer that is all of the
    network has none, and goes by its operation."""
    return f"{operation} {name}" if name.rpartition(".")[2].isdigit() else name or operation


def _source_called(name: str, steps: Sequence[Step]) -> str:
    """The same for a step that has its row."""
    step = next((step for step in reversed(steps) if step.name == name), None)
    return name if step is None else called(name, step.operation)


def _arrived(stopped: Stopped) -> str:
    """The shapes that came in, without the batch, and from where."""
    pairs = zip(stopped.shapes, stopped.sources, strict=False)
    return " and ".join(f"{_of_one(shape)} from {source}" for shape, source in pairs) or "what arrives"


def _of_one(shape: Shape) -> str:
    """A shape without its batch; where it has but one axis, or none, there is none to leave out."""
    return times(shape[1:]) if len(shape) > 1 else f"one row of {shape[0]:,} numbers" if shape else "a single number"


def channels(count: int) -> str:
    """1 channel, 64 channels."""
    return f"{count:,} channel{'' if count == 1 else 's'}"


def wanted_width(stopped: Stopped) -> int | None:
    """The channels or features that a layer was made for; None for what takes any."""
    weight, layer = stopped.operation.settings.get("weight"), stopped.layer
    axes = weight.dim() if isinstance(weight, Tensor) else 0  # which a text may give to a function of torch as it likes
    if stopped.operation.name == "Linear" and isinstance(weight, Tensor) and 0 < axes < 3:
        return int(weight.shape[-1])
    if stopped.operation.is_a("Conv") and axes != rank_wanted(stopped):
        return None
    if stopped.operation.is_a("ConvTranspose") and isinstance(weight, Tensor):
        return int(weight.shape[0])
    if stopped.operation.is_a("Conv") and isinstance(weight, Tensor):
        return int(weight.shape[1]) * int(stopped.operation.settings.get("groups", 1))
    if isinstance(layer, nn.RNNCellBase):
        return layer.input_size
    for name in ("num_features", "num_channels"):
        if isinstance(getattr(layer, name, None), int):
            return int(getattr(layer, name))
    if isinstance(layer, nn.PReLU) and layer.num_parameters > 1:
        return layer.num_parameters
    return None


def sequence_wanted(stopped: Stopped) -> int | None:
    """The features of each step of a sequence that a recurrent layer or an attention was made for; None for others."""
    layer = stopped.layer
    if isinstance(layer, nn.RNNBase):
        return layer.input_size
    return layer.embed_dim if isinstance(layer, nn.MultiheadAttention) else None


def rank_wanted(stopped: Stopped) -> int:
    """How many dimensions, with the batch, a step takes; 0 for what takes any."""
    axes = stopped.operation.dimensions
    return axes + 2 if axes and "Norm1d" not in stopped.operation.name else 0


def oversized_window(stopped: Stopped) -> tuple[Shape, Shape, Shape] | None:
    """(padded input, extent of the kernel, padding) of a step whose window does not fit; None where it does."""
    shape = stopped.shapes[0] if stopped.shapes else ()
    if len(shape) != rank_wanted(stopped) or stopped.operation.is_a("ConvTranspose", "Adaptive"):
        return None
    window = window_of(stopped.operation)
    if window is None or len(window.kernel) != len(shape) - 2:
        return None
    extents = tuple(extent(k, d) for k, d in zip(window.kernel, window.dilation, strict=True))
    padded = tuple(n + 2 * p for n, p in zip(shape[2:], window.padding, strict=True))
    return (padded, extents, window.padding) if any(r > n for r, n in zip(extents, padded, strict=True)) else None


def _rank(stopped: Stopped) -> str:
    """Rows where maps are wanted, maps where rows are."""
    rank, shape = rank_wanted(stopped), stopped.shapes[0] if stopped.shapes else ()
    if not rank or len(shape) == rank:
        return ""
    row = f"a row of {shape[-1]:,} numbers" if len(shape) == 2 else _of_one(shape)
    return f"{stopped.name} expects {MAPS[rank - 2]}, but {_from(stopped)} {row}"


def _weights(stopped: Stopped) -> str:
    """Weights of more or fewer axes than a function of torch takes, which a text may give to it."""
    weight, is_linear = stopped.operation.settings.get("weight"), stopped.operation.name == "Linear"
    if not isinstance(weight, Tensor) or not (is_linear or stopped.operation.is_a("Conv")):
        return ""
    taken = (2, 1) if is_linear else (rank_wanted(stopped),)
    if weight.dim() in taken:
        return ""
    return f"{stopped.name} expects weights of {taken[0]} axes, and these have {times(weight.shape) or 'none'}"


def _sequence(stopped: Stopped) -> str:
    """What is no sequence, or one of other features, where one is wanted."""
    wanted, shape = sequence_wanted(stopped), stopped.shapes[0] if stopped.shapes else ()
    if wanted is None or (len(shape) in (2, 3) and shape[-1] == wanted):
        return ""
    order = "batch × length" if getattr(stopped.layer, "batch_first", False) else "length × batch"
    return f"{stopped.name} expects a sequence of {order} × {wanted:,} features, but {_from(stopped)} {_of_one(shape)}"


def _window(stopped: Stopped, steps: Sequence[Step]) -> str:
    """A window larger than what it slides over."""
    found = oversized_window(stopped)
    if found is None:
        return ""
    _, extents, padding = found
    left, ring = stopped.shapes[0][2:], f" with padding {padding[0]}" if any(padding) else ""
    after = _left_of(left, stopped, steps)
    return f"{stopped.name}'s window, {times(extents)}, does not fit into {times(left)}{ring}{after}"


def _left_of(left: Shape, stopped: Stopped, steps: Sequence[Step]) -> str:
    """How many poolings have made the input so small, where there are several."""
    poolings = sum("Pool" in step.operation and "Adaptive" not in step.operation for step in steps)
    first = steps[0].input_shape[2:] if steps and steps[0].sources == stopped.inputs[:1] else ()
    return f", which is what {poolings} poolings leave of {times(first)}" if poolings > 1 and first != left else ""


def _width(stopped: Stopped, steps: Sequence[Step]) -> str:
    """Another number of channels or features than the layer was made for."""
    wanted, shape = wanted_width(stopped), stopped.shapes[0] if stopped.shapes else ()
    if wanted is None or not shape:
        return ""
    if stopped.operation.name == "Linear" or len(shape) < 3:
        features = f"{stopped.name} expects {_factors(wanted, stopped, steps)} features"
        return f"{features}, but {_features(stopped, steps)}" if shape[-1] != wanted else ""
    if shape[1] == wanted:
        return ""
    return f"{stopped.name} expects {channels(wanted)}, but {_from(stopped)} {shape[1]:,}"


def _factors(wanted: int, stopped: Stopped, steps: Sequence[Step]) -> str:
    """25,088 = 512 × 7 × 7 after an adaptive pooling to another size; otherwise the number alone."""
    laid = laid_in_a_row(stopped, steps)
    pooled = next((step for step in steps if laid and step.name == laid.sources[0]), None)
    if laid is not None and pooled is not None and pooled.operation.startswith("Adaptive"):
        side = side_of(wanted, laid.input_shape)
        if side is not None:
            return f"{wanted:,} = {times((laid.input_shape[1], *side))}"
    return f"{wanted:,}"


def side_of(features: int, shape: Shape) -> Shape | None:
    """How large maps (N, C, H, W) of as many channels would be, all sides alike, that make so many features; None
    where none are."""
    axes = len(shape) - 2
    if axes < 1 or features % shape[1]:
        return None
    side = round((features // shape[1]) ** (1 / axes))
    return (side,) * axes if shape[1] * side**axes == features else None


def laid_in_a_row(stopped: Stopped, steps: Sequence[Step]) -> Step | None:
    """The step that laid the maps in one row which then arrived, perhaps after a dropout or an activation; None where
    none did."""
    name = stopped.sources[0] if stopped.sources else INPUT
    rows = {(step.name, called(step.name, step.operation))[side]: step for step in steps for side in (0, 1)}
    while (step := rows.get(name)) is not None:
        if step.operation in ("Flatten", "Reshape") and len(step.input_shape) > 2:
            return step
        if len(step.sources) != 1 or step.input_shape != step.output_shape:
            return None
        name = step.sources[0]
    return None


def _normalised(stopped: Stopped) -> str:
    """A LayerNorm for another size."""
    if not isinstance(stopped.layer, nn.LayerNorm) or not stopped.shapes:
        return ""
    wanted, met = tuple(stopped.layer.normalized_shape), stopped.shapes[0]
    return f"{stopped.name} expects {times(wanted)} at the end, but {_from(stopped)} {times(met[1:])}"


def _features(stopped: Stopped, steps: Sequence[Step]) -> str:
    """'flatten delivers 16 × 7 × 7 = 784 after pool2'; of maps, that they are not in one row."""
    shape, source = stopped.shapes[0], stopped.sources[0]
    if len(shape) > 2:
        return f"{_from(stopped)} maps of {times(shape[1:])}, which are not laid in one row"
    step = laid_in_a_row(stopped, steps)
    if step is not None and prod(step.input_shape[1:]) == shape[-1]:
        before, laid = step.sources[0], called(step.name, step.operation)
        after = f" after {_source_called(before, steps)}" if before not in stopped.inputs else ""
        through = f" through {source}" if source != laid else ""
        return f"{laid} delivers {times(step.input_shape[1:])} = {shape[-1]:,}{after}{through}"
    return f"{_from(stopped)} {shape[-1]:,}"


def _from(stopped: Stopped) -> str:
    source = stopped.sources[0] if stopped.sources else INPUT
    return "the input has" if source == INPUT else f"{source} {'has' if source in stopped.inputs else 'delivers'}"


def _branches(stopped: Stopped) -> str:
    """Branches that do not fit together."""
    if len(stopped.shapes) < 2:
        return ""
    shapes = " and ".join(
        f"{_of_one(shape)} from {source}" for shape, source in zip(stopped.shapes, stopped.sources, strict=False)
    )
    if stopped.operation.name in ("Add", "Multiply", "Subtract"):
        return f"{stopped.name} meets {shapes}: they have to have the same shape"
    if stopped.operation.name == "Concatenate":
        return f"{stopped.name} meets {shapes}: all but the channels have to agree"
    return ""


def _reshaped(stopped: Stopped) -> str:
    """A fixed size in view, reshape or unflatten that does not come out."""
    sizes = sizes_of(stopped)
    if stopped.operation.name not in ("Flatten", "Reshape", "Unflatten") or not stopped.shapes or not sizes:
        return ""
    arrived = stopped.shapes[0][1:] or stopped.shapes[0]
    numbers = f"{arrived[0]:,}" if len(arrived) == 1 else f"{times(arrived)} = {prod(arrived):,}"
    return f"{stopped.name} cannot make {times(sizes)} of the {numbers} numbers that {_from(stopped)}"


def sizes_of(stopped: Stopped) -> Shape:
    """The sizes that a view, reshape or unflatten was asked for; () for any other step."""
    called_so = stopped.name.rpartition(".")[2].startswith(("view", "reshape"))
    given = stopped.operation.settings.get("positional") if stopped.layer is None and called_so else ()
    target: Any = given or getattr(stopped.layer, "unflattened_size", ())
    sizes = target[0] if len(target) == 1 and isinstance(target[0], tuple | list) else target
    return tuple(int(size) for size in sizes if isinstance(size, int))

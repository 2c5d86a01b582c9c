"""Where the units of a step look: their windows on the step before, and their receptive fields on the input.

Both are known along each axis as one interval a unit. A field is what the cells of the window see, taken from the
first to the last of them; padding sees nothing, so that fields at an edge come out as small as they are, where the
formula with start, size and jump (Araujo, Norris and Sim, Computing Receptive Fields of CNNs, Distill, 2019) would
count cells that an earlier step has left out.
"""

from collections.abc import Iterable, Sequence

from cnnviz.ops import arithmetic
from cnnviz.tracing.steps import INPUT, Shape, Step

Interval = tuple[int, int]  # the first cell and the one after the last
Spans = tuple[list[Interval], list[Interval]] | None  # rows and columns; None: every unit sees everything
MIXES = ("Linear", "ConvTranspose", "Matmul", "Softmax", "LogSoftmax")  # units that see others than the one behind them


def windows(step: Step) -> Spans:
    """The windows of a step on the step before it, cut to the cells that there are; None where it has none."""
    if not step.operation.startswith(("Conv2d", "MaxPool2d", "AvgPool2d")) or step.kernel is None:
        return None
    if not (_places(step.input_shape) and _places(step.output_shape)):
        return None
    paddings, strides, dilations = step.padding or (0, 0), step.stride or (1, 1), step.dilation or (1, 1)
    before, now = _places(step.input_shape), _places(step.output_shape)
    axes = zip(step.kernel, paddings, strides, dilations, before, now)
    rows, cols = (
        [_cut(one, cells) for one in arithmetic.windows(units, kernel, stride, padding, dilation)]
        for kernel, padding, stride, dilation, cells, units in axes
    )
    return rows, cols


def _cut(window: range, cells: int) -> Interval:
    """From the first cell of a window to its last, as far as they are among `cells`."""
    return max(0, min(window[0], cells)), max(0, min(window[-1] + 1, cells))


def spans(steps: Iterable[Step]) -> dict[str, Spans]:
    """The receptive fields on the input, by the name of the step, INPUT among them."""
    found: dict[str, Spans] = {}
    for step in steps:
        if not found:
            found[INPUT] = _own_places(step.input_shape)
        found[step.name] = _through(step, [found.get(source) for source in step.sources])
    return found


def _own_places(shape: Shape) -> Spans:
    """Every cell sees itself."""
    rows, cols = ([(cell, cell + 1) for cell in range(size)] for size in _places(shape))
    return rows, cols


def _through(step: Step, sources: Sequence[Spans]) -> Spans:
    """The fields after `step`, from those of what feeds it."""
    known = [source for source in sources if source is not None]
    if len(known) < len(sources) or not known or not _keeps_places(step):
        return None
    rows, cols = ([_union(cells) for cells in zip(*(source[axis] for source in known))] for axis in (0, 1))
    own = windows(step)
    if own is None:
        return rows, cols
    return [_union(rows[a:b]) for a, b in own[0]], [_union(cols[a:b]) for a, b in own[1]]


def _union(intervals: Sequence[Interval]) -> Interval:
    """From the first of them to the last; nothing for none."""
    return (min(a for a, _ in intervals), max(b for _, b in intervals)) if intervals else (0, 0)


def _keeps_places(step: Step) -> bool:
    """Whether a unit still has its place on the picture: it has a window, or row and column stay what they were."""
    before, now = _places(step.input_shape), _places(step.output_shape)
    return bool(now) and (windows(step) is not None or (before == now and not step.operation.startswith(MIXES)))


def _places(shape: Shape) -> Shape:
    """Rows and columns of (N, C, H, W), nothing of other shapes."""
    return shape[2:] if len(shape) == 4 else ()

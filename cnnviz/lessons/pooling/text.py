"""What is said about pooling: its size as a formula, remarks, the PyTorch code, presets, what is worth trying."""

from cnnviz.lessons.common import presets
from cnnviz.lessons.common.formulas import coloured, output_size
from cnnviz.lessons.common.remarks import both_axes
from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.common.snippets import HEAD, nested, pair, tensor
from cnnviz.lessons.pooling.settings import Pool, Pooled
from cnnviz.links import Axes


def formulas(settings: Pool) -> list[str]:
    """The output size of the Pooling page; an adaptive pooling's windows instead."""
    if settings.reach != "window":
        return [
            rf"{name}_{{out}} = {coloured(m, 'output')},\quad \text{{window }} i = "
            rf"\left[\lfloor i\cdot{coloured(n, 'input')}/{coloured(m, 'output')}\rfloor,\;"
            rf"\lceil (i+1)\cdot{coloured(n, 'input')}/{coloured(m, 'output')}\rceil\right)"
            for name, n, m in zip("HW", settings.size, settings.output_size, strict=True)
        ]
    axes = zip("HW", settings.sizing(), strict=True)
    return [output_size(name, *axis, ceil_mode=settings.ceil_mode) for name, axis in axes]


def remarks(settings: Pool, pooled: Pooled) -> list[str]:
    """Remarks for the Pooling page."""
    if settings.reach != "window":
        return [
            "Window i goes from floor(i · n / m) to ceil((i + 1) · n / m): together they cover all n cells, unevenly."
        ]
    lines = both_axes(pooled.rows, pooled.cols, settings.stride, ceil_mode=settings.ceil_mode)
    if any(None in window for axis in (pooled.rows, pooled.cols) for window in axis.taps):
        lines.append("Ceil mode: the last window hangs over the edge and takes what is there.")
    if "max" in settings.kinds and settings.padding != (0, 0):
        lines.append("Padding never wins a maximum: PyTorch pads with minus infinity there.")
    if "l2" in settings.kinds:
        lines.append(
            "L2 is the square root of the sum of squares. PyTorch's lp_pool2d takes no padding, so zeros are put "
            "around the input first; where ceil mode cuts a window short, it scales the sum up to the full window."
        )
    return lines


def code(settings: Pool) -> str:
    """Code for the Pooling page; with two kinds, y is the first and y2 the second."""
    x = tensor("x", f"[[{nested(settings.x)}]]", f"(N, C, H, W) = (1, 1, {settings.size[0]}, {settings.size[1]})")
    calls = [_pooling_call(settings, kind) for kind in settings.kinds]
    lines = [f"{name} = {call}\nprint({name})\n" for name, call in zip(("y", "y2"), calls, strict=False)]
    return HEAD + x + "".join(lines)


def _pooling_call(settings: Pool, kind: str) -> str:
    """The call of one kind of pooling."""
    if settings.reach != "window":
        return f"F.adaptive_{'max' if kind == 'max' else 'avg'}_pool2d(x, {settings.output_size})"
    kernel, stride, padding = settings.kernel, settings.stride, settings.padding
    ceil = ", ceil_mode=True" if settings.ceil_mode else ""
    if kind == "l2":
        ring = f"F.pad(x, ({padding[1]}, {padding[1]}, {padding[0]}, {padding[0]}))" if any(padding) else "x"
        return f"F.lp_pool2d({ring}, 2, {pair(kernel)}, {pair(stride)}{ceil})"
    options = f"{pair(kernel)}, {pair(stride)}, padding={pair(padding)}{ceil}"
    if kind == "max":
        return f"F.max_pool2d(x, {options})"
    include = "" if settings.count_include_pad else ", count_include_pad=False"
    return f"F.avg_pool2d(x, {options}{include})"


def _pooled(kind: str, window: int, stride: int) -> Values:
    """A plain pooling of the worked 5 × 5 input."""
    return {
        "x": presets.WORKED_5X5,
        "kind": kind,
        "reach": "window",
        "per_axis": False,
        "kernel": Axes(window, window),
        "stride": Axes(stride, stride),
        "padding": Axes(0, 0),
        "ceil_mode": False,
    }


# seed 000's six pictures, then the two poolings that end most networks
PRESETS: dict[str, Values] = {
    f"{kind.capitalize()} {window} × {window}, stride {stride}": _pooled(kind, window, stride)
    for kind in ("max", "average")
    for window, stride in ((2, 1), (3, 1), (2, 2))
} | {
    "Global average": {"kind": "average", "reach": "global"},
    "Adaptive 2 × 2": {"kind": "average", "reach": "adaptive", "per_axis": False, "outputs": Axes(2, 2)},
}

CHALLENGES: Challenges = {
    "Who wins?": (
        "Maximum and average side by side. Change one cell so that the maximum changes and the average hardly does.",
        _pooled("max and average", 3, 3) | {"x": presets.INPUTS["Counting"]},
    ),
    "A lost edge": (
        "6 × 6 with a 3 × 3 window and stride 2: the last row and column are never seen. What does ceil mode change?",
        _pooled("max", 3, 2) | {"x": presets.INPUTS["Counting"]},
    ),
    "Overlap": (
        "AlexNet pools with a 3 × 3 window and stride 2: neighbouring windows share cells, and one cell may win twice.",
        _pooled("max", 3, 2) | {"x": presets.INPUTS["Digit"]},
    ),
}

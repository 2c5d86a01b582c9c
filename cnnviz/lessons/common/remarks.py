"""One-line remarks on what a stage shows: what no window reaches and why, what is larger than what."""

from cnnviz.ops.windows import Geometry
from cnnviz.settings.channels import Channels, Volume
from cnnviz.settings.convolution import Convolution, Result
from cnnviz.settings.pooling import Pool, Pooled


def convolution(settings: Convolution, result: Result) -> list[str]:
    """Remarks for the Convolution page."""
    strides = settings.pair("stride")
    if settings.transposed:
        return [
            "Transposed: every input cell stamps the kernel, times its value, onto the output; stamps that overlap "
            "add up. Hover an input cell to see its stamp. Padding cuts cells off the output's rim."
        ]
    lines = both_axes(result.rows, result.cols, strides, dilations=settings.pair("dilation"))
    if settings.op == "convolution":
        lines.append("True convolution turns the kernel by 180°: its last cell meets the window's first.")
    return lines


def channels(settings: Channels, volume: Volume) -> list[str]:
    """Remarks for the Channels page."""
    lines = both_axes(volume.rows, volume.cols, settings.pair("stride"))
    width = settings.channels // settings.groups
    if settings.groups == settings.channels > 1:
        lines.append("Depthwise: as many groups as channels, so that every filter sees one channel alone.")
    elif settings.groups > 1:
        lines.append(f"In {settings.groups} groups, every filter sees {width} of the {settings.channels} channels.")
    if settings.kernel == (1, 1):
        lines.append("1×1: every output cell is a weighted sum of the channels at that one place.")
    return lines


def pooling(settings: Pool, pooled: Pooled) -> list[str]:
    """Remarks for the Pooling page."""
    if settings.reach != "window":
        return [
            "Window i goes from floor(i · n / m) to ceil((i + 1) · n / m): together they cover all n cells, unevenly."
        ]
    lines = both_axes(pooled.rows, pooled.cols, settings.pair("stride"), ceil_mode=settings.ceil_mode)
    if any(None in window for axis in (pooled.rows, pooled.cols) for window in axis.taps):
        lines.append("Ceil mode: the last window hangs over the edge and takes what is there.")
    if "max" in settings.kinds and settings.pair("padding") != (0, 0):
        lines.append("Padding never wins a maximum: PyTorch pads with minus infinity there.")
    if "l2" in settings.kinds:
        lines.append(
            "L2 is the square root of the sum of squares. PyTorch's lp_pool2d takes no padding, so zeros are put "
            "around the input first; where ceil mode cuts a window short, it scales the sum up to the full window."
        )
    return lines


def both_axes(
    rows: Geometry,
    cols: Geometry,
    strides: tuple[int, int],
    dilations: tuple[int, int] = (1, 1),
    ceil_mode: bool = False,
) -> list[str]:
    """Why rows and columns are hatched: the rounding in the formula, steps wider than the window, or gaps in it."""
    axes = list(zip((rows, cols), ("row", "column"), strides, strict=True))
    lines = [
        f"The stride, {stride}, is larger than the padded input, {axis.padded} {name}s: only the first window fits."
        for axis, name, stride in axes
        if stride > axis.padded
    ]
    behind = [plural(count, name) for axis, name, _ in axes if (count := missed(axis)[0])]
    between = [plural(count, name) for axis, name, _ in axes if (count := missed(axis)[1])]
    if behind:
        why = "and a window may not begin there" if ceil_mode else "which is why the formula rounds down"
        only = ", all of them padding" if all(map(only_padding, (rows, cols))) else ""
        lines.append(
            f"No window reaches {' and '.join(behind)} at the end (hatched){only}: "
            f"one more step would go beyond the edge, {why}."
        )
    if between:
        steps, gaps = max(strides) > 1, max(dilations) > 1
        dilated = "The gaps of the dilated kernel"
        who = f"The steps and {dilated.lower()}" if steps and gaps else dilated if gaps else "The steps"
        lines.append(f"{who} leave out {' and '.join(between)} between the cells that are met (hatched).")
    return lines


def missed(axis: Geometry) -> tuple[int, int]:
    """How many rows (or columns) no window meets: behind the last window, and between the cells that are met."""
    behind = sum(index > last_met(axis) for index in axis.unreached)
    return behind, len(axis.unreached) - behind


def only_padding(axis: Geometry) -> bool:
    """Whether what lies behind the last window is padding and nothing else."""
    return all(index >= axis.before + axis.size for index in axis.unreached if index > last_met(axis))


def last_met(axis: Geometry) -> int:
    """The last row (or column) of the padded input that a window meets."""
    return max(tap for window in axis.taps for tap in window if tap is not None)


def plural(count: int, name: str) -> str:
    """1 row, 2 rows."""
    return f"{count} {name}" + ("" if count == 1 else "s")

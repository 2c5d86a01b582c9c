"""One-line remarks on what a stage shows: what no window reaches and why, what is larger than what."""

from cnnviz.lessons.common.format import plural
from cnnviz.ops.windows import Geometry


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
    behind = [plural(count, name) for axis, name, _ in axes if (count := _missed(axis)[0])]
    between = [plural(count, name) for axis, name, _ in axes if (count := _missed(axis)[1])]
    if behind:
        why = "and a window may not begin there" if ceil_mode else "which is why the formula rounds down"
        only = ", all of them padding" if all(map(_only_padding, (rows, cols))) else ""
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


def _missed(axis: Geometry) -> tuple[int, int]:
    """How many rows (or columns) no window meets: behind the last window, and between the cells that are met."""
    behind = sum(index > _last_met(axis) for index in axis.unreached)
    return behind, len(axis.unreached) - behind


def _only_padding(axis: Geometry) -> bool:
    """Whether what lies behind the last window is padding and nothing else."""
    return all(index >= axis.before + axis.size for index in axis.unreached if index > _last_met(axis))


def _last_met(axis: Geometry) -> int:
    """The last row (or column) of the padded input that a window meets."""
    return max(tap for window in axis.taps for tap in window if tap is not None)

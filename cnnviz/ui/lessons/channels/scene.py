"""The scene of the Channels page: the channels in a row, under each what the filters lay on it, and in every filter's
row its bias and its feature map."""

import numpy as np

from cnnviz.lessons.channels.settings import MAX_CHANNELS, MAX_INPUT, MAX_KERNEL, Channels, Volume
from cnnviz.lessons.common.format import plural
from cnnviz.ui.components.lab import Pair
from cnnviz.ui.components.stage import Column, Output, Plane, Rule, Scene
from cnnviz.ui.core.edits import Target

CONTROLS = [Pair("stride", "Stride", 1, 8), Pair("padding", "Padding", 0, 4)]


def scene(settings: Channels, volume: Volume) -> Scene:
    """x[c] are the channels, w[f, c] the kernels, b[f] the biases, y[f] the feature maps."""
    rows, cols = volume.rows, volume.cols
    filters = range(settings.filters)
    inputs = [_channel_plane(c, values, volume) for c, values in enumerate(volume.padded)]
    kernels = {(f, c): _kernel_plane(settings, f, c) for f in filters for c in settings.sources(f)}
    biases = [Plane(f"b{f}", "bias", f"b[{f}]", np.array(settings.b[f]), Target("b", f"b[{f}]", f)) for f in filters]
    maps = [Plane(f"y{f}", "output", f"y[{f}]", values) for f, values in enumerate(volume.output)]
    below = [f + 1 for f in filters]
    columns = [_column(c, plane, kernels) for c, plane in enumerate(inputs)]
    columns.append(Column([plane.id for plane in biases], "+", below))
    columns.append(Column([plane.id for plane in maps], "=", below))
    outputs = [
        Output(f"y{f}", [(f"x{c}", kernels[f, c].id) for c in settings.sources(f)], bias=f"b{f}") for f in filters
    ]
    label = (
        f"Convolution of {plural(settings.channels, 'channel')} with {plural(settings.filters, 'filter')} in "
        f"{plural(settings.groups, 'group')}, giving {plural(settings.filters, 'feature map')} of {rows.outputs} by "
        f"{cols.outputs}"
    )
    height = 540 - 33 * (settings.filters + 1)  # captions take their part
    planes, rule = [*inputs, *kernels.values(), *biases, *maps], Rule("convolution", settings.stride, settings.padding)
    return Scene(label, planes, columns, outputs, rows, cols, height=height, rule=rule, controls=CONTROLS)


def _column(channel: int, plane: Plane, kernels: dict[tuple[int, int], Plane]) -> Column:
    """A channel, and below it the kernel of every filter that sees it, in the filter's row."""
    own = {f: kernel.id for (f, c), kernel in kernels.items() if c == channel}
    return Column([plane.id, *own.values()], rows=[0, *(f + 1 for f in own)])


def _channel_plane(channel: int, values: np.ndarray, volume: Volume) -> Plane:
    """One channel of the input; the first one's caption holds the size of all."""
    rows, cols = volume.rows, volume.cols
    return Plane(
        f"x{channel}",
        "input",
        f"x[{channel}]",
        values,
        Target("x", f"x[{channel}]", channel, MAX_INPUT),
        (rows.before, cols.before, rows.size, cols.size),
        sizable=channel == 0,
        unreached=(rows.unreached, cols.unreached),
    )


def _kernel_plane(settings: Channels, index: int, channel: int) -> Plane:
    """What filter `index` lays on `channel`."""
    place, name = index * MAX_CHANNELS + channel, f"w[{index}, {channel}]"
    target = Target("w", name, place, MAX_KERNEL)
    first = index == 0 and channel == settings.sources(0)[0]
    return Plane(f"w{index}_{channel}", "kernel", name, np.array(settings.w[place]), target, sizable=first)

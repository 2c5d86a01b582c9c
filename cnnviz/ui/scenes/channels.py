"""The scene of the Channels page: channels under one another, a column for each filter, a feature map for each."""

import numpy as np

from cnnviz.settings.channels import MOST, MOST_INPUT, MOST_KERNEL, Channels, Volume
from cnnviz.ui.components.stage import Column, Output, Plane, Scene
from cnnviz.ui.edits import Target


def scene(settings: Channels, volume: Volume) -> Scene:
    """x[c] are the channels, w[f, c] the kernels, b[f] the biases, y[f] the feature maps."""
    rows, cols = volume.rows, volume.cols
    core, unreached = (rows.before, cols.before, rows.size, cols.size), (rows.unreached, cols.unreached)
    planes = [
        Plane(
            f"x{c}",
            "input",
            f"x[{c}]",
            values,
            Target("x", f"x[{c}]", c, MOST_INPUT),
            core,
            c == 0,
            unreached,
        )
        for c, values in enumerate(volume.padded)
    ]
    columns = [Column([plane.id for plane in planes], rows=list(range(settings.channels)))]
    outputs = []
    for f in range(settings.filters):
        kernels = [kernel_plane(settings, f, c) for c in settings.sources(f)]
        bias = Plane(f"b{f}", "bias", f"b[{f}]", np.array(settings.b[f]), Target("b", f"b[{f}]", f))
        planes += [*kernels, bias]
        rows_of = [*settings.sources(f), settings.channels]
        columns.append(Column([plane.id for plane in (*kernels, bias)], "" if f else "∗", rows_of))
        sources = [(f"x{c}", kernel.id) for c, kernel in zip(settings.sources(f), kernels, strict=True)]
        outputs.append(Output(f"y{f}", sources, bias=f"b{f}"))
    planes += [Plane(f"y{f}", "output", f"y[{f}]", values) for f, values in enumerate(volume.output)]
    columns.append(Column([f"y{f}" for f in range(settings.filters)], "="))
    label = (
        f"Convolution of {settings.channels} channels with {settings.filters} filters in {settings.groups} groups, "
        f"giving {settings.filters} feature maps of {rows.outputs} by {cols.outputs}"
    )
    return Scene(label, planes, columns, outputs, rows, cols, height=560)


def kernel_plane(settings: Channels, index: int, channel: int) -> Plane:
    """What filter `index` lays on `channel`."""
    place, name = index * MOST + channel, f"w[{index}, {channel}]"
    target = Target("w", name, place, MOST_KERNEL)
    first = index == 0 and channel == settings.sources(0)[0]
    return Plane(f"w{index}_{channel}", "kernel", name, np.array(settings.w[place]), target, sizable=first)

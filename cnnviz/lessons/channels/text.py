"""What is said about several channels and filters: formulas, remarks, the PyTorch code, presets, what is worth
trying."""

from cnnviz.lessons.channels.settings import EXAMPLE_INPUT, EXAMPLE_KERNELS, MAX_CHANNELS, Channels, Volume
from cnnviz.lessons.common.formulas import coloured, output_size
from cnnviz.lessons.common.remarks import both_axes
from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.common.snippets import HEAD, nested, pair, tensor
from cnnviz.links import Axes, cells, number_text
from cnnviz.ops import arithmetic


def formulas(settings: Channels) -> list[str]:
    """The parameters and the output size of the Channels page."""
    k_h, k_w = settings.kernel
    count = arithmetic.convolution_parameters(settings.channels, settings.filters, k_h, k_w, settings.groups)
    width = settings.channels // settings.groups
    kernel = rf"{coloured(k_h, 'kernel')}\cdot{coloured(k_w, 'kernel')}\cdot{coloured(width, 'input')}"
    weights = rf"({kernel}+{coloured(1, 'bias')})\cdot{coloured(settings.filters, 'output')} = {count}"
    axes = zip("HW", settings.size, settings.kernel, settings.stride, settings.padding, strict=True)
    return [rf"\text{{parameters}} = {weights}", *(output_size(*axis) for axis in axes)]


def remarks(settings: Channels, volume: Volume) -> list[str]:
    """Remarks for the Channels page."""
    lines = both_axes(volume.rows, volume.cols, settings.stride)
    width = settings.channels // settings.groups
    if settings.groups == settings.channels > 1:
        lines.append("Depthwise: as many groups as channels, so that every filter sees one channel alone.")
    elif settings.groups > 1:
        lines.append(f"In {settings.groups} groups, every filter sees {width} of the {settings.channels} channels.")
    if settings.kernel == (1, 1):
        lines.append("1 × 1: every output cell is a weighted sum of the channels at that one place.")
    return lines


def code(settings: Channels) -> str:
    """Code for the Channels page."""
    channels, filters, (h, w), (k_h, k_w) = settings.channels, settings.filters, settings.size, settings.kernel
    kernels = [[settings.w[f * MAX_CHANNELS + c] for c in settings.sources(f)] for f in range(filters)]
    rows = ["[" + ", ".join(map(nested, row)) + "]" for row in kernels]
    planes = "[[" + ",\n    ".join(map(nested, settings.x[:channels])) + "]]"
    x = tensor("x", planes, f"(N, C, H, W) = (1, {channels}, {h}, {w})")
    shape = f"(F, C / groups, K_h, K_w) = ({filters}, {channels // settings.groups}, {k_h}, {k_w})"
    weight = tensor("w", "[" + ",\n    ".join(rows) + "]", shape)
    bias = tensor("b", "[" + ", ".join(number_text(settings.b[f][0][0]) for f in range(filters)) + "]", f"({filters},)")
    stride, padding = pair(settings.stride), pair(settings.padding)
    call = f"F.conv2d(x, w, b, stride={stride}, padding={padding}, groups={settings.groups})"
    return f"{HEAD}{x}{weight}{bias}y = {call}\nprint(y)\n"


VOLUME: Values = {
    "x": EXAMPLE_INPUT,
    "w": EXAMPLE_KERNELS,
    "b": tuple(cells([[bias]]) for bias in (1, 0, 0, 0)),
    "channels": 3,
    "filters": 2,
    "groups": 1,
    "per_axis": False,
    "stride": Axes(2, 2),
    "padding": Axes(1, 1),
}

MIXING = tuple(cells([[(1, -1, 0.5, 2)[(f + c) % 4]]]) for f in range(MAX_CHANNELS) for c in range(MAX_CHANNELS))

PRESETS: dict[str, Values] = {
    "Worked volume": VOLUME,
    "1 × 1 convolution": VOLUME | {"w": MIXING, "channels": 3, "stride": Axes(1, 1), "padding": Axes(0, 0)},
    "Two groups": VOLUME | {"channels": 4, "filters": 4, "groups": 2},
    "Depthwise": VOLUME | {"channels": 3, "filters": 3, "groups": 3},
}

CHALLENGES: Challenges = {
    "Check the first cell": (
        "y[0]'s first cell is the sum of three windows and the bias: which channel gives most of the 8?",
        VOLUME,
    ),
    "Mix, don't look": (
        "A 1 × 1 kernel sees one cell of every channel: it mixes channels and leaves the picture's size as it is.",
        PRESETS["1 × 1 convolution"],
    ),
    "Save weights": (
        "Depthwise: each filter sees one channel. How many weights are left of the 81 that three full filters have?",
        PRESETS["Depthwise"],
    ),
}

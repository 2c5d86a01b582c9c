"""What the 'Try this' buttons and the presets of a page set, by label: settings, and for a challenge its sentence."""

from typing import Any

from cnnviz.links import cells
from cnnviz.settings import presets
from cnnviz.settings.channels import MOST

Settings = dict[str, Any]
Challenge = tuple[str, Settings]

PLAIN: Settings = {
    "b": cells([[0]]),
    "op": "cross-correlation",
    "per_axis": False,
    "same": False,
    "mode": "zeros",
    "dilation_h": 1,
    "output_padding_h": 0,
    "activation": "none",
}

CONVOLUTION: dict[str, Challenge] = {
    "Find the edge": (
        "A Sobel kernel on a picture that is dark on the left: where is the output not zero?",
        PLAIN | {"x": presets.edge(), "w": presets.KERNELS["Sobel x"], "stride_h": 1, "padding_h": 0},
    ),
    "Sharpen by hand": (
        "The padded picture and the sharpen kernel: work out the first output before you play it. (It is 114.)",
        PLAIN | {"x": presets.PICTURE_5X5, "w": presets.SHARPEN, "stride_h": 1, "padding_h": 1},
    ),
    "Lose a row": (
        "A 6×6 input, a 3×3 kernel, stride 2: which cells does no window reach? Then give it padding 1: what is "
        "lost now?",
        PLAIN | {"x": presets.INPUTS["Counting"], "w": presets.WORKED_KERNEL, "stride_h": 2, "padding_h": 0},
    ),
    "Stamp it back": (
        "Transposed with stride 2: a 5×5 input becomes 11×11. Hover an input cell to see its stamp.",
        PLAIN
        | {
            "x": presets.BINARY_5X5,
            "w": presets.WORKED_KERNEL,
            "op": "transposed",
            "stride_h": 2,
            "padding_h": 0,
        },
    ),
    "Look wider": (
        "Dilation 2 spreads nine taps over 5×5 cells: same number of weights, larger window.",
        PLAIN
        | {
            "x": presets.INPUTS["Digit"],
            "w": presets.KERNELS["Laplacian"],
            "stride_h": 1,
            "padding_h": 2,
            "dilation_h": 2,
        },
    ),
}

VOLUME: Settings = {
    "x": presets.VOLUME,
    "w": presets.FILTERS,
    "b": tuple(cells([[bias]]) for bias in (1, 0, 0, 0)),
    "channels": 3,
    "filters": 2,
    "groups": 1,
    "per_axis": False,
    "stride_h": 2,
    "padding_h": 1,
}
MIXING = tuple(cells([[(1, -1, 0.5, 2)[(f + c) % 4]]]) for f in range(MOST) for c in range(MOST))

CHANNELS_PRESETS: dict[str, Settings] = {
    "Worked volume": VOLUME,
    "1×1 convolution": VOLUME | {"w": MIXING, "channels": 3, "stride_h": 1, "padding_h": 0},
    "Two groups": VOLUME | {"channels": 4, "filters": 4, "groups": 2},
    "Depthwise": VOLUME | {"channels": 3, "filters": 3, "groups": 3},
}

CHANNELS: dict[str, Challenge] = {
    "Check the first cell": (
        "y[0]'s first cell is the sum of three windows and the bias: which channel gives most of the 8?",
        VOLUME,
    ),
    "Mix, don't look": (
        "A 1×1 kernel sees one cell of every channel: it mixes channels and leaves the picture's size as it is.",
        CHANNELS_PRESETS["1×1 convolution"],
    ),
    "Save weights": (
        "Depthwise: each filter sees one channel. How many weights are left of the 81 that three full filters have?",
        CHANNELS_PRESETS["Depthwise"],
    ),
}


def pooled(kind: str, window: int, stride: int) -> Settings:
    """A plain pooling of the worked 5×5 input."""
    return {
        "x": presets.WORKED_5X5,
        "kind": kind,
        "reach": "window",
        "per_axis": False,
        "kernel_h": window,
        "stride_h": stride,
        "padding_h": 0,
        "ceil_mode": False,
    }


# seed 000's six pictures, then the two poolings that end most networks
POOLING_PRESETS: dict[str, Settings] = {
    f"{kind.capitalize()} {window}×{window}, stride {stride}": pooled(kind, window, stride)
    for kind in ("max", "average")
    for window, stride in ((2, 1), (3, 1), (2, 2))
} | {
    "Global average": {"kind": "average", "reach": "global"},
    "Adaptive 2×2": {"kind": "average", "reach": "adaptive", "per_axis": False, "outputs_h": 2},
}

POOLING: dict[str, Challenge] = {
    "Who wins?": (
        "Maximum and average side by side. Change one cell so that the maximum changes and the average hardly does.",
        pooled("max and average", 3, 3) | {"x": presets.INPUTS["Counting"]},
    ),
    "A lost edge": (
        "6×6 with a 3×3 window and stride 2: the last row and column are never seen. Turn ceil mode on under More.",
        pooled("max", 3, 2) | {"x": presets.INPUTS["Counting"]},
    ),
    "Overlap": (
        "AlexNet pools with a 3×3 window and stride 2: neighbouring windows share cells, and one cell may win twice.",
        pooled("max", 3, 2) | {"x": presets.INPUTS["Digit"]},
    ),
}

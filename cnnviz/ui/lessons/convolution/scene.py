"""The scene of the Convolution page, and of the home page's small one."""

import numpy as np

from cnnviz.lessons.common import presets
from cnnviz.lessons.convolution.settings import (
    MAX_DILATION,
    MAX_INPUT,
    MAX_KERNEL,
    MAX_PADDING,
    MAX_STRIDE,
    MODES,
    Convolution,
    Result,
)
from cnnviz.ui.components.lab import Control, Grids, Menu, Pair, Switch
from cnnviz.ui.components.stage import Column, Output, Plane, Rule, Scene
from cnnviz.ui.core.edits import Target

PLAIN, TRANSPOSED = {"kind": "convolution"}, {"kind": "transposed"}
CONTROLS: list[Control] = [
    Grids("x", "Input", "x0", presets.INPUTS),
    Grids("w", "Kernel", "w0", presets.KERNELS),
    Menu(
        "op",
        "Operation",
        [
            ("Cross-correlation", {**PLAIN, "flip": False}),
            ("Convolution", {**PLAIN, "flip": True}),
            ("Transposed", {**TRANSPOSED, "flip": False, "same": False}),
        ],
    ),
    Pair("stride", "Stride", 1, MAX_STRIDE),
    Pair("padding", "Padding", 0, MAX_PADDING),
    Switch("same", "Same", PLAIN),
    Menu("mode", "Padding mode", [(mode.capitalize(), {"mode": mode}) for mode in MODES], PLAIN),
    Pair("dilation", "Dilation", 1, MAX_DILATION),
    Pair("output_padding", "Output padding", 0, MAX_STRIDE, TRANSPOSED),
]
MENUS = [control for control in CONTROLS if isinstance(control, Menu)]


def scene(settings: Convolution, result: Result, height: int = 440) -> Scene:
    """Input, kernel, bias, output, and the activated output, in one row."""
    rows, cols = result.rows, result.cols
    planes = [
        Plane(
            "x0",
            "input",
            "Input",
            result.padded,
            Target("x", "the input", max_size=MAX_INPUT),
            core=(rows.before, cols.before, rows.size, cols.size),
            unreached=(rows.unreached, cols.unreached),
        ),
        Plane("w0", "kernel", "Kernel", np.array(settings.w), Target("w", "the kernel", max_size=MAX_KERNEL)),
        Plane("b0", "bias", "Bias", np.array(settings.b), Target("b", "the bias")),
        Plane("y0", "output", "Output", result.output),
    ]
    columns = [Column(["x0"]), Column(["w0", "b0"], "∗"), Column(["y0"], "=")]
    then = None
    if result.activated is not None:
        planes.append(Plane("a0", "output", settings.activation, result.activated))
        columns.append(Column(["a0"], "→"))
        then = ("a0", settings.activation)
    outputs = [Output("y0", [("x0", "w0")], bias="b0", then=then)]
    height_out, width_out = result.output.shape
    label = f"{settings.op.capitalize()} of a {rows.size} by {cols.size} input, giving {height_out} by {width_out}"
    rule = _rule(settings)
    return Scene(label, planes, columns, outputs, rows, cols, height=height, rule=rule, controls=CONTROLS, menus=MENUS)


def _rule(settings: Convolution) -> Rule:
    """How the windows come about."""
    return Rule(
        "transposed" if settings.transposed else "convolution",
        stride=settings.stride,
        padding=settings.padding,
        dilation=settings.dilation,
        output_padding=settings.output_padding,
        mode=settings.mode,
        flip=settings.op == "convolution",
        same=settings.same,
    )

"""What is said about a convolution: its size as a formula, remarks, the PyTorch code, what is worth trying."""

from cnnviz.lessons.common import presets
from cnnviz.lessons.common.formulas import coloured, output_size
from cnnviz.lessons.common.remarks import both_axes
from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.common.snippets import HEAD, nested, pair, tensor
from cnnviz.lessons.convolution.settings import Convolution, Result
from cnnviz.links import Axes, cells, number_text
from cnnviz.ops import arithmetic
from cnnviz.ops.activations import ACTIVATIONS


def _transposed_output_size(
    name: str, size: int, kernel: int, stride: int, padding: int, dilation: int, output_padding: int
) -> str:
    """H_out = (5 - 1) 2 - 2 x 0 + 1 (3 - 1) + 0 + 1 = 11."""
    result = arithmetic.transposed_output_size(size, kernel, stride, padding, dilation, output_padding)
    return (
        rf"{name}_{{out}} = ({coloured(size, 'input')}-1)\cdot{stride}-2\cdot{padding}"
        rf"+{dilation}\cdot({coloured(kernel, 'kernel')}-1)+{output_padding}+1 = {coloured(result, 'output')}"
    )


def formulas(settings: Convolution) -> list[str]:
    """The output size of the Convolution page, for rows and columns."""
    axes = zip("HW", settings.along, settings.ring, strict=True)
    if settings.transposed:
        return [_transposed_output_size(name, *one) for name, one, _ in axes]
    return [output_size(name, one.size, one.kernel, one.stride, padding, one.dilation) for name, one, padding in axes]


def remarks(settings: Convolution, result: Result) -> list[str]:
    """Remarks for the Convolution page."""
    if settings.transposed:
        return [
            "Transposed: every input cell stamps the kernel, times its value, onto the output; stamps that overlap "
            "add up. Hover an input cell to see its stamp. Padding cuts cells off the output's rim."
        ]
    lines = both_axes(result.rows, result.cols, settings.stride, settings.dilation)
    if settings.op == "convolution":
        lines.append("True convolution turns the kernel by 180°: its last cell meets the window's first.")
    return lines


def code(settings: Convolution) -> str:
    """Code for the Convolution page."""
    x = tensor("x", f"[[{nested(settings.x)}]]", f"(N, C, H, W) = {(1, 1, *settings.size)}")
    w = tensor("w", f"[[{nested(settings.w)}]]", f"{(1, 1, *settings.kernel)}")
    b = tensor("b", f"[{number_text(settings.b[0][0])}]", "(1,)")
    transposed = settings.transposed
    names = ("stride", "padding", "output_padding", "dilation") if transposed else ("stride", "dilation")
    options = [f"{name}={pair(getattr(settings, name))}" for name in names]
    before = ""
    if transposed:
        call = "F.conv_transpose2d(x, w, b"
    else:
        before, padding = _padding_code(settings)
        options.insert(1, f"padding={padding}")
        kernel = "w.flip(-2, -1)" if settings.op == "convolution" else "w"
        call = f"F.conv2d(x, {kernel}, b"
    last = _activation_code(settings.activation)
    return f"{HEAD}{x}{w}{b}{before}y = {', '.join([call, *options])})\n{last}print(y)\n"


def _padding_code(settings: Convolution) -> tuple[str, str]:
    """A line that pads first (for modes that F.conv2d does not have), and conv2d's own padding argument."""
    (top, bottom), (left, right) = settings.ring
    if settings.same and settings.mode == "zeros":
        return "", '"same"'
    if settings.mode == "zeros" and top == bottom and left == right:
        return "", pair((top, left))
    mode = "constant" if settings.mode == "zeros" else settings.mode
    return f'x = F.pad(x, ({left}, {right}, {top}, {bottom}), mode="{mode}")\n', "0"


def _activation_code(name: str) -> str:
    """The line that applies an activation function, or nothing."""
    return f"y = {ACTIVATIONS[name].torch}(y)\n" if name in ACTIVATIONS else ""


PLAIN: Values = {
    "b": cells([[0]]),
    "op": "cross-correlation",
    "per_axis": False,
    "same": False,
    "mode": "zeros",
    "dilation": Axes(1, 1),
    "output_padding": Axes(0, 0),
    "activation": "none",
}

CHALLENGES: Challenges = {
    "Find the edge": (
        "A Sobel kernel on a picture that is dark on the left: where is the output not zero?",
        PLAIN | {"x": presets.edge(), "w": presets.KERNELS["Sobel x"], "stride": Axes(1, 1), "padding": Axes(0, 0)},
    ),
    "Sharpen by hand": (
        "The padded picture and the sharpen kernel: work out the first output before you play it. (It is 114.)",
        PLAIN | {"x": presets.PICTURE_5X5, "w": presets.SHARPEN, "stride": Axes(1, 1), "padding": Axes(1, 1)},
    ),
    "Lose a row": (
        "A 6 × 6 input, a 3 × 3 kernel, stride 2: which cells does no window reach? Then give it padding 1: what is "
        "lost now?",
        PLAIN
        | {
            "x": presets.INPUTS["Counting"],
            "w": presets.WORKED_KERNEL,
            "stride": Axes(2, 2),
            "padding": Axes(0, 0),
        },
    ),
    "Stamp it back": (
        "Transposed with stride 2: a 5 × 5 input becomes 11 × 11. Hover an input cell to see its stamp.",
        PLAIN
        | {
            "x": presets.BINARY_5X5,
            "w": presets.WORKED_KERNEL,
            "op": "transposed",
            "stride": Axes(2, 2),
            "padding": Axes(0, 0),
        },
    ),
    "Look wider": (
        "Dilation 2 spreads nine taps over 5 × 5 cells: same number of weights, larger window.",
        PLAIN
        | {
            "x": presets.INPUTS["Digit"],
            "w": presets.KERNELS["Laplacian"],
            "stride": Axes(1, 1),
            "padding": Axes(2, 2),
            "dilation": Axes(2, 2),
        },
    ),
}

"""The PyTorch code that does what a page shows, to copy and run."""

import re
from collections.abc import Sequence

from cnnviz.links import Cells, plain
from cnnviz.settings.channels import MOST, Channels
from cnnviz.settings.convolution import Convolution
from cnnviz.settings.pooling import Pool

HEAD = "import torch\nimport torch.nn.functional as F\n\n"


def operation(script: str) -> str:
    """The lines of a script that work, without imports, numbers and print."""
    lines = [line for line in script.splitlines() if re.match(r"(x|y|y2) = (F|torch)\.(?!tensor)", line)]
    return "\n".join(lines)


def nested(grid: Cells) -> str:
    """A grid as nested lists."""
    return "[" + ", ".join("[" + ", ".join(plain(value) for value in row) + "]" for row in grid) + "]"


def tensor(name: str, text: str, shape: str) -> str:
    """`name = torch.tensor(...)` with its shape in a comment; float64, so that whole numbers stay exact."""
    return f"{name} = torch.tensor({text}, dtype=torch.float64)  # {shape}\n"


def pair(values: Sequence[int]) -> str:
    """1 for (1, 1), else (1, 2): as one writes it."""
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"


def convolution(settings: Convolution) -> str:
    """Code for the Convolution page."""
    x = tensor("x", f"[[{nested(settings.x)}]]", f"(N, C, H, W) = (1, 1, {settings.size[0]}, {settings.size[1]})")
    w = tensor("w", f"[[{nested(settings.w)}]]", f"(1, 1, {settings.kernel[0]}, {settings.kernel[1]})")
    b = tensor("b", f"[{plain(settings.b[0][0])}]", "(1,)")
    options = [f"stride={pair(settings.pair('stride'))}"]
    before = ""
    if settings.transposed:
        options += [f"{n}={pair(settings.pair(n))}" for n in ("padding", "output_padding", "dilation")]
        call = "F.conv_transpose2d(x, w, b"
    else:
        before, padding = padding_code(settings)
        options += [f"padding={padding}", f"dilation={pair(settings.pair('dilation'))}"]
        kernel = "w.flip(-2, -1)" if settings.op == "convolution" else "w"
        call = f"F.conv2d(x, {kernel}, b"
    last = activation_code(settings.activation)
    return f"{HEAD}{x}{w}{b}{before}y = {', '.join([call, *options])})\n{last}print(y)\n"


def padding_code(settings: Convolution) -> tuple[str, str]:
    """A line that pads first (for modes that F.conv2d does not have), and conv2d's own padding argument."""
    (top, bottom), (left, right) = settings.padding
    if settings.same and settings.mode == "zeros":
        return "", '"same"'
    if settings.mode == "zeros" and top == bottom and left == right:
        return "", pair((top, left))
    mode = "constant" if settings.mode == "zeros" else settings.mode
    return f'x = F.pad(x, ({left}, {right}, {top}, {bottom}), mode="{mode}")\n', "0"


def activation_code(name: str) -> str:
    """The line that applies an activation function, or nothing."""
    functions = {
        "ReLU": "F.relu(y)",
        "Leaky ReLU": "F.leaky_relu(y)",
        "Sigmoid": "torch.sigmoid(y)",
        "Tanh": "torch.tanh(y)",
        "GELU": "F.gelu(y)",
    }
    return f"y = {functions[name]}\n" if name in functions else ""


def channels(settings: Channels) -> str:
    """Code for the Channels page."""
    channels, filters, (h, w), (k_h, k_w) = settings.channels, settings.filters, settings.size, settings.kernel
    kernels = [[settings.w[f * MOST + c] for c in settings.sources(f)] for f in range(filters)]
    rows = ["[" + ", ".join(map(nested, row)) + "]" for row in kernels]
    planes = "[[" + ",\n    ".join(map(nested, settings.x[:channels])) + "]]"
    x = tensor("x", planes, f"(N, C, H, W) = (1, {channels}, {h}, {w})")
    shape = f"(F, C / groups, K_h, K_w) = ({filters}, {channels // settings.groups}, {k_h}, {k_w})"
    weight = tensor("w", "[" + ",\n    ".join(rows) + "]", shape)
    bias = tensor("b", "[" + ", ".join(plain(settings.b[f][0][0]) for f in range(filters)) + "]", f"({filters},)")
    stride, padding = (pair(settings.pair(name)) for name in ("stride", "padding"))
    call = f"F.conv2d(x, w, b, stride={stride}, padding={padding}, groups={settings.groups})"
    return f"{HEAD}{x}{weight}{bias}y = {call}\nprint(y)\n"


def pooling(settings: Pool) -> str:
    """Code for the Pooling page; with two kinds, y is the first and y2 the second."""
    x = tensor("x", f"[[{nested(settings.x)}]]", f"(N, C, H, W) = (1, 1, {settings.size[0]}, {settings.size[1]})")
    calls = [pooling_call(settings, kind) for kind in settings.kinds]
    lines = [f"{name} = {call}\nprint({name})\n" for name, call in zip(("y", "y2"), calls, strict=False)]
    return HEAD + x + "".join(lines)


def pooling_call(settings: Pool, kind: str) -> str:
    """The call of one kind of pooling."""
    if settings.reach != "window":
        return f"F.adaptive_{'max' if kind == 'max' else 'avg'}_pool2d(x, {settings.outputs})"
    kernel, stride, padding = (settings.pair(name) for name in ("kernel", "stride", "padding"))
    ceil = ", ceil_mode=True" if settings.ceil_mode else ""
    if kind == "l2":
        ring = f"F.pad(x, ({padding[1]}, {padding[1]}, {padding[0]}, {padding[0]}))" if any(padding) else "x"
        return f"F.lp_pool2d({ring}, 2, {pair(kernel)}, {pair(stride)}{ceil})"
    options = f"{pair(kernel)}, {pair(stride)}, padding={pair(padding)}{ceil}"
    if kind == "max":
        return f"F.max_pool2d(x, {options})"
    include = "" if settings.count_include_pad else ", count_include_pad=False"
    return f"F.avg_pool2d(x, {options}{include})"

"""Formulas in LaTeX with the numbers in them, coloured by role. The values come from `arithmetic`; here they are
written."""

from cnnviz.ops import arithmetic
from cnnviz.settings.channels import Channels
from cnnviz.settings.convolution import Convolution
from cnnviz.settings.pooling import Pool


def coloured(value: int | str, role: str) -> str:
    """A number in the colour of its role, named; `theme.latex` puts in the colour that reads on the page's
    background."""
    return rf"\textcolor{{{role}}}{{{value}}}"


def output_size(
    name: str,
    size: int,
    kernel: int,
    stride: int,
    padding: arithmetic.Padding,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> str:
    """H_out = floor((5 + 1 + 1 - 3) / 2) + 1 = 3; a dilated kernel as the cells that it spans."""
    before, after = arithmetic.both_sides(padding)
    result = arithmetic.output_size(size, kernel, stride, padding, dilation, ceil_mode)
    room = size + before + after - arithmetic.extent(kernel, dilation)
    count = -(-room // stride) + 1 if ceil_mode else result
    left, right = (r"\lceil", r"\rceil") if ceil_mode else (r"\lfloor", r"\rfloor")
    ring = f"+{before}+{after}" if before or after else ""
    reach = coloured(kernel, "kernel") if dilation == 1 else rf"({dilation}\cdot({coloured(kernel, 'kernel')}-1)+1)"
    fraction = rf"\frac{{{coloured(size, 'input')}{ring}-{reach}}}{{{stride}}}"
    last = coloured(result, "output")
    shown = last if count == result else rf"{count}\to {last}"
    return rf"{name}_{{out}} = \left{left}{fraction}\right{right}+1 = {shown}"


def transposed_output_size(
    name: str, size: int, kernel: int, stride: int, padding: int, dilation: int, output_padding: int
) -> str:
    """H_out = (5 - 1) 2 - 2 x 0 + 1 (3 - 1) + 0 + 1 = 11."""
    result = arithmetic.transposed_output_size(size, kernel, stride, padding, dilation, output_padding)
    return (
        rf"{name}_{{out}} = ({coloured(size, 'input')}-1)\cdot{stride}-2\cdot{padding}"
        rf"+{dilation}\cdot({coloured(kernel, 'kernel')}-1)+{output_padding}+1 = {coloured(result, 'output')}"
    )


def convolution(settings: Convolution) -> list[str]:
    """The output size of the Convolution page, for rows and columns."""
    axes = zip("HW", settings.size, settings.kernel, settings.pair("stride"), (0, 1), strict=True)
    if settings.transposed:
        rest = [settings.pair(name) for name in ("padding", "dilation", "output_padding")]
        return [transposed_output_size(h, n, k, s, *(pair[axis] for pair in rest)) for h, n, k, s, axis in axes]
    padding, dilation = settings.padding, settings.pair("dilation")
    return [output_size(h, n, k, s, padding[axis], dilation[axis]) for h, n, k, s, axis in axes]


def channels(settings: Channels) -> list[str]:
    """The parameters and the output size of the Channels page."""
    k_h, k_w = settings.kernel
    count = arithmetic.convolution_parameters(settings.channels, settings.filters, k_h, k_w, settings.groups)
    width = settings.channels // settings.groups
    kernel = rf"{coloured(k_h, 'kernel')}\cdot{coloured(k_w, 'kernel')}\cdot{coloured(width, 'input')}"
    weights = rf"({kernel}+{coloured(1, 'bias')})\cdot{coloured(settings.filters, 'output')} = {count}"
    axes = zip("HW", settings.size, settings.kernel, settings.pair("stride"), settings.pair("padding"), strict=True)
    return [rf"\text{{parameters}} = {weights}", *(output_size(*axis) for axis in axes)]


def pooling(settings: Pool) -> list[str]:
    """The output size of the Pooling page; an adaptive pooling's windows instead."""
    if settings.reach != "window":
        return [
            rf"{name}_{{out}} = {coloured(m, 'output')},\quad \text{{window }} i = "
            rf"\left[\lfloor i\cdot{coloured(n, 'input')}/{coloured(m, 'output')}\rfloor,\;"
            rf"\lceil (i+1)\cdot{coloured(n, 'input')}/{coloured(m, 'output')}\rceil\right)"
            for name, n, m in zip("HW", settings.size, settings.outputs, strict=True)
        ]
    axes = zip("HW", settings.sizing(), strict=True)
    return [output_size(name, *axis, ceil_mode=settings.ceil_mode) for name, axis in axes]

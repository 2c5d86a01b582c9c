"""Formulas in LaTeX with the numbers in them, coloured by role. The values come from `arithmetic`; here they are
written."""

from cnnviz.ops import arithmetic


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
    free_cells = size + before + after - arithmetic.extent(kernel, dilation)
    count = -(-free_cells // stride) + 1 if ceil_mode else result
    left, right = (r"\lceil", r"\rceil") if ceil_mode else (r"\lfloor", r"\rfloor")
    ring = f"+{before}+{after}" if before or after else ""
    extent = coloured(kernel, "kernel") if dilation == 1 else rf"({dilation}\cdot({coloured(kernel, 'kernel')}-1)+1)"
    fraction = rf"\frac{{{coloured(size, 'input')}{ring}-{extent}}}{{{stride}}}"
    last = coloured(result, "output")
    shown = last if count == result else rf"{count}\to {last}"
    return rf"{name}_{{out}} = \left{left}{fraction}\right{right}+1 = {shown}"

"""The integers of a convolutional network: sizes, padding, receptive fields, parameters, MACs. Each formula once.

Sizes are in cells along one axis; call once for the height and once for the width. `padding` is an integer
(the same on both sides) or a pair (before, after). Formulas as in the documentation of torch.nn.Conv2d,
torch.nn.ConvTranspose2d and torch.nn.MaxPool2d.
"""

from collections.abc import Iterable

Padding = int | tuple[int, int]


def both_sides(padding: Padding) -> tuple[int, int]:
    """The padding as (before, after)."""
    return (padding, padding) if isinstance(padding, int) else padding


def extent(kernel: int, dilation: int = 1) -> int:
    """Cells that a kernel spans when its taps stand `dilation` apart: dilation x (kernel - 1) + 1."""
    return dilation * (kernel - 1) + 1


def times(sizes: Iterable[object]) -> str:
    """Write sizes, or the factors of a product, as readers see them everywhere: 16 × 5 × 5, 4,096 × 10."""
    return " × ".join(f"{size:,}" if isinstance(size, int) else str(size) for size in sizes)


def window(index: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> range:
    """The cells that window `index` of a convolution or pooling meets, counted from the first cell of the input.

    index x stride - padding, and on from there in steps of `dilation`; those below 0 or beyond the input are padding.
    """
    first = index * stride - padding
    return range(first, first + extent(kernel, dilation), dilation)


def windows(count: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> list[range]:
    """The cells that each of the first `count` windows meets, as `window` gives them."""
    return [window(index, kernel, stride, padding, dilation) for index in range(count)]


def output_size(
    size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1, ceil_mode: bool = False
) -> int:
    """Cells of the output of a convolution or pooling along one axis.

    floor((size + before + after - dilation x (kernel - 1) - 1) / stride) + 1. With `ceil_mode` (pooling only) the
    division rounds up, but a last window that would start beyond the input and its leading padding is left out.
    Raises ValueError where the kernel does not fit into the padded input.
    """
    before, after = both_sides(padding)
    free_cells = size + before + after - extent(kernel, dilation)
    if min(size, kernel, stride, dilation) < 1 or min(before, after) < 0:
        raise ValueError(
            f"size {size}, kernel {kernel}, stride {stride} and dilation {dilation} are at least 1, "
            f"and padding {padding} at least 0"
        )
    if free_cells < 0:
        raise ValueError(
            f"a kernel that spans {extent(kernel, dilation)} cells does not fit into "
            f"{size + before + after} cells ({size} and padding {before} + {after})"
        )
    if not ceil_mode:
        return free_cells // stride + 1
    count = -(-free_cells // stride) + 1
    return count - 1 if (count - 1) * stride >= size + before else count


def transposed_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Cells of the output of a transposed convolution along one axis.

    (size - 1) x stride - 2 x padding + dilation x (kernel - 1) + output_padding + 1.
    Raises ValueError where a number is too small, nothing is left, or output_padding is not below stride or dilation.
    """
    if min(size, kernel, stride, dilation) < 1 or min(padding, output_padding) < 0:
        raise ValueError(
            f"size {size}, kernel {kernel}, stride {stride} and dilation {dilation} are at least 1, "
            f"and padding {padding} and output padding {output_padding} at least 0"
        )
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output padding {output_padding} is not below the larger of stride {stride} and dilation {dilation}"
        )
    result = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1
    if result < 1:
        raise ValueError(f"padding {padding} cuts the whole output away ({result} cells would be left)")
    return result


def same_padding(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) that keeps the size at stride 1; the odd cell of an even kernel goes after, as in
    torch."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


def adaptive_window(index: int, size: int, outputs: int) -> range:
    """The cells of window `index` of an adaptive pooling from `size` to `outputs` cells.

    floor(index x size / outputs) to ceil((index + 1) x size / outputs), as in torch.nn.AdaptiveAvgPool2d.
    """
    return range(index * size // outputs, -(-(index + 1) * size // outputs))


def receptive_field(layers: list[tuple[int, int, int]]) -> tuple[int, int]:
    """Receptive field and jump, in input cells, of one unit after `layers` of (kernel, stride, dilation).

    r = r + (extent - 1) x jump and jump = jump x stride, from r = jump = 1 (Araujo et al., 2019,
    https://distill.pub/2019/computing-receptive-fields).
    """
    field = jump = 1
    for kernel, stride, dilation in layers:
        field += (extent(kernel, dilation) - 1) * jump
        jump *= stride
    return field, jump


def convolution_parameters(
    c_in: int, c_out: int, kernel_h: int, kernel_w: int, groups: int = 1, bias: bool = True
) -> int:
    """Weights and biases of a convolution: kernel_h x kernel_w x c_in / groups x c_out, and c_out biases."""
    if c_in % groups or c_out % groups:
        raise ValueError(f"groups {groups} divides neither or only one of {c_in} and {c_out} channels")
    return kernel_h * kernel_w * (c_in // groups) * c_out + (c_out if bias else 0)


def linear_parameters(n_in: int, n_out: int, bias: bool = True) -> int:
    """Weights and biases of a fully connected layer: n_in x n_out, and n_out biases."""
    return n_in * n_out + (n_out if bias else 0)


def convolution_macs(
    c_in: int, c_out: int, kernel_h: int, kernel_w: int, output_h: int, output_w: int, groups: int = 1
) -> int:
    """Multiply-accumulates of a convolution on one image, bias not counted; FLOPs are twice as many."""
    return convolution_parameters(c_in, c_out, kernel_h, kernel_w, groups, bias=False) * output_h * output_w

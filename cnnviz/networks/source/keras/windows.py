"""Convolutions and poolings of Keras, padding and enlarging as PyTorch has them."""

from collections.abc import Callable
from typing import Any

from cnnviz.networks.source.keras.kinds import Shape
from cnnviz.networks.source.keras.state import State, for_axes, padded, pads_same, size_after, whole


def convolve(
    state: State, given: dict[str, Any], axes: int, filters: int, groups: int = 1, bias: bool | None = None
) -> None:
    """A convolution; where 'same' has a stride, what it pads is written out."""
    sizes, channels = state.take(axes, "a convolution")
    kernel = for_axes(state, given.get("kernel_size"), axes, "kernel_size")
    stride = for_axes(state, given.get("strides", 1), axes, "strides")
    dilation = for_axes(state, given.get("dilation_rate", 1), axes, "dilation_rate")
    causal = axes == 1 and given.get("padding") == "causal"
    if causal:
        (before,) = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
        state.layers.append(f"nn.ConstantPad1d(({before}, 0), 0.0)")
        state.note("padding='causal' is a layer of its own in PyTorch: zeros before the row, and none behind it.")
    same = not causal and pads_same(state, given)
    words = f"{channels}, {filters}, {kernel}, stride={stride}, dilation={dilation}, groups={groups}"
    words += "" if (given.get("use_bias", True) if bias is None else bias) else ", bias=False"
    if same and max(stride) == 1:
        words += ", padding='same'"
    elif same:
        words += _stride_and_same(state, sizes, kernel, stride, dilation)
    state.layers.append(f"nn.Conv{axes}d({words})")
    windows = zip(sizes, kernel, stride, dilation, strict=True)
    state.shape = (*(size_after(n, k, s, d, same or causal) for n, k, s, d in windows), filters)


def _stride_and_same(
    state: State, sizes: Shape, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> str:
    """The padding of a convolution with 'same' and a stride: Keras pads one cell more at the end where it does not come
    out even, which PyTorch writes as a layer of its own."""
    if None in sizes:
        raise state.wrong(
            "padding='same' with a stride has no counterpart in PyTorch, and what it pads depends on the size of the "
            "input, which is not given."
        )
    total = [padded(n or 1, *rest) for n, *rest in zip(sizes, kernel, stride, dilation, strict=True)]
    if all(cells % 2 == 0 for cells in total):
        return f", padding={tuple(cells // 2 for cells in total)}"
    around = [part for cells in reversed(total) for part in (cells // 2, cells - cells // 2)]
    state.layers.append(f"nn.ZeroPad{len(sizes)}d({tuple(around)})")
    state.note(
        "padding='same' with a stride has no counterpart in PyTorch: a ZeroPad layer pads the same cells, "
        f"for an input of {' x '.join(map(str, sizes))}."
    )
    return ""


def _conv(state: State, given: dict[str, Any], axes: int) -> None:
    filters, groups = given.get("filters"), given.get("groups", 1)
    convolve(state, given, axes, whole(state, filters, "filters"), whole(state, groups, "groups"))


def _depthwise(state: State, given: dict[str, Any], axes: int) -> None:
    _, channels = state.take(axes, "DepthwiseConv")
    times = whole(state, given.get("depth_multiplier", 1), "depth_multiplier")
    convolve(state, given, axes, channels * times, channels)


def _separable(state: State, given: dict[str, Any], axes: int) -> None:
    """A convolution of each channel by itself, then one of 1 x 1 over all of them; only the second has a bias."""
    _, channels = state.take(axes, "SeparableConv")
    times = whole(state, given.get("depth_multiplier", 1), "depth_multiplier")
    filters = whole(state, given.get("filters"), "filters")
    convolve(state, given, axes, channels * times, channels, bias=False)
    point = {"kernel_size": 1, "use_bias": given.get("use_bias", True)}
    convolve(state, point, axes, filters)


def _conv_transpose(state: State, given: dict[str, Any], axes: int) -> None:
    """n s with 'same', else n s + max(k - s, 0) cells; PyTorch: (n - 1) s - 2 p + k + output_padding."""
    sizes, channels = state.take(axes, f"Conv{axes}DTranspose")
    filters = whole(state, given.get("filters"), "filters")
    kernel = for_axes(state, given.get("kernel_size"), axes, "kernel_size")
    stride = for_axes(state, given.get("strides", 1), axes, "strides")
    if given.get("output_padding") is not None or set(for_axes(state, given.get("dilation_rate", 1), axes, "it")) != {
        1
    }:
        raise state.wrong(f"a Conv{axes}DTranspose with output_padding or dilation_rate is not translated.")
    same = pads_same(state, given)
    extra = [k - s for k, s in zip(kernel, stride, strict=True)]
    padding = tuple(-(-max(one, 0) // 2) if same else 0 for one in extra)
    more = tuple(2 * p - one if same else max(-one, 0) for p, one in zip(padding, extra, strict=True))
    if same and any(one > 0 and one % 2 for one in extra):
        state.note(
            "A transposed convolution with padding='same' cuts off one cell more at its end in Keras and at its start "
            "in PyTorch: shapes are the same, and pictures shifted by one cell."
        )
    words = f"{channels}, {filters}, {kernel}, stride={stride}, padding={padding}, output_padding={more}"
    words += "" if given.get("use_bias", True) else ", bias=False"
    state.layers.append(f"nn.ConvTranspose{axes}d({words})")
    grown = [
        None if n is None else n * s + (0 if same else max(one, 0))
        for n, s, one in zip(sizes, stride, extra, strict=True)
    ]
    state.shape = (*grown, filters)


def _pooling(state: State, given: dict[str, Any], axes: int, kind: str) -> None:
    """A pooling; 'same' takes no padded cell into account, as PyTorch's own padding or ceil_mode does."""
    sizes, channels = state.take(axes, "a pooling")
    kernel = for_axes(state, given.get("pool_size", 2), axes, "pool_size")
    strides = given.get("strides")
    stride = kernel if strides is None else for_axes(state, strides, axes, "strides")
    same, words = pads_same(state, given), ""
    small = any(n is not None and n < k for n, k in zip(sizes, kernel, strict=True))
    if same and small and axes == 3 and kind == "Avg":
        raise state.wrong(f"a window of {kernel} is larger than {sizes}, which nn.AvgPool3d does not take.")
    if same:
        if None in sizes:
            raise state.wrong(
                "what a pooling with padding='same' pads depends on the size of the input: it is not given."
            )
        words = _pooled_same(state, [(n or 1, k, s) for n, k, s in zip(sizes, kernel, stride, strict=True)])
        words += ", count_include_pad=False" if words and kind == "Avg" else ""
    plain = ", ".join(str(one[0]) if len({*one}) == 1 else str(one) for one in (kernel, stride))
    state.layers.append(f"nn.{kind}Pool{axes}d({plain}{words})")
    state.shape = (*(size_after(n, k, s, 1, same) for n, k, s in zip(sizes, kernel, stride, strict=True)), channels)


def _pooled_same(state: State, windows: list[tuple[int, int, int]]) -> str:
    """The padding of a pooling with 'same', of the size, the side of the window and the stride along each axis.

    Where it does not come out even, Keras pads a cell more at the end, over which ceil_mode lets the last window hang.
    Along the other axes it adds none: their windows end with the picture, or one more would begin behind it."""
    total = [padded(*window) for window in windows]
    if any(cells % 2 and stride == 1 for cells, (_, _, stride) in zip(total, windows, strict=True)):
        sizes, kernel, _ = zip(*windows, strict=True)
        raise state.wrong(
            f"a pooling of {kernel} with padding='same' and a stride of 1 at {sizes} has no counterpart in PyTorch."
        )
    around = tuple(cells // 2 for cells in total)
    padding = "" if not any(around) else f", padding={around[0] if len({*around}) == 1 else around}"
    return padding + (", ceil_mode=True" if any(cells % 2 for cells in total) else "")


def _max_pooling(state: State, given: dict[str, Any], axes: int) -> None:
    _pooling(state, given, axes, "Max")


def _average_pooling(state: State, given: dict[str, Any], axes: int) -> None:
    _pooling(state, given, axes, "Avg")


def _global(state: State, given: dict[str, Any], axes: int, kind: str) -> None:
    _, channels = state.take(axes, "a global pooling")
    keep = bool(given.get("keepdims", False))
    state.layers += [f"nn.Adaptive{kind}Pool{axes}d(1)", *([] if keep else ["nn.Flatten()"])]
    state.shape = (*((1,) * axes if keep else ()), channels)


def _global_max(state: State, given: dict[str, Any], axes: int) -> None:
    _global(state, given, axes, "Max")


def _global_average(state: State, given: dict[str, Any], axes: int) -> None:
    _global(state, given, axes, "Avg")


def _zero_padding(state: State, given: dict[str, Any], axes: int) -> None:
    _around(state, given.get("padding", 1), axes, 1)


def _cropping(state: State, given: dict[str, Any], axes: int) -> None:
    """What torch cuts off by a padding below 0."""
    _around(state, given.get("cropping", 0 if axes == 2 else 1), axes, -1)


def _around(state: State, value: Any, axes: int, sign: int) -> None:
    """Cells that are added at both ends of each axis, or cut off."""
    sizes, channels = state.take(axes, "ZeroPadding" if sign > 0 else "Cropping")
    parts = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    if axes == 1 and len(parts) == 2:
        parts = (parts,)
    word = "padding" if sign > 0 else "cropping"
    pairs = [tuple(sign * one for one in for_axes(state, part, 2, word, 0)) for part in parts]
    if len(pairs) != axes:
        raise state.wrong(f"{word} is {str(value)[:40]}, and a pair for each of {axes} axes is wanted.")
    around = tuple(one for pair in reversed(pairs) for one in pair)
    state.layers.append(f"nn.ZeroPad{axes}d({around})")
    state.shape = (*(None if n is None else n + sum(pair) for n, pair in zip(sizes, pairs, strict=True)), channels)


def _up_sampling(state: State, given: dict[str, Any], axes: int) -> None:
    sizes, channels = state.take(axes, "UpSampling")
    factors = for_axes(state, given.get("size", 2), axes, "size")
    mode = given.get("interpolation", "nearest")
    if mode not in ("nearest", "bilinear", "bicubic"):
        raise state.wrong(f"UpSampling with interpolation={str(mode)[:20]!r} has no counterpart in nn.Upsample.")
    factor = factors[0] if len({*factors}) == 1 else factors
    state.layers.append(f"nn.Upsample(scale_factor={factor}, mode={mode!r})")
    state.shape = (*(None if n is None else n * f for n, f in zip(sizes, factors, strict=True)), channels)


RULES: dict[str, Callable[[State, dict[str, Any], int], None]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "SeparableConv": _separable,
    "DepthwiseConv": _depthwise,
    "MaxPooling": _max_pooling,
    "AveragePooling": _average_pooling,
    "GlobalMaxPooling": _global_max,
    "GlobalAveragePooling": _global_average,
    "ZeroPadding": _zero_padding,
    "Cropping": _cropping,
    "UpSampling": _up_sampling,
}

"""Which inputs the numbers of a network force: those for which what its convolutions leave is as much as its first
Linear takes."""

from collections.abc import Iterator

from torch import nn

SIDES = (28, 32, 48, 64, 84, 96, 100, 112, 128, 150, 160, 180, 192, 200, 224, 227, 256, 299, 320, 384, 512)
_MAX_SIDE = 100_000  # of an input along one axis
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_SAME = (nn.Identity, nn.Flatten, nn.Dropout, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def axes_of(layers: list[nn.Module]) -> int:
    """Along how many axes the first convolution works; 0 where there is none before the first Linear."""
    for layer in layers:
        if isinstance(layer, nn.Linear):
            return 0
        if isinstance(layer, (*_CONVOLUTIONS, *_TRANSPOSED)):
            return len(layer.kernel_size)
    return 0


def sides(layers: list[nn.Module]) -> tuple[list[int], int]:
    """The usual sides of a picture, the same along each axis, for which the numbers before the first Linear fit it, and
    the least side that does; [] and 0 where none does or any does."""
    before = _before(layers)
    left = _left(before, layers[len(before)]) if len(before) < len(layers) else 0
    if not left:
        return [], 0
    low = high = left
    for layer in reversed(before):
        span = _through(layer, low, high)
        if span is None:
            return [], 0
        low, high = max(span[0], 1), span[1]
        if not low <= high <= _MAX_SIDE:
            return [], 0
    return [side for side in SIDES if low <= side <= high], low


def _before(layers: list[nn.Module]) -> list[nn.Module]:
    """The layers before the first Linear."""
    first = next((index for index, layer in enumerate(layers) if isinstance(layer, nn.Linear)), len(layers))
    return layers[:first]


def _left(before: list[nn.Module], first: nn.Module) -> int:
    """How many cells along each axis the first Linear takes of what the last convolution gives; 0 where it is none."""
    last = next((one for one in reversed(before) if isinstance(one, (*_CONVOLUTIONS, *_TRANSPOSED))), None)
    if last is None or not isinstance(first, nn.Linear):
        return 0
    cells, more = divmod(first.in_features, last.out_channels)
    side = round(cells ** (1 / len(last.kernel_size)))
    return side if not more and side ** len(last.kernel_size) == cells else 0


def _through(layer: nn.Module, low: int, high: int) -> tuple[int, int] | None:
    """From which sizes a layer makes one from `low` to `high`: n = (m - 1) s + d (k - 1) + 1 - 2 p and up to s - 1
    more; None where this is not known."""
    if isinstance(layer, nn.Upsample | nn.Unflatten | nn.Unfold | nn.Fold | nn.PixelShuffle | nn.PixelUnshuffle):
        return None
    if not isinstance(layer, (*_CONVOLUTIONS, *_POOLS)):
        return (low, high) if isinstance(layer, _SAME) or not _sized(layer) else None
    values = [getattr(layer, name, 1) for name in ("kernel_size", "stride", "padding", "dilation")]
    if values[2] == "same":
        return low, high
    kernel, stride, padding, dilation = ({*_row(0 if one == "valid" else one)} for one in values)
    if any(len(one) != 1 for one in (kernel, stride, padding, dilation)):
        return None
    ((k, s, p, d),) = zip(kernel, stride, padding, dilation, strict=True)
    return (low - 1) * s + d * (k - 1) + 1 - 2 * p, (high - 1) * s + d * (k - 1) + s - 2 * p


def _sized(layer: nn.Module) -> bool:
    """Whether a layer may change the size of a picture, or needs a certain one."""
    name = type(layer).__name__
    return isinstance(layer, (*_TRANSPOSED, nn.LayerNorm)) or "Pad" in name or "Pool" in name


def _row(value: int | tuple[int, ...]) -> Iterator[int]:
    yield from value if isinstance(value, tuple) else (value,)

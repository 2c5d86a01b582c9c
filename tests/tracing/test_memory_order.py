"""Results lie in memory on the meta device as on the CPU, so that a view is taken or refused as torch does."""

from collections.abc import Callable, Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.tracing import trace
from cnnviz.tracing.memory_order import lies_last
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import _Weightless

LAYERS = {
    1: [
        *(nn.Conv1d(4, 6, 3), nn.ConvTranspose1d(4, 6, 3), nn.GroupNorm(2, 4), nn.BatchNorm1d(4), nn.InstanceNorm1d(4)),
        *(nn.ReflectionPad1d(1), nn.ReplicationPad1d(1), nn.ZeroPad1d(1), nn.MaxPool1d(2), nn.AvgPool1d(2)),
        *(nn.AdaptiveAvgPool1d(2), nn.AdaptiveMaxPool1d(2), nn.Upsample(scale_factor=2), nn.PReLU(4), nn.Softmax(1)),
    ],
    2: [
        *(nn.Conv2d(4, 6, 3), nn.Conv2d(4, 6, 1), nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 6, 3, dilation=2)),
        *(nn.Conv2d(4, 6, (3, 5), padding="same"), nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect")),
        *(nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular"), nn.ConvTranspose2d(4, 6, 3, stride=2)),
        *(nn.MaxPool2d(2), nn.MaxPool2d(3, 1, 1), nn.AvgPool2d(2), nn.LPPool2d(2, 2), nn.AdaptiveAvgPool2d(2)),
        *(nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(2), nn.BatchNorm2d(4), nn.GroupNorm(2, 4)),
        *(nn.InstanceNorm2d(4), nn.LayerNorm(8), nn.LocalResponseNorm(3), nn.PReLU(4), nn.Softmax(1), nn.GLU(1)),
        *(nn.ZeroPad2d(1), nn.ReflectionPad2d(1), nn.ReplicationPad2d(1), nn.CircularPad2d(1), nn.Linear(8, 3)),
        *(nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.PixelShuffle(2)),
        *(nn.PixelUnshuffle(1), nn.ChannelShuffle(2), nn.Flatten(2), nn.RMSNorm(8), nn.Dropout2d()),
    ],
    3: [
        *(nn.Conv3d(4, 6, 3), nn.Conv3d(4, 6, (2, 4, 4)), nn.Conv3d(4, 4, 3, groups=4), nn.ConvTranspose3d(4, 6, 3)),
        *(nn.MaxPool3d(2), nn.AvgPool3d(2), nn.BatchNorm3d(4), nn.GroupNorm(2, 4), nn.ReflectionPad3d(1)),
        *(nn.ReplicationPad3d(1), nn.AdaptiveAvgPool3d(2), nn.InstanceNorm3d(4), nn.ChannelShuffle(2)),
    ],
}
EVERYWHERE = [
    *(nn.ReLU(), nn.ReLU(True), nn.GELU(), nn.Sigmoid(), nn.LogSigmoid(), nn.RReLU(), nn.ELU(), nn.Mish(), nn.SiLU()),
    *(nn.Hardswish(), nn.Softplus(), nn.Dropout(), nn.Identity(), nn.Flatten()),
]
FUNCTIONS: list[Callable[[Tensor], Tensor]] = [
    lambda x: torch.cat([x, x], 1),
    lambda x: x + x,
    lambda x: x * x.mean(1, keepdim=True),
    lambda x: torch.roll(x, 1, 2),
    lambda x: x.roll(1, 1),
    lambda x: x[:, :2],
    lambda x: x.flip(1),
    lambda x: x.clone(),
    lambda x: x.repeat(*[2] * x.dim()),
    lambda x: F.pad(x, (1, 1), mode="constant"),
    lambda x: F.interpolate(x, scale_factor=2),
]


class _Of(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]):
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def inputs(axes: int, images: int) -> Iterator[Tensor]:
    """Pictures in several orders: as they are, channels last, a part of such, and with their sides exchanged."""
    sizes = (9, 8, 7)[:axes]
    last = (0, axes + 1, *range(1, axes + 1))
    yield torch.rand(images, 4, *sizes)
    yield torch.rand(images, *sizes, 4).permute(last)
    yield torch.rand(images, *sizes, 8).permute(last)[:, :4]
    if axes > 1:
        yield torch.rand(images, 4, *sizes[::-1]).transpose(2, axes + 1)


def order(x: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Its sizes, and the strides of the axes that have more than one place."""
    return tuple(x.shape), tuple(stride for stride, size in zip(x.stride(), x.shape, strict=True) if size > 1)


ONE_DNN = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="volumes are kept so by oneDNN alone")


@pytest.mark.parametrize("axes", [1, 2, pytest.param(3, marks=ONE_DNN)])
@pytest.mark.parametrize("images", [1, 3])
def test_every_layer_leaves_its_result_in_the_order_in_which_torch_leaves_it(axes: int, images: int) -> None:
    wrong = []
    layers = [*LAYERS[axes], *EVERYWHERE, *map(_Of, FUNCTIONS)]
    with torch.no_grad():
        for layer in (one.eval() for one in layers):
            for x in inputs(axes, images):
                nothing, wanted = torch.empty_strided(x.shape, x.stride(), device="meta"), order(layer(x))
                with _Weightless():
                    got = order(weightless(layer)(nothing))
                wrong += [(str(layer), x.stride(), wanted, got)] if got != wanted else []
    assert not wrong


@pytest.mark.parametrize("sizes", [(2, 3, 5, 4), (1, 1, 5, 4), (3, 4, 1, 1), (3, 1, 1, 4), (2, 3, 1, 5), (1, 1, 1, 1)])
@pytest.mark.parametrize("turn", [(0, 1, 2, 3), (0, 3, 1, 2), (1, 0, 2, 3)])
def test_channels_lie_last_where_a_convolution_says_so(sizes: tuple[int, ...], turn: tuple[int, ...]) -> None:
    x = torch.rand(sizes).permute(turn)
    result = nn.Conv2d(x.shape[1], 5, 1)(torch.nn.functional.pad(x, (1, 1, 1, 1)) if min(x.shape[2:]) > 1 else x)
    if min(result.shape[1:]) > 1:  # where one channel or one place may be either, nothing is to be seen of it
        assert lies_last(x) is (not result.is_contiguous())


class _Rows(nn.Module):
    def __init__(self, way: Callable[[Tensor], Tensor]):
        super().__init__()
        self.first, self.last, self.way = nn.Conv2d(3, 6, 5), nn.Linear(6 * 10 * 8, 7), way

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.way(torch.relu(self.first(x.permute(0, 3, 1, 2)))))


@pytest.mark.parametrize(
    ("way", "runs"),
    [
        (lambda x: x.view(x.size(0), -1), False),
        (lambda x: x.reshape(x.size(0), -1), True),
        (lambda x: x.contiguous().view(x.size(0), -1), True),
        (lambda x: x.flatten(1), True),
    ],
)
def test_a_view_of_what_lies_with_its_channels_last_is_refused_as_on_the_cpu(
    way: Callable[[Tensor], Tensor], runs: bool
) -> None:
    network, x = _Rows(way), torch.rand(2, 14, 12, 3)
    if runs:
        assert trace(network, (1, 14, 12, 3))[-1].output_shape == (1, *network(x).shape[1:])
        return
    with pytest.raises(RuntimeError):
        network(x)
    with pytest.raises(ValueError):
        trace(network, (1, 14, 12, 3))

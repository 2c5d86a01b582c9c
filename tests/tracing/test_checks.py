"""What a trace lets pass torch runs on the CPU, too, and the other way round: layers of torch.nn and functions, drawn
at random and wrong on purpose."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import record, runs
from tests.sampling import Tries

Pick = random.Random
ACTIVATIONS = (
    *(nn.ReLU, nn.ReLU6, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.Sigmoid, nn.SiLU, nn.Mish, nn.Softplus, nn.Softshrink),
    *(nn.Softsign, nn.Tanh, nn.Tanhshrink, nn.Hardshrink, nn.Hardsigmoid, nn.Hardswish, nn.Hardtanh, nn.LeakyReLU),
    *(nn.LogSigmoid, nn.RReLU, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.Softmax2d),
)
SIZES, MODES = (1, 2, 3, 4, 6, 8), ("nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact", "area")


class OnItself(nn.Module):
    """A layer of several inputs, all of them the same."""

    def __init__(self, layer: nn.Module, inputs: int):
        super().__init__()
        self.layer, self.inputs = layer, inputs

    def forward(self, x: Tensor) -> Tensor:
        result = self.layer(*[x] * self.inputs)
        return result[0] if isinstance(result, tuple) else result


class Called(nn.Module):
    """A function in place of a layer."""

    def __init__(self, function: Callable[..., Any], *weights: tuple[int, ...]):
        super().__init__()
        self.function, self.weights = function, nn.ParameterList([torch.rand(shape) for shape in weights])

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.function(x, *self.weights)
        return result


def transposed(pick: Pick, axes: int, n: int, m: int) -> nn.Module:
    settings = {"stride": pick.choice([1, 1, 2, 3]), "padding": pick.choice([0, 0, 1, 2])}
    settings |= {"output_padding": pick.choice([0, 0, 1, 2]), "dilation": pick.choice([1, 1, 2])}
    kernel = tuple(pick.randint(1, 4) for _ in range(axes))
    if pick.random() < 0.5:
        kind: Any = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[axes - 1]
        return kind(n, m, kernel, groups=pick.choice([1, 2]), **settings)
    function: Any = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
    return Called(lambda x, weight: function(x, weight, **settings), (n, m, *kernel))


def layer(pick: Pick) -> nn.Module:
    """A layer, as likely wrong as right. Raises where its own class refuses it."""
    axes, n, m = pick.choice([1, 2, 3]), pick.choice(SIZES), pick.choice(SIZES)
    k, s, p, d = pick.randint(1, 4), pick.choice([1, 1, 2, 3]), pick.choice([0, 0, 1, 2, 3]), pick.choice([1, 1, 2])
    dim, out = pick.randint(-4, 5), pick.randint(1, 3)
    pads = tuple(pick.choice([0, 1, 2, 3, 5, -1]) for _ in range(2 * axes))

    def of(name: str) -> Any:
        return getattr(nn, f"{name}{axes}d")

    ceil, ring = pick.random() < 0.3, pick.choice(["zeros", "reflect", "circular", "replicate"])
    scale: dict[str, Any] = pick.choice([{"scale_factor": 2}, {"scale_factor": 0.2}, {"size": 5}, {"size": (3, 4)}])
    return pick.choice([
        lambda: of("Conv")(n, m, k, s, p, d, pick.choice([1, 2]), padding_mode=ring),
        lambda: of("Conv")(n, m, k, padding="same", dilation=d),
        lambda: transposed(pick, axes, n, m),
        lambda: transposed(pick, axes, n, m),
        lambda: of("MaxPool")(k, pick.choice([None, 1, 2]), p, d, ceil_mode=ceil),
        lambda: of("AvgPool")(k, pick.choice([None, 1, 2]), p, ceil_mode=ceil),
        lambda: of("LPPool")(2, k),
        lambda: of(pick.choice(["AdaptiveAvgPool", "AdaptiveMaxPool"]))(out),
        lambda: of("BatchNorm")(n),
        lambda: of("InstanceNorm")(n, affine=pick.random() < 0.5),
        lambda: of(pick.choice(["ReflectionPad", "ReplicationPad", "ZeroPad"]))(pads),
        lambda: pick.choice([nn.Softmax, nn.LogSoftmax, nn.Softmin])(dim),
        lambda: Called(lambda x: F.softmax(x, dim=dim)),
        lambda: Called(lambda x: x.log_softmax(dim)),
        lambda: nn.GLU(dim),
        lambda: nn.GroupNorm(pick.randint(1, 3), n),
        lambda: pick.choice([nn.LayerNorm, nn.RMSNorm])(pick.choice([n, (n, m)])),
        lambda: pick.choice([nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle])(pick.randint(1, 3)),
        lambda: nn.Unfold((k, k), d, p, s),
        lambda: nn.Fold((pick.randint(3, 5), 4), (k, k), d, p, s),
        lambda: nn.Flatten(dim, pick.choice([-2, -1, 2, 3])),
        lambda: nn.Unflatten(dim, pick.choice([(2, 2), (-1, 2), (4,), (-1, -1)])),
        lambda: nn.Linear(n, m),
        lambda: nn.PReLU(pick.choice([1, n])),
        lambda: nn.LocalResponseNorm(pick.choice([1, 2, 5])),
        lambda: nn.Upsample(**scale, mode=pick.choice(MODES)),
        lambda: pick.choice([nn.LSTM, nn.GRU, nn.RNN])(n, m, pick.randint(1, 2), bidirectional=pick.random() < 0.3),
        lambda: pick.choice([nn.LSTMCell, nn.GRUCell, nn.RNNCell])(n, m),
        lambda: nn.TransformerEncoderLayer(n, pick.choice([1, 2]), 8, batch_first=pick.random() < 0.5),
        lambda: OnItself(nn.MultiheadAttention(n, pick.choice([1, 2])), 3),
        lambda: OnItself(nn.Bilinear(n, n, m), 2),
        lambda: nn.FractionalMaxPool2d(k, output_size=out),
        lambda: pick.choice(ACTIVATIONS)(),
    ])()  # fmt: skip


def drawn(pick: Pick) -> nn.Module:
    while True:
        try:
            return layer(pick)
        except (AssertionError, ValueError):
            continue


def first(result: Any) -> Tensor:
    while isinstance(result, tuple):
        result = result[0]
    return result


def on_the_cpu(network: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """What torch makes of it; None where it refuses."""
    try:
        with torch.no_grad():
            return tuple(first(network(torch.rand(shape))).shape)
    except Exception:
        return None


def in_a_trace(network: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    traced = weightless(network)
    steps, stopped = record(traced, shape)
    assert runs(traced, shape) == (stopped is None)
    return None if stopped is not None else steps[-1].output_shape


@pytest.mark.slow
def test_every_layer_is_taken_and_refused_as_on_the_cpu(tries: Tries) -> None:
    taken, refused = 0, 0
    for pick in tries(20_000, sample=1_500):
        one = drawn(pick).eval()
        sizes = [pick.randint(1, 8) for _ in range(pick.choice([0, 1, 1, 2, 2, 2, 3, 3]))]
        shape = (pick.choice([1, 2]), pick.choice(SIZES), *sizes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            want, met = on_the_cpu(one, shape), in_a_trace(one, shape)
        assert want == met or (want is not None and 0 in want), (one, shape, want, met)
        taken, refused = taken + (want is not None), refused + (want is None)
    assert min(taken, refused) > 100


class Twice(nn.Module):
    """The same layer behind another, to be stopped by its second."""

    def __init__(self, *layers: nn.Module):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        for one in self.layers:
            x = one(x)
        return x


@pytest.mark.parametrize(
    ("network", "shape", "name"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Softmax(dim=2)), (1, 1, 28, 28), "2"),
        (nn.Sequential(nn.ConvTranspose2d(1, 1, 3, output_padding=1)), (1, 1, 28, 28), "0"),
        (nn.Sequential(nn.Conv2d(1, 3, 3), nn.ConvTranspose2d(4, 1, 3)), (1, 1, 28, 28), "1"),
        (nn.Sequential(nn.Conv1d(1, 3, 3), nn.ConvTranspose1d(4, 1, 3)), (1, 1, 28), "1"),
        (nn.Sequential(nn.Conv3d(1, 3, 3), nn.ConvTranspose3d(4, 1, 3)), (1, 1, 8, 8, 8), "1"),
        (nn.Sequential(nn.ConvTranspose2d(1, 1, 1, padding=3)), (1, 1, 4, 9), "0"),
        (Twice(nn.ReLU(), Called(lambda x: F.softmax(x, dim=4))), (1, 2, 3, 3), "layers.1.softmax"),
        (Twice(nn.ReLU(), Called(lambda x, w: F.conv_transpose2d(x, w), (4, 2, 3, 3))), (1, 2, 3, 3), "layers.1.conv"),
        (Twice(nn.UpsamplingBilinear2d(scale_factor=0.1), nn.ReLU()), (1, 2, 4, 4), "layers.0"),
    ],
)  # fmt: skip
def test_where_the_meta_device_would_go_on_it_stops(network: nn.Module, shape: tuple[int, ...], name: str) -> None:
    assert on_the_cpu(network, shape) is None
    _, stopped = record(weightless(network), shape)
    assert stopped is not None and stopped.name.startswith(name)
    assert not runs(weightless(network), shape)

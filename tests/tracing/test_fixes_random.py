"""Random texts: what is said of them, that they fit or not, and what mends them, held against torch on the CPU."""

from __future__ import annotations

import random

import pytest
import torch
from torch import nn

from cnnviz.networks import notation
from cnnviz.tracing import ShapeError, apply, trace
from tests.sampling import Tries

Shape = tuple[int, ...]


def fits(text: str, shape: Shape) -> bool:
    """Whether torch itself runs the network of that text."""
    try:
        with torch.no_grad():
            notation.parse(text).build().eval()(torch.zeros(shape))
    except Exception:  # as torch refuses
        return False
    return True


def random_layer(pick: random.Random, channels: int) -> str:
    """A layer for so many channels, mostly."""
    c = channels if pick.random() < 0.85 else pick.choice([1, 2, 3, 4, 6])
    m, k, p, s = (
        pick.choice([1, 2, 4, 6]),
        pick.choice([1, 2, 3, 5]),
        pick.choice([0, 0, 1, 2]),
        pick.choice([1, 1, 2, 3]),
    )
    return pick.choice(
        [
            f"nn.Conv2d({c}, {m}, {k}, stride={s}, padding={p})",
            f"nn.Conv2d({c}, {m}, {k}, padding='same')",
            f"nn.Conv2d({c}, {m}, 3, dilation=2)",
            f"nn.Conv2d({c}, {m}, 3, padding={p}, padding_mode='reflect')",
            f"nn.ConvTranspose2d({c}, {m}, {k}, stride={s}, padding={p}, output_padding={pick.choice([0, 0, 1])})",
            f"nn.Conv1d({c}, {m}, {k})",
            f"nn.MaxPool2d({k}, padding={p})",
            f"nn.AvgPool2d({k}, stride={s})",
            f"nn.MaxPool1d({k})",
            f"nn.AdaptiveAvgPool2d({pick.choice([1, 2, 3])})",
            f"nn.BatchNorm2d({c})",
            f"nn.BatchNorm1d({c})",
            f"nn.InstanceNorm2d({c})",
            f"nn.GroupNorm({pick.choice([1, 2])}, {c})",
            f"nn.LayerNorm({pick.choice([4, 8, (c, 8, 8)])})",
            f"nn.PReLU({c})",
            "nn.ReLU()",
            "nn.Dropout(0.5)",
            "nn.Upsample(scale_factor=2)",
            "nn.ZeroPad2d((1, 0, 2, 1))",
            f"nn.Flatten({pick.choice([0, 1, 1, 1, 2])})",
            f"nn.Unflatten(1, ({pick.choice([1, 2, c])}, {pick.choice([2, 4, 8])}))",
            f"nn.Linear({pick.choice([8, 16, 64, 100])}, {m})",
            f"nn.Softmax({pick.choice([0, 1, 2, 3])})",
            f"Residual(nn.Conv2d({c}, {pick.choice([c, m])}, 3, padding={pick.choice([0, 1])}), nn.ReLU())",
            f"Residual(nn.Conv2d({c}, {m}, 3, padding=1, stride={s}), shortcut=nn.Conv2d({c}, {m}, 1, stride={s}))",
        ]
    )


def random_text(pick: random.Random) -> str:
    """Convolutions, poolings, a Flatten and linear layers, as people write them, with mistakes."""
    layers, channels = [], pick.choice([1, 2, 3])
    for _ in range(pick.randint(1, 5)):
        layers.append(random_layer(pick, channels))
        if "Conv" in layers[-1]:
            channels = int(layers[-1].partition("Conv")[2].split(",")[1])
    if pick.random() < 0.5:
        layers += ["nn.Flatten()", f"nn.Linear({pick.choice([1, 2, 4, 9, 16]) * channels}, 10)"]
    return f"nn.Sequential({', '.join(layers)})"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns of even kernels, and of norms that no one asked
def test_no_verdict_and_no_fix_differs_from_torch(tries: Tries) -> None:
    well, mended = 0, 0
    for pick in tries(2000, sample=110):
        text = random_text(pick)
        shape = (pick.choice([1, 2, 3]), pick.choice([1, 2, 3]), pick.randint(2, 14), pick.randint(2, 14))
        try:
            network = notation.parse(text).weightless()
        except notation.NotationError:  # groups that do not divide
            continue
        try:
            trace(network, shape)
            stopped = None
        except ShapeError as error:
            stopped = error
        assert (stopped is None) == fits(text, shape), (text, shape)
        well += stopped is None
        for fix in stopped.fixes if stopped else ():
            assert isinstance(network, nn.Sequential)
            changed = notation.write(apply(network, fix))
            assert fits(changed, fix.input_shape or shape) == fix.whole, (text, shape, fix)
            mended += fix.whole
    assert well > 10 and mended > 30

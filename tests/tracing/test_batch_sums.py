"""Sums that repeat the smaller of their operands: told where maps were to have the same shape, and not where one number
for many is meant; and what fits for one image alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz.networks import OWN_TEXT
from cnnviz.server import following
from cnnviz.tracing import mixing
from tests.tracing.nets import Net
from tests.tracing.test_batch import text_of
from tests.tracing.test_fixes_of_many import class_of

Shape = tuple[int, ...]


def dueling(net: Any, x: Tensor) -> Tensor:
    value, gain = net.value(x.relu()), net.gain(x.relu())
    total: Tensor = value + gain - gain.mean(dim=1, keepdim=True)
    return total


def around(body: str) -> nn.Module:
    return text_of(f"Residual({body})")


MEANT: dict[str, tuple[nn.Module, Shape]] = {
    "a value and advantages": (Net(dueling, value=nn.Linear(7, 1), gain=nn.Linear(7, 4)), (1, 7)),
    "one key for each step of a sequence": (
        Net(lambda net, x: (net.one(x) + net.two(x[:, -1:].relu())).tanh(), one=nn.Linear(5, 3), two=nn.Linear(5, 3)),
        (1, 6, 5),
    ),
    "one number for each step of a sequence": (
        Net(lambda net, x: net.one(x) + net.two(x), one=nn.Linear(5, 1), two=nn.Linear(5, 3)), (1, 6, 5)
    ),
    "a mean that keeps its axes": (Net(lambda net, x: x + x.mean((2, 3), keepdim=True)), (1, 4, 6, 5)),
    "a context of each channel, from a branch": (
        Net(
            lambda net, x: net.one(x) + net.two(net.pool(x)),
            one=nn.Conv2d(2, 4, 1), two=nn.Conv2d(2, 4, 1), pool=nn.AdaptiveAvgPool2d(1),
        ),
        (1, 2, 6, 5),
    ),
}  # fmt: skip
TOLD: dict[str, tuple[nn.Module, Shape, list[str]]] = {
    "around one channel": (around("nn.Conv2d(4, 1, 3, padding=1)"), (1, 4, 6, 5), ["4 × 6 × 5", "1 × 6 × 5"]),
    "around a pooling": (around("nn.AdaptiveAvgPool2d(1)"), (1, 4, 6, 5), ["4 × 6 × 5", "4 × 1 × 1"]),
    "around one feature": (around("nn.Linear(7, 1)"), (1, 7), ["7", "1"]),
    "behind a layer, around one feature": (
        Net(lambda net, x: (y := net.one(x)) + net.two(y).relu(), one=nn.Linear(5, 6), two=nn.Linear(6, 1)), (1, 5),
        ["6", "1"],
    ),
    "maps of one channel and of several": (
        Net(lambda net, x: net.one(x) + net.two(x), one=nn.Conv2d(2, 1, 1), two=nn.Conv2d(2, 3, 1)), (1, 2, 6, 5),
        ["1 × 6 × 5", "3 × 6 × 5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_to_be_repeated_is_not_told(name: str) -> None:
    network, shape = MEANT[name]
    assert mixing(network, shape) == ()


@pytest.mark.parametrize("name", TOLD)
def test_what_was_to_have_the_same_shape_is_told(name: str) -> None:
    network, shape, said = TOLD[name]
    (found,) = mixing(network, shape)
    assert (found.kind, found.trains) == ("broadcast", True)
    assert all(one in found.sentence for one in said)


def test_a_mean_over_the_images_is_told_beside_what_is_meant() -> None:
    def forward(net: Any, x: Tensor) -> Tensor:
        value, gain = net.value(x), net.gain(x)
        total: Tensor = value + gain - gain.mean(0, keepdim=True)
        return total

    (found,) = mixing(Net(forward, value=nn.Linear(7, 1), gain=nn.Linear(7, 4)), (1, 7))
    assert (found.step, found.kind) == ("mean", "mixed")


def test_a_view_of_what_a_recurrent_layer_gives_is_told_with_the_layer() -> None:
    network = Net(
        lambda net, x: net.fc(net.rnn(x)[0].relu().view(-1, 20)),
        rnn=nn.GRU(6, 4, batch_first=True),
        fc=nn.Linear(20, 2),
    )
    (found,) = mixing(network, (1, 5, 6))
    assert (found.step, found.kind, found.trains) == ("view", "alone", False)
    assert "rnn" in found.sentence and "reshape" in found.sentence


def test_a_mean_without_its_axis_is_told_where_one_image_alone_fits() -> None:
    text = class_of("self.conv = nn.Conv2d(4, 3, 1)", "return self.conv(x - x.mean(1))")
    shape = (1, 4, 6, 5)
    assert following.trace(OWN_TEXT, text, shape, "", (), (), lambda _share: None).stopped is None
    (found,) = following.mixed(OWN_TEXT, text, shape, "", (), (), lambda _share: None)
    assert (found.step, found.kind, found.trains) == ("sub", "alone", False)
    assert "keepdim=True" in found.sentence and "channels" in found.sentence
    with pytest.raises(RuntimeError):
        torch.rand(3, *shape[1:]) - torch.rand(3, *shape[1:]).mean(1)

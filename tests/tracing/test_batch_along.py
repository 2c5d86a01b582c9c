"""Steps that go along an axis and keep it: they mix where the images stand there, and nowhere else. Held against
torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.tracing import mixing
from tests.helpers import names
from tests.tracing.nets import Net
from tests.tracing.test_batch_across import mixes

MAPS, ROWS, SEQUENCE = (1, 4, 6, 6), (1, 6), (1, 5, 6)
Forward = Callable[[Any, Tensor], Any]


def moved(step: Callable[[Tensor], Tensor], *order: int) -> Forward:
    """The step between a permute and the one that takes it back."""
    back = [order.index(axis) for axis in range(len(order))]
    return lambda _, x: step(x.permute(order)).permute(back)


APART: dict[str, Forward] = {
    "roll two": lambda _, x: torch.roll(x, (-4, -4), (2, 3)),
    "roll one": lambda _, x: x.roll(-4, 2),
    "roll by names": lambda _, x: torch.roll(x, shifts=(1, 1), dims=(1, 3)),
    "sort": lambda _, x: x.flatten(2).sort()[0],
    "sort downwards": lambda _, x: torch.sort(x.flatten(2), descending=True)[0],
    "argsort": lambda _, x: x.flatten(2).argsort().float(),
    "flip": lambda _, x: x.flip(2, 3),
    "flip a list": lambda _, x: torch.flip(x, [-1]),
    "softmax": lambda _, x: F.softmax(x.flatten(2), 2),
    "normalize": lambda _, x: F.normalize(x.flatten(2), 2, -1),
    "cumsum": lambda _, x: x.cumsum(1),
    "layer_norm": moved(lambda x: F.layer_norm(x, (6,)), 1, 0, 2, 3),
    "layer_norm of each": lambda _, x: F.layer_norm(x, x.shape[1:]),
    "pooling of size one": moved(lambda x: F.max_pool2d(x, 1), 1, 2, 0, 3),
    "pooling without channels": lambda _, x: F.avg_pool2d(x.flatten(1, 2), 3),
    "convolution of size one": moved(lambda x: F.conv2d(x, torch.ones(6, 6, 1, 1)), 3, 2, 0, 1),
    "a convolution for each image": lambda _, x: F.conv2d(
        x.reshape(1, -1, 6, 6), torch.ones(x.size(0) * 4, 1, 3, 3), groups=x.size(0) * 4
    ).view(x.size(0), 4, 4, 4),
    "attention": lambda _, x: F.scaled_dot_product_attention(x, x, x),
    "instance_norm": lambda _, x: F.instance_norm(x),
    "group_norm": lambda _, x: F.group_norm(x, 2),
}


@pytest.mark.parametrize("name", APART)
def test_along_another_axis_nothing_is_said(name: str) -> None:
    network = Net(APART[name])
    assert not mixes(network, MAPS) and mixing(network, MAPS) == ()


# the step, and whether each image has its row then
ALONG: dict[str, tuple[Forward, str, bool]] = {
    "roll": (lambda _, x: x.roll(1, 0), "roll", False),
    "roll without dims": (lambda _, x: torch.roll(x, 1), "roll", False),
    "roll for a mixture": (lambda _, x: x + 0.5 * x.roll(1, 0), "roll", True),
    "sort": (lambda _, x: torch.sort(x, descending=True, dim=0)[0], "sort", False),
    "argsort": (lambda _, x: x.argsort(0).float(), "argsort", False),
    "flip among others": (lambda _, x: x.flip(2, 0), "flip", False),
    "shuffled": (lambda _, x: x + x[torch.randperm(x.size(0)).to(x.device)] * torch.ones(1), "getitem", True),
    "softmax": (lambda _, x: F.softmax(x, 0), "softmax", True),
    "softmax without dim": (lambda _, x: nn.Softmax(dim=None)(x.flatten(2)), "softmax", True),
    "cumsum": (lambda _, x: torch.cumsum(x, dim=0), "cumsum", True),
    "normalize": (lambda _, x: F.normalize(x.flatten(1), 2, 0), "normalize", True),
    "layer_norm of all": (lambda _, x: F.layer_norm(x, x.shape), "layer_norm", True),
    "layer_norm, moved": (moved(lambda x: F.layer_norm(x, x.shape[-1:]), 1, 2, 3, 0), "layer_norm", True),
    "group_norm, moved": (moved(lambda x: F.group_norm(x, 1), 1, 0, 2, 3), "group_norm", True),
    "instance_norm, moved": (moved(F.instance_norm, 2, 1, 0, 3), "instance_norm", True),
    "convolution, moved": (
        moved(lambda x: F.conv2d(x, torch.ones(4, 4, 3, 3), padding=1), 3, 1, 0, 2), "conv2d", True
    ),
    "pooling, moved": (moved(lambda x: F.avg_pool2d(x, 3, 1, 1), 1, 2, 0, 3), "avg_pool2d", True),
    "attention, moved": (
        moved(lambda x: F.scaled_dot_product_attention(x, x, x), 1, 2, 0, 3), "scaled_dot_product_attention", True
    ),
    "attention of rows": (
        lambda _, x: F.scaled_dot_product_attention(x.flatten(1), x.flatten(1), x.flatten(1)),
        "scaled_dot_product_attention", True,
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize("name", ALONG)
def test_along_the_images_they_mix(name: str) -> None:
    forward, step, trains = ALONG[name]
    network = Net(forward)
    assert mixes(network, MAPS)
    (one,) = mixing(network, MAPS)
    assert (one.step, one.kind, one.trains) == (step, "dim", trains) and not one.sentence.endswith(".")


def encoder(first: bool) -> nn.Module:
    layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=first)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


# the layer, the shape, what comes before and behind, and what is said
FOR_TIME: dict[str, tuple[nn.Module, tuple[int, ...], Forward, list[object]]] = {
    "a row for the batch": (
        nn.GRU(6, 4, batch_first=True), ROWS, lambda net, x: net.r(x.unsqueeze(0))[0][0], [1, "x.unsqueeze(1)"]
    ),
    "the same by a view": (
        nn.LSTM(6, 4, batch_first=True), ROWS, lambda net, x: net.r(x.view(1, x.size(0), -1))[0].squeeze(0), [1]
    ),
    "moved for nothing": (
        nn.RNN(6, 4, batch_first=True), SEQUENCE, lambda net, x: net.r(x.permute(1, 0, 2))[0][-1],
        [1, "batch_first=False"],
    ),
    "not moved": (nn.LSTM(6, 4), SEQUENCE, lambda net, x: net.r(x)[0][:, -1], ["first axis", "batch_first=True"]),
    "an attention, moved for nothing": (
        nn.MultiheadAttention(6, 2, batch_first=True), SEQUENCE,
        lambda net, x: net.r(*[x.transpose(0, 1)] * 3)[0].mean(0), [1, "batch_first=False"],
    ),
    "an attention of rows": (
        nn.MultiheadAttention(6, 2, batch_first=True), ROWS,
        lambda net, x: net.r(*[x.unsqueeze(0)] * 3)[0].squeeze(0), [1, "x.unsqueeze(1)"],
    ),
    "a stack of two, told once": (encoder(True), SEQUENCE, lambda net, x: net.r(x.transpose(0, 1)).mean(0), [1]),
    "a stack, not moved": (encoder(False), SEQUENCE, lambda net, x: net.r(x)[:, 0], ["batch_first=True"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FOR_TIME)
def test_images_that_are_taken_for_time_are_told(name: str) -> None:
    layer, shape, forward, said = FOR_TIME[name]
    network = Net(forward, r=layer)
    assert mixes(network, shape)
    (one,) = mixing(network, shape)
    assert (one.kind, one.trains) == ("lstm", True) and names(one.sentence, *said)


IN_TIME: dict[str, tuple[nn.Module, tuple[int, ...], Forward]] = {
    "each its own sequence": (
        nn.GRU(6, 4, batch_first=True), ROWS, lambda net, x: net.r(x.unsqueeze(1))[0].squeeze(1)
    ),
    "moved": (nn.LSTM(6, 4), SEQUENCE, lambda net, x: net.r(x.transpose(0, 1))[0][-1]),
    "first": (encoder(True), SEQUENCE, lambda net, x: net.r(x)[:, 0]),
    "moved, a stack": (encoder(False), SEQUENCE, lambda net, x: net.r(x.transpose(0, 1)).mean(0)),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_TIME)
def test_where_they_are_not_nothing_is_said(name: str) -> None:
    layer, shape, forward = IN_TIME[name]
    network = Net(forward, r=layer)
    assert not mixes(network, shape) and mixing(network, shape) == ()

"""Views that lay numbers of several images in one row, squeezes that take away the axis of one image, and what takes
images for time or for statistics: each is held against torch."""

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

Shape = tuple[int, ...]


def mixes(network: nn.Module, shape: Shape) -> bool:
    """Whether in torch an image has other numbers in a batch than alone."""
    torch.manual_seed(0)
    images = torch.rand(3, *shape[1:])
    with torch.no_grad():
        together = network.eval()(images)
        alone = [network(image[None]).reshape(together.shape[1:]) for image in images]
    return not torch.allclose(together, torch.stack(alone), atol=1e-4)


def layers_of(net: Any, x: Tensor) -> Tensor:
    """The state of each layer of a recurrent one, (layers, N, features)."""
    state: Tensor = net.rnn(x)[1]
    return state


GRU = {"input_size": 6, "hidden_size": 4, "batch_first": True}
ACROSS: dict[str, tuple[Net, Shape, str]] = {
    "time first by a view": (
        Net(lambda net, x: net.rnn(x.view(7, -1, 6))[0][-1], rnn=nn.GRU(6, 4)), (1, 1, 7, 6), "view"
    ),
    "the states of two layers": (
        Net(lambda net, x: layers_of(net, x).view(-1, 8), rnn=nn.GRU(num_layers=2, **GRU)), (1, 7, 6), "view"
    ),
    "the states of two directions": (
        Net(lambda net, x: layers_of(net, x).reshape(-1, 8), rnn=nn.GRU(bidirectional=True, **GRU)),
        (2, 7, 6), "reshape",
    ),
    "pictures of a video, time first": (
        Net(lambda net, x: net.fc(x.flatten(0, 1).flatten(1)).view(x.size(1), x.size(0), -1).sum(0),
            fc=nn.Linear(6, 4)),
        (2, 5, 1, 2, 3), "view",
    ),
    "channels before images": (
        Net(lambda net, x: net.conv(x).transpose(0, 1).reshape(-1, 64), conv=nn.Conv2d(1, 4, 3)),
        (1, 1, 6, 6), "reshape",
    ),
    "numbers before images": (Net(lambda _, x: x.view(36, -1).T), (1, 1, 6, 6), "view"),
    "two in one batch, parted the other way": (
        Net(lambda _, x: torch.cat([x, 2 * x], 0).view(x.size(0), 2, -1).sum(1)), (1, 1, 3, 4), "view"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACROSS)
def test_a_view_across_images_is_named(name: str) -> None:
    network, shape, step = ACROSS[name]
    assert mixes(network, shape)
    first = mixing(network, shape)[0]
    assert (first.kind, first.trains) == ("mixed", False) and first.step.startswith(step)
    assert len(mixing(network, shape)) == 1


def windows(x: Tensor) -> Tensor:
    """(N, C, H, W) in windows of two by two and back again."""
    n, c, h, w = x.shape
    parts = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, c)
    back = (parts + parts.mean(1, keepdim=True)).view(n, h // 2, w // 2, 2, 2, c)
    return back.permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)


def heads(x: Tensor) -> Tensor:
    """An attention of two heads over (L, N, E), as torch has it: the heads are laid beside the images."""
    length, n, _ = x.shape
    q = x.reshape(length, n * 2, -1).transpose(0, 1)
    mixed = torch.bmm(torch.softmax(torch.bmm(q, q.transpose(1, 2)), -1), q)
    return mixed.transpose(0, 1).reshape(length, n, -1)


SOUND: dict[str, tuple[Net, Shape]] = {
    "windows": (Net(lambda _, x: windows(x)), (1, 3, 4, 6)),
    "heads": (Net(lambda _, x: heads(x.flatten(2).permute(2, 0, 1))[-1]), (1, 4, 3, 3)),
    "channels shuffled": (
        Net(lambda _, x: x.view(x.size(0), 2, 3, 4, 4).transpose(1, 2).reshape(x.size(0), 6, 4, 4)), (1, 6, 4, 4)
    ),
    "columns of maps": (
        Net(lambda net, x: net.rnn(x.permute(0, 3, 1, 2).reshape(x.size(0), x.size(3), -1))[0][:, -1],
            rnn=nn.GRU(**GRU)),
        (1, 2, 3, 5),
    ),
    "pictures of a video": (
        Net(lambda net, x: net.fc(x.flatten(0, 1).flatten(1)).view(x.size(0), x.size(1), -1).sum(1),
            fc=nn.Linear(6, 4)),
        (2, 5, 1, 2, 3),
    ),
    "the states of two layers": (
        Net(lambda net, x: layers_of(net, x).transpose(0, 1).reshape(-1, 8), rnn=nn.GRU(num_layers=2, **GRU)),
        (1, 7, 6),
    ),
    "two in one batch": (
        Net(lambda _, x: torch.cat([x, 2 * x], 0).view(2, x.size(0), -1).sum(0)), (1, 1, 3, 4)
    ),
    "time first by a transpose": (
        Net(lambda net, x: net.rnn(x.squeeze(1).transpose(0, 1))[0][-1], rnn=nn.GRU(6, 4)), (1, 1, 7, 6)
    ),
    "a norm of groups": (Net(lambda _, x: F.batch_norm(x, torch.zeros(1), torch.ones(1))), (1, 1, 6, 6)),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_view_that_leaves_images_apart_is_not_named(name: str) -> None:
    network, shape = SOUND[name]
    assert not mixes(network, shape) and mixing(network, shape) == ()


SQUEEZED: dict[str, tuple[Net, Shape]] = {
    "a mean before": (
        Net(lambda net, x: net.fc(x.mean((2, 3), keepdim=True).squeeze()), fc=nn.Linear(3, 5)), (1, 3, 6, 6)
    ),
    "at the end": (Net(lambda net, x: net.fc(x.flatten(1)).squeeze(), fc=nn.Linear(36, 1)), (4, 1, 6, 6)),
    "a view behind": (Net(lambda _, x: x.squeeze().view(-1, 36)), (1, 3, 3, 4)),
    "of the first axis": (Net(lambda _, x: torch.squeeze(x, 0).view(-1, 36)), (1, 3, 3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", SQUEEZED)
def test_a_squeeze_that_takes_the_axis_of_one_image_mixes_none(name: str) -> None:
    network, shape = SQUEEZED[name]
    assert not mixes(network, shape)
    assert [(one.step, one.kind, one.trains) for one in mixing(network, shape)] == [("squeeze", "squeeze", True)]


@pytest.mark.parametrize(
    "squeeze", [lambda x: x.squeeze(1), lambda x: x.mean((2, 3), keepdim=True).squeeze(-1).squeeze(2)]
)
def test_a_squeeze_of_another_axis_is_not_named(squeeze: Callable[[Tensor], Tensor]) -> None:
    assert mixing(Net(lambda _, x: squeeze(x)), (1, 1, 6, 6)) == ()


@pytest.mark.parametrize(("first", "said"), [(True, "x.unsqueeze(1)"), (False, "x.unsqueeze(0)")])
def test_rows_of_features_are_taken_for_time(first: bool, said: str) -> None:
    network = Net(lambda net, x: net.rnn(x.flatten(1))[0], rnn=nn.GRU(6, 4, batch_first=first))
    (one,) = mixing(network, (1, 1, 2, 3))
    assert mixes(network, (1, 1, 2, 3)) and (one.kind, one.trains) == ("lstm", True) and names(one.sentence, said)
    apart = Net(lambda net, x: net.rnn(x.flatten(1).unsqueeze(int(first)))[0].flatten(0, 1), rnn=network.rnn)
    assert not mixes(apart, (1, 1, 2, 3)) and mixing(apart, (1, 1, 2, 3)) == ()


BY_BATCH = [
    Net(lambda net, x: net.norm(x), norm=nn.BatchNorm2d(2, track_running_stats=False)),
    Net(lambda _, x: F.batch_norm(x, None, None, training=True)),
    Net(lambda _, x: F.batch_norm(x, torch.zeros(2), torch.ones(2), None, None, True)),
]


@pytest.mark.parametrize("network", BY_BATCH)
def test_a_norm_by_the_batch_itself_is_named(network: Net) -> None:
    assert mixes(network, (1, 2, 5, 5))
    assert [(one.kind, one.trains) for one in mixing(network, (1, 2, 5, 5))] == [("norm", True)]


def test_images_that_are_taken_one_by_one_can_be_trained() -> None:
    network = Net(lambda net, x: torch.stack([net.fc(one.flatten()) for one in x]), fc=nn.Linear(36, 5))
    assert not mixes(network, (1, 1, 6, 6)) and all(one.trains for one in mixing(network, (1, 1, 6, 6)))


def test_a_shape_without_axes_is_a_single_number() -> None:
    (one,) = mixing(Net(lambda _, x: x - x.mean()), (1, 1, 6, 6))
    assert one.kind == "mixed" and "  " not in one.sentence and names(one.sentence, 11)

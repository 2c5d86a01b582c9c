"""Whether a network that takes several inputs treats each pair of them by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz.networks import OWN_TEXT
from cnnviz.server import following
from cnnviz.tracing import mixing

Shape = tuple[int, ...]
Forward = Callable[["_Pair", Tensor, Tensor], Tensor]


class _Pair(nn.Module):
    def __init__(self, forward: Forward):
        super().__init__()
        self.conv, self.fc, self.word = nn.Conv2d(2, 4, 3), nn.Linear(4 * 5 * 6, 9), nn.Linear(3, 4)
        self.memory, self.way = nn.GRU(8, 6, batch_first=True), forward

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return self.way(self, first, second)


def kinds(forward: Forward, first: Shape, second: Shape) -> list[tuple[str, bool]]:
    found = mixing(_Pair(forward), (1, *first), (1, *second), names=("first", "second"))
    return [(one.kind, one.trains) for one in found]


MAPS, WORD = (2, 7, 8), (3,)


@pytest.mark.parametrize(
    ("forward", "second"),
    [
        (lambda net, x, y: net.fc(net.conv(x).flatten(1)) - net.fc(net.conv(y).flatten(1)), MAPS),
        (lambda net, x, y: net.conv(x) + net.word(y)[:, :, None, None], WORD),
        (lambda net, x, y: torch.cat([net.conv(x).mean((2, 3)), y], 1), WORD),
        # both behind each other through the same layers, and apart again
        (lambda net, x, y: torch.sub(*net.fc(net.conv(torch.cat([x, y])).flatten(1)).chunk(2)), MAPS),
        # a state, whose second axis is that of the images: its first is no batch, and nothing is said
        (lambda net, x, y: net.memory(x.flatten(2).mean(1, keepdim=True)[..., :8], y)[0], (1, 6)),
    ],
    ids=["twins", "a vector on maps", "features", "one behind the other", "a state"],
)
def test_pairs_that_are_left_apart_are_not_named(forward: Forward, second: Shape) -> None:
    assert kinds(forward, MAPS, second) == []


@pytest.mark.parametrize(
    ("forward", "second", "said"),
    [
        (lambda net, x, y: torch.flatten(net.conv(x)) - torch.flatten(net.conv(y)), MAPS, ("rows", False)),
        (lambda net, x, y: torch.cat([net.conv(x), net.conv(y)]), MAPS, ("rows", False)),
        (lambda net, x, y: torch.softmax(net.word(x.mean((1, 2))[:, :3]) + net.word(y), 0), WORD, ("dim", True)),
        (lambda net, x, y: net.conv(x)[..., :4] + net.word(y), WORD, ("alone", False)),  # one vector along the width
    ],
    ids=["flatten all", "joined along the batch", "softmax over the images", "one alone"],
)
def test_pairs_that_meet_others_are_named(forward: Forward, second: Shape, said: tuple[str, bool]) -> None:
    assert kinds(forward, MAPS, second)[:1] == [said]


def test_a_text_with_two_inputs_is_told_where_pairs_meet() -> None:
    text = """
class Twins(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)

    def forward(self, left, right):
        return self.conv(left).view(-1) - self.conv(right).view(-1)
"""
    found = following.mixed(OWN_TEXT, text, (1, 1, 6, 5), "", (), ((1, 1, 6, 5),), lambda _share: None)
    assert [one.kind for one in found] == ["rows"] and not found[0].trains

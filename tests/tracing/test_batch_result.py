"""Only what leads to the result is judged, and what forward returns is the result, not the step that ran last."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz.tracing import mixing, result_of, result_shape, scores, trace
from tests.helpers import names, refused
from tests.tracing.nets import Net
from tests.tracing.test_batch_across import mixes

MAPS = (1, 4, 5, 5)


def on_rows(forward: Callable[[Any, Tensor], Any]) -> Net:
    return Net(forward, l=nn.Linear(100, 10))


def stored(net: Any, x: Tensor) -> Tensor:
    p = net.l(x.flatten(1)).softmax(1)
    net.entropy = -(p * p.log()).sum(1).mean()
    made: Tensor = p
    return made


def asserted(net: Any, x: Tensor) -> Tensor:
    assert x[0].shape == (4, 5, 5) and len(x[0]) == 4
    made: Tensor = net.l(x.flatten(1))
    return made


ASIDE = {
    "its size": lambda net, x: net.l(x.view(-1, x[0].numel())),
    "its shape": lambda net, x: net.l(x.view(-1, *x[0].flatten().shape)),
    "an assertion": asserted,
    "a statistic": lambda net, x: (setattr(net, "stat", x.std()), net.l(x.flatten(1)))[1],
    "an entropy": stored,
    "a loss beside it": lambda net, x: (net.l(x.flatten(1)), x.mean())[0],
    "images counted": lambda net, x: net.l(x.flatten(1)) * (x.sum(0).dim() > 2),
    "split and joined": lambda _, x: torch.cat(x.split(1, 0), 0),
    "listed and stacked": lambda _, x: torch.stack(list(x)),
}


@pytest.mark.parametrize("name", ASIDE)
def test_what_is_only_looked_at_mixes_nothing(name: str) -> None:
    network = on_rows(ASIDE[name])
    assert not mixes(network, MAPS) and mixing(network, MAPS) == ()


def test_of_several_results_the_first_is_judged() -> None:
    assert mixing(on_rows(lambda net, x: (net.l(x.flatten(1)), x.mean(0))), MAPS) == ()
    (one,) = mixing(on_rows(lambda net, x: (x.mean(0), net.l(x.flatten(1)))), MAPS)
    assert (one.step, one.trains) == ("mean", False)


def routed(net: Any, x: Tensor) -> Tensor:
    """Routing by agreement, whose coefficients are those of the batch."""
    u, b = x.flatten(2), torch.zeros(4, 25)
    for _ in range(2):
        c = b.softmax(0)
        v = (c * u).sum(1, keepdim=True)
        b = b + (u * v).mean(dim=0, keepdim=True)
    return (b.softmax(1) * u).sum(2)


MEETING: dict[str, tuple[Callable[[Any, Tensor], Any], str]] = {
    "routing": (routed, "mean"),
    "the largest": (lambda _, x: x / x.max(), "max"),
    "the mean": (lambda _, x: x - x.mean(0), "mean"),
    "the first": (lambda _, x: x + x[0], "getitem"),
    "each by each": (lambda _, x: (x.flatten(1) @ x.flatten(1).T).softmax(-1) @ x.flatten(1), "matmul"),
}


@pytest.mark.parametrize("name", MEETING)
def test_where_each_image_keeps_its_row_a_mixing_network_can_be_trained(name: str) -> None:
    forward, step = MEETING[name]
    network = Net(forward)
    assert mixes(network, MAPS)
    found = mixing(network, MAPS)
    assert {one.kind for one in found} == {"mixed"} and all(one.trains for one in found)
    assert found[0].step.startswith(step)


def test_and_gives_scores() -> None:
    assert scores(Net(routed), MAPS[1:]) == 4


LOST = {
    "the first for all": lambda _, x: x[:1].expand_as(x).flatten(1),
    "the mean for all": lambda _, x: x.mean(0, keepdim=True).flatten(1).repeat(x.size(0), 1),
    "in the order of others": lambda _, x: x.flatten(1)[x.flatten(1).argsort(0)[:, 0]],
}


@pytest.mark.parametrize("name", LOST)
def test_where_it_does_not_it_cannot(name: str) -> None:
    network = Net(LOST[name])
    assert mixes(network, MAPS)
    assert any(not one.trains for one in mixing(network, MAPS))
    with refused():
        scores(network, MAPS[1:])


RETURNED: dict[str, tuple[Callable[[Any, Tensor], Any], str]] = {
    "a guess beside": (lambda net, x: (net.l(x.flatten(1)), setattr(net, "y", net.l(x.flatten(1)).argmax(1)))[0], "l"),
    "another step later": (lambda net, x: (net.l(x.flatten(1)), x.mean((2, 3)))[0], "l"),
    "in a list": (lambda net, x: [net.l(x.flatten(1)), x.mean((2, 3))], "l"),
    "in an object": (lambda net, x: SimpleNamespace(scores=net.l(x.flatten(1)), mean=x.mean((2, 3))), "l"),
    "in a dictionary": (lambda net, x: {"scores": net.l(x.flatten(1)), "mean": x.mean((2, 3))}, "l"),
    "a piece": (lambda net, x: net.l(x.flatten(1)).split([4, 6], 1)[1], "split"),
    "as another type": (lambda net, x: (net.l(x.flatten(1)).detach(), x.mean((2, 3)))[0], "l"),
}


@pytest.mark.parametrize("name", RETURNED)
def test_what_forward_returns_is_the_result(name: str) -> None:
    forward, step = RETURNED[name]
    network = on_rows(forward)
    given: Any = network(torch.rand(2, *MAPS[1:]))
    held = vars(given) if isinstance(given, SimpleNamespace) else given
    first = held if isinstance(held, Tensor) else next(iter(held.values() if isinstance(held, dict) else held))
    steps = trace(network, (2, *MAPS[1:]))
    last = result_of(steps)
    assert last is not None and last.name == step
    assert result_shape(steps, ()) == tuple(first.shape) and [one.name for one in steps if one.result] == [step]
    assert scores(network, MAPS[1:]) == first.shape[1] and mixing(network, MAPS) == ()


def test_where_nothing_runs_the_input_is_the_result() -> None:
    assert result_of([]) is None and result_shape([], (2, 3)) == (2, 3)


def test_the_weights_of_an_attention_have_a_row_an_image() -> None:
    network = Net(lambda net, x: net.a(x, x, x)[1], a=nn.MultiheadAttention(6, 2, batch_first=True))
    assert result_shape(trace(network, (2, 5, 6)), ()) == tuple(network(torch.rand(2, 5, 6)).shape) == (2, 5, 5)
    assert mixing(network, (1, 5, 6)) == ()
    with refused("5 × 5"):
        scores(network, (5, 6))


@pytest.mark.parametrize(("first", "kind", "said"), [(True, "moved", 1), (False, "mixed", "1 × 5 × 4")])
def test_the_state_of_a_recurrent_layer_has_none(first: bool, kind: str, said: object) -> None:
    network = Net(lambda net, x: net.r(x)[1], r=nn.GRU(6, 4, batch_first=first))
    last = mixing(network, (1, 5, 6))[-1]
    assert (last.kind, last.trains) == (kind, False) and names(last.sentence, said)

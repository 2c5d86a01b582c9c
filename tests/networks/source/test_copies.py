"""Layers without weights that are alike are copies of one another, and share nothing."""

import torch
from torch import nn

from cnnviz.networks.source import read
from cnnviz.networks.source.copies import copied

ALIKE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 4, 3)
        self.b = nn.Conv2d(1, 4, 3)
        self.c = nn.Conv2d(1, 4, 3, bias=False)
        self.n = nn.BatchNorm2d(4, 1)
        self.m = nn.BatchNorm2d(4, 1.0)
        self.k = nn.BatchNorm2d(4, True)
        self.b.weight.requires_grad = False
        self.b.bias = None
        self.m.eval()

    def forward(self, x):
        return self.a(x)
"""


def parts(module: nn.Module) -> list[object]:
    """All that a layer holds and that may be changed."""
    held = [one for one in vars(module).values() if isinstance(one, dict | set)]
    return [*held, *module.parameters(), *module.buffers()]


def test_layers_of_a_text_that_are_alike_share_nothing() -> None:
    first, second = read(ALIKE).weightless(), read(ALIKE + "\n").weightless()
    layers = [*first.children(), *second.children()]
    held = [id(one) for layer in layers for one in parts(layer)]
    assert len(held) == len({*held}) > 12 * 10
    for network in (first, second):
        assert (network.a.weight.requires_grad, network.b.weight.requires_grad) == (True, False)
        assert [network.b.bias, network.c.bias] == [None, None] and network.a.bias.shape == (4,)
        assert [type(one.eps) for one in (network.n, network.m, network.k)] == [int, float, bool]
        assert (network.n.training, network.m.training) == (True, False)
        assert type(network.a) is nn.Conv2d and network.a.weight.is_meta


def test_what_a_network_shares_its_copy_shares_too() -> None:
    with torch.device("meta"):
        network = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3), "d": nn.Linear(3, 3)})
    network["c"] = network["a"]
    network["b"].weight = network["a"].weight
    network["a"].kept = network["b"].kept = {}
    network["d"].kept = {"a": network["a"].bias}
    twin = copied(network)
    assert twin["c"] is twin["a"] is not network["a"]
    assert twin["b"].weight is twin["a"].weight is not network["a"].weight
    assert twin["b"].bias is not twin["a"].bias
    assert twin["a"].kept is twin["b"].kept is not network["a"].kept
    assert twin["d"].kept["a"] is twin["a"].bias

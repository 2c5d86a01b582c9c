"""What a text takes from elsewhere: decorators, kinds, tables of weights, numpy's tables of numbers, torchvision's
blocks."""

import inspect
import re

import numpy as np
import pytest
import torch
import torchvision

from cnnviz.networks.source import read
from tests.helpers import names, refused
from tests.pace import within


def net(layers, forward="x", more=""):
    return f"""
import os
import numpy as np
import torch
from torch import nn
from elsewhere import timed, Synchronised, BASE

class Part(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return self.conv(x)

{more}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
{layers}

    def forward(self, x):
        return {forward}
"""


@pytest.mark.parametrize(
    "function",
    [
        "def part(width):\n    return Part(width)",
        "def part(width):\n    return nn.Sequential(*[Part(width) for _ in range(2)])",
        "def inner(width):\n    return Part(width)\ndef part(width):\n    return inner(width)",
    ],
)
def test_a_class_that_a_function_makes_for_another_is_not_the_network(function):
    found = read(net("        self.a = nn.Conv2d(1, 4, 3)\n        self.b = part(4)", "self.b(self.a(x))", function))
    assert found.chosen.name == "Net" and not found.arguments
    assert found.build()(torch.zeros(2, 1, 6, 6)).shape == (2, 4, 4, 4)


def test_a_class_that_a_function_makes_for_nobody_is_the_network():
    assert (
        read(net("        self.a = Part(3)", "self.a(x)") + "\n\ndef net():\n    return Net()\n").chosen.name == "Net"
    )


DECORATED = """
from elsewhere import timed, register
import pytorch_lightning as pl
import torch.nn as nn

@register(name="net")
@timed
class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    @timed(seconds=2)
    def forward(self, x):
        return self.fc(x)

    @pl.data_loader
    def train_dataloader(self):
        return None
"""


def test_what_stands_below_a_decorator_that_is_not_read_is_as_it_is_written():
    found = read(DECORATED)
    assert found.build()(torch.zeros(2, 4)).shape == (2, 3)
    (note,) = (one for one in found.notes if "decorator" in one)
    assert names(note, "line 7")
    assert not any("decorator" in one for one in read(re.sub(r"\n *@.*", "", DECORATED)).notes)


@pytest.mark.parametrize("kinds", ["Synchronised", "(nn.Conv2d, Synchronised)", "(Synchronised, (nn.Conv2d,))"])
def test_nothing_is_of_a_class_that_is_not_read(kinds):
    layers = f"""
        self.a = nn.Conv2d(1, 4, 3)
        self.b = nn.BatchNorm2d(4)
        self.found = sum(isinstance(one, {kinds}) for one in self.modules())"""
    network = read(net(layers, "self.b(self.a(x)) * self.found")).build().eval()
    assert bool(network(torch.ones(1, 1, 5, 5)).any()) == ("Conv2d" in kinds)


def test_a_kind_of_the_text_s_own_that_was_not_read_is_still_refused():
    with refused("Kind"):
        read("Kind = open('x')\n" + net("        self.fc = nn.Linear(2, 2)\n        isinstance(self.fc, Kind)")).build()


TABLE = "cfgs = {'a': os.path.join('w', 'a.pth'), 'b': BASE + 'x'}"


def test_a_table_of_a_class_that_is_not_read_is_refused_where_it_is_used():
    head = f"class Big(Part):\n    {TABLE}\n    size: int = 4\n    def width(self):\n        return len(self.cfgs)\n"
    found = read(net("        self.a = Big(Big.size)", "self.a(x)", head))
    assert found.chosen.name == "Net" and found.build()(torch.zeros(1, 4, 5, 5)).shape == (1, 4, 5, 5)
    with refused("path"):
        read(net("        self.a = Big(Big.size)", "self.a(x) * self.a.width()", head)).build()(torch.zeros(1, 4, 5, 5))


def bilinear(inputs, outputs, side):
    """The weights of FCN's transposed convolution, by numpy itself."""
    factor = (side + 1) // 2
    centre = factor - 1 if side % 2 == 1 else factor - 0.5
    grid = np.ogrid[:side, :side]
    kernel = (1 - abs(grid[0] - centre) / factor) * (1 - abs(grid[1] - centre) / factor)
    weight = np.zeros((inputs, outputs, side, side), dtype=np.float64)
    weight[range(inputs), range(outputs), :, :] = kernel
    return torch.from_numpy(weight).float()


def test_tables_of_numpy_are_those_of_numpy():
    layers = """
        self.up = nn.ConvTranspose2d(3, 3, 4, bias=False)
        self.up.weight.data.copy_(bilinear(3, 3, 4))
        self.register_buffer("edges", torch.FloatTensor(np.array([[1, 0, -1], [2, 0, -2]]).reshape((1, 1, 2, 3))))
        self.register_buffer("one", torch.from_numpy(np.eye(3).flatten().astype(np.float32)))
        self.register_buffer("two", torch.from_numpy(np.full((2, 2), 0.5)))"""
    network = read(net(layers, "self.up(x)", inspect.getsource(bilinear))).build()
    assert torch.equal(network.up.weight, bilinear(3, 3, 4))
    assert torch.equal(network.edges, torch.tensor([[[[1.0, 0, -1], [2, 0, -2]]]]))
    assert torch.equal(network.one, torch.eye(3).flatten()) and network.one.dtype == torch.float32
    assert torch.equal(network.two, torch.from_numpy(np.full((2, 2), 0.5)))


@pytest.mark.parametrize(
    ("made", "why"),
    [("np.zeros((5000, 5000))", "25,000,000"), ("np.eye(9000)", "81,000,000"), ("np.ogrid[:, :4]", "np.ogrid[:4")],
)
def test_tables_of_numpy_are_bounded(made, why):
    with refused(why):
        read(net(f"        self.fc = nn.Linear(2, 2)\n        self.t = {made}", "self.fc(x)")).build()


def test_a_place_is_given_by_a_row_with_a_star():
    network = read(net("        self.w = nn.Parameter(torch.arange(3.0))", "self.w[(..., *([None] * 2))] * x")).build()
    assert torch.equal(network(torch.ones(4, 5)), torch.arange(3.0)[:, None, None] * torch.ones(4, 5))


def test_blocks_of_torchvision_are_found_where_they_stand():
    text = """
import torchvision
from torch import nn

class Head(nn.Module):
    def __init__(self, block, n):
        super().__init__()
        self.block, self.fc = block(64, 64 // block.expansion), nn.Linear(64, n)

    def forward(self, x):
        return self.fc(self.block(x).mean((2, 3)))

model = Head(torchvision.models.resnet.BasicBlock, 66)
"""
    found = read(text).build().eval()
    same = torchvision.models.resnet.BasicBlock(64, 64)
    same.load_state_dict(found.block.state_dict())
    x = torch.rand(2, 64, 5, 5)
    assert torch.equal(found(x), found.fc(same.eval()(x).mean((2, 3))))
    assert sum(one.numel() for one in found.parameters()) == 2 * (64 * 64 * 9 + 2 * 64) + 65 * 66


def test_what_a_network_holds_is_looked_at_by_its_names():
    layers = """
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 3)
        self.count = len(self._modules) + ("a" in self._modules)"""
    text = (
        net(layers, "self.through(x)")
        + """
    def through(self, x):
        for name, module in self._modules.items():
            x = module(x) if name == "a" else x
        return self._modules["b"](x) * self.count + sum(one(x)[:, :1] for one in self._modules.values())
"""
    )
    network = read(text).build()
    x = torch.rand(2, 4)
    first = network.a(x)
    assert torch.allclose(network(x), network.b(first) * 3 + network.a(first)[:, :1] + network.b(first)[:, :1])


@pytest.mark.parametrize("change", ["m['a'] = nn.Linear(4, 3)", "m.pop('a')", "del m['a']", "m.update(b=nn.ReLU())"])
def test_and_not_changed_by_another_name_for_it(change):
    with refused("by its names"):
        read(net(f"        self.a = nn.Linear(4, 2)\n        m = self._modules\n        {change}", "self.a(x)")).build()


@pytest.mark.parametrize(
    "kept", ["self.kept = self._modules", "self.kept = [self._modules]", "m = dict(self._modules)"]
)
def test_what_is_kept_of_them_goes_with_a_copy(kept):
    network = read(net(f"        self.a = nn.Linear(4, 2)\n        {kept}", "self.a(x)")).build()
    assert network(torch.zeros(1, 4)).shape == (1, 2) and len([*network.parameters()]) == 2


@pytest.mark.parametrize("held", ["self._modules", "{'a': [self.a]}", "[self]"])
def test_a_copy_of_layers_counts_as_layers_however_they_are_held(held):
    rows = "        self.a = nn.Sequential(*[nn.ReLU() for _ in range(900)])\n"
    many = f"{rows}        self.rest = [copy.deepcopy({held}) for _ in range(9_000)]"
    with within(4), refused("more"):
        read("import copy\n" + net(many, "self.a(x)")).build()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("np.zeros(())", ""), ("np.zeros([])", ""), ("np.ogrid[tuple([slice(4)] * 200)]", "200"),
        ("np.zeros('a')", "whole number"), ("np.full((2, 2), 'a')", "Number"), ("np.eye(3, k=1)", "k"),
    ],
)  # fmt: skip
def test_odd_tables_are_tables_or_a_sentence(made, said):
    text = net(f"        self.fc = nn.Linear(4, 2)\n        made = {made}", "self.fc(x)")
    if not said:
        assert read(text).build()(torch.zeros(1, 4)).shape == (1, 2)
    else:
        with refused(said):
            read(text).build()


def test_of_one_kind_of_thing_some_are_said():
    many = net("        self.fc = nn.Linear(4, 2)", "self.fc(x)").replace(
        "        return self.fc(x)", "        x.view(-1)\n" * 500 + "        return self.fc(x)"
    )
    assert sum("throws it away" in one for one in read(many).notes) == 6

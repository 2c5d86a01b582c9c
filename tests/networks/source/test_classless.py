"""Lines of a class without its first line, and layers without the row that they stood in."""

import textwrap

import pytest
import torch
from torch import nn

from cnnviz.networks.source import read

WHOLE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.head = nn.Linear(4 * 26 * 26, 5)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.head(x.flatten(1))
"""
METHODS = WHOLE.partition("\n    ")[2]  # without the space before its first line
ASSIGNED = "self.conv = nn.Conv2d(1, 4, 3)\nself.head = nn.Linear(4 * 26 * 26, 5)\n"
FORWARD = "def forward(self, x):\n    x = torch.relu(self.conv(x))\n    return self.head(x.flatten(1))\n"
LINES = {
    "indented": "    " + METHODS,
    "from the first letter on": METHODS,
    "at the left": textwrap.dedent("    " + METHODS),
    "with a call below": "    " + METHODS + "\nmodel = Net()\n",
    "the lines of __init__ alone": f"{ASSIGNED}\n{FORWARD}",
    "without any method": f"{ASSIGNED}x = torch.relu(self.conv(x))\nreturn self.head(x.flatten(1))\n",
    "between prose": f"My __init__ has these lines:\n\n{textwrap.indent(ASSIGNED, ' ' * 8)}\nand then comes this:\n\n"
    f"{textwrap.indent(FORWARD, ' ' * 4)}",
}


@pytest.mark.parametrize("what", LINES)
def test_lines_of_a_class_are_its_network(what):
    found, whole = read(LINES[what]), read(WHOLE)
    torch.manual_seed(1)
    mine = found.build()
    torch.manual_seed(1)
    theirs = whole.build()
    x = torch.randn(3, 1, 28, 28)
    torch.testing.assert_close(mine(x), theirs(x))
    assert list(mine.state_dict()) == list(theirs.state_dict())


def test_the_class_has_its_name_from_super_or_from_the_call_below():
    named = textwrap.dedent("    " + METHODS).replace("super()", "super(Small, self)")
    assert read(named).chosen.name == "Small"
    found = read(textwrap.dedent("    " + METHODS) + "\nmodel = Tiny()\n")
    assert found.chosen.name == "Tiny" and found.chosen.made
    assert "class Tiny(nn.Module)" in found.notes[0]


def test_a_fault_stands_where_the_reader_wrote_it():
    found = read("    " + METHODS.replace("nn.Conv2d(1, 4, 3)", "nn.Conv2d(1, 4, 3, 1, 0, 1, 3)"))
    with pytest.raises(ValueError) as refused:
        found.weightless()
    assert refused.value.line == 3


ROW = [nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 5)]
BARE = {
    "with commas": "nn.Conv2d(1, 4, 3),\nnn.ReLU(),\nnn.Flatten(),\nnn.Linear(4 * 26 * 26, 5),\n",
    "the last without": "   nn.Conv2d(1, 4, 3),\n   nn.ReLU(),\n   nn.Flatten(),\n   nn.Linear(4 * 26 * 26, 5)\n",
    "without commas": "nn.Conv2d(1, 4, 3)\nnn.ReLU()\nnn.Flatten()\nnn.Linear(4 * 26 * 26, 5)\n",
    "several in a line": "nn.Conv2d(1, 4, 3), nn.ReLU(),\nnn.Flatten(), nn.Linear(4 * 26 * 26, 5)\n",
    "with what closed the row": "nn.Conv2d(1, 4, 3), nn.ReLU(),\nnn.Flatten(),\nnn.Linear(4 * 26 * 26, 5)\n)\n",
    "of self": "self.net = nn.Sequential(\n    nn.Conv2d(1, 4, 3),\n    nn.ReLU(),\n    nn.Flatten(),\n"
    "    nn.Linear(4 * 26 * 26, 5),\n)\n",
}


@pytest.mark.parametrize("what", BARE)
def test_layers_that_stand_for_themselves_are_a_row(what):
    network = read(BARE[what]).build()
    assert [type(one) for one in network] == [type(one) for one in ROW]
    assert network(torch.randn(2, 1, 28, 28)).shape == (2, 5)
    assert sum(one.numel() for one in network.parameters()) == sum(p.numel() for one in ROW for p in one.parameters())


def test_layers_with_names_keep_them():
    network = read('("conv", nn.Conv2d(1, 4, 3)),\n("act", nn.ReLU()),\n').build()
    assert [name for name, _ in network.named_children()] == ["conv", "act"]


def test_rows_of_self_are_each_for_itself():
    found = read(
        "self.encoder = nn.Sequential(nn.Linear(9, 3), nn.ReLU())\nself.decoder = nn.Sequential(nn.Linear(3, 9))\n"
    )
    assert [one.name for one in found.candidates] == ["decoder", "encoder"]


def test_a_line_of_a_class_that_is_quoted_beside_it_changes_nothing():
    found = read(f"x = self.head(x)\n{WHOLE}")
    assert found.chosen.name == "Net" and len(found.cleaned.tree.body) == 2


def test_layers_in_a_list_alone_are_a_row():
    network = read("[nn.Conv2d(1, 4, 3), *[nn.Conv2d(4, 4, 3) for _ in range(2)], nn.ReLU()]\n").build()
    assert [type(one).__name__ for one in network] == ["Conv2d"] * 3 + ["ReLU"]

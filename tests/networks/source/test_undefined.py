"""What nobody has defined: a class that a network comes from, and names that its forward never asks for."""

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read

BODY = """
    def __init__(self, width=4):
        super().__init__({given})
        self.conv = nn.Conv2d(1, width, 3)

    def forward(self, x):
        return self.conv(x).flatten(1)
"""
TAKEN = "{} in line {} is not defined in the text: nn.Module is taken in its place."
BASES = {  # what a network comes from, its name, and the line in which it stands
    "class Net(CaptioningBase):": ("CaptioningBase", 1),
    "class Net(LightningModule):": ("LightningModule", 1),
    "class Net(kit.Model):": ("kit.Model", 1),
    "from .parts import Model as Part\n\nclass Net(Part):": ("Part", 3),
    "import kit\nclass Net(nn.Module, kit.Mixin):": ("kit.Mixin", 2),
}


def class_of(head, given=""):
    return head + BODY.format(given=given)


@pytest.mark.parametrize("head", BASES)
@pytest.mark.parametrize("given", ["", "width, torch.device('cpu'), depth=3"])
def test_a_network_that_comes_from_an_undefined_class_comes_from_module_and_a_note_says_so(head, given):
    found = read(class_of(head, given))
    network = found.build()
    assert isinstance(network, nn.Module) and found.parameters == 4 * 9 + 4
    x = torch.rand(2, 1, 5, 5)
    assert torch.equal(network(x), network.conv(x).flatten(1))
    assert [one for one in found.notes if "taken in its place" in one] == [TAKEN.format(*BASES[head])]


def test_classes_that_come_from_the_same_undefined_class_are_one_note_and_go_on_below_it():
    text = class_of("class First(Base):") + class_of("class Net(Base):") + "class Wide(Net):\n    pass\n\nWide(8)\n"
    found = read(text)
    assert found.chosen.name == "Wide" and found.parameters == 80
    assert sum("taken in its place" in one for one in found.notes) == 1


NO_MODULES = {  # and what is said of it
    "class Net(Base):{}\nclass Base(nn.Module):\n    pass\n": "nothing here is called Base",
    "class Base(nn.Modul):\n    pass\n\nclass Net(Base):{}": "did you mean Module",
    "class Backbone(nn.Module):\n    pass\n\nclass Net(BackBone):{}": "did you mean Backbone",
    "Base = unheard()\n\nclass Net(Base):{}": "nothing here is called unheard",
    "class Net(3):{}": "a class cannot come from",
    "class Net(torch.stack):{}": "a class cannot come from",
}


@pytest.mark.parametrize("text", NO_MODULES)
def test_a_class_that_the_text_defines_or_that_is_none_is_no_module(text):
    with pytest.raises(NotationError, match=NO_MODULES[text]):
        read(text.format(BODY.format(given=""))).weightless()


def test_a_class_without_a_forward_of_its_own_stays_unread():
    with pytest.raises(NotationError, match="nothing here is called Trainer"):
        read("class Net(Trainer):\n    def __init__(self):\n        self.l = nn.Linear(2, 2)\n")
    function = "class Round(Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x.round()\n"
    with pytest.raises(NotationError, match="nothing here is called Function"):
        read(function)


def test_what_an_undefined_class_may_hold_is_said_where_it_is_asked_for():
    text = class_of("class Net(Base):").replace("self.conv(x)", "self.stem(x)")
    with pytest.raises(NotationError, match="Net has no 'stem'; Base, which may have it, is not in the text"):
        read(text).build()(torch.rand(1, 1, 5, 5))

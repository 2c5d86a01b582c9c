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


ASKED_NEVER = [  # lines of an __init__ with a layer self.l
    "self.accuracy = Accuracy(task='multiclass')\nself.loss, self.other = FocalLoss(2), Metric()",
    "self.cfg = CFG\nself.rate = CFG.rate",
    "rate: float = defaults.rate\nself.rate = rate",
    "log_sizes(self.l.weight.shape)",
]


@pytest.mark.parametrize("init", ASKED_NEVER)
def test_a_name_that_nobody_has_defined_is_passed_over_where_the_forward_never_asks_for_it(init):
    found = read(net(init))
    network = found.build()
    x = torch.rand(2, 4)
    assert torch.equal(network(x), network.l(x)) and found.parameters == 10


def net(init, forward="return self.l(x)"):
    lines = "".join(f"        {line}\n" for line in init.splitlines())
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.l = nn.Linear(4, 2)\n{lines}\n    def forward(self, x):\n        {forward}\n"
    )


ASKED = {  # an __init__, and a forward or None where the network cannot be made; and what is said, and in which line
    ("self.cfg = CFG", "return self.l(x) * self.cfg.scale"): ("nothing here is called CFG", 5),
    ("self.act = nnReLU()", "return self.act(x)"): ("nothing here is called nnReLU", 5),
    ("self.n = sizes.out\nself.k = nn.Linear(4, self.n)", None): ("nothing here is called sizes", 5),
    ("self.k = nn.Linear(4, CFG.n)", None): ("nothing here is called CFG", 5),
    ("self.l = shrunk(self.l)", None): ("nothing here is called shrunk", 5),
    ("grow(self)", None): ("nothing here is called grow", 5),
}


@pytest.mark.parametrize(("init", "forward"), ASKED)
def test_a_name_that_nobody_has_defined_is_refused_in_its_own_line_where_the_network_needs_it(init, forward):
    found = read(net(init, forward or "return self.l(x)"))
    make = found.weightless if forward is None else lambda: found.build()(torch.rand(2, 4))
    with pytest.raises(NotationError) as refused:
        make()
    said, line = ASKED[init, forward]
    assert said in refused.value.reason and refused.value.line == line


def test_a_try_of_the_text_catches_such_a_name_at_once():
    found = read(net("try:\n    self.k = Fast(4)\nexcept NameError:\n    self.k = nn.Linear(4, 4)", "return self.k(x)"))
    assert found.parameters == 30


@pytest.mark.parametrize("call", ["freeze(self.l)", "set_parameter_requires_grad(self, True)", "init_weights(self)"])
def test_a_function_that_changes_no_layer_by_its_name_is_passed_over_with_a_note(call):
    found = read(net(call))
    assert found.parameters == 10
    name = call.partition("(")[0]
    note = f"{name} in line 5 is not defined in the text and was passed over: by its name it changes no layer."
    assert note in found.notes


@pytest.mark.parametrize("given", ["pretrained=use_pretrained", "weights=kept.weights, progress=verbose"])
def test_whether_weights_are_loaded_is_the_same_for_the_layers(given):
    found = read(f"model = models.resnet18({given})\nmodel.fc = nn.Linear(512, 3)\n")
    assert found.parameters == read("model = models.resnet18(num_classes=3)\n").parameters
    with pytest.raises(NotationError, match="nothing here is called classes"):
        read(f"model = models.resnet18({given}, num_classes=classes)\n").weightless()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("nn.linear", "Linear"), ("nn.conv2d", "Conv2d"), ("nn.batchnorm1d", "BatchNorm1d"), ("nn.RELU", "ReLU")],
)
def test_a_name_in_other_letters_is_meant_before_any_that_is_nearly_so(written, meant):
    with pytest.raises(NotationError, match=rf"did you mean {meant}\.$"):
        read(net(f"self.k = {written}(3, 4)")).weightless()


def test_the_class_of_all_networks_is_meant_in_other_letters_too():
    with pytest.raises(NotationError, match=r"did you mean Module\.$"):
        read(net("pass").replace("nn.Module", "nn.module")).weightless()


UNFILLED = ["nn.Linear(???, 120)", "nn.Linear(?, 120)", "nn.Linear( , 120)", "nn.Linear(in_features=?, out_features=2)"]


@pytest.mark.parametrize("layer", [*UNFILLED, "nn.Conv2d(3, ??, 5)", "nn.Linear(..., 120)"])
def test_a_place_without_a_number_is_said_to_be_one(layer):
    with pytest.raises(NotationError, match="a number is missing here; write any number in its place") as refused:
        read(net(f"self.k = {layer}")).weightless()
    assert refused.value.line == 5


@pytest.mark.parametrize("line", ["self.k = nn.Linear(3 4)", "y = ?", "self.k = nn.Linear(3, 4", "x = print?"])
def test_another_fault_is_no_missing_number(line):
    with pytest.raises(NotationError) as refused:
        read(net(line)).weightless()
    assert "number is missing" not in refused.value.reason


ROWS = ["[nn.Linear(4, 2), nn.Tanh()]", "list(models.resnet18().children())[:-1]", "[]"]


@pytest.mark.parametrize("row", ROWS)
def test_a_list_in_a_sequential_wants_a_star(row):
    for text in (net(f"self.k = nn.Sequential({row})"), f"model = nn.Sequential({row})\n"):
        with pytest.raises(NotationError, match="write a star before"):
            read(text).weightless()

"""Functions that make a network and that nothing of a text calls."""

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import written
from cnnviz.networks.source.reading import read
from tests.helpers import refused
from tests.networks.source.test_candidates import BLOCK, CRITIC, NET, names
from tests.networks.source.test_reading import HEAD
from tests.pace import within

BOTTLE = """
def Bottle(width, depth=2, *, classes=5):
    blocks = [Block(width, width) for _ in range(depth)]
    return nn.Sequential(nn.Conv2d(3, width, 1), *blocks, nn.Conv2d(width, classes, 1))

"""
TAIL = """
def tail(size):
    layers = [nn.Linear(size, 3), nn.ReLU()]
    net = nn.Sequential(*layers)
    return net.to(device)

"""


def test_a_function_is_meant_before_the_class_that_it_puts_into_its_row():
    assert names(BLOCK + BOTTLE) == ["Bottle", "Block"]
    source = read(HEAD + BLOCK + BOTTLE)
    assert (source.chosen.line, source.chosen.made) == (16, False)
    assert [(one.name, one.text) for one in source.arguments] == [("width", "")]
    with pytest.raises(NotationError, match="Bottle needs width") as said:
        source.weightless()
    assert said.value.line == 16 and source.notes == ()
    given = read(HEAD + BLOCK + BOTTLE, arguments={"width": "4"})
    assert given.parameters == 16 + 2 * 20 + 25 == sum(one.numel() for one in given.build().parameters())
    assert read(HEAD + BLOCK + BOTTLE, "Block").chosen.name == "Block"


def test_what_is_given_for_its_arguments_stands_in_the_text_that_stands_for_itself():
    source = read(HEAD + BLOCK + BOTTLE, "Bottle", {"width": "2 + 1"})
    again = read(source.complete)
    assert again.parameters == source.parameters and again.candidates[0].name == "model"
    names: dict = {}
    exec("\n".join([*(file := written(source)).imports, file.definitions]), names)
    made = eval(file.network, names)
    assert [tuple(one.shape) for one in made.parameters()] == [tuple(one.shape) for one in source.build().parameters()]
    assert made(torch.zeros(1, 3, 2, 2)).shape == (1, 5, 2, 2)


@pytest.mark.parametrize("value", ["ten", "1 +", "open('x')"])
def test_an_argument_that_is_no_value_is_refused_at_the_function(value):
    with pytest.raises(NotationError, match="width = ") as said:
        read(HEAD + BLOCK + BOTTLE, arguments={"width": value}).weightless()
    assert said.value.line == 16


ALONE = {  # a text without a class, what it opens, what is asked with its value, and the parameters
    f"{TAIL}": ("tail", [("size", "")], None),
    f"{TAIL.replace('(size)', '(size=6)')}": ("tail", [], 21),
    f"{TAIL}net = tail(len(dataset))\n": ("tail", [("size", "")], None),
    f"SIZE = 7\n{TAIL}def train():\n    net = tail(SIZE)\n    net.fit(data)\n": ("tail", [("size", "SIZE")], 24),
    f"{TAIL}def train():\n    net = tail(size=4)\n    net.fit(data)\n": ("tail", [("size", "4")], 15),
    f"{TAIL}net = tail(4)\n": ("net", [], 15),
    f"{TAIL}def whole(size=4):\n    return nn.Sequential(tail(size), nn.Linear(3, 1))\n": ("whole", [], 19),
    "def made(n=3):\n    net = torchvision.models.squeezenet1_1(pretrained=True)\n"
    "    net.classifier[1] = nn.Conv2d(512, n, 1)\n    return net\n": ("made", [], 724035),
    "act = nn.ReLU()\ndef made():\n    return nn.Sequential(nn.Linear(4, 2), act)\n": ("made", [], 10),
    "def first():\n    return nn.Sequential(nn.Linear(4, 2))\n"
    "def second():\n    return nn.Sequential(nn.Linear(4, 1))\n": ("second", [], 5),
}  # fmt: skip


@pytest.mark.parametrize("text", ALONE)
def test_a_text_that_has_a_function_alone_means_what_it_makes(text):
    source = read(HEAD + text)
    name, asked, count = ALONE[text]
    assert (source.chosen.name, [(one.name, one.text) for one in source.arguments]) == (name, asked)
    if count is None:
        with pytest.raises(NotationError, match="size"):
            source.weightless()
    else:
        assert source.parameters == count


def test_a_link_from_before_opens_the_class_that_its_arguments_are_of():
    source = read(HEAD + BLOCK + BOTTLE, arguments={"into": "3", "out": "6"})
    assert (source.chosen.name, source.parameters) == ("Block", 24)
    assert [one.name for one in source.candidates] == ["Block", "Bottle"]
    assert read(HEAD + BLOCK + BOTTLE, arguments={"width": "2"}).chosen.name == "Bottle"


def test_functions_stand_behind_lines_that_hand_a_tensor_through_layers():
    lines = "conv = nn.Conv2d(1, 3, 1)\nfc = nn.Linear(4, 2)\nx = torch.randn(2, 1, 4, 4)\nx = conv(x)\ny = fc(x)\n"
    assert names(lines + TAIL) == ["Net", "tail"]
    assert names(lines + BLOCK + TAIL)[-1] == "tail"


NO_BUILDERS = [
    "def _tail():\n    return nn.Sequential(nn.Linear(4, 2))\n",
    "def named():\n    return 'nn.Sequential'\n",
    "def shown(net):\n    return net\n",
    "def lost():\n    nn.Sequential(nn.Linear(4, 2))\n",
    "def of(self):\n    return nn.Sequential(nn.Linear(4, 2))\n",
]


@pytest.mark.parametrize("function", NO_BUILDERS)
def test_other_functions_are_no_candidates(function):
    assert names(NET + function) == ["Net"]


def test_what_opened_first_is_the_first_still():
    assert names(NET + TAIL) == ["Net", "tail"]
    assert names(TAIL + NET + "net = Net()\n") == ["Net", "tail"]
    assert names(NET + CRITIC + TAIL) == ["Critic", "Net", "tail"]
    used = NET.replace("nn.Linear(4, 2)", "tail(4)")
    assert names(TAIL + used) == ["Net"]
    assert read(HEAD + NET + TAIL, "tail", {"size": "9"}).parameters == 30


def test_many_functions_take_no_time():
    calls = "".join(f"def f{i}():\n    return f{i + 1}()\n" for i in range(1200))
    text = HEAD + calls + "def f1200():\n    return nn.Sequential(nn.Linear(4, 2))\n" + NET
    with within(5):
        read(text)
    with refused("no network"):
        read("def f():\n    return g()\ndef g():\n    return f()\n")


def test_a_row_of_layers_is_what_is_built():
    assert isinstance(read(HEAD + TAIL, arguments={"size": "3"}).build(), nn.Sequential)

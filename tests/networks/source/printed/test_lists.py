"""Lists of layers and of the sizes of weights, which people print in place of a network."""

from __future__ import annotations

import pytest
from torch import nn

from cnnviz.networks import notation
from cnnviz.networks.source.printed.lists import listed, said_of
from cnnviz.networks.source.printed.reading import Printed, read
from tests.helpers import names
from tests.pace import within


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3)
        self.body = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(45, 4)


MODEL, SEQUENTIAL = Net(), nn.Sequential(nn.Linear(4, 9), nn.Sequential(nn.ReLU(), nn.Dropout(0.3)), nn.Linear(9, 2))
PARAMETERS = sum(one.numel() for one in MODEL.parameters())


def lines(model: nn.Module, shape: str) -> str:
    return "\n".join(shape.format(name, layer) for name, layer in model.named_children())


def found(text: str) -> Printed:
    printed = read(text, in_part=True)
    assert printed is not None
    return printed


@pytest.mark.parametrize("shape", ["{} {}", "{}: {}", "{} -> {}", "{}, {},", "    {} {}", "{}\t{}"])
@pytest.mark.parametrize("around", ["{}", "Using device: cpu\n{}\nEpoch 1: loss 2.3 (best)"])
def test_a_layer_behind_each_name(shape: str, around: str) -> None:
    text = around.format(lines(MODEL, shape))
    printed = found(text)
    assert [one.name for one in printed.tree.children] == ["conv", "body", "fc"] and not printed.exact
    assert printed.parameters == PARAMETERS and len(printed.tree.children[1].children) == 2
    whole = read(text)
    assert whole is None or not whole.exact  # the Sequential in it is not all of it


@pytest.mark.parametrize("shape", ["{} {}", "{}: {}"])
def test_numbers_are_those_of_a_sequential(shape: str) -> None:
    assert repr(notation.parse(found(lines(SEQUENTIAL, shape)).text).build()) == repr(SEQUENTIAL)


@pytest.mark.parametrize("kind", ["OrderedDict([{}])", "dict_items([{}])", "[{}]"])
def test_dictionaries_and_pairs(kind: str) -> None:
    for model in (MODEL, SEQUENTIAL):
        pairs = ", ".join(f"({name!r}, {layer!r})" for name, layer in model.named_children())
        printed = found(kind.format(pairs))
        assert [one.name for one in printed.tree.children] == [name for name, _ in model.named_children()]
        assert printed.exact is (model is SEQUENTIAL)
    braces = ", ".join(f"{name!r}: {layer!r}" for name, layer in MODEL.named_children())
    assert found(f"{{{braces}}}").parameters == PARAMETERS


def test_a_name_before_a_print_makes_no_list() -> None:
    for text in (f"Model {SEQUENTIAL}\nloss CrossEntropyLoss()", f"model: {SEQUENTIAL}"):
        printed = read(text)
        assert printed is not None and printed.exact


def test_code_is_no_list() -> None:
    assert listed("return Linear(3, 4)\nlambda ReLU()") is None
    assert listed("from torch import nn\nx = nn.ReLU()\ny = ReLU()") is None
    assert listed("loss CrossEntropyLoss()\nfc Linear(in_features=3, out_features=4, bias=True)") is None


@pytest.mark.parametrize("shape", ["{} {}", "{}:\t{}", "('{}', {})", "{} | {}"])
def test_sizes_of_weights_are_answered_with_how_many_there_are(shape: str) -> None:
    model = nn.Sequential(nn.Conv2d(2, 5, 3), nn.BatchNorm2d(5))
    count = sum(one.numel() for one in model.parameters())
    text = "\n".join(shape.format(name, one.shape) for name, one in model.state_dict().items())
    assert names(said_of(text), count)


def test_what_are_no_sizes() -> None:
    for text in ("", "conv.weight torch.Size([5, 2, 3, 3])", f"{SEQUENTIAL}", "x.weight = 3\ny.bias = 4"):
        assert said_of(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        " " * 90_000,
        "a Conv2d(" * 10_000,
        "a Conv2d(\n" * 9_000,
        "'a': Conv2d(" * 7_000,
        "[('a', Conv2d(" + "(" * 80_000,
        "x.weight " + " " * 80_000,
        ("w.weight" + " " * 400 + "\n") * 200,
        "w.weight (1, " * 7_000,
        "a" * 90_000 + " ReLU()",
        "OrderedDict([" + "('a', ReLU()), " * 5_000,
    ],
    ids=range(10),
)
def test_what_takes_long(text: str) -> None:
    with within(2):
        said_of(text)
        listed(text)

"""Printed networks: a Sequential comes back as it was, of a class there are its layers, its parameters and a guess."""

from __future__ import annotations

import time
from collections import OrderedDict

import pytest
import torch
import torchvision
from torch import nn

from cnnviz.networks import notation, zoo
from cnnviz.networks.notation.printer import arguments
from cnnviz.networks.source.printed import MAX_DEPTH, UNPRINTED, Layer, Printed, guess, read
from tests.networks.test_notation import CALLS, by_python
from tests.sampling import Tries

CALLS = [call for call in CALLS if not call.startswith("Residual") and "Fractional" not in call]
LENET = """Net(
  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (fc1): Linear(in_features=400, out_features=120, bias=True)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)"""
POOL = "  (pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"


def found(text: str) -> Printed:
    printed = read(text)
    assert printed is not None
    return printed


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def kinds(text: str | None) -> list[str]:
    """The kinds of the layers of a guess, in their order."""
    assert text is not None
    return [type(layer).__name__ for layer in notation.parse(text).weightless().children()]


@pytest.mark.parametrize("call", CALLS)
def test_a_printed_sequential_comes_back(call: str) -> None:
    module = by_python(f"nn.Sequential({call})")
    printed = found(repr(module))
    again = notation.parse(printed.text).build()
    assert (printed.kind, printed.exact, printed.parameters) == ("Sequential", True, count(module))
    assert repr(again) == repr(module) and count(again) == count(module)


@pytest.mark.parametrize("call", CALLS)
def test_what_a_layer_does_not_print_is_said(call: str) -> None:
    before = by_python(f"nn.Sequential({call})")
    printed = found(repr(before))
    for one, other in zip(before.modules(), notation.parse(printed.text).build().modules(), strict=True):
        if isinstance(one, nn.Sequential):
            continue
        theirs, ours = arguments(one), arguments(other)
        changed = {name for name in theirs if theirs[name] != ours[name] and not isinstance(one, nn.PReLU)}
        assert changed <= set(UNPRINTED.get(type(one).__name__, ()))
        assert all(any(name in note for note in printed.notes) for name in changed)


@pytest.mark.parametrize("name", [name for name in zoo.names() if type(zoo.weightless(name)) is nn.Sequential])
def test_the_zoos_networks_are_counted(name: str) -> None:
    network = zoo.weightless(name)
    printed = found(repr(network))
    assert printed.parameters == count(network)
    assert printed.exact == ("Residual" not in repr(network))


@pytest.mark.parametrize("name", ["alexnet", "vgg11_bn", "resnet18", "mobilenet_v2", "squeezenet1_0"])
def test_torchvisions_classes_are_counted(name: str) -> None:
    with torch.device("meta"):
        model = torchvision.models.get_model(name)
    printed = found(f">>> print(model)\n{model!r}\n>>> \n")
    assert printed.parameters == count(model) and printed.kind == type(model).__name__
    assert not printed.exact and not printed.text and printed.tree is not None
    assert [one.name for one in printed.tree.children] == [name for name, _ in model.named_children()]


def test_names_are_kept_and_numbers_are_left_out() -> None:
    named = nn.Sequential(OrderedDict([("conv", nn.Conv2d(1, 2, 3)), ("tail", nn.Sequential(nn.ReLU()))]))
    network = notation.parse(found(repr(named)).text).build()
    assert [name for name, _ in network.named_modules()] == ["", "conv", "tail", "tail.0"]
    assert "OrderedDict" not in found(repr(nn.Sequential(nn.ReLU()))).text


def test_a_name_that_no_text_may_give_is_changed_with_a_word() -> None:
    printed = found(repr(nn.Sequential(OrderedDict([("conv-1", nn.ReLU())]))))
    assert "conv_1" in printed.text and any("conv-1" in note for note in printed.notes)


def test_what_older_torch_printed() -> None:
    text = "Sequential(\n  (0): ReLU(inplace)\n  (1): Dropout(p=0.5)\n  (2): Softplus(beta=1.0, threshold=20.0)\n)"
    assert repr(notation.parse(found(text).text).build()) == repr(
        nn.Sequential(nn.ReLU(True), nn.Dropout(), nn.Softplus(1.0, 20.0))
    )


def test_line_breaks_may_be_lost() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.Sequential(nn.ReLU()))
    assert repr(notation.parse(found(" ".join(repr(model).split())).text).build()) == repr(model)


def test_layers_that_are_printed_once_for_several() -> None:
    """As torch 2 prints the equal layers of a ModuleList."""
    blocks = nn.ModuleDict({"all": nn.ModuleList(nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(4))})
    assert "(0-3): 4 x" in repr(blocks)
    printed = found(repr(blocks))
    assert printed.parameters == 4 * 20 and printed.tree == Layer(
        "",
        "ModuleDict",
        children=(
            Layer(
                "all",
                "ModuleList",
                children=(
                    Layer(
                        "0-3",
                        "Sequential",
                        children=(Layer("0", "Linear", "in_features=4, out_features=4, bias=True"), Layer("1", "ReLU")),
                        times=4,
                    ),
                ),
            ),
        ),
    )
    assert kinds(guess(printed, (4,))) == ["Linear", "ReLU"] * 4


def test_layers_of_no_text_are_counted_too() -> None:
    parts = [nn.LSTM(28, 64, 2, batch_first=True), nn.GRU(3, 4, bidirectional=True), nn.Embedding(10, 3)]
    module = nn.ModuleList(
        [*parts, nn.Bilinear(1, 2, 3), nn.TransformerEncoderLayer(8, 2), nn.Linear(30_000, 60_000, device="meta")]
    )
    assert found(repr(module)).parameters == count(module)


def test_what_cannot_be_counted_is_named() -> None:
    printed = found("Net(\n  (a): Linear(in_features=2, out_features=3, bias=True)\n  (b): MyBlock()\n)")
    assert printed.parameters == 9 and any("MyBlock" in note for note in printed.notes)
    assert guess(printed, (1, 28, 28)) is None


@pytest.mark.parametrize("inside", ["MyBlock()", "LSTM(3, 4)", "FractionalMaxPool2d()", "Linear(in_features=x)"])
def test_a_sequential_of_something_else_is_not_exact(inside: str) -> None:
    printed = found(f"Sequential(\n  (0): ReLU()\n  (1): {inside}\n)")
    kind = inside.partition("(")[0]
    assert not printed.exact and not printed.text and any(kind in note for note in printed.notes)


def test_a_guess_puts_the_poolings_where_the_numbers_fit() -> None:
    each = ["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d"]
    tail = ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    printed = found(LENET)
    assert printed.parameters == 61_706 and (printed.kind, printed.exact) == ("Net", False)
    assert kinds(guess(printed, (1, 32, 32))) == each + tail
    assert kinds(guess(printed, (3, 32, 32))) == each + tail  # of three channels, one counts
    assert guess(printed, (1, 28, 28)) is None
    pooled = found(LENET.replace("  (conv2)", f"{POOL}  (conv2)").replace("  (fc1)", "  (act): Tanh()\n  (fc1)"))
    tanh = [kind.replace("ReLU", "Tanh") for kind in each + tail]
    assert kinds(guess(pooled, (1, 32, 32))) == tanh


def test_a_guess_pools_only_after_some_where_that_fits() -> None:
    """20 x 20 after one pooling of 28 - 4 = 24 and two unpadded convolutions: 12 - 2 = 10, and 10 x 10 x 4 = 400."""
    text = "Net(\n" + "".join(
        f"  (c{index}): Conv2d({c_in}, 4, kernel_size=({k}, {k}), stride=(1, 1))\n"
        for index, (c_in, k) in enumerate([(1, 5), (4, 3)])
    )
    text += "  (drop): Dropout2d(p=0.5, inplace=False)\n  (fc): Linear(in_features=400, out_features=2, bias=True)\n)"
    assert kinds(guess(found(text), (1, 28, 28))) == [
        *("Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "Dropout2d", "Flatten", "Linear")
    ]


def test_a_guess_keeps_what_is_printed_in_its_order() -> None:
    with torch.device("meta"):
        model = torchvision.models.alexnet()
    text = guess(found(repr(model)), (3, 224, 224))
    leaves = [type(one).__name__ for one in model.modules() if not [*one.children()]]
    assert [kind for kind in kinds(text) if kind != "Flatten"] == leaves and kinds(text).count("Flatten") == 1


def test_no_guess_where_torch_does_not_run_it() -> None:
    with torch.device("meta"):
        model = torchvision.models.resnet18()
    start = time.process_time()
    assert guess(found(repr(model)), (3, 224, 224)) is None
    assert time.process_time() - start < 5


def test_a_guess_for_what_has_no_convolution() -> None:
    text = "MLP(\n  (a): Linear(in_features=784, out_features=9, bias=True)\n"
    text += "  (b): Linear(in_features=9, out_features=2, bias=False)\n)"
    assert kinds(guess(found(text), (1, 28, 28))) == ["Flatten", "Linear", "ReLU", "Linear"]
    assert guess(found(text), (1, 32, 32)) is None


TORCHSUMMARY = """----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 6, 28, 28]             156
================================================================
Total params: 156
"""
TORCHINFO = """==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
Net                                      [1, 10]                   --
├─Conv2d: 1-1                            [1, 6, 28, 28]            156
==========================================================================================
Total params: 156
"""


@pytest.mark.parametrize("table", [TORCHSUMMARY, TORCHINFO])
def test_a_table_says_what_to_paste_instead(table: str) -> None:
    printed = found(table)
    assert printed.kind == "table" and not printed.text and "print(model)" in printed.notes[0]
    assert guess(printed, (1, 28, 28)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nn.Sequential(nn.ReLU())",
        "nn.Sequential(OrderedDict([('a', nn.ReLU())]))",
        "class Net(nn.Module):\n    pass\n# Net(\n#  (a): ReLU()\n# )",
        LENET[:-1],
        f"import torch\n{LENET}",
        "Net(" + "(a): B(" * (MAX_DEPTH + 2) + ")" * (MAX_DEPTH + 3),
        "a(" * 50_000,
        "A((b): C(" + " " * 90_000,
        "\n" * 100_000,
        "Layer (type)" * 8_000,
        "Net(\n" + "  (a): ReLU()\n" * 6_000 + ")",
    ],
    ids=range(12),
)
def test_what_is_no_printed_network(text: str) -> None:
    start = time.process_time()
    assert read(text) is None
    assert time.process_time() - start < 2


def test_whatever_is_changed_gives_a_network_or_nothing(tries: Tries) -> None:
    texts = [LENET, repr(nn.Sequential(nn.Conv2d(1, 2, 3), nn.LSTM(3, 4), nn.ModuleList([nn.ReLU()] * 4)))]
    tokens = [
        "(",
        ")",
        "[",
        "]",
        "=",
        ",",
        "9" * 30,
        "\n",
        " ",
        "(a): B(",
        "4 x ",
        "None",
        "'",
        "inplace",
        "1e999",
        "-1",
    ]
    exact = 0
    for pick in tries(5_000, sample=200):
        text = pick.choice(texts)
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(text))
            text = text[:at] + pick.choice(tokens) + text[at + pick.choice([0, 1, 5]) :]
        printed = read(text)
        if printed is not None:
            exact += 1
            assert printed.parameters >= 0
            if one := guess(printed, (1, 32, 32)):
                notation.parse(one)
    assert exact > 10

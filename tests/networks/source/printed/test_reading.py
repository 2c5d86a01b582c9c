"""Printed networks: a Sequential comes back as it was, of a class there are its layers and its parameters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from cnnviz.networks import notation, zoo
from cnnviz.networks.notation.printer import arguments
from cnnviz.networks.source.printed.guessing import guess
from cnnviz.networks.source.printed.layers import Layer
from cnnviz.networks.source.printed.reading import DEFAULTS, MAX_DEPTH, Printed, read
from tests.helpers import names
from tests.networks.test_notation import CALLS, by_python
from tests.pace import within
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


def kinds(text: str) -> list[str]:
    """The kinds of the layers of a text, in their order."""
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
        assert changed <= set(DEFAULTS.get(type(one).__name__, ()))
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
    guessed = guess(printed, [(4,)])
    assert guessed is not None and kinds(guessed.text) == ["Linear", "ReLU"] * 4


def test_layers_of_no_text_are_counted_too() -> None:
    parts = [nn.LSTM(28, 64, 2, batch_first=True), nn.GRU(3, 4, bidirectional=True), nn.Embedding(10, 3)]
    module = nn.ModuleList(
        [*parts, nn.Bilinear(1, 2, 3), nn.TransformerEncoderLayer(8, 2), nn.Linear(30_000, 60_000, device="meta")]
    )
    assert found(repr(module)).parameters == count(module)


def test_what_cannot_be_counted_is_named() -> None:
    printed = found("Net(\n  (a): Linear(in_features=2, out_features=3, bias=True)\n  (b): MyBlock()\n)")
    assert printed.parameters == 9 and any("MyBlock" in note for note in printed.notes)
    assert guess(printed, [(1, 28, 28)]) is None


@pytest.mark.parametrize("inside", ["MyBlock()", "LSTM(3, 4)", "FractionalMaxPool2d()", "Linear(in_features=x)"])
def test_a_sequential_of_something_else_is_not_exact(inside: str) -> None:
    printed = found(f"Sequential(\n  (0): ReLU()\n  (1): {inside}\n)")
    kind = inside.partition("(")[0]
    assert not printed.exact and not printed.text and any(kind in note for note in printed.notes)


@pytest.mark.parametrize("old", [" (", "("])
def test_what_the_oldest_torch_printed(old: str) -> None:
    layers = ["Conv2d (1, 6, kernel_size=(5, 5), stride=(1, 1))", "ReLU ()", "MaxPool2d (size=(2, 2), stride=(2, 2))"]
    layers += ["Dropout (p = 0.3)", "LeakyReLU (0.2, inplace)", "Linear (864 -> 10)", "Softmax ()"]
    text = "\n".join(["Sequential (", *(f"  ({at}): {layer}" for at, layer in enumerate(layers)), ")"])
    printed = found(text.replace(" (", old) if old == "(" else text)
    wanted = nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3), nn.LeakyReLU(0.2, True)),
        *(nn.Linear(864, 10), nn.Softmax(dim=1)),
    )
    assert repr(notation.parse(printed.text).build()) == repr(wanted)
    assert printed.parameters == count(wanted) == 156 + 8650


@pytest.mark.parametrize(
    ("name", "kind"),
    [("conv 1", "ReLU("), ("1", "ReLU ("), ("block-2.a", "Tanh("), ("über", "Tanh ("), ("a b c", "Tanh(")],
)
def test_no_layer_is_lost_for_its_name_or_a_space(name: str, kind: str) -> None:
    printed = found(
        f"Sequential(\n  (0): Linear(in_features=2, out_features=3)\n  ({name}): {kind})\n  (2): Linear(3 -> 4)\n)"
    )
    assert printed.exact and kinds(printed.text) == ["Linear", kind.strip(" ("), "Linear"]
    assert printed.parameters == 9 + 16


@pytest.mark.parametrize(
    "lost", ["(1): <function relu>", "(1): Conv2d[1, 6]", "width=3", "(1): None", "(1) Conv2d(1, 6, 3)"]
)
def test_a_sequential_with_more_in_it_than_layers_is_not_exact(lost: str) -> None:
    for text in (f"Sequential(\n  (0): ReLU()\n  {lost}\n)", f"Sequential(\n  {lost}\n  (0): ReLU()\n)"):
        printed = read(text)
        assert printed is None or not (printed.exact or printed.text)
        assert printed is None or guess(printed, [(1, 8, 8)]) is None
        inner = read(f"Sequential(\n  (a): Linear(2 -> 3)\n  (b): {text}\n)")
        assert inner is not None and not inner.exact and inner.parameters == 9


def test_what_a_class_prints_of_itself_hides_none_of_its_layers() -> None:
    printed = found(
        "Net(\n  width=3, depth=2\n  (body): Sequential(\n    (0): Linear(2 -> 3)\n  )\n  (head): Linear(3 -> 1)\n)"
    )
    assert (printed.kind, printed.exact, printed.parameters) == ("Net", False, 9 + 4)
    assert read("Net<3>(\n  (body): Sequential(\n    (0): ReLU()\n  )\n  (head): Linear(3 -> 1)\n)") is None


@pytest.mark.parametrize("kind", ["Softmax", "LogSoftmax", "Softmin"])
def test_an_axis_that_was_not_given_is_that_of_rows(kind: str) -> None:
    for given in ("dim=None", ""):
        printed = found(
            f"Sequential(\n  (0): Linear(in_features=4, out_features=3, bias=True)\n  (1): {kind}({given})\n)"
        )
        (*_, last) = notation.parse(printed.text).build().children()
        assert repr(last) == f"{kind}(dim=1)" and printed.exact and printed.parameters == 15
        (note,) = printed.notes
        assert kind in note and "dim=1" in note
    assert not found(f"Sequential(\n  (0): {kind}(dim=-1)\n)").notes


@pytest.mark.parametrize("layer", [nn.LazyLinear(3), nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d()])
def test_of_lazy_layers_the_truth_is_said(layer: nn.Module) -> None:
    printed = found(repr(nn.Sequential(nn.Linear(2, 3), layer)))
    assert not printed.exact and printed.parameters == 9
    assert all(type(layer).__name__ in note for note in printed.notes) and len(printed.notes) == 2
    assert not any("between" in note or "inside" in note for note in printed.notes)


def test_a_sequential_says_nothing_of_what_happens_between_its_layers() -> None:
    for inside in ("MyBlock()", "LSTM(3, 4)", "LazyLinear(in_features=0, out_features=2)"):
        assert not any("between" in note for note in found(f"Sequential(\n  (0): ReLU()\n  (1): {inside}\n)").notes)
    assert any("between" in note for note in found(LENET).notes)


def test_the_first_of_several_is_read_and_that_is_said() -> None:
    first, second = repr(nn.Sequential(nn.Linear(2, 3))), repr(nn.Sequential(nn.Tanh()))
    printed = found(f"{first}\n{second}\n")
    assert printed.exact and kinds(printed.text) == ["Linear"] and any("first" in note for note in printed.notes)


@pytest.mark.parametrize("mark", ["# ", "#", "> ", "> > ", "+", "\u2502 ", "| "])
def test_marks_before_the_lines(mark: str) -> None:
    printed = found("".join(f"{mark}{line}\n" for line in f"My net\n{LENET}".splitlines()))
    assert printed == found(LENET)


@pytest.mark.parametrize("form", ["{:>3} ", "{}: ", "{}\u2192", "{:>4} | ", "L{} ", "{}\t"])
def test_numbers_before_the_lines(form: str) -> None:
    text = "".join(f"{form.format(at)}{line}\n" for at, line in enumerate(LENET.splitlines(), 97))
    assert found(text) == found(LENET)
    assert found("\n".join(f"\u2502 {line:<80} \u2502" for line in LENET.splitlines())) == found(LENET)


@pytest.mark.parametrize(
    "prose",
    [
        "This comes\nfrom the paper:",
        "It is of a\nclass that we had before.",
        "I know\nimport errors, and none is here",
        "With a nn.Sequential in it, or nn.Conv2d(1, 6, 5):",
        "We define\ndef as usual",
    ],
)
def test_words_of_python_in_prose_are_no_code(prose: str) -> None:
    assert found(f"{prose}\n{LENET}\n{prose}") == found(LENET)


@pytest.mark.parametrize(
    "code",
    ["class Net(nn.Module):", "class A:", "from torch import nn", "import torch as t", "import os, re", "def f(x):"]
    + ["self.a = nn.ReLU()", "nn.Sequential(", "    return torch.nn.ReLU()"],
)
def test_a_network_that_is_printed_beside_code_is_left_to_the_code(code: str) -> None:
    assert read(f"{code}\n{LENET}") is None and read(f"{LENET}\n{code}\n") is None


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
    with within(2):
        assert read(text) is None


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
            if one := guess(printed, [(1, 32, 32)]):
                notation.parse(one.text)
    assert exact > 10


NARROW = 34


def narrow(text: str) -> str:
    """As a window shows it that is too narrow."""
    return "\n".join(line[at : at + NARROW] for line in text.splitlines() for at in range(0, max(len(line), 1), NARROW))


@pytest.mark.parametrize(
    "damaged",
    [
        narrow,
        lambda text: text.replace("=", "=\u200b"),
        lambda text: text.translate(dict(zip(map(ord, "():,"), "（）：，", strict=True))),
        lambda text: "<pre>" + text.replace("\n", "<br>") + "</pre>",
        lambda text: text.replace(" ", "&nbsp;").replace("'", "&#x27;"),
        lambda text: f"nn.{text}",
    ],
    ids=["cut lines", "zero-width spaces", "full-width signs", "line ends of HTML", "entities", "nn. before it"],
)
def test_a_print_that_was_damaged(damaged: Callable[[str], str]) -> None:
    module = nn.Sequential(
        OrderedDict(convolution=nn.Conv2d(1, 16, 3, padding="same"), norm=nn.BatchNorm2d(16), act=nn.GELU())
    )
    assert repr(notation.parse(found(damaged(repr(module))).text).build()) == repr(module)


CLASS = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]


@pytest.mark.parametrize(
    "code",
    [
        "\n".join([f">>> {CLASS[0]}", *(f"... {line}" for line in CLASS[1:]), ">>> Net()"]),
        "\n".join([f"In [4]: {CLASS[0]}", *(f"   ...: {line}" for line in CLASS[1:]), "In [5]: Net()"]),
        "\n".join(f"{number} {line}" for number, line in enumerate(CLASS, 1)),
        "\n".join(f"+{line}" for line in CLASS),
    ],
)
def test_a_class_before_what_it_prints_is_read_itself(code: str) -> None:
    assert read(f"{code}\n{LENET}") is None


def test_a_print_behind_a_prompt_is_read_where_nothing_defines_it() -> None:
    printed = found(f">>> import torch\n>>> net = torch.load('net.pt', weights_only=False)\n>>> net\n{LENET}")
    assert printed.kind == "Net"


def test_losses_and_metrics_are_no_layers() -> None:
    metrics = "  (seen): MetricCollection(\n    (a): MulticlassAccuracy(),\n    prefix=None\n  )\n)"
    printed = found(f"{LENET[:-1]}  (criterion): CrossEntropyLoss()\n{metrics}")
    assert printed.parameters == 61_706
    assert not any("not counted" in note for note in printed.notes)
    assert any(names(note, "CrossEntropyLoss", "MulticlassAccuracy", "left out") for note in printed.notes)
    assert guess(printed, [(1, 32, 32)]) == guess(found(LENET), [(1, 32, 32)])


def test_layers_of_torchvision_that_print_their_sizes_are_counted() -> None:
    with torch.device("meta"):
        model = torchvision.models.convnext_tiny()
    scales = sum(one.numel() for name, one in model.named_parameters() if name.endswith("layer_scale"))
    printed = found(repr(model))
    assert printed.parameters == count(model) - scales
    assert not any("not counted" in note for note in printed.notes)


def test_a_frozen_norm_has_no_parameters() -> None:
    printed = found(
        "Net(\n  (c): Conv2d(3, 4, kernel_size=(1, 1), stride=(1, 1))\n  (n): FrozenBatchNorm2d(4, eps=1e-05)\n)"
    )
    made = guess(printed, [(3, 8, 8)])
    assert made is not None and printed.parameters == count(notation.parse(made.text).build()) == 16


def test_a_layer_whose_weights_are_made_of_others() -> None:
    module = nn.Sequential(spectral_norm(nn.Conv2d(3, 8, 4, 2, 1)), nn.ReLU(), spectral_norm(nn.Linear(4, 5)))
    printed = found(repr(module))
    assert kinds(printed.text) == ["Conv2d", "ReLU", "Linear"] and printed.parameters == count(module)
    assert any(names(note, "ParametrizedConv2d", "ParametrizedLinear") for note in printed.notes)


def test_a_layer_that_holds_its_norm_is_counted_with_it() -> None:
    """As detectron2 and timm print theirs: 7 * 7 * 3 * 64 weights, and 2 * 64 of the norm that stands in it."""
    inside = "3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False\n"
    text = f"Net(\n  (stem): Conv2d(\n    {inside}    (norm): BatchNorm2d(64, eps=1e-05)\n  )\n)"
    assert found(text).parameters == 9408 + 128
    assert found(text.replace("BatchNorm2d", "FrozenBatchNorm2d")).parameters == 9408
    assert found(text.replace("(stem): Conv2d", "(0-2): 3 x Conv2dAct")).parameters == 3 * (9408 + 128)
    sequential = found(text.replace("Net(", "Sequential("))
    assert not sequential.exact and any(names(note, "Conv2d", "BatchNorm2d") for note in sequential.notes)
    one = guess(found(text), [(3, 32, 32)])
    assert one is not None and kinds(one.text) == ["Conv2d", "BatchNorm2d"]


def test_a_padding_in_a_convolution_comes_before_it() -> None:
    text = (
        "Net(\n  (c): Conv2dPadded(\n    1, 4, kernel_size=(3, 3), stride=[2, 2]\n"
        "    (pad): ZeroPad2d((0, 1, 0, 1))\n  )\n)"
    )
    one = guess(found(text), [(1, 8, 8)])
    assert found(text).parameters == 40 and one is not None and kinds(one.text) == ["ZeroPad2d", "Conv2d"]
    assert notation.parse(one.text).build()(torch.zeros(1, 1, 8, 8)).shape == (1, 4, 4, 4)


def test_a_layer_of_unknown_sizes_that_holds_others_is_named() -> None:
    text = "Net(\n  (a): Odd(\n    3, 8, groups 2\n    (n): BatchNorm1d(8, eps=1e-05)\n  )\n)"
    printed = found(text)
    assert printed.parameters == 16 and any(names(note, "Odd", "not counted") for note in printed.notes)
    assert guess(printed, [(3, 8)]) is None


@pytest.mark.parametrize(
    ("shown", "known", "count"),
    [
        ("Conv3DMid(2, 4, kernel_size=(1, 3, 3), stride=(1, 1, 1), padding=(0, 1, 1), bias=False)", "Conv3d", 72),
        ("ScaledStdConv2d(2, 4, kernel_size=(3, 3), stride=(1, 1))", "Conv2d", 76),
        ("MyConvTranspose1d(4, 2, kernel_size=(3,), stride=(2,), output_padding=(1,))", "ConvTranspose1d", 26),
        ("SyncBatchNorm(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", "BatchNorm2d", 12),
        ("InPlaceInstanceNorm1d(6, eps=1e-05, momentum=0.1, affine=False, bias=False)", "InstanceNorm1d", 0),
        ("Norm(2, 6, eps=1e-06, affine=True)", "GroupNorm", 12),
        ("LayerNorm32((3, 5), eps=1e-05, elementwise_affine=True)", "LayerNorm", 30),
        ("T5RMS((5,), eps=1e-05, elementwise_affine=True)", "RMSNorm", 5),
        ("Linear8bitLt(in_features=100000, out_features=2, bias=False)", "Linear", 200_000),
    ],
)
def test_what_prints_like_a_layer_of_torch_is_counted_as_it(shown: str, known: str, count: int) -> None:
    printed = found(f"Net(\n  (a): {shown}\n  (b): ReLU()\n)")
    kind = shown.partition("(")[0]
    assert printed.parameters == count
    assert any(names(note, kind, "counted as", known) for note in printed.notes)
    assert not any("not counted" in note for note in printed.notes)


@pytest.mark.parametrize("shown", ["OddLinear(in_features=2, out_features=3, scale=1.0)", "Odd(3, 4)"])
def test_what_prints_more_or_less_is_not_counted_as_a_layer_of_torch(shown: str) -> None:
    printed = found(f"Net(\n  (a): {shown}\n)")
    assert not printed.parameters and any(names(note, "not counted") for note in printed.notes)


def test_a_kind_with_a_dot_hides_none_of_the_layers() -> None:
    text = (
        "Net(\n  (a): lora.Linear(\n    (base): Linear(in_features=4, out_features=4, bias=True)\n"
        "    (low): ModuleDict(\n      (x): Linear(in_features=4, out_features=2, bias=False)\n    )\n"
        "    (none): ParameterDict()\n  )\n"
        "  (s): ParameterList(  (0): Parameter containing: [torch.float32 of size 8x3 (GPU 0)])\n)"
    )
    printed = found(text)
    assert printed.parameters == 20 + 8 + 24 and not any("not counted" in note for note in printed.notes)


def test_a_printed_sequential_may_be_as_large_as_a_class_in_code() -> None:
    text = "Sequential(\n  (0): Flatten(start_dim=1)\n  (1): Linear(in_features=401408, out_features=300)\n)"
    printed = found(text)
    assert printed.exact and printed.parameters == 401_409 * 300
    assert "nn.Linear(401408, 300)" in printed.text
    assert not found(text.replace("300)", "5000)")).exact  # 2,007,045,000 parameters


@pytest.mark.parametrize(
    "before",
    [
        *("2031-07-09 08:07:06,123 INFO ", "[2031-07-09T08:07:06.5Z] ", "2031-07-09 08:07:06 - WARNING: "),
        *("INFO:models.net:", "[DEBUG] ", "web-1  | ", "[1,12]<stdout>:"),
    ],
)
def test_a_print_in_a_log(before: str) -> None:
    assert found("".join(f"{before}{line}\n" for line in LENET.splitlines())) == found(LENET)


@pytest.mark.parametrize("before", ["INFO:root:", "DEBUG:a.b:", "2031-07-09 08:07:06,123 - INFO - ", "[INFO] "])
def test_a_log_that_writes_before_the_first_line_alone(before: str) -> None:
    assert found(f"{before}{LENET}\nINFO:root:epoch 1\n") == found(LENET)

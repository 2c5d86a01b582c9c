"""Prints that were not copied whole: their rows are read, and what is missing is said."""

from __future__ import annotations

import pytest
from torch import nn

from cnnviz.networks import notation, own
from cnnviz.networks.source.printed.reading import Printed, read
from tests.pace import within

SMALL = nn.Sequential(
    *(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
    *(nn.Linear(784, 20), nn.ReLU(), nn.Linear(20, 10)),
)
LINES = repr(SMALL).split("\n")
CLASS = """Net(
  (features): Sequential(
    (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (1): ReLU()
    (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (drop): Dropout(p=0.25, inplace=False)
  (fc): Linear(in_features=2048, out_features=10, bias=True)
)""".split("\n")  # noqa: SIM905 - as it is printed
LOG = "Using device: cuda:0 (Tesla T4)\nFiles already downloaded and verified"
TRAINING = "Epoch: 1 [0/60000 (0%)]\tLoss: 2.303 (best)\n100%|####| 391/391 [00:12<00:00]"
ERROR = """Traceback (most recent call last):
  File "train.py", line 61, in <module>
    out = model(x)
  File "train.py", line 30, in forward
    x = self.fc1(x.view(-1, 400))
RuntimeError: shape '[-1, 400]' is invalid for input of size 50176"""


def found(text: str) -> Printed:
    printed = read(text, in_part=True)
    assert printed is not None
    return printed


def layers(text: str) -> str:
    return repr(notation.parse(found(text).text).build())


@pytest.mark.parametrize("end", ["", LINES[7][:30], LINES[7][:9], "  (5", "  (", "...", "  \u2026"])
@pytest.mark.parametrize("behind", ["", f"\n\n{TRAINING}", f"\n{ERROR}"])
def test_what_stands_before_the_cut_is_read(end: str, behind: str) -> None:
    text = "\n".join([*LINES[:6], *([end] if end else [])]) + behind
    assert layers(text) == repr(SMALL[:5])
    assert any("cut" in note for note in found(text).notes)


def test_the_last_bracket_alone_may_be_missing() -> None:
    text = "\n".join(LINES[:-1])
    assert layers(text) == repr(SMALL) and "cut off behind 6" in found(text).notes[0]
    assert layers(f"{LOG}\n{text}\n{TRAINING}") == repr(SMALL)


@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("last", [0, -1])
def test_numbered_rows_without_a_first_line_are_those_of_a_sequential(strip: bool, last: int) -> None:
    rows = [line.strip() if strip else line for line in LINES[1 : last or None]]
    assert layers("\n".join(rows)) == repr(SMALL)
    assert found("\n".join(rows)).notes[0].startswith("The first line is missing")


def test_what_stands_behind_a_lost_beginning_is_read() -> None:
    printed = found("\n".join(LINES[4:]))
    assert "above 3 is not known" in printed.notes[0]
    assert [type(one).__name__ for one in notation.parse(printed.text).build()] == [
        "Flatten",
        "Linear",
        "ReLU",
        "Linear",
    ]


@pytest.mark.parametrize("rows", [CLASS[1:], CLASS[1:-1], [line.strip() for line in CLASS[1:-1]]])
def test_rows_of_a_class_without_its_name(rows: list[str]) -> None:
    printed = found("\n".join(rows))
    assert (printed.kind, printed.parameters) == ("Network", 224 + 20_490)
    assert "name of the class" in printed.notes[0] and "not printed" in printed.notes[-1]
    assert [one.name for one in printed.tree.children] == ["features", "drop", "fc"]


def test_rows_of_a_part_whose_beginning_is_lost() -> None:
    for lost, kind in ((3, "Sequential"), (5, "Network")):
        printed = found("\n".join(CLASS[lost:]))
        assert printed.kind == "Network" and printed.parameters == 20_490
        if lost == 3:
            part = printed.tree.children[0]
            assert (part.name, part.kind, [one.name for one in part.children]) == ("part", kind, ["1", "2"])
            assert "above 1 is not known" in printed.notes[0]


def test_a_class_that_is_cut_off_has_the_layers_before() -> None:
    printed = found("\n".join(CLASS[:4]))
    assert (printed.kind, printed.parameters) == ("Net", 224) and "behind 1:" in printed.notes[0]


def test_a_row_that_holds_all_others_is_the_network() -> None:
    assert layers("\n".join(CLASS[1:6])) == repr(
        nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    )


def test_rows_that_a_narrow_window_has_broken() -> None:
    text = "\n".join(LINES[1:-1]).replace("kernel_size=(3, 3), ", "kernel_size=(3, 3), \n    ")
    assert layers(text) == repr(SMALL)


@pytest.mark.parametrize("lost", [1, 30])
def test_a_print_that_is_cut_and_has_lost_its_breaks(lost: int) -> None:
    text = " ".join(" ".join(LINES).split())[:-lost].rstrip()
    assert layers(text) == (repr(SMALL) if lost == 1 else repr(SMALL[:6]))
    printed = found(" ".join(" ".join(CLASS[:-1]).split()))
    assert (printed.kind, printed.parameters) == ("Net", 224 + 20_490)


def test_what_computes_nothing_but_what_it_holds_is_left_out() -> None:
    for around, name in (("DataParallel", "module"), ("OptimizedModule", "_orig_mod")):
        assert layers(f"{around}(\n  ({name}): {SMALL}\n)") == repr(SMALL)
        printed = found("\n".join([f"{around}(", f"  ({name}): {CLASS[0]}", *CLASS[1:-1]]))
        assert printed.kind == "Net" and "cut off behind fc" in printed.notes[0]


@pytest.mark.parametrize(
    "mark", ["10:31:0{} ", "[2023-03-14 09:26:5{}] [train.py:41] INFO: ", "rank{}>> ", "worker-{} | "]
)
@pytest.mark.parametrize("lost", [0, 1])
def test_what_a_log_writes_before_each_line_whatever_it_is(mark: str, lost: int) -> None:
    assert layers("\n".join(f"{mark.format(at)}{line}" for at, line in enumerate(LINES[lost:]))) == repr(SMALL)


def test_the_colours_of_a_terminal() -> None:
    text = "\n".join(LINES).replace("Conv2d", "\x1b[35mConv2d\x1b[0m").replace("Seq", "\x1b[1;31mSeq")
    assert layers(text) == repr(SMALL)


def test_rows_in_whose_place_dots_stand() -> None:
    text = "\n".join([*LINES[:3], "  ...", *LINES[6:]])
    assert not found(text).exact and any("left out where ..." in note for note in found(text).notes)


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nfrom mymodel import Net\n\nmodel = Net().to(device)\nprint(model)\n",
        "from models import build\nnet = build(10)\nprint(net)\nopt = torch.optim.Adam(net.parameters())\nOutput:\n",
    ],
)
def test_a_print_below_code_that_makes_the_model_elsewhere(code: str) -> None:
    network = own.read(f"{code}\n{SMALL}").network
    assert isinstance(network, notation.Network) and repr(network.build()) == repr(SMALL)


def test_code_that_makes_the_network_is_read_before_what_it_prints() -> None:
    code = "import torch\nfrom torch import nn\nmodel = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\nprint(model)\n"
    assert "network" not in own.read(f"{code}{SMALL}").notes and len(own.read(f"{code}{SMALL}").weightless()) == 2
    with pytest.raises(notation.NotationError) as refused:
        own.read("class Net(nn.Module):\n    def __init__(self):\n        self.a = nn.Conv9d(1)\n\n" + "\n".join(CLASS))
    assert not isinstance(refused.value, own.Offer)


@pytest.mark.parametrize("place", ["above", "below"])
def test_an_error_beside_a_print(place: str) -> None:
    text = f"{ERROR}\n\n{SMALL}" if place == "above" else f"{SMALL}\n\n{ERROR}"
    network = own.read(text).network
    assert isinstance(network, notation.Network) and repr(network.build()) == repr(SMALL)


@pytest.mark.parametrize(
    "text",
    [
        "(a) and (b): Neither is a layer (of a network)",
        "class Net(nn.Module):\n    pass\n# (a): ReLU()",
        "Net<3>(\n  (body): Sequential(\n    (0): ReLU()\n  )\n)",
        "(0): ReLU(" + " " * 90_000,
        "(0): " + "(" * 90_000,
        "(a): ReLU()\n" * 8_000,
        "(a): Block(\n" * 8_000,
        " " * 90_000,
        "\n" * 90_000,
        ")\n" * 45_000,
        "(0): ReLU()" + "\n)" * 40_000,
        ("(0): ReLU(\n" + "x" * 1_900 + "\n") * 45,
        "(0): ReLU( " * 8_000,
        "(" + " (a" * 30_000,
    ],
    ids=range(14),
)
def test_what_is_none_and_what_takes_long(text: str) -> None:
    with within(2):
        printed = read(text, in_part=True)
    assert printed is None or printed.parameters == 0

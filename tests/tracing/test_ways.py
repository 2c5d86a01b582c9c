"""A block that adds what goes around as it is gets a layer on the way around, written as its class writes layers."""

import difflib

import pytest
from torch import nn

from cnnviz.networks.source import Source, read
from cnnviz.tracing.places import constructor_of
from tests.tracing.test_fixes_of_many import class_of, mended

IMPORTS = "import torch\nfrom torch import nn\n\n\n"
HELPER = "def conv3x3(i, o, s=1):\n    return nn.Conv2d(i, o, 3, stride=s, padding=1)\n\n\n"
UNIT = """class Unit(nn.Module):
    def __init__(self, i, o, step=1):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(i, o, 3, step, 1), nn.BatchNorm2d(o)

    def forward(self, x):
        return self.norm(self.conv(x))


"""


def blocks(layers: str, forward: str, before: str = "") -> str:
    """Three blocks in a row: one with other channels, one with the same, one with other channels and a stride."""
    made = "\n".join(f"        {line}" for line in layers.splitlines())
    done = "\n".join(f"        {line}" for line in forward.splitlines())
    return (
        f"{IMPORTS}{before}class Block(nn.Module):\n    def __init__(self, c_in, c_out, stride=1):\n"
        f"        super().__init__()\n{made}\n\n    def forward(self, x):\n{done}\n\n\n"
        "model = nn.Sequential(Block(3, 8), Block(8, 8), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), "
        "nn.Linear(16, 10))\n"
    )


TWO = "self.one = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1)\nself.two = nn.Conv2d(c_out, c_out, 3, padding=1)"
WRITTEN = {
    "a sum in place": (
        blocks(TWO, "y = self.two(torch.relu(self.one(x)))\ny += x\nreturn y.relu()"),
        ["if c_in != c_out or stride != 1:", "self.shortcut = nn.Conv2d(c_in, c_out, 1, stride=stride)"],
        "y += self.shortcut(x)",
    ),
    "by a function": (
        blocks(
            "self.one = conv3x3(c_in, c_out, stride)\nself.two = conv3x3(c_out, c_out)",
            "kept = x\nreturn torch.add(self.two(self.one(x).relu()), kept)",
            HELPER,
        ),
        ["if c_in != c_out or stride != 1:", "self.shortcut = nn.Conv2d(c_in, c_out, 1, stride=stride)"],
        "torch.add(self.two(self.one(x).relu()), self.shortcut(kept))",
    ),
    "by a class, the name taken": (
        blocks(
            "self.shortcut = None\nself.one = Unit(c_in, c_out, step=stride)\nself.two = Unit(c_out, c_out)",
            "return x + self.two(self.one(x).relu())",
            UNIT,
        ),
        ["if c_in != c_out or stride != 1:", "self.projection = nn.Conv2d(c_in, c_out, 1, stride=stride)"],
        "return self.projection(x) + self.two",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_blocks_have_the_layer_that_each_needs(name: str) -> None:
    text, lines, used = WRITTEN[name]
    _, found = mended(text, (2, 3, 32, 32))
    (remedy,) = found.values()
    assert remedy.whole and used in remedy.network and all(line in remedy.network for line in lines)
    network: nn.Module = read(remedy.network, "", {}).build()
    around = [one for path, one in network.named_modules() if path.endswith(("shortcut", "projection"))]
    assert [type(one) for one in around] == [nn.Conv2d, nn.Identity, nn.Conv2d]
    changed = [line for line in difflib.ndiff(text.splitlines(), remedy.network.splitlines()) if line[0] in "+-"]
    assert len(changed) == 5  # three lines of __init__ and one of forward, as it was and as it is


def test_a_stride_that_the_block_does_not_take_is_a_number() -> None:
    layers = "self.conv, self.pool = nn.Conv2d(c_in, c_out, 3, padding=1), nn.MaxPool2d(2)"
    _, found = mended(blocks(layers, "return self.pool(self.conv(x)).add(x)"), (2, 3, 32, 32))
    (remedy,) = found.values()
    assert remedy.whole and "\n        self.shortcut = nn.Conv2d(c_in, c_out, 1, stride=2)\n" in remedy.network


def test_layers_of_numbers_have_one_of_numbers() -> None:
    layers = "self.stem = nn.Conv2d(1, 4, 1)\nself.body = nn.Conv2d(4, 6, 3, stride=2, padding=1)  # halves"
    traced, found = mended(class_of(layers, "x = self.stem(x)\nreturn x + self.body(x)"), (2, 1, 8, 8))
    (remedy,) = found.values()
    assert remedy.whole and "# halves\n        self.shortcut = nn.Conv2d(4, 6, 1, stride=2)\n" in remedy.network
    assert "self.shortcut(x) + self.body(x)" in remedy.network
    assert traced.stopped is not None and "nn.Conv2d(4, 6, 1, stride=2)" in traced.stopped.sentence


@pytest.mark.parametrize(
    "forward",
    ["y = self.stem(x)\ny += self.body(y)\nreturn y", "y = self.stem(x)\nreturn sum([self.body(y), y])"],
    ids=["into what goes around", "in a call of Python's"],
)
def test_a_sum_that_has_no_place_for_it_is_told_alone(forward: str) -> None:
    layers = "self.stem = nn.Conv2d(1, 4, 1)\nself.body = nn.Conv2d(4, 6, 3, stride=2, padding=1)"
    traced, found = mended(class_of(layers, forward), (2, 1, 8, 8))
    assert traced.stopped is not None and "nn.Conv2d(4, 6, 1, stride=2)" in traced.stopped.sentence
    assert not any("shortcut" in one.network for one in found.values())


def test_the_text_s_own_names_are_used() -> None:
    layers = "self.stem = Conv2d(1, 4, 1)\nself.body = Conv2d(4, 6, 3, padding=1)"
    text = class_of(layers, "x = self.stem(x)\nreturn self.body(x) + x")
    _, found = mended(f"from torch import nn\nfrom torch.nn import Conv2d\n{text}", (2, 1, 8, 8))
    assert any("self.shortcut = Conv2d(4, 6, 1)\n" in one.network for one in found.values())


def test_the_network_is_made_once_for_all_the_calls_that_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    source = read(class_of("self.rows = nn.ModuleList([nn.Conv2d(4, 4, 1) for _ in range(40)])", "return x"), "", {})
    made: list[nn.Module] = []
    weightless = Source.weightless
    monkeypatch.setattr(Source, "weightless", lambda self: made.append(weightless(self)) or made[-1])
    assert len({constructor_of(source, f"rows.{index}") for index in range(40)} - {None}) == 1 == len(made)

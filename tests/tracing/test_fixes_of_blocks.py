"""Fixes that are written where a person would write them: around the block that is called and not within it, by the
names that a block has, in the layer itself before the argument of all; and sequences that are too long at their end."""

from __future__ import annotations

import pytest
from torch import nn

from cnnviz.tracing import ShapeError, trace
from tests.helpers import names
from tests.tracing.test_fixes_of_kinds import Shape, mended
from tests.tracing.test_fixes_of_many import class_of

HELPED = (
    "def point(i, o, stride=1):\n    return nn.Conv2d(i, o, 1, stride=stride)\n\n"
    "def three(i, o, stride=1):\n    return nn.Conv2d(i, o, 3, stride=stride, padding=1)\n\n"
)
UNIT = (
    "class Unit(nn.Module):\n    def __init__(self, i, o, step=1):\n        super().__init__()\n        self.a = {}\n"
    "        self.b = nn.Conv2d(o, o, 3, padding=1)\n        self.way = nn.Sequential({}, nn.BatchNorm2d(o))\n\n"
    "    def forward(self, x):\n        {}\n\n"
)
SUM = "return self.b(self.a(x).relu()) + self.way(x)"
ADDED = "y = self.b(self.a(x).relu())\n        y += self.way(x)\n        return y"
UNITS = "self.one = Unit(3, 6)\nself.two = Unit(6, 9, {})\nself.three = Unit(9, 9)\nself.fc = nn.Linear(9, 5)"
THROUGH = "return self.fc(self.three(self.two(self.one(x))).mean((2, 3)))"
LEVEL = (
    "class Level(nn.Module):\n    def __init__(self, i, o, k, d):\n        super().__init__()\n{}"
    "        self.a = nn.Conv1d(i, o, k, padding={}, dilation=d)\n"
    "        self.b = nn.Conv1d(o, o, k, padding={}, dilation=d)\n        self.way = nn.Conv1d(i, o, 1)\n\n"
    "    def forward(self, x):\n        y = self.b(self.a(x).relu()).relu()\n        {}\n\n"
)
LEVELS = "self.net = nn.Sequential(Level(2, 4, 5, 1), Level(4, 6, 5, 3))\nself.fc = nn.Linear(6, 3)"
LAST = "return self.fc(self.net(x)[:, :, -1])"
BLOCK = (
    "class Block(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
    "        self.net = nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU())\n\n"
    "    def forward(self, x):\n        return self.net(x)\n\n"
)


def given(text: str, parameters: str) -> str:
    """The text whose network is made with those."""
    before, _, after = text.rpartition("def __init__(self)")
    return f"{before}def __init__(self, {parameters}){after}"


BOTH_WAYS = "self.rnn = nn.GRU(11, size, batch_first=True, bidirectional=True)\nself.fc = nn.Linear(size, 7)"
OF_THE_LAST = "return self.fc(self.rnn(x)[0][:, -1])"
TWO_POOLINGS = (
    "x = torch.cat([F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, 1)], 1)\nreturn self.fc(x.flatten(1))"
)
# what is written, its input, the first fixes, with what stands in the text then; all of them are whole
FIRST: dict[str, tuple[str, Shape, dict[str, list[str]]]] = {
    "a width that another layer has, too": (
        given(class_of(BOTH_WAYS, OF_THE_LAST), "size=24"), (1, 6, 11),
        {"Linear(48, 7)": ["size=24", "nn.GRU(11, size,", "nn.Linear(48, 7)"]},
    ),
    "a width that the text gives": (
        given(class_of(BOTH_WAYS, OF_THE_LAST), "size") + "\nnet = Net(24)\n", (1, 6, 11),
        {"Linear(48, 7)": ["nn.Linear(48, 7)", "net = Net(24)"]},
    ),
    "a width of two poolings": (
        given(class_of("self.conv = nn.Conv2d(3, wide, 3)\nself.fc = nn.Linear(wide, 6)",
                       f"x = self.conv(x)\n{TWO_POOLINGS}"), "wide=10"),
        (1, 3, 12, 12), {"Linear(20, 6)": ["wide=10", "nn.Linear(20, 6)"]},
    ),
    "a width that is given on": (
        given(class_of("self.one = nn.Linear(wide, wide)\nself.two = nn.Linear(wide, 3)",
                       "return self.two(self.one(x.flatten(1)))"), "wide=16"),
        (1, 1, 6, 8), {"Linear(48, 16)": ["nn.Linear(48, wide)", "nn.Linear(wide, 3)"]},
    ),
    "a width that no layer gives": (
        given(class_of("self.conv = nn.Conv2d(colours, 4, 3)", "return self.conv(x)"), "colours=1"), (1, 3, 8, 8),
        {"the network made for 3 channels": ["colours=3"]},
    ),
    "channels last before a Sequential": (
        class_of("self.maps = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU())", "return self.maps(x).mean((2, 3))"),
        (1, 14, 12, 3), {"an input": [], "x.permute(0, 3, 1, 2) before maps": ["self.maps(x.permute(0, 3, 1, 2))"]},
    ),
    "channels last before a sequence of layers": (
        class_of("self.one = nn.Sequential(nn.Sequential(nn.Conv1d(6, 5, 3), nn.ReLU()), nn.MaxPool1d(2))\n"
                 "self.two = nn.Conv1d(5, 4, 3)", "return self.two(self.one(x)).mean(2)"),
        (1, 40, 6), {"an input": [], "x.permute(0, 2, 1) before one": ["self.two(self.one(x.permute(0, 2, 1)))"]},
    ),
    "channels last before a block": (
        class_of("self.one = Block(3, 5)\nself.two = Block(5, 4)", "return self.two(self.one(x)).mean((2, 3))", BLOCK),
        (1, 14, 12, 3), {"an input": [], "x.permute(0, 3, 1, 2) before one": ["self.one(x.permute(0, 3, 1, 2))"]},
    ),
    "no channels before a Sequential": (
        class_of("self.maps = nn.Sequential(nn.Conv2d(1, 5, 3), nn.ReLU())", "return self.maps(x).mean((2, 3))"),
        (2, 14, 12), {"an input": [], "x.unsqueeze(1) before maps": ["self.maps(x.unsqueeze(1))"]},
    ),
    "a way around without the stride of its block": (
        class_of(UNITS.format(3), THROUGH, UNIT.format("nn.Conv2d(i, o, 3, step, 1)", "nn.Conv2d(i, o, 1)", SUM)),
        (1, 3, 18, 18), {"stride=3 in Conv2d two.way.0": ["nn.Conv2d(i, o, 1, stride=step)"]},
    ),
    "a way around with a stride of its own": (
        class_of(UNITS.format(2), THROUGH,
                 UNIT.format("nn.Conv2d(i, o, 3, stride=step, padding=1)", "nn.Conv2d(i, o, 1, 1)", ADDED)),
        (1, 3, 18, 18), {"stride=2 in Conv2d two.way.0": ["nn.Conv2d(i, o, 1, step)"]},
    ),
    "a way around by a helper": (
        class_of(UNITS.format(2), THROUGH, HELPED + UNIT.format("three(i, o, step)", "point(i, o)", SUM)),
        (1, 3, 18, 18), {"stride=2 in Conv2d two.way.0": ["point(i, o, stride=step)"]},
    ),
    "steps that are not cut away": (
        class_of(LEVELS, LAST, LEVEL.format("", "(k - 1) * d", "(k - 1) * d", "z = self.way(x)\n        return z + y")),
        (1, 2, 60),
        {"the first 60 steps of net.0.relu_2": ["return z + y[:, :, :z.size(2)]"],
         "half the padding in 4 convolutions": ["o, k, padding=(k - 1) * d // 2, dilation"]},
    ),
    "steps that are not cut away before a sum in place": (
        class_of(LEVELS, LAST,
                 LEVEL.format("        pad = d * (k - 1)\n", "pad", "pad", "y += self.way(x)\n        return y")),
        (1, 2, 60),
        {"the first 60 steps of net.0.relu_2": ["y = y[:, :, :x.size(2)] + self.way(x)"],
         "half the padding in 4 convolutions": ["padding=pad // 2"]},
    ),
    "steps that are not cut away of what is added in place": (
        class_of(LEVELS, LAST,
                 LEVEL.format("", "d * k - d", "d * k - d", "z = self.way(x)\n        z += y\n        return z")),
        (1, 2, 60),
        {"the first 60 steps of net.0.relu_2": ["z += y[:, :, :z.size(2)]"],
         "half the padding in 4 convolutions": ["padding=(d * k - d) // 2"]},
    ),
    "an even kernel": (
        class_of("self.conv = nn.Conv1d(3, 3, 6, padding=3)", "return (self.conv(x) + x).mean(2)"), (1, 3, 20),
        {"the first 20 steps of conv": ["self.conv(x)[:, :, :x.size(2)] + x"]},
    ),
    "a convolution that looks back": (
        class_of("self.conv = nn.Conv1d(3, 3, 5, padding=4)", "return torch.cat([x, self.conv(x)], 1).mean(2)"),
        (1, 3, 20),
        {"the first 20 steps of conv": ["[x, self.conv(x)[:, :, :x.size(2)]]"],
         "half the padding in conv": ["5, padding=2"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_fixes_are_written_where_a_person_would(name: str) -> None:
    text, shape, right = FIRST[name]
    _, found = mended(text, shape)
    assert [one.text if one.network else "an input" for one in found[: len(right)]] == list(right)
    for one, written in zip(found, right.values(), strict=False):
        assert one.whole and all(line in one.network for line in written)


def test_an_argument_of_all_is_not_changed_with_the_layer_that_has_it() -> None:
    text, shape, _ = FIRST["a width that another layer has, too"]
    _, found = mended(text, shape)
    assert not any("made for" in one.text for one in found)


def test_what_is_too_long_is_said_with_its_numbers() -> None:
    traced, _ = mended(*FIRST["an even kernel"][:2])
    assert traced.stopped is not None
    assert names(traced.stopped.sentence, "3 × 21", "3 × 20", "1 step", "conv", "[:, :, :-1]")


class Looking(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(3, 3, 5, padding=4), nn.ReLU(), nn.Conv1d(3, 3, 3, padding=2))

    def forward(self, x):  # type: ignore[no-untyped-def]
        return x + self.body(x)


class Maps(nn.Module):
    def __init__(self, second: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Conv2d(second, 2, 1))

    def forward(self, x):  # type: ignore[no-untyped-def]
        return self.body(x)


def test_modules_without_a_text_are_mended_the_same_way() -> None:
    with pytest.raises(ShapeError) as stopped:
        trace(Looking(), (1, 3, 20))
    assert [(fix.text, fix.whole) for fix in stopped.value.fixes] == [
        ("half the padding in Conv1d body.0 and Conv1d body.2", True)
    ]


@pytest.mark.parametrize("second", [6, 7])
def test_what_comes_into_a_block_of_modules_is_changed_before_it(second: int) -> None:
    """A row more before what stops: one that stops at the same layer again is no fix."""
    with pytest.raises(ShapeError) as stopped:
        trace(Maps(second), (1, 14, 12, 3))
    found = {fix.text: fix.whole for fix in stopped.value.fixes}
    assert found["x.permute(0, 3, 1, 2) before body"] == (second == 6)

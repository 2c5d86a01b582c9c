"""Decoders whose maps miss those that they meet, branches that lose their edges, widths the other way round and lists
without a Flatten: the usual answer first, which torch takes for several images."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.tracing.enlarging import _changes, _Window
from tests.sampling import Tries
from tests.tracing.test_fixes_of_kinds import Shape, mended
from tests.tracing.test_fixes_of_many import class_of


def decoder(first: str, second: str, join: str = "torch.cat([{}, {}], 1)") -> str:
    """A U-Net of two steps down and up again, with those transposed convolutions."""
    wide = 2 if "cat" in join else 1
    return class_of(
        "self.one = nn.Conv2d(2, 4, 3, padding=1)\nself.two = nn.Conv2d(4, 8, 3, padding=1)\n"
        f"self.low = nn.Conv2d(8, 16, 3, padding=1)\nself.up = nn.ConvTranspose2d(16, 8, {first})\n"
        f"self.mid = nn.Conv2d({8 * wide}, 8, 3, padding=1)\nself.top = nn.ConvTranspose2d(8, 4, {second})\n"
        f"self.out = nn.Conv2d({4 * wide}, 1, 1)\nself.pool = nn.MaxPool2d(2)",
        "a = self.one(x)\nb = self.two(self.pool(a))\ny = self.low(self.pool(b)).relu()\n"
        f"y = self.mid({join.format('self.up(y)', 'b')})\nreturn self.out({join.format('self.top(y).relu()', 'a')})",
    )


UP = (
    "class Up(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
    "        self.up = nn.ConvTranspose2d(i, o, 3, stride=2)\n        self.conv = nn.Conv2d(2 * o, o, 1)\n\n"
    "    def forward(self, x, kept):\n        return self.conv(torch.cat([kept, self.up(x)], 1))\n\n"
)
BRANCHES = """class Branches(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.a = nn.Conv2d(i, 3, 1)
        self.b = nn.Sequential(nn.Conv2d(i, 2, 1), nn.ReLU(), nn.Conv2d(2, 3, 3{}))
        self.c = nn.Sequential(nn.Conv2d(i, 2, 1), nn.ReLU(), nn.Conv2d(2, 3, 5{}))
        self.d = nn.Sequential({}, nn.Conv2d(i, 3, 1))

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x), self.c(x), self.d(x)], 1)

"""
POOL = "nn.MaxPool2d(3, 1, 1)"


def branches(b: str = ", padding=1", c: str = ", padding=2", d: str = POOL) -> str:
    return class_of(
        "self.mix = Branches(2)\nself.fc = nn.Linear(12, 3)", "return self.fc(self.mix(x).mean((2, 3)))",
        BRANCHES.format(b, c, d),
    )  # fmt: skip


TWO = "return self.two(self.one(x.flatten(1)))"
ROW = "for layer in self.layers:\n    x = layer(x)\nreturn x"
# what is written, its input, the first fix, and what stands in the text then
FIRST: dict[str, tuple[str, Shape, str, list[str]]] = {
    "one cell too few at each join": (
        decoder("3, stride=2, padding=1", "3, stride=2, padding=1"), (1, 2, 24, 16),
        "output_padding=1 in up and top", ["ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)"],
    ),
    "one cell too many at each join": (
        decoder("3, 2", "3, 2"), (1, 2, 16, 16), "kernel_size=2 in up and top", ["ConvTranspose2d(16, 8, 2, 2)"],
    ),
    "no stride": (decoder("2", "2"), (1, 2, 16, 24), "stride=2 in up and top", ["ConvTranspose2d(8, 4, 2, stride=2)"]),
    "a kernel of four": (
        decoder("4, 2", "4, 2", "{} + {}"), (1, 2, 16, 16), "padding=1 in up and top",
        ["ConvTranspose2d(8, 4, 4, 2, padding=1)"],
    ),
    "two that differ": (
        decoder("3, stride=2, padding=1", "3, stride=2"), (1, 2, 16, 16),
        "output_padding=1 in up and then kernel_size=2 in top", ["padding=1, output_padding=1)", "(8, 4, 2, stride=2)"],
    ),
    "one alone": (
        decoder("2, 2", "3, 2, 1"), (1, 2, 16, 16), "output_padding=1 in top", ["(8, 4, 3, 2, 1, output_padding=1)"],
    ),
    "a block of which there are two": (
        class_of(
            "self.one = nn.Conv2d(1, 4, 1)\nself.two = nn.Conv2d(4, 8, 2, 2)\nself.low = nn.Conv2d(8, 8, 2, 2)\n"
            "self.up = Up(8, 8)\nself.top = Up(8, 4)",
            "a = self.one(x)\nb = self.two(a)\nreturn self.top(self.up(self.low(b), b), a)", UP,
        ),
        (1, 1, 16, 16), "kernel_size=2 in up.up and top.up", ["nn.ConvTranspose2d(i, o, 2, stride=2)"],
    ),
    "a branch of five": (branches(c=", padding=1"), (1, 2, 9, 9), "padding=2 in Conv2d mix.c.2", ["5, padding=2"]),
    "a branch of three": (branches(b=""), (1, 2, 9, 9), "padding=1 in mix.b.2", ["3, padding=1"]),
    "a pooling that loses its edges": (
        branches(d="nn.MaxPool2d(3, 1)"), (1, 2, 9, 9), "padding=1 in MaxPool2d mix.d.0", ["(3, 1, padding=1)"],
    ),
    "a pooling with a stride": (
        branches(d="nn.AvgPool2d(3, padding=1)"), (1, 2, 9, 9), "stride=1 in AvgPool2d mix.d.0",
        ["nn.AvgPool2d(3, padding=1, stride=1)"],
    ),
    "a pooling with nothing but its window": (
        branches(d="nn.MaxPool2d(3)"), (1, 2, 9, 9), "stride=1, padding=1 in MaxPool2d mix.d.0",
        ["nn.MaxPool2d(3, padding=1, stride=1)"],
    ),
    "a pooling in forward": (
        class_of(
            "self.a = nn.Conv2d(1, 3, 1)\nself.b = nn.Conv2d(1, 3, 1)\nself.fc = nn.Linear(6, 2)",
            "y = self.b(nn.functional.max_pool2d(x, 3, stride=1))\n"
            "return self.fc(torch.cat([self.a(x), y], 1).mean((2, 3)))",
        ),
        (1, 1, 8, 8), "padding=1 in max_pool2d", ["max_pool2d(x, 3, stride=1, padding=1)"],
    ),
    "a linear layer of a decoder the other way round": (
        class_of(
            "self.low = nn.Linear(48, 7)\nself.up = nn.Sequential(nn.Linear(20, 7), nn.ReLU(), nn.Linear(20, 48))",
            "return self.up(self.low(x.flatten(1)))",
        ),
        (1, 1, 6, 8), "Linear(7, 20)", ["nn.Sequential(nn.Linear(7, 20), nn.ReLU()"],
    ),
    "the first linear layer the other way round": (
        class_of("self.one = nn.Linear(20, 48)\nself.two = nn.Linear(20, 3)", TWO),
        (1, 1, 6, 8), "Linear(48, 20)", ["nn.Linear(48, 20)"],
    ),
    "the last": (
        class_of("self.one = nn.Linear(48, 20)\nself.two = nn.Linear(3, 20)", TWO),
        (1, 1, 6, 8), "Linear(20, 3)", ["nn.Linear(20, 3)"],
    ),
    "one with names": (
        class_of(
            "self.one = nn.Linear(48, 20)\nself.two = nn.Linear(in_features=9, out_features=20, bias=False)\n"
            "self.out = nn.Linear(9, 2)", "return self.out(self.two(self.one(x.flatten(1))))",
        ),
        (1, 1, 6, 8), "Linear(20, 9, bias=False)", ["in_features=20, out_features=9, bias=False"],
    ),
    "a convolution": (
        class_of(
            "self.one = nn.Conv2d(1, 4, 3)\nself.two = nn.Conv2d(6, 4, 3)\nself.out = nn.Conv2d(6, 2, 1)",
            "return self.out(self.two(self.one(x))).mean((2, 3))",
        ),
        (1, 1, 9, 9), "Conv2d(4, 6, 3)", ["self.two = nn.Conv2d(4, 6, 3)"],
    ),
    "two layers alike": (
        class_of("self.one = nn.Linear(48, 20)\nself.two = nn.Linear(48, 20)", TWO),
        (1, 1, 6, 8), "Linear(20, 20)", ["self.two = nn.Linear(20, 20)"],
    ),
    "a list of layers": (
        class_of("self.layers = nn.ModuleList([nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Linear(24, 5)])", ROW),
        (1, 1, 5, 6), "nn.Flatten() before Linear layers.2", ["nn.ReLU(), nn.Flatten(), nn.Linear(24, 5)"],
    ),
    "a list of layers, and another width": (
        class_of("self.layers = nn.ModuleList([nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Linear(9, 5)])", ROW),
        (1, 1, 5, 6), "nn.Flatten() and then Linear(24, 5)", ["nn.Flatten(), nn.Linear(24, 5)"],
    ),
    "a list that is appended to": (
        class_of(
            "self.layers = nn.ModuleList()\nself.layers.append(nn.Conv2d(1, 2, 3))\n"
            "self.layers.append(nn.Linear(24, 5))", ROW,
        ),
        (1, 1, 5, 6), "nn.Flatten() before Linear layers.1", ["self.layers.append(nn.Flatten())"],
    ),
    "two lists": (
        class_of(
            "self.maps = nn.ModuleList([nn.Conv2d(1, 2, 3)])\nself.rows = nn.ModuleList([nn.Linear(24, 5)])",
            "for one in self.maps:\n    x = one(x)\nfor one in self.rows:\n    x = one(x)\nreturn x",
        ),
        (1, 1, 5, 6), "nn.Flatten() before Linear rows.0", ["latten("],
    ),
    "a plain list of layers": (
        class_of("row = [nn.Conv2d(1, 2, 3), nn.Linear(24, 5)]\nself.row = nn.Sequential(*row)", "return self.row(x)"),
        (1, 1, 5, 6), "nn.Flatten() before Linear row.1", ["nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(24, 5)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST)
def test_the_usual_answer_comes_first(case: str) -> None:
    text, shape, first, written = FIRST[case]
    _, found = mended(text, shape)
    assert len(found) <= 4 and found[0].whole and found[0].text == first
    assert all(piece in (found[0].network or "") for piece in written)


def test_what_is_missed_is_said_with_its_sizes() -> None:
    traced, _ = mended(decoder("3, 2", "3, 2"), (1, 2, 16, 16))
    assert traced.stopped is not None
    assert "up makes 9 × 9 of 4 × 4, and kernel_size=2 makes 8 × 8 of them" in traced.stopped.sentence


def test_sizes_follow_as_torch_has_them(tries: Tries) -> None:
    for pick in tries(1000, sample=100):
        values = [pick.randint(1, 5), pick.randint(1, 4), pick.randint(0, 2), 0, pick.randint(1, 2)]
        window, n, factor = _Window(*values), pick.randint(2, 6), pick.randint(2, 4)
        for change in _changes(window, (n, n), (n * factor, n * factor)):
            with torch.device("meta"):
                layer = nn.ConvTranspose2d(1, 1, **{**window.__dict__, **change})
                assert layer(torch.zeros(1, 1, n, n)).shape[2:] == (n * factor, n * factor)

"""Lines that are no part of the code in the midst of which they stand: pages, sentences, what was left out."""

from __future__ import annotations

import ast

import pytest

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import clean
from tests.networks.source.test_cleaning import cleaned, same
from tests.pace import within

NET = """import torch
from torch import nn


class Branch(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.Tanh(),
        )

    def forward(self, x):
        return x + self.path(x)


class Quill(nn.Module):
    def __init__(self, width=7):
        super().__init__()
        self.stem = nn.Conv2d(2, width, 3)
        branches = []
        for _ in range(2):
            branches.append(Branch(width))
        self.branches = nn.ModuleList(branches)
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        x = self.stem(x)
        for branch in self.branches:
            x = branch(x)
        if x.dim() == 4:
            x = x.mean((2, 3))
        return self.head(x)


model = Quill()
"""
LINES = NET.splitlines()
INNER = [at for at, line in enumerate(LINES) if line[:1].isspace() and line.strip() != ")"]  # there 207 is an argument
FOREIGN = {
    "a page's number": ["207"],
    "a page's number of how many": ["88 / 320"],
    "which page of how many": ["Page 31 of 64"],
    "a title": ["7.4. Branches in parallel", "207"],
    "a title after a form feed": ["\f208 CHAPTER 7. BRANCHES"],
    "a title between blank lines": ["", "Branches in parallel", "207", ""],
    "a sentence": ["", "The next part isn't much longer (as you see):", ""],
    "something was left out": ["..."],
    "something was left out, in brackets": ["[...]"],
    "a link": ["https://example.org/branches"],
}


def with_lines(at: int, new: list[str]) -> str:
    return "\n".join([*LINES[:at], *new, *LINES[at:], ""])


@pytest.mark.parametrize("kind", FOREIGN)
def test_lines_that_are_no_part_of_the_code_are_passed_over_and_named(kind: str) -> None:
    new = FOREIGN[kind]
    for at in INNER:
        found = clean(with_lines(at, new))
        assert same(found, NET), at
        assert found.passed == len([line for line in new if line])
        row = at + 1 + (not new[0])
        assert f"{row}" in found.remarks[0] and (found.joined, found.moved) == (0, 0)


@pytest.mark.parametrize("kind", FOREIGN)
def test_several_places_in_one_text(kind: str) -> None:
    for at in INNER[::4]:
        for other in INNER[2::5]:
            first, second = sorted((at, other))
            text = "\n".join([*LINES[:first], *FOREIGN[kind], *LINES[first:second], "209", *LINES[second:], ""])
            assert same(clean(text), NET), (first, second)


def test_what_was_left_out_is_said() -> None:
    found = clean(with_lines(29, ["[...]"]))
    assert len(found.remarks) == 2 and "30" in found.remarks[1] and "[...]" in found.remarks[1]
    read = own.read(with_lines(29, ["[...]"]))
    assert set(found.remarks) <= set(read.notes)


@pytest.mark.parametrize(
    "text",
    [
        "class A(nn.Module):\n    size = [4,\n8\n    ]\n",
        "def f(x):\n    return g(x,\n12\n    + 3)\n",
        "class A:\n    '''Text\n207\n    more text'''\n    x = 1\n",
        "x = (1,\n...\n    )\n",
    ],
)
def test_what_is_python_stays(text: str) -> None:
    assert clean(text).text == text and not clean(text).remarks
    found = clean(f"Look at this (please\n\n{text}")
    assert same(found, text) and not found.remarks


WIDE = "        self.the_factor_of_the_whole_attention = 1 / 1"


@pytest.mark.parametrize(
    ("new", "meant"),
    [
        ([WIDE, "6"], WIDE + "6"),
        ([WIDE.replace("1 / 1", "some_fac"), "tor"], WIDE.replace("1 / 1", "some_factor")),
    ],
)
def test_the_end_of_a_word_or_a_number_that_was_cut_is_joined(new: list[str], meant: str) -> None:
    at = LINES.index("        branches = []")
    code = "\n".join(line for line in [*LINES[:at], meant, *LINES[at:], ""])
    narrow = code.replace(" = nn.Conv2d(width, width, 3", " = nn.Conv2d(width, width, 3")
    found = cleaned(narrow.replace(meant, "\n".join(new)))
    assert not isinstance(found, NotationError) and same(found, code) and found.joined == 1


@pytest.mark.parametrize(
    ("behind", "kinds"),
    [
        ("\nand it is trained so:\n\n    net = Quill()\n    step = net.parameters()\n", [ast.Assign, ast.Assign]),
        ("\nThe loop that I have:\n\n    def run(net, data):\n        return net(data)\n", [ast.FunctionDef]),
    ],
)
def test_a_block_behind_a_class_is_no_part_of_it(behind: str, kinds: list[type]) -> None:
    found = clean(NET.removesuffix("model = Quill()\n") + behind)
    assert [type(one) for one in found.tree.body[4:]] == kinds and not found.remarks


@pytest.mark.parametrize(
    ("at", "new"),
    [
        ("        self.branches = nn.ModuleList(branches)", "self.drop = nn.Dropout(0.3)"),
        ("        for branch in self.branches:", "+ x"),
        ("        for branch in self.branches:", "return x"),
    ],
)
def test_what_may_be_a_part_is_named(at: str, new: str) -> None:
    row = LINES.index(at)
    with pytest.raises(NotationError) as refusal:
        clean(with_lines(row, [new]))
    assert refusal.value.line == row + 1


def test_a_second_forward_is_not_taken_into_the_class() -> None:
    text = (
        NET.removesuffix("\n\nmodel = Quill()\n")
        + "\nI tried this as well:\n\n    def forward(self, x):\n        return x\n"
    )
    found = cleaned(text)
    assert isinstance(found, NotationError) or not found.remarks


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n" + "    x = 1\n207\n" * 4_900,
        "class A:\n    def f(self):\n" + "        x = 1\nPage 3 of 4\n" * 4_800,
        "f(\n" + "    1,\n207\n" * 4_900,
        "a b c\n    x = 1\n" * 4_900,
        "class A:\n    x = 1\n" + "word " * 18_000 + "\n    y = 2",
        "class A:\n    x = (\n" + " " * 90_000 + "y\n207\n    z",
        "class A:\n    x = 1\n" + "- " * 40_000 + "\n    y = 2",
        "class A:\n    x = 1\n207" + "\n" * 9_900 + "    y = (",
    ],
    ids=["numbers", "pages", "a call", "sentences", "a long line", "space", "a rule", "blank lines"],
)
def test_much_of_it_takes_no_long_time(text: str) -> None:
    with within(2):
        cleaned(text)

"""Lines of a method that have lost the space before them, one here and one there."""

from __future__ import annotations

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import clean
from tests.networks.source.test_cleaning import cleaned, piece, same
from tests.networks.source.test_foreign import LINES, NET
from tests.pace import within

CERTAIN = (
    "        super().__init__()",
    "        self.stem = nn.Conv2d(2, width, 3)",
    "        branches = []",
    "        for _ in range(2):",
    "        x = self.stem(x)",
    "        for branch in self.branches:",
)


@pytest.mark.parametrize("line", CERTAIN)
def test_the_space_is_given_back_where_one_column_is_left(line: str) -> None:
    at = len(LINES) - LINES[::-1].index(line) - 1
    found = clean("\n".join([*LINES[:at], line.strip(), *LINES[at + 1 :], ""]))
    assert same(found, NET) and (found.joined, found.passed, found.moved) == (0, 0, 1)
    assert piece(found, "nn.Linear(width, 3)") == "nn.Linear(width, 3)"


def test_two_lines_one_after_the_other() -> None:
    text = NET.replace("        self.stem", "self.stem").replace("        branches = []", "branches = []")
    found = clean(text)
    assert same(found, NET) and found.moved == 2


@pytest.mark.parametrize(
    "line",
    ["        self.branches = nn.ModuleList(branches)", "        if x.dim() == 4:", "            x = x.mean((2, 3))"],
)
def test_what_may_stand_in_two_blocks_is_not_guessed(line: str) -> None:
    found = cleaned(NET.replace(line, line.strip()))
    assert isinstance(found, NotationError) or same(found, NET)


def test_the_end_of_a_line_that_was_cut_is_no_statement() -> None:
    whole = "        x = self.head(x.flatten(1)).squeeze().transpose(0, 1).contiguous()"
    code = NET.replace("        x = self.stem(x)", f"        x = self.stem(x)\n{whole}")
    found = clean(code.replace(".transpose(0, 1)", ".tr\nanspose(0, 1)"))
    assert same(found, code) and (found.joined, found.moved) == (1, 0)


def test_code_behind_a_class_is_no_part_of_it() -> None:
    text = NET.replace("model = Quill()", "model = Quill()\n    print(model)\nx = 3\nwhy not (so\n")
    found = cleaned(text)
    assert isinstance(found, NotationError) or "        model" not in found.text


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    def f(self):\n" + "        x = 1\nself.y = 2\n" * 4_900 + "        z = (",
        "class A:\n    x = 1\nself.y = 2\n" * 3_300,
        "def f(x):\n    y = (\nx = 1\n    z = 3\n" * 2_400,
        "class A:\n    x = 1\nx" + " " * 90_000 + "= y z\n    y = 3",
        "class A:\n    x = 1\nx[" + "[" * 90_000 + "= y z\n    y = 3",
    ],
)
def test_much_of_it_takes_no_long_time(text: str) -> None:
    with within(2):
        cleaned(text)

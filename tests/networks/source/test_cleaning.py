"""From what people paste to Python: each kind of paste, where its parts stand in the reader's own text, and bounds."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import warnings
from contextlib import suppress
from pathlib import Path

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import MAX_CHARACTERS, Cleaned, clean
from tests.pace import within
from tests.sampling import Tries

NET = '''import torch
from torch import nn


class Net(nn.Module):
    """A small one."""

    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(1, width, kernel_size=3, padding=1)
        self.head = nn.Linear(width * 14 * 14, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x))  # 28 x 28
        x = nn.functional.max_pool2d(x, 2)
        return self.head(x.flatten(1))


net = Net()
'''
LINES = NET.splitlines()


def same(found: Cleaned, code: str = NET) -> bool:
    """Whether it is the same program."""
    return ast.dump(found.tree) == ast.dump(ast.parse(code))


def classes(found: Cleaned) -> list[str]:
    return [one.name for one in found.tree.body if isinstance(one, ast.ClassDef)]


def cleaned(text: str) -> Cleaned | NotationError:
    """What comes of a text, be it a refusal."""
    try:
        return clean(text)
    except NotationError as refusal:
        return refusal


def piece(found: Cleaned, text: str) -> str:
    """What stands in the reader's text where `text` stands in the cleaned one."""
    at = found.text.index(text)
    line, column = found.text.count("\n", 0, at) + 1, at - found.text.rfind("\n", 0, at)
    start, end = found.offset(line, column), found.offset(line, column + len(text))
    lines = re.split(r"\r\n|\r|\n", found.own)
    row, place = found.place(line, column)
    assert lines[row - 1][place - 1] == found.own[start]
    return found.own[start:end]


def cut(code: str, width: int) -> str:
    """Every line broken at `width`, also inside a word."""
    return "\n".join(line[at : at + width] for line in code.splitlines() for at in range(0, max(len(line), 1), width))


@pytest.mark.parametrize("text", [NET, NET.replace("\n", "\r\n"), NET.replace("\n", "\r"), "", "# nothing\n", NET[:-1]])
def test_python_is_left_as_it_is(text: str) -> None:
    found = clean(text)
    assert found.text == found.own == text
    assert (found.joined, found.passed, found.moved, found.replaced) == (0, 0, 0, None)
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    for line, start in enumerate(starts, 1):
        assert found.offset(line, 1) == start
        assert found.place(line, 1) == (line, 1)


PROMPTED = "\n".join(
    f"{'>>>' if line and not line[0].isspace() else '...'} {line}".rstrip() if line else "..." for line in LINES
)
IPYTHON = "\n".join(f"In [7]: {line}" if not at else f"   ...: {line}" for at, line in enumerate(LINES))


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("\ufeff" + NET, 0),
        (NET.replace("    ", "\u00a0" * 4), 0),
        (NET.replace("        ", "\u3000" * 4).replace("    ", "\u3000\u3000"), 0),
        (NET.replace("self.conv(x)", "self\u200b.conv(\u00adx)"), 0),
        (NET.replace("(", "（").replace(")", "）").replace(",", "，").replace(":", "：").replace("=", "＝"), 0),
        (NET.replace('"""', '"').replace('"A small one."', "“A small one.”"), 0),
        (f"Here is it:\n\n```python\n{NET}```\nIt doesn't run (why?\n", 2 + 2),
        (f"Here is it:\n\n~~~\n{NET}~~~\n\n```bash\npip install torch\n```\n", 3 + 1 + 2),
        ("1. First\n\n   ```python\n" + "".join(f"   {line}\n" for line in LINES) + "   ```\n", 3),
        (PROMPTED + "\n>>> net(x)\ntensor([[0.1, -0.2]])\n", 1),
        (IPYTHON + "\n\nOut[7]:\nNet(\n  (conv): Conv2d(1, 8)\n)\n\n", 4),
        ("In [1]:\n" + NET + "\nIn [ ]:\n", 0),
        ("%matplotlib inline\n!pip install torch \\\n   torchvision\n" + NET + "nn.Conv2d?\n$ python net.py\n", 5),
        ("".join(f"    {line}\n" for line in LINES), 0),
        ("".join(f"\t{line}\n" for line in LINES), 0),
        ("# mine\n" + "".join(f"    {line}\n" for line in LINES), 0),
        (LINES[0] + "\n" + "".join(f"    {line}\n" for line in LINES[1:]), 0),
        ("".join(f"{at} {line}\n" for at, line in enumerate(LINES, 1)), 0),
        ("".join(f"{at:>3} | {line}\n" for at, line in enumerate(LINES, 95)), 0),
        ("".join(f"{at:<3} {line}\n" for at, line in enumerate(LINES, 1)), 0),
        ("".join(f"{at}: {line}\n" for at, line in enumerate(LINES, 1)), 0),
        ("".join(f"{at}\t{line}\n" for at, line in enumerate(LINES, 1)), 0),
        ("".join(f"{at} {line}\n" for at, line in enumerate(LINES, 1) if line), 0),
        ("This is my network for the digits:\n" + NET, 1),
        (
            NET + "\nEpoch: 1 Loss: 2.31. Accuracy: 13 %\nEpoch: 2 Loss: 2.21. Accuracy: 14 %\nWhy doesn't it learn?\n",
            3,
        ),
        (
            NET + "Net(\n  (conv): Conv2d(1, 8, kernel_size=(3, 3))\n  (head): Linear(in_features=1568)\n)\n",
            4,
        ),
        (
            NET + 'Traceback (most recent call last):\n  File "net.py", line 9, in <module>\n    net(x)\n'
            "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x1568 and 400x10)\n",
            4,
        ),
    ],
)
def test_what_people_paste_becomes_the_same_program(text: str, passed: int) -> None:
    found = clean(text)
    code = ast.unparse(found.tree).removesuffix("\nnet(x)")
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse(NET))
    assert found.passed == passed
    assert found.joined == 0
    assert piece(found, "kernel_size") == "kernel_size"
    assert piece(found, "forward") == "forward"


def test_a_fix_of_the_cleaned_text_is_one_of_the_readers() -> None:
    own = "Look:\n```\n" + "".join(f"{at:>2}  {line}\n" for at, line in enumerate(LINES, 1)) + "```\n"
    found = clean(own)
    line = found.text[: found.text.index("14 * 14, 10")].count("\n") + 1
    column = found.text.splitlines()[line - 1].index("14 * 14") + 1
    start, end = found.offset(line, column), found.offset(line, column + len("14 * 14"))
    mended = own[:start] + "196" + own[end:]
    assert mended == own.replace("14 * 14", "196")
    assert same(clean(mended), NET.replace("14 * 14", "196"))


@pytest.mark.parametrize(("width", "joined"), [(44, 2), (48, 2), (52, 0), (59, 1)])
def test_lines_cut_at_a_width_are_joined(width: int, joined: int) -> None:
    code = NET.replace("  # 28 x 28", "")
    found = clean(cut(code, width))
    assert same(found, code)
    assert (found.joined, found.passed) == (joined, 0)


def test_cut_lines_that_are_python_as_they_stand_are_left() -> None:
    text = cut(NET, 52)
    assert clean(text).text == text


def test_lines_cut_at_a_width_with_numbers_and_across_pages() -> None:
    long = "        self.conv = nn.Conv2d(1, width, kernel_size=3, padd\n"
    cells = NET.replace(
        "        self.conv = nn.Conv2d(1, width, kernel_size=3, padding=1)\n", long + "```\n\n```\n\ning=1)\n"
    )
    found = clean("```\n" + cells + "```\n")
    assert same(found)
    assert found.joined == 1
    assert piece(found, "kernel_size") == "kernel_size"
    numbered = "".join(f"{at:>2}  {line}\n" for at, line in enumerate(LINES, 1)).replace("padding=1", "padd\ning=1")
    assert same(clean(numbered))


def test_lines_cut_between_words_are_joined_with_a_space() -> None:
    code = NET.replace("net = Net()", "net = Net() if torch.cuda.is_available() else Net(width=4)")
    found = clean(code.replace("() else", "()\nelse"))
    assert same(found, code)
    assert (found.joined, piece(found, "else Net")) == (1, "else Net")


def test_a_comment_that_was_cut_takes_no_code_in() -> None:
    comment = "        # the first convolution sees one channel of grey and gi"
    code = NET.replace("        self.conv =", comment + "\nves width of them\n        self.conv =")
    found = clean(code)
    assert found.joined == 1
    assert same(found)
    wrong = NET.replace("        self.conv = nn.Conv2d(1, width,", comment + "\n        self.conv = nn.Conv2d(1 width,")
    with pytest.raises(NotationError) as refusal:
        clean(wrong)
    assert refusal.value.line == LINES.index("        self.conv = nn.Conv2d(1, width, kernel_size=3, padding=1)") + 2


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("nn.Conv2d(1, width,", "nn.Conv2d(1 width,", 10, 31),
        ("nn.Conv2d(1, width,", "nn.Conv2d(1,\n6\n7, width,", 11, 1),
        ("padding=1)", "padding=1", 10, 30),
        ("kernel_size=3, padding", "kernel_size=width\n            padding", 10, 53),
        ("def forward(self, x):", "def forward(self, x)", 13, 25),
        ("class Net(nn.Module):", "class Net(nn.Module:", 5, 20),
        ("        return self", "      return self", 16, 37),
        ("flatten(1))", "flatten(1)))", 16, 39),
        ("max_pool2d(x, 2)", "max_pool2d(x, '2)", 15, 41),
        ("x = nn.functional", "print x\n        x = nn.functional", 15, 9),
    ],
)
def test_a_fault_in_the_network_is_told_at_its_place(old: str, new: str, line: int, column: int) -> None:
    assert old in NET
    with pytest.raises(NotationError) as refusal:
        clean("%matplotlib inline\n" + NET.replace(old, new))
    assert (refusal.value.line, refusal.value.column) == (line + 1, column)


def test_a_comma_that_is_missing_between_numbers_makes_no_larger_number() -> None:
    for old, new in (("width, kernel", "6\n5, kernel"), ("14 * 14, 10", "14 * 14\n10")):
        with pytest.raises(NotationError):
            clean(NET.replace(old, new))


def test_what_holds_no_program_is_refused() -> None:
    printed = "Sequential(\n  (0): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))\n  (1): ReLU()\n)\n"
    for text in (
        printed,
        "I have a network with two layers.",
        "net = nn.Sequential(nn.ReLU() nn.ReLU())",
        "hidden = 64 units",
    ):
        with pytest.raises(NotationError):
            clean(text)


def test_indentation_that_a_page_lost_is_given_back() -> None:
    lost = NET.replace("        self.head", "    self.head").replace("        return", "    return")
    assert same(clean(lost))
    assert clean(lost).moved == 2
    start = LINES.index("    def forward(self, x):")
    inner = "\n".join("    " + line if start <= at < start + 4 else line for at, line in enumerate(LINES))
    assert same(clean(inner))
    assert clean(inner).moved == 4
    outer = "\n".join(line[4:] if start <= at < start + 4 else line for at, line in enumerate(LINES))
    assert same(clean(outer))
    assert piece(clean(outer), "max_pool2d") == "max_pool2d"


def test_what_is_right_is_not_moved() -> None:
    head = "class A(nn.Module):\n"
    closure = (
        head
        + "    def __init__(self):\n        def forward(self, x):\n            return x\n        self.f = forward\n"
    )
    lines = ("size = 3", "def forward(self, x):", "    return x", "wide = size * 2", "key = lambda self: self.size")
    constants = head + "".join(f"    {line}\n" for line in lines)
    for code in (closure, constants):
        assert clean(code).moved == 0
        assert clean(code).text == code


def test_tabs_among_spaces_where_one_width_alone_is_python() -> None:
    found = clean("if True:\n    a = 1\n\tb = 2\n")
    assert same(found, "if True:\n    a = 1\n    b = 2\n")
    assert found.moved == 1


@pytest.mark.parametrize(
    ("line", "tabs"),
    [("        super()", 1), ("        self.head", 1), ("        self.head", 2), ("    def forward", 1)],
)
def test_a_tab_before_one_line_among_spaces(line: str, tabs: int) -> None:
    """Also where 4 and 8 spaces are Python, and lost indentation given back makes the same of both."""
    found = clean(NET.replace(line, "\t" * tabs + line.strip()))
    assert same(found) and (found.joined, found.passed, found.moved) == (0, 0, 1)
    assert piece(found, "max_pool2d") == "max_pool2d"


def test_a_tab_that_means_two_things_is_refused_at_its_place() -> None:
    with pytest.raises(NotationError) as refusal:
        clean(
            NET.replace("        x = torch", "        if x:\n            x = x\n\tx = torch").replace(
                "    def f", "\tdef f"
            )
        )
    assert refusal.value.line == 13 and "tab" in str(refusal.value)


def indented(code: str, margin: str = "    ") -> str:
    return "".join(f"{margin}{line}\n" if line else "\n" for line in code.splitlines())


@pytest.mark.parametrize(
    ("before", "margin", "behind", "passed"),
    [
        ("My network is this:\n\n", "    ", "", 1),
        ("My network is this:\n", "    ", "", 1),
        ("Hi,\nI have this (from a book)\n\n", "    ", "", 2),
        ("Hi all,\n\nthe network::\n\n", "  ", "\nWhy doesn't it learn (at all)?\nThanks\n", 4),
        ("", "    ", "\nIs nn.Conv2d(1, 8) right?\n", 1),
        ("for the digits I wrote:\n\n", "\t", "It fails with\n\n    RuntimeError: mat1 and mat2\n", 3),
        ("with this network:\n", "    ", "it fails:\n\n    Net(\n      (conv): Conv2d(1, 8)\n    )\n", 5),
    ],
)
def test_code_that_is_indented_between_prose(before: str, margin: str, behind: str, passed: int) -> None:
    found = clean(before + indented(NET, margin) + behind)
    assert same(found)
    assert (found.joined, found.passed, found.moved) == (0, passed, 0)
    assert piece(found, "kernel_size") == "kernel_size"
    line = next(at for at, one in enumerate(found.own.splitlines(), 1) if one.strip() == "net = Net()")
    assert found.place(found.text[: found.text.index("net = Net()")].count("\n") + 1, 1) == (line, len(margin) + 1)


def test_indented_blocks_one_after_another() -> None:
    first, rest = NET.split("class", 1)
    text = f"I import\n\n{indented(first)}\nand then\n\n{indented('class' + rest)}\nand that is all.\n"
    assert same(clean(text)) and clean(text).passed == 3
    prompted = "".join(f"{'>>>' if line[:1].strip() else '...'} {line}\n" for line in LINES)
    assert same(clean(f"I typed:\n\n{indented(prompted)}\nand waited.\n"))
    at_left = f"The class is this:\n\n{indented(NET.removesuffix('net = Net()' + chr(10)))}\nand\n\nnet = Net()\n"
    assert same(clean(at_left)) and clean(at_left).passed == 2


def test_a_fault_in_an_indented_block_is_told_at_its_place() -> None:
    text = "The network:\n\n" + indented(NET.replace("padding=1)", "padding=1")) + "\nWhy?\n"
    with pytest.raises(NotationError) as refusal:
        clean(text)
    line = text.splitlines()[refusal.value.line - 1]
    assert line.strip().startswith("self.conv") and line[refusal.value.column - 1] == "("


def test_a_header_of_a_page_within_a_class_begins_no_block() -> None:
    """What goes on behind it belongs to the class."""
    text = NET.replace("    def forward", "Chapter 3 of the book\n    def forward")
    assert not [one for one in clean_or_none(text) if one != "Net"]
    text = NET.replace("        self.head", "\n12 Networks for pictures\n        self.head").replace(
        "class", "Chapter 3\nclass"
    )
    assert not [one for one in clean_or_none(text) if one != "Net"]


def clean_or_none(text: str) -> list[str]:
    """The classes that a text has, and the functions that stand at its left, which were methods."""
    found = cleaned(text)
    if isinstance(found, NotationError):
        return []
    return [one.name for one in found.tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef)]


@pytest.mark.parametrize("mark", ["> ", ">", "> > ", ">>", "\u2502 ", "| ", "+", "+ "])
def test_marks_before_the_lines(mark: str) -> None:
    found = clean("".join(f"{mark}{line}\n" for line in LINES))
    assert same(found) and (found.joined, found.passed, found.moved) == (0, 0, 0)
    assert piece(found, "kernel_size") == "kernel_size"
    row = LINES.index("    def forward(self, x):") + 1
    assert found.place(row, 5) == (row, 5 + len(mark))


@pytest.mark.parametrize("arrow", [" <--- error here", "   <-- this one", " \u2190 ERROR", "<=== it fails", " <<< ?"])
def test_what_points_at_a_line_is_left_out(arrow: str) -> None:
    line = "        return self.head(x.flatten(1))"
    assert same(clean(NET.replace(line, line + arrow)))
    said = 'why = "a <--- b"  # c <--- d\n'
    found = clean(said + NET.replace(line, line + arrow))
    assert same(found, said + NET) and piece(found, "x.flatten(1)") == "x.flatten(1)"


@pytest.mark.parametrize("arrow", ["--->    ", "----->  ", "  ==>   "])
def test_an_arrow_before_a_line_takes_of_its_space(arrow: str) -> None:
    line = "        x = nn.functional.max_pool2d(x, 2)"
    found = clean(NET.replace(line, arrow + line.strip()))
    assert same(found) and piece(found, "max_pool2d(x, 2)") == "max_pool2d(x, 2)"


def test_a_quotation_with_prose_and_fences() -> None:
    inside = f"Look at it:\n```python\n{NET}```\n".splitlines()
    assert same(clean("Ann wrote:\n" + "".join(f"> {line}\n" for line in inside) + "It is right.\n"))
    boxed = "".join(f"\u2502 {line:<70} \u2502\n" for line in LINES)
    assert same(clean(boxed)) and clean(boxed).passed == 0


def test_of_a_difference_the_new_version_is_read() -> None:
    head = "diff --git a/net.py b/net.py\nindex 83db48f..bf2a3c1 100644\n--- a/net.py\n+++ b/net.py\n@@ -1,9 +1,9 @@\n"
    old = "-        self.conv = nn.Conv2d(3, width, 5)\n"
    new = "".join(f"{'+' if 'self.' in line else ' '}{line}\n" for line in LINES)
    found = clean(head + new.replace("+        self.conv", f"{old}+        self.conv"))
    assert same(found) and found.passed == 6
    assert found.place(1, 1) == (6, 2)


@pytest.mark.parametrize("form", ["{}\u2192", "{:>6}\u2192", "L{} ", "L{}: ", "{:>3} \u2502 ", "L{:<4}"])
def test_more_numbers_before_the_lines(form: str) -> None:
    found = clean("".join(f"{form.format(at)}{line}\n" for at, line in enumerate(LINES, 8)))
    assert same(found) and (found.joined, found.passed, found.moved) == (0, 0, 0)


def test_the_rows_of_a_table_that_is_drawn_hide_no_fault() -> None:
    table = "====================\nNet        [1, 10]     --\n"
    table += "\u251c\u2500Conv2d: 1-1  [1, 8]   80\n\u2502    \u2514\u2500ReLU: 2-1  --\n"
    assert same(clean(NET + table)) and clean(NET + table).passed == 4
    with pytest.raises(NotationError) as refusal:
        clean(NET.replace("padding=1)", "padding=1").removesuffix("\n\nnet = Net()\n") + table)
    assert refusal.value.line == 10


@pytest.mark.parametrize("text", ['x = "\\d"\n', 'Hello there\nx = "\\d"\n', "y = [0x1for x in z]\n"])
def test_pythons_warnings_are_not_the_readers(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert clean(text).tree.body


def test_a_magic_line_alone_in_a_block() -> None:
    assert same(clean("if colab:\n    !pip install torch\n" + NET), "if colab:\n    pass\n" + NET)


def test_what_stands_in_strings_stays() -> None:
    code = "%time\n" + NET.replace(
        "A small one.", "Ein\u00a0kleines（1），“x”\n    >>> Net()\n    %magic\n    ```\n    "
    )
    found = clean(code)
    assert same(found, code.removeprefix("%time\n"))


def notebook(*sources: str | list[str], **more: object) -> str:
    cells = [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in sources]
    cells.insert(1, {"cell_type": "markdown", "source": "# Title", "outputs": [], "metadata": {}})
    return json.dumps({"cells": cells, "nbformat": 4, **more}, indent=1)


def test_a_notebook_file() -> None:
    first, second = "%matplotlib inline\nimport torch", NET.splitlines(keepends=True)
    found = clean(notebook(first, second, "%%bash\nls (", "net(x)"))
    assert found.replaced == found.own == "\n\n".join((first, NET, "%%bash\nls (", "net(x)"))
    assert classes(found) == ["Net"]
    assert found.passed == 3
    assert piece(found, "padding") == "padding"
    assert clean(found.own).text.strip() != ""
    assert same(clean(notebook(NET)))
    assert same(clean(notebook(NET, images="x" * 3 * MAX_CHARACTERS)))
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": second}]}], "nbformat": 3}
    assert same(clean(json.dumps(old)))


@pytest.mark.parametrize(
    "text",
    [
        notebook(NET)[:-200],
        '{"cells": []}',
        '{"cells": [{"cell_type": "markdown", "source": "x"}]}',
        '{"cells": ' + "[" * 50_000,
        '{"cell_type": "cells", "cells" "x"}',
        notebook("x" * (MAX_CHARACTERS + 1)),
        notebook("class A(:\n  pass"),
    ],
)
def test_a_notebook_file_that_is_none(text: str) -> None:
    with pytest.raises(NotationError):
        clean(text)


def test_json_that_is_no_notebook_is_read_as_a_text() -> None:
    assert same(clean('{"cells": 3}\n'), '{"cells": 3}')


HOSTILE = {
    "brackets": "(" * MAX_CHARACTERS,
    "signs": "-" * (MAX_CHARACTERS - 1) + "1",
    "attributes": "a" + ".b" * 49_000,
    "open lines": "(\n" * 9_900,
    "prose": "This is prose, isn't it (so to say\n" * 2_800,
    "prose behind": NET + "Epoch 1 of 3, loss 2.3\n" * 4_000,
    "marks": "```\n" * 9_900,
    "quotes": "'''\n\"\"\"\n" * 4_900,
    "curly": "“" * MAX_CHARACTERS,
    "apostrophes": "'\n" * 9_900,
    "numbers": "1 x\n2 y\n3 z z\n" * 3_300,
    "pairs": "1 x x\n2 y\n" * 4_900,
    "prompts": ">>> (\n" * 9_900,
    "prompts of IPython": "In [1]: (\n" * 9_900,
    "tracebacks": "Traceback (most recent call last)\nx x\n" * 2_500,
    "classes": "class A(:\n" * 9_900,
    "cut": ("class A:\n" + ("    name = function_of_some_name(argument=1, s\ntride=2)\n" * 1_750)),
    "comments": ("    # " + "x" * 60 + "\nprose prose prose\n") * 1_100,
    "spaces": " " * (MAX_CHARACTERS - 3) + "x x",
    "lines": "x x\n" * 25_000,
    "blank": "x x\n" + "\n" * 9_900,
    "deep": "".join(" " * at + "if 1:\n" for at in range(400)),
    "nulls": "\0" * 1_000 + "\ud800",
    "decorators": "@a\n" * 9_900,
    "backslashes": "\\\n" * 9_900,
    "blocks": "a b\n    x = 1\n" * 4_900,
    "quotations": "> class A(x):\n" * 7_000,
    "quotations in quotations": ">" * 90_000 + "\n" + "> class A(x):\n" * 3,
    "differences": "+a\n@@ \n-b\n" * 3_200,
    "tabs": "class A:\n" + "    a = 1\n\tb = 2\n" * 4_900,
    "magics": "if x:\n    !a\n" * 4_900 + "x x",
}


@pytest.mark.long(sample=8)
@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_takes_long_or_fails_otherwise(kind: str) -> None:
    with within(2):
        found = cleaned(HOSTILE[kind])
    if isinstance(found, NotationError):
        assert found.line >= 1 <= found.column


def test_too_many_characters() -> None:
    with pytest.raises(NotationError, match=f"{MAX_CHARACTERS:,}"):
        clean("#" * (MAX_CHARACTERS + 1))


MUTATIONS = (
    "",
    "\n",
    " ",
    "(",
    ")",
    "'",
    '"""',
    "```\n",
    ">>> ",
    "In [1]: ",
    "%",
    "#",
    "\\",
    "\t",
    "：",
    "\u3000",
    "\0",
    "\ud800",
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
def test_mutated_sources_give_python_or_a_sentence(tries: Tries) -> None:
    bases = [NET, cut(NET, 44), PROMPTED, "".join(f"{at} {line}\n" for at, line in enumerate(LINES, 1)), notebook(NET)]
    for pick in tries(5_000, sample=400):
        text = _mutated(pick.choice(bases), pick)
        with within(2):
            found = cleaned(text)
        if isinstance(found, NotationError):
            assert found.line >= 1 <= found.column
            assert '"cells"' in text or found.line <= len(re.split(r"\r\n|\r|\n", text))
        else:
            assert ast.dump(ast.parse(found.text)) == ast.dump(found.tree)
            for line, one in enumerate(re.split(r"\r\n|\r|\n", found.text), 1):
                places = [found.offset(line, column) for column in range(1, len(one) + 2)]
                assert places == sorted(places)
                assert places[-1] <= len(found.own)


def _mutated(text: str, pick: random.Random) -> str:
    """The text with a few pieces taken out, doubled, moved or put in."""
    for _ in range(pick.randint(1, 6)):
        start = pick.randrange(len(text) + 1)
        end = min(len(text), start + pick.choice((0, 1, 3, 20, 80)))
        other = pick.randrange(len(text) + 1)
        new = pick.choice((*MUTATIONS, text[start:end] * 2, text[other : other + 40]))
        text = text[:start] + new + text[end:]
    return text


def _documents() -> list[Path]:
    folder = os.environ.get("CNNVIZ_SOURCES")
    if not folder:
        pytest.skip("CNNVIZ_SOURCES is not set: it names the folder of the five documents")
    return sorted(Path(folder).glob("*.txt"))


CLASS = re.compile(r"^(?:\d+ +)?class (\w+)\(", re.MULTILINE)


def test_the_class_cells_of_the_documents() -> None:
    documents = _documents()
    assert len(documents) == 5
    for document in documents:
        text = document.read_text()
        assert classes(clean(text)) == CLASS.findall(text), document.name
        for cell in re.findall(r"^```.*\n([\s\S]*?)^```", text, re.MULTILINE):
            if CLASS.search(cell) and not cell.rstrip().endswith(
                "kernel_size=5, s"
            ):  # that one goes on on the next page
                assert classes(clean(cell)) == CLASS.findall(cell), document.name


def test_no_layer_of_the_documents_stands_outside_a_method() -> None:
    for document in _documents():
        for node in clean(document.read_text()).tree.body:
            if isinstance(node, ast.ClassDef):
                assert {type(one) for one in node.body} <= {ast.FunctionDef, ast.Expr}
                assert {"__init__", "forward"} <= {one.name for one in node.body if isinstance(one, ast.FunctionDef)}


STRAIGHT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
        self.b = nn.Linear(3, 2)

    def forward(self, x):
        if x.dim() > 2:
            x = x.flatten(1)
        x = self.a(x)
        return self.b(x)
"""
CROOKED = {
    "a function a space further in": ("    def forward", "     def forward"),
    "a function a space further out": ("    def forward", "   def forward"),
    "a function two spaces further in": ("    def forward", "      def forward"),
    "a line a space further in": ("        self.b =", "         self.b ="),
    "a line a space further out": ("        x = self.a", "       x = self.a"),
    "a return a space further in": ("        return self.b", "         return self.b"),
}


@pytest.mark.parametrize("how", CROOKED)
def test_a_line_that_begins_a_space_beside_its_column_is_put_there(how):
    straight, crooked = CROOKED[how]
    found = clean(STRAIGHT.replace(straight, crooked))
    assert ast.dump(found.tree) == ast.dump(ast.parse(STRAIGHT))
    said = straight.lstrip()
    at, line = next((at, one) for at, one in enumerate(found.text.split("\n"), 1) if one.lstrip().startswith(said))
    assert found.place(at, line.index(said) + 1) == (at, crooked.index(said) + 1)


def test_a_line_that_may_belong_to_two_blocks_stays_where_it_is():
    text = "def f(x):\n  if x:\n    y = 1\n   return x\n"
    with pytest.raises(NotationError, match="begins in a column in which no line above begins"):
        clean(text)


TICKED = {
    "before": "`{}",
    "behind": "{}`",
    "around": "`{}`",
    "in a line before": "`\n{}",
    "in a line behind": "{}\n`",
    "a fence in the first line": "```{}",
    "a fence that ends in the last": "```\n{}```",
}


@pytest.mark.parametrize("where", TICKED)
def test_a_mark_of_inline_code_at_an_end_of_a_text_is_left_out(where):
    found = clean(TICKED[where].format(STRAIGHT.strip()))
    assert ast.dump(found.tree) == ast.dump(ast.parse(STRAIGHT))


def test_marks_within_strings_stay():
    text = "name = '`a`'\nmodel = nn.ReLU()"
    assert clean(text).text == text


@pytest.mark.parametrize("end", [")\n", "])\n", "),\n"])
def test_what_closes_a_row_that_begins_elsewhere_is_left_out(end):
    found = clean(f"nn.Conv2d(1, 2, 3),\nnn.ReLU(),\n{end}")
    assert len(found.tree.body) == 2 and found.passed == 1


def test_indented_methods_before_a_line_at_the_left_are_taken_for_themselves():
    methods = STRAIGHT.partition("\n    ")[2]
    found = clean(f"    {methods}\nmodel = Net()\n")
    assert [type(one).__name__ for one in found.tree.body] == ["FunctionDef", "FunctionDef", "Assign"]


@pytest.mark.parametrize("text", [" " * 90_000, "\n" * 90_000, "`" * 90_000, " `" * 45_000, "`" + " " * 90_000 + "x"])
def test_nothing_but_space_and_marks_takes_no_longer_than_it_is(text):
    with within(5), suppress(NotationError):
        clean(text)

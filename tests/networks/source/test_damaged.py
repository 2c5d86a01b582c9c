"""Code that pages have damaged: characters of HTML and Markdown, indentation that is lost, blocks between prose."""

from __future__ import annotations

import pytest

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import Source
from cnnviz.networks.source.cleaning import clean
from tests.helpers import names
from tests.networks.source.test_cleaning import NET, cleaned, indented, piece, same
from tests.pace import within

SMALL = NET.replace('    """A small one."""\n\n', "").replace("  # 28 x 28", "")
LEFT = "".join(f"{line.strip()}\n" for line in SMALL.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        NET.replace("        ", "&nbsp;" * 8).replace("    def", "&nbsp;&nbsp; &nbsp;def").replace('"', "&quot;"),
        "<pre><code>" + NET.replace("\n", "<br>\n") + "</code></pre>",
        NET.replace("\n", "<br/>"),
        NET.replace("_", r"\_").replace("*", r"\*").replace("[", r"\["),
        NET.replace("def __init__", "def **init**").replace(".__init__", ".**init**"),
        NET.replace("__init__", "_ _init_ _"),
    ],
    ids=["entities", "tags", "line ends", "escapes", "bold", "parted"],
)
def test_what_a_page_has_for_characters(text: str) -> None:
    found = clean(text)
    assert same(found) and found.passed == 0


def test_such_characters_stand_where_the_readers_stand() -> None:
    text = NET.replace("__init__", r"\_\_init\_\_").replace(" * 14", "&nbsp;* 14")
    found = clean(text)
    assert piece(found, "__init__") == r"\_\_init\_\_" and piece(found, "head") == "head"
    assert piece(found, " * 14") == "&nbsp;* 14"


@pytest.mark.parametrize("text", ['s = "&lt; <br> \\_ **init**"\n', "a = b &lt; c\n", "x = 2 **name** 3  # \\_\n"])
def test_python_with_such_characters_is_left(text: str) -> None:
    assert clean(text).text == text


def test_strings_and_comments_keep_their_escapes() -> None:
    found = clean("!ls\nx = 'a\\_b'  # \\* 2\nnet = nn.Linear(2 \\* 3, 1)\n")
    assert found.text.splitlines() == ["x = 'a\\_b'  # \\* 2", "net = nn.Linear(2 * 3, 1)"]


def test_a_sign_for_times_is_told_what_python_has() -> None:
    """Where it stands between no two values."""
    with pytest.raises(NotationError) as refusal:
        clean("net = nn.Linear(16 ×, 2)\n")
    assert names(str(refusal.value), "×", "write *")


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        (LEFT, 8),
        (LEFT.replace("def __init__", "# what it has\ndef __init__"), 8),
        (SMALL.replace("\n    ", "\n"), 8),
        (SMALL.replace("    def __init__", "def __init__"), 1),
        (LEFT.replace("(1, width, ", "(\n1,\nwidth,\n"), 11),
    ],
    ids=["all of it", "a comment", "one step of it", "one line", "an open bracket"],
)
def test_methods_at_the_left_belong_to_the_class_above(text: str, moved: int) -> None:
    found = clean(text)
    assert same(found, SMALL) and found.moved == moved


def test_what_stands_behind_such_a_class_is_no_part_of_it() -> None:
    second = "class Head(nn.Module):\ndef __init__(self):\nsuper().__init__()\nself.fc = nn.Linear(2, 1)\nsize = 3\n"
    found = clean(LEFT.replace("net = Net()\n", second + "\nnet = Net(size)\n"))
    assert [type(one).__name__ for one in found.tree.body[-4:]] == ["ClassDef", "ClassDef", "Assign", "Assign"]


def test_decorators_belong_to_what_is_behind_them() -> None:
    more = "    @staticmethod\n    def size(x):\n        return 3\n\n    def forward"
    code = SMALL.replace("    def forward", more).replace("net = Net()", "@torch.no_grad()\ndef run(x):\n    return x")
    left = "".join(f"{line.strip()}\n" for line in code.splitlines()).replace("def run(x):\n", "def run(x):\n    ")
    assert same(clean(left), code)


@pytest.mark.parametrize("head", ["if width > 3:", "for at in range(2):", "with torch.no_grad():"])
def test_how_far_a_loop_reached_is_not_guessed(head: str) -> None:
    with pytest.raises(NotationError) as refusal:
        clean(LEFT.replace("self.head =", f"{head}\nself.head ="))
    assert refusal.value.line == LEFT.splitlines().index("super().__init__()") + 3
    assert names(str(refusal.value), "indentation", "indent what belongs to it")


@pytest.mark.parametrize(
    "text", ["class A:\ndef f(x):\n    return x\n", "class A:\nprint(self)\n", "class A:\n'b'\nc = 1\n"]
)
def test_a_class_without_methods_is_not_mended(text: str) -> None:
    with pytest.raises(NotationError):
        clean(text)


def test_a_block_that_changes_what_the_one_before_made() -> None:
    first = "net = nn.Sequential()\nnet.append(nn.Linear(4, 3))\n"
    text = f"I have\n\n{indented(first)}\nand then\n\n{indented('net.append(nn.Linear(3, 2))')}\nbut why?\n"
    found = own.read(text)
    assert isinstance(found.network, Source) and len([*found.build().children()]) == 2


@pytest.mark.parametrize("text", ["\\_" * 40_000, "&lt;" * 20_000, "class A:\n" * 5_000 + "def f(self):\n" * 4_000])
def test_much_of_it_takes_no_long_time(text: str) -> None:
    with within(2):
        cleaned(text)

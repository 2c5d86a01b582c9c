"""What pages, keyboards, editors and tools put in the place of Python's characters."""

from __future__ import annotations

import html
import json

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import clean
from tests.networks.source.test_cleaning import LINES, NET, cleaned, piece, same
from tests.pace import within

CODE = NET.replace("padding=1", "padding='same'").replace(
    "        return", "        if x.shape[0] != 3 and 2 <= x.shape[1]:\n            x = x / 2\n        return"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14 * 14", "14 \u2217 14"),
        ("14 * 14", "14\u00d714"),
        ("width * 14 * 14", "width \u00b7 14 \u22c5 14"),
        ("x / 2", "x \u00f7 2"),
        ("!=", "\u2260"),
        ("<=", "\u2264"),
        ("'same'", "\u00b4same\u00b4"),
        ("'same'", "`same`"),
        ("'same'", "\u00absame\u00bb"),
        ("'same'", "''same''"),
        ("self.conv =", "self.co-\nnv ="),
        ("nn.Linear", "nn.Li\u2010\nnear"),
        ("nn.Linear", "nn.Lin-\near"),
        ("__init__", "__ init __"),
        ("[0]", "{[}0{]}"),
    ],
)
def test_what_a_page_or_a_keyboard_has_for_it(old: str, new: str) -> None:
    found = clean(CODE.replace(old, new))
    assert same(found, CODE) and found.passed == 0
    assert piece(found, "max_pool2d") == "max_pool2d"


def test_an_arrow_before_what_a_function_gives() -> None:
    code = CODE.replace("(self, x):", "(self, x) -> torch.Tensor:")
    assert same(clean(code.replace("->", "\u2192")), code)


def test_strings_and_comments_keep_such_signs() -> None:
    said = "why = '3 \u00d7 4 `a` \u2264'  # 5 \u00d7 6 = \u00b4b\u00b4\n"
    found = clean(said + CODE.replace("14 * 14", "14 \u00d7 14"))
    assert found.text.splitlines()[0] == said.rstrip()


def test_a_minus_at_the_end_of_a_line_stays() -> None:
    code = "a_b = 3\nnet = f(a_b - c, d(\n"
    found = cleaned(code.replace("a_b - c", "a_b -\nc") + "x y\n")
    assert isinstance(found, NotationError) or "a_bc" not in found.text


@pytest.mark.parametrize("bullet", ["\u2022 ", "- ", "2. ", "\u25aa "])
def test_bullets_before_statements(bullet: str) -> None:
    found = clean(
        NET.replace("        self.", f"        {bullet}self.").replace("        x = ", f"        {bullet}x = ")
    )
    assert same(found) and (found.passed, found.moved) == (0, 0)
    line = next(line for line in LINES if "max_pool2d" in line)
    inside = " " * (8 - len(bullet)) + bullet + line.strip()
    assert same(clean(NET.replace(line, inside)))


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{line.replace('    ', '^I')}$\n" for line in LINES),
        NET.replace("    ", "\u00b7" * 4),
        "".join(
            line.replace(" ", "\u00b7") if "#" not in line and '"' not in line else line
            for line in NET.splitlines(True)
        ),
        NET.replace("    ", "\u2192   "),
        NET.replace("    ", "\u2192"),
        NET.replace("\n", "\u00b6\n"),
        NET.replace("\n", " \u21b5\n"),
    ],
    ids=["cat -A", "dots", "dots everywhere", "wide arrows", "arrows", "pilcrows", "returns"],
)
def test_what_editors_show_for_space(text: str) -> None:
    found = clean(text)
    assert same(found) and (found.joined, found.passed, found.moved) == (0, 0, 0)


def test_html_of_a_highlighter_and_what_was_escaped_twice() -> None:
    tagged = (
        html.escape(NET).replace("class ", '<span class="k">class</span> ').replace("self", '<span id="a">self</span>')
    )
    assert same(clean(f'<div class="highlight"><pre>{tagged}</pre></div>'))
    assert same(clean(html.escape(html.escape(NET))))
    assert same(clean("see (this\n" + "x = a <p and q> b\n"), "x = a <p and q> b\n")


@pytest.mark.parametrize(
    "text",
    [json.dumps(NET), repr(NET), json.dumps(NET)[1:-1], f"'''{NET}'''", json.dumps(NET.splitlines(True), indent=1)],
    ids=["JSON", "Python", "without quotes", "three quotes", "a list of lines"],
)
def test_a_text_that_was_copied_as_a_string(text: str) -> None:
    found = clean(text)
    assert same(found)
    assert piece(found, "kernel_size") == "kernel_size"


@pytest.mark.parametrize(
    "text", ['"A text about nn.Linear"', "'''\nclass of 12 (see below)\n'''\n", 'x = "a\\nb\\nc\\nclass A(b"\n']
)
def test_other_strings_stay(text: str) -> None:
    assert clean(text).text == text


def test_a_text_between_strings_is_no_string() -> None:
    text = '"""A\\nnet\\nof\\nmine"""\n' + NET + 'print (net, "a")\nwhat is wrong (here\nprint("b")\n'
    assert clean(text).text.startswith('"""A\\nnet')


@pytest.mark.parametrize("path", ["C:\\Users\\jo", "D:\\new\\xyz", "C:\\Nets", "\\\\srv\\unit"])
def test_backslashes_that_python_cannot_read(path: str) -> None:
    code = NET.replace("A small one.", f"Kept in {path} by me")
    meant = NET.replace("A small one.", "Kept")
    for text in (code, NET + f"where = '{path}'\n"):
        found = cleaned(text)
        assert not isinstance(found, NotationError) and len(found.tree.body) >= len(clean(meant).tree.body)
        assert path.split("\\")[-1] in found.text


@pytest.mark.parametrize(
    "text",
    [
        "\u00b7" * 90_000,
        " " * 90_000 + "\u2022 x y",
        "a b(" + "`" * 90_000,
        "x = \u00d7" + " " * 90_000 + "\u00d7 y",
        "(`a` `b" * 14_000,
        "<span " * 16_000,
        "<span" + " " * 90_000 + "x y",
        "a\\n" * 33_000,
        '"' + "\\" * 90_000,
        "a-\nb c\n" * 4_900,
        "_ " * 45_000,
        "{[}" * 33_000,
        "x y '\\U" * 12_000,
        "x\u00b6" * 45_000,
    ],
)
def test_much_of_it_takes_no_long_time(text: str) -> None:
    with within(2):
        cleaned(text)


SCANNED = NET.replace("__init__", "_ _init_ _")


@pytest.mark.parametrize(
    ("old", "new", "remarks"),
    [
        ("self.head", "se1f.head", 1),
        ("nn.Conv2d(1,", "nn.Conv2d(l,", 1),
        ("(x, 2)", "(\u0445, 2)", 1),
        ("14 * 14, 10)", "14 * 14, 1O)", 0),
        ("padding=1)", "padding=I)", 1),
    ],
)
def test_names_that_look_like_others_in_what_was_scanned(old: str, new: str, remarks: int) -> None:
    assert old in NET
    found = clean(SCANNED.replace(old, new))
    assert same(found) and len(found.remarks) == remarks
    assert piece(found, "max_pool2d") == "max_pool2d"


def test_names_that_the_text_has_stay() -> None:
    code = NET.replace("nn.Conv2d(1,", "nn.Conv2d(l,").replace("import torch\n", "import torch\nl = 3\n", 1)
    found = clean(code.replace("__init__", "_ _init_ _"))
    assert same(found, code) and not found.remarks
    assert clean(NET.replace("self.head", "se1f.head")).text == NET.replace("self.head", "se1f.head")  # it is Python
    everything = NET.replace("import torch\n", "from torch import *\n", 1).replace("nn.Conv2d(1,", "nn.Conv2d(l,")
    assert same(clean(everything.replace("__init__", "_ _init_ _")), everything)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = nn.functional", "x =\nnn.functional"),
        ("return self.head", "return\nself.head"),
        ("width * 14 * 14", "width *\n14 * 14"),
        ("class Net", "class\nNet"),
        ("def __init__", "def\n__init__"),
        ("x = torch.relu(", "x = 1 +\ntorch.relu("),
    ],
)
def test_short_lines_that_ask_for_more_are_joined_with_the_next(old: str, new: str) -> None:
    code = NET.replace("x = torch.relu(", "x = 1 + torch.relu(") if "1 +" in new else NET
    text = code.replace("net = Net()", "net =\nNet()").replace(" ".join(new.split("\n")) if "1 +" in new else old, new)
    found = clean(text)
    assert same(found, code) and found.joined == 2 - ("14" in new) and found.passed == 0

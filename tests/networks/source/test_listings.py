"""Numbers of a listing in every form that pages and tools give them; the marks of differences, merges and debuggers."""

from __future__ import annotations

import pytest

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import clean
from tests.networks.source.test_cleaning import LINES, NET, classes, cleaned, cut, piece, same
from tests.pace import within

TWO = NET.replace(
    "net = Net()", NET[NET.index("class") : NET.index("\n\nnet")].replace("Net", "Slim") + "\n\nnet = Net()"
)


def numbered(form: str, code: str = NET, first: int = 1) -> str:
    return "".join(f"{form.format(at, line)}\n" for at, line in enumerate(code.splitlines(), first))


FORMS = {
    "glued with a colon": "{}:{}",
    "glued": "{}{}",
    "a file's": "parts/net.py:{}:{}",
    "a file's, in a context": "net.py-{}-{}",
    "in brackets": "[{}] {}",
    "in round brackets": "({}) {}",
    "at the right": "{1:<90}{0}",
    "in a line before": "{}\n{}",
    "of a blame": "a1b2c3d4 (Jo Doe 2024-02-03 11:12:13 +0100 {:>3}) {}",
    "in a box": "\u2502 {:>3} \u2502 {:<80}\u2502",
    "a debugger's": "{:>3}  \t{}",
}


@pytest.mark.parametrize("first", [1, 7, 96])
@pytest.mark.parametrize("how", FORMS)
def test_numbers_in_each_form(how: str, first: int) -> None:
    found = clean(numbered(FORMS[how], TWO, first))
    assert same(found, TWO) and classes(found) == ["Net", "Slim"]
    assert (found.joined, found.passed, found.moved, found.remarks) == (0, 0, 0, [])
    assert piece(found, "kernel_size") == "kernel_size"


def test_two_classes_stay_two_where_the_numbers_are_glued_to_them() -> None:
    """As one they would have the first's name and the second's layers."""
    parts = (
        "class {}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear({}, 2)\n"
    )
    code = "from torch import nn\n" + "".join(
        parts.format(name, wide) + "    def forward(self, x):\n        return self.a(x)\n"
        for name, wide in (("Wide", 9), ("Thin", 4))
    )
    for form in ("{}:{}", "{}{}"):
        read = own.read(numbered(form, code))
        assert [one.name for one in read.candidates] == ["Thin", "Wide"] or len(read.candidates) == 2
        found = own.read(numbered(form, code), chosen="Wide")
        assert sum(one.numel() for one in found.build(((9,),)).parameters()) == 20


@pytest.mark.parametrize("step", [2, 5, 10])
def test_numbers_before_some_of_the_lines(step: int) -> None:
    hung = "".join(f"{at if not at % step else '':>3} {line}\n" for at, line in enumerate(TWO.splitlines(), 1))
    assert same(clean(hung), TWO)


@pytest.mark.parametrize("width", [44, 50, 57])
def test_a_numbered_line_that_goes_on_in_others(width: int) -> None:
    code = TWO.replace("  # 28 x 28", "")
    hanging = "".join(
        f"{f'{at:>3} ' if not start else '    '}{line[start : start + width]}\n"
        for at, line in enumerate(code.splitlines(), 1)
        for start in range(0, max(len(line), 1), width)
    )
    for text in (hanging, cut(numbered("{:>3} {}", code), width)):
        found = clean(text)
        assert same(found, code) and found.passed == 0


def test_numbers_that_are_no_listings() -> None:
    table = "sizes = {\n1: 16,\n2: 32,\n3: 64,\n4: 8,\n5: 3,\n}\n"
    found = clean("see this (or not\n" + table)
    assert same(found, table)
    for text in ("1x\n2y\n3z\n", "1\n2\n3\n"):
        assert isinstance(cleaned(text + "a b\n"), NotationError) or clean(text + "a b\n").tree.body


MIDDLE = LINES.index("        x = nn.functional.max_pool2d(x, 2)")


def marked(other: str, at: str, code: str = NET) -> str:
    return "".join(f"{at if row == MIDDLE else other}{line}\n" for row, line in enumerate(code.splitlines()))


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{'---> ' if at == MIDDLE else '     '}{at:>2} {line}\n" for at, line in enumerate(LINES)),
        "".join(f"{at:>3}  {'->' if at == MIDDLE else '  '}\t{line}\n" for at, line in enumerate(LINES)),
        "".join(f"{at:>3} {'B' if at == MIDDLE else ' '}\t{line}\n" for at, line in enumerate(LINES)),
        "".join(f"{'> ' if at == MIDDLE else '  '}{at:>3} | {line}\n" for at, line in enumerate(LINES)),
        marked("  ", "> "),
        marked("   ", "-> "),
    ],
    ids=["IPython", "pdb", "a breakpoint", "numbers", "a mark", "an arrow"],
)
def test_the_line_that_is_meant(text: str) -> None:
    found = clean(text)
    assert same(found) and (found.joined, found.passed, found.moved) == (0, 0, 0)


def test_a_mail_that_is_quoted_in_part() -> None:
    assert same(clean("".join(f"{'> ' if at % 4 else ''}{line}\n" for at, line in enumerate(LINES))))


OLD = "        x = nn.functional.avg_pool2d(x, 2)"


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        (marked(" ", f"-{OLD}\n+"), 1),
        (marked("  ", f"- {OLD}\n+ "), 1),
        (marked("", f"-{OLD}\n+"), 1),
        (marked(" ", "+"), 0),
        (marked("", "+"), 0),
        (marked(" ", f"-{OLD}\n "), 1),
        ("@@ -3,9 +3,9 @@\n" + marked(" ", f"-{OLD}\n+"), 2),
        ("--- a/net.py\n+++ b/net.py\n@@ -1,3 +1,3 @@\n" + marked(" ", " "), 3),
    ],
    ids=["changed", "with a space", "alone", "added", "added, alone", "taken away", "one hunk", "nothing changed"],
)
def test_a_difference_without_its_head(text: str, passed: int) -> None:
    found = clean(text)
    assert same(found) and (found.joined, found.passed, found.moved) == (0, passed, 0)


@pytest.mark.parametrize("base", ["", "||||||| 3f2a\n" + OLD + "  # 1\n"])
def test_of_a_merge_that_conflicts_the_first_side_is_read(base: str) -> None:
    text = marked("", "<<<<<<< HEAD\n").replace("x, 2)\n", f"x, 2)\n{base}=======\n{OLD}\n>>>>>>> topic\n", 1)
    found = clean(text)
    assert same(found) and len(found.remarks) == 1 and f"line {MIDDLE + 1} " in found.remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        "y = a\n+ b\nc d\n",
        "x = 1\n- y\nc d\n",
        "<<<<<<< HEAD\nx = 1\na b\n",
        "class A:\n    def f(self):\n        y = self.a\n+ self.b\n        return y\n",
    ],
)
def test_signs_that_are_no_marks_stay(text: str) -> None:
    found = cleaned(text)
    assert isinstance(found, NotationError) or not [
        one for one in ("+ b", "- y") if one in text and one not in found.text
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1x\n2y\n3z z\n" * 3_300,
        "".join(f"{at}:a b(\n" for at in range(9_900)),
        "".join(f"{at}\n" for at in range(9_900)),
        "".join(f"a b {at}\n" for at in range(9_900)),
        "a/b" * 30_000,
        " " * 90_000 + "1x y",
        "x y" + " " * 90_000 + "1",
        "a1b2c3d4 " + "x" * 90_000,
        "-a\n+b\n c d\n" * 3_300,
        "<<<<<<< a\n=======\n>>>>>>> b\nx y\n" * 2_400,
        "> class A(x):\ny z\n" * 4_900,
    ],
)
def test_much_of_it_takes_no_long_time(text: str) -> None:
    with within(2):
        cleaned(text)

"""Dataclasses of a text: what Python's own __init__ of them does, and what is told of their fields."""

import pytest

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, python, same, text_of

ABOVE = """
import dataclasses
from dataclasses import KW_ONLY, InitVar, asdict, astuple, dataclass, field, fields, is_dataclass, replace
from typing import ClassVar


@dataclass
class Widths:
    first: int = 5
    growth: float = 2.0
    inner: int = field(init=False)
    rows: list = field(default_factory=list)

    def __post_init__(self):
        self.inner = int(self.first * self.growth)
        self.outer = self.inner + 3
        self.rows.append(self.first)


@dataclass
class Deep(Widths):
    depth: int = 2
    scale: InitVar[int] = 3
    unit: ClassVar[int] = 7

    def __post_init__(self, scale):
        super().__post_init__()
        self.outer += scale * self.depth


@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = field(default=4, compare=False)
    total: int = field(init=False, default=0, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "total", self.x + self.y)


@dataclass(kw_only=True)
class Named:
    height: int
    width: int = 6


@dataclass
class Late:
    first: int
    _: KW_ONLY
    second: int = 9


class Plain(Widths):
    pass


@dataclass(init=False)
class Own:
    size: int = 3

    def __init__(self, twice):
        self.size = 2 * twice


@dataclass(eq=False)
class Apart:
    size: int = 3


@dataclass
class Whole:
    deep: Deep = field(default_factory=Deep)
    name: str = "net"
    parts: list = field(default_factory=lambda: [Widths(1), {"a": Named(height=2)}])

    @classmethod
    def from_dict(cls, given):
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})


def refused(make):
    try:
        make()
    except (TypeError, AttributeError, ValueError):
        return True
    return False


def changed(point):
    point.x = 5


"""
EXPRESSIONS = [
    "Widths().inner, Widths().outer, Widths(7).outer, Widths(growth=3.0).inner", "Widths(3).rows, Widths(4).rows",
    "Deep().outer, Deep(4, depth=5, scale=2).outer, Deep.unit, Deep().unit", "Point(3).total, Point(3, 1).total",
    "Point(3) == Point(3, 9), Point(2) < Point(3), max(Point(1), Point(5)).x, sorted([Point(4), Point(2)])[0].x",
    "len({Point(3), Point(3), Point(4)}), {Point(1): 5}[Point(1)]", "str(Point(3)), f'{Point(2, 1)}', repr(Late(1))",
    "Named(height=2).width, Late(1, second=2).second, Late(5).second", "Plain(6).outer, Plain().first", "Own(4).size",
    "Widths(2) == Widths(2), Widths(2) != Widths(3), Apart() == Apart(), Widths(2) in [Widths(2)]",
    "[one.name for one in fields(Widths)], [one.init for one in fields(Widths())]",
    "[one.name for one in fields(Deep)], fields(Point)[1].default, fields(Late)[0].default is dataclasses.MISSING",
    "asdict(Widths(2)), astuple(Late(1)), asdict(Whole())['deep']['depth'], asdict(Whole())['parts']",
    "replace(Widths(2), first=8).outer, replace(Point(1), y=7).total", "is_dataclass(Widths), is_dataclass(3)",
    "Whole.from_dict({'name': 'a', 'other': 3}).name", "sorted(Widths.__dataclass_fields__)",
    "refused(lambda: Widths(1, 2, 3, 4)), refused(lambda: Named(3)), refused(lambda: changed(Point(1)))",
    "refused(lambda: Late()), refused(lambda: Widths(inner=3)), Whole().deep.outer",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_object_of_fields_is_what_python_makes_of_it(expression):
    text = ABOVE + text_of("return x", f"self.said = {expression}")
    assert read(HEAD + text, "Net").build().said == python(text).said


NETWORKS = {
    "that is a dataclass": (
        "@dataclass(eq=False)\nclass Net(nn.Module):\n    width: int = 5\n    depth: int = 2\n\n"
        "    def __post_init__(self):\n        super().__init__()\n        self.inner = self.width + 1\n"
        "        self.rows = nn.ModuleList([nn.Conv2d(3, 3, 1) for _ in range(self.depth)])\n"
        "        self.last = nn.Conv2d(3, self.inner, 1)\n\n    def forward(self, x):\n"
        "        for one in self.rows:\n            x = one(x)\n        return self.last(x)\n",
        "Net()",
    ),
    "of settings": (
        text_of("return self.c(x)", "self.w = Deep(first=3)\nself.c = nn.Conv2d(3, self.w.outer, 1)\nself.w = None"),
        "Net()",
    ),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_network_is_what_python_makes_of_it(kind):
    text, made = NETWORKS[kind]
    same(ABOVE + text, (3, 4, 4), made=made)


def test_a_dataclass_of_a_network_asks_for_its_fields():
    text = ABOVE + NETWORKS["that is a dataclass"][0].replace("width: int = 5", "width: int")
    source = read(HEAD + text + "\nmodel = Net(8, depth=1)\n")
    assert [(one.name, one.text) for one in source.arguments] == [("width", "8")]
    assert source.parameters == 3 * 3 + 3 + 3 * 9 + 9


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ("    rows: list = [4]\n", "default_factory"),
        ("    first: int = 4\n    second: str\n", "second"),
    ],
)
def test_what_python_takes_for_no_dataclass_is_refused(lines, word):
    text = ABOVE + f"@dataclass\nclass Bad:\n{lines}\n" + text_of("return x", "self.b = nn.Linear(Bad().first, 2)")
    with pytest.raises(NotationError, match=word):
        read(HEAD + text, "Net").build()

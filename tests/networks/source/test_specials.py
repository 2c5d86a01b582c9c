"""Methods with two underscores that a text's own classes have: Python and the reader call them in the same places."""

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, python, same, text_of

ABOVE = """
import copy
import functools
from types import SimpleNamespace
from typing import Generic, TypeVar

T = TypeVar("T")


class Bag:
    def __init__(self, items):
        self.items = list(items)

    def __len__(self):
        return len(self.items)

    def __contains__(self, one):
        return one * 2 in self.items

    def __getitem__(self, place):
        return self.items[place]

    def __setitem__(self, place, value):
        self.items[place] = value + 1

    def __delitem__(self, place):
        self.items.pop(place)

    def __iter__(self):
        return iter(self.items)

    def __reversed__(self):
        return [-one for one in self.items]

    def __add__(self, other):
        return Bag(self.items + list(other))

    def __radd__(self, other):
        return Bag([other, *self.items])

    def __iadd__(self, other):
        self.items.append(other)
        return self

    def __mul__(self, factor):
        if not isinstance(factor, int):
            return NotImplemented
        return Bag([factor * one for one in self.items])

    __rmul__ = __mul__

    def __neg__(self):
        return Bag([-one for one in self.items])

    def __call__(self, one, more=1):
        return self.items[one] + more

    def __str__(self):
        return "bag of " + str(len(self))

    def __repr__(self):
        return "Bag(" + ", ".join(map(str, self.items)) + ")"

    def __format__(self, spec):
        return spec + str(self.items[0])

    def __int__(self):
        return self.items[0]


@functools.total_ordering
class Size:
    def __init__(self, height, width):
        self.height, self.width = height, width

    def __eq__(self, other):
        return isinstance(other, Size) and self.area == other.area

    def __lt__(self, other):
        return self.area < other.area

    def __hash__(self):
        return self.area

    def __bool__(self):
        return self.area > 3

    @property
    def area(self):
        return self.height * self.width

    @area.setter
    def area(self, value):
        self.height = value // self.width


class Even:
    def __init__(self, n):
        self.n = n

    def __ne__(self, other):
        return self.n % 2 != other.n % 2

    def __eq__(self, other):
        return not self != other


class Rising:
    def __setattr__(self, name, value):
        super().__setattr__(name, value + 1 if name != "rows" else value)

    def __init__(self, n):
        self.n = n
        object.__setattr__(self, "m", n)
        self.__dict__["k"] = n


class Falling:
    base = 3

    def __init__(self, **given):
        self.__dict__.update(given)
        self.own = 1

    def __getattr__(self, name):
        if name.startswith("no"):
            raise AttributeError(name)
        return len(name)


class Registry:
    known = {}

    def __init_subclass__(cls, name="", **more):
        super().__init_subclass__(**more)
        cls.label = name or cls.__name__
        cls.known[cls.label] = cls

    def __class_getitem__(cls, name):
        return cls.known[name]


class Conv(Registry, name="conv"):
    width = 5


class Pool(Registry):
    width = 7


class One:
    only = None

    def __new__(cls, *args):
        if cls.only is None:
            cls.only = super().__new__(cls)
            cls.only.count = 0
        return cls.only

    def __init__(self, n):
        self.count += n


class Other:
    def __new__(cls, n):
        return [n, n]


class Opened:
    def __init__(self, quiet=False):
        self.log, self.quiet = [], quiet

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, kind, error, trace):
        self.log.append("out" if kind is None else "broken")
        return self.quiet


class Table(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value


class Doubling(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self

    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)

    def __missing__(self, key):
        return key + "!"

    @property
    def total(self):
        return sum(self.values())


class Short(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__


class Config(SimpleNamespace):
    depth = 2

    def double(self):
        return self.depth * self.width


class Strict(SimpleNamespace):
    def __init__(self, width, **more):
        super().__init__(width=width + 1, **more)


class Box(Generic[T]):
    def __init__(self, n: T):
        self.n = n


def with_block():
    first, second = Opened(), Opened(quiet=True)
    with first as one, second:
        one.log.append("within")
        raise ValueError("no")
    return first.log, second.log


def broken():
    first = Opened()
    try:
        with first:
            raise ValueError("no")
    except ValueError:
        return first.log


def filled():
    bag = Bag([1, 2, 3])
    bag[0] = 5
    del bag[1]
    bag += 9
    return list(bag), len(bag), bag[0]


def resized():
    size = Size(2, 3)
    size.area = 12
    return size.height


def tables():
    one = Table(a=1, b=[2])
    one.c = 3
    two = Doubling({"x": 4})
    two["y"] = 5
    two.z = 6
    three = Short(p=1)
    three.q = 2
    return dict(one), one.a, one["b"], hasattr(one, "d"), len(two), two.y, two.z, two["w"], two.total, three.q, three.r


def listed(n):
    for one in range(n):
        if one == 3:
            return
        yield one
        yield from [one * 10, one * 100]


class Steps:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        for one in range(self.n):
            yield one * one


"""
EXPRESSIONS = [
    "len(Bag([1, 2])), 1 in Bag([2, 4]), 4 in Bag([2, 4]), list(reversed(Bag([1, 2]))), list(Bag([3]))",
    "(Bag([1]) + [2]).items, (7 + Bag([1])).items",
    "(Bag([1, 2]) * 3).items, (3 * Bag([1])).items, (-Bag([4])).items",
    "bool(Bag([])), not Bag([]), 1 if Bag([0]) else 2",
    "Bag([]) or 4, filled(), Bag([5, 6])(1), Bag([5])(0, more=2)",
    "str(Bag([1, 2])), f'{Bag([1, 2])}', f'{Bag([4]):>}'",
    "'%s' % Bag([1]), str([Bag([3, 4])]), repr(Bag([1]))",
    "'{} {!r}'.format(Bag([1]), Bag([2])), f'{Bag([1])!s}'",
    "int(Bag([8])), sum([Bag([1]), Bag([2])], Bag([])).items",
    "Size(2, 6) == Size(3, 4), Size(2, 6) != Size(3, 4), Size(1, 2) < Size(2, 2), Size(1, 2) >= Size(2, 2)",
    "Size(3, 3) <= Size(3, 3), Size(3, 3) > Size(1, 1), max(Size(1, 1), Size(5, 1)).area, resized()",
    "min([Size(4, 1), Size(2, 1)]).area, [one.area for one in sorted([Size(3, 1), Size(1, 1)])]",
    "Size(2, 2) in [Size(4, 1)], [Size(1, 2), 3].index(Size(2, 1))",
    "len({Size(1, 2), Size(2, 1)}), {Size(1, 4): 3}[Size(2, 2)]",
    "bool(Size(1, 1)), not Size(2, 2), [one.area for one in filter(None, [Size(1, 1), Size(9, 1)])]",
    "any([Size(1, 1)]), all([Size(5, 1)]), [Size(1, 2)] == [Size(2, 1)], (Size(1, 2), 3) == (Size(2, 1), 3)",
    "Even(2) == Even(4), Even(2) != Even(3), Even(1) in [Even(2), Even(3)], Even(1) in [Even(2)]",
    "Rising(4).n, Rising(4).m, Rising(4).k, sorted(Rising(1).__dict__)",
    "Falling().four, Falling(a=5).a, Falling().base",
    "hasattr(Falling(), 'nothing'), getattr(Falling(), 'none', 8), Falling().own, getattr(Falling(), 'ab')",
    "Registry.known['conv'].width, Registry['Pool'].width, Conv.label, sorted(Registry.known)",
    "One(3).count, One(4).count, One(1) is One(1), Other(5)",
    "with_block(), broken()",
    "tables()",
    "Config(width=3).double(), Config(depth=5, width=1).double(), Strict(3, more=2).width, Box[int](4).n",
    "isinstance(Table(), dict), isinstance(Table(), Table)",
    "{**Table(a=1)}, list(Table(a=1).items()), Table(a=1).get('b', 2)",
    "[one for one in Table(a=1)], 'a' in Table(a=1)",
    "Table(a=Table(b=3)).a.b, copy.deepcopy(Table(a=[1])).a, Table(a=1) == {'a': 1}",
    "list(listed(2)), sum(listed(9)), next(listed(3))",
    "[*listed(1)], max((one for one in listed(2))), tuple(Steps(3))",
    "list(map(str, listed(1))), [one for one in Steps(4)]",
    "dict(zip('ab', listed(2))), sorted(listed(2), reverse=True)",
    "(1, 2)[...] if False else (Ellipsis is ...)",
    "Bag([1]).__len__(), Size(1, 2).__eq__(Size(2, 1)), Bag.__len__(Bag([1, 2]))",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_comes_to_what_python_makes_of_it(expression):
    text = ABOVE + text_of("return x", f"self.said = {expression}")
    assert read(HEAD + text, "Net").build().said == python(text).said


LAYERS = """
class Wrapped(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.inner, name)

    def forward(self, x):
        return self.inner(x) * self.out_channels


class Noted(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = []
        self.c = nn.Conv2d(3, 4, 1)

    def __setattr__(self, name, value):
        if name not in ("rows", "training"):
            self.rows.append(name)
        super().__setattr__(name, value)

    def forward(self, x):
        return self.c(x) + len(self.rows)


class Called(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.c = nn.Conv2d(n, n, 1)

    def __call__(self, x, scale=2):
        return super().__call__(x * scale) + 1

    def forward(self, x):
        return self.c(x)

    def __len__(self):
        return 3

    def __add__(self, other):
        return nn.Sequential(self, other)

    def __getitem__(self, place):
        return [self.c, 5][place]


class Kinds(nn.Module):
    known = {}

    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)
        Kinds.known[cls.__name__.lower()] = cls


class Thin(Kinds):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return self.c(x)


class Made(nn.Module):
    def __new__(cls, n):
        made = super().__new__(cls)
        return made

    def __init__(self, n):
        super().__init__()
        self.c = nn.Conv2d(3, n, 1)

    def forward(self, x):
        return self.c(x)


"""
METHODS = """
    def _rows(self, n):
        for i in range(n):
            yield nn.Conv2d(3, 3, 1 + 2 * i, padding=i)
            if i % 2 == 0:
                yield nn.ReLU()

    def each(self, x):
        for one in self.rows:
            x = one(x)
            yield x
"""
NETWORKS = {
    "an attribute of the layer within": ("self.w = Wrapped(nn.Conv2d(3, 5, 1))", "return self.w(x) + self.w.stride[0]"),
    "what is noted": ("self.n = Noted()", "return self.n(x)"),
    "a call of its own": ("self.c = Called(3)", "return self.c(x) + self.c(x, scale=3) + len(self.c) + self.c[1]"),
    "within a row": ("self.s = nn.Sequential(Called(3), nn.ReLU())", "return self.s(x)"),
    "added": ("self.s = Called(3) + nn.ReLU()", "return self.s(x)"),
    "true by its length": ("self.c = Called(3)", "return self.c(x) if self.c else x"),
    "registered": ("self.c = Kinds.known['thin']()", "return self.c(x)"),
    "made anew": ("self.c = Made(4)", "return self.c(x)"),
    "settings at once": ("self.__dict__.update(dict(scale=3, shift=1))", "return x * self.scale + self.shift"),
    "layers one by one": (
        "self.s = nn.Sequential(*self._rows(3))",
        "return self.s(x)",
    ),
    "features one by one": (
        "self.rows = nn.ModuleList([nn.Conv2d(3, 3, 1) for _ in range(3)])",
        "return torch.cat(list(self.each(x)), 1)",
    ),
    "an object that computes": (
        "self.size = Size(2, 3)\nself.low = Size(1, 1)",
        "return x * self.size.area if self.size > self.low else x",
    ),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_network_computes_what_python_computes(kind):
    init, forward = NETWORKS[kind]
    same(ABOVE + LAYERS + text_of(forward, init) + METHODS, (3, 6, 6))


REFUSED = {
    "__getattribute__": "    def __getattribute__(self, name):\n        return 3\n",
    "__get__": "    def __get__(self, of, kind=None):\n        return 3\n",
    "__set_name__": "    def __set_name__(self, of, name):\n        pass\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_method_that_is_not_carried_out_is_refused_by_its_name(name):
    text = f"class Odd:\n{REFUSED[name]}\n" + text_of("return x", "self.c = nn.Linear(Odd().n, 2)")
    with pytest.raises(NotationError, match=name):
        read(HEAD + text, "Net").build()


GENERATORS = {
    "value": ("def f():\n    got = yield 3\n", "list(f())"),
    "without an end": ("def f():\n    while True:\n        yield 3\n", "next(f())"),
    "forward": ("", "0"),
}


@pytest.mark.parametrize("kind", GENERATORS)
def test_generators_that_are_no_lists_are_refused(kind):
    above, made = GENERATORS[kind]
    forward = "yield x" if kind == "forward" else "return x"
    text = above + text_of(forward, f"self.n = {made}\nself.c = nn.Linear(len([self.n]), 2)")
    with pytest.raises(NotationError, match=r"yield|items"):
        read(HEAD + text, "Net").build()(torch.zeros(1, 3))


def test_what_an_own_equality_leaves_without_a_hash_is_no_key():
    text = ABOVE + text_of("return x", "self.c = nn.Linear(len({Even(2)}), 2)")
    with pytest.raises(NotationError, match="unhashable"):
        read(HEAD + text, "Net").build()


@pytest.mark.parametrize(
    ("made", "given", "word"),
    [
        ("nn.Conv2d(4, 2, 1)", "self.kept", "self.kept is None"),
        ("nn.Sequential(nn.Sequential(nn.Linear(4, 2)), nn.ReLU())", "self.kept", "self.kept is None"),
        ("nn.ReLU()", "print(x)", "given here is None"),
    ],
)
def test_a_layer_that_is_given_nothing_is_said_to_be_given_none(made, given, word):
    text = text_of(
        f"y = self.a(x)\nreturn self.b({given})", f"self.a = nn.Conv2d(3, 4, 1)\nself.b = {made}\nself.kept = None"
    )
    with pytest.raises(NotationError, match=word):
        read(HEAD + text).build()(torch.zeros(1, 3, 4, 4))

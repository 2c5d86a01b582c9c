"""What Python and its modules offer beside layers: each expression comes to what Python itself makes of it."""

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, same, text_of

ABOVE = """
import collections
import collections.abc
import copy
import functools
import itertools
import json
import operator
import types
import numpy as np
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, reduce
from types import SimpleNamespace
from typing import NamedTuple, Optional, Union

Pair = namedtuple("Pair", ["first", "second"], defaults=[7])


class Sizes(NamedTuple):
    height: int
    width: int = 5

    def area(self):
        return self.height * self.width


class Table:
    def __init__(self, rows):
        self.rows = rows
        self._scale = 2

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]

    def __iter__(self):
        return iter(self.rows)

    def __call__(self, factor):
        return [factor * one for one in self.rows]

    @property
    def scale(self):
        return self._scale

    @scale.setter
    def scale(self, value):
        self._scale = value + 1


def scaled():
    table = Table([1])
    table.scale = 4
    return table.scale


def reshaped():
    sizes = {"a": 1, "b": 2}
    row = [5, 6, 7, 8]
    del row[1], sizes["a"]
    row.sort(key=lambda one: -one, reverse=True)
    return row, sizes


def counted():
    found = defaultdict(list)
    for one in "abca":
        found[one].append(len(found))
    return dict(found)


def walked():
    steps = iter([3, 4, 5])
    return next(steps), next(steps), list(steps), next(steps, 9)


def aliased():
    row, names = [1], {"a": 1}
    same, other = row, names
    row += [2]
    row *= 2
    names |= {"b": 2}
    return same, other


conv = nn.Conv2d(3, 4, 3)
norm = partial(nn.BatchNorm2d, affine=False)
"""
KINDS = [
    "type((3, 3)) == tuple", "type([1]) is list", "type('M') == str", "type(3) == int", "type(3) in (list, int)",
    "type(1.5) is float", "type(True) is int", "type(None) is type(None)", "type({}) == dict", "type({1}) == set",
    "type(range(2)) == range", "type(OrderedDict()) == dict", "type(OrderedDict()) is OrderedDict",
    "type(norm) == functools.partial", "norm.func is nn.BatchNorm2d", "norm.keywords['affine']", "type(3).__name__",
    "type(conv.weight) == nn.Parameter", "type(conv) is nn.Conv2d", "type(Pair(1)) is Pair", "type(Pair) is type",
    "type(torch.Size([1])) == torch.Size", "type(Sizes(1)) is tuple",
    "isinstance(conv.weight, nn.Parameter)", "isinstance(conv.weight, torch.Tensor)", "isinstance(norm, partial)",
    "isinstance(nn.ReLU, type)", "isinstance(F.relu, Callable)", "isinstance(3, collections.abc.Callable)",
    "isinstance((1, 2), Iterable)", "isinstance('ab', Iterable)", "isinstance(3, Iterable)",
    "isinstance([1], Sequence)",
    "isinstance({}, Mapping)", "isinstance(None, type(None))", "isinstance('a', (str, bytes))", "isinstance({1}, set)",
    "isinstance(range(3), range)", "isinstance(torch.Size([1]), torch.Size)", "isinstance(torch.Size([1]), tuple)",
    "isinstance(True, int)", "isinstance(3, object)", "isinstance(3, (list, (tuple, int)))", "isinstance(3, int | str)",
    "isinstance(slice(1), slice)", "isinstance(Pair(1), tuple)", "isinstance(Sizes(1), Sizes)", "isinstance(3, Table)",
    "isinstance(conv, nn.Module)", "isinstance(torch.zeros(1), torch.FloatTensor)", "callable(Table([]))",
    "isinstance(torch.zeros(1).long(), torch.FloatTensor)", "issubclass(nn.Conv2d, nn.Module)",
    "issubclass(nn.Conv2d, (nn.Linear, nn.ReLU))", "issubclass(bool, object)", "callable(3)",
]  # fmt: skip
WORDS = [
    "'layer%d' % 3", "'%s-%s' % ('a', 4)", "'%5.2f|' % 2.5", "'%03d' % 7", "'%-4s|' % 'ab'", "'100%% of %s' % [1, 'b']",
    "'%(a)d%(b)s' % {'a': 1, 'b': 'x'}", "'%i' % 3.7", "'%x' % 255", "'%e' % 12345.678", "'%r' % 'a'", "'%s' % None",
    "'%s' % (1,)", "'%s' % ((1,),)", "str([1, 'a', (2,)])", "str({'a': [1]})", "f'{(1,)}{[2]!r:>6}'", "f'{1.5!r}'",
    "'{!r} {:>4}'.format('a', 3)", "'{1}{0}'.format(1, 2)", "repr('a')", "str(torch.Size([1, 2]))", "'a1b'.isalnum()",
    "'abc'.isalpha(), 'ABC'.isupper()", "'a.b.c'.rpartition('.')", "'a,b'.rsplit(',', 1)", "'conv1'.removesuffix('1')",
    "f'{True} {None} {0.1 + 0.2}'", "f'{3:x}'",
]  # fmt: skip
COLLECTED = [
    "sorted([3, 1, 2], key=lambda one: -one)", "sorted(['bb', 'a'], key=len)", "sorted([1, 3, 2], reverse=True)",
    "max([1, -5, 3], key=abs)", "min([], default=4)", "max('a', 'b')", "min([(2, 'a'), (1, 'b')])", "max(3, 9, 4)",
    "max({'a': 1, 'b': 5}.items(), key=lambda pair: pair[1])", "1 << 4, 256 >> 3, 6 ^ 3",
    "[1, 2, 3, 4][slice(1, None, 2)]",
    "Pair(1)", "Pair(1, 2).second", "Pair(second=3, first=4)._replace(first=9)", "Pair(1)._asdict()", "list(Pair(4))",
    "Sizes(2).area(), Sizes(2, 3)[1], Sizes(4)._fields", "SimpleNamespace(n=4, m=[1]).n", "scaled()", "reshaped()",
    "len(Table([1, 2])), Table([5, 6])[1], [one for one in Table([7, 8])], Table([1, 2])(3)", "walked()", "aliased()",
    "counted()", "defaultdict(int, {'a': 3})['b']", "reduce(lambda one, other: one * other, [2, 3, 4], 1)",
    "functools.reduce(operator.mul, (2, 5))", "operator.add(1, 2) + operator.floordiv(9, 2)",
    "sorted([(1, 9), (2, 3)], key=operator.itemgetter(1))", "list(itertools.chain([1], (2, 3)))",
    "list(itertools.chain.from_iterable([[1], [2]]))", "list(itertools.repeat(4, 3))", "dict.fromkeys('ab', 1)",
    "list(itertools.product([1, 2], 'ab'))", "list(itertools.product([0, 1], repeat=2))",
    "list(itertools.accumulate([1, 2, 3]))", "list(itertools.accumulate([2, 5], operator.mul, initial=7))",
    "list(itertools.accumulate([2, 5], initial=4)), list(itertools.accumulate([3, 4], func=operator.sub))",
    "json.loads('{\"a\": [1, 2.5, null]}')", "math.isqrt(17), math.fabs(-2.0)",
    "math.log10(100.0), math.trunc(2.7), math.hypot(3.0, 4.0)", "float(np.log2(8)), int(np.power(2, 5))",
    "float(np.max([1, 4])), int(np.sum([1, 2]))", "list(np.linspace(0, 1, 5))",
    "[float(one) for one in np.array([1, 2])]",
    "[x.item() for x in torch.linspace(0, 0.25, 3)]", "torch.linspace(0, 1, 3).tolist()",
    "torch.arange(4)[1:].tolist()",
    "(torch.arange(3) * 2 + 1).sum().item()", "int(torch.tensor([4.0, 2.0]).max())", "torch.__version__.split('.')[0]",
    "bool((torch.tensor([1, 2]) > 1).tolist()[1])", "copy.deepcopy([1, [2]])", "tuple(map(len, [])) or 3",
    "{1, 2}.union({3}), {1, 2}.issubset({1})", "next(iter([4])), next((one for one in [6, 7] if one > 6))",
    "nn.modules.utils._pair(3), nn.modules.utils._triple((1, 2, 3))",
    "nn.init._calculate_fan_in_and_fan_out(conv.weight)",
    "list(conv.state_dict().keys())", "[type(one).__name__ for one in nn.Sequential(conv) + nn.Sequential(nn.ReLU())]",
]  # fmt: skip


def _said(expression: str) -> tuple[object, object]:
    """What Python makes of an expression in an __init__, and what the reader makes of it."""
    text = HEAD + ABOVE + text_of("return x", f"self.said = {expression}")
    names: dict[str, object] = {}
    exec(text, names)
    return eval("Net()", names).said, read(text, "Net").build().said


@pytest.mark.parametrize("expression", KINDS + WORDS + COLLECTED)
def test_an_expression_comes_to_what_python_makes_of_it(expression):
    expected, found = _said(expression)
    if isinstance(expected, type | bool):
        assert found is expected
    else:
        assert _plain(found) == _plain(expected) and type(_plain(found)) is type(_plain(expected))


def _plain(value: object) -> object:
    """Tuples with names, and dictionaries of a kind of their own, as plain ones."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return dict(value) if isinstance(value, dict) else value


REFUSED = {  # what has no answer here, rather than a wrong one
    "isinstance(3, nn.functional)": "F",
    "isinstance(3, argparse)": "argparse",
    "type('X', (nn.Module,), {})": "class",
    "nn.Linear(None, 4)": "in_features",
    "nn.Conv2d('3', 4, 3)": "in_channels",
    "'%99999999d' % 1": "%99999999d",
    "'%*d' % (5, 1)": "%*d",
    "'%s' % conv": "Conv2d",
    "'%d' % 'a'": "number",
    "'%s %s' % (1,)": "2",
    "1 << 70": "64",
    "10 ** 9 << 3": "1,000,000,000",
    "namedtuple('P', '_x')": "letter",
    "namedtuple('P', ['__class__'])": "letter",
    "np.array([1, 2]) * 2": "Array",
    "next([1, 2])": "iter",
    "itertools.product(range(99), range(99), range(99))": "10,000",
    "json.loads('99999999999')": "1,000,000,000",
    "zip(*[iter([1, 2])] * 2)": "itself",
    "itertools.accumulate([1], start=3)": "accumulate()",
    "itertools.pairwise([1], start=3)": "pairwise()",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_has_no_answer_is_refused_with_a_name_or_a_number(expression):
    with pytest.raises(NotationError) as refused:
        read(HEAD + "import argparse\n" + ABOVE + text_of("return x", f"self.said = {expression}"), "Net").build()
    assert REFUSED[expression] in str(refused.value)
    assert "'Function'" not in str(refused.value) and "_type" not in str(refused.value)


TENSORS = {  # lines of an __init__, and of a forward, whose numbers Python gives, too
    "a filled parameter": (
        "self.w = nn.Parameter(torch.Tensor(4, 4))\nnn.init.xavier_uniform(self.w)",
        "return x @ self.w",
    ),
    "of a list": ("self.w = nn.Parameter(torch.FloatTensor([1.0, 2.0, 3.0, 4.0]))", "return x * self.w"),
    "in a namespace": ("self.w = torch.nn.parameter.Parameter(torch.ones(4))", "return x * self.w"),
    "new of a list": ("pass", "return x * x.new([1, 2, 3, 4]) + x.new_tensor([2.0])"),
    "new of sizes": ("pass", "return x + x.new(4).fill_(3)"),
    "a LongTensor": ("pass", "return x[:, torch.LongTensor([0, 2])]"),
    "another type": ("pass", "return x.mul(3).type(torch.LongTensor) + x.type('torch.DoubleTensor').long()"),
    "numpy's": (
        "import numpy as np\nself.register_buffer('k', torch.from_numpy(np.array([1, 2, 3, 4], dtype=np.float32)))",
        "return x * self.k",
    ),
    "Variable": ("pass", "return torch.autograd.Variable(x, requires_grad=False) + 1"),
    "in place by name": ("pass", "return F.relu_(x - 0.5) + torch.relu_(0.5 - x) + F.leaky_relu_(x - 0.2, 0.1)"),
    "a norm": ("pass", "return x / torch.linalg.norm(x, dim=1, keepdim=True) + torch.linalg.vector_norm(x)"),
    "the device of a parameter": (
        "self.l = nn.Linear(4, 2)",
        "p = next(self.parameters())\nreturn self.l(x.to(p.device).to(dtype=next(self.parameters()).dtype))",
    ),
    "checkpoint": (
        "self.l = nn.Linear(4, 2)",
        "from torch.utils.checkpoint import checkpoint\nreturn checkpoint(self.l, x, use_reentrant=False)",
    ),
    "contexts": (
        "self.l = nn.Linear(4, 2)",
        "with torch.set_grad_enabled(False), torch.autocast('cpu', enabled=False):\n    y = self.l(x)\n"
        "return y if torch.is_grad_enabled() or not torch.jit.is_scripting() else x",
    ),
    "a mask": ("pass", "return x[:, :3] + nn.Transformer.generate_square_subsequent_mask(3)[-1]"),
    "parameters by name": (
        "self.p = nn.ParameterDict({'a': nn.Parameter(torch.ones(4))})\nself.p['b'] = nn.Parameter(torch.zeros(4))",
        "return x * self.p['a'] + self.p['b']",
    ),
    "turned by complex numbers": (
        "angle = torch.outer(torch.arange(3), torch.tensor([0.5, 0.25]))\n"
        "self.register_buffer('turn', torch.view_as_real(torch.polar(torch.ones_like(angle), angle)))",
        "y = torch.view_as_complex(x.reshape(-1, 1, 2, 2)) * torch.view_as_complex(self.turn)\n"
        "return torch.view_as_real(y).flatten(1)",
    ),
    "weights begun anew": ("self.l = nn.Linear(4, 2)\nself.l.reset_parameters()", "return self.l(x)"),
    "a copied layer": (
        "import copy\nlayer = nn.Linear(4, 4)\nself.a = copy.deepcopy(layer)\n"
        "self.b = nn.ModuleList([copy.deepcopy(layer)])",
        "return self.b[0](self.a(x)) + self.a(x)",
    ),
    "a recurrent layer": (
        "self.r = nn.GRU(4, 3, batch_first=True)",
        "self.r.flatten_parameters()\nreturn self.r(x[:, None])[0]",
    ),
}


@pytest.mark.parametrize("kind", TENSORS)
def test_tensors_are_made_as_python_makes_them(kind):
    init, forward = TENSORS[kind]
    same(text_of(forward, init), (4,))


def test_a_copied_layer_has_weights_of_its_own():
    text = (
        HEAD
        + "import copy\n"
        + text_of("return self.a(x) + self.b(x)", "self.a = nn.Linear(4, 4)\nself.b = copy.deepcopy(self.a)")
    )
    network = read(text).build()
    assert torch.equal(network.a.weight, network.b.weight) and network.a.weight is not network.b.weight
    assert read(text).parameters == 40


def test_what_is_drawn_by_chance_lies_within_its_range():
    text = text_of(
        "return x", "import random\nself.a = [random.random() for _ in range(9)]\nself.b = random.randint(3, 5)"
    )
    network = read(HEAD + text).build()
    assert all(0 <= one < 1 for one in network.a) and len(set(network.a)) > 1 and 3 <= network.b <= 5


def test_nothing_of_the_machine_is_read():
    text = text_of("return x", "import os\nself.a = os.environ.get('PATH', 'none')\nself.b = os.getenv('HOME')")
    network = read(HEAD + text).build()
    assert (network.a, network.b) == ("none", None)

"""How tensors go through the lines at the top of a text: where they come from, and what comes of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from torch import Tensor, nn

from cnnviz.networks.source import builtins, trees
from cnnviz.networks.source.program import Program
from cnnviz.networks.source.reach import free
from cnnviz.networks.source.tables import LAYERS
from cnnviz.networks.source.values import Function, Unknown

MAX_LINES = 2_000  # at the top of a text, of which a network is looked for
MAX_RESULTS = 20  # of which it is looked where they come from
_FACTORIES = frozenset(
    ["randn", "rand", "randint", "ones", "zeros", "empty", "full", "arange", "tensor", "Tensor", "FloatTensor"]
    + ["from_numpy", "linspace", "normal"]
)
_BESIDE = re.compile(r"loss|err|acc|correct|grad|metric", re.IGNORECASE)  # names of what is no result of a network
_MEASURES = frozenset(
    ["argmax", "topk", "max", "min", "item", "numpy", "tolist", "backward", "size", "dim", "numel", "cross_entropy"]
    + ["binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"]
)
_LOOKS_AT = ("shape", "size", "dtype", "detach", "cpu", "numpy")  # what a line asks of a result to show it
_TRAINS = ("backward", "step", "zero_grad")


def asked(node: ast.AST) -> Iterator[str]:
    """The names that a part of a text asks for, in the order in which tensors go through them: of fc(conv(x)) x, conv
    and fc."""
    own = {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    loops = (one.target for one in ast.walk(node) if isinstance(one, ast.For | ast.comprehension))
    own |= {name for target in loops for name in trees.stored(target)}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Name) and (isinstance(one.ctx, ast.Load) or one is getattr(node, "target", None)):
            yield from () if one.id in own else (one.id,)
        parts = [*ast.iter_child_nodes(one)]
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            parts = [*parts[1:], one.func]
        waiting += reversed(parts)


def factory_in(node: ast.AST) -> bool:
    """Whether a tensor is made there: torch.randn(1, 3, 32, 32)."""
    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _FACTORIES:
                return True
    return False


class Names:
    """What the names at the top of a text stand for."""

    def __init__(self, tree: ast.Module, program: Program):
        self.values = program.names
        self.taken = {*trees.stored(tree), *builtins.NAMES}
        self.layers = {name for name, value in self.values.items() if _holds(value, _is_layer)}
        self.weights = {name for name, value in self.values.items() if _holds(value, _is_weight)}
        functions = {
            one.name: one
            for one in tree.body
            if isinstance(one, ast.FunctionDef) and isinstance(self.values.get(one.name), Function)
        }
        self.functions = {*functions}
        self.using = self._using(functions)
        self.data: set[str] = set()  # names of tensors, and of what comes of them

    def _using(self, functions: Mapping[str, ast.FunctionDef]) -> dict[str, ast.FunctionDef]:
        """The functions that ask for layers or weights at the top, also by another one."""
        callers: dict[str, list[str]] = {}
        for name, one in functions.items():
            for wanted in {*free(one)}:
                callers.setdefault(wanted, []).append(name)
        waiting, found = [*self.layers, *self.weights], set[str]()
        while waiting:
            further = [name for name in callers.get(waiting.pop(), ()) if name not in found]
            found |= {*further}
            waiting += further
        return {name: one for name, one in functions.items() if name in found}

    def is_open(self, name: str) -> bool:
        """Whether nothing that is read here stands for a name."""
        value = self.values.get(name, builtins.NAMES.get(name))
        return (value is None and name != "None") or isinstance(value, Unknown) or (name == "input" and value is None)

    def is_inline(self, node: ast.AST) -> bool:
        """Whether a call is one of a layer of torch's that is made for it: nn.Linear(3, 2)(x)."""
        match node:
            case ast.Call(func=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name) as made), args=[_, *_]):
                return name in LAYERS and not self.is_open(self._first(made))
        return False

    def is_foreign(self, node: ast.AST) -> bool:
        """Whether a call is one of a layer that is made for it, and none of torch's: Dense(3)(x), as Keras has it."""
        match node:
            case ast.Call(func=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name) as made)):
                first = self._first(made)
                return name[:1].isupper() and first not in ("", "self") and self.is_open(first)
        return False

    @staticmethod
    def _first(node: ast.expr) -> str:
        """The name that an expression of names, attributes and places begins with; '' for none."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return node.id if isinstance(node, ast.Name) else ""

    def runs(self, call: ast.AST) -> bool:
        """Whether a call hands something through a layer, or through a function that asks for layers or is given
        some."""
        if not isinstance(call, ast.Call):
            return False
        root = self.root(call.func)
        if self.is_inline(call) or root in self.layers or root in self.using:
            return True
        given = {name for one in call.args for name in asked(one)} if root in self.functions else set()
        return any(name in self.layers or isinstance(self.values.get(name), dict | list) for name in given)

    def root(self, function: ast.expr) -> str:
        """The name that a call of layers begins with: of layers["conv"](x), vgg.features(x); '' for any other, such as
        conv.parameters()."""
        if isinstance(function, ast.Attribute) and any(hasattr(one, function.attr) for one in (nn.Module, list, dict)):
            return ""
        return self._first(function)

    def given_to_layers(self, node: ast.AST) -> Iterator[str]:
        """The names that stand in what layers are given."""
        for one in ast.walk(node):
            if isinstance(one, ast.Call) and (self.is_inline(one) or self.root(one.func) in self.layers):
                for given in one.args:
                    yield from asked(given)

    def is_one_call(self, node: ast.stmt) -> bool:
        """Whether a line is but a layer that is given a name: y = conv(x)."""
        match node:
            case ast.Assign(value=ast.Call(args=[ast.Name()]) as call) | ast.Return(value=ast.Call(args=[_]) as call):
                return self.runs(call)
        return False

    def container(self, name: str) -> str:
        """What tells torch of layers or weights that are held together, or of a tensor that is learned."""
        value, of = self.values[name], "Module" if name in self.layers else "Parameter"
        items = [*value.values()] if isinstance(value, dict) else value
        if isinstance(value, Tensor):
            return "" if isinstance(value, nn.Parameter) else "nn.Parameter"
        if not isinstance(items, list | tuple):
            return ""
        if isinstance(value, tuple) and len(value) == 1:  # fc = nn.Linear(3, 2), with a comma too many
            return ""
        plain = all(isinstance(one, nn.Module if of == "Module" else Tensor) for one in items)
        if isinstance(value, dict):
            return f"nn.{of}Dict" if plain and all(isinstance(one, str) and "." not in one for one in value) else ""
        return f"nn.{of}List" if plain else ""


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(value, dict):
        value = [*value.values()]
    return any(map(wanted, value)) if isinstance(value, list | tuple) else wanted(value)


def _is_layer(value: Any) -> bool:
    return isinstance(value, nn.Module) and not type(value).__name__.endswith("Loss")


def _is_weight(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


@dataclass(eq=False)
class Line:
    """A line at the top: what it gives and asks for, whether it stands in a loop over data, and whether it `makes` a
    tensor or goes on from one (`follows`)."""

    node: ast.stmt
    gives: frozenset[str]
    asks: tuple[str, ...]
    in_loop: bool
    makes: bool = False
    follows: bool = False

    @property
    def result(self) -> str:
        """The name of what it comes to: of out, (h, c) = lstm(x), the first."""
        return [*trees.stored(self.node)][-1] if isinstance(self.node, ast.For) else next(trees.stored(self.node), "")


class Flow:
    """The lines at the top, and which of them a result takes."""

    def __init__(self, tree: ast.Module, names: Names):
        self.names = names
        self.lines = [*islice(self._lines(tree.body, False), MAX_LINES + 1)]
        if len(self.lines) > MAX_LINES:
            self.lines = []
        self._follow()

    def _lines(self, body: Iterable[ast.stmt], in_loop: bool) -> Iterator[Line]:
        """Line by line, also those within a loop over data; what a text gives back outside of a function, too."""
        for one in body:
            match one:
                case ast.With() | ast.Try():
                    yield from self._lines(one.body, in_loop)
                case ast.For(target=target, iter=over) if self._is_over_data(one):
                    given = ast.copy_location(ast.Assign([target], over), one)
                    yield Line(given, frozenset(trees.stored(target)), tuple(asked(over)), True, makes=True)
                    yield from self._lines(one.body, True)
                case ast.While():
                    yield from self._lines(one.body, True)
                case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
                    continue
                case _:
                    yield Line(one, frozenset(trees.stored(one)), tuple(asked(one)), in_loop)

    def _is_over_data(self, loop: ast.For) -> bool:
        """Whether a loop goes over data, or epochs, and not through the layers of a network."""
        inner = list(ast.walk(loop))
        if any(isinstance(one, ast.Attribute) and one.attr in _TRAINS for one in inner):
            return True
        return any(self.names.is_open(name) for one in inner if isinstance(one, ast.For) for name in asked(one.iter))

    def _follow(self) -> None:
        """Finds the lines that make a tensor, and those that go on from one."""
        data: set[str] = set()
        given: set[str] = set()
        for line in self.lines:
            runs = any(self._runs(one) for one in ast.walk(line.node))
            open_ = {name for name in line.asks if name not in given and self.names.is_open(name)}
            if not line.makes and not isinstance(line.node, ast.Expr | ast.Return):
                line.makes = not runs and self._makes(line, data, open_)
            begins = runs and (open_ or factory_in(line.node))
            is_layer = not runs and bool(line.gives) and line.gives <= self.names.layers
            line.follows = not line.makes and not is_layer and bool(begins or data.intersection(line.asks))
            data |= open_ if line.follows else set()
            data = data | line.gives if line.makes or line.follows else data - line.gives
            self.names.data |= data
            given |= line.gives

    def _runs(self, node: ast.AST) -> bool:
        if isinstance(node, ast.For):
            return any(name in self.names.layers for name in asked(node.iter))
        return self.names.runs(node)

    def _makes(self, line: Line, data: set[str], open_: set[str]) -> bool:
        """Whether a line makes a tensor: torch.randn(1, 28), what is not read here, or a part of such."""
        value = getattr(line.node, "value", None)
        if value is None or any(name in self.names.layers for name in line.gives) or _makes_layers(value):
            return False
        if not data.intersection(line.asks):
            return factory_in(value) or bool(open_)
        of_data = [name for name in line.asks if name in data]
        unread = all(self.names.is_open(name) for name in of_data)
        return unread and isinstance(value, ast.Subscript | ast.Name)

    def to_the_last_result(self) -> tuple[list[Line], list[str]]:
        """The lines between tensors and the last result that comes of them by layers or weights, and the names of those
        tensors that are its input; none of both where there is no such result."""
        following = [at for at, line in enumerate(self.lines) if line.follows]
        results = ((at, found) for at in reversed(following) if (found := self._result(self.lines[at])) is not None)
        for at, result in islice(results, MAX_RESULTS):
            lines, sources = self._back(at, result)
            inputs = self._inputs(lines, sources)
            if self._computes(lines, sources, inputs):
                return lines, inputs
        return [], []

    def _result(self, line: Line) -> Line | None:
        """The line as far as it computes a result; None where it measures, compares or shows one."""
        node = line.node
        if isinstance(node, ast.Expr | ast.Return):
            value = self._shown(node.value)
            if value is None or (isinstance(node, ast.Expr) and not any(map(self.names.runs, ast.walk(value)))):
                return None
            given = ast.copy_location(ast.Return(value), node)
            return None if _is_beside(value) else Line(given, frozenset(), tuple(asked(value)), line.in_loop)
        if any(_BESIDE.search(name) for name in line.gives) or not line.gives:
            return None
        return None if _is_beside(getattr(node, "value", node)) or self._loses(node) else line

    def _shown(self, value: ast.expr | None) -> ast.expr | None:
        """What print(...), .shape or .size() show."""
        match value:
            case ast.Call(func=ast.Name(id="print"), args=args):
                return next((self._shown(one) for one in args if any(map(self.names.runs, ast.walk(one)))), None)
            case ast.Attribute(value=of, attr=name) | ast.Call(func=ast.Attribute(value=of, attr=name)):
                return self._shown(of) if name in _LOOKS_AT else value
            case ast.Subscript(value=ast.Attribute(attr="shape", value=of)):
                return self._shown(of)
        return value

    def _loses(self, node: ast.AST) -> bool:
        """Whether a loss is computed there."""
        calls = [one.func.id for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
        kinds = [type(self.names.values.get(name)).__name__ for name in calls]
        return any(map(_BESIDE.search, calls)) or "criterion" in calls or any(one.endswith("Loss") for one in kinds)

    def _back(self, at: int, last: Line) -> tuple[list[Line], set[str]]:
        """The lines that a result takes, in their order, and the names of tensors that they begin with."""
        chosen, wanted, sources = [last], {*last.asks}, set[str]()
        for line in reversed(self.lines[:at]):
            hit = line.gives & wanted
            if not hit or isinstance(line.node, ast.Expr):
                continue
            keeps = isinstance(line.node, ast.AugAssign | ast.For | ast.If)
            wanted -= set() if keeps else line.gives
            if line.follows or self._is_lambda(line):
                chosen.append(line)
                wanted |= {*line.asks}
            elif line.makes:
                sources |= hit
        sources |= {name for name in wanted if self.names.is_open(name)}
        return chosen[::-1], sources

    def _is_lambda(self, line: Line) -> bool:
        made = isinstance(line.node, ast.Assign) and isinstance(line.node.value, ast.Lambda)
        return made and any(name in self.names.layers for name in line.asks)

    def _inputs(self, lines: list[Line], sources: set[str]) -> list[str]:
        """The tensors that layers are given first; without such the one that is asked for first and is not learned."""
        order = [*dict.fromkeys(name for line in lines for name in line.asks if name in sources)]
        able = [name for name in order if not getattr(self.names.values.get(name), "requires_grad", False)]
        able = [name for name in able if self.names.is_open(name) or isinstance(self.names.values[name], Tensor)]
        first: set[str] = set()
        for call in (one for line in lines for one in ast.walk(line.node) if self.names.runs(one)):
            assert isinstance(call, ast.Call)
            first |= {*asked(call.args[0])} if call.args else set()
        if direct := [name for name in able if name in first]:
            return direct
        made = any(self.names.runs(one) and factory_in(one) for line in lines for one in ast.walk(line.node))
        return [] if made else able[:1]

    def _computes(self, lines: list[Line], sources: set[str], inputs: list[str]) -> bool:
        """Whether layers are among them, or weights."""
        if any(self._runs(one) for line in lines for one in ast.walk(line.node)):
            return True
        return bool(inputs) and any(name in self.names.weights for name in sources - {*inputs})


def _makes_layers(value: ast.expr) -> bool:
    """Whether layers are made, also such as are not read."""
    for one in ast.walk(value):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="nn") | ast.Attribute(attr="nn"), attr=name)):
                return name != "Parameter"
            case ast.Call(func=ast.Name(id=name)) if name in LAYERS:
                return True
    return False


def _is_beside(value: ast.AST) -> bool:
    """Whether a value measures or compares."""
    match value:
        case ast.Compare():
            return True
        case ast.Attribute(attr=name) | ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name in _MEASURES or name in _LOOKS_AT[:3] or _BESIDE.search(name) is not None
        case ast.Subscript(value=of):
            return isinstance(of, ast.Attribute) and of.attr == "shape"
    return False

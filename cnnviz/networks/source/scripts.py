"""A network that stands in no class: layers at the top of a text, and the lines, or a function, that hand a tensor
through them. It is read as the class whose forward these lines are."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from copy import copy, deepcopy
from dataclasses import dataclass, replace

from torch import nn

from cnnviz.networks.source import trees
from cnnviz.networks.source.classless import NET
from cnnviz.networks.source.flow import Flow, Line, Names, asked, factory_in
from cnnviz.networks.source.modules import kind_of
from cnnviz.networks.source.program import Program
from cnnviz.networks.source.reach import free
from cnnviz.networks.source.ready_made import is_ready_made

_OTHERWISE = re.compile(r"train|test|eval|acc|loss|fit|step|valid|plot|show|main", re.IGNORECASE)  # what is no network
MAX_FUNCTIONS = 200  # that a network calls
_TRAINS = ("backward", "step", "zero_grad")


@dataclass(frozen=True)
class Script:
    """A class whose forward is what the text does with a tensor at its top; `runs` are the names of the layers and
    networks that it hands it through, `by_turns` says whether that stands in a loop over data in which one of them is
    called more often than another, as the two of a GAN are."""

    made: ast.ClassDef
    lines: tuple[int, int]  # the first and the last of those lines, as the tree counts them
    runs: tuple[str, ...]
    by_turns: bool = False


def found(tree: ast.Module, program: Program) -> Script | None:
    """What lies between a tensor at the top of a text and the last result that is reached from it; where nothing is
    handed through its layers there, what its last function does that asks for them. None where a tensor goes through
    one network alone, which has a name."""
    names = Names(tree, program)
    nodes = list(ast.walk(tree))
    if any(map(names.is_foreign, nodes)) or not (names.layers or names.weights or any(map(names.is_inline, nodes))):
        return None
    with suppress(RecursionError):  # of expressions too deep to be gone through, which are no network
        lines, inputs = Flow(tree, names).to_the_last_result()
        trains = any(one.in_loop for one in lines)
        if (not lines or trains) and (function := _last_function(names)) is not None:
            return _Writer(names, [], [], function).script()
        if lines:
            script = _Writer(names, lines, inputs).script()
            return script and replace(script, by_turns=trains and not _called_alike(names, nodes, script.runs))
    return None


def _called_alike(names: Names, nodes: Iterable[ast.AST], runs: Iterable[str]) -> bool:
    """Whether the lines of a text call each of these equally often."""
    calls = Counter(names.root(one.func) for one in nodes if isinstance(one, ast.Call))
    return len({calls[name] for name in runs}) == 1


def _last_function(names: Names) -> ast.FunctionDef | None:
    """The last function that asks for layers, gives something back and trains nothing, and that no other asks for."""
    able = [one for one in names.using.values() if not _OTHERWISE.search(one.name) and one.args.args]
    inner = {name for one in able for name in free(one) if name != one.name}
    return next((one for one in reversed(able) if one.name not in inner and _computes(one)), None)


def _computes(function: ast.FunctionDef) -> bool:
    nodes = [*ast.walk(function)]
    trains = any(isinstance(one, ast.Attribute) and one.attr in _TRAINS for one in nodes)
    return not trains and any(isinstance(one, ast.Return) and one.value is not None for one in nodes)


class _Writer:
    """Writes the class: `lines` in their order, or a function, become its forward, functions that ask for layers its
    methods, and what they ask for is self's."""

    def __init__(
        self, names: Names, lines: Sequence[Line], inputs: Sequence[str], function: ast.FunctionDef | None = None
    ):
        self.names, self.lines, self.inputs, self.function = names, lines, [*inputs], function
        self.methods = self._methods()
        self.local = {name for one in lines for name in one.gives} | {*inputs}
        wanted = [name for one in lines for name in one.asks if name not in self.local]
        wanted += [name for one in self.methods for name in asked(one)]
        self.held = [name for name in dict.fromkeys(wanted) if name in names.layers or self._is_weight(name)]
        self.inline: list[tuple[str, ast.expr]] = []

    def _methods(self) -> list[ast.FunctionDef]:
        """The functions that the lines, and those that these, ask for."""
        asks = [name for one in self.lines for name in one.asks]
        waiting = [self.function.name] if self.function is not None else asks
        found: dict[str, ast.FunctionDef] = {}
        while waiting:
            name = waiting.pop()
            if name in self.names.using and name not in found:
                found[name] = self.names.using[name]
                waiting += free(found[name])
        return [one for name, one in self.names.using.items() if name in found]

    def _is_weight(self, name: str) -> bool:
        """Whether a name stands for weights: tensors that are more than what a layer is given beside its input."""
        if name not in self.names.weights:
            return False
        return name not in {given for one in self.lines for given in self.names.given_to_layers(one.node)}

    def script(self) -> Script | None:
        """The script; None where it says no more than its one network does."""
        if len(self.methods) > MAX_FUNCTIONS:
            return None
        where = self.function or self.lines[0].node
        begins = [trees.statement("super().__init__()", where)]
        body = [self._method(one) for one in self.methods]
        if self.function is None:
            lines = self._forward()
            body.append(trees.function("forward", ["self", *self.inputs], lines, where))
        if self._is_one_network():
            return None
        begins += [trees.statement(f"self.{_attribute(name)} = {self._kept(name)}", where) for name in self.held]
        begins += [_given(name, made) for name, made in self.inline]
        runs = tuple(name for name in self.held if name in self.names.layers)
        body.insert(0, trees.function("__init__", ["self"], begins, where))
        ends = [one.node for one in self.lines] or [where]
        span = where.lineno, ends[-1].end_lineno or where.lineno
        return Script(trees.network_class(self._name(runs), body, where), span, runs)

    def _is_one_network(self) -> bool:
        """Whether nothing goes through more than one network, or one layer in one line."""
        if len(self.held) + len(self.inline) != 1 or self.inline:
            return False
        value = self.names.values.get(self.held[0])
        if isinstance(value, nn.Module) and is_network(value):
            return True
        one_call = len(self.lines) == 1 and self.names.is_one_call(self.lines[0].node)
        return isinstance(value, nn.Module) and one_call

    def _forward(self) -> list[ast.stmt]:
        """The lines, the last of which gives its result back."""
        found: list[ast.stmt] = []
        for one in self.lines:
            found.append(self._rewritten(one.node, self.local))
        if not isinstance(found[-1], ast.Return):
            last = self.lines[-1]
            found.append(trees.statement(f"return {last.result}", last.node))
        return found

    def _method(self, function: ast.FunctionDef) -> ast.FunctionDef:
        own = {one.arg for one in ast.walk(function) if isinstance(one, ast.arg)} | {*trees.stored(function)}
        changed = self._rewritten(function, own - {function.name})
        assert isinstance(changed, ast.FunctionDef)
        changed.name = "forward" if function is self.function else _attribute(function.name)
        changed.args.args.insert(0, ast.copy_location(ast.arg("self"), function))
        return changed

    def _rewritten(self, node: ast.stmt, local: Iterable[str]) -> ast.stmt:
        of_self = {*self.held, *(one.name for one in self.methods)} - {*local}
        changed: ast.stmt = _OfSelf(self, of_self).visit(deepcopy(node))
        return changed

    def layer(self, made: ast.expr) -> str:
        """The name for a layer that is made where it is called: nn.Linear(3, 2)(x)."""
        kind = made.func.attr if isinstance(made, ast.Call) and isinstance(made.func, ast.Attribute) else "layer"
        name = trees.unused(f"{kind.lower()}{len(self.inline) + 1}", self.names.taken)
        self.inline.append((name, made))
        return name

    def input(self) -> str:
        """The name of a further input."""
        self.inputs.append(trees.unused("x", {*self.inputs, *self.local, *self.names.values}))
        return self.inputs[-1]

    def _kept(self, name: str) -> str:
        """How torch is told of layers and weights that it would not find within a list."""
        return f"{self.names.container(name)}({name})" if self.names.container(name) else name

    def _name(self, runs: Sequence[str]) -> str:
        """What the network is called: after the networks that follow on one another in it, or Net."""
        several = len(runs) > 1 and all(is_network(self.names.values[name]) for name in runs) and not self.inline
        name = "".join(part[:1].upper() + part[1:] for one in runs for part in one.split("_")) if several else NET
        return trees.unused(name, self.names.taken)


def is_network(value: object) -> bool:
    """Whether a value is a network of its own, and not one of torch's layers."""
    whole = isinstance(value, nn.Sequential) or (isinstance(value, nn.Module) and is_ready_made(value))
    return whole or kind_of(value) is not None


def _attribute(name: str) -> str:
    """The name of an attribute of self, which no method of torch's has."""
    return f"{name}_" if hasattr(nn.Module, name) or name in ("forward", "training") else name


def _given(name: str, made: ast.expr) -> ast.stmt:
    line = trees.statement(f"self.{name} = None", made)
    assert isinstance(line, ast.Assign)
    line.value = made
    return line


class _OfSelf(ast.NodeTransformer):
    """self.conv for conv; a layer that is made where it is called, and a tensor that is made there, get names."""

    def __init__(self, writer: _Writer, of_self: set[str]):
        self.writer, self.of_self = writer, of_self

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.of_self and isinstance(node.ctx, ast.Load):
            return trees.expression(f"self.{_attribute(node.id)}", node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.writer.names.runs(node) and node.args and self._is_input(node.args[0]):
            node.args[0] = trees.expression(self.writer.input(), node.args[0])
        if self.writer.names.is_inline(node) and not {*asked(node.func)} & self.writer.local:
            made = copy(node.func)
            node.func = trees.expression(f"self.{self.writer.layer(made)}", node.func)
        self.generic_visit(node)
        return node

    def _is_input(self, given: ast.expr) -> bool:
        """Whether a tensor is made there that comes of no other."""
        names = self.writer.names
        return factory_in(given) and not names.data & {*asked(given)} and not any(map(names.runs, ast.walk(given)))

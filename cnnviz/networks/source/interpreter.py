"""Reads Python by a whitelist over its syntax tree: what a network is written with, and nothing else.

Nothing is executed by Python itself. Names come from the text and from `tables`; numbers, lists, words, steps and depth
are bounded; what a text computes are values, tensors of torch and layers of torch.nn.
"""

import ast
import difflib
import operator
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import (
    arrays,
    attributes,
    bounds,
    builtins,
    calls,
    classes,
    enums,
    kinds,
    packages,
    ready_made,
    statements,
)
from cnnviz.networks.source.values import (
    Array,
    Brought,
    Class,
    Created,
    Function,
    Held,
    Instance,
    Known,
    Method,
    Opaque,
    Scope,
    Shared,
    Unknown,
    Unread,
    Walk,
)

MAX_STEPS, MAX_DEPTH = 200_000, 50
MAX_NUMBER, MAX_ITEMS = 10**9, 10_000
_MAX_HINTS = 20  # names that are compared with all others, for one text
NOT_READ = ", which is not read: "

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


def _is_same(one: Any, other: Any) -> bool:
    """`is`; of words that are alike Python has one, and of whole numbers, mostly."""
    return one is other or (type(one) in (str, int) and type(one) is type(other) and one == other)


_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: _is_same,
    ast.IsNot: lambda one, other: not _is_same(one, other),
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_REFUSED = {
    ast.Yield: "a generator (yield) is not read here; make a list",
    ast.YieldFrom: "a generator (yield) is not read here; make a list",
    ast.Await: "await is not read here",
    ast.AsyncFunctionDef: "async is not read here",
}


class _State(threading.local):
    """Where one thread stands."""

    def __init__(self) -> None:
        self.steps = self.depth = self.made = self.filled = self.hints = 0
        self.device: torch.device | None = None
        self.caught: list[tuple[NotationError, str | None]] = []  # what the handlers around are for, and its name
        self.trying = 0  # try statements with handlers around
        self.spent = [0, 0]  # steps and numbers made, of the gradients of the outermost forward
        self.outer: Any = None  # the network whose forward runs
        self.derived = False  # whether what is at work was given something made of a network's input


class Interpreter(Shared):
    """Evaluates expressions and carries out statements. `place` gives the line and column, from 1, in the
    reader's own text for the line, from 1, and the column in bytes, from 0, of the tree."""

    def __init__(self, names: dict[str, Any], place: Callable[[int, int], tuple[int, int]]):
        self.globals, self.place = Scope(Scope(names=dict(builtins.NAMES)), names), place
        self.state = _State()
        self.made: list[ast.Call] = []  # the calls that made layers, by the number that the layers keep
        self.held: list[int] = []  # the parameters of each of these layers
        self.created: list[Created] = []  # what the text has made of its classes, the innermost first
        self.begun: list[Created] = []  # the same and what it has only begun to make, the outermost first
        self.undecorated: list[ast.expr] = []  # decorators that are not read
        self.defined: frozenset[str] = frozenset()  # the names of all classes that the text defines somewhere
        self.assumed: dict[str, int] = {}  # classes that nobody defines and the first line where one comes from them
        self.has_words = False  # whether an enumeration's members are their values, which have a value themselves
        self.packages: dict[str, Scope] = {}  # the names of other packages' texts, as far as they were asked for

    # --- refusing

    def wrong(self, node: ast.AST, reason: str) -> NotationError:
        """What is wrong at a node, for the reader of the text."""
        return NotationError(reason, *self.place(getattr(node, "lineno", 1), getattr(node, "col_offset", 0)))

    def failed(self, node: ast.AST, what: str, error: Exception) -> NotationError:
        """The same for what Python or torch did not take; a refusal of ours, a ValueError too, stays what it is."""
        if isinstance(error, NotationError):
            return error
        lines = str(error).strip().splitlines()
        why = lines[0].rstrip(".") if lines else type(error).__name__
        return self.raised(type(error).__name__, node, f"{what}: {why[:300]}")

    def raised(self, name: str, node: ast.AST, reason: str) -> NotationError:
        """The same for what raises in Python, so that a text may catch it; `name` is the error's."""
        error = self.wrong(node, reason)
        error.raised = builtins.error_names(name)
        return error

    def count(self, node: ast.AST, steps: int = 1) -> None:
        """So many more steps."""
        self.state.steps += steps
        if self.state.steps > MAX_STEPS:
            raise self.wrong(node, f"this takes more than {MAX_STEPS:,} steps; make it smaller")

    def near(self, name: str, among: Iterable[str], like: float) -> list[str]:
        """The name among those that is nearest, if any is, one that differs in capitals alone before any other; for a
        text that is wrong often, none any more."""
        self.state.hints += 1
        among = [*among] if self.state.hints <= _MAX_HINTS else []
        if same := [one for one in among if one.lower() == name.lower()]:
            return same[:1]
        return difflib.get_close_matches(name, among, 1, like) if self.state.hints <= _MAX_HINTS else []

    # --- what the parts of the reader ask one another

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """What a call comes to."""
        return calls.call(self, function, args, kwargs, node)

    def read(self, of: Any, name: str, node: ast.AST) -> Any:
        """What stands behind the dot."""
        return attributes.read(self, of, name, node)

    def assign(self, of: Any, name: str, value: Any, node: ast.AST) -> None:
        """Puts a value behind the dot."""
        attributes.assign(self, of, name, value, node)

    def delete(self, of: Any, name: str, node: ast.AST) -> None:
        """Takes away what stands behind the dot."""
        attributes.delete(self, of, name, node)

    def kind(self, value: Any) -> Any:
        """type(value)."""
        return kinds.type_of(builtins.KINDS, value)

    def known(self, value: Any, name: str, node: ast.AST) -> Any:
        """The value of a name. Raises Unread where it was not read."""
        if isinstance(value, Brought):
            return packages.value(self, value, node)
        if isinstance(value, Unknown):
            if value.at is not None:
                raise Unread(value.why, *value.at, value)
            said = self.wrong(node, f"{name[:40]} comes from line {value.line}{NOT_READ}{value.why}")
            raise said if value.anywhere else Unread(said.reason, said.line, said.column, value)
        return value

    def is_traced(self) -> bool:
        """Whether a network runs, on shapes without numbers."""
        return self.state.device is not None and self.state.device.type == "meta"

    def weightless(self) -> bool:
        """Whether what is at work has shapes and no numbers: a trace, or a network that is made."""
        return self.state.device is None or self.state.device.type == "meta"

    # --- functions

    @contextmanager
    def making(self) -> Iterator[None]:
        """While networks are made: what they compute meanwhile counts with it, and begins no count of its own."""
        state = self.state
        state.steps = state.made = state.filled = 0
        state.depth, state.device, state.derived = 1, None, False
        try:
            yield
        finally:
            state.depth = 0

    def enter(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of a forward from outside, by torch: the outermost begins to count anew."""
        state = self.state
        if not state.depth:
            state.steps = state.made = 0
            state.spent = [0, 0]
            tensor = next((one for one in args if isinstance(one, Tensor)), None)
            state.device = tensor.device if tensor is not None else None
            state.derived, state.outer = True, args[0]
        bounds.light(self, (args, kwargs), function.node)
        if state.derived:
            calls.mark((*args, *kwargs.values()))
        result = self.function(function, args, kwargs, function.node)
        if result is None and function.name not in ("train", "eval"):
            owner = f"{function.owner.name}'s " if function.owner is not None else ""
            raise self.wrong(function.node, f"{owner}forward gives nothing back; end it with return and its result")
        return bounds.light(self, result, function.node)

    def function(self, function: Function, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        """A function of the text, called with those arguments at `node`."""
        state = self.state
        if state.depth >= MAX_DEPTH:
            raise self.wrong(node, f"functions call one another more than {MAX_DEPTH} deep")
        names = calls.bound(self, function, args, kwargs, node)
        if function.owner is not None and args:
            names["__class__"], names["__self__"] = function.owner, args[0]
        scope = Scope(function.scope, names)
        state.depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            signal = self.block(function.node.body, scope)
            return signal[1] if signal else None
        except RecursionError:
            raise self.wrong(node, "this is nested too deeply") from None
        except NotationError as error:
            if not packages.is_brought(function.node) or packages.is_brought(node):
                raise
            raise self.wrong(node, f"{error.reason} (in {function.name})") from None
        finally:
            state.depth -= 1

    # --- statements

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> statements.Signal:
        """Statement after statement, until one ends the block."""
        for statement in body:
            signal = self.statement(statement, scope)
            if signal is not None:
                return signal
        return None

    def statement(self, node: ast.stmt, scope: Scope) -> statements.Signal:
        self.count(node)
        found = statements.TABLE.get(type(node))
        if found is None:
            raise self.wrong(node, _REFUSED.get(type(node), f"{bounds.word(node)} is not read here"))
        return found(self, node, scope)

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives the value its name, attribute or place."""
        statements.bind(self, target, value, scope)

    # --- expressions

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """What an expression comes to."""
        state = self.state
        state.steps += 1
        if state.steps > MAX_STEPS:
            self.count(node)
        found = _VALUES.get(type(node))
        if found is None:
            raise self.wrong(node, _REFUSED.get(type(node), f"{bounds.word(node)} is not read here"))
        return found(self, node, scope)

    def _constant(self, node: ast.Constant, _scope: Scope) -> Any:
        value = node.value
        if isinstance(value, bytes | complex):
            raise self.wrong(node, f"{type(value).__name__} values are not read here")
        if type(value) is int and abs(value) > MAX_NUMBER:
            raise self.wrong(node, f"this number is larger than {MAX_NUMBER:,}")
        return value

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        try:
            value = scope.find(node.id)
        except KeyError:
            raise self.raised(builtins.error_of(node.id), node, builtins.unknown(self, node, scope)) from None
        return self.known(value, node.id, node) if isinstance(value, _LATER) else value

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.read(self.value(node.value, scope), node.attr, node)

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return classes.super_of(self, node, scope)
        function = self.value(node.func, scope)
        if function is _PRINT and scope is not self.globals:
            self._aside(node, scope)
            return None
        args: list[Any] = []
        for one in node.args:
            if isinstance(one, ast.Starred):
                args += self.bounded(self.items(self.value(one.value, scope), one), one)
                self.count(one, len(args))
                self.bounded(args, one)
            else:
                args.append(self._kinds(one, scope) if function is _ISINSTANCE and args else self.value(one, scope))
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self._given(function, keyword, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                kwargs |= value
            else:
                raise self.wrong(keyword.value, f"** wants a dictionary, and this is {bounds.describe(value)}")
        return calls.call(self, function, args, kwargs, node)

    def _kinds(self, node: ast.expr, scope: Scope) -> Any:
        """The classes that isinstance asks for, without those of a module that is not read: nothing here is of them."""
        if isinstance(node, ast.Tuple):
            return tuple(self._kinds(one, scope) for one in node.elts)
        try:
            return self.value(node, scope)
        except Unread as error:
            if not error.unknown.brought:
                raise
            return ()

    def _given(self, function: Any, keyword: ast.keyword, scope: Scope) -> Any:
        """What a call is given by a name; whether torchvision loads weights is the same for the layers, and may be a
        name that nobody has defined: pretrained=use_pretrained."""
        try:
            return self.value(keyword.value, scope)
        except NotationError as error:
            if not (ready_made.is_of_weights(function, keyword) and statements.is_of_others(error)):
                raise
            return True

    def _aside(self, node: ast.Call, scope: Scope) -> None:
        """What a call is given that comes to nothing: print(...), which refuses no network."""
        for one in (*node.args, *(keyword.value for keyword in node.keywords)):
            with suppress(NotationError, RuntimeError, TypeError, ValueError):  # what torch raises in a trace
                self.value(one.value if isinstance(one, ast.Starred) else one, scope)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.combined(node.op, self.value(node.left, scope), self.value(node.right, scope), node)

    def combined(self, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """left + right and its like, of numbers, lists, words and tensors."""
        function = _BINARY.get(type(operation))
        if function is None:
            raise self.wrong(node, f"{type(operation).__name__} is not read here")
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return calls.torch_call(self, function, "this", (left, right), {}, node)
        if isinstance(left, _APART) or isinstance(right, _APART):
            if isinstance(operation, ast.BitOr):
                return left, right  # int | None
            if type(left) in (nn.Sequential, nn.ModuleList):
                return self._rows(operation, left, right, node)
            raise self.wrong(node, f"{bounds.describe(left)} and {bounds.describe(right)} do not go together like this")
        if isinstance(left, str) and isinstance(operation, ast.Mod):
            return bounds.percent(self, left, right, node)
        bounds.check_size(self, operation, left, right, node)
        try:
            return self.bounded(function(left, right), node)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self.failed(node, "this cannot be computed", error) from None

    def _rows(self, operation: ast.operator, left: nn.Module, right: Any, node: ast.AST) -> nn.Module:
        """The layers of two rows, one after the other: nn.Sequential(...) + nn.Sequential(...)."""
        if not isinstance(operation, ast.Add) or not isinstance(right, nn.Sequential | nn.ModuleList | list):
            raise self.wrong(node, f"{bounds.describe(left)} and {bounds.describe(right)} do not go together like this")
        both = [*self.items(left, node), *self.items(right, node)]
        self.count(node, len(both))
        if len(both) > calls.MAX_LAYERS:
            raise self.wrong(node, f"there are more than {calls.MAX_LAYERS:,} layers")
        given = both if isinstance(left, nn.Sequential) else [both]
        return calls.built(self, type(left), given, {}, node)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand, scope)
        value = self.value(node.operand, scope)
        function = _UNARY[type(node.op)]
        if isinstance(value, Tensor):
            return calls.torch_call(self, function, "this", (value,), {}, node)
        if type(value) not in (int, float, bool):
            raise self.wrong(node, f"a number is wanted here, and this is {bounds.describe(value)}")
        return function(value)

    def _bool(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for one in node.values:
            value = self.value(one, scope)
            if self.true(value, one) != isinstance(node.op, ast.And):
                break
        return value

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
        for operation, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            result = self._compared(operation, left, right, node)
            if len(node.ops) > 1 and not self.true(result, node):
                return result
            left = right
        return result

    def _compared(self, operation: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
        function = _COMPARED[type(operation)]
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return calls.torch_call(self, function, "this comparison", (left, right), {}, node)
        both = bounds.light(self, left, node), bounds.light(self, right, node)
        try:
            return function(*both)
        except (TypeError, ValueError) as error:
            raise self.failed(node, "this cannot be compared", error) from None

    def equal(self, left: Any, right: Any, node: ast.AST) -> bool:
        """left == right."""
        return self.true(self._compared(ast.Eq(), left, right, node), node)

    def _choice(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.value(node.body if self.truth(node.test, scope) else node.orelse, scope)

    def truth(self, node: ast.expr, scope: Scope) -> bool:
        return self.true(self.value(node, scope), node)

    def true(self, value: Any, node: ast.AST) -> bool:
        """Whether the value counts as true."""
        if isinstance(value, Tensor):
            try:
                return bool(calls.torch_call(self, bool, "this condition", (value,), {}, node))
            except Exception as error:
                error.wants_numbers = True  # type: ignore[attr-defined]
                raise
        return bool(value) if isinstance(value, bounds.PLAIN) else True

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        of, index = self.value(node.value, scope), self.index(node.slice, scope)
        if of is arrays.GRID:
            return arrays.grid(self, node, index)
        if isinstance(of, Opaque | Known | type):
            parts = index if isinstance(index, tuple) else (index,)
            return {"Union": parts, "Optional": (*parts, None)}.get(getattr(of, "name", ""), Opaque("an annotation"))
        return self.at(of, index, node)

    def at(self, of: Any, index: Any, node: ast.AST) -> Any:
        """of[index]."""
        if isinstance(of, Tensor):
            return calls.torch_call(self, operator.getitem, "this index", (of, index), {}, node)
        if (own := classes.special(of, "__getitem__")) is not None:
            return self.call(own, [index], {}, node)
        if isinstance(of, Class) and isinstance(index, str) and index in of.choices:
            return of.choices[index]
        if isinstance(of, Instance) and isinstance(index, str) and index in of.fields:
            return self.known(of.fields[index], index, node)
        if not isinstance(of, bounds.INDEXED):
            raise self.wrong(node, f"{bounds.describe(of)} has no places to read from")
        if isinstance(index, slice) and isinstance(of, nn.Module):
            self.count(node, len(of))
        try:
            found = of[bounds.light(self, index, node)]
        except Exception as error:
            raise self.failed(node, f"{bounds.describe(of)} has no such place", error) from None
        return self.known(found, "this place", node)

    def index(self, node: ast.expr, scope: Scope) -> Any:
        """What stands in square brackets."""
        if isinstance(node, ast.Slice):
            parts = (node.lower, node.upper, node.step)
            return slice(*(None if one is None else self.value(one, scope) for one in parts))
        if isinstance(node, ast.Tuple):
            places: list[Any] = []
            for one in node.elts:
                if isinstance(one, ast.Starred):
                    places += self.items(self.value(one.value, scope), one)
                else:
                    places.append(self.index(one, scope))
            return tuple(self.bounded(places, node))
        return bounds.light(self, self.value(node, scope), node)

    def _several(self, nodes: Sequence[ast.expr], scope: Scope, node: ast.AST) -> list[Any]:
        found: list[Any] = []
        for one in nodes:
            if isinstance(one, ast.Starred):
                found += self.items(self.value(one.value, scope), one)
            else:
                found.append(self.value(one, scope))
        self.bounded(found, node)
        return found

    def _list(self, node: ast.List, scope: Scope) -> list[Any]:
        return self._several(node.elts, scope, node)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        return tuple(self._several(node.elts, scope, node))

    def _set(self, node: ast.Set, scope: Scope) -> set[Any]:
        try:
            return set(bounds.light(self, self._several(node.elts, scope, node), node))
        except TypeError as error:
            raise self.failed(node, "this is no set", error) from None

    def _dict(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = self.value(value, scope)
                if not isinstance(more, dict):
                    raise self.wrong(value, f"** wants a dictionary, and this is {bounds.describe(more)}")
                found |= more
                continue
            try:
                found[bounds.light(self, self.value(key, scope), key)] = self.value(value, scope)
            except TypeError as error:
                raise self.failed(node, "this is no key", error) from None
        self.bounded(found, node)
        return found

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Function:
        return classes.function(self, node, scope)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Any:
        found: list[Any] = []
        self._each(node.generators, Scope(scope), lambda inner: found.append(self.value(node.elt, inner)), node)
        self.bounded(found, node)
        return set(bounds.light(self, found, node)) if isinstance(node, ast.SetComp) else found

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}

        def add(inner: Scope) -> None:
            found[bounds.light(self, self.value(node.key, inner), node)] = self.value(node.value, inner)

        self._each(node.generators, Scope(scope), add, node)
        self.bounded(found, node)
        return found

    def _each(
        self, generators: list[ast.comprehension], scope: Scope, take: Callable[[Scope], None], node: ast.AST
    ) -> None:
        """`take` for every round of the loops of a comprehension."""
        if not generators:
            take(scope)
            return
        first, *rest = generators
        for item in self.items(self.value(first.iter, scope), first.iter):
            self.count(node)
            self.bind(first.target, item, scope)
            if all(self.truth(one, scope) for one in first.ifs):
                self._each(rest, scope, take, node)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> str:
        parts = [self._formatted(one, scope) for one in node.values]
        return str(self.bounded("".join(parts), node))

    def _formatted(self, node: ast.expr, scope: Scope) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if not isinstance(node, ast.FormattedValue):
            raise self.wrong(node, f"{bounds.word(node)} is not read in a text with braces")
        spec = self._joined(node.format_spec, scope) if isinstance(node.format_spec, ast.JoinedStr) else ""
        conversion = "!r" if node.conversion == ord("r") else ""
        return bounds.shown(self, self.value(node.value, scope), conversion, spec, node)

    def _starred(self, node: ast.Starred, _scope: Scope) -> NoReturn:
        raise self.wrong(node, "a star stands only in a list, a tuple or a call")

    # --- values

    def text(self, value: Any, node: ast.AST) -> str:
        """A value as a text writes it."""
        return bounds.formatted(self, value, "", node)

    def items(self, value: Any, node: ast.AST) -> Sequence[Any]:
        """What a loop goes through."""
        found = self._items(value, node)
        self.count(node, len(found) // bounds.TO_A_STEP)
        return found

    def _items(self, value: Any, node: ast.AST) -> Sequence[Any]:
        if isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, range | str | set | dict | Held | torch.Size):
            return self.bounded(list(value), node)  # type: ignore[no-any-return]
        if isinstance(value, nn.Sequential | nn.ModuleList | nn.ParameterList):
            return list(value)
        if isinstance(value, nn.ModuleDict | nn.ParameterDict):
            return list(value.keys())
        if isinstance(value, Walk):
            return value.rest()
        if isinstance(value, Class) and value.choices:
            return enums.each(value)
        if isinstance(own := classes.special(value, "__iter__"), Method):
            return self._gone_through(self.call(own, [], {}, node), node)
        if isinstance(value, Tensor) and value.dim() and value.shape[0] <= MAX_ITEMS:
            return list(calls.torch_call(self, torch.unbind, "this loop", (value,), {}, node))
        raise self.wrong(node, f"{bounds.describe(value)} cannot be gone through one by one")

    def _gone_through(self, value: Any, node: ast.AST) -> Sequence[Any]:
        """What an __iter__ gives."""
        if classes.special(value, "__iter__") is not None:
            raise self.wrong(node, "an __iter__ has to give a list or iter(...) of one here")
        return self.items(value, node)

    def bounded(self, value: Any, node: ast.AST) -> Any:
        """The value, where it is not too large."""
        if type(value) is int and abs(value) > MAX_NUMBER:
            raise self.wrong(node, f"this number is larger than {MAX_NUMBER:,}")
        if isinstance(value, str | list | tuple | set | dict | range) and len(value) > MAX_ITEMS:
            raise self.wrong(node, f"this has {len(value):,} items and {MAX_ITEMS:,} are the most")
        return value


_PRINT, _ISINSTANCE = builtins.NAMES["print"], builtins.NAMES["isinstance"]
_LATER = (Unknown, Brought)
_APART = (Shared, nn.Module, type, Array)  # what is not computed with
_VALUES: dict[type[ast.expr], Callable[[Interpreter, Any, Scope], Any]] = {
    ast.Constant: Interpreter._constant,
    ast.Name: Interpreter._name,
    ast.Attribute: Interpreter._attribute,
    ast.Call: Interpreter._call,
    ast.BinOp: Interpreter._binary,
    ast.UnaryOp: Interpreter._unary,
    ast.BoolOp: Interpreter._bool,
    ast.Compare: Interpreter._compare,
    ast.IfExp: Interpreter._choice,
    ast.Subscript: Interpreter._subscript,
    ast.List: Interpreter._list,
    ast.Tuple: Interpreter._tuple,
    ast.Set: Interpreter._set,
    ast.Dict: Interpreter._dict,
    ast.Lambda: Interpreter._lambda,
    ast.NamedExpr: Interpreter._walrus,
    ast.ListComp: Interpreter._comprehension,
    ast.GeneratorExp: Interpreter._comprehension,
    ast.SetComp: Interpreter._comprehension,
    ast.DictComp: Interpreter._dict_comprehension,
    ast.JoinedStr: Interpreter._joined,
    ast.Starred: Interpreter._starred,
}

"""Reads Python by a whitelist over its syntax tree: what a network is written with, and nothing else.

Nothing is executed by Python itself. Names come from the text and from `tables`; numbers, lists, words, steps and depth
are bounded; what a text computes are values, tensors of torch and layers of torch.nn.
"""

import ast
import difflib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import (
    attributes,
    bounds,
    builtins,
    calls,
    classes,
    enums,
    expressions,
    generators,
    kinds,
    operations,
    packages,
    statements,
)
from cnnviz.networks.source.values import (
    Brought,
    Class,
    Created,
    Function,
    Held,
    Method,
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

_REFUSED = {
    ast.Yield: "what is sent to a generator is not read here; write yield in a line of its own",
    ast.YieldFrom: "what a generator returns is not read here; write yield from in a line of its own",
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

    def read(self, of: Any, name: str, node: ast.AST, raw: bool = False) -> Any:
        """What stands behind the dot; where it is `raw`, not by a __getattr__ of the text."""
        return attributes.read(self, of, name, node, raw)

    def assign(self, of: Any, name: str, value: Any, node: ast.AST, raw: bool = False) -> None:
        """Puts a value behind the dot; where it is `raw`, not by a __setattr__ of the text."""
        attributes.assign(self, of, name, value, node, raw)

    def delete(self, of: Any, name: str, node: ast.AST, raw: bool = False) -> None:
        """Takes away what stands behind the dot; where it is `raw`, not by a __delattr__ of the text."""
        attributes.delete(self, of, name, node, raw)

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
        if isinstance(result, Walk):
            raise self.wrong(function.node, "forward gives its results one by one (yield); return a tuple of them")
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
            if generators.yields(function.node):
                generators.begin(scope)
                self.block(function.node.body, scope)
                return generators.ended(scope)
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
        found = expressions.TABLE.get(type(node))
        if found is None:
            raise self.wrong(node, _REFUSED.get(type(node), f"{bounds.word(node)} is not read here"))
        return found(self, node, scope)

    def index(self, node: ast.expr, scope: Scope) -> Any:
        """What stands in square brackets."""
        return expressions.index(self, node, scope)

    def truth(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression counts as true."""
        return operations.true(self, self.value(node, scope), node)

    def true(self, value: Any, node: ast.AST) -> bool:
        """Whether a value counts as true."""
        return operations.true(self, value, node)

    def combined(self, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
        """left + right and its like."""
        return operations.combined(self, operation, left, right, node)

    def equal(self, left: Any, right: Any, node: ast.AST) -> bool:
        """left == right."""
        return operations.true(self, operations.compared(self, ast.Eq(), left, right, node), node)

    def at(self, of: Any, index: Any, node: ast.AST) -> Any:
        """of[index]."""
        return operations.at(self, of, index, node)

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
        if isinstance(own := classes.special(value, "__iter__"), Method):
            return self._gone_through(self.call(own, [], {}, node), node)
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

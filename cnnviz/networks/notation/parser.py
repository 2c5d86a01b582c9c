"""From the text of an nn.Sequential to a network: a whitelist over Python's syntax tree, sizes and nesting bounded."""

import ast
import difflib
import inspect
import operator
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.layers import ALLOWED, LAYERS, MAX_TRACED, SIGNATURES, TRACED, UNSUITED
from cnnviz.networks.notation.unbuilt import Unbuilt, unbuilt
from cnnviz.networks.zoo.blocks import Residual

MAX_CHARACTERS = 20_000
MAX_LAYERS = 500
MAX_DEPTH = 16
MAX_PARAMETERS = 100_000_000  # and numbers that are kept beside them
MAX_NUMBER = 10**9  # that arithmetic in a text may reach
MAX_EXPONENT = 30  # more than MAX_NUMBER needs


def _divided(left: Any, right: Any) -> Any:
    """left / right; a whole number where it divides evenly, as sizes have to be."""
    return left // right if type(left) is type(right) is int and left % right == 0 else left / right


def _power(left: Any, right: Any) -> Any:
    """left ** right, for small whole exponents. Raises ValueError for others."""
    if type(right) is not int or not 0 <= right <= MAX_EXPONENT:
        raise ValueError(f"the exponent has to be a whole number from 0 to {MAX_EXPONENT}")
    return left**right


ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: _divided,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
CAPITALS = {"true": "True", "false": "False", "none": "None"}


class NotationError(ValueError):
    """What a text says wrong, in one sentence, at `line` and `column` (from 1). `raised` are the names of the error
    that Python would raise there, KeyError and what it goes back to, so that a text may catch it; of what is not read
    here there are none. `unbuilt` is the layer there that torch does not build; `checked` are the numbers of a check of
    the text's own that does not hold there, None where that is not why."""

    raised: frozenset[str] = frozenset()
    unbuilt: Unbuilt | None = None
    checked: tuple[int, ...] | None = None

    def __init__(self, reason: str, line: int, column: int):
        super().__init__(f"Line {line}, column {column}: {reason}.")
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True)
class Node:
    """A layer with its arguments, or a Sequential or Residual with its children by name."""

    kind: str
    arguments: tuple[tuple[str, Any], ...] = ()
    children: tuple[tuple[str, "Node"], ...] = ()
    shortcut: "Node | None" = None
    line: int = 1
    column: int = 1

    def build(self) -> nn.Module:
        """The module, with fresh weights on torch's current default device."""
        try:
            if self.kind == "Sequential":
                return nn.Sequential(OrderedDict((name, child.build()) for name, child in self.children))
            if self.kind == "Residual":
                body = [child.build() for _, child in self.children]  # first, as Python does: so chance falls alike
                return Residual(*body, shortcut=self.shortcut.build() if self.shortcut else None)
            return LAYERS[self.kind](**dict(self.arguments))
        except NotationError:
            raise
        except Exception as error:  # torch's constructors raise nearly anything
            found = unbuilt(LAYERS[self.kind], (), dict(self.arguments))
            why = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
            said = found.why if found else why
            wrong = NotationError(f"{self.kind} cannot be built: {said}", self.line, self.column)
            wrong.unbuilt = found
            raise wrong from None


@dataclass(frozen=True)
class Network:
    """A text that was read and checked."""

    root: Node

    def build(self) -> nn.Module:
        """The module, with fresh weights on torch's current default device."""
        return self.root.build()

    def weightless(self) -> nn.Module:
        """The module on the meta device: shapes without numbers."""
        with torch.device("meta"):
            return self.build()

    @property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(parameter.numel() for parameter in self.weightless().parameters())


def parse(text: str, traced: bool = False) -> Network:
    """The network that `text` describes; nothing in it is executed. Raises NotationError with a sentence, line and
    column for everything else than nested nn.Sequential, Residual and the layers of `layers.py`, and where there are
    too many parameters: MAX_PARAMETERS are the most, and MAX_TRACED of a network that is `traced`, without weights, as
    of a class in code."""
    if len(text) > MAX_CHARACTERS:
        raise NotationError(f"the text has {len(text):,} characters and {MAX_CHARACTERS:,} are the most", 1, 1)
    network = Network(_Reader(text, traced).read())
    module, most = network.weightless(), MAX_TRACED if traced else MAX_PARAMETERS
    count = sum(parameter.numel() for parameter in module.parameters())
    if count > most:
        raise NotationError(f"the network has {count:,} parameters and {most:,} are the most", 1, 1)
    kept = sum(buffer.numel() for buffer in module.buffers())
    if kept > MAX_PARAMETERS:
        raise NotationError(f"its norms keep {kept:,} means and variances and {MAX_PARAMETERS:,} are the most", 1, 1)
    return network


class _Reader:
    """Walks one syntax tree."""

    def __init__(self, text: str, traced: bool):
        self.lines = text.splitlines() or [""]
        self.text, self.traced, self.layers = text, traced, 0

    def read(self) -> Node:
        found = self.statement()
        node = self.node(found, 0)
        if node.kind == "Residual" or node.kind in LAYERS:
            raise self.wrong(found, f"the outermost has to be nn.Sequential(...), and this is {node.kind}")
        return node

    def statement(self) -> ast.expr:
        """The one expression of the text; 'model = ' before it, and imports, are passed over."""
        try:
            body = ast.parse(self.text).body
        except SyntaxError as error:
            line, column = error.lineno or 1, max(error.offset or 1, 1)
            raise NotationError(
                f"this is not Python: {(error.msg or 'invalid syntax').rstrip('.?')}", line, column
            ) from None
        except (ValueError, MemoryError, RecursionError) as error:
            reason = "it is nested too deeply" if not isinstance(error, ValueError) else str(error).rstrip(".")
            raise NotationError(f"the text cannot be read: {reason}", 1, 1) from None
        rest = [one for one in body if not isinstance(one, ast.Import | ast.ImportFrom)]
        if not rest:
            raise NotationError("there is no network; write nn.Sequential(...)", 1, 1)
        if len(rest) > 1:
            raise self.wrong(rest[1], "one nn.Sequential(...) is all that is read; leave out what follows it")
        if isinstance(rest[0], ast.Expr) or (isinstance(rest[0], ast.Assign) and len(rest[0].targets) == 1):
            return rest[0].value
        raise self.wrong(rest[0], "only nn.Sequential(...) is read, no other statement")

    def wrong(self, node: ast.AST, reason: str) -> NotationError:
        line, at = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        before = self.lines[line - 1].encode()[:at] if line <= len(self.lines) else b""
        return NotationError(reason, line, len(before.decode(errors="ignore")) + 1)

    def node(self, expression: ast.expr, depth: int) -> Node:
        """A call of a known layer or container."""
        if isinstance(expression, ast.List):
            said = "a list of layers stands where a layer is wanted; write a star before it: *[...]"
            raise self.wrong(expression, said)
        if not isinstance(expression, ast.Call):
            raise self.wrong(expression, f"a layer such as nn.ReLU() is wanted, and this is {_describe(expression)}")
        self.layers += 1
        if self.layers > MAX_LAYERS:
            raise self.wrong(expression, f"there are more than {MAX_LAYERS} layers")
        if depth > MAX_DEPTH:
            raise self.wrong(expression, f"it is nested more than {MAX_DEPTH} levels deep")
        name = self.name(expression.func)
        if name == "Sequential":
            return self.container(name, self.named(expression, depth), expression)
        if name == "Residual":
            return self.residual(expression, depth)
        return self.layer(name, expression)

    def name(self, function: ast.expr) -> str:
        """Conv2d of Conv2d, nn.Conv2d or torch.nn.Conv2d. Raises where there is no such layer."""
        parts = _dotted(function)
        if parts is None or parts[:-1] not in ([], ["nn"], ["torch", "nn"]):
            raise self.wrong(function, f"only layers of torch.nn are called here, and this is {_describe(function)}")
        name = (parts or [""])[-1]
        if name in UNSUITED:
            raise self.wrong(function, f"{name} {UNSUITED[name]}")
        if name not in (*LAYERS, "Sequential", "Residual"):
            near = difflib.get_close_matches(name, [*LAYERS, "Sequential", "Residual"], 1, 0.5)
            hint = (
                f"; did you mean {near[0]}" if near else "; known are the layers of torch.nn, Sequential and Residual"
            )
            raise self.wrong(function, f"there is no layer {name[:40]!r} here{hint}")
        return name

    def named(self, call: ast.Call, depth: int) -> list[tuple[str, Node]]:
        """The children of a Sequential: its arguments, or the pairs of an OrderedDict."""
        if call.keywords:
            raise self.wrong(call.keywords[0].value, "Sequential takes layers, or OrderedDict([('name', layer), ...])")
        if len(call.args) == 1 and isinstance(call.args[0], ast.Call) and _dotted(call.args[0].func) in _ORDERED:
            return [(self.key(name), self.node(one, depth + 1)) for name, one in self.pairs(call.args[0])]
        return self.numbered(call, depth)

    def numbered(self, call: ast.Call, depth: int) -> list[tuple[str, Node]]:
        """The layers that a container is called with, those of *[...] among them, named by their numbers."""
        return [(str(index), self.node(one, depth + 1)) for index, one in enumerate(_spread(call.args))]

    def pairs(self, call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
        """The names and layers of an OrderedDict of a list of pairs or of a dictionary."""
        inside = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if isinstance(inside, ast.Dict):
            for name, value in zip(inside.keys, inside.values, strict=True):
                if name is None:
                    raise self.wrong(value, "a dictionary inside another one is not read; write its pairs out")
                yield name, value
        elif isinstance(inside, ast.List | ast.Tuple):
            for item in inside.elts:
                if not isinstance(item, ast.Tuple | ast.List) or len(item.elts) != 2:
                    raise self.wrong(item, "a pair of a name and a layer is wanted: ('conv1', nn.Conv2d(...))")
                yield item.elts[0], item.elts[1]
        else:
            raise self.wrong(call, "OrderedDict takes one list of pairs: [('conv1', nn.Conv2d(...)), ...]")

    def key(self, expression: ast.expr) -> str:
        """The name of a layer."""
        name = expression.value if isinstance(expression, ast.Constant) else None
        if not isinstance(name, str):
            raise self.wrong(expression, "a pair of a name and a layer is wanted: ('conv1', nn.Conv2d(...))")
        if not re.fullmatch(r"\w{1,40}", name):
            rule = "a layer's name has letters, digits and _, and at most 40 of them"
            raise self.wrong(expression, f"{rule}, and this is {_short(name)}")
        if hasattr(nn.Sequential, name):
            raise self.wrong(expression, f"nn.Sequential has something of its own by the name {name!r}; choose another")
        return name

    def container(
        self, kind: str, children: list[tuple[str, Node]], call: ast.Call, shortcut: Node | None = None
    ) -> Node:
        names = [name for name, _ in children]
        for name in names:
            if names.count(name) > 1:
                raise self.wrong(call, f"the name {name!r} is given twice")
        if not children:
            raise self.wrong(call, f"{kind} is empty; put layers into it")
        return Node(kind, children=tuple(children), shortcut=shortcut, line=call.lineno, column=call.col_offset + 1)

    def residual(self, call: ast.Call, depth: int) -> Node:
        """Residual(layer, layer, ..., shortcut=layer)."""
        shortcut = None
        for keyword in call.keywords:
            if keyword.arg != "shortcut":
                raise self.wrong(keyword.value, f"Residual takes layers and shortcut=layer, not {keyword.arg}")
            empty = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
            shortcut = None if empty else self.node(keyword.value, depth + 1)
        return self.container("Residual", self.numbered(call, depth), call, shortcut)

    def layer(self, name: str, call: ast.Call) -> Node:
        """A layer with its arguments by name, each of its kind."""
        kinds, known = ALLOWED[LAYERS[name]], SIGNATURES[LAYERS[name]]
        positional = [key for key, one in known.items() if one.kind is not one.KEYWORD_ONLY]
        if len(call.args) > len(positional):
            raise self.wrong(
                call.args[len(positional)], f"{name} takes at most {len(positional)} values: {_listed(known)}"
            )
        given = [*zip(positional, call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
        arguments: dict[str, Any] = {}
        for key, expression in given:
            if key is None or key not in known:
                raise self.wrong(expression, _untaken(name, key, known))
            if key in arguments:
                raise self.wrong(expression, f"{name} is given {key} twice")
            arguments[key] = self.checked(f"{name}'s {key}", kinds[key], expression)
        missing = [key for key, one in known.items() if one.default is one.empty and key not in arguments]
        if missing:
            raise self.wrong(call, f"{name} needs {' and '.join(missing)}: {name}({_listed(known)})")
        return Node(name, tuple(arguments.items()), line=call.lineno, column=call.col_offset + 1)

    def checked(self, what: str, kind: Callable[[Any], Any], expression: ast.expr) -> Any:
        value = self.value(expression)
        try:
            return TRACED.get(kind, kind)(value) if self.traced else kind(value)
        except ValueError as wanted:
            raise self.wrong(expression, f"{what} has to be {wanted}, and this is {_short(value)}") from None

    def value(self, expression: ast.expr, depth: int = 0) -> Any:
        """A number, a word, True, False, None, several in brackets, or arithmetic with numbers."""
        if depth > MAX_DEPTH:
            raise self.wrong(expression, "the arithmetic is nested too deeply")
        if isinstance(expression, ast.Constant) and isinstance(expression.value, int | float | str | None):
            return expression.value
        if isinstance(expression, ast.Tuple | ast.List) and len(expression.elts) <= 8:
            return tuple(self.value(one, depth + 1) for one in expression.elts)
        if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.USub | ast.UAdd):
            number = self.number(expression.operand, depth)
            return -number if isinstance(expression.op, ast.USub) else number
        if isinstance(expression, ast.BinOp) and type(expression.op) in ARITHMETIC:
            return self.arithmetic(expression, depth)
        if isinstance(expression, ast.Call) and _dotted(expression.func) == ["int"] and len(expression.args) == 1:
            return int(self.number(expression.args[0], depth))
        if isinstance(expression, ast.Name) and expression.id in CAPITALS:
            raise self.wrong(expression, f"Python writes {CAPITALS[expression.id]} with a capital letter")
        raise self.wrong(expression, f"a number is wanted here, and this is {_describe(expression)}")

    def arithmetic(self, expression: ast.BinOp, depth: int) -> Any:
        """What two numbers give, no larger than MAX_NUMBER."""
        left, right = self.number(expression.left, depth), self.number(expression.right, depth)
        try:
            result = ARITHMETIC[type(expression.op)](left, right)
        except ZeroDivisionError:
            raise self.wrong(expression, "this divides by 0") from None
        except (ValueError, OverflowError) as error:
            raise self.wrong(
                expression, str(error) if type(error) is ValueError else "this number is too large"
            ) from None
        if type(result) is complex:
            raise self.wrong(expression, "this is no real number")
        if abs(result) <= MAX_NUMBER:
            return result
        raise self.wrong(expression, f"this number is larger than {MAX_NUMBER:,}")

    def number(self, expression: ast.expr, depth: int) -> Any:
        value = self.value(expression, depth + 1)
        if type(value) not in (int, float) or abs(value) > MAX_NUMBER:
            raise self.wrong(expression, f"a number is wanted here, and this is {_short(value)}")
        return value


_ORDERED = (["OrderedDict"], ["collections", "OrderedDict"])


def _dotted(function: ast.expr) -> list[str] | None:
    """['torch', 'nn', 'Conv2d'] for torch.nn.Conv2d; None for anything but a dotted name."""
    return list(reversed(list(_parts(function)))) if not any(part is None for part in _parts(function)) else None


def _parts(function: ast.expr) -> Iterator[Any]:
    for _ in range(4):
        if isinstance(function, ast.Name):
            yield function.id
            return
        if not isinstance(function, ast.Attribute):
            break
        yield function.attr
        function = function.value
    yield None


def _describe(expression: ast.expr) -> str:
    """What an expression is, in a word."""
    match expression:
        case ast.Constant():
            return _short(expression.value)
        case ast.Name():
            return f"the name {expression.id[:40]}"
        case ast.Call():
            return "a call"
        case ast.Attribute():
            return f"the attribute {expression.attr[:40]}"
        case ast.BinOp():
            return "arithmetic that is not read here (+, -, *, /, //, % and ** are)"
    return _WORDS.get(type(expression), "something else")


_WORDS: dict[type[ast.expr], str] = {
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dictionary comprehension",
    ast.GeneratorExp: "a generator",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.Starred: "a starred list",
    ast.Lambda: "a lambda",
    ast.IfExp: "a choice by if and else",
    ast.UnaryOp: "a sign that is not read here (+ and - are)",
    ast.BoolOp: "a choice by and or or",
    ast.Compare: "a comparison",
    ast.NamedExpr: "an assignment by :=",
    ast.Subscript: "a part in square brackets",
    ast.Slice: "a slice",
    ast.JoinedStr: "an f-string",
    ast.Await: "an await",
    ast.Yield: "a yield",
    ast.YieldFrom: "a yield",
}


def _spread(arguments: list[ast.expr]) -> Iterator[ast.expr]:
    """The arguments, and in place of *[a, b] what stands in it."""
    for one in arguments:
        if isinstance(one, ast.Starred) and isinstance(one.value, ast.List | ast.Tuple):
            yield from _spread(one.value.elts)
        else:
            yield one


def _untaken(name: str, key: str | None, known: dict[str, inspect.Parameter]) -> str:
    """Why a layer is not given `key` here."""
    listed = _listed(known) or "nothing"
    if key in inspect.signature(LAYERS[name]).parameters and key not in ("args", "kwargs"):
        return f"{name} takes {key}, too; leave it out here, where it takes {listed}"
    return f"{name} takes no {key or '**'}; it takes {listed}"


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= 40 else f"{text[:37]}..."


def _listed(known: dict[str, Any]) -> str:
    return ", ".join(known)

"""Functions of Python's own, over plain values within their bounds."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import bounds, kinds, packages, shadows, specials
from cnnviz.networks.source.values import Held, Known, Walk

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

Called = Callable[..., Any]
_MAX_DIGITS = 20


def numbers(name: str, function: Called) -> Known:
    """A function of Python that takes plain values, and small tensors for the numbers that they hold."""

    def call(interpreter: Interpreter, node: ast.AST, *args: Any, **kwargs: Any) -> Any:
        given = [shadows.of(one) for one in args]
        for one in (*given, *kwargs.values()):
            bounds.light(interpreter, one, node)
        try:
            return interpreter.bounded(function(*given, **kwargs), node)
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise interpreter.failed(node, f"{name} does not take this", error) from None

    return Known(name, call, ours=True)


def _few(digits: Any) -> Any:
    """The digits of round(value, digits), where they are few: Python takes as long as there are. Raises ValueError."""
    if isinstance(digits, int) and abs(digits) > _MAX_DIGITS:
        raise ValueError(f"round takes up to {_MAX_DIGITS} digits here")
    return digits


def _print(_interpreter: Interpreter, _node: ast.AST, *_args: Any, **_kwargs: Any) -> None:
    """What is printed is nobody's to read here."""


def _len(interpreter: Interpreter, node: ast.AST, value: Any) -> int:
    if (own := specials.find(value, "__len__")) is not None:
        found = interpreter.call(own, [], {}, node)
        if type(found) is not int or found < 0:
            raise interpreter.raised(
                "TypeError", node, f"__len__ has to give a length, and gives {bounds.describe(found)}"
            )
        return found
    if isinstance(value, (Tensor, set, *bounds.INDEXED)):
        return len(value)
    raise interpreter.wrong(node, f"{bounds.describe(value)} has no length")


def range_(interpreter: Interpreter, node: ast.AST, *args: Any) -> range:
    if not all(type(one) is int for one in args) or not 1 <= len(args) <= 3:
        raise interpreter.wrong(node, "range takes one to three whole numbers")
    try:
        found = range(*args)
        if len(found) > bounds.MAX_WEIGHT:
            raise interpreter.wrong(node, f"this has {len(found):,} rounds and {bounds.MAX_WEIGHT:,} are the most")
    except (ValueError, OverflowError) as error:
        if isinstance(error, OverflowError) or "arg 3" in str(error):
            raise interpreter.failed(node, "range does not take this", error) from None
        raise
    return found


def _enumerate(interpreter: Interpreter, node: ast.AST, value: Any, start: int = 0) -> list[Any]:
    return list(enumerate(interpreter.items(value, node), start))


def _zip(interpreter: Interpreter, node: ast.AST, *values: Any, strict: bool = False) -> list[Any]:
    if len({id(one) for one in values if isinstance(one, Walk)}) < sum(isinstance(one, Walk) for one in values):
        raise interpreter.wrong(node, "zip of one iterator with itself is not read here; write slices, xs[::2]")
    return list(zip(*(interpreter.items(one, node) for one in values), strict=False))


def _reversed(interpreter: Interpreter, node: ast.AST, value: Any) -> list[Any]:
    if (own := specials.find(value, "__reversed__")) is not None:
        return list(interpreter.items(interpreter.call(own, [], {}, node), node))
    return list(reversed(interpreter.items(value, node)))


def _map(interpreter: Interpreter, node: ast.AST, function: Any, *values: Any) -> list[Any]:
    rows = list(zip(*(interpreter.items(one, node) for one in values), strict=False))
    interpreter.count(node, len(rows))
    return [interpreter.call(function, list(one), {}, node) for one in rows]


def _filter(interpreter: Interpreter, node: ast.AST, function: Any, value: Any) -> list[Any]:
    items = interpreter.items(value, node)
    interpreter.count(node, len(items))
    return [
        one
        for one in items
        if (function is None and interpreter.true(one, node))
        or (function is not None and interpreter.true(interpreter.call(function, [one], {}, node), node))
    ]


def _made(kind: Called) -> Called:
    def make(interpreter: Interpreter, node: ast.AST, value: Any = ()) -> Any:
        try:
            return interpreter.bounded(kind(interpreter.items(bounds.light(interpreter, value, node), node)), node)
        except TypeError as error:
            raise interpreter.failed(node, "this cannot be made", error) from None

    return make


def _pairs(interpreter: Interpreter, value: Any, node: ast.AST) -> list[tuple[Any, ...]]:
    """What a dictionary is made of, where its keys are not too much to be looked up by."""
    items = interpreter.items(value, node)
    interpreter.count(node, len(items))
    return [tuple(bounds.light(interpreter, one, node)) for one in items]


def mapping(kind: type[dict[Any, Any]]) -> Called:
    """dict and OrderedDict."""

    def make(interpreter: Interpreter, node: ast.AST, value: Any = (), **more: Any) -> dict[Any, Any]:
        try:
            found = kind(value if isinstance(value, dict | Held) else _pairs(interpreter, value, node))
        except NotationError:
            raise
        except (TypeError, ValueError) as error:
            raise interpreter.failed(node, "a dictionary wants pairs of a name and a value", error) from None
        found.update(more)
        interpreter.count(node, len(found) // bounds.TO_A_STEP)
        return interpreter.bounded(found, node)  # type: ignore[no-any-return]

    return make


def sum_(interpreter: Interpreter, node: ast.AST, value: Any, start: Any = 0) -> Any:
    total = start
    for one in interpreter.items(value, node):
        interpreter.count(node)
        total = interpreter.combined(ast.Add(), total, one, node)
    return total


def _str(interpreter: Interpreter, node: ast.AST, value: Any = "") -> str:
    return bounds.written(interpreter, bounds.light(interpreter, value, node), node)


def _repr(interpreter: Interpreter, node: ast.AST, value: Any) -> str:
    return bounds.shown(interpreter, value, "!r", "", node)


def _any(interpreter: Interpreter, node: ast.AST, value: Any) -> bool:
    items = interpreter.items(value, node)
    interpreter.count(node, len(items) // bounds.TO_A_STEP)
    return any(interpreter.true(one, node) for one in items)


def _all(interpreter: Interpreter, node: ast.AST, value: Any) -> bool:
    items = interpreter.items(value, node)
    interpreter.count(node, len(items) // bounds.TO_A_STEP)
    return all(interpreter.true(one, node) for one in items)


def _type(interpreter: Interpreter, node: ast.AST, *values: Any) -> Any:
    if len(values) != 1:
        raise interpreter.wrong(node, "type takes one value here; write a class as class Name(nn.Module): ...")
    kind = interpreter.kind(values[0])
    text = packages.class_of(kind) if isinstance(kind, type) else None
    return kind if text is None else interpreter.known(text, text.name, node)


def _getattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any, *default: Any) -> Any:
    if not isinstance(name, str) or not name.isidentifier():
        raise interpreter.wrong(node, f"getattr wants a name, and this is {bounds.describe(name)}")
    try:
        return interpreter.read(of, name, node)
    except NotationError:
        if default:
            return default[0]
        raise


def _hasattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any) -> bool:
    missing = object()
    return _getattr(interpreter, node, of, name, missing) is not missing


def _setattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any, value: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise interpreter.wrong(node, f"setattr wants a name, and this is {bounds.describe(name)}")
    interpreter.assign(of, name, value, node)


def _ordered(interpreter: Interpreter, node: ast.AST, items: list[Any], key: Any) -> list[Any]:
    """What the items are compared by."""
    interpreter.count(node, len(items))
    keys = items if key is None else [interpreter.call(key, [one], {}, node) for one in items]
    return [shadows.of(one) for one in bounds.light(interpreter, keys, node)]


def extreme(function: Called) -> Called:
    """min and max, also by a key."""

    def call(interpreter: Interpreter, node: ast.AST, *args: Any, key: Any = None, **default: Any) -> Any:
        items = list(args if len(args) > 1 else interpreter.items(args[0], node))
        if default and not default.keys() - {"default"} and not items:
            return default["default"]
        keys = _ordered(interpreter, node, items, key)
        try:
            return items[function(range(len(items)), key=keys.__getitem__)]
        except (TypeError, ValueError) as error:
            raise interpreter.failed(node, f"{function.__name__} does not take this", error) from None

    return call


def sorted_(interpreter: Interpreter, node: ast.AST, value: Any, key: Any = None, reverse: Any = False) -> list[Any]:
    """sorted(value), also by a key."""
    items = list(interpreter.items(value, node))
    keys = _ordered(interpreter, node, items, key)
    try:
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=interpreter.true(reverse, node))
    except (TypeError, ValueError) as error:
        raise interpreter.failed(node, "sorted does not take this", error) from None
    return [items[index] for index in order]


def _iter(interpreter: Interpreter, node: ast.AST, value: Any) -> Walk:
    return value if isinstance(value, Walk) else Walk(interpreter.items(value, node))


def _next(interpreter: Interpreter, node: ast.AST, value: Any, *default: Any) -> Any:
    """next(...) of what was made on the spot, next(self.parameters()), or of iter(...)."""
    fresh = isinstance(node, ast.Call) and bool(node.args) and isinstance(node.args[0], ast.Call | ast.GeneratorExp)
    walk = Walk(value) if fresh and isinstance(value, list) else value
    if not isinstance(walk, Walk):
        raise interpreter.wrong(node, f"next wants iter(...), and this is {bounds.describe(value)}")
    if walk.at < len(walk.items):
        walk.at += 1
        return walk.items[walk.at - 1]
    if default:
        return default[0]
    raise interpreter.wrong(node, "there is nothing more to come here")


def _slice(interpreter: Interpreter, node: ast.AST, *args: Any) -> slice:
    if not 1 <= len(args) <= 3:
        raise interpreter.wrong(node, "slice takes one to three values")
    return slice(*args)


# --- by name


OURS: dict[str, Called] = {
    "print": _print,
    "len": _len,
    "range": range_,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "map": _map,
    "filter": _filter,
    "list": _made(list),
    "tuple": _made(tuple),
    "set": _made(set),
    "dict": mapping(dict),
    "sum": sum_,
    "str": _str,
    "repr": _repr,
    "any": _any,
    "all": _all,
    "min": extreme(min),
    "max": extreme(max),
    "sorted": sorted_,
    "iter": _iter,
    "next": _next,
    "slice": _slice,
    "isinstance": kinds.is_a,
    "issubclass": kinds.is_part,
    "callable": lambda _interpreter, _node, value: kinds.callable_(value),
    "type": _type,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
}
OF_NUMBERS: dict[str, Called] = {
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "round": lambda number, ndigits=None: round(number, _few(ndigits)),
    "divmod": divmod,
    "pow": lambda base, power: base**power if abs(power) <= 64 else math.nan,
}

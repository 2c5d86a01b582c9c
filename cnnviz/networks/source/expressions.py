"""Expressions, evaluated one by one: names, calls, operators, indices, lists, loops in brackets, words with braces."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import arrays, bounds, builtins, calls, classes, operations, raws, ready_made, statements
from cnnviz.networks.source.values import Brought, Function, Known, Opaque, Scope, Unknown, Unread

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_PRINT, _ISINSTANCE = builtins.NAMES["print"], builtins.NAMES["isinstance"]
_LATER = (Unknown, Brought)


def _constant(interpreter: Interpreter, node: ast.Constant, _scope: Scope) -> Any:
    value = node.value
    if isinstance(value, bytes | complex):
        raise interpreter.wrong(node, f"{type(value).__name__} values are not read here")
    return interpreter.bounded(value, node) if type(value) is int else value


def _name(interpreter: Interpreter, node: ast.Name, scope: Scope) -> Any:
    try:
        value = scope.find(node.id)
    except KeyError:
        raise interpreter.raised(builtins.error_of(node.id), node, builtins.unknown(interpreter, node, scope)) from None
    return interpreter.known(value, node.id, node) if isinstance(value, _LATER) else value


def _attribute(interpreter: Interpreter, node: ast.Attribute, scope: Scope) -> Any:
    return interpreter.read(interpreter.value(node.value, scope), node.attr, node)


def _call(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Any:
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return classes.super_of(interpreter, node, scope)
    function = raws.update_by_dict(interpreter, node, scope) or interpreter.value(node.func, scope)
    if function is _PRINT and scope is not interpreter.globals:
        _aside(interpreter, node, scope)
        return None
    args: list[Any] = []
    for one in node.args:
        if isinstance(one, ast.Starred):
            args += interpreter.bounded(interpreter.items(interpreter.value(one.value, scope), one), one)
            interpreter.count(one, len(args))
            interpreter.bounded(args, one)
        else:
            args.append(
                _kinds(interpreter, one, scope) if function is _ISINSTANCE and args else interpreter.value(one, scope)
            )
    kwargs: dict[str, Any] = {}
    for keyword in node.keywords:
        value = _given(interpreter, function, keyword, scope)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
            kwargs |= value
        else:
            raise interpreter.wrong(keyword.value, f"** wants a dictionary, and this is {bounds.describe(value)}")
    return calls.call(interpreter, function, args, kwargs, node)


def _kinds(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """The classes that isinstance asks for, without those of a module that is not read: nothing here is of them."""
    if isinstance(node, ast.Tuple):
        return tuple(_kinds(interpreter, one, scope) for one in node.elts)
    try:
        return interpreter.value(node, scope)
    except Unread as error:
        if not error.unknown.brought:
            raise
        return ()


def _given(interpreter: Interpreter, function: Any, keyword: ast.keyword, scope: Scope) -> Any:
    """What a call is given by a name; whether torchvision loads weights is the same for the layers, and may be a
    name that nobody has defined: pretrained=use_pretrained."""
    try:
        return interpreter.value(keyword.value, scope)
    except NotationError as error:
        if not (ready_made.is_of_weights(function, keyword) and statements.is_of_others(error)):
            raise
        return True


def _aside(interpreter: Interpreter, node: ast.Call, scope: Scope) -> None:
    """What a call is given that comes to nothing: print(...), which refuses no network."""
    for one in (*node.args, *(keyword.value for keyword in node.keywords)):
        with suppress(NotationError, RuntimeError, TypeError, ValueError):  # what torch raises in a trace
            interpreter.value(one.value if isinstance(one, ast.Starred) else one, scope)


def _binary(interpreter: Interpreter, node: ast.BinOp, scope: Scope) -> Any:
    return operations.combined(
        interpreter, node.op, interpreter.value(node.left, scope), interpreter.value(node.right, scope), node
    )


def _unary(interpreter: Interpreter, node: ast.UnaryOp, scope: Scope) -> Any:
    if isinstance(node.op, ast.Not):
        return not interpreter.truth(node.operand, scope)
    return operations.signed(interpreter, node.op, interpreter.value(node.operand, scope), node)


def _bool(interpreter: Interpreter, node: ast.BoolOp, scope: Scope) -> Any:
    value: Any = None
    for one in node.values:
        value = interpreter.value(one, scope)
        if operations.true(interpreter, value, one) != isinstance(node.op, ast.And):
            break
    return value


def _compare(interpreter: Interpreter, node: ast.Compare, scope: Scope) -> Any:
    left = interpreter.value(node.left, scope)
    result: Any = True
    for operation, right_node in zip(node.ops, node.comparators, strict=True):
        right = interpreter.value(right_node, scope)
        result = operations.compared(interpreter, operation, left, right, node)
        if len(node.ops) > 1 and not operations.true(interpreter, result, node):
            return result
        left = right
    return result


def _choice(interpreter: Interpreter, node: ast.IfExp, scope: Scope) -> Any:
    return interpreter.value(node.body if interpreter.truth(node.test, scope) else node.orelse, scope)


def _subscript(interpreter: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    of, place = interpreter.value(node.value, scope), index(interpreter, node.slice, scope)
    if of is arrays.GRID:
        return arrays.grid(interpreter, node, place)
    if isinstance(of, Opaque | Known | type):
        parts = place if isinstance(place, tuple) else (place,)
        return {"Union": parts, "Optional": (*parts, None)}.get(getattr(of, "name", ""), Opaque("an annotation"))
    return operations.at(interpreter, of, place, node)


def index(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """What stands in square brackets."""
    if isinstance(node, ast.Slice):
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if one is None else interpreter.value(one, scope) for one in parts))
    if isinstance(node, ast.Tuple):
        places: list[Any] = []
        for one in node.elts:
            if isinstance(one, ast.Starred):
                places += interpreter.items(interpreter.value(one.value, scope), one)
            else:
                places.append(index(interpreter, one, scope))
        return tuple(interpreter.bounded(places, node))
    return bounds.light(interpreter, interpreter.value(node, scope), node)


def _several(interpreter: Interpreter, nodes: Sequence[ast.expr], scope: Scope, node: ast.AST) -> list[Any]:
    found: list[Any] = []
    for one in nodes:
        if isinstance(one, ast.Starred):
            found += interpreter.items(interpreter.value(one.value, scope), one)
        else:
            found.append(interpreter.value(one, scope))
    interpreter.bounded(found, node)
    return found


def _list(interpreter: Interpreter, node: ast.List, scope: Scope) -> list[Any]:
    return _several(interpreter, node.elts, scope, node)


def _tuple(interpreter: Interpreter, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    return tuple(_several(interpreter, node.elts, scope, node))


def _set(interpreter: Interpreter, node: ast.Set, scope: Scope) -> set[Any]:
    try:
        return set(bounds.light(interpreter, _several(interpreter, node.elts, scope, node), node))
    except TypeError as error:
        raise interpreter.failed(node, "this is no set", error) from None


def _dict(interpreter: Interpreter, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            more = interpreter.value(value, scope)
            if not isinstance(more, dict):
                raise interpreter.wrong(value, f"** wants a dictionary, and this is {bounds.describe(more)}")
            found |= more
            continue
        try:
            found[bounds.light(interpreter, interpreter.value(key, scope), key)] = interpreter.value(value, scope)
        except TypeError as error:
            raise interpreter.failed(node, "this is no key", error) from None
    interpreter.bounded(found, node)
    return found


def _lambda(interpreter: Interpreter, node: ast.Lambda, scope: Scope) -> Function:
    return classes.function(interpreter, node, scope)


def _walrus(interpreter: Interpreter, node: ast.NamedExpr, scope: Scope) -> Any:
    value = interpreter.value(node.value, scope)
    interpreter.bind(node.target, value, scope)
    return value


def _comprehension(interpreter: Interpreter, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Any:
    found: list[Any] = []
    _each(
        interpreter, node.generators, Scope(scope), lambda inner: found.append(interpreter.value(node.elt, inner)), node
    )
    interpreter.bounded(found, node)
    return set(bounds.light(interpreter, found, node)) if isinstance(node, ast.SetComp) else found


def _dict_comprehension(interpreter: Interpreter, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
    found: dict[Any, Any] = {}

    def add(inner: Scope) -> None:
        found[bounds.light(interpreter, interpreter.value(node.key, inner), node)] = interpreter.value(
            node.value, inner
        )

    _each(interpreter, node.generators, Scope(scope), add, node)
    interpreter.bounded(found, node)
    return found


def _each(
    interpreter: Interpreter,
    generators: list[ast.comprehension],
    scope: Scope,
    take: Callable[[Scope], None],
    node: ast.AST,
) -> None:
    """`take` for every round of the loops of a comprehension."""
    if not generators:
        take(scope)
        return
    first, *rest = generators
    for item in interpreter.items(interpreter.value(first.iter, scope), first.iter):
        interpreter.count(node)
        interpreter.bind(first.target, item, scope)
        if all(interpreter.truth(one, scope) for one in first.ifs):
            _each(interpreter, rest, scope, take, node)


def _joined(interpreter: Interpreter, node: ast.JoinedStr, scope: Scope) -> str:
    parts = [_formatted(interpreter, one, scope) for one in node.values]
    return str(interpreter.bounded("".join(parts), node))


def _formatted(interpreter: Interpreter, node: ast.expr, scope: Scope) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.FormattedValue):
        raise interpreter.wrong(node, f"{bounds.word(node)} is not read in a text with braces")
    spec = _joined(interpreter, node.format_spec, scope) if isinstance(node.format_spec, ast.JoinedStr) else ""
    conversion = {ord("r"): "!r", ord("s"): "!s"}.get(node.conversion, "")
    return bounds.shown(interpreter, interpreter.value(node.value, scope), conversion, spec, node)


def _starred(interpreter: Interpreter, node: ast.Starred, _scope: Scope) -> NoReturn:
    raise interpreter.wrong(node, "a star stands only in a list, a tuple or a call")


TABLE: dict[type[ast.expr], Callable[[Interpreter, Any, Scope], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Subscript: _subscript,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.JoinedStr: _joined,
    ast.Starred: _starred,
}

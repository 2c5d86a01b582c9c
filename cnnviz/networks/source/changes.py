"""What a line that is not read would have changed, beside giving names: layers that it appends, puts in another's
place or gives to a network."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import tables
from cnnviz.networks.source.interpreter import Interpreter
from cnnviz.networks.source.reach import mentioned
from cnnviz.networks.source.values import Function, Instance, Method, Scope

_OF_NETWORKS = ("add_module", "register_module")
_OF_LISTS = (
    "append",
    "extend",
    "insert",
    "update",
    "pop",
    "popitem",
    "clear",
    "remove",
    "reverse",
    "setdefault",
    "add",
)
_DEEP = 3  # functions that call one another are followed
_PLACES = (nn.Module, list, dict, set, Tensor, Instance)


@dataclass(frozen=True)
class Change:
    """Something that a line would have changed, the name at the head of the expression for it, and the place in it,
    None for anywhere."""

    of: Any
    root: str
    key: Any = None


def of(interpreter: Interpreter, statement: ast.AST, scope: Scope, deep: int = _DEEP) -> Iterator[Change]:
    """What the statement, or one within it, would have changed of what a text has made so far; also by the functions of
    the text that it calls."""
    for owner, key, method in _places(statement):
        thing, name = found(interpreter, owner, scope), _root(owner)
        if name not in scope.names or not isinstance(thing, _PLACES):
            continue
        if isinstance(thing, nn.Module):
            if _alters(thing, key, method) and not _is_plain(interpreter, statement, scope):
                yield Change(thing, name)
        elif _is_asked_for(owner, scope.names[name], thing, method):
            yield Change(thing, name, _key(interpreter, key, scope))
    for node in ast.walk(statement) if deep else ():
        if isinstance(node, ast.Call):
            yield from _by_call(interpreter, node, scope, deep - 1)


def _by_call(interpreter: Interpreter, node: ast.Call, scope: Scope, deep: int) -> Iterator[Change]:
    """What a function or method of the text would have changed of what it is given."""
    function, given = found(interpreter, node.func, scope), [*node.args]
    if isinstance(function, Method) and isinstance(node.func, ast.Attribute):
        function, given = function.function, [node.func.value, *given]
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return
    try:
        interpreter.count(node)
        interpreter.count(node, sum(1 for _ in ast.walk(function.node)))
    except NotationError:  # the text has no steps left
        return
    names = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]
    written = {**dict(zip(names, given)), **{one.arg: one.value for one in node.keywords if one.arg in names}}
    inner = Scope(function.scope, {str(name): found(interpreter, one, scope) for name, one in written.items()})
    for change in of(interpreter, function.node, inner, deep):
        if (root := _root(written[change.root])) in scope.names:
            yield Change(change.of, root, change.key)


def found(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """What an expression of names, attributes and places stands for: of row[i] the row where i is not known, and of
    what is called what stands before the dot; None for nothing."""
    try:
        match node:
            case ast.Name():
                return interpreter.known(scope.find(node.id), node.id, node)
            case ast.Attribute():
                return interpreter.read(found(interpreter, node.value, scope), node.attr, node)
            case ast.Subscript():
                try:
                    return interpreter.value(node, scope)
                except Exception:
                    return found(interpreter, node.value, scope)
            case ast.Call(func=ast.Attribute(value=before)):
                return found(interpreter, before, scope)
    except Exception:  # nothing stands there, or what is not read
        return None
    return None


def _places(statement: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | str | None, str]]:
    """The owners of what is set, deleted or called to change them; the name or place of it, and the method's name."""
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(value=owner, attr=name, ctx=ast.Store() | ast.Del()):
                yield owner, name, ""
            case ast.Subscript(value=ast.Attribute(owner, "_modules"), slice=place, ctx=ast.Store() | ast.Del()):
                word = place.value if isinstance(place, ast.Constant) else None
                yield owner, word if isinstance(word, str) else None, ""
            case ast.Subscript(value=owner, slice=place, ctx=ast.Store() | ast.Del()):
                yield owner, place, ""
            case ast.AugAssign(target=ast.Name() as owner) if not is_step(node):
                yield owner, None, ""
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _OF_NETWORKS + _OF_LISTS:
                yield owner, None, name
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, ast.Constant(value=str(name)), *_]):
                yield owner, name, ""
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]):
                yield owner, None, ""


def is_step(statement: ast.AST) -> bool:
    """Whether a line gives weights other numbers by their gradient, w -= rate * w.grad, for which a text has none."""
    if not isinstance(statement, ast.AugAssign):
        return False
    return any(isinstance(one, ast.Attribute) and one.attr == "grad" for one in ast.walk(statement.value))


def _is_asked_for(owner: ast.expr, root: Any, thing: Any, method: str) -> bool:
    """Whether a list and its like is the text's own, or one of a network that its forward asks for."""
    if isinstance(thing, Tensor | Instance) and (method or isinstance(root, nn.Module)):
        return False
    text = root.__dict__.get("_text") if isinstance(root, nn.Module) else None
    return text is None or not isinstance(owner, ast.Attribute) or owner.attr in mentioned(text.kind)


def _root(node: ast.expr) -> str:
    """The name that an expression begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _alters(network: nn.Module, key: ast.expr | str | None, method: str) -> bool:
    """Whether a network computes something else where that is set: its layers, what its forward asks for."""
    is_row, text = isinstance(network, tables.CONTAINERS), network.__dict__.get("_text")
    if method:
        return method in _OF_NETWORKS or is_row
    if isinstance(key, str):
        if key in network._parameters or key in network._buffers:  # other numbers, for which a text has none here
            return False
        known = key in network._modules or (is_row and key != "training")
        return known or (key in mentioned(text.kind) if text is not None else key in tables.LAYER_ATTRIBUTES)
    return True


def _is_plain(interpreter: Interpreter, statement: ast.AST, scope: Scope) -> bool:
    """Whether what is assigned is known, and no layer: model.device = device."""
    if not isinstance(statement, ast.Assign) or not isinstance(
        statement.value, ast.Name | ast.Attribute | ast.Constant
    ):
        return False
    try:
        return not isinstance(interpreter.value(statement.value, scope), nn.Module)
    except Exception:
        return False


def _key(interpreter: Interpreter, key: ast.expr | str | None, scope: Scope) -> Any:
    """The place that is filled, a number or a word; None where it is not known."""
    if not isinstance(key, ast.expr):
        return key
    try:
        value = interpreter.value(key, scope)
    except Exception:
        return None
    return value if isinstance(value, int | str) else None

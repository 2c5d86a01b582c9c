"""What of a text the forward of a network comes to: its methods, and the names and attributes that they ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from torch import Tensor, nn

from cnnviz.networks.source.modules import kind_of
from cnnviz.networks.source.values import Class, Function, Known, Namespace, Opaque

_CARRIED_OUT = ("__init__", "forward", "train", "eval")
_WEIGHTLESS = (int, float, str, type(None), Known, Namespace, Opaque, type)  # which are the same on every device


def _reached(kind: Class, begin: Iterable[str]) -> list[Function]:
    """The methods of those names, and all that these ask for, of the class and of those that it comes from."""
    waiting, seen, found = [*begin], set(), []
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        for method in (one.members.get(name) for one in kind.order()):
            if isinstance(method, Function):
                found.append(method)
                waiting += _attributes(method.node)
    return found


@lru_cache(maxsize=8)
def mentioned(kind: Class) -> set[str]:
    """The attributes that the forward of a class asks for, and what it calls by words, as in getattr(self, 'fc')."""
    return {name for one in _reached(kind, ["forward"]) for name in _attributes(one.node)}


def _attributes(node: ast.AST) -> Iterator[str]:
    """The names behind dots, and the words."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute):
            yield one.attr
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def statements_for(
    body: Sequence[ast.stmt], names: Mapping[str, Any], network: nn.Module, made_in: Iterable[int], given: Iterable[str]
) -> set[int]:
    """The numbers of the statements at the top whose tensors, or layers, a network asks for by a name: in its methods,
    in the statements that made it (`made_in`), or in what a reader gives for its arguments."""
    kinds = {kind for one in network.modules() if (kind := kind_of(one)) is not None}
    wanted = {name for text in given for name in free(text)}
    for index in made_in:
        wanted |= set(free(body[index]))
    for kind in kinds:
        wanted |= {name for one in _reached(kind, _CARRIED_OUT) for name in free(one.node)}
        wanted |= {one.name for one in kind.order()}
        for one in kind.order():
            wanted |= {name for part in one.node.body if not isinstance(part, ast.FunctionDef) for name in free(part)}
    makers: dict[str, list[int]] = {}
    for index, statement in enumerate(body):
        for name in {*_brought(statement, names)}:
            makers.setdefault(name, []).append(index)
    seen: set[str] = set()
    found: set[int] = set()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        if isinstance(names.get(name), _WEIGHTLESS):
            continue
        for index in makers.get(name, ()):
            if index not in found:
                found.add(index)
                if not (isinstance(body[index], ast.ClassDef) and names[name] in kinds):
                    wanted |= {*free(body[index])} - seen
    return found


def _brought(statement: ast.stmt, names: Mapping[str, Any]) -> Iterable[str]:
    """The names that a statement gives, or changes the tensors of that they stand for."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.While) or any(runs_a_network(one, names) for one in ast.walk(statement)):
        return []
    if isinstance(statement, ast.Expr):
        called = [one for name in free(statement) if isinstance(one := names.get(name), Function)]
        given = [
            name for one in called for node in ast.walk(one.node) if isinstance(node, ast.Global) for name in node.names
        ]
        return [*given, *(name for name in free(statement) if isinstance(names.get(name), Tensor))]
    return _given(statement)


def runs_a_network(node: ast.AST, names: Mapping[str, Any]) -> bool:
    """Whether a node calls a network that has a name."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Name) and isinstance(names.get(function.id), nn.Module)


def _given(statement: ast.AST) -> Iterator[str]:
    """The names that a statement gives, or to a part of which it gives something."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            inner: ast.expr = node
            while isinstance(inner, ast.Attribute | ast.Subscript):
                inner = inner.value
            if isinstance(inner, ast.Name):
                yield inner.id


def free(part: ast.AST | str) -> Iterator[str]:
    """The names that a statement, function or text asks for; not those that a function gives itself."""
    try:
        tree = ast.parse(part.strip(), mode="eval") if isinstance(part, str) else part
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    own = set()
    if isinstance(tree, ast.FunctionDef | ast.Lambda):
        own = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)} | set(_given(tree))
    for one in ast.walk(tree):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id not in own:
            yield one.id

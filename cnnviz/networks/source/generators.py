"""Functions of a text that yield: what they give is made at once, to be gone through one by one as Python does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source.values import Scope, Walk

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_GIVEN = "__yielded__"  # the name, which no text can give, of what a function has yielded so far
_YIELD = (ast.Yield, ast.YieldFrom)
_INNER = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.AsyncFunctionDef)


def yields(node: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether a function itself yields, and none within it; noted at its node, for every call asks."""
    known = vars(node).get("yields")
    if known is None:
        known = isinstance(node, ast.FunctionDef) and any(isinstance(one, _YIELD) for one in _own(node))
        vars(node)["yields"] = known
    return known


def _own(node: ast.AST) -> Iterator[ast.AST]:
    waiting = [*ast.iter_child_nodes(node)]
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, _INNER):
            waiting += ast.iter_child_nodes(one)


def begin(scope: Scope) -> None:
    """Before the block of a function that yields."""
    scope.names[_GIVEN] = []


def ended(scope: Scope) -> Walk:
    """What the function has yielded."""
    return Walk(scope.names[_GIVEN])


def statement(interpreter: Interpreter, node: ast.expr, scope: Scope) -> bool:
    """Carries out a line that is yield value, or yield from values; whether it is one."""
    if not isinstance(node, _YIELD):
        return False
    if _GIVEN not in scope.names:
        raise interpreter.wrong(node, "yield stands only in a function")
    given: list[Any] = scope.names[_GIVEN]
    if isinstance(node, ast.YieldFrom):
        given += interpreter.items(interpreter.value(node.value, scope), node)
    else:
        given.append(None if node.value is None else interpreter.value(node.value, scope))
    interpreter.bounded(given, node)
    return True

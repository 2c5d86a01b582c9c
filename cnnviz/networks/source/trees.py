"""Pieces of a syntax tree that the reader adds to a text's own: each stands where a piece of the text does."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence


def expression(text: str, where: ast.AST) -> ast.expr:
    """An expression of ours."""
    made = ast.parse(text, mode="eval").body
    for node in ast.walk(made):
        ast.copy_location(node, where)
    return made


def statement(text: str, where: ast.AST) -> ast.stmt:
    """A statement of ours."""
    made = ast.parse(text).body[0]
    for node in ast.walk(made):
        ast.copy_location(node, where)
    return made


def call(function: str, args: Sequence[ast.expr], where: ast.AST) -> ast.Call:
    """FUNCTION(ARGS)."""
    return ast.copy_location(ast.Call(expression(function, where), [*args], []), where)


def function(name: str, parameters: Sequence[str], body: Sequence[ast.stmt], where: ast.AST) -> ast.FunctionDef:
    """def NAME(PARAMETERS)."""
    made = ast.parse(f"def {name}({', '.join(parameters)}): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    for node in ast.walk(made):
        ast.copy_location(node, where)
    made.body, made.end_lineno = [*body], _end_of(body, where)
    return made


def network_class(name: str, body: Sequence[ast.stmt], where: ast.AST) -> ast.ClassDef:
    """class NAME(nn.Module)."""
    made = ast.ClassDef(name, [expression("nn.Module", where)], [], [*body], [])
    ast.copy_location(made, where).end_lineno = _end_of(body, where)
    return made


def _end_of(body: Sequence[ast.stmt], where: ast.AST) -> int:
    """The line in which the last statement ends."""
    return max((one.end_lineno or one.lineno for one in body), default=getattr(where, "lineno", 1))


def stored(part: ast.AST) -> Iterator[str]:
    """The names that a part of a tree gives."""
    for node in ast.walk(part):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def unused(name: str, taken: Collection[str]) -> str:
    """The name, or with a number behind it, that nothing else has."""
    return next(one for i in range(1, len(taken) + 3) if (one := name if i == 1 else f"{name}{i}") not in taken)

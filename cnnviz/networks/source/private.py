"""Names with two underscores before them, which belong to the class that they stand in: Python writes its name before
them, and so does this."""

from __future__ import annotations

import ast
from copy import deepcopy
from typing import Any


def mangled(tree: ast.Module) -> ast.Module:
    """The tree with self.__pad of a class Net as self._Net__pad. The tree that is given stays as it is."""
    classes = [one for one in ast.walk(tree) if isinstance(one, ast.ClassDef)]
    if not any(_is_private(name) for one in classes for node in ast.walk(one) for name in _names(node)):
        return tree
    mangler = _Mangler()
    mangler.visit(changed := deepcopy(tree))
    return changed


def _is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("__") and not name.endswith("__")


_HOLDING = {  # where a piece of the tree has a name
    ast.Name: "id",
    ast.Attribute: "attr",
    ast.FunctionDef: "name",
    ast.ClassDef: "name",
    ast.arg: "arg",
    ast.keyword: "arg",
}


def _names(node: ast.AST) -> list[object]:
    return [getattr(node, _HOLDING[type(node)])] if type(node) in _HOLDING else []


class _Mangler(ast.NodeVisitor):
    def __init__(self) -> None:
        self.classes: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        owner = self.classes[-1].lstrip("_") if self.classes else ""
        if owner and any(map(_is_private, _names(node))):
            setattr(node, _HOLDING[type(node)], f"_{owner}{getattr(node, _HOLDING[type(node)])}")
        return super().visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for one in (*node.bases, *node.keywords, *node.decorator_list):
            self.visit(one)
        self.classes.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self.classes.pop()

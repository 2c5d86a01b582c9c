"""Layers that a script gives a name which it has given to others before: each has a name of its own."""

from __future__ import annotations

import ast
from collections import Counter
from copy import deepcopy

from cnnviz.networks.source import trees
from cnnviz.networks.source.tables import CONTAINERS, LAYERS

MAX_LAYERS = 1_000  # that have a name


def told_apart(tree: ast.Module) -> ast.Module:
    """The tree with conv2 for the second conv = nn.Conv2d(...) at its top, and where that is called; the tree itself
    where no name is given twice, or where it has classes."""
    names = Counter(name for one in tree.body if (name := _layer_named(one)) is not None)
    repeated = {name for name, count in names.items() if count > 1}
    if not repeated or names.total() > MAX_LAYERS or any(isinstance(one, ast.ClassDef) for one in tree.body):
        return tree
    renaming = _Renaming({*trees.stored(tree)})
    body = [renaming.line(one, repeated) for one in tree.body]
    return ast.Module([renaming.visit(one) if isinstance(one, ast.FunctionDef) else one for one in body], [])


def _layer_named(statement: ast.stmt) -> str | None:
    """The name that a line gives to a layer, which is no row of layers."""
    match statement:
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr=kind) | ast.Name(id=kind))
        ) if kind in LAYERS and not issubclass(LAYERS[kind], CONTAINERS):
            return name
    return None


class _Renaming(ast.NodeTransformer):
    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.now: dict[str, str] = {}  # the name that stands for a name of the text

    def line(self, statement: ast.stmt, repeated: set[str]) -> ast.stmt:
        """The next line at the top; functions know the names as they are at the end."""
        if isinstance(statement, ast.FunctionDef):
            return statement
        given = _layer_named(statement)
        changed: ast.stmt = self.visit(deepcopy(statement))
        if given in repeated and isinstance(changed, ast.Assign):
            self.now[given] = given if given not in self.now else trees.unused(given, self.taken)
            self.taken.add(self.now[given])
            changed.targets = [ast.copy_location(ast.Name(self.now[given], ast.Store()), changed.targets[0])]
        else:
            for name in {*trees.stored(statement)} & self.now.keys():
                self.now[name] = name
        return changed

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and node.id in self.now:
            return ast.copy_location(ast.Name(self.now[node.id], ast.Load()), node)
        return node

"""Names that a text looks up by words: globals()["Block"] for Block, and locals() for what a function has so far."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterator
from copy import deepcopy

from cnnviz.networks.source import trees

MAX_NAMES = 5_000  # that are written out for one text
_LOOKING = ("globals", "locals", "vars")


def spelled(tree: ast.Module, text: str) -> ast.Module:
    """The tree of a text with such names in place of the expressions for them. The tree that is given stays as it
    is."""
    if not any(one in text for one in (*_LOOKING, "modules")) or not any(_is_asked_for(one) for one in ast.walk(tree)):
        return tree
    try:
        changed = deepcopy(tree)
        _Spelling(_by_word(tree)).visit(changed)
    except RecursionError:  # of expressions too deep to be gone through
        return tree
    return changed


def _is_asked_for(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "modules" and isinstance(node.value, ast.Name) and node.value.id == "sys"
    return isinstance(node, ast.Name) and node.id in _LOOKING


class _Spelling(ast.NodeTransformer):
    def __init__(self, defined: list[str]) -> None:
        self.defined, self.left = defined, MAX_NAMES
        self.classes: list[str] = []
        self.known: list[dict[str, None]] = []  # the names that each function around has so far

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.classes.append(node.name)
        self.generic_visit(node)
        self.classes.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        given = node.args
        several = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = {one.arg: None for one in several if one is not None}
        if self.classes and any(isinstance(one, ast.Constant) and one.value == "__class__" for one in ast.walk(node)):
            names["__class__"] = None  # which super() brings; asked for where it is to be left out
        self.known.append(names)
        body = []
        for one in node.body:
            body.append(self.visit(one))
            names |= dict.fromkeys(_given(one))
        node.body = body
        self.known.pop()
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=of, slice=ast.Constant(value=str(name)), ctx=ast.Load()) if _is_table(of):
                return self._named(name, node)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals")) as of, ctx=ast.Load()) if _is_table(of):
                node.value = self._table(self.defined, of)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Attribute(value=of, attr="get"), args=[ast.Constant(value=str(name))]):
                if _is_table(of):
                    return self._named(name, node)
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals")) as of, attr="get") as get):
                get.value = self._table(self.defined, of) if _is_table(of) else of
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Subscript() as of, ast.Constant(value=str(name))]):
                if _is_main(of):
                    return self._named(name, node)
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Subscript() as of, name]):
                if _is_main(of) and (table := self._table(self.defined, node)) is not node:
                    return ast.copy_location(ast.Subscript(table, self.visit(name), ast.Load()), node)
            case ast.Call(func=ast.Name(id="locals"), args=[], keywords=[]) if self.known:
                return self._table(self.known[-1], node)
        return self.generic_visit(node)

    @staticmethod
    def _named(name: str, node: ast.expr) -> ast.expr:
        """The name that is written as a word; for what is none the node as it is."""
        if not name.isidentifier() or name.startswith("__") or keyword.iskeyword(name):
            return node
        return trees.expression(name, node)

    def _table(self, names: Collection[str], node: ast.expr) -> ast.expr:
        """A dictionary of what those names stand for; the node as it is where a text has had its share of them."""
        self.left -= len(names)
        if self.left < 0 or not names:
            return node
        values = [self.classes[-1] if one == "__class__" else one for one in names]
        keys: list[ast.expr | None] = [ast.copy_location(ast.Constant(one), node) for one in names]
        return ast.copy_location(ast.Dict(keys, [trees.expression(one, node) for one in values]), node)


def _by_word(tree: ast.Module) -> list[str]:
    """The classes and functions at the top whose names are written as words, too; all where none is."""
    defined = [one.name for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef)]
    words = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return [one for one in defined if one in words] or defined


def _is_main(node: ast.Subscript) -> bool:
    """sys.modules[__name__]."""
    match node:
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id="sys"), attr="modules"), slice=ast.Name(id="__name__")
        ):
            return True
    return False


def _is_table(node: ast.expr) -> bool:
    """globals(), and locals() or vars() of the same."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _LOOKING and not node.args


def _given(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives in any case."""
    match statement:
        case ast.Assign(targets=targets):
            several = targets
        case ast.AnnAssign(target=target, value=ast.expr()):
            several = [target]
        case _:
            return
    for one in several:
        for place in one.elts if isinstance(one, ast.Tuple | ast.List) else [one]:
            if isinstance(place, ast.Name):
                yield place.id

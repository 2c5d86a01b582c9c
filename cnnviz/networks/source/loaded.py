"""Lines of a function that only load weights from a file: a network of a text begins with fresh ones, and no file is
read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy

_LOADING = ("load_url", "load_state_dict_from_url", "load_file", "load_checkpoint")  # and torch.load
_GIVES = ("get", "state_dict", "items", "keys", "values", "copy", "pop")  # methods of what is loaded that give a part
_SAYING = ("info", "debug", "warning", "warn")
MAX_NODES = 200_000  # of a function that are looked at, each as often as it is
_ROUNDS = 9  # of names that are given to one another
_BLOCKS = ("body", "orelse", "finalbody")


def without_loading(tree: ast.Module, text: str) -> ast.Module:
    """The tree of a text with pass in place of the lines in functions that load weights, change the names of what was
    loaded, and give it to a network, where nothing else asks for it: state = torch.load(...);
    self.load_state_dict(state). The tree that is given stays as it is."""
    if "load" not in text or not any(_loads(one) for one in ast.walk(tree)):
        return tree
    try:
        changed = deepcopy(tree)
    except RecursionError:  # of expressions too deep to be copied
        return tree
    waiting: list[ast.stmt] = [*changed.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef):
            waiting += node.body
        elif isinstance(node, ast.FunctionDef):
            with suppress(_TooMuchError):
                _Function(node).leave_out()
    return changed


def _loads(node: ast.AST) -> bool:
    """torch.load(...), model_zoo.load_url(...)."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _LOADING
    return False


class _TooMuchError(Exception):
    """A function is too large to be looked through."""


class _Function:
    def __init__(self, node: ast.FunctionDef):
        self.node, self.left = node, MAX_NODES
        self.nodes = [*ast.walk(node)]
        self.own = {one.id for one in self.nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        self.own -= {one.arg for one in self.nodes if isinstance(one, ast.arg)}
        self.names: set[str] = set()  # of what was loaded, and of what comes of it
        for _ in range(_ROUNDS):
            more = {name for one in self.nodes for name in self._given(one)} & self.own
            if more <= self.names:
                break
            self.names |= more

    def leave_out(self) -> None:
        """Puts pass in the place of those lines."""
        if not self.names:
            return
        lines = [*self._lines(self.node.body)]
        within = {id(one) for line in lines for one in ast.walk(line)}
        asked = (one for one in self.nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
        if all(one.id not in self.names or id(one) in within for one in asked):
            left = {id(one) for one in lines}
            for one in self.nodes:
                for block in _BLOCKS:
                    if isinstance(body := getattr(one, block, None), list):
                        body[:] = [ast.copy_location(ast.Pass(), line) if id(line) in left else line for line in body]

    def _given(self, node: ast.AST) -> Iterator[str]:
        """The names that a part of the function gives to what was loaded, or puts a part of that into."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if self._is_loaded(value) or self._is_part(value):
                    yield name
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value):
                if self._mentions(value):
                    yield name
            case ast.For(target=target, iter=over) | ast.comprehension(target=target, iter=over):
                if self._mentions(over):
                    yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update"), args=[value]):
                if self._mentions(value):
                    yield name

    def _is_loaded(self, node: ast.expr) -> bool:
        """What is loaded, or a part of it: torch.load(path)["state_dict"]."""
        while isinstance(node, ast.Subscript | ast.Call) and not _loads(node):
            if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr in _GIVES):
                return False
            node = node.value if isinstance(node, ast.Subscript) else node.func.value  # type: ignore[attr-defined]
        return _loads(node)

    def _is_part(self, node: ast.expr) -> bool:
        """What is made of what was loaded alone: names, a part, a dictionary with other names, len(...)."""
        calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
        layers = any(isinstance(one.func, ast.Attribute) and one.func.attr[:1].isupper() for one in calls)
        return self._mentions(node) and not layers

    def _mentions(self, node: ast.AST) -> bool:
        for one in ast.walk(node):
            self.left -= 1
            if self.left < 0:
                raise _TooMuchError
            if isinstance(one, ast.Name) and one.id in self.names:
                return True
        return False

    def _lines(self, body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
        """The outermost lines that are about what was loaded alone."""
        for one in body:
            if self._is_about(one):
                yield one
            elif not isinstance(one, ast.FunctionDef | ast.ClassDef):
                for block in _BLOCKS:
                    yield from self._lines(getattr(one, block, ()))

    def _is_about(self, line: ast.stmt) -> bool:
        match line:
            case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
                return self._is_place(target)
            case ast.Delete(targets=targets):
                return all(map(self._is_place, targets))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=of, attr=name)) as call):
                return self._is_place(of) or (name in ("load_state_dict", *_SAYING) and self._mentions(call))
            case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
                return self._mentions(call)
            case ast.For() | ast.If():
                return self._mentions(line) and all(map(self._is_about, [*line.body, *line.orelse]))
            case ast.Pass() | ast.Continue() | ast.Break():
                return True
        return False

    def _is_place(self, node: ast.expr) -> bool:
        """Whether it is one of those names, or a place in it."""
        while isinstance(node, ast.Subscript):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.names

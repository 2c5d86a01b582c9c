"""Lines of a class without the line that begins it, and layers without what they stood in: both are given back, so that
the tree reads as the whole text would."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy

from torch import nn

from cnnviz.networks.source import trees
from cnnviz.networks.source.program import UNNAMED
from cnnviz.networks.source.tables import LAYERS

NET = "Net"  # what a network is called that has no name
_METHODS = ("__init__", "forward")  # one of which tells that functions were methods


def classed(tree: ast.Module) -> ast.Module:
    """The tree with a class around methods that stand at the top. Where the text has no class, either, with `conv` for
    self.conv in lines of one, and with nn.Sequential around layers that stand for themselves. A tree without such
    lines is given back as it is."""
    if methods := _methods(tree):
        return _with_class(tree, methods)
    if any(isinstance(one, ast.ClassDef) for one in tree.body):
        return tree
    return _without_self(tree) if any(map(_asks_for_self, tree.body)) else _in_a_row(tree)


def without_its_maker(tree: ast.Module) -> ast.Attribute | None:
    """The first layer that methods at the top ask of self where nothing in the text gives it to self."""
    methods = _methods(tree)
    if not methods or any(one.name == "__init__" for one in methods) or any(map(_asks_for_self, tree.body)):
        return None
    own = {one.name for one in methods}
    for node in (node for one in methods for node in ast.walk(one)):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name not in own and not hasattr(
                nn.Module, name
            ):
                return node
    return None


def said(tree: ast.Module, as_written: ast.Module) -> Iterator[str]:
    """What is to be said of a tree that was made from another."""
    made = [one for one in tree.body if isinstance(one, ast.ClassDef) and one not in as_written.body]
    if made:
        yield f"The methods stand in no class: they are read as those of class {made[0].name}(nn.Module)."
    elif tree is not as_written and not any(map(_asks_for_self, as_written.body)):
        yield "The layers stand for themselves: they are read as an nn.Sequential."


# --- methods without their class


def _methods(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions at the top that are methods; none but where __init__ or forward is one of them, or both where the
    text has classes, too."""
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and _takes_self(one)]
    names = {one.name for one in found}
    if any(isinstance(one, ast.ClassDef) for one in tree.body):
        return found if names.issuperset(_METHODS) else []
    return found if not names.isdisjoint(_METHODS) else []


def _takes_self(function: ast.FunctionDef) -> bool:
    """Whether its first parameter is self, and no decorator gives it to a class: @d2l.add_to_class(Net)."""
    first = [*function.args.posonlyargs, *function.args.args][:1]
    added = any(isinstance(one, ast.Call) for one in function.decorator_list)
    return [one.arg for one in first] == ["self"] and not added


def _with_class(tree: ast.Module, methods: Sequence[ast.FunctionDef]) -> ast.Module:
    """The tree with a class of those methods where they begin. Lines that give something to self are its __init__ where
    that is not written."""
    body: list[ast.stmt] = [*methods]
    loose: list[ast.stmt] = []
    if all(one.name != "__init__" for one in methods):
        loose = [one for one in tree.body if _asks_for_self(one)]
    if loose:
        lines = [trees.statement("super().__init__()", loose[0]), *_but_super(loose)]
        body.insert(0, trees.function("__init__", ["self"], lines, loose[0]))
    first = next(one for one in tree.body if one in (*methods, *loose))
    made = trees.network_class(_name(tree, methods), body, first)
    return ast.Module(
        [made if one is first else one for one in tree.body if one is first or one not in (*methods, *loose)],
        tree.type_ignores,
    )


def _name(tree: ast.Module, methods: Iterable[ast.FunctionDef]) -> str:
    """What the class is called in super(Net, self), or where the text makes one: model = Net()."""
    for method in methods:
        for node in ast.walk(method):
            match node:
                case ast.Call(func=ast.Name(id="super"), args=[ast.Name(id=name), *_]):
                    return name
    given = {*trees.stored(tree)}
    for statement in tree.body:
        match statement:
            case ast.Assign(value=ast.Call(func=ast.Name(id=name))) if name[:1].isupper():
                if name not in given and name not in LAYERS:
                    return name
    return trees.unused(NET, given)


def _asks_for_self(statement: ast.stmt) -> bool:
    """Whether a line at the top, which begins neither a function nor a class, asks for self."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return False
    return any(isinstance(one, ast.Name) and one.id == "self" for one in ast.walk(statement))


def _but_super(lines: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The lines without super().__init__()."""
    for one in lines:
        if not any(isinstance(node, ast.Name) and node.id == "super" for node in ast.walk(one)):
            yield one


# --- self without methods


def _without_self(tree: ast.Module) -> ast.Module:
    """The tree with the names themselves for what self holds."""
    lines = [_Bare().visit(deepcopy(one)) if _asks_for_self(one) else one for one in tree.body]
    return ast.Module([*_but_super(lines)], tree.type_ignores)


class _Bare(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return ast.copy_location(ast.Name(name, node.ctx), node)
        return node


# --- layers without their row


def _in_a_row(tree: ast.Module) -> ast.Module:
    """The tree with nn.Sequential around several layers, or around several with a name each, where it has nothing else
    but imports."""
    body = [one for one in tree.body if not isinstance(one, ast.Import | ast.ImportFrom)]
    several = [part for one in body for part in _parts(one)]
    alone = [one for one in several if not isinstance(one, ast.Starred)]
    if len(several) < 2 or not alone or not (all(map(_is_layer, alone)) or all(map(_is_named, several))):
        return tree
    if not _is_layer(alone[0]):
        named = ast.copy_location(ast.List(several, ast.Load()), body[0])
        several = [trees.call("OrderedDict", [named], body[0])]
    row = trees.statement(f"{UNNAMED} = None", body[0])
    assert isinstance(row, ast.Assign)
    row.value = trees.call("nn.Sequential", several, body[0])
    return ast.Module([*(one for one in tree.body if one not in body), row], tree.type_ignores)


def _parts(statement: ast.stmt) -> list[ast.expr]:
    """What stands between the commas of a line, or in its list; of a line that is no expression, what is no layer."""
    if not isinstance(statement, ast.Expr):
        return [ast.Constant(None)]
    value = statement.value
    return [*value.elts] if isinstance(value, ast.Tuple | ast.List) and not _is_named(value) else [value]


def _is_layer(node: ast.expr) -> bool:
    """Whether it makes a layer: nn.ReLU(), torch.nn.ReLU() or ReLU()."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="nn") | ast.Attribute(attr="nn"), attr=name)):
            return name in LAYERS
        case ast.Call(func=ast.Name(id=name)):
            return name in LAYERS
    return False


def _is_named(node: ast.expr) -> bool:
    """Whether it is a layer with its name: ("conv", nn.Conv2d(1, 6, 5))."""
    match node:
        case ast.Tuple(elts=[ast.Constant(value=str()), made]):
            return _is_layer(made)
    return False

"""A network whose name is given to what a call that is not read makes of it: model = train(model, loader)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import changes, tables
from cnnviz.networks.source.interpreter import Interpreter
from cnnviz.networks.source.modules import kind_of
from cnnviz.networks.source.values import Function, Known, Method, Scope, Unknown

_AS_IT_IS = frozenset([*tables.ITSELF, "train", "eval"])  # methods that give the network itself back
_COPIES = ("copy", "deepcopy")
_ROUNDS = 9  # of names that are given to one another
_WRAPPING = ("DataParallel", "torch.compile")


@dataclass(frozen=True)
class Rebound:
    """A line that gives the name of a network to what `function` makes of it."""

    name: str
    function: str
    line: int


def stays(interpreter: Interpreter, statement: ast.stmt, scope: Scope) -> dict[str, Rebound]:
    """The names of networks, none of a class of the text, that a line which is passed over gives to what comes of them,
    as far as a call may give the network itself back: what is called is not read, or a function of the text that gives
    back what it was given."""
    match statement:
        case ast.Assign(targets=[target], value=ast.Call() as call):
            pass
        case ast.AnnAssign(target=target, value=ast.Call() as call):
            pass
        case _:
            return {}
    several = isinstance(target, ast.Tuple | ast.List)
    found = {}
    for place, one in enumerate(target.elts if isinstance(target, ast.Tuple | ast.List) else [target]):
        network = scope.names.get(one.id) if isinstance(one, ast.Name) else None
        if not isinstance(one, ast.Name) or not isinstance(network, nn.Module) or kind_of(network) is not None:
            continue
        if _may_give(interpreter, call, one.id, place if several else None, scope):
            line, _ = interpreter.place(statement.lineno, statement.col_offset)
            found[one.id] = Rebound(one.id, _called(call.func), line)
    return found


def _called(node: ast.expr) -> str:
    """What is called, without what is computed before its last dot."""
    if isinstance(node, ast.Attribute) and any(isinstance(one, ast.Call | ast.Subscript) for one in ast.walk(node)):
        return node.attr[:40]
    return ast.unparse(node)[:40]


def said(rebound: Rebound) -> str:
    """What is to be said of such a network."""
    return (
        f"What {rebound.function} in line {rebound.line:,} gives back for {rebound.name} is not read here: the network "
        "is shown as it stands above that line."
    )


def _may_give(interpreter: Interpreter, call: ast.Call, name: str, place: int | None, scope: Scope) -> bool:
    """Whether a call may give the network of that name back, at that place of a tuple or, for None, by itself."""
    function = changes.found(interpreter, call.func, scope)
    own = function.function if isinstance(function, Method) else function
    if isinstance(own, Function):
        before = [call.func] if isinstance(function, Method) else []
        try:
            interpreter.count(call)
            interpreter.count(call, sum(1 for _ in ast.walk(own.node)))
        except NotationError:  # the text has no steps left
            return False
        return any(_gives_back(own, one, place) for one in _parameters(own, [*before, *call.args], call, name))
    if isinstance(own, Known):
        return own.name in _WRAPPING and place is None and any(_is_given(one, name) for one in call.args[:1])
    return _is_foreign(call.func, scope) and any(_is_given(one, name) for one in _handed(call))


def _is_foreign(node: ast.expr, scope: Scope) -> bool:
    """Whether what is called begins with a name that is not read, or that stands for nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if not isinstance(node, ast.Name):
        return False
    try:
        value = scope.find(node.id)
    except KeyError:
        return True
    return isinstance(value, Unknown) and not value.anywhere


def _handed(call: ast.Call) -> Iterator[ast.expr]:
    """What a call is given, and the calls before its dots: of Learner(data, net).fit(3) 3, data and net."""
    node: ast.expr = call
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Call):
            yield from node.args
            yield from (one.value for one in node.keywords)
        node = node.func if isinstance(node, ast.Call) else node.value


def _is_given(node: ast.expr, name: str) -> bool:
    """Whether an argument is that name, or holds it: net, net.to(device), [net, other]."""
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.Call(func=ast.Attribute(value=inner, attr=method)):
            return method in _AS_IT_IS and _is_given(inner, name)
        case ast.Starred(value=inner):
            return _is_given(inner, name)
        case ast.List(elts=several) | ast.Tuple(elts=several):
            return any(_is_given(one, name) for one in several)
    return False


def _parameters(function: Function, args: list[ast.expr], call: ast.Call, name: str) -> Iterator[str]:
    """The parameters of a function of the text for which a call gives that name."""
    places = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]
    written = [*zip(places, args), *((one.arg, one.value) for one in call.keywords)]
    return (parameter for parameter, one in written if parameter is not None and _is_given(one, name))


def _gives_back(function: Function, parameter: str, place: int | None) -> bool:
    """Whether all that a function gives back there is that parameter, or a copy of it."""
    if isinstance(function.node, ast.Lambda):
        return False
    nodes = [*ast.walk(function.node)]
    given: dict[str, list[ast.expr | None]] = {parameter: []}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(ast.Name(id=name), _, value):
                given.setdefault(name, []).append(value)
            case ast.Name(id=name, ctx=ast.Store()):
                given.setdefault(name, [])
    same = {parameter}
    for _ in range(_ROUNDS):
        more = {name for name, values in given.items() if values and all(_is_same(one, same) for one in values)}
        if more <= same:
            break
        same |= more
    if not all(_is_same(one, same) for one in given[parameter]):
        return False
    returned = [one.value for one in nodes if isinstance(one, ast.Return) and one.value is not None]
    if place is not None:
        rows = [one.elts for one in returned if isinstance(one, ast.Tuple | ast.List) and place < len(one.elts)]
        if len(rows) < len(returned):
            return False
        returned = [one[place] for one in rows]
    return bool(returned) and all(_is_same(one, same) for one in returned)


def _is_same(node: ast.expr | None, names: set[str]) -> bool:
    """Whether an expression is one of these names, a copy of it, or nothing yet."""
    match node:
        case None | ast.Constant(value=None):
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner]) if name in _COPIES:
            return _is_same(inner, names)
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            return name in _AS_IT_IS and _is_same(inner, names)
    return False

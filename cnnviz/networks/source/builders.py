"""Functions that make a row of layers, or one of torchvision's networks: what a text means that has such a function and
no call of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from torch import nn

from cnnviz.networks.source import changes, tables
from cnnviz.networks.source.arguments import Argument, calls_of, is_known
from cnnviz.networks.source.program import Program
from cnnviz.networks.source.ready_made import NAMES
from cnnviz.networks.source.values import Class, Function, Known, Unknown

MAX_BUILDERS = 16
_ROUNDS = 9  # of functions that call one another
_DEFINED = (ast.FunctionDef, ast.ClassDef)
_MISSING = Unknown("nothing is given", 1)


def builders(program: Program, tree: ast.Module, classes: Mapping[str, Class]) -> list[str]:
    """The functions at the top of a text that make such a network and that none of its classes, no other one of them
    and no line at its top that is read asks for, the last one first."""
    functions = {
        one.name: one
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and isinstance(program.names.get(one.name), Function)
    }
    makers: set[str] = set()
    for _ in range(_ROUNDS):
        more = {name for name, one in functions.items() if name not in makers and _makes(program, one, makers)}
        if not more:
            break
        makers |= more
    if not makers:
        return []
    names = {name: _names(one) for name, one in functions.items()}
    wanted = {name for one in tree.body if not isinstance(one, _DEFINED) for name in _asked_at_top(program, one)}
    wanted |= _reached([name for kind in classes.values() for name in _names(kind.node)], names)
    wanted |= _reached([name for one in makers for name in names[one] - {one}], names)
    found = [one for one in functions if one in makers and one not in wanted and not one.startswith("_")]
    return found[::-1][:MAX_BUILDERS]


def _asked_at_top(program: Program, statement: ast.stmt) -> set[str]:
    """The names that a line at the top asks for, but for what it calls and is not read: model = make(len(data)). One
    that makes another of what has its name, model = changed(model), is no such line."""
    nodes = [one for one in ast.walk(statement) if isinstance(one, ast.Name)]
    given = {one.id for one in nodes if isinstance(one.ctx, ast.Store)}
    asked = {one.id for one in nodes if isinstance(one.ctx, ast.Load)}
    return asked if given & asked else asked - program.tried.keys()


def _reached(begin: Iterable[str], functions: Mapping[str, set[str]]) -> set[str]:
    """Those names, and all that the functions among them ask for; `functions` are the names that stand in each."""
    waiting, found = [*begin], set[str]()
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += functions.get(name, ())
    return found


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def asked(program: Program, tree: ast.Module, name: str) -> tuple[Argument, ...]:
    """The parameters without default of such a function, with what a call in the text gives for them."""
    function = program.names.get(name)
    needed = parameters(function) if isinstance(function, Function) else []
    return tuple(Argument(one, _given(program, tree, name, one)) for one in needed)


def parameters(function: Function) -> list[str]:
    """The parameters without default, or with one that is not read."""
    given = function.node.args
    several = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [one.arg for one in several if isinstance(function.defaults.get(one.arg, _MISSING), Unknown)]


def uses(tree: ast.Module, name: str, wanted: str) -> bool:
    """Whether a function of the text, or one that it calls, asks for that name."""
    names = {one.name: _names(one) for one in tree.body if isinstance(one, ast.FunctionDef)}
    return wanted in _reached(names.get(name, ()), names)


def _given(program: Program, tree: ast.Module, name: str, parameter: str) -> str:
    """What the first call of a function in the text gives for a parameter, where that means something at its end."""
    function = program.names[name]
    places = [one.arg for one in (*function.node.args.posonlyargs, *function.node.args.args)]
    for call, local in calls_of(tree, name):
        plain = next((i for i, one in enumerate(call.args) if isinstance(one, ast.Starred)), len(call.args))
        written = {**dict(zip(places, call.args[:plain])), **{one.arg: one.value for one in call.keywords}}
        if parameter in written and is_known(program, written[parameter], local):
            return ast.unparse(written[parameter])
    return ""


def _makes(program: Program, function: ast.FunctionDef, makers: set[str]) -> bool:
    """Whether what a function gives back is such a network, or a name for one."""
    if [one.arg for one in function.args.args[:1]] == ["self"]:
        return False
    nodes = [*own_nodes(function)]
    made: set[str] = set()
    for one in sorted((one for one in nodes if isinstance(one, ast.Assign)), key=lambda one: one.lineno):
        if _is_network(program, one.value, made, makers):
            made |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    returned = [one.value for one in nodes if isinstance(one, ast.Return) and one.value is not None]
    return any(_is_network(program, one, made, makers) for one in returned)


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions within it."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _is_network(program: Program, node: ast.expr, names: set[str], makers: set[str]) -> bool:
    """nn.Sequential(...), resnet18(...), a call of such a function, or one of these names, also sent somewhere at
    once."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value
        if not isinstance(inner, ast.Call) and not (isinstance(inner, ast.Name) and node.func.attr in tables.ITSELF):
            break
        node = inner
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Name) and node.id in names
    if isinstance(node.func, ast.Name) and node.func.id in makers:
        return True
    if not all(isinstance(one, ast.Name | ast.Attribute | ast.Load) for one in ast.walk(node.func)):
        return False
    called = changes.found(program.interpreter, node.func, program.interpreter.globals)
    return called is nn.Sequential or (isinstance(called, Known) and called.ours and called.name in NAMES)

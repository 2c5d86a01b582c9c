"""Functions and classes of a text: how they are defined, and what is made of them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from torch import nn

from cnnviz.networks.source import builtins, calls
from cnnviz.networks.source.modules import Text, python_class
from cnnviz.networks.source.values import Class, Created, Function, Instance, Known, Method, Opaque, Scope, Super

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_KINDS = ("staticmethod", "classmethod", "property")
_IGNORED = ("no_grad", "inference_mode", "override", "autocast")  # decorators that change no shape


def function(interpreter: Interpreter, node: ast.FunctionDef | ast.Lambda, scope: Scope) -> Function:
    """A function of the text, its defaults evaluated once, as Python does."""
    parameters = node.args
    positional = [*parameters.posonlyargs, *parameters.args]
    defaults = {
        one.arg: interpreter.value(value, scope)
        for one, value in zip(positional[len(positional) - len(parameters.defaults) :], parameters.defaults)
    }
    for one, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if value is not None:
            defaults[one.arg] = interpreter.value(value, scope)
    if isinstance(node, ast.Lambda):
        return Function("lambda", node, scope, defaults)
    kind = ""
    for decorator in node.decorator_list:
        word = interpreter.value(decorator, scope)
        name = word.name if isinstance(word, Opaque | Known) else ""
        if name in _KINDS:
            kind = name
        elif name not in _IGNORED:
            raise interpreter.wrong(decorator, "this decorator is not read here; leave it out")
    return Function(node.name, node, scope, defaults, kind=kind)


def defined(interpreter: Interpreter, node: ast.ClassDef, scope: Scope) -> Class:
    """A class of the text."""
    if node.keywords:
        raise interpreter.wrong(node.keywords[0].value, "a class is read without metaclass and keywords")
    decorators = [interpreter.value(one, scope) for one in node.decorator_list]
    for one, value in zip(node.decorator_list, decorators, strict=True):
        if not (isinstance(value, Opaque) and value.name == "dataclass"):
            raise interpreter.wrong(one, "a decorator of a class is not read here; leave it out")
    bases = [interpreter.value(one, scope) for one in node.bases]
    made = None
    for one, value in zip(node.bases, bases, strict=True):
        base = value.base if isinstance(value, Class) else value if isinstance(value, type) else None
        if not isinstance(value, Class | Opaque | type):
            raise interpreter.wrong(one, f"a class cannot come from {builtins.describe(value)}")
        if made is not None and base is not None and base is not made:
            raise interpreter.wrong(one, "a class that comes from two classes of torch is not read here")
        made = made or base
    inner = Scope(scope)
    for statement in node.body:
        interpreter.statement(statement, inner)
    found = Class(node.name, tuple(bases), inner.names, node, made)
    if decorators:
        inherited = [name for value in bases if isinstance(value, Class) for name in value.fields]
        annotated = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and _is_name(one.target)]
        found.fields = tuple(dict.fromkeys([*inherited, *annotated]))
    for member in inner.names.values():
        if isinstance(member, Function) and member.owner is None:
            member.owner = found
            member.scope = scope
    return found


def misspelt(interpreter: Interpreter, of: nn.Module | Class, wanted: str) -> str:
    """A hint where a class of the text has a method that is nearly called `wanted`, and none that is; '' otherwise."""
    kind = of if isinstance(of, Class) else of.__dict__["_text"].kind if "_text" in of.__dict__ else None
    if kind is None or wanted in kind.members:
        return ""
    methods = {one.strip("_"): value for one, value in kind.members.items() if isinstance(value, Function)}
    near = difflib.get_close_matches(wanted.strip("_"), methods, 1, 0.75)
    if not near:
        return ""
    found = methods[near[0]]
    line, _ = interpreter.place(found.node.lineno, found.node.col_offset)
    return f"; write {wanted} for {found.name[:40]} in line {line}"


def _is_name(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def instantiated(
    interpreter: Interpreter, kind: Class, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> Any:
    """An object of a class of the text: a network where the class goes back to one of torch's."""
    own = _initialiser(kind)
    if kind.base is None:
        thing = Instance(kind)
        if own is not None:
            interpreter.function(own, (thing, *args), kwargs, node)
        elif kind.fields or args or kwargs:
            thing.fields.update(_fields(interpreter, kind, args, kwargs, node))
        return thing
    made = python_class(kind)
    network = made.__new__(made)
    network.__dict__.update(_text=Text(kind, interpreter.enter), named=set(), made_by=len(interpreter.made))
    if isinstance(node, ast.Call):
        interpreter.made.append(node)
        interpreter.held.append(0)  # its layers are counted where they are made
    if len(interpreter.made) > calls.MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {calls.MAX_LAYERS:,} layers")
    if own is not None:
        interpreter.function(own, (network, *args), kwargs, node)
    else:
        _initialise(interpreter, kind, network, args, kwargs, node)
    if "_modules" not in network.__dict__:
        raise interpreter.wrong(kind.node, f"{kind.name}'s __init__ has to begin with super().__init__()")
    if isinstance(node, ast.Call):
        given = calls.bound(interpreter, own, (network, *args), kwargs, node) if own is not None else {}
        interpreter.created.append(Created(kind, network, node, given))
    return network


def _fields(
    interpreter: Interpreter, kind: Class, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> dict[str, Any]:
    """What an object of a dataclass holds."""
    given = dict(zip(kind.fields, args))
    if len(args) > len(kind.fields):
        raise interpreter.wrong(node, f"{kind.name} takes {len(kind.fields)} values and is given {len(args)}")
    for name, value in kwargs.items():
        if name not in kind.fields or name in given:
            raise interpreter.wrong(node, f"{kind.name} takes no {name[:40]}; its fields are {', '.join(kind.fields)}")
        given[name] = value
    missing = [name for name in kind.fields if name not in given and name not in kind.members]
    if missing:
        raise interpreter.wrong(node, f"{kind.name} needs {' and '.join(missing)}")
    return given


def _initialiser(kind: Class) -> Function | None:
    try:
        found = kind.find("__init__")
    except KeyError:
        return None
    return found if isinstance(found, Function) else None


def _initialise(
    interpreter: Interpreter, kind: Class, network: Any, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> None:
    """torch's own __init__."""
    base = kind.base or nn.Module
    given = [calls.for_torch(interpreter, one, base.__name__, node) for one in args]
    named = {key: calls.for_torch(interpreter, one, base.__name__, node) for key, one in kwargs.items()}
    if base is nn.Module and (given or named):
        hint = misspelt(interpreter, network, "__init__") or f"; {kind.name} needs an __init__ of its own"
        raise interpreter.wrong(node, f"nn.Module's __init__ takes nothing{hint}")
    try:
        base.__init__(network, *given, **named)
    except Exception as error:  # torch's constructors raise nearly anything
        raise interpreter.failed(node, f"{base.__name__} cannot be built", error) from None


def super_of(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Super:
    """super() and super(Net, self)."""
    try:
        owner, of = scope.find("__class__"), scope.find("__self__")
    except KeyError:
        raise interpreter.wrong(node, "super() stands only in a method of a class") from None
    if node.args and isinstance(first := interpreter.value(node.args[0], scope), Class):
        owner = first
    return Super(owner, of)


def of_super(interpreter: Interpreter, of: Super, name: str, node: ast.AST) -> Any:
    """super().name: of the classes of the text that come after, or torch's own."""
    kind = of.of.kind if isinstance(of.of, Instance) else of.of._text.kind if hasattr(of.of, "_text") else of.owner
    order = kind.order()
    later = order[order.index(of.owner) + 1 :] if of.owner in order else of.owner.order()[1:]
    for one in later:
        if name in one.members:
            return Method(one.members[name], of.of)
    if name == "__init__":
        return Method(Known("__init__", _base_init, ours=True), of.of)
    if name == "forward" and of.owner.base not in (None, nn.Module):
        return Method(Known("forward", _base_forward), of.of)
    hint = "; did you mean __init__" if name.strip("_") in ("init", "int", "inti") else ""
    raise interpreter.wrong(node, f"nothing above {of.owner.name} has {name[:40]}{hint}")


def of_torch(layer: type[nn.Module], name: str) -> Known:
    """nn.Module.__init__, nn.Conv2d.forward: as a text calls them with self."""
    return Known(name, _base_init, ours=True) if name == "__init__" else Known(name, layer.forward)


def _base_init(interpreter: Interpreter, node: ast.AST, network: Any, *args: Any, **kwargs: Any) -> None:
    if isinstance(network, nn.Module):
        _initialise(interpreter, network.__dict__["_text"].kind, network, args, kwargs, node)


def _base_forward(network: Any, *args: Any, **kwargs: Any) -> Any:
    """The forward of the class of torch that a class of a text goes back to."""
    return network._text.kind.base.forward(network, *args, **kwargs)

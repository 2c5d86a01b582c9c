"""What an object has above the methods of the text's own class, as torch and Python have it: super().__setattr__(...),
object.__setattr__(...), dict.__getitem__(...)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import nn

from cnnviz.networks.source import bounds, calls, classes, functions, operations, records, specials
from cnnviz.networks.source.modules import Text, python_class
from cnnviz.networks.source.values import Class, Instance, Known, Method, Opaque, Row, Scope, Super, Table

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

KINDS = {
    "dict": dict,
    "OrderedDict": dict,
    "list": list,
    "str": str,
    "tuple": tuple,
    "set": set,
}  # of Python's own, that a text names
_SIZED = (Row, Table, nn.Sequential, nn.ModuleList, nn.ModuleDict)


def _named(of: Any, name: str) -> Method | None:
    """obj.__len__, with its name in full: the text's own, or what Python and torch have; None for what is not read."""
    return specials.find(of, name) or above(of, name)


def above(of: Any, name: str) -> Method | None:
    """super().__setattr__ and its like: what Python and torch do without the text's own method; None for what is not
    read."""
    return Method(Known(name, _RAW[name], ours=True), of) if name in _RAW else None


def function(name: str) -> Known | None:
    """object.__setattr__, dict.__getitem__; None for what is not read."""
    return Known(name, _RAW[name], ours=True) if name in _RAW else None


def put_by_dict(interpreter: Interpreter, target: ast.Subscript, value: Any, scope: Scope) -> bool:
    """self.__dict__[name] = value of a network; whether it is that."""
    match target.value:
        case ast.Attribute(value=owner, attr="__dict__"):
            of = interpreter.value(owner, scope)
            if isinstance(of, nn.Module):
                _keep_plain(interpreter, of, interpreter.index(target.slice, scope), value, target)
                return True
    return False


def update_by_dict(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Known | None:
    """self.__dict__.update of a network, which gives it plain settings; None for any other call."""
    match node.func:
        case ast.Attribute(value=ast.Attribute(value=owner, attr="__dict__"), attr="update"):
            of = interpreter.value(owner, scope)
            return Known("update", _updating(of), ours=True) if isinstance(of, nn.Module) else None
    return None


def _updating(of: nn.Module) -> Callable[..., None]:
    def call(interpreter: Interpreter, node: ast.AST, *values: Any, **more: Any) -> None:
        for given in (*values, more):
            if not isinstance(given, dict):
                raise interpreter.wrong(node, f"update wants a dictionary, and this is {bounds.describe(given)}")
            for name, value in given.items():
                _keep_plain(interpreter, of, name, value, node)

    return call


def _keep_plain(interpreter: Interpreter, of: nn.Module, name: Any, value: Any, node: ast.AST) -> None:
    """A setting among what a network holds, of which torch does not know."""
    interpreter.count(node)
    _check_name(interpreter, node, name)
    if isinstance(value, nn.Module | nn.Parameter):
        raise interpreter.wrong(node, f"torch does not find what stands in __dict__; write self.{name[:40]} = ...")
    keep(interpreter, of, name, value, node)


def _set(interpreter: Interpreter, node: ast.AST, of: Any, name: Any, value: Any) -> None:
    _check_name(interpreter, node, name)
    interpreter.assign(of, name, value, node, raw=True)


def _delete(interpreter: Interpreter, node: ast.AST, of: Any, name: Any) -> None:
    _check_name(interpreter, node, name)
    interpreter.delete(of, name, node, raw=True)


def _get(interpreter: Interpreter, node: ast.AST, of: Any, name: Any) -> Any:
    _check_name(interpreter, node, name)
    return interpreter.read(of, name, node, raw=True)


def of_python(interpreter: Interpreter, of: Any, name: str, node: ast.AST) -> Any:
    """What stands under a name with two underscores around it: self.__len__, super().__setattr__, object.__setattr__;
    None for what is not read."""
    if name == "__dict__" and isinstance(of, Instance | Table):
        return of if isinstance(of, Table) and of.itself else of.fields
    if name == "__dataclass_fields__" and isinstance(of, Class | Instance):
        return records.fields_of(interpreter, node, of)
    if name == "__annotations__" and isinstance(of, Class):
        return {one.target.id: Opaque("an annotation") for one in of.node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)}  # fmt: skip
    if name not in specials.CALLED and name != "__getattribute__":
        return None
    if isinstance(of, Super):
        return classes.of_super(interpreter, of, name, node)
    if isinstance(of, nn.Module | Instance | Row | Table):
        return _named(of, name)
    if isinstance(of, Class):
        return of.special(name) or function(name)
    if isinstance(of, type) or (isinstance(of, Opaque) and of.name == "object"):
        return function(name)
    return function(name) if isinstance(of, Known) and of.name in KINDS else None


def empty(interpreter: Interpreter, kind: Class, node: ast.AST) -> Any:
    """An object of a class of the text before its __init__."""
    if kind.native == "dict":
        table = Table()
        table.kind, table.fields = kind, {}
        return table
    if kind.tuples or kind.choices:
        raise interpreter.wrong(node, f"__new__ of {kind.name} is not read here; call {kind.name}(...)")
    if kind.base is None:
        return Instance(kind)
    made = python_class(kind)
    network = made.__new__(made)
    network.__dict__.update(_text=Text(kind, interpreter.enter), named=set(), made_by=len(interpreter.made))
    if isinstance(node, ast.Call):
        interpreter.made.append(node)
        interpreter.held.append(0)  # its layers are counted where they are made
    calls.check_made(interpreter, node)
    return network


def fill(interpreter: Interpreter, node: ast.AST, thing: Any, *args: Any, **kwargs: Any) -> None:
    """The __init__ of a class that comes from dict or SimpleNamespace."""
    if isinstance(thing, Table):
        thing.update(functions.mapping(dict)(interpreter, node, *args, **kwargs))
        interpreter.bounded(thing, node)
        return
    if args or any(name.startswith("__") for name in kwargs):
        raise interpreter.wrong(node, f"{bounds.describe(thing)} takes values by names, and none of Python's own")
    thing.fields.update(kwargs)


def keep(interpreter: Interpreter, of: Any, name: str, value: Any, node: ast.AST) -> None:
    """object.__setattr__(of, name, value)."""
    interpreter.assign(of, name, value, node, raw=True)


def _check_name(interpreter: Interpreter, node: ast.AST, name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):
        raise interpreter.wrong(
            node, f"a name that is no name of Python's own is wanted here, and this is {name!r:.40}"
        )


def _at(interpreter: Interpreter, node: ast.AST, of: Any, index: Any) -> Any:
    return operations.at(interpreter, of, index, node, raw=True)


def _put(interpreter: Interpreter, node: ast.AST, of: Any, index: Any, value: Any) -> None:
    operations.put(interpreter, of, index, value, node, raw=True)


def _length(interpreter: Interpreter, node: ast.AST, of: Any) -> int:
    if not isinstance(of, _SIZED):
        raise interpreter.wrong(node, "nothing above its class has a __len__")
    return len(of)


def _items(interpreter: Interpreter, node: ast.AST, of: Any) -> Any:
    if not isinstance(of, _SIZED):
        raise interpreter.wrong(node, "nothing above its class has an __iter__")
    return interpreter.bounded([*of], node)


def _holds(interpreter: Interpreter, node: ast.AST, of: Any, one: Any) -> bool:
    if not isinstance(of, Table):
        raise interpreter.wrong(node, "nothing above its class has a __contains__")
    return bool(dict.__contains__(of, bounds.light(interpreter, one, node)))


def _called(interpreter: Interpreter, node: ast.AST, of: Any, *args: Any, **kwargs: Any) -> Any:
    if not isinstance(of, nn.Module):
        raise interpreter.wrong(node, "nothing above its class has a __call__")
    return calls.torch_call(interpreter, nn.Module.__call__, calls.FORWARD, (of, *args), kwargs, node)


def _new(interpreter: Interpreter, node: ast.AST, kind: Any, *_args: Any, **_kwargs: Any) -> Any:
    if not isinstance(kind, Class):
        raise interpreter.wrong(node, f"__new__ wants the class, and this is {bounds.describe(kind)}")
    made = empty(interpreter, kind, node)
    if isinstance(made, nn.Module):
        nn.Module.__init__(made)  # so that all may ask what it holds
    return made


def _missing(interpreter: Interpreter, node: ast.AST, of: Any, key: Any) -> Any:
    raise interpreter.raised("KeyError", node, f"{bounds.describe(of)} has no {bounds.describe(key)}")


def _taken_out(interpreter: Interpreter, node: ast.AST, of: Any, key: Any) -> None:
    if not isinstance(of, Table):
        raise interpreter.wrong(node, "nothing above its class has a __delitem__")
    dict.pop(of, bounds.light(interpreter, key, node), None)


def _nothing(_interpreter: Interpreter, _node: ast.AST, *_args: Any, **_kwargs: Any) -> None:
    """What object's own __init_subclass__ and __init__ do."""


def _same(interpreter: Interpreter, node: ast.AST, one: Any, other: Any) -> bool:
    if isinstance(one, Table) and isinstance(other, dict):
        return dict.__eq__(*(bounds.light(interpreter, each, node) for each in (one, other)))
    return one is other


def _word(interpreter: Interpreter, node: ast.AST, of: Any) -> str:
    return bounds.written(interpreter, of, node, raw=True)


_RAW: dict[str, Callable[..., Any]] = {
    "__setattr__": _set,
    "__delattr__": _delete,
    "__getattr__": _get,
    "__getattribute__": _get,
    "__getitem__": _at,
    "__setitem__": _put,
    "__len__": _length,
    "__iter__": _items,
    "__contains__": _holds,
    "__delitem__": _taken_out,
    "__missing__": _missing,
    "__call__": _called,
    "__new__": _new,
    "__init_subclass__": _nothing,
    "__eq__": _same,
    "__str__": _word,
    "__repr__": _word,
}

"""What stands behind a dot: of torch and its like, of tensors, networks, classes, words and lists."""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.source import builtins, calls, classes, options, tables
from cnnviz.networks.source.values import Class, Function, Instance, Known, Method, Namespace, Opaque, Super

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_INNER = frozenset(nn.Module().__dict__) | {"_text", "named", "made_by"}  # training, _parameters ..., and ours


def read(interpreter: Interpreter, of: Any, name: str, node: ast.AST) -> Any:
    """The attribute of that name. Raises NotationError where a text may not read it, or where there is none."""
    if name.startswith("__") and name not in ("__init__", "__class__", "__name__"):
        hint = "; did you mean __init__" if isinstance(of, Super) and name.strip("_").startswith("in") else ""
        raise interpreter.wrong(node, f"{name[:40]} is Python's own and is not read here{hint}")
    if isinstance(of, nn.Module):
        return _of_network(interpreter, of, name, node)
    if isinstance(of, Tensor):
        return _of_tensor(interpreter, of, name, node)
    if isinstance(of, Namespace):
        return _of_namespace(interpreter, of, name, node)
    if isinstance(of, Super):
        return classes.of_super(interpreter, of, name, node)
    if isinstance(of, Instance):
        return _of_instance(interpreter, of, name, node)
    if isinstance(of, Class):
        return _of_class(interpreter, of, name, node)
    if isinstance(of, type) and name in ("__init__", "forward"):
        return classes.of_torch(of, name)
    if isinstance(of, type | Function | Known) and name == "__name__":
        return of.__name__ if isinstance(of, type) else of.name
    if isinstance(of, tuple) and name in ("values", "indices") and hasattr(of, name):
        return of[("values", "indices").index(name)]
    if isinstance(of, Opaque):
        return Opaque(name)
    if isinstance(of, options.Parser) and name in options.METHODS:
        return Method(options.METHODS[name], of)
    found = builtins.method(of, name)
    if found is None:
        raise interpreter.wrong(node, f"{builtins.describe(of)} has no {name[:40]} that is read here")
    return Method(found, of)


def _of_namespace(interpreter: Interpreter, of: Namespace, name: str, node: ast.AST) -> Any:
    if name in of.members:
        return of.members[name]
    if why := of.refused.get(name, of.why):
        raise interpreter.wrong(node, f"{of.name}.{name} is not read here: {why}")
    near = difflib.get_close_matches(name, of.members, 1, 0.6)
    hint = f"; did you mean {near[0]}" if near else "; leave it out, or write it by what is"
    raise interpreter.wrong(node, f"{of.name} has no {name[:40]!r} that is read here{hint}")


def _of_tensor(interpreter: Interpreter, of: Tensor, name: str, node: ast.AST) -> Any:
    if name in tables.PROPERTIES:
        return getattr(of, name)
    if name in ("device", "dtype"):
        return Opaque("device") if name == "device" else of.dtype
    if name in tables.ITSELF:
        return Method(Known(name, _itself, ours=True), of)
    found = tables.METHODS.get(name)
    if found is None:
        if why := tables.REFUSED_METHODS.get(name):
            raise interpreter.wrong(node, f".{name} is not read here: {why}")
        near = difflib.get_close_matches(name, [*tables.METHODS, *tables.PROPERTIES], 1, 0.6)
        hint = f"; did you mean {near[0]}" if near else ""
        raise interpreter.wrong(node, f"a tensor has no {name[:40]!r} that is read here{hint}")
    return Method(found, of)


def _itself(_interpreter: Interpreter, _node: ast.AST, of: Any, *args: Any, **kwargs: Any) -> Any:
    """.to(device), .cuda(): what is computed on is not the text's to choose; another type of numbers is."""
    kind = next((one for one in (*args, *kwargs.values()) if isinstance(one, torch.dtype)), None)
    return of.to(kind) if kind is not None and isinstance(of, Tensor) else of


def _of_network(interpreter: Interpreter, of: nn.Module, name: str, node: ast.AST) -> Any:
    own = of.__dict__
    for kept in ("_modules", "_parameters", "_buffers"):
        if name in own.get(kept, ()):
            return own[kept][name]
    if name in own.get("named", ()):
        return own[name]
    if (text := own.get("_text")) is not None:
        try:
            return _member(interpreter, text.kind.find(name), of, text.kind, node)
        except KeyError:
            pass
        if name == "__class__":
            return text.kind
    if name in tables.LAYER_ATTRIBUTES and hasattr(of, name):
        return getattr(of, name)
    if name in tables.ITSELF:
        return Method(Known(name, _itself, ours=True), of)
    if name == "apply":
        return Method(Known(name, _apply, ours=True), of)
    if name in tables.CONTAINER_METHODS and isinstance(of, tables.CONTAINERS) and hasattr(of, name):
        return Method(Known(name, _container_method(name), ours=True), of)
    if name in tables.NETWORK_METHODS:
        return Method(Known(name, _network_method(name), ours=True), of)
    if name == "__class__":
        return type(of)
    if "_modules" not in own:
        raise interpreter.wrong(node, f"{type(of).__name__}'s __init__ has to begin with super().__init__()")
    known = [*own["_modules"], *own["_parameters"], *own["_buffers"], *own.get("named", ())]
    near = difflib.get_close_matches(name, known, 1, 0.6)
    hint = f"; did you mean {near[0]}" if near else classes.misspelt(interpreter, of, "__init__")
    raise interpreter.wrong(node, f"{type(of).__name__} has no {name[:40]!r}{hint}")


def _network_method(name: str) -> Any:
    """parameters, modules ... as lists; the rest as torch has them."""

    def call(interpreter: Interpreter, node: ast.AST, of: nn.Module, *args: Any, **kwargs: Any) -> Any:
        if name in tables.WALKS:
            interpreter.count(node, sum(1 for _ in of.modules()))
        try:
            result = getattr(of, name)(*args, **kwargs)
        except Exception as error:
            if name == "forward":
                raise
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        return result if isinstance(result, nn.Module | Tensor | tuple | type(None)) else list(result)

    return call


def _container_method(name: str) -> Any:
    """append, items ... of a ModuleList and its like; what is gone through comes as a list."""

    def call(interpreter: Interpreter, node: ast.AST, of: nn.Module, *args: Any) -> Any:
        interpreter.count(node, calls.STEPS_OF_TORCH)
        given = [calls.for_torch(interpreter, one, name, node) for one in args]
        count = sum(len(one) for one in (of, *given) if isinstance(one, tables.CONTAINERS + (list, tuple, dict)))
        if name in ("insert", "pop"):  # which move all that are behind
            interpreter.count(node, 2 * len(of._modules))
        if count > calls.MAX_LAYERS:
            raise interpreter.wrong(node, f"there are more than {calls.MAX_LAYERS:,} layers")
        try:
            result = getattr(of, name)(*given)
        except Exception as error:
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        if name not in ("items", "keys", "values"):
            return result
        interpreter.count(node, len(result))
        return list(result)

    return call


def _apply(interpreter: Interpreter, node: ast.AST, of: nn.Module, function: Any) -> nn.Module:
    """network.apply(function), the innermost first, as torch does."""
    for child in of.children():
        _apply(interpreter, node, child, function)
    interpreter.call(function, [of], {}, node)
    return of


def _member(interpreter: Interpreter, value: Any, of: Any, kind: Class, node: ast.AST) -> Any:
    """A member of a class as its object has it."""
    if not isinstance(value, Function):
        return value
    match value.kind:
        case "property":
            return interpreter.function(value, (of,), {}, node)
        case "staticmethod":
            return value
        case "classmethod":
            return Method(value, kind)
    return Method(value, of)


def _of_instance(interpreter: Interpreter, of: Instance, name: str, node: ast.AST) -> Any:
    if name in of.fields:
        return of.fields[name]
    try:
        return _member(interpreter, of.kind.find(name), of, of.kind, node)
    except KeyError:
        if name == "__class__":
            return of.kind
        raise interpreter.wrong(node, f"a {of.kind.name} has no {name[:40]!r}") from None


def _of_class(interpreter: Interpreter, of: Class, name: str, node: ast.AST) -> Any:
    if name == "__name__":
        return of.name
    try:
        value = of.find(name)
    except KeyError:
        if name == "__init__":
            return classes.of_torch(of.base or nn.Module, name)
        raise interpreter.wrong(node, f"{of.name} has no {name[:40]!r}") from None
    return Method(value, of) if isinstance(value, Function) and value.kind == "classmethod" else value


def assign(interpreter: Interpreter, of: Any, name: str, value: Any, node: ast.AST) -> None:
    """of.name = value. Raises NotationError where a text may not set it."""
    if name.startswith("__"):
        raise interpreter.wrong(node, f"{name[:40]} is Python's own; choose another name")
    if isinstance(of, Instance):
        of.fields[name] = value
    elif isinstance(of, Class):
        of.members[name] = value
    elif isinstance(of, nn.Module):
        _assign_to_network(interpreter, of, name, value, node)
    elif isinstance(of, Tensor) and name in ("data", "requires_grad"):
        setattr(of, name, value)
    else:
        raise interpreter.wrong(node, f"{builtins.describe(of)} has no attributes to set")


def _assign_to_network(interpreter: Interpreter, of: nn.Module, name: str, value: Any, node: ast.AST) -> None:
    own, layer = of.__dict__, isinstance(value, nn.Module | nn.Parameter)
    if name in _INNER and name != "training":
        raise interpreter.wrong(node, f"{name[:40]} is torch's own; choose another name")
    if "_modules" not in own and layer:
        raise interpreter.wrong(node, f"{type(of).__name__}'s __init__ has to begin with super().__init__()")
    if hasattr(nn.Module, name) and name != "training":
        raise interpreter.wrong(node, f"every network has a method {name} of its own; name this otherwise")
    setting = name in tables.LAYER_ATTRIBUTES and "_text" not in own
    if "_text" not in own and not setting and not layer:
        raise interpreter.wrong(node, f"a {type(of).__name__} has no {name[:40]!r} to set")
    try:
        if "_modules" in own:
            setattr(of, name, value)
        else:
            own[name] = value
    except Exception as error:
        raise interpreter.failed(node, f"{name} cannot be set", error) from None
    if name in own and name != "training" and "named" in own:
        own["named"].add(name)

"""Calls: of the text's own functions and classes, of layers, and of torch's functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import builtins, classes, tables
from cnnviz.networks.source.values import Class, Function, Known, Method, Opaque, Partial

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_DROPPED = ("device", "layout", "pin_memory", "memory_format", "non_blocking", "out", "generator")
MAX_LAYERS = 2_000


def call(interpreter: Interpreter, function: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    """What a call comes to."""
    if isinstance(function, nn.Module):
        return torch_call(interpreter, function, type(function).__name__, tuple(args), kwargs, node)
    if isinstance(function, Method):
        return call(interpreter, function.function, [function.of, *args], kwargs, node)
    if isinstance(function, Known):
        return _known(interpreter, function, args, kwargs, node)
    if isinstance(function, Function):
        return interpreter.function(function, args, kwargs, node)
    if isinstance(function, Class):
        return classes.instantiated(interpreter, function, args, kwargs, node)
    if isinstance(function, type):
        return built(interpreter, function, args, kwargs, node)
    if isinstance(function, Partial):
        return call(interpreter, function.function, [*function.args, *args], {**dict(function.kwargs), **kwargs}, node)
    if isinstance(function, Opaque):
        return Opaque(function.name)
    raise interpreter.wrong(node, f"{builtins.describe(function)} cannot be called")


def _known(interpreter: Interpreter, known: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    if known.ours:
        try:
            return known.call(interpreter, node, *args, **kwargs)
        except TypeError as error:  # of a call with other arguments than the function has
            raise interpreter.failed(node, f"{known.name} does not take this", error) from None
    if known.name.removeprefix("torch.") in tables.MADE or known.name.startswith(".new_"):
        _check_made(interpreter, known, args, kwargs, node)
    return torch_call(interpreter, known.call, known.name, tuple(args), kwargs, node)


def _check_made(interpreter: Interpreter, known: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
    """Refuses tensors of more numbers than a text may make by itself."""
    word = known.name.rpartition(".")[2]
    sizes = [one for one in _flat([*args, kwargs.get("size", ())]) if type(one) in (int, float)]
    count = 1.0
    if word in ("arange", "linspace", "logspace", "randperm"):
        step = min((abs(one) for one in sizes if one), default=1) if word == "arange" else 1
        count = max(map(abs, sizes), default=0) / step
    elif word in ("tensor", "as_tensor"):
        count = len(_flat(args))
    elif word == "eye":
        count = max(sizes, default=1) ** 2
    else:
        shape = sizes if word not in ("full", "new_full") else [one for one in _flat(args[:2]) if type(one) is int]
        for one in shape:
            count *= abs(one) or 1
    if count > tables.MAX_MADE:
        raise interpreter.wrong(
            node, f"{known.name} makes {count:,.0f} numbers and {tables.MAX_MADE:,} are the most that a text makes"
        )


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [further for one in value for further in _flat(one)]
    return [value]


def torch_call(
    interpreter: Interpreter,
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> Any:
    """A call that torch answers. What torch raises goes on, with the node that it was raised at."""
    given = [for_torch(interpreter, one, name, node) for one in args]
    named = {key: for_torch(interpreter, value, name, node) for key, value in kwargs.items() if key not in _DROPPED}
    try:
        if name.startswith("torch.") and interpreter.state.device is not None:
            with torch.device(interpreter.state.device):
                return function(*given, **named)
        return function(*given, **named)
    except NotationError:
        raise
    except Exception as error:
        if not any(isinstance(one, Tensor | nn.Module) for one in (function, *args)):
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        if not hasattr(error, "raised_at"):
            error.raised_at = node  # type: ignore[attr-defined]
        raise


def for_torch(interpreter: Interpreter, value: Any, name: str, node: ast.AST) -> Any:
    """A value as torch takes it."""
    if value is None or isinstance(value, Tensor | int | float | str | nn.Module | slice | torch.dtype):
        return value
    if isinstance(value, list | tuple | dict):
        builtins.light(interpreter, value, node)
        if isinstance(value, dict):
            return type(value)((key, for_torch(interpreter, one, name, node)) for key, one in value.items())
        made = [for_torch(interpreter, one, name, node) for one in value]
        return value if isinstance(value, torch.Size) else made if isinstance(value, list) else tuple(made)
    if isinstance(value, range):
        return list(value)
    if isinstance(value, Known) and not value.ours:
        return value.call
    if value is Ellipsis or isinstance(value, torch.layout):
        return value
    if isinstance(value, type) and issubclass(value, nn.Module):
        raise interpreter.wrong(node, f"{value.__name__} is a class; write {value.__name__}() to make a layer of it")
    raise interpreter.wrong(node, f"{name} does not take {builtins.describe(value)}")


def built(
    interpreter: Interpreter, layer: type[nn.Module], args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> nn.Module:
    """A layer of torch with fresh weights; it keeps the number of the call that made it."""
    name = layer.__name__
    if layer is nn.Module:
        raise interpreter.wrong(node, "nn.Module itself is no layer; write a class of your own from it")
    deep = kwargs.get("num_layers", args[2] if name in ("LSTM", "GRU", "RNN") and len(args) > 2 else 1)
    if name in ("TransformerEncoder", "TransformerDecoder") and len(args) > 1:
        deep = args[1]
    if type(deep) is int and deep > tables.MAX_REPEATED:
        raise interpreter.wrong(node, f"{name} of {deep:,} layers is too deep; {tables.MAX_REPEATED} are the most")
    if len(interpreter.made) >= MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {MAX_LAYERS:,} layers")
    given = [for_torch(interpreter, one, name, node) for one in args]
    named = {key: for_torch(interpreter, one, name, node) for key, one in kwargs.items() if key != "device"}
    named = {key: one for key, one in named.items() if key != "dtype" or one is not None}
    try:
        made = layer(*given, **named)
    except NotationError:
        raise
    except Exception as error:  # torch's constructors raise nearly anything
        raise interpreter.failed(node, f"{name} cannot be built", error) from None
    made.__dict__["made_by"] = len(interpreter.made)
    if isinstance(node, ast.Call):
        interpreter.made.append(node)
    return made


# --- arguments of the text's own functions


def bound(
    interpreter: Interpreter, function: Function, args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> dict[str, Any]:
    """The arguments of a call by the names of the function's parameters."""
    parameters = function.node.args
    positional = [one.arg for one in (*parameters.posonlyargs, *parameters.args)]
    names = dict(zip(positional, args))
    if len(args) > len(positional):
        if parameters.vararg is None:
            own = 1 if function.owner is not None else 0
            raise interpreter.wrong(
                node,
                f"{function.name} takes {len(positional) - own} values and is given {len(args) - own}",
            )
        names[parameters.vararg.arg] = tuple(args[len(positional) :])
    elif parameters.vararg is not None:
        names[parameters.vararg.arg] = ()
    known = {*positional, *(one.arg for one in parameters.kwonlyargs)}
    further = {}
    for key, value in kwargs.items():
        if key in names and key in known:
            raise interpreter.wrong(node, f"{function.name} is given {key} twice")
        if key in known:
            names[key] = value
        elif parameters.kwarg is not None:
            further[key] = value
        else:
            raise interpreter.wrong(node, f"{function.name} takes no {key[:40]}")
    if parameters.kwarg is not None:
        names[parameters.kwarg.arg] = further
    for key, value in function.defaults.items():
        names.setdefault(key, value)
    missing = [one for one in (*positional, *(one.arg for one in parameters.kwonlyargs)) if one not in names]
    if missing:
        raise interpreter.wrong(node, f"{function.name} needs {' and '.join(missing)}")
    return names

"""Calls: of the text's own functions and classes, of layers, and of torch's functions."""

from __future__ import annotations

import ast
import difflib
import inspect
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedParameter

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.notation.unbuilt import unbuilt
from cnnviz.networks.source import bounds, classes, copies, hooks, packages, shadows, tables
from cnnviz.networks.source.cleaning.parsing import NUMBER_MISSING
from cnnviz.networks.source.given import noting
from cnnviz.networks.source.values import Class, Function, Held, Instance, Known, Method, Opaque, Partial, Table, Walk

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_DROPPED = ("device", "layout", "pin_memory", "memory_format", "non_blocking", "out", "generator")
MAX_LAYERS = 2_000  # of a network
MAX_MADE = 3 * MAX_LAYERS  # of all networks that a text makes, as where it tries one of each size
_RECURRENT = ("input_size", "hidden_size", "num_layers")
_ORDER: dict[type[nn.Module], tuple[str, ...]] = {  # of each layer the parameters, by their order
    layer: _RECURRENT if issubclass(layer, nn.RNNBase) else tuple(inspect.signature(layer).parameters)
    for layer in tables.LAYERS.values()
}
_OFTEN_ALIKE = (nn.Linear, nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase)  # and small, so that they are kept
MAX_EXECUTIONS = 20_000  # of layers in one call, each as often as it is called
_FILLING = {one.name for one in tables.INIT.values() if one.name.endswith("_")} | {".normal_", ".uniform_"}
_OF_WEIGHTS = 8  # times what its weights hold may a forward make of them
_MAX_GROWTH = 64  # times as large as what it is made of may a large tensor be
MAX_FILLED = 2_000_000_000  # numbers that a text sets in the layers that it makes
FORWARD = "forward"  # the name that a layer's own forward is called by
_PARTED = {"split": "size", "chunk": "number", "tensor_split": "number", "unbind": ""}  # and what by: a size, a number
STEPS_OF_TORCH = 16  # that a call of torch counts as
STEPS_OF_A_LAYER = 80  # that a layer of a network of another package counts as, which takes half a millisecond


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
        if function.name in tables.TENSORS:
            return _constructed(interpreter, tables.TENSORS[function.name], args, node)
        return Opaque(function.name)
    if isinstance(function, Instance | Table) and (own := classes.special(function, "__call__")) is not None:
        return call(interpreter, own, args, kwargs, node)
    comma = isinstance(function, tuple) and len(function) == 1 and isinstance(function[0], nn.Module)
    hint = "; a comma behind the layer has made it one where it is given its name: leave it out" if comma else ""
    raise interpreter.wrong(node, f"{bounds.describe(function)} cannot be called{hint}")


def _known(interpreter: Interpreter, known: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
    if known.ours:
        try:
            return known.call(interpreter, node, *args, **kwargs)
        except TypeError as error:  # of a call with other arguments than the function has
            said = TypeError(str(error).replace(f"{getattr(known.call, '__name__', '?')}()", f"{known.name}()"))
            raise interpreter.failed(node, f"{known.name} does not take this", said) from None
    if known.name.removeprefix("torch.") in tables.MADE or known.name.startswith(".new_"):
        _check_made(interpreter, known, args, kwargs, node)
    if known.name in _FILLING and args and isinstance(args[0], Tensor) and args[0].is_meta:
        interpreter.count(node, STEPS_OF_TORCH)
        return args[0]  # it has no numbers to be filled in, and torch takes half a millisecond to find that out
    return torch_call(interpreter, known.call, known.name, tuple(args), kwargs, node)


def _constructed(interpreter: Interpreter, kind: torch.dtype, args: list[Any], node: ast.AST) -> Any:
    """torch.FloatTensor(2, 3), of sizes, or ([0.5, 1.0]), of numbers; what torch leaves as it finds it is 0 here."""
    if len(args) == 1 and isinstance(args[0], Tensor):
        return args[0].to(kind)
    if len(args) == 1 and isinstance(args[0], list | tuple) and not isinstance(args[0], torch.Size):
        return call(interpreter, tables.MADE["tensor"], args, {"dtype": kind}, node)
    return call(interpreter, tables.MADE["zeros"], args or [0], {"dtype": kind}, node)


def new(interpreter: Interpreter, node: ast.AST, of: Tensor, *args: Any) -> Any:
    """x.new(2, 3) and x.new([0.5]): as the constructor, with x's kind of numbers and where x lies."""
    numbers = len(args) == 1 and isinstance(args[0], list | tuple) and not isinstance(args[0], torch.Size)
    if numbers:
        return call(interpreter, tables.METHODS["new_tensor"], [of, *args], {}, node)
    return call(interpreter, tables.METHODS["new_zeros"], [of, *(args or (0,))], {}, node)


def extended(interpreter: Interpreter, row: nn.Module, items: Sequence[Any], node: ast.AST) -> nn.Module:
    """row += items, of a row of layers or weights."""
    given = [for_torch(interpreter, one, "this", node) for one in items]
    interpreter.count(node, STEPS_OF_TORCH + len(given))
    if len(row) + len(given) > MAX_LAYERS:  # type: ignore[arg-type]
        raise interpreter.wrong(node, f"there are more than {MAX_LAYERS:,} layers")
    try:
        for one in given:
            row.append(one)  # type: ignore[operator]
    except Exception as error:
        raise interpreter.failed(node, "this cannot be added", error) from None
    return row


def copied(interpreter: Interpreter, function: Callable[[Any], Any], value: Any, node: ast.AST) -> Any:
    """copy.deepcopy(value): a copy of layers counts as layers that are made."""
    interpreter.count(node, bounds.weight(bounds.light(interpreter, value, node)) // STEPS_OF_TORCH)
    modules = _networks_in(value)
    inner = sum(1 for one in modules for _ in one.modules())
    interpreter.count(node, STEPS_OF_TORCH * (1 + inner))
    if modules and interpreter.state.device is not None:
        raise interpreter.wrong(node, "layers are copied in __init__, and not each time that forward runs")
    if inner > MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {MAX_LAYERS:,} layers")
    if any(map(hooks.are_held, modules)):
        raise interpreter.wrong(node, "a layer with a hook is not copied here; hang the hook on the copy")
    check_made(interpreter, node)
    try:
        made = function(value)
    except Exception as error:
        raise interpreter.failed(node, "this cannot be copied", error) from None
    if modules and isinstance(node, ast.Call):
        interpreter.made.append(node)
        interpreter.held.append(_parameters_of(modules))
    return made


def _networks_in(value: Any) -> list[nn.Module]:
    """The layers that lie within a value that is `light`."""
    found: list[nn.Module] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, nn.Module | Held):
            found.append(one.network if isinstance(one, Held) else one)
        elif isinstance(one, list | tuple | set | dict):
            waiting += one.values() if isinstance(one, dict) else one
    return found


def _check_made(interpreter: Interpreter, known: Known, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
    """Refuses tensors of more numbers than a text may make by itself."""
    bounds.light(interpreter, [args, kwargs], node)
    word = known.name.rpartition(".")[2]
    sizes = [one for one in _flat([*args, kwargs.get("size", ())]) if type(one) in (int, float)]
    count = 1.0
    if word in ("arange", "linspace", "logspace", "randperm"):
        step = min((abs(one) for one in sizes if one), default=1) if word == "arange" else 1
        count = max(map(abs, sizes), default=0) / step
    elif word in ("tensor", "as_tensor", "new_tensor"):
        count = len(_flat(args))
    elif word == "normal":
        shape = [one for one in _flat([args[2:], kwargs.get("size", ())]) if type(one) is int]
        count = math.prod(abs(one) or 1 for one in shape)
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
    interpreter.count(node, STEPS_OF_TORCH)
    network = args[0] if name == FORWARD and args else function
    if isinstance(network, nn.Module):
        inner = check_executions(interpreter, network, node) - 1
        if any(isinstance(one, Tensor) and one.is_meta for one in (*args, *kwargs.values())):
            interpreter.count(node, inner * STEPS_OF_TORCH)
        _check_given(interpreter, network, args, node)
    _check_parts(interpreter, name, args, kwargs, node)
    state, around = interpreter.state, interpreter.state.derived
    if state.device is None and shadows.is_asked(name, function, args):
        return function(*map(shadows.of, args), **kwargs)
    given, named = _handed(interpreter, function, name, args, kwargs, node)
    derived = _is_derived(given) or (bool(named) and _is_derived([*named.values()]))
    try:
        if isinstance(network, nn.Module):
            state.derived = derived
        if name.startswith("torch.") and state.device is not None:
            with torch.device(state.device):
                result = function(*given, **named)
        else:
            result = function(*given, **named)
        if state.device is None:
            shadows.keep(result, name, function, given, named)
        if derived and isinstance(result, Tensor) and not result.is_meta:  # as its trace has seen
            result.__dict__["of_input"] = True
            return result
        return _within_bounds(interpreter, name, [*given, *named.values()], result, node)
    except NotationError:
        raise
    except Exception as error:
        if not any(isinstance(one, Tensor | nn.Module) for one in (function, *_flat([*args, *kwargs.values()]))):
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        layer = next((one for one in given if isinstance(one, nn.Module) and one is not network), None)
        if isinstance(error, TypeError) and layer is not None and not hasattr(error, "raised_at"):
            kind = type(layer).__name__
            raise interpreter.wrong(
                node, f"{name} is given a {kind} itself; call the {kind} with a tensor first"
            ) from None
        if not hasattr(error, "raised_at") and not packages.is_brought(node):
            error.raised_at = node  # type: ignore[attr-defined]
            if isinstance(error, TypeError):
                word = function.__name__ if name == "this" else name.rpartition(".")[2]
                noting(error, word, [*args, *kwargs.values()], node)
        raise
    finally:
        state.derived = around


def _check_given(interpreter: Interpreter, layer: nn.Module, args: tuple[Any, ...], node: ast.AST) -> None:
    """Refuses to call one of torch's layers with None."""
    if len(args) == 0 or args[0] is not None:
        return
    while isinstance(layer, nn.Sequential) and "_text" not in layer.__dict__ and len(layer):
        layer = layer[0]
    if layer._modules or "_text" in layer.__dict__ or isinstance(layer, nn.Identity):
        return
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    name = ast.unparse(first)[:40] if isinstance(first, ast.Name | ast.Attribute | ast.Subscript) else ""
    remedy = f"{name} is None here; give it a tensor before" if name else "what it is given here is None"
    said = f"{type(layer).__name__} takes a tensor, and {remedy}"
    raise interpreter.raised("TypeError", first if first is not None else node, said)


def _check_parts(
    interpreter: Interpreter, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], node: ast.AST
) -> None:
    """Refuses to part a tensor into more than a list may hold: x.split(1), x.unbind(0)."""
    parted = _PARTED.get(name.rpartition(".")[2])
    if parted is None:
        return
    of, by, dim = (*args, *[None] * 3)[:3] if parted else (*args[:1], None, *args[1:2], None, None)[:3]
    of = next((kwargs[one] for one in ("input", "tensor") if one in kwargs), of)
    by = next((value for name, value in kwargs.items() if name not in ("input", "tensor", "dim")), by)
    dim = kwargs.get("dim", 0 if dim is None else dim)
    if not isinstance(of, Tensor) or type(dim) is not int or not -of.dim() <= dim < of.dim():
        return  # torch says what is wrong
    size = of.shape[dim]
    count = size if parted == "" else 0 if type(by) is not int else size // max(1, by) if parted == "size" else by
    if count > bounds.MAX_WEIGHT:
        raise interpreter.wrong(node, f"{name} makes {count:,} parts and {bounds.MAX_WEIGHT:,} are the most")


def _handed(
    interpreter: Interpreter,
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    node: ast.AST,
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as they are handed on: to a network of the text as they are, and to torch as torch takes them."""
    if "_text" in getattr(function, "__dict__", ()):
        for one in (*args, *kwargs.values()):
            if isinstance(one, list | tuple | dict):
                interpreter.count(node, len(bounds.light(interpreter, one, node)))
        return [*args], kwargs
    if kwargs.get("out") is not None:
        raise interpreter.wrong(node, "out= is not read here; write the result in front, as in y = torch.add(a, b)")
    named = {key: for_torch(interpreter, value, name, node) for key, value in kwargs.items() if key not in _DROPPED}
    return [for_torch(interpreter, one, name, node) for one in args], named


def _allowed(network: nn.Module) -> int:
    """How many numbers a forward may make in all of other things than its input: weights that are normalised first are
    made anew a few times."""
    own = sum(one.numel() for one in network.parameters() if not isinstance(one, UninitializedParameter))
    return 5 * tables.MAX_MADE + _OF_WEIGHTS * own


def mark(value: Any) -> None:
    """Marks tensors as made of a network's input: what is not is made by the text, and bounded."""
    for one in _flat(value):
        if isinstance(one, Tensor):
            one.__dict__["of_input"] = True


def _is_derived(given: Sequence[Any]) -> bool:
    """Whether a tensor among what is given is made of a network's input."""
    for one in given:
        if isinstance(one, Tensor):
            if "of_input" in one.__dict__:
                return True
        elif isinstance(one, list | tuple) and _is_derived(one):
            return True
    return False


def _within_bounds(interpreter: Interpreter, name: str, given: list[Any], result: Any, node: ast.AST) -> Any:
    """The result, where it is no more than a text may make: while a network is made, and in a forward of all that is
    not made of its input, in all; otherwise of a tensor that is far larger than what it is made of. A trace meets it
    before anything is computed; a batch of another size may still do so later."""
    if _is_derived(given):
        mark(result)
    if isinstance(result, tuple | list) and not isinstance(result, torch.Size):
        for one in result:
            _within_bounds(interpreter, name, given, one, node)
        return result
    if not isinstance(result, Tensor) or isinstance(result, UninitializedParameter):
        return result
    state, count = interpreter.state, result.numel()
    if any(result is one for one in given):  # changed in place, as nn.init does
        state.filled += count if state.device is None else 0
        if state.filled > MAX_FILLED:
            raise interpreter.wrong(node, f"{name} sets {state.filled:,} numbers in all, more than a text may set")
        return result
    if state.device is None:
        state.made += count
        count = state.made
    elif not _is_derived(given):
        state.made += count  # kept or not, for whoever measures a network counts what is made of its input alone
        count = state.made
    elif count <= sum(one.numel() for one in _flat(given) if isinstance(one, Tensor)) * _MAX_GROWTH:
        return result
    if count > 2 * tables.MAX_MADE and (state.device is None or count > _allowed(state.outer)):
        raise interpreter.wrong(node, f"{name} makes {count:,} numbers in all, more than a text may make")
    return result


def fill(interpreter: Interpreter, layer: nn.Module, node: ast.AST) -> None:
    """Counts the numbers of a layer that are set anew."""
    interpreter.state.filled += _parameters_of([layer])
    if interpreter.state.filled > MAX_FILLED:
        raise interpreter.wrong(node, f"{interpreter.state.filled:,} numbers are set in all, more than a text may set")


def for_torch(interpreter: Interpreter, value: Any, name: str, node: ast.AST) -> Any:
    """A value as torch takes it."""
    if value is None or isinstance(value, Tensor | int | float | str | nn.Module | slice | torch.dtype):
        return value
    if isinstance(value, list | tuple | dict):
        bounds.light(interpreter, value, node)
        interpreter.count(node, len(value))
        if isinstance(value, dict):
            return type(value)((key, for_torch(interpreter, one, name, node)) for key, one in value.items())
        made = [for_torch(interpreter, one, name, node) for one in value]
        return value if isinstance(value, torch.Size) else made if isinstance(value, list) else tuple(made)
    if isinstance(value, range):
        return list(value)
    if isinstance(value, Walk) and name in ("ModuleList", "ParameterList", "extend"):
        return for_torch(interpreter, value.rest(), name, node)
    if isinstance(value, Known) and not value.ours:
        return value.call
    if value is Ellipsis or isinstance(value, torch.layout):
        return value
    if isinstance(value, type) and issubclass(value, nn.Module):
        raise interpreter.wrong(node, f"{value.__name__} is a class; write {value.__name__}() to make a layer of it")
    raise interpreter.wrong(node, f"{name} does not take {bounds.describe(value)}")


def check_executions(interpreter: Interpreter, network: nn.Module, node: ast.AST) -> int:
    """How many layers a call runs through. Refuses a network that is part of itself, and rows within rows that come
    to too many layers."""
    if not network._modules:
        return 1
    counts: dict[int, int] = {}
    waiting: list[tuple[nn.Module, bool]] = [(network, False)]
    around: set[int] = set()
    while waiting:
        module, done = waiting.pop()
        children = [one for one in module._modules.values() if one is not None]
        if done:
            around.discard(id(module))
            counts[id(module)] = 1 + sum(counts[id(one)] for one in children)
            if counts[id(module)] > MAX_EXECUTIONS:
                raise interpreter.wrong(node, f"its layers are called more than {MAX_EXECUTIONS:,} times")
        elif id(module) not in counts:
            if id(module) in around:
                raise interpreter.wrong(node, f"a {type(module).__name__} is part of itself")
            around.add(id(module))
            waiting.append((module, True))
            waiting += [(one, False) for one in children if id(one) not in counts]
    return counts[id(network)]


def check_made(interpreter: Interpreter, node: ast.AST) -> None:
    """Raises NotationError where a text has made as many layers as it may, of all its networks."""
    if len(interpreter.made) >= MAX_MADE:
        raise interpreter.wrong(node, f"there are more than {MAX_MADE:,} layers in all networks of the text")


def _repeated(layer: type[nn.Module], args: Sequence[Any], kwargs: dict[str, Any]) -> int:
    """How many layers a call makes by a number."""
    given = {**dict(zip(_ORDER.get(layer, ()), args)), **kwargs}
    found = [value for name, value in given.items() if name.startswith("num_") and name.endswith("layers")]
    return max((one for one in found if type(one) is int), default=1)


def built(
    interpreter: Interpreter, layer: type[nn.Module], args: Sequence[Any], kwargs: dict[str, Any], node: ast.AST
) -> nn.Module:
    """A layer of torch with fresh weights; it keeps the number of the call that made it."""
    name = layer.__name__
    if layer is nn.Module and (args or kwargs):
        raise interpreter.wrong(node, "nn.Module itself is no layer; write a class of your own from it")
    if any(isinstance(one, Tensor) for one in args[:1]) and not name.endswith("Loss"):
        raise interpreter.wrong(node, f"{name} is made before it is given a tensor; write nn.{name}(...)(x)")
    if layer is nn.Sequential and len(args) == 1 and isinstance(args[0], list | tuple):
        raise interpreter.wrong(node, "Sequential takes its layers one by one; write a star before the list: *[...]")
    deep = _repeated(layer, args, kwargs)
    if deep > tables.MAX_REPEATED:
        raise interpreter.wrong(node, f"{name} of {deep:,} layers is too deep; {tables.MAX_REPEATED} are the most")
    cloned = [value for value in (*args, *kwargs.values()) if isinstance(value, nn.Module)] if deep > 1 else []
    clones = deep * sum(1 for value in cloned for _ in value.modules())
    if clones > MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {MAX_LAYERS:,} layers")
    check_made(interpreter, node)
    given = [for_torch(interpreter, one, name, node) for one in args]
    named = {key: for_torch(interpreter, one, name, node) for key, one in kwargs.items() if key != "device"}
    named = {key: one for key, one in named.items() if key != "dtype" or one is not None}
    try:
        on_meta = torch.get_default_device().type == "meta"
        made = _weightless(layer, given, named) if on_meta else layer(*given, **named)
    except NotationError:
        raise
    except Exception as error:  # torch's constructors raise nearly anything
        if why := _unfitting(layer, str(error)) or _without_number(layer, args, kwargs):
            raise interpreter.wrong(node, why) from None
        if (found := unbuilt(layer, args, kwargs)) is not None:
            wrong = interpreter.raised(type(error).__name__, node, f"{name} cannot be built: {found.why}")
            wrong.unbuilt = found
            raise wrong from None
        raise interpreter.failed(node, f"{name} cannot be built", error) from None
    made.__dict__["made_by"] = len(interpreter.made)
    if isinstance(node, ast.Call):
        interpreter.made.append(node)
        within = [[*one.values()] if isinstance(one, dict) else one for one in (*given, *named.values())]
        before = _parameters_of(one for one in _flat(within) if isinstance(one, nn.Module))
        interpreter.held.append(max(0, _parameters_of([made]) - before))  # a container has none that were not there
    return made


def _weightless(layer: type[nn.Module], args: list[Any], kwargs: dict[str, Any]) -> nn.Module:
    """A layer without numbers. A network has many that are alike, and to copy one takes half the time in which it is
    made."""
    alike = issubclass(layer, _OFTEN_ALIKE) and not issubclass(layer, LazyModuleMixin)
    if not alike or not all(map(_is_plain, (*args, *kwargs.values()))):
        return _made(layer, *args, **kwargs)
    return copies.copied(_made_once(layer, *args, **kwargs))  # type: ignore[arg-type]


def _is_plain(value: object) -> bool:
    """Whether it is a number, a word, or sizes: what is told from every other by its value and its type."""
    return all(type(one) is int for one in value) if type(value) is tuple else copies.never_changes(value)


def _made(layer: type[nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
    made = _numberless(layer)(*args, **kwargs)  # type: ignore[arg-type]
    made.__class__ = layer
    return made


_made_once = lru_cache(maxsize=512, typed=True)(_made)


@lru_cache(maxsize=256)
def _numberless(layer: type[nn.Module]) -> type[nn.Module]:
    """The layer without its first numbers, which the meta device does not keep: they take two thirds of the time in
    which a layer is made."""
    if not hasattr(layer, "reset_parameters") or issubclass(layer, LazyModuleMixin):
        return layer
    return type(layer.__name__, (layer,), {"reset_parameters": lambda _self: None})


def kept(interpreter: Interpreter, made: nn.Module, node: ast.AST) -> nn.Module:
    """A network that another package has made with a call of the text: its layers keep the number of that call."""
    layers = list(made.modules())
    interpreter.count(node, STEPS_OF_A_LAYER * len(layers))
    if len(layers) > MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {MAX_LAYERS:,} layers")
    check_made(interpreter, node)
    for one in layers:
        one.__dict__ |= {"made_by": len(interpreter.made), "ready_made": True}
    if isinstance(node, ast.Call):
        interpreter.made.append(node)
        interpreter.held.append(_parameters_of([made]))
    return made


def _parameters_of(modules: Iterable[nn.Module]) -> int:
    """How many parameters they have together, each counted once."""
    apart = {id(module): module for module in modules}.values()
    once = {id(one): one for module in apart for one in module.parameters()}
    return sum(one.numel() for one in once.values() if not isinstance(one, UninitializedParameter))


def _unfitting(layer: type[nn.Module], said: str) -> str:
    """What is wrong with the names of a layer's arguments, from what Python says; '' for anything else."""
    if found := re.search(r"missing \d+ required positional arguments?: (.*)", said):
        names = re.findall(r"'(\w+)'", found[1])
        return f"{layer.__name__} needs {' and '.join(names)}; write {', '.join(f'{one}=...' for one in names)} into it"
    if found := re.search(r"unexpected keyword argument '(\w+)'", said):
        known = [one for one in inspect.signature(layer).parameters if one not in _DROPPED]
        near = difflib.get_close_matches(found[1], known, 1, 0.5)
        hint = f"did you mean {near[0]}" if near else f"it takes {', '.join(known)}"
        return f"{layer.__name__} takes no {found[1][:40]}; {hint}"
    return ""


def _without_number(layer: type[nn.Module], args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """What is wrong where None, a word or a row is given for a size: nn.Linear(None, 10); '' for anything else."""
    for name, value in {**dict(zip(_ORDER.get(layer, ()), args)), **kwargs}.items():
        if value is Ellipsis:
            return NUMBER_MISSING
        if _is_size(name) and not isinstance(value, int):
            return f"{layer.__name__} wants a whole number for {name}, and this is {bounds.describe(value)}"
    return ""


def _is_size(name: str) -> bool:
    return name.endswith(("_features", "_channels", "hidden_size", "input_size", "embed_dim"))


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
            if own and not function.kind and positional[:1] != ["self"]:
                raise interpreter.wrong(function.node, f"the first parameter of {function.name} has to be self")
            said = f"{function.name} takes {len(positional) - own} values and is given {len(args) - own}"
            raise interpreter.raised("TypeError", node, said)
        names[parameters.vararg.arg] = tuple(args[len(positional) :])
    elif parameters.vararg is not None:
        names[parameters.vararg.arg] = ()
    known = {*positional, *(one.arg for one in parameters.kwonlyargs)}
    further = {}
    for key, value in kwargs.items():
        if key in names and key in known:
            raise interpreter.raised("TypeError", node, f"{function.name} is given {key} twice")
        if key in known:
            names[key] = value
        elif parameters.kwarg is not None:
            further[key] = value
        else:
            raise interpreter.raised("TypeError", node, f"{function.name} takes no {key[:40]}")
    if parameters.kwarg is not None:
        names[parameters.kwarg.arg] = further
    for key, value in function.defaults.items():
        names.setdefault(key, value)
    missing = [one for one in (*positional, *(one.arg for one in parameters.kwonlyargs)) if one not in names]
    if missing:
        raise interpreter.raised("TypeError", node, f"{function.name} needs {' and '.join(missing)}")
    return names

"""What a text may use without importing it, and what it imports; numbers, words and lists within their bounds."""

from __future__ import annotations

import ast
import difflib
import re
from collections import OrderedDict
from collections.abc import Callable, ItemsView, KeysView, ValuesView
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import options, tables
from cnnviz.networks.source.values import (
    Class,
    Function,
    Instance,
    Known,
    Method,
    Namespace,
    Opaque,
    Partial,
    Scope,
    Unknown,
)

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

CONTEXTS = ("no_grad", "inference_mode", "enable_grad", "autocast")
INDEXED = (list, tuple, dict, str, range, nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList)
PLAIN = (int, float, str, list, tuple, dict, set, range, slice, type(None), nn.Module)
_MAX_WEIGHT = 10_000  # values within one another that are compared, formatted or handed to torch
_SPEC = re.compile(r"[<>^]?0?\d{0,2}(\.\d{1,2})?[dfgeis,%]?")
_NOT_READ = frozenset(
    ["open", "input", "eval", "exec", "compile", "globals", "locals", "vars", "dir", "id", "hash", "iter", "next"]
)
_BRACES = re.compile(r"\{(\w*)(?::([^{}]*))?\}")


def describe(value: Any) -> str:
    """What a value is, in a word."""
    match value:
        case None | bool() | int() | float():
            return str(value)[:40]
        case str():
            return f"the word {value[:30]!r}"
        case Tensor():
            return "a tensor"
        case nn.Module():
            return f"a {type(value).__name__}"
        case Class() | Function() | Known() | Namespace() | Opaque():
            return value.name
        case Instance():
            return f"a {value.kind.name}"
        case Method() | Partial():
            return "a function"
        case type():
            return value.__name__
        case list() | tuple() | set() | range():
            return f"a {type(value).__name__} of {len(value):,}"
        case dict():
            return f"a dictionary of {len(value):,}"
    return f"a {type(value).__name__}"


# --- bounds


def check_size(interpreter: Interpreter, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> None:
    """Refuses what would be large before it is made: long repetitions, high powers, and % of words, which formats."""
    several = (str, list, tuple)
    if isinstance(operation, ast.Mult) and isinstance(left, several) != isinstance(right, several):
        many, count = (left, right) if isinstance(left, several) else (right, left)
        if type(count) is int and len(many) * count > _MAX_WEIGHT:
            raise interpreter.wrong(node, f"this has {len(many) * count:,} items and {_MAX_WEIGHT:,} are the most")
    if isinstance(operation, ast.Pow) and type(right) in (int, float) and abs(right) > 64:
        raise interpreter.wrong(node, "powers up to 64 are computed here")
    if isinstance(operation, ast.Mod) and isinstance(left, str):
        raise interpreter.wrong(node, 'words are put together as f"conv{i}" here, not with %')


def light(interpreter: Interpreter, value: Any, node: ast.AST) -> Any:
    """The value, where what lies within it and again within that is not too much to go through."""
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple | set):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        count += 1
        if count > _MAX_WEIGHT:
            raise interpreter.wrong(node, f"this holds more than {_MAX_WEIGHT:,} values within one another")
    return value


def formatted(interpreter: Interpreter, value: Any, spec: str, node: ast.AST) -> str:
    """A value in a text with braces; a format says no more than width, digits and kind."""
    if not _SPEC.fullmatch(spec):
        raise interpreter.wrong(node, f"the format {spec[:20]!r} is not read here")
    if isinstance(value, int | float | str) or value is None:
        try:
            return format(value, spec) if value is not None else "None"
        except ValueError as error:
            raise interpreter.failed(node, "this cannot be written", error) from None
    if isinstance(light(interpreter, value, node), torch.Size | tuple | list):
        return "(" + ", ".join(formatted(interpreter, one, "", node) for one in value[:8]) + ")"
    return describe(value)


# --- names


def unknown(name: str, scope: Scope) -> str:
    """What is to be said of a name that nothing stands for."""
    names: set[str] = set()
    around: Scope | None = scope
    while around is not None:
        names |= {one for one in around.names if not one.startswith("__")}
        around = around.parent
    near = difflib.get_close_matches(name, names, 1, 0.7)
    if name == "self":
        return "this method has no self; write self as the first of its parameters"
    if name in _NOT_READ:
        return f"{name} is not read here; leave it out"
    hint = f"; did you mean {near[0]}" if near else "; write it above, or give its value here"
    return f"nothing here is called {name[:40]}{hint}"


def imported(interpreter: Interpreter, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """The names that an import brings; of a module that is not read, names that are refused once they are used."""
    if isinstance(node, ast.Import):
        for one in node.names:
            found = NAMESPACES.get(one.name) or _missing(interpreter, node, one.name)
            if one.asname is None and "." in one.name:
                first = one.name.partition(".")[0]
                found = NAMESPACES.get(first) or _missing(interpreter, node, first)
                scope.names[first] = found
            else:
                scope.names[one.asname or one.name] = found
        return
    module = node.module or ""
    for one in node.names:
        space = NAMESPACES.get(module)
        if one.name == "*":
            scope.names.update(space.members if space else {})
        elif space is not None and one.name in space.members:
            scope.names[one.asname or one.name] = space.members[one.name]
        elif f"{module}.{one.name}" in NAMESPACES:
            scope.names[one.asname or one.name] = NAMESPACES[f"{module}.{one.name}"]
        elif module in tables.TYPES:
            scope.names[one.asname or one.name] = Opaque(one.name)
        elif space is not None and (why := space.refused.get(one.name, space.why)):
            line, _ = interpreter.place(node.lineno, 0)
            scope.names[one.asname or one.name] = Unknown(f"{space.name}.{one.name} is not read here: {why}", line)
        else:
            scope.names[one.asname or one.name] = _missing(interpreter, node, f"{module}.{one.name}")


def _missing(interpreter: Interpreter, node: ast.AST, name: str) -> Unknown | Namespace:
    if name in tables.TYPES:
        return Namespace(name, {one: Opaque(one) for one in ("List", "Optional", "Tuple", "Union", "Any", "Callable")})
    line, _ = interpreter.place(getattr(node, "lineno", 1), 0)
    why = f"{name} is not among the modules that are read (torch, torch.nn, math, numpy's numbers); leave it out"
    return Unknown(why, line)


# --- functions

_Function = Callable[..., Any]


def _numbers(name: str, function: _Function) -> Known:
    """A function of Python that takes plain values."""

    def call(interpreter: Interpreter, node: ast.AST, *args: Any, **kwargs: Any) -> Any:
        for one in args:
            light(interpreter, one, node)
        try:
            return interpreter.bounded(function(*args, **kwargs), node)
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise interpreter.failed(node, f"{name} does not take this", error) from None

    return Known(name, call, ours=True)


def _nothing(_interpreter: Interpreter, _node: ast.AST, *_args: Any, **_kwargs: Any) -> None:
    """print and its like."""


def _len(interpreter: Interpreter, node: ast.AST, value: Any) -> int:
    if isinstance(value, (Tensor, set, *INDEXED)):
        return len(value)
    raise interpreter.wrong(node, f"{describe(value)} has no length")


def _range(interpreter: Interpreter, node: ast.AST, *args: Any) -> range:
    if not all(type(one) is int for one in args) or not 1 <= len(args) <= 3:
        raise interpreter.wrong(node, "range takes one to three whole numbers")
    try:
        found = range(*args)
        if len(found) > _MAX_WEIGHT:
            raise interpreter.wrong(node, f"this has {len(found):,} rounds and {_MAX_WEIGHT:,} are the most")
    except (ValueError, OverflowError) as error:
        if isinstance(error, OverflowError) or "arg 3" in str(error):
            raise interpreter.failed(node, "range does not take this", error) from None
        raise
    return found


def _enumerate(interpreter: Interpreter, node: ast.AST, value: Any, start: int = 0) -> list[Any]:
    return list(enumerate(interpreter.items(value, node), start))


def _zip(interpreter: Interpreter, node: ast.AST, *values: Any, strict: bool = False) -> list[Any]:
    return list(zip(*(interpreter.items(one, node) for one in values), strict=False))


def _reversed(interpreter: Interpreter, node: ast.AST, value: Any) -> list[Any]:
    return list(reversed(interpreter.items(value, node)))


def _map(interpreter: Interpreter, node: ast.AST, function: Any, *values: Any) -> list[Any]:
    rows = zip(*(interpreter.items(one, node) for one in values), strict=False)
    return [interpreter.call(function, list(row), {}, node) for row in rows]


def _filter(interpreter: Interpreter, node: ast.AST, function: Any, value: Any) -> list[Any]:
    items = interpreter.items(value, node)
    return [one for one in items if interpreter.true(interpreter.call(function, [one], {}, node), node)]


def _made(kind: _Function) -> _Function:
    def make(interpreter: Interpreter, node: ast.AST, value: Any = ()) -> Any:
        try:
            return interpreter.bounded(kind(interpreter.items(light(interpreter, value, node), node)), node)
        except TypeError as error:
            raise interpreter.failed(node, "this cannot be made", error) from None

    return make


def _dict(interpreter: Interpreter, node: ast.AST, value: Any = (), **more: Any) -> OrderedDict[Any, Any]:
    pairs = value.items() if isinstance(value, dict) else interpreter.items(value, node)
    try:
        found: OrderedDict[Any, Any] = OrderedDict(tuple(one) for one in pairs)
    except (TypeError, ValueError) as error:
        raise interpreter.failed(node, "a dictionary wants pairs of a name and a value", error) from None
    interpreter.bounded(found, node)
    return OrderedDict({**found, **more})


def _sum(interpreter: Interpreter, node: ast.AST, value: Any, start: Any = 0) -> Any:
    total = start
    for one in interpreter.items(value, node):
        interpreter.count(node)
        total = interpreter.combined(ast.Add(), total, one, node)
    return total


def _str(interpreter: Interpreter, node: ast.AST, value: Any = "") -> str:
    return formatted(interpreter, value, "", node)


def _any(interpreter: Interpreter, node: ast.AST, value: Any) -> bool:
    return any(interpreter.true(one, node) for one in interpreter.items(value, node))


def _all(interpreter: Interpreter, node: ast.AST, value: Any) -> bool:
    return all(interpreter.true(one, node) for one in interpreter.items(value, node))


def _isinstance(interpreter: Interpreter, node: ast.AST, value: Any, kinds: Any) -> bool:
    return any(_is_a(value, one) for one in (kinds if isinstance(kinds, tuple) else (kinds,)))


def _is_a(value: Any, kind: Any) -> bool:
    if isinstance(kind, Class):
        own = value.kind if isinstance(value, Instance) else getattr(getattr(value, "_text", None), "kind", None)
        return own is not None and kind in own.order()
    if isinstance(kind, type):
        return isinstance(value, kind)
    python = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
    if isinstance(kind, Known) and kind.name in python:
        return isinstance(value, python[kind.name])
    return isinstance(kind, Opaque) and kind.name == "Tensor" and isinstance(value, Tensor)


def _callable(_interpreter: Interpreter, _node: ast.AST, value: Any) -> bool:
    return isinstance(value, nn.Module | Class | Function | Known | Method | Partial | type)


def _type(_interpreter: Interpreter, _node: ast.AST, value: Any) -> Any:
    text = getattr(value, "_text", None) if isinstance(value, nn.Module) else None
    if text is not None:
        return text.kind
    if isinstance(value, Instance):
        return value.kind
    return type(value) if isinstance(value, nn.Module) else Opaque(type(value).__name__)


def _getattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any, *default: Any) -> Any:
    if not isinstance(name, str) or not name.isidentifier():
        raise interpreter.wrong(node, f"getattr wants a name, and this is {describe(name)}")
    try:
        return interpreter.read(of, name, node)
    except NotationError:
        if default:
            return default[0]
        raise


def _hasattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any) -> bool:
    missing = object()
    return _getattr(interpreter, node, of, name, missing) is not missing


def _setattr(interpreter: Interpreter, node: ast.AST, of: Any, name: Any, value: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise interpreter.wrong(node, f"setattr wants a name, and this is {describe(name)}")
    interpreter.assign(of, name, value, node)


def _partial(_interpreter: Interpreter, _node: ast.AST, function: Any, *args: Any, **kwargs: Any) -> Partial:
    return Partial(function, args, tuple(kwargs.items()))


def _passed(_interpreter: Interpreter, node: ast.AST, *_args: Any, **_kwargs: Any) -> Any:
    """What changes nothing here: a seed, a device, whether there is a GPU; a context of torch is known by its name."""
    function = node.func if isinstance(node, ast.Call) else None
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return False if name == "is_available" else Opaque(name)


_OURS: dict[str, _Function] = {
    "print": _nothing,
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "map": _map,
    "filter": _filter,
    "list": _made(list),
    "tuple": _made(tuple),
    "set": _made(set),
    "dict": _dict,
    "sum": _sum,
    "str": _str,
    "any": _any,
    "all": _all,
    "isinstance": _isinstance,
    "callable": _callable,
    "type": _type,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
}
_OF_NUMBERS: dict[str, _Function] = {
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "divmod": divmod,
    "sorted": sorted,
}
NAMES: dict[str, Any] = {
    **{name: Known(name, function, ours=True) for name, function in _OURS.items()},
    **{name: _numbers(name, function) for name, function in _OF_NUMBERS.items()},
    **{name: Opaque(name) for name in ("object", "Exception", "ValueError", "NotImplementedError", "NotImplemented")},
    "pow": _numbers("pow", lambda base, power: base**power if abs(power) <= 64 else float("nan")),
    "__name__": "__main__",
    "staticmethod": Opaque("staticmethod"),
    "classmethod": Opaque("classmethod"),
    "property": Opaque("property"),
    "Residual": tables.LAYERS["Residual"],
}
_ORDERED = Known("OrderedDict", _dict, ours=True)
NAMESPACES: dict[str, Namespace] = {
    **tables.namespaces(_passed),
    "collections": Namespace("collections", {"OrderedDict": _ORDERED}),
    "functools": Namespace("functools", {"partial": Known("partial", _partial, ours=True)}),
    "argparse": options.ARGPARSE,
}
USUAL: dict[str, Any] = {  # what a text that begins in the middle has imported above
    "torch": NAMESPACES["torch"],
    "nn": NAMESPACES["torch.nn"],
    "F": NAMESPACES["torch.nn.functional"],
    "math": NAMESPACES["math"],
    "np": NAMESPACES["numpy"],
    "OrderedDict": _ORDERED,
    "collections": NAMESPACES["collections"],
    "partial": Known("partial", _partial, ours=True),
    "functools": NAMESPACES["functools"],
    "init": NAMESPACES["torch.nn.init"],
    "Tensor": Opaque("Tensor"),
    **tables.LAYERS,
    "Module": nn.Module,
    "Parameter": Known("nn.Parameter", nn.Parameter),
}

# --- words, lists and dictionaries: what stands behind their dot


METHODS_OF: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "pop", "index", "count", "reverse", "copy", "clear", "remove"),
    dict: ("get", "items", "keys", "values", "update", "pop", "setdefault", "copy"),
    str: (
        *("join", "split", "lower", "upper", "title", "strip", "lstrip", "rstrip"),
        *("startswith", "endswith", "isdigit", "count", "find", "replace"),
    ),
    tuple: ("index", "count"),
    set: ("add",),
}


def method(of: Any, name: str) -> Known | None:
    """list.append and its like; None where there is none such."""
    kind = next((kind for kind in METHODS_OF if isinstance(of, kind)), None)
    if isinstance(of, torch.Size) and name == "numel":
        return Known("numel", lambda _interpreter, _node, size: size.numel(), ours=True)
    if isinstance(of, str) and name == "format":
        return Known("format", _format, ours=True)
    if kind is None or name not in METHODS_OF[kind]:
        return None
    return Known(name, partial(_of_plain, getattr(kind, name)), ours=True)


def _of_plain(function: _Function, interpreter: Interpreter, node: ast.AST, of: Any, *args: Any, **kwargs: Any) -> Any:
    if isinstance(of, str):
        longest = max((len(one) for one in args if isinstance(one, str)), default=0)
        if len(of) * max(1, longest) > 100 * _MAX_WEIGHT:
            raise interpreter.wrong(node, "this word would get too long")
        if args and isinstance(args[0], list | tuple):
            light(interpreter, args[0], node)
    try:
        result = function(of, *args, **kwargs)
    except Exception as error:
        raise interpreter.failed(node, "this cannot be done", error) from None
    interpreter.bounded(of, node)
    plain = list(result) if isinstance(result, ItemsView | KeysView | ValuesView) else result
    return interpreter.bounded(plain, node)


def _format(interpreter: Interpreter, node: ast.AST, of: str, *args: Any, **kwargs: Any) -> str:
    """'conv{}'.format(i): places by number or by name, and no more."""
    waiting = iter(range(len(args)))

    def put(match: re.Match[str]) -> str:
        key, spec = match[1], match[2] or ""
        index = next(waiting, len(args)) if not key else int(key) if key.isdigit() else None
        if index is None and key in kwargs:
            return formatted(interpreter, kwargs[key], spec, node)
        if index is None or index >= len(args):
            raise interpreter.wrong(node, f"nothing is given for {match[0][:20]}")
        return formatted(interpreter, args[index], spec, node)

    rest = _BRACES.sub("", of)
    if "{" in rest or "}" in rest:
        raise interpreter.wrong(node, f"the format {of[:30]!r} is not read here; {{}} and {{name}} are")
    return str(interpreter.bounded(_BRACES.sub(put, of), node))

"""What a value is called, how it is written, and how large it may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.source import specials
from cnnviz.networks.source.values import (
    Class,
    Function,
    Held,
    Instance,
    Known,
    Method,
    Namespace,
    Opaque,
    Partial,
    Row,
    Walk,
)

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

MAX_WEIGHT = 10_000  # values within one another that are compared, formatted or handed to torch
PLAIN = (int, float, str, list, tuple, dict, set, range, slice, type(None), nn.Module)
INDEXED = (
    *(list, tuple, dict, Held, str, range),
    *(nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict),
)
_MAX_DEEP = 200  # values within one another, each in the next
TO_A_STEP = 20  # values are gone through in the time of a step
_MAX_POWER = 64
_SPEC = re.compile(r"[<>^]?0?\d{0,2}(\.\d{1,2})?[dfgeis,%xX]?")
_BRACES = re.compile(r"\{(\w*)(!r|!s)?(?::([^{}]*))?\}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?([-+ 0]?\d{0,2}(?:\.\d{1,2})?)([disrfFeEgGxX%])")


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
        case Row():
            return f"a {value.kind.name}"
        case (Tensor(), _) if isinstance(value, tuple):
            return "a tuple of 2, such as a recurrent layer gives of its output and its state ([0] is the output),"
        case list() | tuple() | set() | range():
            return f"a {type(value).__name__} of {len(value):,}"
        case dict():
            return f"a dictionary of {len(value):,}"
        case Walk():
            return "a generator"
        case Held():
            return "what a network holds by its names"
    return f"a {type(value).__name__}"


def word(node: ast.AST) -> str:
    """What a piece of syntax is called."""
    words = {ast.Starred: "a star", ast.Import: "an import", ast.Slice: "a slice", ast.Set: "a set"}
    return words.get(type(node), f"{type(node).__name__}")


# --- bounds


def check_size(interpreter: Interpreter, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> None:
    """Refuses what would be large before it is made: long repetitions, and high powers."""
    several = (str, list, tuple)
    if isinstance(operation, ast.Mult) and isinstance(left, several) != isinstance(right, several):
        many, count = (left, right) if isinstance(left, several) else (right, left)
        if type(count) is int and len(many) * count > MAX_WEIGHT:
            raise interpreter.wrong(node, f"this has {len(many) * count:,} items and {MAX_WEIGHT:,} are the most")
    if isinstance(operation, ast.Pow | ast.LShift) and type(right) in (int, float) and abs(right) > _MAX_POWER:
        raise interpreter.wrong(node, f"powers up to {_MAX_POWER} are computed here")


def light(interpreter: Interpreter, value: Any, node: ast.AST) -> Any:
    """The value, where what lies within it and again within that is neither too much nor too deep to go through."""
    try:
        interpreter.count(node, weight(value) // TO_A_STEP)
    except OverflowError as error:
        raise interpreter.wrong(node, f"this holds {error}") from None
    return value


def weight(value: Any) -> int:
    """How many values lie within it and again within that, with itself. Raises OverflowError, which says how many are
    the most, where these are too many or too deep to go through."""
    if not isinstance(value, list | tuple | set | dict | slice):
        return 1
    level, count, deep = [value], 1, 0
    while level:
        below: list[Any] = []
        for parts in map(_within, level):
            count += len(parts)
            if count > MAX_WEIGHT:
                raise OverflowError(f"more than {MAX_WEIGHT:,} values within one another")
            below += parts
        level, deep = below, deep + 1
        if deep > _MAX_DEEP:
            raise OverflowError(f"values more than {_MAX_DEEP} deep within one another")
    return count


def _within(value: Any) -> Collection[Any]:
    """What a value holds."""
    if isinstance(value, list | tuple | set):
        return value
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return (value.start, value.stop, value.step) if isinstance(value, slice) else ()


# --- writing


def formatted(interpreter: Interpreter, value: Any, spec: str, node: ast.AST) -> str:
    """A value in a text with braces; a format says no more than width, digits and kind."""
    if (own := specials.formatted(interpreter, value, spec, node)) is not None:
        return own
    if not _SPEC.fullmatch(spec):
        raise interpreter.wrong(node, f"the format {spec[:20]!r} is not read here")
    if spec and isinstance(value, int | float | str):
        try:
            return format(value, spec)
        except ValueError as error:
            raise interpreter.failed(node, "this cannot be written", error) from None
    return written(interpreter, light(interpreter, value, node), node)


def written(interpreter: Interpreter, value: Any, node: ast.AST, quoted: bool = False, raw: bool = False) -> str:
    """A value as str() writes it, or repr() where it is `quoted`; a tensor, a layer and their like in a word. Where it
    is `raw`, not by a method of the text."""
    if not raw and (own := specials.written(interpreter, value, node, quoted)) is not None:
        return own
    match value:
        case str():
            return repr(value) if quoted else value
        case None | bool() | int() | float():
            return str(value)
        case list() | tuple() | set():
            inner = ", ".join(written(interpreter, one, node, quoted=True) for one in value)
            if isinstance(value, torch.Size):
                text = f"torch.Size([{inner}])"
            elif isinstance(value, tuple):
                text = f"({inner},)" if len(value) == 1 else f"({inner})"
            else:
                text = f"[{inner}]" if isinstance(value, list) else f"{{{inner}}}"
        case dict():
            pair = ((written(interpreter, one, node, quoted=True) for one in both) for both in value.items())
            text = "{" + ", ".join(": ".join(both) for both in pair) + "}"
        case Instance():
            text = _object(interpreter, value, node, quoted)
        case _:
            return describe(value)
    return str(interpreter.bounded(text, node))


def _object(interpreter: Interpreter, value: Instance, node: ast.AST, quoted: bool) -> str:
    """An object as Python writes it by itself: a member of an enumeration, SimpleNamespace(...), a dataclass."""
    kind = value.kind
    if kind.choices and "name" in value.fields:
        name = f"{kind.name}.{value.fields['name']}"
        return f"<{name}: {written(interpreter, value.fields.get('value'), node, quoted=True)}>" if quoted else name
    shown = [name for name, one in kind.fields_of().items() if one.shown and not one.handed_on]
    if not shown and not kind.native:
        return describe(value)
    given = {name: value.fields.get(name) for name in shown} or value.fields
    inner = ", ".join(f"{name}={written(interpreter, one, node, quoted=True)}" for name, one in given.items())
    return f"{'namespace' if kind.name == 'SimpleNamespace' else kind.name}({inner})"


def braces(interpreter: Interpreter, node: ast.AST, of: str, *args: Any, **kwargs: Any) -> str:
    """'conv{}'.format(i): places by number or by name, and no more."""
    waiting = iter(range(len(args)))

    def put(match: re.Match[str]) -> str:
        key, spec = match[1], match[3] or ""
        index = next(waiting, len(args)) if not key else int(key) if key.isdigit() else None
        if index is None and key in kwargs:
            return shown(interpreter, kwargs[key], match[2] or "", spec, node)
        if index is None or index >= len(args):
            raise interpreter.wrong(node, f"nothing is given for {match[0][:20]}")
        return shown(interpreter, args[index], match[2] or "", spec, node)

    rest = _BRACES.sub("", of)
    if "{" in rest or "}" in rest:
        raise interpreter.wrong(node, f"the format {of[:30]!r} is not read here; {{}} and {{name}} are")
    return _put_in(interpreter, _BRACES, of, put, node)


def shown(interpreter: Interpreter, value: Any, conversion: str, spec: str, node: ast.AST) -> str:
    """A value in braces: {value!r:>10}."""
    if conversion:
        value = written(interpreter, light(interpreter, value, node), node, quoted=conversion == "!r")
    return formatted(interpreter, value, spec, node)


def percent(interpreter: Interpreter, of: str, given: Any, node: ast.AST) -> str:
    """'layer%d' % i: numbers and words by %d, %s, %.2f and their like, of bounded width."""
    rest = _PERCENT.sub("", of)
    if "%" in rest:
        raise interpreter.wrong(node, f"the format {of[:30]!r} is not read here; %d, %s and %.2f are")
    values = list(given) if isinstance(given, tuple) else [given]
    wanted = [match for match in _PERCENT.finditer(of) if match[3] != "%"]
    named = [match for match in wanted if match[1] is not None]
    if not named and len(wanted) != len(values) and not (isinstance(given, dict) and not wanted):
        raise interpreter.wrong(node, f"{len(wanted)} places of {of[:30]!r} are given {len(values)} values")
    if named and not (isinstance(given, dict) and len(named) == len(wanted)):
        raise interpreter.wrong(node, "%(name)s wants a dictionary")
    waiting = iter(values)

    def put(match: re.Match[str]) -> str:
        if match[3] == "%":
            return "%"
        if match[1] is not None and match[1] not in given:
            raise interpreter.wrong(node, f"nothing is given for {match[0][:20]}")
        value = given[match[1]] if match[1] is not None else next(waiting)
        return _by_percent(interpreter, f"%{match[2]}{match[3]}", value, node)

    return _put_in(interpreter, _PERCENT, of, put, node)


def _by_percent(interpreter: Interpreter, spec: str, value: Any, node: ast.AST) -> str:
    """One place of a format; all but numbers is a word before Python meets it."""
    if spec[-1] in "sr":
        own = specials.written(interpreter, value, node, quoted=spec[-1] == "r")
        value = value if own is None else own
        spec = f"{spec[:-1]}s" if own is not None else spec
        if not isinstance(value, int | float | str | list | tuple | dict | None):
            raise interpreter.wrong(node, f"{describe(value)} is not written into a word here")
        value = written(interpreter, light(interpreter, value, node), node, quoted=spec[-1] == "r")
        spec = f"{spec[:-1]}s"
    elif not isinstance(value, int | float):
        raise interpreter.wrong(node, f"{spec} wants a number, and this is {describe(value)}")
    try:
        return spec % (value,)
    except (TypeError, ValueError, OverflowError) as error:
        raise interpreter.failed(node, "this cannot be written", error) from None


def _put_in(
    interpreter: Interpreter, places: re.Pattern[str], of: str, put: Callable[[re.Match[str]], str], node: ast.AST
) -> str:
    """The word with every place filled; it is refused as soon as it is too long."""
    text, at = "", 0
    for match in places.finditer(of):
        text += of[at : match.start()] + put(match)
        interpreter.bounded(text, node)
        at = match.end()
    return str(interpreter.bounded(text + of[at:], node))

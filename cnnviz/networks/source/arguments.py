"""With which arguments a class of a text is meant: as the text calls it, also in a function that nothing calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from cnnviz.networks.source import bounds, tables
from cnnviz.networks.source.builtins import USUAL
from cnnviz.networks.source.enums import Member
from cnnviz.networks.source.interpreter import Interpreter
from cnnviz.networks.source.program import Program
from cnnviz.networks.source.reach import free
from cnnviz.networks.source.values import Class, Created, Function, Instance, Known, Unknown


@dataclass(frozen=True)
class Argument:
    """An argument of a class that has no default: its name, and its value as the text writes it, '' where it does
    not."""

    name: str
    text: str


@dataclass(frozen=True)
class Called:
    """A call of a class in a text: what is written for its parameters, by name; where it was carried out, `made` has
    the values."""

    written: Mapping[str, ast.expr] = field(default_factory=dict)
    made: Created | None = None

    def value(self, interpreter: Interpreter, name: str) -> Any:
        """What is given for a parameter. Raises NotationError, and KeyError for what is not given."""
        if self.made is not None:
            return self.made.given[name]
        return interpreter.value(self.written[name], interpreter.globals)

    def names(self, kind: Class) -> list[str]:
        """The parameters that are given, without those that have their default."""
        if self.made is None:
            return [*self.written]
        given, defaults = self.made.given, _defaults_of(kind)
        return [name for name in _own(kind) if name in given and given[name] is not defaults.get(name, _MISSING)]

    def places(self, kind: Class) -> list[str]:
        """The parameters that stand before *args."""
        return _places(kind)

    def further(self, kind: Class) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What is given for *args and **kwargs."""
        own = _initialiser(kind)
        if own is None or self.made is None:
            return (), {}
        several, named = own.node.args.vararg, own.node.args.kwarg
        given = self.made.given
        return given[several.arg] if several else (), given[named.arg] if named else {}

    def further_texts(self, kind: Class, program: Program) -> tuple[list[str], dict[str, str]]:
        """The same as texts: the values, or the expressions for them where a value cannot be written."""
        several, named = self.further(kind)
        created = program.interpreter.created
        try:
            return [literal(one, created) for one in several], {k: literal(one, created) for k, one in named.items()}
        except ValueError:
            if self.made is None:
                raise
            node, own = self.made.node, _own(kind)
            written = {one.arg: ast.unparse(one.value) for one in node.keywords if one.arg and one.arg not in own}
            return [ast.unparse(one) for one in node.args[len(_places(kind)) :]], written


_MISSING = Unknown("nothing is given", 1)
_CONFIGURED = ("config", "cfg", "conf", "args", "opt", "hparams", "params")  # what one class of settings is given as
MAX_TRIED = 3  # functions or classes that are carried out to see what they make
_DEEP = 9  # functions that call one another are looked through


def _initialiser(kind: Class) -> Function | None:
    try:
        own = kind.find("__init__")
    except KeyError:
        return None
    return own if isinstance(own, Function) and not isinstance(own.node, ast.Lambda) else None


def _defaults_of(kind: Class) -> Mapping[str, Any]:
    """The defaults of its __init__."""
    own = _initialiser(kind)
    return own.defaults if own is not None else {}


def _places(kind: Class) -> list[str]:
    """The parameters of a class's __init__ that a call may give by their order, without self."""
    own = _initialiser(kind)
    return [one.arg for one in [*own.node.args.posonlyargs, *own.node.args.args][1:]] if own is not None else []


def _own(kind: Class) -> list[str]:
    """All of them that have a name."""
    own = _initialiser(kind)
    return _places(kind) + [one.arg for one in own.node.args.kwonlyargs] if own is not None else []


def required(kind: Class) -> list[str]:
    """The parameters without default, or with one that is not read."""
    defaults = _defaults_of(kind)
    return [name for name in _own(kind) if isinstance(defaults.get(name, _MISSING), Unknown)]


def asked(program: Program, kind: Class, called: Called) -> tuple[Argument, ...]:
    """The parameters without default, with what the call gives for them: as it is written where that means the same at
    the end of the text, otherwise the value."""
    return tuple(Argument(name, _text(program, kind, called, name)) for name in required(kind))


def _text(program: Program, kind: Class, called: Called, name: str) -> str:
    written, made = called.written.get(name), called.made
    if made is None:
        said = name if _is_said(program, name) else _of_defaults(program, kind, name)
        return said if written is None else ast.unparse(written)
    if written is not None and _means(program, written, made.given[name]):
        return ast.unparse(written)
    try:
        return literal(made.given[name], program.interpreter.created)
    except ValueError:
        return "" if written is None else ast.unparse(written)


def _of_defaults(program: Program, kind: Class, name: str) -> str:
    """The call of a dataclass of the text whose fields all have defaults, where the parameter is said to be one, as in
    config: Config; '' for none."""
    own = _initialiser(kind)
    places = [*own.node.args.posonlyargs, *own.node.args.args, *own.node.args.kwonlyargs] if own is not None else []
    annotation = next((one.annotation for one in places if one.arg == name), None)
    word = annotation.id if isinstance(annotation, ast.Name) else None
    several = [one for one in program.names.values() if isinstance(one, Class) and one.fields and one.base is None]
    meant = [one for one in several if one.name == word or (word is None and name in _CONFIGURED)]
    if len(meant) != 1 or any(field not in meant[0].members for field in meant[0].fields):
        return ""
    return f"{meant[0].name}()"


def _is_said(program: Program, name: str) -> bool:
    """Whether the text itself has a plain value of that name, as cfg = {...} above a class that takes a cfg."""
    value = program.names.get(name)
    return value is not USUAL.get(name) and isinstance(value, bool | int | float | str | list | tuple | dict | Instance)


def _means(program: Program, written: ast.expr, value: Any) -> bool:
    """Whether an expression comes to that value at the end of the text."""
    if not is_known(program, written):
        return False
    if any(isinstance(one, ast.Call | ast.Lambda) for one in ast.walk(written)):
        return True
    interpreter = program.interpreter
    try:
        found = interpreter.value(written, interpreter.globals)
        for one in (found, value):
            bounds.light(interpreter, one, written)
        return found is value or bool(type(found) is type(value) and found == value)
    except Exception:  # what is not read, and what cannot be compared
        return False


def is_known(program: Program, written: ast.AST, local: Iterable[str] = ()) -> bool:
    """Whether all names in an expression are those of the whole text."""
    for name in free(written):
        try:
            value = program.interpreter.globals.find(name)
        except KeyError:
            return False
        if isinstance(value, Unknown) or name in local:
            return False
    return True


# --- the call


def called(program: Program, tree: ast.Module, kind: Class) -> Called:
    """The call by which the text makes a network of the class: one that was carried out, the last one first; one that
    failed; the first one that means something outside of the function that it stands in; one that such a function
    comes to."""
    if kind not in program.calls:
        program.calls[kind] = _called(program, tree, kind)
    return program.calls[kind]


def _called(program: Program, tree: ast.Module, kind: Class) -> Called:
    made = program.last(kind) or program.half(kind)
    if made is not None:
        return Called(_given(kind, made.node), made)
    if kind.name in program.tried:
        return Called(_as_far_as_known(program, kind, _given(kind, program.tried[kind.name])))
    if not required(kind):
        return Called()
    several = [(_given(kind, node), local) for node, local in calls_of(tree, kind.name)]
    for written, local in several:
        if all(name in written and is_known(program, written[name], local) for name in required(kind)):
            return Called({name: one for name, one in written.items() if is_known(program, one, local)})
    if several and (made := _carried_out(program, tree, kind)) is not None:
        return Called(_given(kind, made.node), made)
    written, local = several[0] if several else ({}, set())
    return Called({name: one for name, one in written.items() if is_known(program, one, local)})


def _as_far_as_known(program: Program, kind: Class, written: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """What a call gives, without what has a default and is given by names of nothing, as in Net(len(labels))."""
    needed = required(kind)
    return {name: one for name, one in written.items() if name in needed or is_known(program, one)}


def _given(kind: Class, node: ast.Call) -> dict[str, ast.expr]:
    """What a call gives for the parameters of a class, by name, as far as it is written out."""
    names = _own(kind)
    plain = next((i for i, one in enumerate(node.args) if isinstance(one, ast.Starred)), len(node.args))
    return {
        **dict(zip(_places(kind), node.args[:plain])),
        **{one.arg: one.value for one in node.keywords if one.arg in names and one.arg is not None},
    }


def calls_of(tree: ast.Module, name: str) -> Iterator[tuple[ast.Call, set[str]]]:
    """The calls of a name, with the names that are given in the function around each."""

    waiting: list[tuple[ast.AST, set[str]]] = [(tree, set())]
    while waiting:
        node, local = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            local = local | _local(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node, local
        waiting += [(child, local) for child in reversed([*ast.iter_child_nodes(node)])]


def _local(function: ast.AST) -> set[str]:
    """The names that a function gives, its parameters among them."""
    nodes = [*ast.walk(function)]
    own = {one.arg for one in nodes if isinstance(one, ast.arg)}
    return own | {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _carried_out(program: Program, tree: ast.Module, kind: Class) -> Created | None:
    """What a function of the text that can be called without arguments makes of the class, the first such one."""
    several = [program.names.get(name) for name in makers_of(tree, kind.name)]
    for function in [one for one in several if isinstance(one, Function) and not needs(one)][:MAX_TRIED]:
        if (found := _begun_by(program, function, kind)) is not None:
            return found
    return None


def makers_of(tree: ast.Module, name: str) -> list[str]:
    """The functions of a text that ask for a class, or for a function that does, in the text's order."""
    asks = {one.name: {*free(one)} for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    makers = {name}
    for _ in range(_DEEP):
        more = {one for one, names in asks.items() if not makers.isdisjoint(names)}
        if more <= makers:
            break
        makers |= more
    return [one for one in asks if one in makers]


def _begun_by(program: Program, function: Function, kind: Class) -> Created | None:
    """What a call of a function begins to make of a class first."""
    begun = len(program.interpreter.begun)
    with program.aside() as interpreter:
        with suppress(Exception):  # what is not read, after the network or within it
            interpreter.call(function, [], {}, function.node)
        return next((one for one in interpreter.begun[begun:] if one.kind is kind), None)


def needs(function: Function) -> bool:
    """Whether it has parameters without default."""
    given = function.node.args
    return any(one.arg not in function.defaults for one in [*given.posonlyargs, *given.args, *given.kwonlyargs])


# --- values as a text writes them


def parsed(text: str) -> ast.expr | None:
    """The expression that a reader gives for a value; None for what is none."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def literal(value: Any, created: Iterable[Created]) -> str:
    """A value as a text writes it. Raises ValueError for what has no such form, or is too much to be written."""
    try:
        bounds.weight(value)
    except OverflowError:
        raise ValueError(value) from None
    return _literal(value, created)


def _literal(value: Any, created: Iterable[Created]) -> str:
    match value:
        case None | bool() | int() | float() | str():
            return repr(value)
        case list():
            return f"[{', '.join(_literal(one, created) for one in value)}]"
        case tuple():
            return f"({''.join(_literal(one, created) + ', ' for one in value)})"
        case dict():
            pairs = (f"{_literal(key, created)}: {_literal(one, created)}" for key, one in value.items())
            return f"{{{', '.join(pairs)}}}"
        case Member():
            return f"{value.kind.name}.{value.fields['name']}"
        case Class() if hasattr(value.node, "lineno"):  # it stands in the text
            return value.name
        case Known() if value.name.startswith(("F.", "torch.")):
            return value.name
        case type() if value.__name__ in tables.LAYERS:
            return f"nn.{value.__name__}"
        case nn.Module():
            for one in created:
                if one.network is value:
                    return expression(one, created)
    raise ValueError(value)


def expression(made: Created, created: Iterable[Created]) -> str:
    """The call that makes a network again, with the values that it was given. Raises ValueError."""
    kind, given = made.kind, Called(made=made)
    several, named = given.further(kind)
    names = dict.fromkeys([*(_places(kind) if several else ()), *given.names(kind)])
    values = {name: literal(made.given[name], created) for name in names}
    more = {name: literal(one, created) for name, one in named.items()}
    return call_text(kind, {**values, **more}, [literal(one, created) for one in several])


def call_text(kind: Class, values: Mapping[str, str], several: Sequence[str] = ()) -> str:
    """A call of a class with those texts for its parameters, and for what it takes beside them."""
    places = _places(kind) if several else []
    written = [*(values[name] for name in places), *several]
    written += [f"{name}={text}" for name, text in values.items() if name not in places]
    return f"{kind.name}({', '.join(written)})"

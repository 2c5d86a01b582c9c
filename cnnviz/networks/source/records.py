"""Dataclasses of a text: the __init__ that Python writes for them, and what `dataclasses` tells of their fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source import bounds, raws
from cnnviz.networks.source.values import MISSING, Anew, Class, Field, Function, Instance, Known, Opaque, Scope

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_SETTING = "__fields__"  # what the __init__ of a dataclass calls first
_DEEP = 50  # objects within one another that asdict goes through


def is_said_by(value: Any) -> bool:
    """Whether a decorator is @dataclass."""
    return isinstance(value, Opaque | Known) and value.name == "dataclass"


def made(interpreter: Interpreter, kind: Class, decorator: ast.expr, scope: Scope) -> None:
    """Makes a class one of fields, as @dataclass does."""
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    said = {one.arg: interpreter.truth(one.value, scope) for one in given if one.arg is not None}
    kind.options |= {"dataclass": True, **said}
    for above in reversed(kind.order()[1:]):
        kind.specs |= above.specs if above.options.get("dataclass") else {}
    kind.specs |= dict(_own_fields(interpreter, kind))
    kind.fields = tuple(name for name, one in kind.specs.items() if one.init)
    if said.get("init", True) and "__init__" not in kind.members:
        kind.members["__init__"] = _initialiser(interpreter, kind, scope)


def _own_fields(interpreter: Interpreter, kind: Class) -> Iterator[tuple[str, Field]]:
    """The fields that the class's own lines say, with their defaults."""
    named = kind.options.get("kw_only", False)
    for line in kind.node.body:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        name, word = line.target.id, _kind_word(line.annotation)
        if word == "KW_ONLY":
            named = True
        if word in ("ClassVar", "KW_ONLY"):
            continue
        found = kind.members.get(name, MISSING)
        spec = found if isinstance(found, Field) else Field(default=found)
        if isinstance(spec.default, list | dict | set):
            raise interpreter.raised(
                "ValueError",
                line,
                f"Python takes no {type(spec.default).__name__} as the default of {name[:40]}, which all objects would "
                f"share; write field(default_factory=lambda: ...)",
            )
        kind.members.pop(name, None)
        if spec.default is not MISSING:
            kind.members[name] = spec.default
        yield name, replace(spec, named=named if spec.named is None else spec.named, handed_on=word == "InitVar")


def _kind_word(annotation: ast.expr) -> str:
    """The word that an annotation begins with: ClassVar of typing.ClassVar[int]."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        with suppress(SyntaxError, ValueError):
            annotation = ast.parse(annotation.value[:200], mode="eval").body
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return annotation.attr if isinstance(annotation, ast.Attribute) else getattr(annotation, "id", "")


def _initialiser(interpreter: Interpreter, kind: Class, scope: Scope) -> Function:
    """The __init__ of a dataclass: it takes the fields, keeps them and calls __post_init__."""
    taken = {name: one for name, one in kind.specs.items() if one.init}
    plain = [name for name, one in taken.items() if not one.named]
    late = next((i for i, name in enumerate(plain) if taken[name].default is not MISSING), len(plain))
    if unfit := next((name for name in plain[late:] if taken[name].default is MISSING), ""):
        raise interpreter.raised(
            "TypeError",
            kind.node,
            f"the field {unfit[:40]} of {kind.name} has no default and stands behind one that has",
        )
    written = ["self", *taken]
    lines = [_call(ast.Name(_SETTING, ast.Load()), written)]
    if kind.special("__post_init__") is not None:
        own = ast.Attribute(ast.Name("self", ast.Load()), "__post_init__", ast.Load())
        lines.append(_call(own, [name for name, one in taken.items() if one.handed_on]))
    named = [ast.arg(name) for name, one in taken.items() if one.named]
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name) for name in ("self", *plain)],
        kwonlyargs=named,
        kw_defaults=[None] * len(named),
        defaults=[],
    )
    node = ast.FunctionDef("__init__", arguments, lines, [])
    ast.copy_location(node, kind.node)
    for one in ast.walk(node):
        if isinstance(one, ast.expr | ast.stmt | ast.arg):
            ast.copy_location(one, kind.node)
    defaults = {name: one.default for name, one in taken.items() if one.default is not MISSING}
    inner = Scope(scope, {_SETTING: Known(kind.name, _keeping(kind), ours=True)})
    return Function(kind.name, node, inner, defaults, kind)


def _call(function: ast.expr, names: list[str]) -> ast.stmt:
    return ast.Expr(ast.Call(function, [ast.Name(name, ast.Load()) for name in names], []))


def _keeping(kind: Class) -> Any:
    """What gives the fields of an object their values."""

    def call(interpreter: Interpreter, node: ast.AST, thing: Any, *values: Any) -> None:
        waiting = iter(values)
        for name, one in kind.specs.items():
            value = next(waiting) if one.init else one.default
            if one.handed_on or value is MISSING:
                continue
            if isinstance(value, Anew):
                value = interpreter.call(value.function, [], {}, node)
            raws.keep(interpreter, thing, name, value, node) if kind.options.get("frozen") else interpreter.assign(
                thing, name, value, node
            )

    return call


# --- what dataclasses offers


def _field(
    interpreter: Interpreter,
    node: ast.AST,
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    init: Any = True,
    repr: Any = True,
    compare: Any = True,
    kw_only: Any = None,
    **_more: Any,
) -> Field:
    """dataclasses.field: what each object has, made anew for each by a function."""
    given = default if default_factory is MISSING else Anew(default_factory)
    truths = [interpreter.true(one, node) for one in (init, compare, repr)]
    named = kw_only if isinstance(kw_only, bool) else None
    return Field(init=truths[0], compare=truths[1], shown=truths[2], named=named, default=given)


def fields_of(interpreter: Interpreter, node: ast.AST, of: Any) -> dict[str, Any]:
    """The fields of a dataclass, or of an object of one, by their names."""
    kind = of if isinstance(of, Class) else getattr(of, "kind", None)
    if kind is None and "_text" in getattr(of, "__dict__", ()):
        kind = of.__dict__["_text"].kind
    if not isinstance(kind, Class) or not any(one.options.get("dataclass") for one in kind.order()):
        raise interpreter.raised("TypeError", node, f"{bounds.describe(of)} is no dataclass; write @dataclass above it")
    kept = {name: one for name, one in kind.fields_of().items() if not one.handed_on}
    interpreter.count(node, len(kept))
    return {name: _told(name, one) for name, one in kept.items()}


def _told(name: str, one: Field) -> Instance:
    factory = one.default.function if isinstance(one.default, Anew) else MISSING
    default = MISSING if factory is not MISSING else one.default
    kind = Class("Field", (), {}, ast.ClassDef("Field", [], [], [], []))
    said: dict[str, Any] = {
        "name": name,
        "default": default,
        "default_factory": factory,
        "init": one.init,
        "metadata": {},
    }
    return Instance(kind, {**said, "repr": one.shown, "compare": one.compare, "kw_only": bool(one.named)})


def _fields(interpreter: Interpreter, node: ast.AST, of: Any) -> tuple[Any, ...]:
    return tuple(fields_of(interpreter, node, of).values())


def _is_dataclass(_interpreter: Interpreter, _node: ast.AST, of: Any) -> bool:
    kind = of if isinstance(of, Class) else getattr(of, "kind", None)
    return isinstance(kind, Class) and any(one.options.get("dataclass") for one in kind.order())


def _as_dict(interpreter: Interpreter, node: ast.AST, of: Any, *, dict_factory: Any = None) -> Any:
    if not isinstance(of, Instance):
        raise interpreter.raised("TypeError", node, f"asdict wants an object of a dataclass, not {bounds.describe(of)}")
    fields_of(interpreter, node, of)
    return _plain(interpreter, node, of, 0, dict_factory, True)


def _as_tuple(interpreter: Interpreter, node: ast.AST, of: Any) -> Any:
    fields_of(interpreter, node, of)
    return _plain(interpreter, node, of, 0, None, False)


def _plain(interpreter: Interpreter, node: ast.AST, value: Any, deep: int, factory: Any, named: bool) -> Any:
    """A value with the dataclasses within it as dictionaries, or as tuples."""
    interpreter.count(node)
    if deep > _DEEP:
        raise interpreter.wrong(node, f"this holds values more than {_DEEP} deep within one another")
    if isinstance(value, Instance) and _is_dataclass(interpreter, node, value):
        names = [name for name, one in value.kind.fields_of().items() if not one.handed_on]
        found = [(name, _plain(interpreter, node, interpreter.read(value, name, node), deep + 1, factory, named))
                 for name in names]  # fmt: skip
        if not named:
            return tuple(one for _, one in found)
        return dict(found) if factory is None else interpreter.call(factory, [found], {}, node)
    if isinstance(value, dict):
        return {key: _plain(interpreter, node, one, deep + 1, factory, named) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_plain(interpreter, node, one, deep + 1, factory, named) for one in value)
    return value


def _replaced(interpreter: Interpreter, node: ast.AST, of: Any, **changes: Any) -> Any:
    if not isinstance(of, Instance):
        raise interpreter.raised("TypeError", node, "replace wants an object of a dataclass")
    fields_of(interpreter, node, of)
    for name, one in of.kind.fields_of().items():
        if one.init and not one.handed_on and name not in changes:
            changes[name] = interpreter.read(of, name, node)
        elif not one.init and name in changes:
            raise interpreter.raised("ValueError", node, f"{name[:40]} is no value that {of.kind.name} takes")
    return interpreter.call(of.kind, [], changes, node)


OFFERED: dict[str, Any] = {
    "dataclass": Opaque("dataclass"),
    "MISSING": MISSING,
    "KW_ONLY": Opaque("KW_ONLY"),
    "InitVar": Opaque("InitVar"),
    "field": Known("field", _field, ours=True),
    "fields": Known("fields", _fields, ours=True),
    "asdict": Known("asdict", _as_dict, ours=True),
    "astuple": Known("astuple", _as_tuple, ours=True),
    "replace": Known("replace", _replaced, ours=True),
    "is_dataclass": Known("is_dataclass", _is_dataclass, ours=True),
}

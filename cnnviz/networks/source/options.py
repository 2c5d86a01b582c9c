"""argparse, as scripts use it: the options that a text declares, each with its default."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source.values import Class, Instance, Known, Namespace, Shared

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_KINDS: dict[str, type] = {"int": int, "float": float, "str": str}


@dataclass(eq=False)
class Parser(Shared):
    """An ArgumentParser: the values that a script has where it is started without any option."""

    values: dict[str, Any] = field(default_factory=dict)


def _parser(_interpreter: Interpreter, _node: ast.AST, *_args: Any, **_kwargs: Any) -> Parser:
    return Parser()


def _add(interpreter: Interpreter, node: ast.AST, of: Parser, *names: Any, **given: Any) -> None:
    """parser.add_argument('--width', type=int, default=16)."""
    words = [one for one in names if isinstance(one, str)]
    longest = next((one for one in words if one.startswith("--")), words[0] if words else "")
    name = given.get("dest") or longest.lstrip("-").replace("-", "_")
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):
        raise interpreter.wrong(node, "add_argument wants a name such as '--width'")
    value = given.get("default")
    if given.get("action") in ("store_true", "store_false"):
        value = given.get("default", given["action"] == "store_false")
    kind = given.get("type")
    if isinstance(value, str) and isinstance(kind, Known) and kind.name in _KINDS:
        try:
            value = _KINDS[kind.name](value)
        except ValueError as error:
            raise interpreter.failed(node, f"--{name} has no such default", error) from None
    of.values[name] = interpreter.bounded(value, node)


def _defaults(interpreter: Interpreter, node: ast.AST, of: Parser, **given: Any) -> None:
    of.values.update(given)
    interpreter.bounded(of.values, node)


def _parsed(_interpreter: Interpreter, _node: ast.AST, of: Parser, *_args: Any, **_kwargs: Any) -> Instance:
    return Instance(Class("Namespace", (), {}, ast.ClassDef("Namespace", [], [], [], [])), dict(of.values))


def _parsed_with_rest(interpreter: Interpreter, node: ast.AST, of: Parser, *_args: Any) -> tuple[Instance, list[Any]]:
    return _parsed(interpreter, node, of), []


def _group(_interpreter: Interpreter, _node: ast.AST, of: Parser, *_args: Any, **_kwargs: Any) -> Parser:
    return of


METHODS = {
    "add_argument": Known("add_argument", _add, ours=True),
    "set_defaults": Known("set_defaults", _defaults, ours=True),
    "parse_args": Known("parse_args", _parsed, ours=True),
    "parse_known_args": Known("parse_known_args", _parsed_with_rest, ours=True),
    "add_argument_group": Known("add_argument_group", _group, ours=True),
}
ARGPARSE = Namespace("argparse", {"ArgumentParser": Known("ArgumentParser", _parser, ours=True)})

"""A whole text, carried out statement by statement: what is no part of a network is passed over."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import builtins
from cnnviz.networks.source.interpreter import NOT_READ, Interpreter
from cnnviz.networks.source.values import Class, Scope, Unknown

_PARTS = (ast.If, ast.With, ast.Try)  # of which each statement is taken for itself
UNNAMED = "network"  # what a text makes and gives no name
_QUIET = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass)


@dataclass
class Program:
    """What a text has come to: its names, the networks that it made, and how many of its lines built none."""

    interpreter: Interpreter
    names: dict[str, Any]
    passed: int = 0
    why: NotationError | None = None  # why the first line that was passed over was
    broken: dict[str, NotationError] = field(default_factory=dict)  # why names have no value
    tried: dict[str, ast.Call] = field(default_factory=dict)  # calls of classes in lines that were passed over
    statements: list[tuple[int, int]] = field(default_factory=list)  # of each, the calls that made layers
    earlier: dict[str, Class] = field(default_factory=dict)  # classes whose name is given to another one below

    def networks(self) -> dict[str, nn.Module]:
        """The networks that its names stand for, by name; what is part of another one is none of its own."""
        found = {
            name: value
            for name, value in self.names.items()
            if isinstance(value, nn.Module) and not type(value).__name__.endswith("Loss") and _can_run(value)
        }
        inner = {id(part) for one in found.values() for part in list(one.modules())[1:]}
        return {name: one for name, one in found.items() if id(one) not in inner}

    def classes(self) -> dict[str, Class]:
        """The classes of networks with a forward, by name; the first of two of the name Net is called Net (1)."""
        found = {
            name: value
            for name, value in self.names.items()
            if isinstance(value, Class) and _is_network(value) and value.name == name
        }
        return {**self.earlier, **found}

    def meant(self, name: str) -> Any:
        """What a name stands for, that of a class which is written twice included; None for nothing."""
        return self.earlier.get(name, self.names.get(name))

    def keep(self, kind: Class, node: ast.ClassDef) -> None:
        """Keeps a class whose name `node` takes for another one."""
        if _is_network(kind) and ast.dump(kind.node) != ast.dump(node):
            number = sum(one.name == kind.name for one in self.earlier.values()) + 1
            self.earlier[f"{kind.name} ({number})"] = kind


def _is_network(kind: Class) -> bool:
    return kind.base is not None and _runs(kind)


def _runs(kind: Class) -> bool:
    if kind.base is not nn.Module:
        return True
    return any("forward" in one.members for one in kind.order())


def _can_run(network: nn.Module) -> bool:
    return "_text" not in network.__dict__ or _runs(network.__dict__["_text"].kind)


def carried_out(
    tree: ast.Module,
    place: Callable[[int, int], tuple[int, int]],
    device_of: Callable[[int], torch.device] = lambda _index: torch.device("meta"),
) -> Program:
    """The program of a syntax tree. Layers of statement number i are made on `device_of(i)`: by default weightless."""
    names: dict[str, Any] = dict(builtins.USUAL)
    interpreter = Interpreter(names, place)
    program = Program(interpreter, names)
    with interpreter.making():
        for index, statement in enumerate(tree.body):
            first = len(interpreter.made)
            with device_of(index), torch.no_grad():
                _carry_out(program, statement, interpreter.globals)
            program.statements.append((first, len(interpreter.made)))
    return program


def _carry_out(program: Program, statement: ast.stmt, scope: Scope) -> None:
    """One statement at the top of a text; what is refused is passed over, and the names that it would have given are
    refused where they are used."""
    interpreter = program.interpreter
    if isinstance(statement, _PARTS):
        _parts(program, statement, scope)
        return
    try:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            value = interpreter.value(statement.value, scope)
            if isinstance(value, nn.Module) and value not in scope.names.values():
                scope.names[UNNAMED] = value
                return
        else:
            before = scope.names.get(statement.name) if isinstance(statement, ast.ClassDef) else None
            interpreter.statement(statement, scope)
            if isinstance(statement, ast.ClassDef) and isinstance(before, Class):
                program.keep(before, statement)
    except NotationError as error:
        _pass_over(program, statement, scope, error)
    except RecursionError:
        _pass_over(program, statement, scope, interpreter.wrong(statement, "this is nested too deeply"))
    except Exception as error:  # what torch raises
        at = getattr(error, "raised_at", statement)
        _pass_over(program, statement, scope, interpreter.failed(at, "torch does not take this", error))
    else:
        if not isinstance(statement, _QUIET):
            program.passed += _lines(statement)


def _parts(program: Program, statement: ast.stmt, scope: Scope) -> None:
    body: list[ast.stmt] = []
    if isinstance(statement, ast.If):
        try:
            body = statement.body if program.interpreter.truth(statement.test, scope) else statement.orelse
        except Exception:  # a condition on what is not read: all is passed over
            program.passed += _lines(statement)
    elif isinstance(statement, ast.With | ast.Try):
        body = statement.body
    for one in body:
        _carry_out(program, one, scope)


def _pass_over(program: Program, statement: ast.stmt, scope: Scope, error: NotationError) -> None:
    program.passed += _lines(statement)
    program.why = program.why or error
    names = {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        names = {statement.name}
    for one in ast.walk(statement):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and not isinstance(statement, ast.ClassDef):
            program.tried.setdefault(one.func.id, one)
    for name in names:
        program.broken[name] = error
        if not (isinstance(statement, ast.For | ast.While) and name in scope.names):
            why = error.reason.rpartition(NOT_READ)[2]  # what is behind it, not the lines between
            scope.names[name] = Unknown(why, error.line)


def _lines(statement: ast.stmt) -> int:
    return (statement.end_lineno or statement.lineno) - statement.lineno + 1

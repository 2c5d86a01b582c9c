"""A whole text, carried out statement by statement: what is no part of a network is passed over."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import builtins, changes, reach, rebound, statements
from cnnviz.networks.source.interpreter import NOT_READ, Interpreter
from cnnviz.networks.source.modules import kind_of
from cnnviz.networks.source.values import Class, Created, Instance, Scope, Unknown

if TYPE_CHECKING:
    from cnnviz.networks.source.arguments import Called

_PARTS = (ast.If, ast.With, ast.Try)  # of which each statement is taken for itself
UNNAMED = "network"  # what a text makes and gives no name
_QUIET = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass)


@dataclass
class Program:
    """What a text has come to: its names, the networks that it made, and how many of its lines built none. Its steps
    are its statements, each line of an if, with or try for itself, in the order in which they were carried out."""

    interpreter: Interpreter
    names: dict[str, Any]
    passed: int = 0
    why: NotationError | None = None  # why the first line that was passed over was
    broken: dict[str, NotationError] = field(default_factory=dict)  # why names have no value
    tried: dict[str, ast.Call] = field(default_factory=dict)  # calls of classes in lines that were passed over
    unfinished: list[Created] = field(default_factory=list)  # networks whose __init__ such a line did not come through
    rows: dict[str, ast.stmt] = field(default_factory=dict)  # such lines that give a name to an nn.Sequential
    spoilt: dict[nn.Module, NotationError] = field(default_factory=dict)  # what such lines would have changed
    rebound: dict[nn.Module, rebound.Rebound] = field(default_factory=dict)  # what such lines make of their networks
    statements: list[tuple[int, int]] = field(default_factory=list)  # of each, the calls that made layers
    classes_of: dict[str, Class] = field(default_factory=dict)  # the classes by the names that they were given
    earlier: dict[str, Class] = field(default_factory=dict)  # classes whose name is given to another one below
    calls: dict[Class, Called] = field(default_factory=dict)  # the calls of its classes, once they were looked for
    step: int = 0
    steps: dict[nn.Module | str, int] = field(default_factory=dict)  # in which a network was made, or a call tried

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
        found = {name: kind for name, kind in self.classes_of.items() if self._is_called(kind, name)}
        return {**self.earlier, **found}

    def _is_called(self, kind: Class, name: str) -> bool:
        """Whether the name is still that of the class, as it is in G = G()."""
        value = self.names.get(name)
        mine = value is kind or isinstance(value, Unknown) or kind_of(value) is kind
        return mine and kind.name == name and _is_network(kind)

    def meant(self, name: str) -> Any:
        """What a name stands for, that of a class which is written twice included; None for nothing."""
        if name in self.earlier:
            return self.earlier[name]
        kind = self.classes_of.get(name)
        return kind if kind is not None and self._is_called(kind, name) else self.names.get(name)

    def last(self, kind: Class) -> Created | None:
        """What the text has made of a class last."""
        return next((one for one in reversed(self.interpreter.created) if one.kind is kind), None)

    def half(self, kind: Class) -> Created | None:
        """What it has begun to make of a class last, in a line that was passed over."""
        return next((one for one in reversed(self.unfinished) if one.kind is kind), None)

    @contextmanager
    def aside(self) -> Iterator[Interpreter]:
        """While something is made, without weights, that is none of what the text itself makes; it has the steps that
        the text has left."""
        of = self.interpreter
        lists: list[list[Any]] = [of.made, of.held, of.created, of.begun]
        lengths, steps = [len(one) for one in lists], of.state.steps
        try:
            with of.making(), torch.device("meta"), torch.no_grad():
                of.state.steps = steps
                yield of
        finally:
            for one, length in zip(lists, lengths, strict=True):
                del one[length:]

    def failed_rows(self) -> dict[str, ast.stmt]:
        """The lines that would have given a name to an nn.Sequential, where the name stands for nothing else."""
        return {name: one for name, one in self.rows.items() if isinstance(self.names.get(name), Unknown)}

    def keep(self, kind: Class, node: ast.ClassDef) -> None:
        """Keeps a class whose name `node` takes for another one."""
        if _is_network(kind) and ast.dump(kind.node) != ast.dump(node):
            number = sum(one.name == kind.name for one in self.earlier.values()) + 1
            self.earlier[f"{kind.name} ({number})"] = kind


def _is_network(kind: Class) -> bool:
    return kind.base is not None and _has_forward(kind)


def _has_forward(kind: Class) -> bool:
    if kind.base is not nn.Module:
        return True
    return any("forward" in one.members for one in kind.order())


def _can_run(network: nn.Module) -> bool:
    kind = kind_of(network)
    return kind is None or _has_forward(kind)


def carried_out(
    tree: ast.Module,
    place: Callable[[int, int], tuple[int, int]],
    device_of: Callable[[int], torch.device] = lambda _index: torch.device("meta"),
) -> Program:
    """The program of a syntax tree. Layers of statement number i are made on `device_of(i)`: by default weightless."""
    names: dict[str, Any] = dict(builtins.USUAL)
    interpreter = Interpreter(names, place)
    program = Program(interpreter, names)
    interpreter.defined = frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.ClassDef))
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
    program.step += 1
    since = len(interpreter.created), len(interpreter.begun)
    numbers, runs = interpreter.state.made, _runs(program, statement)
    try:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            value = interpreter.value(statement.value, scope)
            if isinstance(value, nn.Module) and value not in scope.names.values():
                scope.names[UNNAMED] = value
                program.steps.setdefault(value, program.step)
                return
        else:
            before = scope.names.get(statement.name) if isinstance(statement, ast.ClassDef) else None
            interpreter.statement(statement, scope)
            _keep(program, statement, before)
    except NotationError as error:
        _pass_over(program, statement, scope, error, since)
    except RecursionError:
        _pass_over(program, statement, scope, interpreter.wrong(statement, "this is nested too deeply"), since)
    except Exception as error:  # what torch raises
        at = getattr(error, "raised_at", statement)
        _pass_over(program, statement, scope, interpreter.failed(at, "torch does not take this", error), since)
    else:
        if not isinstance(statement, _QUIET):
            program.passed += _lines(statement)
    finally:
        if runs and torch.get_default_device().type == "meta":  # where they take no room
            interpreter.state.made = numbers
        program.steps |= {one.network: program.step for one in interpreter.created[since[0] :]}


def _runs(program: Program, statement: ast.stmt) -> bool:
    """Whether a line hands something through a network, whose numbers are gone behind it."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign | ast.Assert):
        return False
    return any(reach.runs_a_network(one, program.names) for one in ast.walk(statement))


def _keep(program: Program, statement: ast.stmt, before: Any) -> None:
    """Keeps what a statement has brought: a class, or layers with a name."""
    if isinstance(statement, ast.ClassDef):
        if isinstance(before, Class):
            program.keep(before, statement)
        program.classes_of[statement.name] = program.names[statement.name]
        return
    for name in _names_given(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
        value = program.names.get(name)
        if isinstance(value, nn.Module):
            program.steps.setdefault(value, program.step)
        elif isinstance(value, Class) and value.name == name:  # Net = get()
            program.classes_of[name] = value


def _parts(program: Program, statement: ast.stmt, scope: Scope) -> None:
    body: list[ast.stmt] = []
    if isinstance(statement, ast.If):
        try:
            body = statement.body if program.interpreter.truth(statement.test, scope) else statement.orelse
        except Exception as error:  # a condition on what is not read: all is passed over
            program.passed += _lines(statement)
            if isinstance(error, NotationError):
                _spoil(program, statement, scope, error)
    elif isinstance(statement, ast.With):
        body = statement.body
    elif isinstance(statement, ast.Try):
        body = [*statements.tried(statement), *statement.finalbody]
    for one in body:
        _carry_out(program, one, scope)


def _pass_over(
    program: Program, statement: ast.stmt, scope: Scope, error: NotationError, since: tuple[int, int]
) -> None:
    """Counts a statement that was refused and keeps what it would have made; `since` is how many networks were made
    and begun before it."""
    program.passed += _lines(statement)
    program.why = program.why or error
    _keep_tried(program, statement, scope, *since)
    if not isinstance(statement, ast.ClassDef | ast.FunctionDef):
        _spoil(program, statement, scope, error)
    stays = rebound.stays(program.interpreter, statement, scope)
    for name, one in stays.items():
        program.rebound.setdefault(scope.names[name], one)
    for name in _names_given(statement) - stays.keys():
        program.broken[name] = error
        program.classes_of.pop(name, None) if isinstance(statement, ast.ClassDef) else None
        kept = (isinstance(statement, ast.For | ast.While) or changes.is_step(statement)) and name in scope.names
        if not kept and not (isinstance(statement, ast.AugAssign) and isinstance(scope.names.get(name), nn.Module)):
            scope.names[name] = _unknown(error)


def _keep_tried(program: Program, statement: ast.stmt, scope: Scope, created: int, begun: int) -> None:
    """Keeps the calls that a statement has tried. What was made within a network that did not come to its end is none
    of the text's own."""
    interpreter = program.interpreter
    done = {id(one) for one in interpreter.created[created:]}
    half = next((i for i, one in enumerate(interpreter.begun[begun:], begun) if id(one) not in done), None)
    if half is not None:
        inner = {id(one) for one in interpreter.begun[half:]}
        interpreter.created[created:] = [one for one in interpreter.created[created:] if id(one) not in inner]
        program.unfinished.append(interpreter.begun[half])
        program.steps[interpreter.begun[half].kind.name] = program.step
    if isinstance(statement, ast.ClassDef):
        return
    for one in ast.walk(statement):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name):
            program.tried.setdefault(one.func.id, one)
            program.steps.setdefault(one.func.id, program.step)
    if (name := _row_of(program, statement, scope)) is not None:
        program.rows[name] = statement
        program.steps[name] = program.step


def _row_of(program: Program, statement: ast.stmt, scope: Scope) -> str | None:
    """The name that a statement gives to an nn.Sequential, also to one that is sent to a device at once."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                if isinstance(value.func.value, ast.Name | ast.Attribute):
                    break
                value = value.func.value
            if isinstance(value, ast.Call):
                return name if changes.found(program.interpreter, value.func, scope) is nn.Sequential else None
    return None


def _spoil(program: Program, statement: ast.stmt, scope: Scope, error: NotationError) -> None:
    """Takes notice of what a statement would have changed: networks are refused from there on, and so are lists,
    dictionaries and tensors, or what would have been put into them."""
    for change in changes.of(program.interpreter, statement, scope):
        match change.of:
            case nn.Module():
                program.spoilt.setdefault(change.of, error)
            case dict() if change.key is not None:
                change.of[change.key] = _unknown(error)
            case Instance() if isinstance(change.key, str):
                change.of.fields[change.key] = _unknown(error)
            case _ if isinstance(owner := scope.names.get(change.root), nn.Module):
                program.spoilt.setdefault(owner, error)
            case _:
                scope.names[change.root] = _unknown(error)


def _unknown(error: NotationError) -> Unknown:
    return Unknown(error.reason.rpartition(NOT_READ)[2], error.line)  # what is behind it, not the lines between


def _names_given(statement: ast.stmt) -> set[str]:
    """The names that a statement gives."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        return {statement.name}
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _lines(statement: ast.stmt) -> int:
    return (statement.end_lineno or statement.lineno) - statement.lineno + 1

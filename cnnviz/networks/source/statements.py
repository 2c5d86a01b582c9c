"""Statements, carried out one by one: assignments, loops, conditions, and what stands around them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import (
    bounds,
    builtins,
    calls,
    checked,
    classes,
    contexts,
    generators,
    matching,
    operations,
    raws,
    specials,
    tables,
)
from cnnviz.networks.source.values import Class, Instance, Opaque, Scope, Unknown, Unread

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

Signal: TypeAlias = tuple[str, Any] | None  # how a block ended: return with a value, break or continue
_IN_PLACE: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv,
    ast.Mod: operator.imod,
    ast.Pow: operator.ipow,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
}
_NUMBERS = ("item", "tolist")  # methods that give what a tensor holds
_SAYING = ("print", "warn", "warning", "info", "debug", "error", "set_trace", "breakpoint")
_OF_WEIGHTS = frozenset(  # words in the names of functions that leave the layers of a network as they are
    ["freeze", "unfreeze", "grad", "weight", "weights", "summary", "count", "checkpoint"]
)
_IMPORT_FAILS = frozenset(["ImportError", "ModuleNotFoundError", "Exception", "BaseException"])


def _expression(interpreter: Interpreter, node: ast.Expr, scope: Scope) -> None:
    if isinstance(node.value, ast.Constant) or _loads_weights(node.value):  # a docstring, or what no file is read for
        return
    if generators.statement(interpreter, node.value, scope):
        return
    try:
        interpreter.value(node.value, scope)
    except NotationError as error:
        within = scope is not interpreter.globals and not interpreter.state.trying
        if not (within and is_of_others(error) and _is_aside(interpreter, node.value, scope)):
            raise


def _loads_weights(node: ast.expr) -> bool:
    """self.load_state_dict(torch.load(...)): a network of a text begins with fresh weights."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load_state_dict"


def is_of_others(error: NotationError) -> bool:
    """Whether a name stands for what is not read, or for nothing: it is imported elsewhere."""
    return isinstance(error, Unread) or "NameError" in error.raised


def _is_aside(interpreter: Interpreter, node: ast.expr, scope: Scope) -> bool:
    """Whether it calls what is not read, as logger.info(...), and hands it nothing of the network that it could
    change: layers, weights, or what may hold them. freeze(model) changes no layer by its name, and a note says so."""
    if not isinstance(node, ast.Call) or not _is_outside(interpreter, node.func, scope):
        return False
    if leaves_layers(node.func):
        return True
    given = [*node.args, *(one.value for one in node.keywords)]
    return not any(_may_change(interpreter, one, scope) for one in given)


def leaves_layers(node: ast.expr) -> bool:
    """Whether what is called leaves the layers of a network as they are, by its name."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return not _OF_WEIGHTS.isdisjoint(name.lower().split("_"))


def _is_outside(interpreter: Interpreter, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is of what is not read: optim.Adam(...), and not nn.Linear(n, 2) of such an n."""
    match node:
        case ast.BinOp():
            return any(_is_outside(interpreter, one, scope) for one in (node.left, node.right))
        case ast.Tuple() | ast.List():
            return all(_is_outside(interpreter, one, scope) for one in node.elts)
        case ast.Call():
            return _is_outside(interpreter, node.func, scope)
        case ast.Subscript():
            return _is_outside(interpreter, node.value, scope)
        case ast.Attribute() if not isinstance(node.value, ast.Name):
            return _is_outside(interpreter, node.value, scope)
        case ast.Name() | ast.Attribute():
            try:
                interpreter.value(node, scope)
            except NotationError as error:
                return is_of_others(error)
    return False


def _may_change(interpreter: Interpreter, node: ast.expr, scope: Scope) -> bool:
    try:
        value = interpreter.value(node.value if isinstance(node, ast.Starred) else node, scope)
    except (Unread, RuntimeError):
        return False
    return isinstance(value, nn.Module | Tensor | Instance | list | dict)


def _assign(interpreter: Interpreter, node: ast.Assign, scope: Scope) -> None:
    value = _assigned(interpreter, node.value, node.targets, scope)
    for target in node.targets:
        _give(interpreter, target, value, scope)


def _annotated(interpreter: Interpreter, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        _give(interpreter, node.target, _assigned(interpreter, node.value, [node.target], scope), scope)


def _assigned(interpreter: Interpreter, node: ast.expr, targets: list[ast.expr], scope: Scope) -> Any:
    """The value; within a function, what is not read, or what nobody has defined, is refused where it is used and not
    where it gets its name, and so is a tensor's number in a trace, which has none: it may only be kept for a log."""
    try:
        return interpreter.value(node, scope)
    except Unread as error:
        named = not any(isinstance(one, ast.Subscript) for target in targets for one in ast.walk(target))
        if scope is interpreter.globals or not named or not _is_outside(interpreter, node, scope):
            raise
        return replace(error.unknown, line=interpreter.wrong(node, "").line)
    except NotationError as error:
        if not _may_wait(interpreter, node, error, targets, scope):
            raise
        return Unknown(error.reason, interpreter.wrong(node, "").line, at=(error.line, error.column))
    except (RuntimeError, ValueError):  # what torch raises, and a trace
        asks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _NUMBERS
        if not (asks and interpreter.is_traced()):
            raise
        return Unknown("a tensor has no numbers in a trace", interpreter.wrong(node, "").line)


def _may_wait(
    interpreter: Interpreter, node: ast.expr, error: NotationError, targets: list[ast.expr], scope: Scope
) -> bool:
    """Whether a name that nobody has defined is refused where it is used: self.accuracy = Accuracy(), self.cfg = CFG.
    A try of the text catches it at once."""
    if scope is interpreter.globals or interpreter.state.trying or "NameError" not in error.raised:
        return False
    named = not any(isinstance(one, ast.Subscript) for target in targets for one in ast.walk(target))
    return named and _is_outside(interpreter, node, scope)


def _give(interpreter: Interpreter, target: ast.expr, value: Any, scope: Scope) -> None:
    if isinstance(value, Unknown) and isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            _give(interpreter, one.value if isinstance(one, ast.Starred) else one, value, scope)
    else:
        bind(interpreter, target, value, scope)


def _augmented(interpreter: Interpreter, node: ast.AugAssign, scope: Scope) -> None:
    before = interpreter.value(node.target, scope)
    value = interpreter.value(node.value, scope)
    bind(interpreter, node.target, _in_place(interpreter, node, before, value), scope)


def _in_place(interpreter: Interpreter, node: ast.AugAssign, before: Any, value: Any) -> Any:
    """before += value and its like, as Python does it: tensors, lists, rows of layers, dictionaries and sets are
    changed themselves."""
    if (found := specials.in_place(interpreter, node.op, before, value, node)) is not specials.NOTHING:
        return found
    function = _IN_PLACE.get(type(node.op))
    if function is not None and isinstance(before, Tensor):
        return calls.torch_call(interpreter, function, "this", (before, value), {}, node)
    if isinstance(before, list) and isinstance(node.op, ast.Add):
        before.extend(interpreter.items(value, node))
        return interpreter.bounded(before, node)
    if isinstance(before, tables.ROWS) and isinstance(node.op, ast.Add):
        return calls.extended(interpreter, before, interpreter.items(value, node), node)
    result = interpreter.combined(node.op, before, value, node)
    if isinstance(before, list):
        before[:] = result
    elif isinstance(before, dict | set):
        before.clear()
        before.update(result)
    else:
        return result
    return before


def bind(interpreter: Interpreter, target: ast.expr, value: Any, scope: Scope) -> None:
    """Gives the value its name, attribute or place."""
    if isinstance(target, ast.Name):
        if target.id.startswith("__"):
            raise interpreter.wrong(target, f"the name {target.id[:40]} is Python's own; choose another")
        scope.holder(target.id).names[target.id] = value
    elif isinstance(target, ast.Attribute) and target.attr == "__defaults__":
        _default(interpreter, target, value, scope)
    elif isinstance(target, ast.Attribute):
        interpreter.assign(interpreter.value(target.value, scope), target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        _put(interpreter, target, value, scope)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(interpreter, target, value, scope)
    else:
        raise interpreter.wrong(target, f"nothing can be assigned to {bounds.word(target)} here")


def _default(interpreter: Interpreter, target: ast.Attribute, value: Any, scope: Scope) -> None:
    """Row.__new__.__defaults__ = (None,) * 3: what the last places of a tuple with names are unless they are given."""
    of = target.value.value if isinstance(target.value, ast.Attribute) and target.value.attr == "__new__" else None
    kind = interpreter.value(of, scope) if of is not None else None
    if not isinstance(kind, Class) or not kind.tuples or not isinstance(value, tuple) or len(value) > len(kind.fields):
        raise interpreter.wrong(target, "__defaults__ is Python's own and is not read here")
    kind.members |= dict(zip(kind.fields[len(kind.fields) - len(value) :], value, strict=True))


def _unpack(interpreter: Interpreter, target: ast.Tuple | ast.List, value: Any, scope: Scope) -> None:
    items, names = interpreter.items(value, target), target.elts
    star = next((i for i, one in enumerate(names) if isinstance(one, ast.Starred)), None)
    if star is None and len(items) != len(names):
        raise interpreter.wrong(target, f"{len(names)} names are given {len(items)} values")
    if star is None:
        for one, item in zip(names, items, strict=True):
            bind(interpreter, one, item, scope)
        return
    after = len(names) - star - 1
    if len(items) < len(names) - 1:
        raise interpreter.wrong(target, f"{len(names)} names are given {len(items)} values")
    for one, item in zip(names[:star], items[:star], strict=True):
        bind(interpreter, one, item, scope)
    bind(interpreter, names[star].value, list(items[star : len(items) - after]), scope)  # type: ignore[attr-defined]
    for one, item in zip(names[star + 1 :], items[len(items) - after :], strict=True):
        bind(interpreter, one, item, scope)


def _put(interpreter: Interpreter, target: ast.Subscript, value: Any, scope: Scope) -> None:
    if (network := _with_modules(interpreter, target.value, scope)) is not None:
        if not isinstance(value, nn.Module):
            raise interpreter.wrong(target, f"a layer is wanted here, and this is {bounds.describe(value)}")
        interpreter.assign(network, _name_of_layer(interpreter, target.slice, scope), value, target)
        return
    if raws.put_by_dict(interpreter, target, value, scope):
        return
    of, index = interpreter.value(target.value, scope), interpreter.index(target.slice, scope)
    operations.put(interpreter, of, index, value, target)


def _with_modules(interpreter: Interpreter, node: ast.expr, scope: Scope) -> nn.Module | None:
    """The network of network._modules, where its layers stand by their names; None for any other expression."""
    if not isinstance(node, ast.Attribute) or node.attr != "_modules":
        return None
    of = interpreter.value(node.value, scope)
    return of if isinstance(of, nn.Module) else None


def _name_of_layer(interpreter: Interpreter, node: ast.expr, scope: Scope) -> str:
    """What stands in the square brackets behind _modules."""
    name = interpreter.index(node, scope)
    if not isinstance(name, str):
        raise interpreter.wrong(node, f"_modules goes by names; write '{bounds.describe(name)}' with quotes")
    return name


def _return(interpreter: Interpreter, node: ast.Return, scope: Scope) -> Signal:
    return "return", None if node.value is None else interpreter.value(node.value, scope)


def _if(interpreter: Interpreter, node: ast.If, scope: Scope) -> Signal:
    try:
        holds = interpreter.truth(node.test, scope)
    except NotationError:
        raise
    except Exception as error:  # what torch raises where a tensor of a trace is asked for its numbers, and others
        quiet = interpreter.weightless() and all(map(_only_says, [*node.body, *node.orelse]))
        if not (quiet and hasattr(error, "wants_numbers")):
            raise
        return None
    return interpreter.block(node.body if holds else node.orelse, scope)


def _only_says(statement: ast.stmt) -> bool:
    """Whether a statement does nothing to a network: print("nan"), raise ValueError(...)."""
    match statement:
        case ast.Pass() | ast.Raise():
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in _SAYING
    return False


def _for(interpreter: Interpreter, node: ast.For, scope: Scope) -> Signal:
    for item in interpreter.items(interpreter.value(node.iter, scope), node.iter):
        interpreter.count(node)
        bind(interpreter, node.target, item, scope)
        signal = interpreter.block(node.body, scope)
        if signal is not None and signal[0] != "continue":
            return signal if signal[0] == "return" else None
    return interpreter.block(node.orelse, scope)


def _while(interpreter: Interpreter, node: ast.While, scope: Scope) -> Signal:
    while interpreter.truth(node.test, scope):
        interpreter.count(node)
        signal = interpreter.block(node.body, scope)
        if signal is not None and signal[0] != "continue":
            return signal if signal[0] == "return" else None
    return interpreter.block(node.orelse, scope)


def _break(interpreter: Interpreter, _node: ast.Break, _scope: Scope) -> Signal:
    return "break", None


def _continue(interpreter: Interpreter, _node: ast.Continue, _scope: Scope) -> Signal:
    return "continue", None


def _pass(interpreter: Interpreter, _node: ast.stmt, _scope: Scope) -> None:
    return None


def _delete(interpreter: Interpreter, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            scope.holder(target.id).names.pop(target.id, None)
        elif isinstance(target, ast.Attribute):
            interpreter.delete(interpreter.value(target.value, scope), target.attr, target)
        elif isinstance(target, ast.Subscript):
            _take_out(interpreter, target, scope)
        else:
            raise interpreter.wrong(target, "only names, attributes and places are deleted here")


def _take_out(interpreter: Interpreter, target: ast.Subscript, scope: Scope) -> None:
    if (network := _with_modules(interpreter, target.value, scope)) is not None:
        interpreter.delete(network, _name_of_layer(interpreter, target.slice, scope), target)
        return
    of, index = interpreter.value(target.value, scope), interpreter.index(target.slice, scope)
    operations.take_out(interpreter, of, index, target)


def _assert(interpreter: Interpreter, node: ast.Assert, scope: Scope) -> None:
    try:
        holds = interpreter.truth(node.test, scope)
    except NotationError:
        raise
    except Exception:  # what torch raises where a tensor of a trace, which has no numbers, is asked for them
        if not interpreter.weightless():
            raise
        return
    if not holds:
        raise checked.unheld(interpreter, node, scope)


def _raise(interpreter: Interpreter, node: ast.Raise, scope: Scope) -> NoReturn:
    said, kind, caught = "", node.exc, interpreter.state.caught
    if caught and (kind is None or (isinstance(kind, ast.Name) and kind.id == caught[-1][1])):
        raise caught[-1][0]
    if isinstance(kind, ast.Call):
        if kind.args:
            said = f": {interpreter.text(interpreter.value(kind.args[0], scope), node)}"
        kind = kind.func
    error = checked.stopped(interpreter, node, said)
    error.raised = frozenset(["Exception"]).union(*map(_above, _errors(interpreter, kind, scope)))
    raise error


def _errors(interpreter: Interpreter, kind: ast.expr | None, scope: Scope) -> list[Any]:
    """The kinds of errors that an expression stands for: ValueError, (KeyError, IndexError), a class of the text."""
    try:
        value = interpreter.value(kind, scope) if kind is not None else None
    except NotationError:
        return []
    return list(value) if type(value) is tuple else [value]


def _above(kind: Any) -> frozenset[str]:
    """The names of a kind of error, and of all that it goes back to."""
    if isinstance(kind, Class):
        own = {one.name for one in kind.order()}
        return frozenset(own.union(*(_above(base) for one in kind.order() for base in one.bases)))
    return builtins.error_names(kind.name) if isinstance(kind, Opaque) else frozenset()


def _try(interpreter: Interpreter, node: ast.Try, scope: Scope) -> Signal:
    try:
        signal = _tried(interpreter, node, scope)
    except NotationError as error:
        if error.raised and (ending := interpreter.block(node.finalbody, scope)) is not None:
            return ending
        raise
    return interpreter.block(node.finalbody, scope) or signal


def _tried(interpreter: Interpreter, node: ast.Try, scope: Scope) -> Signal:
    """The body and, where it raises what a handler is for, that handler; otherwise the else."""
    state = interpreter.state
    try:
        state.trying += bool(node.handlers)
        signal = interpreter.block(tried(node), scope)
    except NotationError as error:
        handler = next((one for one in node.handlers if _handles(interpreter, one, error, scope)), None)
        if handler is None:
            raise
        if handler.name is not None:
            scope.holder(handler.name).names[handler.name] = Opaque(error.reason)
        state.caught.append((error, handler.name))
        try:
            return interpreter.block(handler.body, scope)
        finally:
            state.caught.pop()
    finally:
        state.trying -= bool(node.handlers)
    return signal or interpreter.block(node.orelse, scope)


def _handles(interpreter: Interpreter, handler: ast.ExceptHandler, error: NotationError, scope: Scope) -> bool:
    """Whether a handler is for an error, or for one that it goes back to."""
    if handler.type is None or not error.raised:
        return bool(error.raised)
    kinds = _errors(interpreter, handler.type, scope)
    return not error.raised.isdisjoint(getattr(one, "name", "") for one in kinds)


def tried(node: ast.Try) -> list[ast.stmt]:
    """The statements of a try that are carried out first: where it imports what is not read, those up to that import
    and then those of the handler, as where it is not installed."""
    for number, statement in enumerate(node.body, 1):
        if isinstance(statement, ast.Import | ast.ImportFrom) and not builtins.is_read(statement):
            handler = next((one for one in node.handlers if _catches(one)), None)
            if handler is not None:
                return [*node.body[:number], *handler.body]
    return node.body


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether it stands for an import that fails, and goes on."""
    names = {one.id for one in ast.walk(handler.type) if isinstance(one, ast.Name)} if handler.type else _IMPORT_FAILS
    return bool(names & _IMPORT_FAILS) and not any(isinstance(one, ast.Raise) for one in handler.body)


def _global(interpreter: Interpreter, node: ast.Global, scope: Scope) -> None:
    if scope is not interpreter.globals:
        scope.elsewhere |= dict.fromkeys(node.names, interpreter.globals)


def _nonlocal(interpreter: Interpreter, node: ast.Nonlocal, scope: Scope) -> None:
    if scope is interpreter.globals:
        raise interpreter.wrong(node, "nonlocal stands only in a function")
    for name in node.names:
        around = scope.parent
        while around not in (None, interpreter.globals) and name not in around.names:
            around = around.parent
        if around is None or around is interpreter.globals:  # further out are the names that all texts share
            raise interpreter.wrong(node, f"no function around this one has {name[:40]}; hand it over as an argument")
        scope.elsewhere[name] = around


def _match(interpreter: Interpreter, node: ast.Match, scope: Scope) -> Signal:
    subject = interpreter.value(node.subject, scope)
    for case in node.cases:
        interpreter.count(node)
        if matching.fits(interpreter, case.pattern, subject, scope) and (
            case.guard is None or interpreter.truth(case.guard, scope)
        ):
            return interpreter.block(case.body, scope)
    return None


def _define(interpreter: Interpreter, node: ast.FunctionDef, scope: Scope) -> None:
    scope.holder(node.name).names[node.name] = classes.function(interpreter, node, scope)


def _class(interpreter: Interpreter, node: ast.ClassDef, scope: Scope) -> None:
    scope.holder(node.name).names[node.name] = classes.defined(interpreter, node, scope)


def _import(interpreter: Interpreter, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    builtins.imported(interpreter, node, scope)


TABLE: dict[type[ast.stmt], Callable[[Interpreter, Any, Scope], Signal]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Pass: _pass,
    ast.Delete: _delete,
    ast.Assert: _assert,
    ast.Raise: _raise,
    ast.With: contexts.carried_out,
    ast.Try: _try,
    ast.FunctionDef: _define,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Match: _match,
}

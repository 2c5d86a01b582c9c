"""Hooks that a text hangs on layers: those that keep what a layer gives are carried out after each call of it, in all
copies of a network; those that only look on are passed over, and those that change it are refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import calls
from cnnviz.networks.source.values import Function, Known, Method, Opaque, Partial, Scope, Unknown, deepcopied

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

NAMES = ("register_forward_hook", "register_forward_pre_hook")
_BACKWARD = ("register_full_backward_hook", "register_backward_hook")
ALL = NAMES + _BACKWARD
_HELD = "_watching"  # where a layer has its hooks
_KEEPING = ("append", "extend", "insert", "add", "update", "setdefault", "__setitem__", "appendleft")
_MAX_SCOPES = 20


class Hook:
    """A function of the text that a layer calls before or after its own work. A copy is that of the copied network,
    with what the function has around it."""

    def __init__(self, interpreter: Interpreter, function: Any, node: ast.AST, before: bool, named: bool):
        self.interpreter, self.function, self.node, self.before, self.named = interpreter, function, node, before, named

    def __deepcopy__(self, memo: Any) -> Hook:
        made = memo[id(self)] = Hook(self.interpreter, None, self.node, self.before, self.named)
        made.function = _copied(self.function, memo)
        return made

    def run(self, layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Calls the function with what the layer is given, and with what that gives."""
        interpreter, state = self.interpreter, self.interpreter.state
        if not state.depth:
            state.steps = state.made = 0
            state.device = next((one.device for one in (*args, result) if isinstance(one, Tensor)), state.device)
        if state.derived or not state.depth:
            calls.mark([result, [*args]])
        given = [layer, args, kwargs] if self.named else [layer, args]
        try:
            answer = interpreter.call(self.function, given if self.before else [*given, result], {}, self.node)
        except Exception as error:  # what is not read, and what torch raises: refused where it is used
            self._spoil(error)
            return
        if answer is not None:
            raise interpreter.wrong(self.node, CHANGES)

    def _spoil(self, error: Exception) -> None:
        """Puts what is not read in place of what the hook would have kept behind dots, so that it is refused where it
        is used: most hooks keep something for others to look at."""
        interpreter, code = self.interpreter, _code(self.function)
        interpreter.count(self.node)  # which goes on where no steps are left
        if code is None:
            raise error
        why = error if isinstance(error, NotationError) else interpreter.failed(self.node, "the hook stops", error)
        first = next((one.arg for one in code.node.args.args), "")
        for one in ast.walk(code.node):
            if not (isinstance(one, ast.Attribute) and _is_stored(one) and isinstance(one.value, ast.Name)):
                continue
            with suppress(KeyError):
                own = isinstance(self.function, Method) and one.value.id == first
                of = self.function.of if own else code.scope.find(one.value.id)
                interpreter.assign(of, one.attr, Unknown(why.reason, why.line), self.node, raw=True)


CHANGES = "a hook that may change what it sees is not read here; write it into forward"


@dataclass(eq=False)
class Handle:
    """What hanging up a hook gives, by which it is taken away."""

    layer: nn.Module
    hook: Hook | None

    def removed(self, _interpreter: Interpreter, _node: ast.AST) -> None:
        held = self.layer.__dict__.get(_HELD, [])
        held[:] = [one for one in held if one is not self.hook]


def registered(name: str) -> Any:
    """layer.register_forward_hook(function) and its like."""

    def call(interpreter: Interpreter, node: ast.AST, of: nn.Module, hook: Any, **how: Any) -> Any:
        if not _is_read(hook):
            raise interpreter.wrong(node, CHANGES)
        if name in _BACKWARD or not _keeps(hook):
            return Opaque("hook")
        if isinstance(of, LazyModuleMixin):
            raise interpreter.wrong(node, f"a hook on a {type(of).__name__} is not read here; give the layer its sizes")
        if interpreter.state.device is not None:
            raise interpreter.wrong(node, "a hook is hung up in __init__, and not each time that forward runs")
        held = of.__dict__.setdefault(_HELD, [])
        if len(held) >= calls.MAX_LAYERS // 100:
            raise interpreter.wrong(node, f"a layer has at most {calls.MAX_LAYERS // 100} hooks here")
        made = Hook(interpreter, hook, node, name == NAMES[1], interpreter.true(how.get("with_kwargs", False), node))
        held.insert(0, made) if interpreter.true(how.get("prepend", False), node) else held.append(made)
        if len(held) == 1:
            of.__class__ = _watched(type(of))  # type: ignore[arg-type]
        return Handle(of, made)

    return call


def of_a_tensor(interpreter: Interpreter, node: ast.AST, of: Any, *given: Any, **_more: Any) -> Opaque:
    """A tensor's register_hook: a function that only looks on is passed over, for nobody looks on here."""
    for hook in given:
        if not _is_read(hook):
            raise interpreter.wrong(node, CHANGES)
    return Opaque("hook")


def remove(handle: Handle) -> Method:
    """handle.remove."""
    return Method(Known("remove", lambda interpreter, node, one: one.removed(interpreter, node), ours=True), handle)


@lru_cache(maxsize=512)
def _watched(kind: type[nn.Module]) -> type[nn.Module]:
    """The class of a layer that calls its hooks: torch's own would not come along into the copies of a trace."""
    if hasattr(kind, "watched"):
        return kind

    def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        held = self.__dict__.get(_HELD, ())
        for one in [one for one in held if one.before]:
            one.run(self, args, kwargs, None)
        result = kind.__call__(self, *args, **kwargs)
        for one in [one for one in held if not one.before]:
            one.run(self, args, kwargs, result)
        return result

    return type(kind.__name__, (kind,), {"__call__": call, "__module__": kind.__module__, "watched": kind})


def are_held(network: nn.Module) -> bool:
    """Whether a layer within has a hook that is carried out."""
    return any(vars(one).get(_HELD) for one in network.modules())


def kind_of(layer: nn.Module) -> type[nn.Module]:
    """type(layer) as the text knows it."""
    return getattr(type(layer), "watched", type(layer))


def _code(hook: Any) -> Function | None:
    """The function of the text that is called in the end."""
    for _ in range(_MAX_SCOPES):
        if isinstance(hook, Method | Partial):
            hook = hook.function
    return hook if isinstance(hook, Function) else None


def _is_read(hook: Any) -> bool:
    """Whether a hook cannot change what it sees: it gives nothing back, or a lambda calls what only keeps it."""
    code = _code(hook)
    if code is None:
        return False
    if isinstance(code.node, ast.Lambda):
        return _calls_a_keeper(code.node.body)
    return not any(isinstance(one, ast.Return) and _gives(one) for one in ast.walk(code.node))


def _gives(node: ast.Return) -> bool:
    return node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None)


def _calls_a_keeper(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in (*_KEEPING, "setattr", "print")
    return False


def _keeps(hook: Any) -> bool:
    """Whether a hook keeps something, or calls a function of the text that may."""
    code = _code(hook)
    nodes = [] if code is None else [*ast.walk(code.node)]
    return any(
        _is_stored(one)
        or _calls_a_keeper(one)
        or isinstance(one, ast.Global | ast.Nonlocal)
        or (isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and _is_self(one.func.value))
        for one in nodes
    )


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)


def _copied(function: Any, memo: Any) -> Any:
    """A function for the copy of a network: what it has around it, in a method that gives it, is that of the copy."""
    if isinstance(function, Method):
        made = memo.get(id(function.of))
        of = made if made is not None else deepcopied({"of": function.of}, memo)["of"]
        return Method(_copied(function.function, memo), of)
    if isinstance(function, Partial):
        held = deepcopied({"args": [*function.args], "kwargs": dict(function.kwargs)}, memo)
        return Partial(_copied(function.function, memo), tuple(held["args"]), tuple(held["kwargs"].items()))
    if isinstance(function, Function) and len(around := [*_local(function.scope)]) > 0:
        if id(function) in memo:
            return memo[id(function)]
        made = memo[id(function)] = Function(
            function.name, function.node, function.scope, function.defaults, function.owner, function.kind
        )
        made.scope = _scope(function.scope, len(around), memo)
        made.defaults = deepcopied(function.defaults, memo)
        return made
    return function


def _local(scope: Scope | None) -> Iterator[Scope]:
    """The blocks of functions around; not that of the text and what is around it."""
    while scope is not None and scope.parent is not None and scope.parent.parent is not None:
        yield scope
        scope = scope.parent


def _scope(scope: Scope, count: int, memo: Any) -> Scope:
    if not count:
        return scope
    if id(scope) in memo:
        found: Scope = memo[id(scope)]
        return found
    made = memo[id(scope)] = Scope(None)
    made.parent = _scope(scope.parent, count - 1, memo) if scope.parent is not None else None
    made.elsewhere = {name: memo.get(id(one), one) for name, one in scope.elsewhere.items()}
    made.names = deepcopied(scope.names, memo)
    return made

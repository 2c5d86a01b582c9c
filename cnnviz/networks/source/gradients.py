"""Functions of a text that say their own gradient: classes that come from torch.autograd.Function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from cnnviz.networks.source import bounds, calls, packages, tables
from cnnviz.networks.source.values import Brought, Class, Function, Known

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_CONTEXT = Brought("autograd", "Context")


def says_its_own(kind: Class) -> bool:
    """Whether a class comes from torch.autograd.Function."""
    return any(base is tables.FUNCTION for one in kind.order() for base in one.bases)


def applied(kind: Class) -> Known:
    """Its apply: forward, and backward where a network is trained."""

    def call(interpreter: Interpreter, node: ast.AST, *args: Any) -> Any:
        work = _Work(interpreter, kind, node, args)
        learns = any(isinstance(one, Tensor) and one.requires_grad for one in args) and torch.is_grad_enabled()
        if learns and not interpreter.weightless():
            found = _Apart.apply(work, *args)
        else:
            with torch.no_grad():
                found = work.forward(args)
        if interpreter.state.derived:
            calls.mark(found)
        return found

    return Known("apply", call, ours=True)


class _Work:
    """One call: the context that forward hands to backward."""

    def __init__(self, interpreter: Interpreter, kind: Class, node: ast.AST, args: tuple[Any, ...]):
        self.interpreter, self.kind, self.node = interpreter, kind, node
        self.context = interpreter.call(packages.value(interpreter, _CONTEXT, node), [], {}, node)
        self.outer, self.spent = interpreter.state.outer, interpreter.state.spent
        self.context.fields["needs_input_grad"] = tuple(isinstance(one, Tensor) and one.requires_grad for one in args)

    def forward(self, args: tuple[Any, ...]) -> Any:
        return self._carried_out("forward", args)

    def backward(self, gradients: tuple[Any, ...]) -> tuple[Any, ...]:
        with self._outermost(gradients):
            found = self._carried_out("backward", gradients)
        return found if isinstance(found, tuple) else (found,)

    def _carried_out(self, name: str, args: tuple[Any, ...]) -> Any:
        try:
            function = self.kind.find(name)
        except KeyError:
            function = None
        if not isinstance(function, Function):
            raise self.interpreter.wrong(self.node, f"{self.kind.name} has no {name}; write it as a @staticmethod")
        found = self.interpreter.function(function, (self.context, *args), {}, self.node)
        return bounds.light(self.interpreter, found, self.node)

    @contextmanager
    def _outermost(self, gradients: tuple[Any, ...]) -> Iterator[None]:
        """torch asks for gradients when no forward runs any more, maybe in another thread: all of one pass have their
        own count of steps and of numbers together."""
        state = self.interpreter.state
        before = state.steps, state.made, state.device, state.outer, state.derived, state.depth
        state.steps, state.made = self.spent
        state.device = next((one.device for one in gradients if isinstance(one, Tensor)), None)
        state.outer, state.derived, state.depth = self.outer, True, 1
        calls.mark(gradients)
        try:
            yield
        finally:
            self.spent[:] = state.steps, state.made
            state.steps, state.made, state.device, state.outer, state.derived, state.depth = before


class _Apart(torch.autograd.Function):
    """A call whose gradient the text says."""

    @staticmethod
    def forward(ctx: Any, work: _Work, *args: Any) -> Any:
        ctx.work = work
        return work.forward(args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return (None, *ctx.work.backward(gradients))

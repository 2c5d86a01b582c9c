"""with: torch's contexts, of which one asks for no gradient, and objects of the text with __enter__ and __exit__."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import bounds, builtins, specials
from cnnviz.networks.source.values import Opaque, Scope, Walk

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter


def carried_out(interpreter: Interpreter, node: ast.With, scope: Scope) -> Any:
    """A with statement; how its block ended."""
    return _within(interpreter, node, node.items, scope)


def _within(interpreter: Interpreter, node: ast.With, items: list[ast.withitem], scope: Scope) -> Any:
    """The block within the first of the contexts and all that follow."""
    if not items:
        return interpreter.block(node.body, scope)
    first, *rest = items
    context = interpreter.value(first.context_expr, scope)
    if isinstance(context, Opaque) and context.name in builtins.CONTEXTS:
        quiet = context.name in ("no_grad", "inference_mode")
        with torch.set_grad_enabled(torch.is_grad_enabled() and not quiet):
            return _within(interpreter, node, rest, scope)
    enter, leave = (specials.find(context, name) for name in ("__enter__", "__exit__"))
    if enter is None or leave is None:
        said = "a generator" if isinstance(context, Walk) else bounds.describe(context)
        raise interpreter.wrong(first.context_expr, f"with {said} is not read here")
    value = interpreter.call(enter, [], {}, first.context_expr)
    if first.optional_vars is not None:
        interpreter.bind(first.optional_vars, value, scope)
    try:
        signal = _within(interpreter, node, rest, scope)
    except NotationError as error:
        if not error.raised:
            raise
        raised = Opaque(error.reason)
        given = interpreter.call(leave, [raised, raised, None], {}, first.context_expr)
        if not interpreter.true(given, first.context_expr):
            raise
        return None
    interpreter.call(leave, [None, None, None], {}, first.context_expr)
    return signal

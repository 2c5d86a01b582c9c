"""The patterns of a match: values, names for them, several of them, and rows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source.values import Scope

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter


def fits(interpreter: Interpreter, pattern: ast.pattern, subject: Any, scope: Scope) -> bool:
    """Whether a value is what a case says: "relu", None, one of several, (a, b), a name for it, or anything."""
    interpreter.count(pattern)
    match pattern:
        case ast.MatchValue(value):
            return interpreter.equal(subject, interpreter.value(value, scope), pattern)
        case ast.MatchSingleton(value):
            return subject is value
        case ast.MatchOr(patterns):
            return any(fits(interpreter, one, subject, scope) for one in patterns)
        case ast.MatchSequence(patterns) if not any(isinstance(one, ast.MatchStar) for one in patterns):
            is_row = isinstance(subject, list | tuple) and len(subject) == len(patterns)
            return is_row and all(
                fits(interpreter, one, item, scope) for one, item in zip(patterns, subject, strict=True)
            )
        case ast.MatchAs(inner, name):
            if inner is not None and not fits(interpreter, inner, subject, scope):
                return False
            if name is not None:
                interpreter.bind(ast.copy_location(ast.Name(name, ast.Store()), pattern), subject, scope)
            return True
    raise interpreter.wrong(pattern, "a case is read of values, names and rows of them; write if and elif")

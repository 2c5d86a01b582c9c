"""What an operation was given that takes one tensor and met a tuple of several, as a recurrent layer gives: it is noted
on the error, so that a trace can say which step gave it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, TypeVar

from torch import Tensor

_Error = TypeVar("_Error", bound=Exception)
_WORDS = {"truediv": "div", "itruediv": "div", "iadd": "add", "isub": "sub", "imul": "mul", "imatmul": "matmul"}


def noting(error: _Error, word: str, given: Sequence[Any], node: ast.AST) -> _Error:
    """The error with the `word` of what was to be done, what that was given, and the node at which it was, where a
    tuple of tensors is among that; otherwise as it is."""
    flat = [inner for one in given for inner in (one if isinstance(one, list) else [one])]
    if any(isinstance(one, tuple) and any(isinstance(inner, Tensor) for inner in one) for one in flat):
        error.given = (_WORDS.get(word, word), tuple(given))  # type: ignore[attr-defined]
        error.raised_at = node  # type: ignore[attr-defined]
    return error

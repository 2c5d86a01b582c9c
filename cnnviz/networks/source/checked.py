"""What a text checks by itself, with an assert or with an error that it raises, and the numbers that the check is
about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source.values import Scope

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_SAID = 250  # characters of a sentence that is shown
_NODES = 200  # of a condition that are looked at
_NUMBERS = 16  # that are kept
_DIGITS = 5  # of a number in a sentence


def unheld(interpreter: Interpreter, node: ast.Assert, scope: Scope) -> NotationError:
    """What there is to say of an assert that does not hold."""
    said = f": {interpreter.text(interpreter.value(node.msg, scope), node)}" if node.msg else ""
    error = interpreter.raised("AssertionError", node, _short(f"the text's own assert does not hold{said}"))
    error.checked = tuple(islice((*_compared(interpreter, node.test, scope), *_written(said)), _NUMBERS))
    return error


def stopped(interpreter: Interpreter, node: ast.Raise, said: str) -> NotationError:
    """What there is to say of an error that a text raises."""
    error = interpreter.wrong(node, _short(f"the text itself stops here{said}"))
    error.checked = tuple(islice(_written(said), _NUMBERS))
    return error


def _short(sentence: str) -> str:
    """A sentence with what the text says, not too long and without its full stop."""
    return sentence[:_SAID].rstrip(" .:!")


def _compared(interpreter: Interpreter, test: ast.expr, scope: Scope) -> Iterator[int]:
    """The whole numbers that a condition is about: those written in it, and those that its names stand for."""
    for node in islice(ast.walk(test), _NODES):
        if isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Subscript):
            with suppress(Exception):  # what stands for no number
                value = interpreter.value(node, scope)
                numbers = value[:_NUMBERS] if isinstance(value, list | tuple) else (value,)
                yield from (one for one in numbers if type(one) is int)


def _written(said: str) -> Iterator[int]:
    """The whole numbers in a sentence of the text's own."""
    found = re.finditer(r"[0-9]+", said[:_SAID])
    yield from (int(one[0]) for one in found if len(one[0]) <= _DIGITS)

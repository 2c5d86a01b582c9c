"""Classes whose methods stand at the left, where a page has taken the space before each line."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.joining import Faulty
from cnnviz.networks.source.cleaning.lines import Line, scan
from cnnviz.networks.source.cleaning.parsing import LOST_INDENTATION, Fault

_CLASS = re.compile(r"class\s+\w+.*:\s*(?:#.*)?$")
_METHOD = re.compile(r"(?:async\s+)?def\s+\w+\s*\(\s*(?:self|cls)\b")
_DEFINES = re.compile(r"(?:class|def|async\s+def)\s")
_STATIC = re.compile(r"@(?:staticmethod|classmethod)\b")
_SAYS = re.compile(r"[rRuU]?[\"']")  # what a class says of itself
_OF_METHOD = re.compile(r"(?:return|raise|pass)\b|.*\b(?:self|super)\b")
_ENDS = re.compile(r"(?:return|raise)\b")
_COMPOUND = re.compile(r"(?:if|elif|else|for|while|with|try|except|finally|match)\b.*:\s*(?:#.*)?$")
_MARGIN = "    "


class _Statement(NamedTuple):
    """A statement at the left: its first line, that of its head behind its decorators, and the line behind it with all
    that is indented below it."""

    start: int
    head: int
    end: int


def raised(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with the space that methods and their statements have lost, and how many were moved. Raises Faulty
    where a loop or an `if` of such a method stands at the left, too: how far it goes is not known."""
    by: dict[int, str] = {}
    statements = _statements(lines)
    for place, one in enumerate(statements):
        if _CLASS.match(lines[one.head].text) and _is_bare(lines, one):
            by |= _lost(lines, statements[place + 1 :])
    by = {at: margin for at, margin in by.items() if not lines[at].blank}
    return [line.after(by[at]) if at in by else line for at, line in enumerate(lines)], len(by)


def _statements(lines: Sequence[Line]) -> list[_Statement]:
    """The statements that begin at the left, each with its decorators."""
    heads = [
        at
        for at, (line, state) in enumerate(zip(lines, scan(lines)))
        if state.outside and not _says_nothing(line) and not line.indent and line.text[0] not in ")]}"
    ]
    found: list[_Statement] = []
    start: int | None = None
    for at, end in zip(heads, [*heads[1:], len(lines)]):
        start = at if start is None else start
        if not lines[at].text.startswith("@"):
            found.append(_Statement(start, at, end))
            start = None
    return found


def _says_nothing(line: Line) -> bool:
    return line.blank or line.text.lstrip().startswith("#")


def _is_bare(lines: Sequence[Line], one: _Statement) -> bool:
    """Whether nothing is indented below its head."""
    return all(map(_says_nothing, lines[one.head + 1 : one.end]))


def _is_method(lines: Sequence[Line], one: _Statement) -> bool:
    """Whether it takes self, or is one that needs none."""
    text = lines[one.head].text
    static = any(_STATIC.match(line.text) for line in lines[one.start : one.head])
    return _METHOD.match(text) is not None or (static and _DEFINES.match(text) is not None)


def _lost(lines: Sequence[Line], statements: Sequence[_Statement]) -> dict[int, str]:
    """The space that each line behind the head of a class has lost."""
    by: dict[int, str] = {}
    body: list[_Statement] | None = None  # of a method that stands at the left with its statements
    methods = 0
    for one in statements:
        text = lines[one.head].text
        if _is_method(lines, one):
            by |= _of_body(lines, body or [])
            if margin := _others(lines, one):
                return by | dict.fromkeys(range(one.start, one.head + 1), margin)
            by |= dict.fromkeys(range(one.start, one.end), _MARGIN)
            body = [] if _is_bare(lines, one) else None
            methods += 1
        elif _SAYS.match(text) and not by:
            by |= dict.fromkeys(range(one.start, one.end), _MARGIN)
        elif body is None or _DEFINES.match(text) or (body and _ENDS.match(lines[body[-1].head].text)):
            break  # the class has ended
        else:
            body.append(one)
    while body and not _OF_METHOD.match(lines[body[-1].head].text):
        body.pop()
    return by | _of_body(lines, body or []) if methods else {}


def _others(lines: Sequence[Line], one: _Statement) -> str:
    """The space before the other methods, where that of the first has been lost alone; '' elsewhere."""
    body = [line for line in lines[one.head + 1 : one.end] if not _says_nothing(line)]
    methods = (line.indent for line in body if _METHOD.match(line.text.lstrip()))
    return next((indent for indent in methods if len(indent) < len(body[0].indent)), "")


def _of_body(lines: Sequence[Line], body: Sequence[_Statement]) -> dict[int, str]:
    """The space that the statements of a method have lost. Raises Faulty where others stand in one of them."""
    for one in body:
        if _COMPOUND.match(lines[one.head].text):
            raise Faulty(Fault(one.head + 1, 1, LOST_INDENTATION), lines)
    return {at: _MARGIN * 2 for one in body for at in range(one.start, one.end)}

"""Classes whose methods stand at the left, where a page has taken the space before each line."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.joining import Faulty
from cnnviz.networks.source.cleaning.lines import Line, scan
from cnnviz.networks.source.cleaning.parsing import LOST_INDENTATION, Fault

_CLASS = re.compile(r"class\s+\w+.*:\s*(?:#.*)?$")
_METHOD = re.compile(r"(?:async\s+)?def\s+\w+\s*\(\s*(?:self|cls)\b")
_DEFINES = re.compile(r"(?:class|def|async\s+def)\s")
_OF_CLASS = re.compile(r"@|[rRuU]?[\"']")  # a decorator, or what a class says of itself
_OF_METHOD = re.compile(r"(?:return|raise|pass)\b|.*\b(?:self|super)\b")
_ENDS = re.compile(r"(?:return|raise)\b")
_COMPOUND = re.compile(r"(?:if|elif|else|for|while|with|try|except|finally|match)\b.*:\s*(?:#.*)?$")
_MARGIN = "    "
_Span = tuple[int, int]  # a statement at the left: its first line, and the one behind it with all that is indented


def raised(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with the space that methods and their statements have lost, and how many were moved. Raises Faulty
    where a loop or an `if` of such a method stands at the left, too: how far it goes is not known."""
    by: dict[int, str] = {}
    spans = _statements(lines)
    for place, (start, end) in enumerate(spans):
        if _CLASS.match(lines[start].text) and all(_says_nothing(line) for line in lines[start + 1 : end]):
            by |= _lost(lines, spans[place + 1 :])
    by = {at: margin for at, margin in by.items() if not lines[at].blank}
    return [line.after(by[at]) if at in by else line for at, line in enumerate(lines)], len(by)


def _statements(lines: Sequence[Line]) -> list[_Span]:
    """The statements and decorators that begin at the left."""
    starts = [
        at
        for at, (line, state) in enumerate(zip(lines, scan(lines)))
        if state.outside and not _says_nothing(line) and not line.indent and line.text[0] not in ")]}"
    ]
    return [*zip(starts, [*starts[1:], len(lines)])]


def _says_nothing(line: Line) -> bool:
    return line.blank or line.text.lstrip().startswith("#")


def _lost(lines: Sequence[Line], spans: Sequence[_Span]) -> dict[int, str]:
    """The space that each line behind the head of a class has lost."""
    by: dict[int, str] = {}
    body: list[_Span] | None = None  # of a method that stands at the left with its statements
    for start, end in spans:
        text = lines[start].text
        if _METHOD.match(text):
            by |= _of_body(lines, body or [])
            if margin := _others(lines, start, end):
                return by | {start: margin}
            by |= dict.fromkeys(range(start, end), _MARGIN)
            body = [] if all(map(_says_nothing, lines[start + 1 : end])) else None
        elif _OF_CLASS.match(text) and (text.startswith("@") or not by):
            by |= dict.fromkeys(range(start, end), _MARGIN)
        elif body is None or _DEFINES.match(text) or (body and _ENDS.match(lines[body[-1][0]].text)):
            break  # the class has ended
        else:
            body.append((start, end))
    while body and not _OF_METHOD.match(lines[body[-1][0]].text):
        body.pop()
    return by | _of_body(lines, body or []) if any(_METHOD.match(lines[at].text) for at in by) else {}


def _others(lines: Sequence[Line], start: int, end: int) -> str:
    """The space before the other methods, where that of the first has been lost alone; '' elsewhere."""
    body = [line for line in lines[start + 1 : end] if not _says_nothing(line)]
    methods = (line.indent for line in body if _METHOD.match(line.text.lstrip()))
    return next((indent for indent in methods if len(indent) < len(body[0].indent)), "")


def _of_body(lines: Sequence[Line], body: Sequence[_Span]) -> dict[int, str]:
    """The space that the statements of a method have lost. Raises Faulty where others stand in one of them."""
    for start, _ in body:
        if _COMPOUND.match(lines[start].text):
            raise Faulty(Fault(start + 1, 1, LOST_INDENTATION), lines)
    return {at: _MARGIN * 2 for start, end in body for at in range(start, end)}

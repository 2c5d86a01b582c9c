"""Lines of a method that have lost the space before them, one here and one there: it is given back where the lines
before and behind leave one column alone."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, State, scan
from cnnviz.networks.source.cleaning.parsing import Budget, Spent

_CHARACTERS = 400_000  # that are parsed for this, at the most
_SHORTEST = 30  # a line that a page was too narrow for has at least so many characters
_HEAD = re.compile(r"(?:class|def|async\s+def)\s")
_OTHER = re.compile(r"(?:class|def|async\s+def|import|from)\s|@\w|[)\]}]|(?:else|elif|except|finally)\b")
_INNER = re.compile(r"(?:return|raise|pass|super\()|.*\bself\b")
_SETS = re.compile(r"[A-Za-z_][\w.]*(?:\[[^\]]*\])?\s*(?:[+\-*/@]?=(?!=)|\()|(?:for|if|while|with)\s.*:\s*$")
_ENDS = re.compile(r"(?:return|raise|continue|break)\b")


def indented(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with the space that some of them have lost, and how many have."""
    states = list(scan(lines))
    new, moved = list(lines), 0
    width = max((len(line.text.rstrip()) for line in lines), default=0)
    budget = Budget(_CHARACTERS)
    heads = [at for at, line in enumerate(lines) if states[at].outside and _HEAD.match(line.text)]
    try:
        for start, end in zip(heads, [*heads[1:], len(lines)]):
            by = _lost(lines, states, start, end, width)
            if not by:
                continue
            last = max(at for at in range(start, end) if lines[at].indent and not lines[at].blank) + 1
            whole = [line.after(" " * by.get(at, 0)) for at, line in enumerate(lines[start:end], start)]
            last = max(last, max(by) + 1)
            if budget.fault(lines[start:last]) and not budget.fault(whole[: last - start]):
                new[start:end] = whole
                moved += len(by)
    except Spent:
        pass
    return new, moved


def _lost(lines: Sequence[Line], states: Sequence[State], start: int, end: int, width: int) -> dict[int, int]:
    """The column of each line at the left that indented lines stand around; none where one has several."""
    by: dict[int, int] = {}
    before, opens, ended = 0, True, False  # the column of the line before, whether it opens a block, or leaves one
    behind = _behind(lines, states, start, end)
    last = lines[start].text
    for at in range(start + 1, end):
        line = lines[at]
        if not states[at].outside or line.blank or line.text.lstrip().startswith("#"):
            continue
        column = len(line.indent)
        if not column and not _OTHER.match(line.text):
            if behind[at - start] is None:
                break  # the class has ended
            certain = not ended and not _may_be_cut(last, line.text, width)
            found = _column(line.text, before, opens, behind[at - start] or 0) if certain else None
            if found is None:
                return {}
            by[at] = column = found
        elif not column:
            break
        last = line.text
        before, opens, ended = column, line.text.rstrip().endswith(":"), _ENDS.match(line.text.lstrip()) is not None
    return by


def _may_be_cut(first: str, second: str, width: int) -> bool:
    """Whether a page may have been too narrow for the first of these lines, so that the second goes on with it."""
    first = first.rstrip()
    ended = first[-1:] in tuple(")]}:\"'")
    return not ended and len(first) >= _SHORTEST and len(first) + 1 + len(second.split(maxsplit=1)[0]) > width


def _behind(lines: Sequence[Line], states: Sequence[State], start: int, end: int) -> list[int | None]:
    """The column of the next indented statement behind each line; None where there is none."""
    found: list[int | None] = []
    column: int | None = None
    for at in reversed(range(start, end)):
        found.append(column)
        line = lines[at]
        if states[at].outside and not line.blank and not line.text.lstrip().startswith("#") and line.indent:
            column = len(line.indent)
    return found[::-1]


def _column(text: str, before: int, opens: bool, behind: int) -> int | None:
    """Where a statement belongs between two others; None where that is not certain."""
    inner = _INNER.match(text) is not None
    if not inner and not _SETS.match(text):
        return None
    if opens:
        return behind if behind > before and not text.rstrip().endswith(":") else None
    if text.rstrip().endswith(":"):
        return before if behind > before else None
    if before == behind:
        return None if _ENDS.match(text) else before
    return before if inner and before == 8 and behind == 4 else None

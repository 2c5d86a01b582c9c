"""Numbers before the lines, as a listing or a PDF has them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, filled, scan
from cnnviz.networks.source.cleaning.listings import unlisted

_NUMBER = re.compile(r"[ \t]*(?:(?:-{1,5}>|>)[ \t]*)?L?(\d{1,5})(?:[ \t]*[|\u2502\u2192]|[:.)](?=\s|$)|(?=\s|$))")
_LOST = 5  # lines that a listing may have lost between two numbers
_FEWEST = 3
_WRAPPED = 6  # lines in which one line of a listing may go on


class _Numbered(NamedTuple):
    at: int  # which line
    number: int
    end: int  # where the number and what parts it from the code end

    def code(self, lines: Sequence[Line]) -> str:
        return lines[self.at].text[self.end :]


def is_listing(lines: Sequence[Line]) -> bool:
    """Whether a text begins with a line that has its number, and most of its lines have."""
    first = next((line.text for line in lines if not line.blank), "")
    if _NUMBER.match(first) is None:
        return False
    return 2 * sum(len(run) for run in _runs(lines)) > filled(lines)


def unnumbered(lines: Sequence[Line]) -> list[Line]:
    """The lines without their numbers; what indents them behind the numbers stays."""
    if (listed := unlisted(lines)) is not None:
        return listed
    new = list(lines)
    for run in _runs(lines):
        columns = _columns(run, lines)
        for numbered, column in zip(run, columns):
            new[numbered.at] = lines[numbered.at].cut(column)
        _hang(new, run, columns)
    return new


def _hang(new: list[Line], run: list[_Numbered], columns: Sequence[int]) -> None:
    """Puts the lines in which others go on where these begin, if all of them hang below the code."""
    numbered = {one.at for one in run}
    between = [at for at in range(run[0].at, run[-1].at) if at not in numbered and not new[at].blank]
    if between and all(len(new[at].indent) >= columns[0] for at in between):
        for at in between:
            new[at] = new[at].cut(columns[0])


def _runs(lines: Sequence[Line]) -> list[list[_Numbered]]:
    """Lines whose numbers go up; between two of them there may be blank lines and one without number, more only if the
    next number is the next one: a line that a page was too narrow for goes on there."""
    runs: list[list[_Numbered]] = [[]]
    loose = 0
    for at, (line, state) in enumerate(zip(lines, scan(lines))):
        if line.blank:
            continue
        match = _NUMBER.match(line.text)
        found = _Numbered(at, int(match[1]), match.end()) if match else None
        run = runs[-1]
        if found and run and 0 < found.number - run[-1].number <= (1 if loose > 1 else 1 + _LOST):
            run.append(found)
            loose = 0
        elif found and state.outside:
            runs.append([found])
            loose = 0
        else:
            loose += 1
            if loose > _WRAPPED:
                runs.append([])
    every = filled(lines)
    return [run for run in runs if _certain(run, lines, every)]


def _certain(run: list[_Numbered], lines: Sequence[Line], every: int) -> bool:
    """Whether these are a listing's lines: enough of them (of `every` that is not blank), and most with code."""
    return len(run) >= min(_FEWEST, max(every, 2)) and 2 * sum(bool(one.code(lines).strip()) for one in run) >= len(run)


def _columns(run: list[_Numbered], lines: Sequence[Line]) -> list[int]:
    """Where the code begins in each line. Either it stands in a column of its own, or the same space parts it from
    each number: what leaves more lines indented by fours."""
    codes = [one.code(lines) for one in run]
    spaces = [len(code) - len(code.lstrip()) for code in codes]
    filled = [at for at, code in enumerate(codes) if code.strip()]
    gap = 1 if all(codes[at].startswith("\t") for at in filled) else min(spaces[at] for at in filled)
    behind = [one.end + gap for one in run]
    column = min(run[at].end + spaces[at] for at in filled)
    if any(run[at].end > column for at in filled) or any("\t" in codes[at][: spaces[at]] for at in filled):
        return behind
    in_column = sum((run[at].end + spaces[at] - column) % 4 == 0 for at in filled)
    by_gap = sum((spaces[at] - gap) % 4 == 0 for at in filled)
    return [column] * len(run) if in_column > by_gap else behind

"""Numbers before the lines, as a listing or a PDF has them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, filled, scan

_NUMBER = re.compile(r"[ \t]*L?(\d{1,5})(?:[ \t]*[|\u2502\u2192]|[:.)](?=\s|$)|(?=\s|$))")
_LOST = 5  # lines that a listing may have lost between two numbers
_FEWEST = 3


class _Numbered(NamedTuple):
    at: int  # which line
    number: int
    end: int  # where the number and what parts it from the code end

    def code(self, lines: Sequence[Line]) -> str:
        return lines[self.at].text[self.end :]


def unnumbered(lines: Sequence[Line]) -> list[Line]:
    """The lines without their numbers; what indents them behind the numbers stays."""
    new = list(lines)
    for run in _runs(lines):
        for numbered, column in zip(run, _columns(run, lines)):
            new[numbered.at] = lines[numbered.at].cut(column)
    return new


def _runs(lines: Sequence[Line]) -> list[list[_Numbered]]:
    """Lines whose numbers go up; between two of them there may be blank lines and one without number: a line that a
    page was too narrow for goes on there."""
    runs: list[list[_Numbered]] = [[]]
    loose = 0
    for at, (line, state) in enumerate(zip(lines, scan(lines))):
        if line.blank:
            continue
        match = _NUMBER.match(line.text)
        found = _Numbered(at, int(match[1]), match.end()) if match else None
        run = runs[-1]
        if found and run and run[-1].number < found.number <= run[-1].number + 1 + _LOST:
            run.append(found)
            loose = 0
        elif found and state.outside:
            runs.append([found])
            loose = 0
        else:
            loose += 1
            if loose > 1:
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

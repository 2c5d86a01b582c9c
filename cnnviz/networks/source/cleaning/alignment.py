"""Lines that begin a space beside the column in which they belong, as a hand-made edit leaves them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnviz.networks.source.cleaning.fences import DEFINES
from cnnviz.networks.source.cleaning.lines import Line, State, scan

_MARGIN = re.compile(r" *(?=[^\s#])")  # of a line that says something and is indented by spaces alone
_FURTHEST = 2  # how far a function may stand from the column of those before it, and 1 any other line


def aligned(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines, each in a column in which a block is open, and how many were moved: a function in that of the
    functions before it, any other line by one space, where one column alone is so near."""
    columns = _Columns()
    new = [columns.put(line, state) for line, state in zip(lines, scan(lines))]
    return new, sum(one.text != line.text for one, line in zip(new, lines))


@dataclass
class _Columns:
    """The columns of the blocks that are open, the innermost last, and those in which functions begin; `opens` says
    whether the line before begins a block, `goes_on` whether it is not at its end."""

    blocks: list[int] = field(default_factory=lambda: [0])
    defines: set[int] = field(default_factory=set)
    opens: bool = False
    goes_on: bool = False

    def put(self, line: Line, state: State) -> Line:
        """The line where it belongs."""
        found = _MARGIN.match(line.text)
        if found is not None and state.outside and not self.goes_on:
            column = self._column(found.end(), DEFINES.match(line.text) is not None)
            line = line.after(" " * (column - found.end())).cut(max(found.end() - column, 0))
        code = line.text[: next((start for kind, start, _ in state.pieces if kind == "comment"), None)].rstrip()
        if code:
            self.opens, self.goes_on = code.endswith(":"), code.endswith("\\")
        return line

    def _column(self, at: int, defines: bool) -> int:
        """The column for a line that begins in column `at`; a block begins where it is further in than its head."""
        if self.opens and at > self.blocks[-1]:
            self.blocks.append(at)
        elif at not in self.blocks:
            at = self._nearest(at, defines)
        self.blocks = [one for one in self.blocks if one < at] + [at]
        self.defines = {one for one in self.defines if one <= at} | ({at} if defines else set())
        return at

    def _nearest(self, at: int, defines: bool) -> int:
        """The only open column that is near enough; `at` itself where there is none, or several are."""
        able = [one for one in self.blocks if not defines or one in self.defines]
        near = [one for one in able if abs(one - at) <= (_FURTHEST if defines else 1)]
        return near[0] if len(near) == 1 else at

"""What editors and tools show for space: · and → where a line is indented, ¶ and ↵ at its end, ^I and $ of `cat -A`."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, filled, replaced, scan

_SPACE, _TAB = "\u00b7\u2e31\u2423", "\u2192\u21e5\u00bb"
_MARGIN = re.compile(rf"[ \t]*[{_SPACE}{_TAB}][ \t{_SPACE}{_TAB}]*")
_SHOWN = re.compile(rf"[{_SPACE}]|[{_TAB}](?=[ {_SPACE}])|[{_TAB}]")
_DOTS = re.compile(f"[{_SPACE}]")
_END = re.compile(r"[\u00b6\u21b5\u23ce\u240d\u240a\u2424]+\s*$")
_FEWEST = 2


def unshown(lines: Sequence[Line]) -> list[Line]:
    """The lines with space for such marks."""
    lines = _without_ends(lines)
    if not any(_MARGIN.match(line.text) for line in lines):
        return lines
    dotted = sum(any(mark in line.text[:2] for mark in _SPACE) for line in lines) >= _FEWEST
    return [_spaced(line, state.pieces, dotted) for line, state in zip(lines, scan(lines))]


def _without_ends(lines: Sequence[Line]) -> list[Line]:
    """The lines without the marks of their ends; `$` only where all have it."""
    if all(line.text.endswith("$") for line in lines if not line.blank) and filled(lines) >= _FEWEST:
        lines = [line.cut(0, len(line.text.rstrip()) - 1) if not line.blank else line for line in lines]
        return [replaced(line, re.compile(r"\^I"), lambda _: "\t") for line in lines]
    return [_without_end(line) for line in lines]


def _without_end(line: Line) -> Line:
    if line.text.isascii():
        return line
    end = _END.search(line.text.rstrip()[-3:])
    return line if end is None else line.cut(0, len(line.text.rstrip()) - len(end[0]))


def _spaced(line: Line, pieces: Sequence[tuple[str, int, int]], dotted: bool) -> Line:
    margin = _MARGIN.match(line.text)
    if margin is not None:
        head = replaced(line.cut(0, margin.end()), _SHOWN, lambda found: _space(found, margin[0], line.text))
        line = Line(head.text + line.text[margin.end() :], [*head.places[:-1], *line.places[margin.end() :]])
    if not dotted:
        return line
    code = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    return replaced(line, _DOTS, lambda found: " " if found.start() in code else found[0])


def _space(found: re.Match[str], margin: str, text: str) -> str:
    """A space, or a tab for an arrow that no space follows."""
    behind = margin[found.end() : found.end() + 1]
    return "\t" if found[0] in _TAB and behind not in (" ", *_SPACE) else " "

"""What a page's own language leaves in code: HTML's names of characters and its tags, Markdown's escapes and bold
letters, and the space that a PDF puts between two underscores."""

import html
import re
from collections.abc import Callable, Sequence

from cnnviz.networks.source.cleaning.lines import Line, scan

_HTML = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#0?39|#34|#160|#x27|#x22);|</?(?:pre|code|p|div)>", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([_*\[\](){}<>.=+\-|~`])")  # outside strings Python has \ only at the end of a line
_BOLD = re.compile(r"(?<=\.)\*\*(\w{1,80})\*\*|(?<=def )\*\*(\w{1,80})\*\*|\*\*(name)\*\*|\*\*(main)\*\*")
_SPACED = re.compile(r"(?<!\w)_ _([A-Za-z]\w{0,80}?)_ _(?!\w)")


def unescaped(lines: Sequence[Line]) -> list[Line]:
    """The lines with Python's characters in the place of such ones."""
    lines = [_replaced(line, _HTML, _meant) for line in lines]
    return [_in_code(line, state.pieces) for line, state in zip(lines, scan(lines))]


def _in_code(line: Line, pieces: Sequence[tuple[str, int, int]]) -> Line:
    """Without Markdown's escapes, but in strings and comments; __init__ where it was bold or parted."""
    if not any(mark in line.text for mark in ("\\", "**", "_ _")):
        return line
    escapes = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    line = _replaced(line, _ESCAPED, lambda found: found[1] if found.start() in escapes else found[0])
    return _replaced(_replaced(line, _BOLD, _dunder), _SPACED, _dunder)


def _meant(found: re.Match[str]) -> str:
    return "" if found[0].startswith("<") else html.unescape(found[0]).replace("\u00a0", " ")


def _dunder(found: re.Match[str]) -> str:
    return f"__{found[found.lastindex or 0]}__"


def _replaced(line: Line, pattern: re.Pattern[str], meant: Callable[[re.Match[str]], str]) -> Line:
    """The line with something else for what the pattern finds, which stands where that stood."""
    text: list[str] = []
    places: list[int] = []
    at = 0
    for found in pattern.finditer(line.text):
        start, end = found.span()
        new = meant(found)
        text += [line.text[at:start], new]
        places += [*line.places[at:start], *[line.places[start]] * len(new)]
        at = end
    return Line("".join(text) + line.text[at:], [*places, *line.places[at:]]) if at else line

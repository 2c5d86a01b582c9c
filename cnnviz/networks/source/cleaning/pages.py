"""What a page's own language leaves in code: HTML's names of characters and its tags, Markdown's escapes and bold
letters, and the space that a PDF puts between two underscores."""

import html
import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, replaced, scan

_HTML = re.compile(
    r"&(?:amp;)*(?:lt|gt|amp|quot|apos|nbsp|#0?39|#34|#160|#x27|#x22);"
    r"|</?(?:pre|code|p|div|span|a|font|table|tbody|tr|td|ol|ul|li|figure)(?:\s+[\w:-]+=[^<>]*)?>",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([_*\[\](){}<>.=+\-|~`])")  # outside strings Python has \ only at the end of a line
_BOLD = re.compile(r"(?<=\.)\*\*(\w{1,80})\*\*|(?<=def )\*\*(\w{1,80})\*\*|\*\*(name)\*\*|\*\*(main)\*\*")
_SPACED = re.compile(r"(?<!\w)_ ?_ ?(?!(?:in|is|or|and|if|else|for|as|not)\b)([A-Za-z]\w{0,80}?) ?_ ?_(?!\w)")
_BRACED = re.compile(r"\{([\[\]])\}")  # as Pandoc writes brackets for LaTeX


def unescaped(lines: Sequence[Line]) -> list[Line]:
    """The lines with Python's characters in the place of such ones."""
    lines = [replaced(line, _HTML, _meant) for line in lines]
    return [_in_code(line, state.pieces) for line, state in zip(lines, scan(lines))]


def _in_code(line: Line, pieces: Sequence[tuple[str, int, int]]) -> Line:
    """Without Markdown's escapes, but in strings and comments; __init__ where it was bold or parted."""
    if not any(mark in line.text for mark in ("\\", "**", "_ _", "__ ", " __", "{[}", "{]}")):
        return line
    escapes = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    line = replaced(line, _ESCAPED, lambda found: found[1] if found.start() in escapes else found[0])
    line = replaced(replaced(line, _BOLD, _dunder), _SPACED, _dunder)
    if "{[}" not in line.text and "{]}" not in line.text:
        return line
    code = {at for kind, start, end in next(scan([line])).pieces if kind == "code" for at in range(start, end)}
    return replaced(line, _BRACED, lambda found: found[1] if found.start() in code else found[0])


def _meant(found: re.Match[str]) -> str:
    if found[0].startswith("<"):
        return ""
    return html.unescape(f"&{found[0].replace('amp;', '')[1:] or 'amp;'}").replace("\u00a0", " ")


def _dunder(found: re.Match[str]) -> str:
    return f"__{found[found.lastindex or 0]}__"

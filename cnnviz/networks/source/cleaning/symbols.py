"""Signs of mathematics and quotation marks of other languages in code, and bullets before statements: Python's own in
their place, where nothing else can be meant."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, replaced, scan

_TIMES = dict.fromkeys("\u00d7\u00b7\u22c5\u2219\u2a2f\u2715", "*") | dict.fromkeys("\u00f7\u2215\u2044", "/")
_COMPARES = {"\u2260": "!=", "\u2264": "<=", "\u2265": ">=", "\u2266": "<=", "\u2267": ">="}
_BETWEEN = re.compile(rf"(?<=[\w)\]}}])[ \t]*([{''.join(_TIMES)}])(?=[ \t]*[\w(\[{{])")
_COMPARE = re.compile(f"[{''.join(_COMPARES)}]")
_GIVES = re.compile(r"(?<=\))([ \t]*)[\u2192\u27f6\u2794](?=[ \t]*\w)")
_WORD = r"[ ]?([\w.-]{1,40})[ ]?"
_QUOTED = re.compile(
    r"([=(,\[{:][ \t]*)"
    rf"(?:\u00b4{_WORD}\u00b4|`{_WORD}[`\u00b4']|\u00ab{_WORD}\u00bb|\u00bb{_WORD}\u00ab|\u2039{_WORD}\u203a|''{_WORD}''(?!'))"
)
_SETS = r"(?:return\b|(?:class|def)\s+\w|import\s|from\s+[\w.]+\s+import\b|super\(|[A-Za-z_][\w.]*\s*=(?!=))"
_DOT = r"[\u2022\u25e6\u25aa\u25ab\u2023\u25cf\u25cb\u25a0\u2043][ \t]*"
_BULLET = re.compile(rf"([ \t]*)(?:{_DOT}|(?:[*\-]|\d{{1,2}}[.)])[ \t]{{1,3}}(?={_SETS}))")


def meant(lines: Sequence[Line]) -> list[Line]:
    """The lines with Python's operators and quotes for such ones, but in strings and comments."""
    return [_meant(line, state.pieces) if not state.quote else line for line, state in zip(lines, scan(lines))]


def _meant(line: Line, pieces: Sequence[tuple[str, int, int]]) -> Line:
    if line.text.isascii() and "`" not in line.text and "''" not in line.text:
        return line
    code = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    line = replaced(line, _QUOTED, lambda found: _quoted(found) if found.start() in code else found[0])
    if line.text.isascii():
        return line
    pieces = next(scan([line])).pieces
    code = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    line = replaced(line, _GIVES, lambda found: f"{found[1]}->" if found.end() - 1 in code else found[0])
    line = _same_place(line, _COMPARE, _COMPARES)
    return _same_place(line, _BETWEEN, _TIMES)


def _same_place(line: Line, pattern: re.Pattern[str], signs: dict[str, str]) -> Line:
    pieces = next(scan([line])).pieces
    code = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    return replaced(
        line,
        pattern,
        lambda found: found[0][:-1] + signs[found[0][-1]] if found.end() - 1 in code else found[0],
    )


def _quoted(found: re.Match[str]) -> str:
    word = next(one for one in found.groups()[1:] if one is not None)
    return f"{found[1]}'{word}'"


def without_bullets(lines: Sequence[Line]) -> list[Line]:
    """The lines without bullets, or numbers, before a statement. A bullet that stands in the space by which its line is
    indented is replaced by space."""
    found = {
        at: match
        for at, (line, state) in enumerate(zip(lines, scan(lines)))
        if state.outside and (match := _BULLET.match(line.text)) is not None and line.text[match.end() :].strip()
    }
    if not found:
        return list(lines)
    indents = [len(line.indent) if not line.blank and at not in found else None for at, line in enumerate(lines)]
    before, after = _nearest(indents), _nearest(indents[::-1])[::-1]
    new = list(lines)
    for at, match in found.items():
        start, line = len(match[1]), lines[at]
        if match.end() in (before[at], after[at]):
            new[at] = Line(" " * match.end() + line.text[match.end() :], line.places)
        else:
            new[at] = Line(match[1] + line.text[match.end() :], [*line.places[:start], *line.places[match.end() :]])
    return new


def _nearest(indents: Sequence[int | None]) -> list[int | None]:
    """The last that is there, at each place."""
    last: int | None = None
    found = []
    for one in indents:
        last = last if one is None else one
        found.append(last)
    return found

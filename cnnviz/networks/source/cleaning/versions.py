"""Two versions of some lines: a merge that conflicts, of which the first side is read, and a difference (+, -) of a few
lines without its head, of which the new version is."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.lines import Line, scan
from cnnviz.networks.source.cleaning.marks import HEAD

_FIRST = re.compile(r"<{7}(?: |$)")
_BASE = re.compile(r"\|{7}(?: |$)")
_SECOND = re.compile(r"={7}$")
_END = re.compile(r">{7}(?: |$)")
_SIGN = re.compile(r"[+\-](?![+\-\d])")
_STATEMENT = re.compile(
    r"\s*(?:(?:class|def|if|for|while|with|return|import|from|else|elif|try|except)\b|@\w|[A-Za-z_][\w.]*\s*=(?!=)|#|$)"
)


def unconflicted(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The lines with the first side alone of each merge that conflicts, and the marks at which these begin."""
    kept: list[Line] = []
    begins: list[Line] = []
    side = ""
    for line, after in zip(lines, [*lines[1:], None]):
        text = line.text.rstrip()
        if not side and _FIRST.match(text) and after is not None:
            side = "first"
            begins.append(line)
        elif side == "first" and (_BASE.match(text) or _SECOND.match(text)):
            side = "second"
        elif side and _END.match(text):
            side = ""
        elif side != "second":
            kept.append(line)
    return (kept, begins) if begins and not side else (list(lines), [])


def changed(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The new version of a text in which a few lines are marked as added or taken away, and how many lines were left
    out. Either all other lines have a space in the place of the mark, or none has."""
    heads = {at for at, line in enumerate(lines) if HEAD.match(line.text)}
    signs = {
        at for at, (line, state) in enumerate(zip(lines, scan(lines))) if not state.quote and _SIGN.match(line.text)
    } - heads
    others = [line for at, line in enumerate(lines) if at not in heads and at not in signs and not line.blank]
    spaced = all(line.text[0] == " " for line in others)
    if not (heads and spaced and others) and not _is_change(lines, signs, spaced):
        return list(lines), 0
    new = [
        line.cut(1) if spaced or at in signs else line
        for at, line in enumerate(lines)
        if at not in heads and not (at in signs and line.text[0] == "-")
    ]
    return new, len(lines) - len(new)


def _is_change(lines: Sequence[Line], signs: set[int], spaced: bool) -> bool:
    """Whether the marks are of a difference: something stands in the place of something else, or all other lines have
    a space in the place of the mark and the marked ones are statements."""
    added = [at for at in signs if lines[at].text[0] == "+"]
    others = [line for at, line in enumerate(lines) if at not in signs and not line.blank]
    if not signs or not others:
        return False
    if spaced:
        margin = min(len(line.indent) for line in others)
        return margin == 1 or (margin == 2 and all(lines[at].text[1:2] == " " for at in signs))
    replaced = any(at - 1 in signs and lines[at - 1].text[0] == "-" for at in added)
    inner = [lines[at].text[1:5] == "    " for at in added]
    whole = all(deep or _STATEMENT.match(lines[at].text[1:]) for deep, at in zip(inner, added))
    return bool(added) and whole and (replaced or all(inner))

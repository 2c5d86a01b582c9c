"""Marks before each line: of a quotation (> ), of a box, of a difference between two versions (+, -); and arrows."""

import re
from collections.abc import Iterator, Sequence

from cnnviz.networks.source.cleaning.fences import DEFINES
from cnnviz.networks.source.cleaning.lines import Line, State, scan

_FEWEST = 3  # marked lines in a row
_DEEPEST = 5  # quotations in quotations
_QUOTED = re.compile(r"[ \t]*(?:>(?!>> )|[|\u2502\u2503])")
_BOX_ENDS = re.compile(r"[ \t]*[|\u2502\u2503][ \t]*$")
_BUILDS = re.compile(r"\s*(?:[\w.]+\s*=\s*)?(?:torch\.)?(?:nn\.\w+|Sequential)\s*\(")
_ARROW = re.compile(r"(?:<(?:-{2,}|={2,}|<{2,})|\u2190)(?=\s|$)")
_POINTER = re.compile(r"[ \t]*(?:-{2,}|={2,})>(?=[ \t]+[^\s\d])")
_PIN = re.compile(r"(?:[=-]{1,4}|(?=> ))>(?= |$)")
HEAD = re.compile(r"diff --git |index [0-9a-f]{4,}|--- |\+\+\+ |@@ |(?:new|deleted) file mode |\\ No newline")
_DIFFERENT = re.compile(r"[+\- ]|$")


def unpointed(lines: Sequence[Line]) -> list[Line]:
    """The lines without the arrows by which a place is pointed out, and what is said behind one: `<--- error here`. One
    that stands before a line takes of the space by which that is indented."""
    return [_unpointed(line, state) for line, state in zip(lines, scan(lines))]


def _unpointed(line: Line, state: State) -> Line:
    if state.quote:
        return line
    if (found := _POINTER.match(line.text)) is not None:
        line = Line(" " * found.end() + line.text[found.end() :], line.places)
    for kind, start, end in state.pieces:
        if kind == "code" and (found := _ARROW.search(line.text, start, end)) is not None:
            return line.cut(0, len(line.text[: found.start()].rstrip()))
    return line


def unpinned(lines: Sequence[Line]) -> list[Line]:
    """The lines without a mark at the left of some of them: > or -> before the one that is meant, where all others
    begin two columns further in, or > before most of them, as a mail quotes."""
    pinned = {
        at: found.end()
        for at, (line, state) in enumerate(zip(lines, scan(lines)))
        if not state.quote and (found := _PIN.match(line.text)) is not None
    }
    others = [line for at, line in enumerate(lines) if at not in pinned and not line.blank]
    if not pinned or not others:
        return list(lines)
    if all(len(line.indent) >= 2 for line in others):
        return [
            Line(" " * pinned[at] + line.text[pinned[at] :], line.places) if at in pinned else line
            for at, line in enumerate(lines)
        ]
    if len(pinned) < len(others) or not any(_is_code(lines[at].text) for at in pinned):
        return list(lines)
    return [line.cut(min(pinned[at], 2)) if at in pinned else line for at, line in enumerate(lines)]


def unmarked(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines without such marks, of a difference the new version; and how many lines were left out."""
    kept, passed = _new_version(lines)
    for _ in range(_DEEPEST):
        new = list(kept)
        for start, end in _quotations(kept):
            new[start:end] = _unquoted(kept[start:end])
        if new == kept:
            break
        kept = new
    return kept, passed


def _quotations(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """From where to where lines are quoted that define or build something."""
    start = 0
    for at in range(len(lines) + 1):
        if at < len(lines) and _QUOTED.match(lines[at].text):
            continue
        if at - start >= _FEWEST and any(_is_code(_behind(one)) for one in lines[start:at]):
            yield start, at
        start = at + 1


def _behind(line: Line) -> str:
    mark = _QUOTED.match(line.text)
    return line.text[mark.end() :] if mark else line.text


def _is_code(text: str) -> bool:
    text = text.lstrip(">|\u2502\u2503 \t0123456789")
    return bool(DEFINES.match(text) or _BUILDS.match(text))


def _unquoted(lines: Sequence[Line]) -> list[Line]:
    """Without the marks, and without the space behind them where each line has it."""
    parts = [line.cut(len(line.text) - len(_behind(line))) for line in lines]
    if all(_BOX_ENDS.search(part.text) for part in parts if not part.blank):
        parts = [part.cut(0, len(_BOX_ENDS.sub("", part.text))) for part in parts]
    spaced = all(part.blank or part.text[0] == " " for part in parts)
    return [part.cut(1) if spaced and part.text else part for part in parts]


def _new_version(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """Of a difference what stands there now, without its heads."""
    added = [at for at, line in enumerate(lines) if line.text.startswith("+") and not HEAD.match(line.text)]
    if len(added) < _FEWEST:
        return list(lines), 0
    start, end = _reach(lines, added[0], -1), _reach(lines, added[-1], 1) + 1
    inside = lines[start:end]
    if not all(HEAD.match(line.text) or _DIFFERENT.match(line.text) for line in inside):
        return list(lines), 0
    new = [line.cut(1) for line in inside if not HEAD.match(line.text) and not line.text.startswith("-")]
    if not any(_is_code(line.text) for line in new):
        return list(lines), 0
    return [*lines[:start], *new, *lines[end:]], len(inside) - len(new)


def _reach(lines: Sequence[Line], at: int, step: int) -> int:
    """The last line in this direction that may belong to the difference."""
    while 0 <= at + step < len(lines) and (
        HEAD.match(lines[at + step].text) or _DIFFERENT.match(lines[at + step].text)
    ):
        at += step
    return at

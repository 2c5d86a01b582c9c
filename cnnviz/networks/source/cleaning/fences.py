"""Markdown: the code between fences; what stands outside them is passed over."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, filled, scan, shared

BEGINS = r"(?:class\s+\w+\s*[(:]|(?:async\s+)?def\s+\w+\s*\()"  # a class or a function
DEFINES = re.compile(rf"\s*{BEGINS}")
_MARK = re.compile(r"(\s*)(?:```+|~~~)([^`]*)$")
_CODE = rf"(?:{BEGINS}|(?:import|from)\s+\w|@\w|[A-Za-z_][\w.]*\s*[=(])"
_BEFORE = re.compile(rf"\s*`{{1,2}}(?!`)|\s*```(?={_CODE})")
_NAMED = rf"(?:(?:python3?|py)[ \t]+(?={BEGINS}|(?:import|from)\s))?"
_GLUED = re.compile(rf"(\s*(?:```+|~~~))[ \t]*{_NAMED}(?={_CODE}|#|[\"'])")
_GLUED_END = re.compile(r"(?<=[^`\s])```+\s*$")
_LANGUAGE = re.compile(r"~*\s*\{?\.?\s*([^\s{}]*)")  # matches at the start of any text, however little
_FOREIGN = frozenset(
    (
        "bash",
        "sh",
        "shell",
        "console",
        "zsh",
        "powershell",
        "cmd",
        "text",
        "txt",
        "output",
        "json",
        "yaml",
        "yml",
        "toml",
    )
    + ("html", "xml", "css", "javascript", "js", "ts", "c", "cpp", "c++", "cuda", "java", "matlab", "r", "latex", "tex")
    + ("math", "mermaid", "diff", "markdown", "md", "dockerfile", "makefile", "sql")
)


def unticked(lines: Sequence[Line]) -> list[Line]:
    """The lines without the marks of inline code that a selection has left before the first of them and behind the
    last, or of a fence that begins or ends in a line of code."""
    said = [at for at, line in enumerate(lines) if not line.blank]
    new = list(lines)
    for at in said[:1]:
        if (found := _BEFORE.match(new[at].text)) is not None:
            new[at] = new[at].cut(found.end())
    for at in said[-1:]:
        text = new[at].text.rstrip()
        if (code := text.rstrip("`")) != text and (code.strip() or len(text) - len(code) < 3):
            new[at] = new[at].cut(0, len(code))
    return new


class _Mark(NamedTuple):
    """The space before a mark, and the language behind it."""

    margin: str
    language: str


def cells(lines: Sequence[Line]) -> tuple[list[list[Line]], int] | None:
    """The lines of each fence, and how many lines stand outside; None where there is no fence. Where a class or a
    function stands outside, too, the marks alone are left out."""
    lines = _unglued(lines)
    marks = [None if state.quote else _mark(line.text) for line, state in zip(lines, scan(lines))]
    if not any(mark is not None for mark in marks):
        return None
    inside, outside = _parted(lines, marks)
    if any(DEFINES.match(line.text) for part in outside for line in part):
        inside, outside = _at_marks(lines, marks), []
    return inside, filled(lines) - sum(map(filled, inside))


def _unglued(lines: Sequence[Line]) -> list[Line]:
    """The lines with code in a line of its own that begins behind the first mark of a fence, or ends before its last:
    ```import torch."""
    new: list[Line] = []
    is_open = False
    for line, state in zip(lines, scan(lines)):
        if state.quote or ("```" not in line.text and "~~~" not in line.text):
            new.append(line)
        elif (found := _GLUED.match(line.text)) is not None:
            new += [line.cut(0, found.end(1)), line.cut(found.end())]
            is_open = True
            if (end := _GLUED_END.search(new[-1].text)) is not None:
                new[-1:] = [new[-1].cut(0, end.start()), new[-1].cut(end.start())]
                is_open = False
        elif is_open and (end := _GLUED_END.search(line.text)) is not None:
            new += [line.cut(0, end.start()), line.cut(end.start())]
            is_open = False
        else:
            new.append(line)
            is_open = not is_open if _mark(line.text) is not None else is_open
    return new


def _mark(text: str) -> _Mark | None:
    """The mark that a line is; None for any other line."""
    found = _MARK.match(text)
    language = _LANGUAGE.match(found[2]) if found else None
    return _Mark(found[1], language[1]) if found and language else None


def _parted(lines: Sequence[Line], marks: Sequence[_Mark | None]) -> tuple[list[list[Line]], list[list[Line]]]:
    """What stands in fences of Python, and what stands outside all fences."""
    inside: list[list[Line]] = []
    outside: list[list[Line]] = [[]]
    foreign: list[Line] = []
    now, margin = outside[0], ""
    for line, mark in zip(lines, marks):
        if mark is None:
            now.append(line.cut(shared(line.text, margin)))
        elif now is outside[-1] or mark.language:
            margin, now = mark.margin, [] if mark.language.lower() not in _FOREIGN else foreign
            if now is not foreign:
                inside.append(now)
        else:
            margin, now = "", []
            outside.append(now)
    return inside, outside


def _at_marks(lines: Sequence[Line], marks: Sequence[_Mark | None]) -> list[list[Line]]:
    """All lines but the marks, parted at them."""
    parts: list[list[Line]] = [[]]
    for line, mark in zip(lines, marks):
        if mark is not None:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts

"""Transcripts: prompts of Python and IPython with what they printed, tracebacks, tables, magic and shell lines."""

import re
from collections.abc import Sequence

from cnnviz.networks.source.cleaning.fences import DEFINES
from cnnviz.networks.source.cleaning.lines import Line, filled, scan

_IN = re.compile(r"\s*(?:In ?\[[\d *]*\]|\[[\d *]+\]):(?: |$)")
_OUT = re.compile(r"\s*Out ?\[[\d *]*\]:")
_PYTHON = re.compile(r"\s*>>>(?: |$)")
_GOES_ON = {"in": re.compile(r"\s*\.{3,}: ?"), "python": re.compile(r"\s*\.\.\.(?: |$)")}
_CODE = re.compile(rf"{DEFINES.pattern}|(?:import|from)\s+\w|@\w")
_TRACE = "Traceback (most recent call last)"
_RAISED = re.compile(r"[\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Iteration)\b")
_TREE = re.compile(r"[ \t|\u2502]*[\u251c\u2514]\u2500")  # as torchinfo draws the rows of its table
_RULE = re.compile(r"-{10,}\s*$")
_MAGIC = re.compile(
    r"\s*(?:%{1,2}[A-Za-z]|!|\$ |\?+\w|pip3? install |conda install |\w+\s*=\s*[!%]\w|[\w.]+\?{1,2}\s*$)"
)
_FOREIGN = re.compile(r"%%(?:bash|sh|script|cmd|html|javascript|js|latex|markdown|svg|perl|ruby)\b")


def unprompted(lines: Sequence[Line]) -> tuple[list[list[Line]], int]:
    """The code behind the prompts, each `In [3]:` a part of its own, and how many lines of output were left out."""
    reader = _Transcript()
    for line, state in zip(lines, scan(lines)):
        reader.read(line, bool(state.quote))
    return reader.whole(), reader.passed


class _Transcript:
    """Reads line by line; `mode` says what the last prompt was, `widths` how wide that of each part was."""

    def __init__(self) -> None:
        self.parts: list[list[Line]] = [[]]
        self.widths = [0]
        self.mode, self.passed = "", 0

    def read(self, line: Line, quoted: bool) -> None:
        """One more line."""
        if not quoted and (match := _IN.match(line.text)):
            self.parts.append([])
            self.widths.append(match.end())
            self._take(line, match.end(), "in")
        elif not quoted and _OUT.match(line.text):
            self.mode = "out"
            self.passed += 1
        elif not quoted and (match := _PYTHON.match(line.text)):
            self._take(line, match.end(), "python")
        elif match := _GOES_ON[self.mode].match(line.text) if self.mode in _GOES_ON else None:
            self._take(line, match.end(), self.mode)
        else:
            self._other(line)

    def _take(self, line: Line, start: int, mode: str) -> None:
        self.parts[-1].append(line.cut(start))
        self.mode = mode

    def _other(self, line: Line) -> None:
        """A line without a prompt: output after Python's, up to a blank line after Out[3]:, code otherwise."""
        if self.mode != "in" and (_CODE.match(line.text) or (self.mode == "out" and line.blank)):
            self.mode = ""
        if self.mode in ("python", "out"):
            self.passed += not line.blank
        else:
            self.parts[-1].append(line)

    def whole(self) -> list[list[Line]]:
        """The parts, without the space that stands under a prompt."""
        return [_hung(part, width) for part, width in zip(self.parts, self.widths) if part]


def _hung(part: list[Line], width: int) -> list[Line]:
    """The lines after the first moved to the left by the width of the prompt, where they hang under the first."""
    rest = [line for line in part[1:] if not line.blank]
    if not width or not rest or any(len(line.indent) < width for line in rest):
        return part
    if part[0].text.rstrip().endswith(":") and len(rest[0].indent) == width:
        return part
    return [part[0], *(line.cut(min(width, len(line.indent))) for line in part[1:])]


def untraced(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines without tracebacks, and how many lines these had."""
    kept: list[Line] = []
    tracing = False
    for line, state in zip(lines, scan(lines)):
        if not tracing and _TRACE in line.text and not state.quote:
            tracing = True
            if kept and _RULE.match(kept[-1].text):
                kept.pop()
        elif tracing and DEFINES.match(line.text) and not line.indent:
            tracing = False
            kept.append(line)
        elif not tracing:
            kept.append(line)
        elif _RAISED.match(line.text):
            tracing = False
    return kept, filled(lines) - filled(kept)


def untabled(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines without the rows of a table that is drawn as a tree, and how many there were."""
    kept = [line for line, state in zip(lines, scan(lines)) if state.quote or not _TREE.match(line.text)]
    return kept, len(lines) - len(kept)


def unmagical(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines without those of IPython and the shell, `pass` in their place where they are indented, and how many
    there were. A cell of another language is left out."""
    first = next((line.text for line in lines if not line.blank), "")
    if _FOREIGN.match(first):
        return [], filled(lines)
    kept: list[Line] = []
    passed, goes_on = 0, False
    for line, state in zip(lines, scan(lines)):
        if goes_on or (state.outside and _MAGIC.match(line.text)):
            passed += 1
            if line.indent and not goes_on:
                kept.append(_nothing(line))
            goes_on = line.text.rstrip().endswith("\\")
        else:
            kept.append(line)
    return kept, passed


def _nothing(line: Line) -> Line:
    """`pass` in the place of the line."""
    start = len(line.indent)
    return Line(line.indent + "pass", [*line.places[:start], *[line.places[start]] * 4, line.places[-1]])

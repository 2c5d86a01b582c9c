"""Lines that were cut at a fixed width are joined, and what is no Python between the statements is passed over.

The text is taken statement by statement. Where one is no Python, a line near the fault is joined with the next, if the
statement then is Python, or its first fault stands further down. What still is none is left out, unless it defines a
class or a function, or builds layers: then the fault is the reader's to see.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cnnviz.networks.source.cleaning.fences import DEFINES
from cnnviz.networks.source.cleaning.indentation import regained, untabbed
from cnnviz.networks.source.cleaning.lines import Line, filled, scan
from cnnviz.networks.source.cleaning.parsing import STRAY, Budget, Fault, Spent, parsed

_SHORTEST = 30  # a line that a page was too narrow for has at least so many characters
_LONG = 50  # and so many, where less speaks for it
_CLOSES = re.compile(r"[)\]}#]|(?:else|elif|except|finally)\b")  # these go on with the statement before
_LAYERS = re.compile(r"\bnn\.\w+\s*\(|^\s*self\.\w|\b(?:Sequential|ModuleList|ModuleDict)\s*\(")
_RESULT = re.compile(r"(?:self|F|torch|nn)\.|\(?\w+(?:,\s*\w+)*\)?\s*$")  # what may stand behind `return`
_LAST_WORD = re.compile(r"(?<![\w.])[a-z]+$")
_WANTING = frozenset(
    ("in", "and", "or", "not", "is", "if", "else", "for", "import", "from", "as", "lambda", "return", "class", "def")
)  # words with which no statement ends
_PRINTED = re.compile(r"\s*\([\w.]+\): |\s*\)+,?\s*$")  # as print(model) writes
_ASSIGNS = re.compile(r"\s*[A-Za-z_][\w.]*(?:\s*:\s*[\w.]+)?\s*=(?!=)|\s*[A-Za-z_][\w.]*\(.*\)\s*$")
_OF_BODY = re.compile(r"\s+(?:return\b|(?:self\.)?[A-Za-z_]\w*\s*=(?!=)|def\s+\w+\s*\(\s*self\b)")
_LOOKS_LIKE_CODE = re.compile(r"\s*(?:[\w.]+\s*=|(?:class|def|for|if|return|import|from|self)\b)|\w\(")


class Faulty(Exception):
    """What is no Python and cannot be left out: the fault, and its lines."""

    def __init__(self, fault: Fault, lines: Sequence[Line]):
        super().__init__(fault.message)
        self.fault, self.lines = fault, lines


@dataclass
class Joined:
    """Lines that are Python, statement by statement; how many were joined, passed over and moved; the first fault that
    was passed over; sentences on what is worth a look."""

    lines: list[Line] = field(default_factory=list)
    joined: int = 0
    passed: int = 0
    moved: int = 0
    first: Faulty | None = None
    remarks: list[str] = field(default_factory=list)


def joined(lines: Sequence[Line], budget: Budget) -> Joined:
    """The lines as Python. Raises Faulty."""
    work = _Work(lines, budget)
    work.run()
    return work.result


@dataclass
class _Window:
    """Lines around a fault: the statement, and those before and after it that a joined line may need."""

    lines: list[Line]
    fault: Fault
    before: bool
    after: bool


@dataclass
class _Mended:
    """Joined lines, the fault that is left, and whether they take in the statements before and after."""

    lines: list[Line]
    fault: Fault | None
    before: bool
    after: bool


class _Work:
    """Statements that wait (the next one last) and those that are Python."""

    def __init__(self, lines: Sequence[Line], budget: Budget):
        self.budget, self.result = budget, Joined()
        self.waiting = list(reversed(_statements(lines)))
        self.kept: list[list[Line]] = []
        self.last: list[Line] = []  # the last of these that says something
        self.widths = {max((len(line.text) for line in lines), default=0)}  # at which the page was too narrow
        self.has_classes = any(DEFINES.match(line.text) for line in lines)

    def run(self) -> None:
        """Takes them one by one."""
        while self.waiting:
            now = self.waiting.pop()
            try:
                fault = self.budget.fault(now)
                if fault:
                    now = self._mended(now, fault)
                elif _RESULT.match(now[0].text) and self.kept and _ends_bare(self.kept[-1]):
                    now = self._returned(now)
            except Spent:
                fault = Fault(1, 1, "too much of the text is not Python; paste the class alone")
                raise Faulty(fault, now) from None
            self.kept.append(now)
            self.last = now if filled(now) else self.last
        self.result.lines = [line for one in self.kept for line in one]

    def _returned(self, now: list[Line]) -> list[Line]:
        """The statement before, whose last line is `return`, with the first lines of this one behind it."""
        tree = parsed("\n".join(line.text for line in now))
        if not isinstance(tree, ast.Module) or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
            return now
        before = self.kept.pop()
        at = _last(before, len(before))
        self.result.joined += 1
        return [*before[:at], before[at].joined(" ", now[0]), *now[1:]]

    def _mended(self, own: list[Line], first: Fault) -> list[Line]:
        """The statement with lines joined until it is Python, or what else can be kept of it."""
        if not self.has_classes and _closes_nothing(own, first):
            at = first.line - 1
            own = [*own[:at], own[at].cut(0, first.column - 1), *own[at + 1 :]]
            self.result.passed += own[at].blank
            left = self.budget.fault(own)
            if left is None:
                return own
            first = left
        if _is_of_tabs(own, first):
            spaced = self._spaced(own)
            if spaced or "tabs" in first.message:
                return spaced or self._salvaged(own, first)
        now, fault = own, first
        before: tuple[list[list[Line]], list[list[Line]]] | None = None
        joined = 0
        while mended := self._seam(now, fault):
            before = before or (list(self.kept), list(self.waiting))
            joined += 1
            now, left = self._taken(mended)
            if not left:
                self.result.joined += joined
                return now
            fault = left
        if before and self._passable(own):
            self.kept, self.waiting = before
            now, fault = own, first
        return self._salvaged(now, fault)

    def _seam(self, now: list[Line], fault: Fault) -> _Mended | None:
        """The statement with one line joined to the next, and its next fault; None where this helps nothing."""
        window = self._window(now, fault)
        for first, glue in self._seams(window):
            second = _next(window.lines, first)
            one = window.lines[first].joined(glue, window.lines[second].cut(len(window.lines[second].indent)))
            new = [*window.lines[:first], one, *window.lines[second + 1 :]]
            left = self.budget.fault(new)
            if not left or _better(window, left, new, first):
                self.widths.add(len(window.lines[first].text))
                return _Mended(new, left, window.before, window.after)
        return None

    def _taken(self, mended: _Mended) -> tuple[list[Line], Fault | None]:
        """What was joined, after the statements before and after it are taken in."""
        if mended.before:
            self.kept.pop()
        if mended.after:
            self.waiting.pop()
        return mended.lines, mended.fault

    def _window(self, now: list[Line], fault: Fault) -> _Window:
        """With the statement before where the fault stands in the first two lines, with the one after where it stands
        in the last."""
        before = bool(self.kept) and filled(now[: fault.line]) <= 2
        after = bool(self.waiting) and not filled(now[fault.line :])
        head = self.kept[-1] if before else []
        lines = [*head, *now, *(self.waiting[-1] if after else [])]
        return _Window(lines, fault._replace(line=fault.line + len(head)), before, after)

    def _seams(self, window: _Window) -> Iterator[tuple[int, str]]:
        """Which lines may be joined with the next, and with what between them: the line of the fault, the one before
        it, and the one before that; within a word first. Within brackets the end of a line is a space anyway."""
        lines = window.lines
        at = min(window.fault.line, len(lines)) - 1
        before = _last(lines, at)
        firsts = list(dict.fromkeys((at, before, _last(lines, before))))
        pairs = [(first, second) for first in firsts if (second := _next(lines, first)) > first]
        for first, second in pairs:
            if _cut(lines[first].text, lines[second].text, self.widths):
                yield first, ""
        loose = [
            (first, second)
            for first, second in pairs
            if len(lines[first].text) >= _SHORTEST or (not lines[second].indent and _asks_for_more(lines[first].text))
        ]
        if loose and self.budget.spend(lines):
            states = list(scan(lines))
            yield from (
                (first, " ") for first, second in loose if not states[second].depth and "#" not in lines[first].text
            )

    def _salvaged(self, now: list[Line], fault: Fault) -> list[Line]:
        """What can be kept of a statement that is no Python."""
        inner = next((at for at, line in enumerate(now[1:], 1) if _at_left(line)), len(now))
        head, rest = now[:inner], now[inner:]
        if self._is_stray(head):
            raise Faulty(Fault(1, 1, STRAY), now)
        if not self._passable(head):
            raise Faulty(fault, now)
        self.result.passed += filled(head)
        self.result.first = self.result.first or Faulty(fault, now)
        if rest:
            if not self.budget.spend(rest):
                raise Spent
            self.waiting.extend(reversed(_statements(rest)))
        return []

    def _is_stray(self, head: Sequence[Line]) -> bool:
        """Whether these lines are one at the left and what belongs to the class or the function before it."""
        if DEFINES.match(head[0].text) or not any(_OF_BODY.match(line.text) for line in head[1:]):
            return False
        return any(DEFINES.match(line.text) for line in self.last)

    def _spaced(self, now: list[Line]) -> list[Line] | None:
        """With spaces for tabs, where one width of a tab alone makes it Python, or both make the same of it."""
        able = [new for width in (8, 4) if not self.budget.fault(new := untabbed(now, width))]
        if not able or len({_program(new) for new in able}) > 1:
            return None
        self.result.moved += sum(one.text != line.text for one, line in zip(able[0], now))
        return able[0]

    def _passable(self, lines: Sequence[Line]) -> bool:
        """Whether nothing of the network stands in these lines."""
        if any(DEFINES.match(line.text) for line in lines):
            return False
        if len(lines) > 1 and all(_PRINTED.match(line.text) or line.blank for line in lines[1:]):
            return True
        said = [line.text for line in lines if not _PRINTED.match(line.text)]
        return not any(_LAYERS.search(text) or (not self.has_classes and _ASSIGNS.match(text)) for text in said)


def _closes_nothing(lines: Sequence[Line], fault: Fault) -> bool:
    """Whether the fault closes the row out of which the lines before it were copied, and nothing else is behind it."""
    return "unmatched" in fault.message and not lines[fault.line - 1].text[fault.column - 1 :].strip(" \t)]},")


def _is_of_tabs(lines: Sequence[Line], fault: Fault) -> bool:
    """Whether a fault may come of tabs before some of the lines."""
    return "tabs" in fault.message or ("indent" in fault.message and any("\t" in line.indent for line in lines))


def _program(lines: Sequence[Line]) -> str:
    """What Python lines say, after lost indentation is given back."""
    tree = ast.parse("\n".join(line.text for line in lines))
    moved = parsed("\n".join(line.text for line in regained(tree, lines)[0]))
    return ast.dump(moved) if isinstance(moved, ast.Module) else moved.message


def _statements(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines parted where statements begin at the left."""
    parts: list[list[Line]] = [[]]
    decorated = False
    for line, state in zip(lines, scan(lines)):
        if state.outside and _at_left(line) and not decorated:
            parts.append([])
        if _at_left(line):
            decorated = line.text.startswith("@")
        parts[-1].append(line)
    return [part for part in parts if part]


def _at_left(line: Line) -> bool:
    return not line.blank and not line.indent and not _CLOSES.match(line.text)


def _next(lines: Sequence[Line], at: int) -> int:
    """The next line that is not blank."""
    return next((one for one in range(at + 1, len(lines)) if not lines[one].blank), at)


def _last(lines: Sequence[Line], at: int) -> int:
    """The line before that is not blank."""
    return next((one for one in range(at - 1, -1, -1) if not lines[one].blank), at)


def _cut(first: str, second: str, widths: set[int]) -> bool:
    """Whether a page may have been too narrow between these two lines, within a word."""
    indented = second[:1].isspace()
    if "#" in first:  # in a comment anything can stand: only what is no code may go there
        return len(first) >= _LONG and not indented and not _LOOKS_LIKE_CODE.match(second)
    left, right = first[-1:], second.lstrip()[:1]
    if len(first) < _SHORTEST or left.isspace():
        return False
    if left.isdigit() and right.isdigit():  # 6 and 5 may be 65, or want a comma
        return not indented and len(first) in widths
    return not indented or (len(first) >= _LONG and len(first) in widths and _word(left) and _word(right))


def _asks_for_more(text: str) -> bool:
    """Whether no statement ends so."""
    text = text.rstrip()
    word = _LAST_WORD.search(text[-_LONG:])
    return text[-1:] in tuple("=+-*/%@|&^<>.") or (word is not None and word[0] in _WANTING)


def _ends_bare(lines: Sequence[Line]) -> bool:
    """Whether the last of these lines gives back nothing, within a function."""
    last = lines[_last(lines, len(lines))] if filled(lines) else Line("", [0])
    return bool(last.indent) and last.text.strip() == "return"


def _word(letter: str) -> bool:
    return letter.isalpha() or letter == "_"


def _better(window: _Window, left: Fault, new: Sequence[Line], first: int) -> bool:
    """Whether the fault that is left stands further down than the old one. In the joined line it may stand only if the
    second of its parts may have been cut, too. A string that did not end hides the faults before it."""
    parts = window.lines[first], window.lines[_next(window.lines, first)]
    if left.line == first + 1 and ("indent" in left.message or len(parts[1].text) < _SHORTEST):
        return False
    if "unterminated string" in window.fault.message:
        return "unterminated string" not in left.message or left.line > first + 1
    return left.offset(new) > max(window.fault.offset(window.lines), parts[0].places[-1])

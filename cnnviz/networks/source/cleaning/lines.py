"""Lines that know where each of their characters stands in the reader's own text, and what is code in them."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

BREAKS = re.compile(r"\r\n|\r|\n")  # where Python, and a text box, begin a new line
_ENDS = r"(?:\r\n|[\r\n\v\x85\u2028\u2029])"  # and what web pages and PDFs have in their place
_MORE_BREAKS = re.compile(rf"{_ENDS}|<br ?/?>{_ENDS}?")
_QUOTES = {quote: re.compile(r"\\.|" + quote) for quote in ('"""', "'''", '"', "'")}
_CURLY = {**dict.fromkeys("“”„‟", re.compile('[“”„‟"]')), **dict.fromkeys("‘’‚‛", re.compile("[‘’‚‛']"))}
_TOKEN = re.compile(r"#|\"\"\"|'''|[\"'“”„‟‘’‚‛()\[\]{}]")
_ANEW = re.compile(r"(?:class|def|async def|import|from)\s|@\w")


class Line(NamedTuple):
    """A line without its end; `places` are the offsets of its characters and of its end, one more than characters."""

    text: str
    places: Sequence[int]

    def cut(self, start: int, end: int | None = None) -> "Line":
        """The part from `start` to before `end`."""
        end = len(self.text) if end is None else end
        start = min(start, end)
        return Line(self.text[start:end], self.places[start : end + 1])

    def after(self, prefix: str) -> "Line":
        """The same with `prefix` before it, which stands nowhere in the reader's text."""
        return Line(prefix + self.text, [self.places[0]] * len(prefix) + list(self.places))

    def joined(self, glue: str, other: "Line") -> "Line":
        """This line, `glue` in the place of its end, and the other."""
        ends = [self.places[-1]] * len(glue)
        return Line(self.text + glue + other.text, [*self.places[:-1], *ends, *other.places])

    @property
    def blank(self) -> bool:
        """Whether there is nothing but space."""
        return not self.text.strip()

    @property
    def indent(self) -> str:
        """The space before the first character."""
        return self.text[: len(self.text) - len(self.text.lstrip())]


class State(NamedTuple):
    """How a line begins (in how many open brackets, in which triple-quoted string), and its pieces: (kind, start, end),
    kind being code, string, curly (a string in curly quotes) or comment."""

    depth: int
    quote: str
    pieces: list[tuple[str, int, int]]

    @property
    def outside(self) -> bool:
        """Whether a statement can begin here."""
        return not self.depth and not self.quote


def split(text: str, python: bool) -> list[Line]:
    """The lines of `text`, as Python counts them or also at the line ends of web pages and PDFs."""
    lines, start = [], 0
    for match in (BREAKS if python else _MORE_BREAKS).finditer(text):
        lines.append(Line(text[start : match.start()], range(start, match.start() + 1)))
        start = match.end()
    return [*lines, Line(text[start:], range(start, len(text) + 1))]


def replaced(line: Line, pattern: re.Pattern[str], meant: Callable[[re.Match[str]], str]) -> Line:
    """The line with something else for what the pattern finds, which stands where that stood."""
    text: list[str] = []
    places: list[int] = []
    at = 0
    for found in pattern.finditer(line.text):
        start, end = found.span()
        new = meant(found)
        text += [line.text[at:start], new]
        same = len(new) == end - start
        places += [*line.places[at:start], *(line.places[start:end] if same else [line.places[start]] * len(new))]
        at = end
    return Line("".join(text) + line.text[at:], [*places, *line.places[at:]]) if at else line


def filled(lines: Sequence[Line]) -> int:
    """How many of them are not blank."""
    return sum(not line.blank for line in lines)


def shared(first: str, second: str) -> int:
    """With how many characters both begin."""
    pairs = zip(first, second)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def scan(lines: Sequence[Line]) -> Iterator[State]:
    """The state of each line. A quote that is never closed ends with its line; brackets that are still open end where
    a class, a function or an import begins at the left."""
    last = {quote: max((at for at, line in enumerate(lines) if quote in line.text), default=-1) for quote in _QUOTES}
    depth, quote = 0, ""
    for at, line in enumerate(lines):
        if not quote and _ANEW.match(line.text):
            depth = 0
        state = State(depth, quote, [])
        depth, quote = _pieces(line.text, state, {one for one in ('"""', "'''") if last[one] > at})
        yield state


def _pieces(text: str, state: State, closing: set[str]) -> tuple[int, str]:
    """Fills in the pieces of a line; how many brackets and which string are open at its end. `closing` are the triple
    quotes that stand in a later line."""
    depth, start, pieces = state.depth, 0, state.pieces
    if state.quote:
        start = _end(text, 0, _QUOTES[state.quote], state.quote)
        pieces.append(("string", 0, len(text) if start < 0 else start))
        if start < 0:
            return depth, state.quote if state.quote in closing else ""
    at = start
    while match := _TOKEN.search(text, at):
        token, at = match.group(), match.end()
        if token in "([{":
            depth += 1
            continue
        if token in ")]}":
            depth = max(depth - 1, 0)
            continue
        pieces.append(("code", start, match.start()))
        if token == "#":
            pieces.append(("comment", match.start(), len(text)))
            return depth, ""
        end = _end(text, at, _CURLY.get(token) or _QUOTES[token], None if token in _CURLY else token)
        start = at = len(text) if end < 0 else end
        pieces.append(("curly" if token in _CURLY else "string", match.start(), at))
        if end < 0 and token in closing:
            return depth, token
    pieces.append(("code", start, len(text)))
    return depth, ""


def _end(text: str, start: int, closes: re.Pattern[str], quote: str | None) -> int:
    """Where a string ends that begins before `start`; -1 if it does not."""
    for match in closes.finditer(text, start):
        if quote is None or match.group() == quote:
            return match.end()
    return -1

"""Python's own parser: a tree, or the first fault and what to write instead. A text is parsed, and never executed."""

import ast
import re
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line


class Fault(NamedTuple):
    """Where Python's parser stopped (line and column from 1), and its message."""

    line: int
    column: int
    message: str

    def offset(self, lines: Sequence[Line]) -> int:
        """Its place in the reader's own text."""
        line = lines[min(self.line, len(lines)) - 1]
        return line.places[min(self.column, len(line.places)) - 1]

    def reason(self, lines: Sequence[Line] = ()) -> str:
        """What to write instead; `lines` are those that the fault stands in."""
        if 0 < self.line <= len(lines) and _UNFILLED.search(lines[self.line - 1].text, max(0, self.column - 40)):
            return NUMBER_MISSING
        for pattern, reason in _REASONS:
            if match := pattern.search(self.message):
                return match.expand(reason)
        return f"this is not Python ({self.message.rstrip('.')}); correct it, or leave it out"


NUMBER_MISSING = "a number is missing here; write any number in its place, and the one that fits is then offered"
_UNFILLED = re.compile(r"\b(?:nn\.)?[A-Z]\w*\((?:[^()#]*[,=])?\s*(?:\?+\s*(?=[,)])|(?<=[(,=])\s*,)")
LOST_INDENTATION = "the indentation has been lost"
STRAY = "a line at the left in the midst of the code"
_REASONS = [
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"'(.)' was never closed", r"this '\1' is never closed; write the bracket that closes it"),
        (r"unmatched '(.)'", r"this '\1' closes no bracket; leave it out, or write the one that opens it"),
        (
            r"parenthesis '(.)' does not match opening parenthesis '(.)'",
            r"this '\1' stands where '\2' is still open; write the bracket that closes '\2' first",
        ),
        (
            LOST_INDENTATION,
            "the text has lost its indentation, and how far this line reaches does not follow; "
            "indent what belongs to it, or paste the text from where it is indented",
        ),
        (
            STRAY,
            "this line stands at the left in the midst of the code; leave it out, or indent it as its neighbours are",
        ),
        (r"forgot a comma", "a comma is missing; write one between the arguments"),
        (r"expected ':'", "a ':' is missing; write it at the end of this line"),
        (
            r"expected an indented block after (.*?) on",
            r"what belongs to \1 is missing; write it here, indented by four spaces",
        ),
        (r"unexpected indent", "this line is indented more than the one before it; let both begin in the same column"),
        (
            r"unindent does not match",
            "this line begins in a column in which no line above begins; indent it as they are",
        ),
        (r"inconsistent use of tabs", "tabs and spaces are mixed before this line; indent all lines with spaces"),
        (r"unterminated (?:triple-quoted )?(?:f-)?string", "this string does not end; write the quote that closes it"),
        (r"Missing parentheses in call to '(\w+)'", r"this is Python 2; write \1(...)"),
        (r"Maybe you meant '=='", "a single '=' stands where a value is wanted; write '==' to compare"),
        (
            r"invalid character '([\u00d7\u2219\u22c5\u00b7])'",
            r"the character \1 is not part of Python; write * to multiply",
        ),
        (r"invalid (?:non-printable )?character (.*)", r"the character \1 is not part of Python; leave it out"),
        (r"invalid decimal literal", "a name cannot begin with a digit; write a letter or _ before it"),
    )
]
_DEEP = "it is nested too deeply"


def parsed(text: str) -> ast.Module | Fault:
    """The tree of a text, or its first fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's remarks on the text, such as on "\d", are not the reader's
            return ast.parse(text)
    except SyntaxError as error:
        return Fault(max(error.lineno or 1, 1), max(error.offset or 1, 1), error.msg or "invalid syntax")
    except (MemoryError, RecursionError):
        return Fault(1, 1, _DEEP)
    except ValueError:
        at = next((at for at, one in enumerate(text) if one == "\0" or "\ud800" <= one <= "\udfff"), 0)
        before = text[:at]
        return Fault(before.count("\n") + 1, at - before.rfind("\n"), f"invalid character U+{ord(text[at]):04X}")


class Budget:
    """How much may be parsed for one text. The sum counts, not the clock: a loaded machine gives the same answer."""

    _A_TRY, _A_LINE = 150, 10  # what a parse and each line cost beside their characters

    def __init__(self, characters: int = 1_200_000):
        self.left = characters

    def spend(self, lines: Sequence[Line]) -> bool:
        """Takes what one look at these lines costs; whether so much was left."""
        self.left -= sum(len(line.text) + self._A_LINE for line in lines) + self._A_TRY
        return self.left >= 0

    def fault(self, lines: Sequence[Line]) -> Fault | None:
        """The first fault of these lines, if there is one. Raises _Spent."""
        if not self.spend(lines):
            raise Spent
        found = parsed("\n".join(line.text for line in lines))
        return found if isinstance(found, Fault) else None


class Spent(Exception):
    """The budget has been spent."""

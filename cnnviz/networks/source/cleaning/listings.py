"""Numbers of a listing that stand otherwise than before a space: glued to the code (`12:class Net`, `12class Net`),
behind the name of a file, in brackets, in lines of their own, at the right margin, or before every fifth line alone."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, filled

_FORMS = (
    re.compile(r"[ \t]*[\w./\\~-]{1,200}?[:-](\d{1,5})[:-]"),  # grep -n over several files
    re.compile(r"\^?[0-9a-f]{7,40} [^()]{0,100}\([^()]{1,120} (\d{1,5})\) ?"),  # git blame
    re.compile(r"[ \t]*[\[(#](\d{1,5})[\])]?[ \t]?"),
    re.compile(r"[ \t]*(\d{1,5})[:\-]"),  # grep -n, and the lines around what it found
    re.compile(r"[ \t]*(\d{1,5}) {0,2}[ >B-]{0,3}\t"),  # a debugger's list
)
_GLUED = re.compile(r"[ \t]*(?=\d)")
_BEGINS = re.compile(r"[^\W\d]|[@#\"'(\[{]")  # code behind a number
_ALONE = re.compile(r"[ \t]*(\d{1,5})[ \t]*$")
_LEFT = re.compile(r"[ \t]*(\d{1,5})(?= |$)")
_LOST = 5  # lines that a listing may have lost between two numbers
_FEWEST = 5
_STEPS = (2, 5, 10)  # where not every line has its number


class _At(NamedTuple):
    """A number, and from where to where its line is kept."""

    number: int
    start: int
    end: int | None = None


def unlisted(lines: Sequence[Line]) -> list[Line] | None:
    """The lines without such numbers; None where they have none."""
    for read in (_in_form, _in_own_lines, _at_the_right, _now_and_then):
        if (found := read(lines)) is not None:
            return found
    return None


def between(lines: Sequence[Line]) -> list[Line]:
    """The lines without numbers that stand in lines of their own."""
    return _in_own_lines(lines) or list(lines)


def _in_form(lines: Sequence[Line]) -> list[Line] | None:
    """Where nearly every line has its number in one and the same form."""
    for form in _FORMS:
        matches = [form.match(line.text) for line in lines]
        found = [_At(int(one[1]), one.end()) if one else None for one in matches]
        if _nearly_all(found, lines):
            return _kept(found, lines)
    found = list(_glued(lines))
    return _kept(found, lines) if _nearly_all(found, lines) else None


def _glued(lines: Sequence[Line]) -> Iterator[_At | None]:
    """Numbers before which and behind which nothing tells where they end: each is one more than the one before."""
    last: int | None = None
    for line in lines:
        space = _GLUED.match(line.text)
        if space is None or line.blank:
            yield None
            continue
        text = line.text[space.end() : space.end() + 6]
        digits = text[: len(text) - len(text.lstrip("0123456789"))]
        able = [int(digits)] if last is None else range(last + 1, last + 2 + _LOST)
        number = next((one for one in able if digits.startswith(str(one))), None)
        if number is None:
            yield None
            continue
        last = number
        yield _At(number, space.end() + len(str(number)))


def _nearly_all(found: Sequence[_At | None], lines: Sequence[Line]) -> bool:
    """Whether the numbers go up, four of five lines have one, most of them with code, and some of it is glued."""
    there = [one for one in found if one is not None]
    if len(there) < _FEWEST or 5 * len(there) < 4 * filled(lines) or not _rise(there):
        return False
    codes = [line.cut(one.start).text for one, line in zip(found, lines) if one is not None]
    return 2 * sum(bool(code.strip()) for code in codes) >= len(codes) and any(map(_BEGINS.match, codes))


def _rise(found: Sequence[_At], most: int = 1 + _LOST) -> bool:
    return all(0 < after.number - one.number <= most for one, after in pairwise(found))


def _kept(found: Sequence[_At | None], lines: Sequence[Line]) -> list[Line]:
    return [line if one is None else line.cut(one.start, one.end) for one, line in zip(found, lines)]


def _in_own_lines(lines: Sequence[Line]) -> list[Line] | None:
    """Where numbers alternate with the lines, or stand all before them."""
    alone = [_ALONE.match(line.text) for line in lines]
    numbers = [_At(int(one[1]), 0) for one in alone if one]
    if len(numbers) < _FEWEST or 5 * len(numbers) < 2 * filled(lines) or not _rise(numbers, 1):
        return None
    return [line for one, line in zip(alone, lines) if one is None]


def _at_the_right(lines: Sequence[Line]) -> list[Line] | None:
    found = [_last_number(line.text) for line in lines]
    there = [one for one in found if one is not None]
    if len(there) < _FEWEST or 5 * len(there) < 4 * filled(lines) or not _rise(there):
        return None
    return _kept(found, lines)


def _last_number(text: str) -> _At | None:
    """The number at the end of a line, behind some space."""
    text = text.rstrip()
    code = text.rstrip("0123456789")
    if len(code) == len(text) or len(text) - len(code) > 5 or (code and not code[-1].isspace()):
        return None
    return _At(int(text[len(code) :]), 0, len(code.rstrip()))


def _now_and_then(lines: Sequence[Line]) -> list[Line] | None:
    """Where every fifth line has its number, or every second or tenth. The others begin as far in as the code behind
    the numbers, or at the left."""
    found = {at: match for at, line in enumerate(lines) if (match := _LEFT.match(line.text))}
    places = [*found]
    steps = {int(found[after][1]) - int(found[one][1]) for one, after in pairwise(places)}
    if len(steps) != 1 or not steps <= set(_STEPS) or {*map(int.__sub__, places[1:], places)} != steps:
        return None
    code = [at for at in places if lines[at].text[found[at].end() :].strip()]
    others = [line for at, line in enumerate(lines) if at not in found and not line.blank]
    if not code or not others:
        return None
    column = max(found[at].end() for at in code) + 1
    if all(len(line.indent) >= column for line in others):
        return [line.cut(column) for line in lines]
    if len(places) < 3 or any(found[at].start(1) for at in places):
        return None
    return [line.cut(found[at].end() + 1) if at in found else line for at, line in enumerate(lines)]

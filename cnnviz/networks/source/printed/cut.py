"""Printed networks that were not copied whole: without their first line, without what stands at their beginning or at
their end. Their rows are taken as they are, with the brackets that they lack."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNNAMED = "Network"  # what a class is called whose name is missing
_ROW = re.compile(
    r"[ \t]{0,200}\((?P<name>[^()\n]{1,80})\): {1,4}(?:(?:\d{1,4} ?[x\u00d7] ?)?[A-Za-z_][\w.]{0,80} ?\(.*|None[ \t]*)"
)
_BEGUN = re.compile(r"[ \t]{0,200}\((?:[^()\n]{1,80}(?:\):? ?[\w.]{0,80})?)?")  # a row that is cut within its name
_HEAD = re.compile(r"(?:.*[\s=:>])?(?P<kind>[A-Za-z_]\w{0,80}) ?\(")
_BESIDE = re.compile(r"[ \t]{0,200}(?:\)[ \t]{0,8}){0,50}")  # closing brackets, or nothing
_DOTS = re.compile(r"[ \t]{0,200}(?:\.{2,10}|\u2026)[ \t]{0,200}")
_JOINT = re.compile(  # before a row, or a closing bracket, of which several stand in one line
    r"[ \t](?=\([^()\n]{1,80}\): (?:\d{1,4} ?[x\u00d7] ?)?[A-Za-z_][\w.]{0,80} ?\()|(?<=\))[ \t](?=\)(?:[ \t]|$))"
)
_LONGEST = 2_000  # characters of a line that is looked at
_WRAPPED = 3  # lines of which a row may be made


@dataclass(frozen=True)
class Mended:
    """A print with the brackets that it lacked, what stands around it, and what is to be said of it."""

    text: str
    around: str
    notes: tuple[str, ...]


def mended(text: str) -> Mended | None:
    """The first rows of a print in a text, which are not all of it; None where there are none."""
    lines = [part for line in text.split("\n") for part in _rows_of(line)]
    first = next((at for at, line in enumerate(lines) if _name(line)), None)
    if first is None:
        return None
    head = next((at for at in range(first - 1, max(first - 3, -1), -1) if lines[at].strip()), None)
    above = lines[head][-_LONGEST:].strip() if head is not None else ""
    found = _HEAD.fullmatch(above)
    if found is None and (above.startswith("(") or above.endswith("(")):
        return None  # of what begins otherwise, its layers are not read alone
    rows, last, said = _block(lines, first, 0 if found is None else 1)
    if not any(map(_name, rows)):
        return None
    around, end = "\n".join([*lines[: first if found is None else head], *lines[last:]]), _cut_behind(rows)
    opened: list[str] = [] if found is None else [f"{found['kind']}("]
    more: list[str] = []
    if found is None and _is_one(rows):
        rows = [rows[0].partition("): ")[2], *rows[1:]]
    elif found is None:
        opened, more = _opened(rows)
    missing = len(opened) + sum(map(_depth, rows))
    if missing > len(opened) * (found is None):
        more = [*more, *([] if said else [end])]
    return Mended("\n".join([*opened, *rows, ")" * missing]), around, (*more, *said))


def _rows_of(line: str) -> list[str]:
    """The rows that stand in a line, where the breaks between them are lost; else the line."""
    rows = _JOINT.split(line)
    return rows if len(rows) > 2 else [line]


def _name(line: str) -> str:
    """What a row is called; '' for any other line."""
    found = _ROW.fullmatch(line) if len(line) <= _LONGEST else None
    return found["name"] if found is not None else ""


def _depth(line: str) -> int:
    """How many brackets it opens and does not close."""
    return line.count("(") - line.count(")")


def _is_whole(row: str) -> bool:
    """Whether a row is that of a layer, or the first of one that holds others."""
    return _depth(row) == (1 if row.rstrip().endswith("(") else 0)


def _block(lines: Sequence[str], at: int, depth: int) -> tuple[list[str], int, list[str]]:
    """The rows from a line on, each in one line, where they end, and what is to be said of those that are cut; where
    `depth` is 1 there is a first line, whose closing bracket is the end."""
    rows: list[str] = []
    said: list[str] = []
    is_headed = depth > 0
    while at < len(lines) and (depth > 0 or not is_headed):
        line, count = lines[at], 1
        if _name(line):
            joined = ("".join([line, *map(str.strip, lines[at + 1 : at + more])]) for more in range(1, _WRAPPED + 1))
            whole = next(((row, more) for more, row in enumerate(joined, 1) if _is_whole(row)), None)
            row, count = whole or ("", 1)
            said += [] if whole else [f"The row of {_name(line)} is cut off, and it is left out."]
        elif _BESIDE.fullmatch(line):
            row = line
        elif _DOTS.fullmatch(line) or (line.strip() and _BEGUN.fullmatch(line)):
            row = ""
            said.append(f"The print is cut off at {line.strip()[:40]}, and what stood there is left out.")
        else:
            break
        rows.append(row)
        depth, at = depth + _depth(row), at + count
    return rows, at, said


def _is_one(rows: Sequence[str]) -> bool:
    """Whether they are those of a single layer that holds the others."""
    depth, outer = 0, 0
    for row in rows:
        outer += depth == 0 and bool(_name(row))
        depth += _depth(row)
    return outer == 1 and depth >= 0 and rows[0].rstrip().endswith("(")


def _opened(rows: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines that open what the rows stand in, and what is to be said of it."""
    levels: dict[int, list[str]] = {}
    depth = low = 0
    for row in rows:
        if depth == low and _name(row):
            levels.setdefault(low, []).append(_name(row))
        depth += _depth(row)
        low = min(low, depth)
    outer = min(levels)
    kinds = ["Sequential" if _is_numbered(levels.get(level, [])) else UNNAMED for level in range(outer, 1)]
    opened = [f"{kinds[0]}(", *(f"(part): {kind}(" for kind in kinds[1:])]
    first = levels[0][0]
    if outer < 0 or (kinds[0] == "Sequential" and first != "0"):
        return opened, [f"The beginning is missing: what stood above {first} is not known."]
    if kinds[0] == "Sequential":
        return opened, ["The first line is missing: numbered rows are taken for those of an nn.Sequential."]
    return opened, ["The first line is missing, with the name of the class."]


def _is_numbered(names: Sequence[str]) -> bool:
    """Whether they are numbers one after the other."""
    if not names or not all(name.isdecimal() and len(name) < 5 for name in names):
        return False
    return [int(name) for name in names] == [*range(int(names[0]), int(names[0]) + len(names))]


def _cut_behind(rows: Sequence[str]) -> str:
    """What is said where the last brackets are missing."""
    last = next(name for row in reversed(rows) if (name := _name(row)))
    return f"The print is cut off behind {last}: what followed, if anything did, is not known."

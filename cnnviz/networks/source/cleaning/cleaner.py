"""`clean`: what a reader pasted as Python, and where each part of it stands in the reader's own text."""

import ast
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.cleaning import (
    alignment,
    blocks,
    characters,
    editors,
    escapes,
    fences,
    flattened,
    hyphens,
    indentation,
    listings,
    lookalikes,
    marks,
    notebooks,
    numbering,
    pages,
    prompts,
    symbols,
    unindented,
    versions,
)
from cnnviz.networks.source.cleaning.foreign import Foreign, is_gap, without_foreign
from cnnviz.networks.source.cleaning.joining import Faulty, Joined, joined
from cnnviz.networks.source.cleaning.lines import BREAKS, Line, split
from cnnviz.networks.source.cleaning.parsing import Budget, Fault, parsed

MAX_CHARACTERS = 100_000
_MAX_LINES = 10_000  # of a text that is no Python as it stands
_MAX_NOTEBOOK = 5_000_000  # characters of a notebook file: its pictures take most of them
_MAX_NAMED = 6  # lines in one remark
_MAX_SHOWN = 40  # characters of a line in a remark
_BETWEEN = "\n\n"  # cells of a notebook


@dataclass(frozen=True)
class Cleaned:
    """Python, and where it stands in the reader's own text. Lines and columns count from 1, columns in characters."""

    text: str
    tree: ast.Module
    own: str  # the reader's text; of a notebook file, its code
    replaced: str | None  # the code of a notebook file, which takes the place of the file in a text box
    joined: int  # lines that were cut at a fixed width
    passed: int  # lines that were left out: prose, output, magic and shell lines
    moved: int  # lines whose lost indentation was given back
    lines: Sequence[Line]
    nested: Sequence[indentation.Nested] = ()  # forwards that stood within a method
    remarks: Sequence[str] = ()  # sentences on what was mended where it is worth a look

    def offset(self, line: int, column: int) -> int:
        """Where in `own` the character at this place of `text` stands; one column behind a line is its end."""
        found = self.lines[min(max(line, 1), len(self.lines)) - 1]
        return found.places[min(max(column, 1), len(found.places)) - 1]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """The line and column of `own` for a place of `text`."""
        return _place(self._starts, self.offset(line, column))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that the tree holds, itself first: a text is looked through for several things."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def _starts(self) -> list[int]:
        return _starts(self.own)


def clean(text: str) -> Cleaned:
    """`text` as Python; Python comes out as it is. Raises NotationError at the place in the reader's text for what is
    no Python and may be part of the network, and for more than MAX_CHARACTERS (of code, in a notebook)."""
    sources = notebooks.cells(text) if len(text) <= _MAX_NOTEBOOK else None
    own = text if sources is None else _BETWEEN.join(sources)
    if len(own) > MAX_CHARACTERS:
        reason = f"the text has {len(own):,} characters and {MAX_CHARACTERS:,} are the most; paste the class alone"
        raise NotationError(reason, 1, 1)
    tree = parsed(own)
    as_it_is = isinstance(tree, ast.Module) and not escapes.is_quoted(tree)
    found = Joined(split(own, python=True)) if as_it_is else _cleaned(own, sources)
    if isinstance(tree, Fault) or not as_it_is:
        tree = _tree(found.lines, own)
    nested = indentation.nested(tree)
    lines, moved = indentation.regained(tree, found.lines)
    if moved:
        tree = _tree(lines, own)
    return Cleaned(
        text=own if as_it_is and not moved else _text(lines),
        tree=tree,
        own=own,
        replaced=None if sources is None else own,
        joined=found.joined,
        passed=found.passed,
        moved=moved + found.moved,
        lines=lines,
        nested=nested,
        remarks=found.remarks,
    )


def _cleaned(own: str, sources: Sequence[str] | None) -> Joined:
    """The lines of a text that is no Python as it stands, after all steps."""
    count = len(BREAKS.findall(own)) + 1
    if count > _MAX_LINES:
        reason = (
            f"the text is no Python, and of its {count:,} lines {_MAX_LINES:,} can be looked at; paste the class alone"
        )
        raise NotationError(reason, 1, 1)
    parts = _parted(own) if sources is None else _Parts(_cells(sources))
    lines, passed = _prepared(parts)
    foreign = without_foreign(symbols.without_bullets(lookalikes.with_digits(escapes.readable(lines))))
    stray = [*parts.stray, *foreign.passed]
    lines = foreign.lines
    try:
        lines, regained = unindented.indented(lines)
        lines, aligned = alignment.aligned(lines)
        lines, raised = flattened.raised(lines)
        found = joined(lines, Budget())
    except Faulty as error:
        raise _refused(error, own, foreign.unclear) from None
    if found.first and not _says_something(_tree(found.lines, own)):
        raise _refused(found.first, own)
    found.passed += passed + len(stray)
    found.joined += parts.joined
    found.remarks += [*parts.remarks, *_remarks(stray, own)]
    found.lines, read = lookalikes.meant(found.lines, _tree(found.lines, own))
    for line, name, meant in read:
        row, _ = _place(_starts(own), line.places[0])
        found.remarks.append(
            f"{name[:_MAX_SHOWN]} in line {row:,} is read as {meant[:_MAX_SHOWN]}, which it looks like."
        )
    found.moved += regained + aligned + raised
    return found


@dataclass
class _Parts:
    """The lines of each part of a text, how many were left out and joined, those that stood in the midst of the code,
    and what is to be said."""

    cells: list[list[Line]]
    passed: int = 0
    joined: int = 0
    stray: Sequence[Line] = ()
    remarks: Sequence[str] = ()


def _prepared(parted: _Parts) -> tuple[list[Line], int]:
    """The lines after all steps that look at single lines, and how many were left out."""
    passed = parted.passed
    lines: list[Line] = []
    for cell in parted.cells:
        cell, traced = prompts.untraced(cell)
        cell, drawn = prompts.untabled(cell)
        parts, printed = prompts.unprompted(cell)
        passed += traced + drawn + printed
        for part in parts:
            part, magical = prompts.unmagical(numbering.unnumbered(part))
            passed += magical
            lines += part if indentation.goes_on(lines) else indentation.dedented(part)
    return lines, passed


def _parted(own: str) -> _Parts:
    """The lines of each fence or indented block of code; all in one where there is none."""
    plain, joined = _plain(own)
    lines, sides = versions.unconflicted(plain)
    lines, passed = marks.unmarked(marks.unpinned(marks.unpointed(lines)))
    if not passed:
        lines, passed = versions.changed(lines)
    foreign = Foreign(lines)
    found = fences.cells(lines)
    if found is None and numbering.is_listing(lines):
        found = [lines], 0
    elif found is None:
        foreign = without_foreign(listings.between(lines))
        found = blocks.cells(foreign.lines)
    rows = [_place(_starts(own), line.places[0])[0] for line in sides[:1]]
    remarks = [f"Of the merge that conflicts in line {row:,} the first side is read." for row in rows]
    return _Parts(found[0], passed + found[1], joined, foreign.passed, remarks)


def _plain(own: str) -> tuple[list[Line], int]:
    """The lines in Python's characters, without what a page's own language has left in them, and how many were joined
    at a hyphen."""
    lines = escapes.unquoted(own) or split(own, python=False)
    lines = [line.cut(len(line.text) - len(line.text.lstrip("\f"))) for line in lines]
    lines, joined = hyphens.unhyphenated(editors.unshown(lines))
    return fences.unticked(symbols.meant(characters.plain(pages.unescaped(lines)))), joined


def _cells(sources: Sequence[str]) -> list[list[Line]]:
    """The lines of each cell, with their places in the text that joins the cells by _BETWEEN."""
    cells, start = [], 0
    for source in sources:
        lines = [Line(one.text, [start + at for at in one.places]) for one in split(source, python=True)]
        cells.append(characters.plain([*lines, Line("", [lines[-1].places[-1]])]))
        start += len(source) + len(_BETWEEN)
    return cells


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _tree(lines: Sequence[Line], own: str) -> ast.Module:
    found = parsed(_text(lines))
    if isinstance(found, Fault):
        raise _refused(Faulty(found, lines), own)
    return found


def _says_something(tree: ast.Module) -> bool:
    """Whether any statement could be part of a network."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign)
    return any(
        isinstance(one, kinds) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)) for one in tree.body
    )


def _refused(error: Faulty, own: str, unclear: Sequence[Line] = ()) -> NotationError:
    return NotationError(error.fault.reason(error.lines), *_place(_starts(own), error.fault.offset(error.lines)))


def _remarks(stray: Sequence[Line], own: str) -> list[str]:
    """Names the lines that stood in the midst of the code."""
    if not stray:
        return []
    starts = _starts(own)
    rows = sorted({_place(starts, line.places[0])[0] for line in stray})
    where = ", ".join(f"{row:,}" for row in rows[:_MAX_NAMED]) + (" and more" if len(rows) > _MAX_NAMED else "")
    said = stray[0].text.strip()
    if len(rows) == 1:
        shown = said if len(said) <= _MAX_SHOWN else f"{said[:_MAX_SHOWN]} ..."
        remarks = [f"Line {where} stands in the midst of the code and is no part of it: {shown}"]
    else:
        remarks = [f"Lines {where} stand in the midst of the code and are no part of it."]
    if (gap := next(filter(is_gap, stray), None)) is not None:
        row, _ = _place(starts, gap.places[0])
        remarks.append(f"Lines of the code may be missing where line {row:,} says {gap.text.strip()[:_MAX_SHOWN]}")
    return remarks


def _starts(own: str) -> list[int]:
    return [0, *(match.end() for match in BREAKS.finditer(own))]


def _place(starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Line and column of an offset, the lines beginning at `starts`."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1

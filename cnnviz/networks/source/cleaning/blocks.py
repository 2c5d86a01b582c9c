"""Code that is indented between lines of prose, as Markdown, reStructuredText and mails have it."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnviz.networks.source.cleaning.fences import BEGINS, DEFINES
from cnnviz.networks.source.cleaning.indentation import dedented, goes_on
from cnnviz.networks.source.cleaning.lines import Line, filled, scan
from cnnviz.networks.source.cleaning.parsing import Fault, parsed

_CODE = re.compile(  # of a line without the space before it
    r"(?:(?:>>> |In ?\[\d*\]: )\s*|L?\d{1,5}[\s|:.)\u2192]+)?"
    rf"(?:{BEGINS}|import\s+\w|from\s+[\w.]+\s+import\b|@\w"
    r"|[A-Za-z_][\w.]*\s*=(?!=)|(?:torch\.)?nn\.\w+\()"
)
_GOES_ON = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+\(")  # net.append(...), which changes what an earlier block has made
_OPEN = re.compile(r".*[(\[{\\]\s*(?:#.*)?$|[)\]}@]|\w+\([\w., ]*\):\s*$")  # a statement goes on, or is closed
_BRANCH = re.compile(r"(?:(?:else|try|finally)\s*|(?:elif|except)\b.*):\s*(?:#.*)?$")
_SMILES = re.compile(r"(?:^|\s)[:;]-?[)\]]$")
_LONGEST = 200  # characters of a line of prose that is looked at
_OF_METHOD = re.compile(r"\s*return\b|.*\bself\b")


@dataclass
class _Part:
    """Lines at the left, or indented lines behind them; `start` is the number of the first, from 0."""

    start: int
    lines: list[Line]
    indented: bool
    quoted: bool  # whether it begins within a string


def cells(lines: Sequence[Line]) -> tuple[list[list[Line]], int]:
    """The lines of each indented block of code between prose, and how many lines stand outside; all lines where there
    is no such block. Where code stands outside, too, it is kept in its order."""
    parts = _parts(lines)
    blocks = {at for at in range(len(parts)) if len(parts) > 1 and _is_block(parts, at, lines)}
    if not blocks:
        return [list(lines)], 0
    blocks |= {at for at in range(min(blocks), len(parts)) if _is_block(parts, at, lines, _GOES_ON)}
    outside = [part for at, part in enumerate(parts) if at not in blocks]
    if any(_is_code(line.text) for part in outside for line in part.lines):
        return [dedented(part.lines) if at in blocks else part.lines for at, part in enumerate(parts)], 0
    return [dedented(parts[at].lines) for at in sorted(blocks)], sum(filled(part.lines) for part in outside)


def _parts(lines: Sequence[Line]) -> list[_Part]:
    """Lines at the left and indented lines by turns; comments and blank lines go with what is before them."""
    parts: list[_Part] = []
    is_empty = True  # whether the last part says nothing yet
    for at, (line, state) in enumerate(zip(lines, scan(lines))):
        indented, says = bool(line.indent), not line.blank and not line.text.startswith("#")
        if not parts or (says and not is_empty and parts[-1].indented != indented):
            parts.append(_Part(at, [], indented, bool(state.quote)))
            is_empty = True
        parts[-1].lines.append(line)
        if says and is_empty:
            parts[-1].indented, is_empty = indented, False
    return parts


def _is_block(parts: Sequence[_Part], at: int, lines: Sequence[Line], begins: re.Pattern[str] = _CODE) -> bool:
    """Whether the part is code with prose before it; `begins` is how a line of code does."""
    part = parts[at]
    said = [line for line in part.lines if not line.blank and line.indent]
    if not part.indented or part.quoted or not said:
        return False
    margin = min((line.indent for line in said), key=len)
    outermost = [line.text for line in said if line.indent == margin]
    if said[0].indent != margin or not any(begins.match(text.lstrip()) for text in outermost):
        return False
    if at and not _is_prose(_last(parts[at - 1].lines)):
        return False
    new = any(re.match(r"\s*(?:class|import|from)\s", text) for text in outermost)
    if new or not any(map(_OF_METHOD.match, outermost)):
        return new or not goes_on(lines[: part.start])
    return not any(DEFINES.match(line.text) for line in lines if not line.indent)  # lines of a class without it


def _is_code(text: str) -> bool:
    """Whether a line begins as code does."""
    return _CODE.match(text.lstrip()) is not None


def _last(lines: Sequence[Line]) -> str:
    return next((line.text for line in reversed(lines) if not line.blank and not line.text.startswith("#")), "")


def _is_prose(text: str) -> bool:
    """Whether a line at the left is no Python, nor a part of it."""
    if _is_code(text) or _OPEN.match(text) or _BRANCH.match(text) or _closes(text) or text.strip() == ",":
        return False
    return not any(_does(one) for one in _statements(text[:_LONGEST]))


def _closes(text: str) -> bool:
    """Whether a line ends with a bracket that it does not open: the end of one that a page was too narrow for."""
    code = text.rstrip().rstrip(",:")
    if code[-1:] not in (")", "]", "}") or _SMILES.search(code):
        return False
    return sum(code.count(one) for one in ")]}") > sum(code.count(one) for one in "([{")


def _statements(text: str) -> Iterator[ast.stmt]:
    """Those of the line, or of what it opens."""
    for whole in (text, f"{text} pass"):
        tree = parsed(whole)
        if not isinstance(tree, Fault):
            yield from tree.body


def _does(statement: ast.stmt) -> bool:
    """Whether it is more than words, which may be Python, too: Thanks, well-known."""
    return not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Call | ast.Constant)

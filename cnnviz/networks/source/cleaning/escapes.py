r"""A text that was copied as a string of Python or JSON, with \n for its line ends, as the text that it stands for; and
backslashes in strings that Python cannot read, as in "C:\Users"."""

import ast
import re
from collections.abc import Iterator, Sequence

from cnnviz.networks.source.cleaning.lines import BREAKS, Line, replaced, scan

_FEWEST = 3  # line ends written as \n
_MEANT = {"n": "\n", "t": "\t", "r": "", '"': '"', "'": "'", "\\": "\\", "/": "/"}
_CODE = re.compile(r"(?:class|def)\s+\w+\s*\(|\bnn\.\w")
_BEGINS = re.compile(r"[\s\[(,]*[rRbBuUfF]?(?=[\"'])")
_UNREADABLE = re.compile(r"\\\\|\\(?:U(?![\da-fA-F]{8})|u(?![\da-fA-F]{4})|x(?![\da-fA-F]{2})|N(?!\{))")


def is_quoted(tree: ast.Module) -> bool:
    """Whether a text is nothing but strings, and these hold code."""
    strings = list(_strings(tree))
    return None not in strings and any("\n" in (one or "") for one in strings) and any(
        _CODE.search(one or "") for one in strings
    )  # fmt: skip


def _strings(tree: ast.Module) -> Iterator[str | None]:
    """The strings that a text is, alone or in rows; None for anything else."""
    waiting: list[ast.AST] = [*tree.body]
    while waiting:
        match waiting.pop():
            case ast.Expr(value=value):
                waiting.append(value)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                waiting.extend(elts)
            case ast.Constant(value=str(said)):
                yield said
            case _:
                yield None


def unquoted(own: str) -> list[Line] | None:
    r"""The lines of the text that a string stands for; None where the text is none, and has no \n for line ends."""
    if own.count("\\n") < _FEWEST and not own.lstrip().startswith(('"""', "'''")):
        return None
    if _BEGINS.match(own) is not None and own.rstrip(" \t\r\n,])")[-1:] in ('"', "'"):
        return _read(own, True)
    return _read(own, False) if _FEWEST * len(BREAKS.findall(own.strip())) < own.count("\\n") else None


def _read(own: str, in_quotes: bool) -> list[Line] | None:
    """The text with what its escapes mean; None where something else stands outside of the quotes."""
    lines: list[Line] = []
    text: list[str] = []
    places: list[int] = []
    at, quote = 0, ""
    while at < len(own):
        letter = own[at]
        wide, meant = 1, letter
        if in_quotes and not quote:
            if letter in "\"'":
                quote = own[at : at + 3] if own[at : at + 3] in ('"""', "'''") else letter
                wide = len(quote)
            elif letter not in " \t\r\n[](),rRbBuUfF":
                return None
            meant = ""
        elif in_quotes and own.startswith(quote, at):
            wide, meant, quote = len(quote), "", ""
        elif letter == "\\" and own[at + 1 : at + 2] in _MEANT:
            wide, meant = 2, _MEANT[own[at + 1]]
        elif letter == "\\" and own[at + 1 : at + 2] == "u" and re.fullmatch(r"[\da-fA-F]{4}", own[at + 2 : at + 6]):
            wide, meant = 6, chr(int(own[at + 2 : at + 6], 16))
        elif letter == "\r":
            meant = "" if own[at + 1 : at + 2] == "\n" else "\n"
        if meant == "\n":
            lines.append(Line("".join(text), [*places, at]))
            text, places = [], []
        elif meant:
            text.append(meant)
            places.append(at)
        at += wide
    return [*lines, Line("".join(text), [*places, len(own)])]


def readable(lines: Sequence[Line]) -> list[Line]:
    """The lines with two backslashes where Python takes one in a string for the beginning of something else."""
    if not any(_UNREADABLE.search(line.text) for line in lines):
        return list(lines)
    return [_readable(line, state.pieces) for line, state in zip(lines, scan(lines))]


def _readable(line: Line, pieces: Sequence[tuple[str, int, int]]) -> Line:
    inside = {
        at
        for kind, start, end in pieces
        if kind != "code" and line.text[max(start - 1, 0) : start].lower() not in ("r", "b")
        for at in range(start, end)
    }
    return replaced(
        line,
        _UNREADABLE,
        lambda found: "\\" + found[0] if found.start() in inside and found[0] != "\\\\" else found[0],
    )

"""Names with characters that look like others, as a scanner reads them (`se1f`, `l` for 1, `1O`) or another alphabet
has them, where the text has the name that is meant and nothing of the other."""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from cnnviz.networks.source.cleaning.lines import Line, replaced, scan

_DIGITS = re.compile(r"(?<![\w.])(?!0[oO])\d+[Oo][\dOo]*(?!\w)")
_LIKE = str.maketrans(
    "1I0\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u03bf\u03bd\u03c1\u03b1\u0391\u0392\u0395\u039d\u039f\u03a1\u03a4\u03a7",
    "llOaeopcyxiABEKMHOPCTXovpaABENOPTX",
)
_NUMBERS = {"l": "1", "I": "1", "O": "0"}


def with_digits(lines: Sequence[Line]) -> list[Line]:
    """The lines with zeros for the letters O in numbers."""
    if not any(_DIGITS.search(line.text) for line in lines):
        return list(lines)
    return [_in_code(line, state.pieces, _DIGITS, _zeros) for line, state in zip(lines, scan(lines))]


def _zeros(found: re.Match[str]) -> str:
    return found[0].replace("O", "0").replace("o", "0")


def meant(lines: Sequence[Line], tree: ast.Module) -> tuple[list[Line], list[tuple[Line, str, str]]]:
    """The lines with the names that are meant, and what was read as what, with the first line of each."""
    names = _meant(tree)
    if not names:
        return list(lines), []
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})(?!\w)")
    read: dict[str, Line] = {}

    def name(found: re.Match[str]) -> str:
        read.setdefault(found[0], line)
        return names[found[0]]

    new = []
    for line, state in zip(lines, scan(lines)):
        new.append(_in_code(line, state.pieces, pattern, name))
    return new, [(line, one, names[one]) for one, line in read.items()]


def _in_code(line: Line, pieces: Sequence[tuple[str, int, int]], pattern: re.Pattern[str], new: object) -> Line:
    code = {at for kind, start, end in pieces if kind == "code" for at in range(start, end)}
    assert callable(new)
    return replaced(line, pattern, lambda found: new(found) if found.start() in code else found[0])


def _meant(tree: ast.Module) -> dict[str, str]:
    """What each name is to be read as that the text asks for and has not."""
    nodes = list(ast.walk(tree))
    given = set(_given(nodes))
    if "*" in given:
        return {}
    asked = dict.fromkeys(one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load))
    found = {}
    looks: dict[str, list[str]] = {}
    for one in given:
        looks.setdefault(one.translate(_LIKE), []).append(one)
    for name in asked:
        if name not in given and not hasattr(builtins, name):
            like = looks.get(name.translate(_LIKE), [])
            if len(like) == 1:
                found[name] = like[0]
            elif name in _NUMBERS and not like:
                found[name] = _NUMBERS[name]
    return found


def _given(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """The names that a text gives to something; * where it imports all of a module."""
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name

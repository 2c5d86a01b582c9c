"""Indentation: what all lines share is taken away, and what a page has lost is given back where it is certain."""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, scan, shared

_OPENS = ("class ", "def ", "async def ", "@", "if ", "for ", "with ", "try:", "else:", "while ")


def dedented(lines: Sequence[Line]) -> list[Line]:
    """The lines without the indentation that they share; comments may stand further left. Where the first line alone
    stands at the left, as when a selection begins at its first letter, the others are taken for themselves; so are
    indented ones at the beginning."""
    says = [
        state.outside and _says(line) and line.text.lstrip()[0] not in ")]}" for line, state in zip(lines, scan(lines))
    ]
    code = [at for at, one in enumerate(says) if one]
    if not code:
        return list(lines)
    first, rest = code[0], code[1:]
    if lines[first].indent and (left := next((at for at in rest if not lines[at].indent), 0)):
        return [*dedented(lines[:left]), *lines[left:]]
    start, common = 0, _common([lines[at].indent for at in code])
    if not common and rest:
        start, common = first + 1, _common([lines[at].indent for at in rest])
        if (
            lines[first].text.startswith(_OPENS)
            and lines[first].text.rstrip().endswith(":")
            and len(lines[rest[0]].indent) <= len(common)
        ):
            common = ""
    return [line if at < start else line.cut(shared(line.indent, common)) for at, line in enumerate(lines)]


def goes_on(lines: Sequence[Line]) -> bool:
    """Whether a class, a function or a loop may go on after these lines."""
    last = next(
        (line.text for line in reversed(lines) if _says(line) and not line.indent and line.text[0] not in ")]}"), ""
    )
    return last.startswith(_OPENS)


def untabbed(lines: Sequence[Line], width: int) -> list[Line]:
    """The lines with spaces for the tabs that indent them."""
    return [_untabbed(line, width) if "\t" in line.indent else line for line in lines]


class Nested(NamedTuple):
    """A method that stood within the last method of its class; its line counts from 1."""

    line: int
    name: str
    owner: str
    outer: str


def nested(tree: ast.Module) -> list[Nested]:
    """The forwards that `regained` takes out of a method, in their lines before and after it."""
    found = []
    for node in tree.body:
        final = node.body[-1] if isinstance(node, ast.ClassDef) and not _has_forward(node.body) else None
        if isinstance(node, ast.ClassDef) and isinstance(final, ast.FunctionDef):
            inner = (one for one in _pulled(final) if one.name == "forward")
            found += [Nested(one.lineno, one.name, node.name, final.name) for one in inner]
    return found


def regained(tree: ast.Module, lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with indentation that a page has lost, and how many were moved. What uses `self` or returns in the body
    of a class belongs to the method before it; a forward within the last method of a class that has none, to the
    class; a forward after such a class, too."""
    mover = _Mover(lines)
    for at, node in enumerate(tree.body):
        if isinstance(node, ast.ClassDef):
            mover.inside(node)
            mover.after(node, tree.body[at + 1 :])
    return mover.moved()


class _Mover:
    """Collects which lines are to be moved, and by what."""

    def __init__(self, lines: Sequence[Line]):
        self.lines = lines
        self.by: dict[int, str | int] = {}  # by line from 0: space to put before it, or how much to take away

    def inside(self, node: ast.ClassDef) -> None:
        """What stands in the body of a class and belongs elsewhere."""
        method: ast.FunctionDef | None = None
        run: list[ast.stmt] = []
        for one in [*node.body, None]:
            if isinstance(one, ast.stmt) and not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                run.append(one)
                continue
            last = max((at for at, stray in enumerate(run) if _of_method(stray)), default=-1)
            if method and last >= 0:
                self.push(method.end_lineno or 0, run[last].end_lineno or 0, self.margin(method.body[0], method))
            method, run = one if isinstance(one, ast.FunctionDef) and _selfish(one) else None, []
        final = node.body[-1]
        if isinstance(final, ast.FunctionDef) and not _has_forward(node.body):
            self.pull(final, node.end_lineno or 0)

    def pull(self, method: ast.FunctionDef, end: int) -> None:
        """The functions at the end of a method are methods themselves, if forward is one of them."""
        if found := _pulled(method):
            first = found[-1]
            start = min([first.lineno, *(one.lineno for one in first.decorator_list)]) - 1
            for at in range(start, end):
                self.by[at] = first.col_offset - method.col_offset

    def after(self, node: ast.ClassDef, rest: Sequence[ast.stmt]) -> None:
        """A forward right behind a class that has none."""
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef) and _selfish(one)]
        if not rest or not methods or _has_forward(node.body) or _has_forward(methods[-1].body):
            return
        first = rest[0]
        if isinstance(first, ast.FunctionDef) and first.name == "forward" and _selfish(first) and not _is_added(first):
            self.push(node.end_lineno or 0, rest[0].end_lineno or 0, self.margin(methods[0], node))

    def margin(self, inner: ast.stmt, outer: ast.stmt) -> str:
        """The space by which the inner is indented more than the outer; nothing if both stand in one line."""
        if inner.lineno == outer.lineno:
            return ""
        return self.lines[inner.lineno - 1].indent[outer.col_offset :]

    def push(self, start: int, end: int, margin: str) -> None:
        """The lines from `start` (from 0) to before `end` have lost `margin`."""
        if margin:
            self.by.update(dict.fromkeys(range(start, end), margin))

    def moved(self) -> tuple[list[Line], int]:
        """The lines where they belong; what begins within a string stays."""
        if not self.by:
            return list(self.lines), 0
        new = list(self.lines)
        states = list(scan(self.lines))
        for at, by in self.by.items():
            line = self.lines[at]
            if not line.blank and not states[at].quote:
                new[at] = line.after(by) if isinstance(by, str) else line.cut(min(by, len(line.indent)))
        return new, sum(one.text != line.text for one, line in zip(new, self.lines))


def _pulled(method: ast.FunctionDef) -> list[ast.FunctionDef]:
    """The functions at the end of a method that are methods themselves, the last one first; none without a forward."""
    found: list[ast.FunctionDef] = []
    for one in reversed(method.body):
        if not isinstance(one, ast.FunctionDef) or not _selfish(one):
            break
        found.append(one)
    names = {one.name for one in found}
    used = {one.id for one in ast.walk(method) if isinstance(one, ast.Name)}
    return found if "forward" in names and len(found) < len(method.body) and not names & used else []


def _says(line: Line) -> bool:
    """Whether there is more than a comment."""
    return not line.blank and not line.text.lstrip().startswith("#")


def _common(indents: Sequence[str]) -> str:
    """What all of them begin with."""
    least, most = min(indents), max(indents)
    return least[: shared(least, most)]


def _untabbed(line: Line, width: int) -> Line:
    text: list[str] = []
    places: list[int] = []
    for at, space in enumerate(line.indent):
        wide = width - len(text) % width if space == "\t" else 1
        text.extend(" " * wide if space == "\t" else space)
        places.extend([line.places[at]] * wide)
    rest = line.cut(len(line.indent))
    return Line("".join(text) + rest.text, [*places, *rest.places])


def _is_added(function: ast.FunctionDef) -> bool:
    """Whether a decorator makes a function that stands below a class one of its methods: @d2l.add_to_class(Net)."""
    return any(isinstance(one, ast.Call) for one in function.decorator_list)


def _selfish(function: ast.FunctionDef) -> bool:
    """Whether its first parameter is self."""
    return bool(function.args.args) and function.args.args[0].arg == "self"


def _has_forward(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(one, ast.FunctionDef) and one.name == "forward" for one in body)


def _of_method(statement: ast.stmt) -> bool:
    """Whether it uses self, or returns, as only the body of a method does."""
    return any(
        isinstance(node, ast.Return) or (isinstance(node, ast.Name) and node.id == "self") for node in _own(statement)
    )


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what it holds, without functions in it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(one))

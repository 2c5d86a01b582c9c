"""Lines at the left in the midst of a class, a function or a call that are no part of it: the number or the title of a
page, `...` where something was left out, a sentence. They are passed over where what goes on behind them then is
Python, in a place in which it can stand."""

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import NamedTuple

from cnnviz.networks.source.cleaning.lines import Line, scan
from cnnviz.networks.source.cleaning.parsing import Budget, Fault, Spent, parsed

_CHARACTERS = 600_000  # that are parsed for this, at the most
_LONGEST = 500  # characters of a line that is looked at
_SHORTEST = 30  # a line that a page was too narrow for has at least so many characters
_LONG = 50  # and so many, where it ends in a comment
_MOST = 200  # places in one statement
_SENTENCE = 3  # pairs of words that no code has
_GAP = re.compile(r"[\[(<{\-]*\s*(?:\.{2,}|(?:\. ){2,}\.|snip(?:ped)?|omitted)\s*[\])>}\-]*", re.IGNORECASE)
_RULE = re.compile(r"([-=_*~.#\u2500\u2550])(?:\s?\1){2,}")
_OF_MANY = re.compile(r"\d{1,4} ?(?:/|of) ?\d{1,4}")
_TITLE = re.compile(r"[A-Z][^\W\d_]+(?: [^\W\d_]+){2,}")  # Branches in parallel, which is Python, too
_PAIR = re.compile(r"(?<![\w.])([^\W\d]\w*|\d[\w.]*)\.?[ \t]+(?=([^\W\d]\w*|\d[\w.]*))")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_CODE = re.compile(r"\w\(|\bself\b|\bnn\.|\btorch\.|(?<![=!<>])=(?!=)|->|^@|\"\"\"|'''")
_STATEMENT = re.compile(
    r"self\.|(?:return|del|raise|assert|yield|global|import|print)\b|from\s+[\w.]+\s+import\b|@"
    r"|(?:class|def|async\s+def)\s+\w+\s*[(:]|[A-Za-z_][\w.]*\s*(?:=(?!=)|\()"
)
_CLOSES = re.compile(r"[)\]}]|(?:else|elif|except|finally)\b")
_GOES_ON = (",", "(", "[", "{")
_AROUND = " \t-\u2013\u2014|[]()<>*\u00b7\u2022"  # a page's number

NUMBER, GAP, WORDS, NAME = "number", "gap", "words", "name"


@dataclass
class Foreign:
    """The lines without those that are no part of the code; these, and those of which that cannot be said."""

    lines: list[Line]
    passed: list[Line] = field(default_factory=list)
    unclear: list[Line] = field(default_factory=list)


class _Run(NamedTuple):
    """Lines one after the other that may be no part of the code, from `start` to before `end`, and of what kinds they
    are; `inside` says whether a bracket is open before them."""

    start: int
    end: int
    kinds: frozenset[str]
    inside: bool

    @property
    def is_prose(self) -> bool:
        return not self.kinds <= {NUMBER, GAP}


def is_gap(line: Line) -> bool:
    """Whether a line says that something was left out."""
    return _kind(line.text) == GAP


def without_foreign(lines: Sequence[Line]) -> Foreign:
    """The lines without those that are no part of the code in the midst of which they stand."""
    kinds = _kinds(lines)
    if not any(kinds):
        return Foreign(list(lines))
    states = list(scan([Line("", line.places[-1:]) if kind else line for kind, line in zip(kinds, lines)]))
    kinds = ["" if state.quote else kind for kind, state in zip(kinds, states)]
    work = _Work(lines, kinds, [state.depth for state in states])
    return work.run()


def _kinds(lines: Sequence[Line]) -> list[str]:
    """What each line may be that stands before indented code; '' for any other line."""
    kinds = [""] * len(lines)
    for at, line in enumerate(lines):
        if _says(line) and (not _is_left(line) or _CLOSES.match(line.text)):
            before = at - 1
            while before >= 0 and not kinds[before] and (lines[before].blank or (kind := _kind(lines[before].text))):
                kinds[before] = "" if lines[before].blank else kind
                before -= 1
    return kinds


class _Work:
    """Goes through the statements that begin at the left."""

    def __init__(self, lines: Sequence[Line], kinds: Sequence[str], depths: Sequence[int]):
        self.lines, self.kinds, self.depths = lines, kinds, depths
        self.budget = Budget(_CHARACTERS)
        self.width = max(len(line.text) for line in lines)
        self.gone: set[int] = set()
        self.unclear: list[Line] = []

    def run(self) -> Foreign:
        """Looks at each statement that has such lines in its midst."""
        try:
            for start, end in self._statements():
                runs = list(self._runs(start, end))
                if 0 < len(runs) <= _MOST and not self._all_at_once(start, end, runs):
                    self._one_by_one(start, end, runs)
        except Spent:
            pass
        kept = [line for at, line in enumerate(self.lines) if at not in self.gone]
        return Foreign(kept, [self.lines[at] for at in sorted(self.gone)], self.unclear)

    def _statements(self) -> Iterator[tuple[int, int]]:
        """From where to where a statement at the left goes, with lines behind it that may be foreign."""
        starts = [
            at
            for at, line in enumerate(self.lines)
            if _is_left(line) and not self.kinds[at] and not self.depths[at] and not _CLOSES.match(line.text)
        ]
        yield from zip(starts, [*starts[1:], len(self.lines)])

    def _runs(self, start: int, end: int) -> Iterator[_Run]:
        """Those behind which the indented code goes on."""
        at = start + 1
        while at < end:
            if not self.kinds[at]:
                at += 1
                continue
            first = at
            while at < end and (self.kinds[at] or self.lines[at].blank):
                at += 1
            last = max(one for one in range(first, at) if self.kinds[one]) + 1
            goes_on = next((one for one in range(at, end) if _says(self.lines[one])), end)
            if goes_on < end and (not _is_left(self.lines[goes_on]) or _CLOSES.match(self.lines[goes_on].text)):
                kinds = frozenset(self.kinds[first:last]) - {""}
                yield _Run(first, last, kinds, self.depths[first] > 0)

    def _all_at_once(self, start: int, end: int, runs: Sequence[_Run]) -> bool:
        """Whether the statement is Python without all of them, and was none with them."""
        tail = self._tail(runs[-1].end, end)
        if not self.budget.fault([*self.lines[start : runs[-1].end], *tail]):
            return True  # it is Python as it stands
        foreign = {at for run in runs for at in range(run.start, run.end)}
        without = [at for at in range(start, runs[-1].end + len(tail)) if at not in foreign]
        new = [self.lines[at] for at in without]
        if self.budget.fault(new):
            return False
        tree = parsed(_text(new))
        if isinstance(tree, Fault) or not all(self._fits(run, start, tree, without) for run in runs):
            return False
        self._take(runs)
        return True

    def _one_by_one(self, start: int, end: int, runs: Sequence[_Run]) -> None:
        """Takes those behind which the code goes on as far as its next fault."""
        kept = list(range(start, runs[0].start))
        for run, after in zip(runs, [*[one.start for one in runs[1:]], end]):
            behind = (
                [*range(run.end, after)] if after < end else [*range(run.end, run.end + len(self._tail(run.end, end)))]
            )
            if self._is_taken(run, start, kept, behind):
                self._take([run])
            else:
                self.unclear.append(self.lines[run.start])
                kept += range(run.start, run.end)
            kept += behind

    def _is_taken(self, run: _Run, start: int, kept: Sequence[int], behind: Sequence[int]) -> bool:
        if run.inside or not self.budget.fault([self.lines[at] for at in (*kept, *range(run.start, run.end), *behind)]):
            return False
        without = [*kept, *behind]
        fault = self.budget.fault([self.lines[at] for at in without])
        if fault is not None:
            first = next((at for at, one in enumerate(without) if one >= run.end and _says(self.lines[one])), 0)
            if fault.line - 1 <= first or "never closed" in fault.message:
                return False
            without = without[: fault.line - 1]
        tree = parsed(_text([self.lines[at] for at in without]))
        return not isinstance(tree, Fault) and self._fits(run, start, tree, without)

    def _tail(self, start: int, end: int) -> Sequence[Line]:
        """The lines up to the last that belongs to the statement: what may be foreign at its end stays."""
        last = max((at for at in range(start, end) if _says(self.lines[at]) and not self.kinds[at]), default=start - 1)
        return self.lines[start : last + 1]

    def _take(self, runs: Sequence[_Run]) -> None:
        self.gone |= {at for run in runs for at in range(run.start, run.end) if self.kinds[at]}

    # --- whether the code can go on there

    def _fits(self, run: _Run, start: int, tree: ast.Module, without: Sequence[int]) -> bool:
        """Whether these lines can be foreign, and what is behind them stands where it can."""
        before = next(at for at in range(run.start - 1, start - 1, -1) if _says(self.lines[at]))
        code = self._code(before)
        if any(len(line.text) >= _LONG for line in self.lines[before + 1 : run.start]):
            return False  # a comment that a page was too narrow for
        if run.inside:
            return NAME not in run.kinds and code.endswith(_GOES_ON)
        if code.endswith("\\") or self._may_be_cut(before, run, len(code)):
            return False
        behind = range(bisect_left(without, run.end), len(without))
        row = next((row for row in behind if _says(self.lines[without[row]])), None)
        found = None if row is None else _at(tree, row + 1)
        return found is None or _stands(found, run)

    def _code(self, at: int) -> str:
        """A line without its comment."""
        text = self.lines[at].text
        state = next(scan([self.lines[at]]))
        return text[: next((start for kind, start, _ in state.pieces if kind == "comment"), len(text))].rstrip()

    def _may_be_cut(self, at: int, run: _Run, end: int) -> bool:
        """Whether the first of them may be the end of a word, a number or a comment (behind `end`) that a page was too
        narrow for."""
        text, behind = self.lines[at].text.rstrip(), self.lines[run.start].text.split(maxsplit=1)[0]
        if end < len(text):
            return len(text) >= _LONG
        ends = text[-1].isalnum() or text[-1] in "._" or behind[0] in "(["
        wide = len(text) >= _SHORTEST and len(text) + 1 + len(behind) > self.width
        return wide and ends and not run.kinds.isdisjoint((NUMBER, NAME))


_Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Found(NamedTuple):
    """A statement, what it stands in, the statements before it there, and the function around it."""

    statement: ast.stmt
    owner: ast.AST
    before: Sequence[ast.stmt]
    function: _Function | None


def _at(tree: ast.Module, row: int) -> _Found | None:
    """The statement that begins in this line."""
    waiting: list[tuple[ast.AST, _Function | None]] = [(tree, None)]
    while waiting:
        owner, function = waiting.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            part: list[ast.AST] = getattr(owner, name, None) or []
            for at, one in enumerate(part):
                if isinstance(one, ast.stmt) and _first(one) == row:
                    before = [other for other in part[:at] if isinstance(other, ast.stmt)]
                    return _Found(one, owner, before, function)
                if not isinstance(one, ast.stmt) or _first(one) <= row <= (one.end_lineno or 0):
                    waiting.append((one, one if isinstance(one, _Function) else function))
    return None


def _first(statement: ast.stmt) -> int:
    """The line in which it begins, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def _stands(found: _Found, run: _Run) -> bool:
    """Whether the statement can go on there what stood before the foreign lines."""
    statement, owner, before, function = found
    if before and isinstance(before[-1], ast.Return | ast.Raise):
        return False
    if isinstance(owner, ast.ClassDef):
        if isinstance(statement, _Function):
            names = {one.name for one in before if isinstance(one, _Function)}
            return statement.name not in names and (_is_method(statement) or not run.is_prose)
        return not run.is_prose or not before
    return function is None or not run.is_prose or _is_whole(function, statement)


def _is_method(function: _Function) -> bool:
    names = [one.arg for one in function.args.args[:1]]
    return names in (["self"], ["cls"]) or bool(function.decorator_list)


def _is_whole(function: _Function, statement: ast.stmt) -> bool:
    """Whether what goes on asks for self or a parameter of the function, or gives something back."""
    arguments = function.args
    names = {one.arg for one in (*arguments.args, *arguments.kwonlyargs)} | {"self", "super"}
    behind = (one for one in ast.walk(function) if getattr(one, "lineno", 0) >= statement.lineno)
    return any(isinstance(one, ast.Return) or (isinstance(one, ast.Name) and one.id in names) for one in behind)


# --- what a line may be


def _kind(text: str) -> str:
    """What a line at the left may be that is no code; '' for code."""
    if text[:1].isspace() and text[:1] != "\f":
        return ""
    text = text[:_LONGEST].strip()
    if not text or text[0] in "#@" or '"""' in text or "'''" in text:
        return ""
    if text.strip(_AROUND).isdigit() and len(text) <= 12 and len(text.strip(_AROUND)) <= 4:
        return NUMBER
    if _OF_MANY.fullmatch(text):
        return NUMBER
    if _GAP.fullmatch(text):
        return GAP
    if _RULE.fullmatch(text) or _LINK.fullmatch(text):
        return WORDS
    return _of_words(text)


def _of_words(text: str) -> str:
    """Whether a line has words one after the other as no code has, or is no code otherwise."""
    if text[0] in "+-*/%@|&^<>=.,;:)]}~!" or not _is_balanced(text):
        return ""
    pairs = sum(not iskeyword(one[1]) and not iskeyword(one[2]) for one in _PAIR.finditer(text))
    if pairs >= _SENTENCE and not _STATEMENT.match(text):
        return WORDS
    if _CODE.search(text) or _STATEMENT.match(text):
        return ""
    if pairs:
        return WORDS if not text.endswith(("\\", ",", "(", "[", "{")) else ""
    first = text.split(maxsplit=1)[0].rstrip(":")
    if iskeyword(first) or text.endswith(("\\", ":", ",", "=")):
        return ""
    tree = parsed(text)
    if isinstance(tree, Fault):
        return WORDS if len(text.split()) > 1 and isinstance(parsed(f"{text} pass"), Fault) else ""
    if not all(isinstance(one, ast.Expr) and not _does(one.value) for one in tree.body):
        return ""
    return WORDS if _TITLE.fullmatch(text) else NAME


def _does(value: ast.expr) -> bool:
    """Whether an expression may do something, or is part of a call."""
    kinds = (ast.Call, ast.Await, ast.Yield, ast.NamedExpr, ast.Starred, ast.Lambda, ast.Dict, ast.List, ast.ListComp)
    return any(isinstance(one, kinds) for one in ast.walk(value))


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if depth < 0:
            return False
    return not depth


def _is_left(line: Line) -> bool:
    return _says(line) and not line.indent.strip("\f")


def _says(line: Line) -> bool:
    return not line.blank and not line.text.lstrip().startswith("#")


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)

"""One exercise: a question about a page's settings, and a judge of answers that knows the usual mistakes.

Predict first, then see. Every answer is computed from the settings by what the page itself computes with, so it stays
right when a teacher changes the grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log10
from typing import Any, Literal

from cnnviz.lessons.common import reading
from cnnviz.lessons.common.format import plural, sentence_case
from cnnviz.ops.arithmetic import times

Answer = float | tuple[int, ...] | str
Of = Callable[[Any], Any]  # of the page's settings
Kind = Literal["number", "size", "choice", "mend"]
SHARE = 0.05  # of a small number, that a guess may be off
AXES = ("channels", "rows", "columns")
Hides = Literal["nothing", "cell", "every cell", "size", "stage"]


@dataclass(frozen=True)
class Cell:
    """One cell of a stage's output number `output`, all counted from 0."""

    row: int
    col: int
    output: int = 0

    @property
    def place(self) -> str:
        """In words, as the stage counts."""
        return f"row {self.row + 1}, column {self.col + 1}"


def cell_task(cell: Cell) -> str:
    """The name, in a link, of the exercise that asks for one output cell: cell-2-1, or cell-2-1-3 for the third
    output. Counted from 1, as the stage counts."""
    parts = [cell.row, cell.col, *([cell.output] if cell.output else [])]
    return "-".join(["cell", *(str(part + 1) for part in parts)])


def read_cell(task: str) -> Cell | None:
    """The cell that `cell_task` named; None for any other text."""
    name, *parts = task.split("-")
    if name != "cell" or len(parts) not in (2, 3):
        return None
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 99 for part in parts):
        return None
    return Cell(*(int(part) - 1 for part in parts))


@dataclass(frozen=True)
class Mistake:
    """A usual mistake: the answer that it gives, computed too, and what to say then."""

    sentence: str
    answer: Of


@dataclass(frozen=True)
class Verdict:
    """Whether a guess is right, and what to say about it."""

    right: bool
    sentence: str


@dataclass(frozen=True)
class Exercise:
    """A question about a page in the state `settings`, which may be changed: `answer(settings)` follows.

    A number is right within `tolerance` or 5 % of it, whichever is less; a size and a choice where they are the same.
    Of kind 'mend' nothing is guessed: the reader changes the settings until `answer(settings)`, which says what is
    still wrong, is empty; `solved` are settings for which it is. Until it is answered, the page hides what would give
    it away. `solution` says how the answer comes about, where the page itself does not show it then. `blurb` stands
    for the question in a list, where the question takes time to compute.
    """

    id: str
    title: str
    question: str | Of
    settings: Any
    answer: Of
    hints: tuple[str, ...]
    mistakes: tuple[Mistake, ...] = ()
    kind: Kind = "number"
    choices: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float = 0.005
    hides: Hides = "nothing"
    cell: Cell | None = None
    solution: str | Of = ""
    blurb: str = ""
    solved: Any = None

    def asks(self, settings: Any) -> str:
        """The question, about these settings. Raises ValueError where they have nothing to ask about."""
        return of(self.question, settings)

    def explains(self, settings: Any) -> str:
        """How the answer comes about; '' where the page shows it."""
        return of(self.solution, settings)

    def judge(self, text: str, settings: Any) -> Verdict:
        """What to say of a guess. Raises ValueError with a sentence where it is no answer at all, which is no mistake
        either."""
        right = self.answer(settings)
        if self.kind == "mend":
            return Verdict(not right, right or "It is mended.")
        meant = self.read(text, right)
        if any(self.same(one, right) for one in meant):
            described = self.describe(right)
            return Verdict(True, f"{described[:1].upper()}{described[1:]} is right.")
        return Verdict(False, self.recognised(meant, settings, right) or _partly(meant[0], right))

    def read(self, text: str, right: Answer) -> list[Any]:
        """What a guess may mean."""
        if self.kind == "size":
            assert isinstance(right, tuple)
            return [reading.size(text, len(right))]
        if self.kind == "choice":
            return [reading.choice(text, self.choices)]
        found = reading.numbers(text)
        return found + [100 * share for share in found if self.unit == "%" and 0 < share <= 1]  # 0.98 for 98 %

    def same(self, guess: Answer, answer: Answer) -> bool:
        """Whether two answers are one, numbers within the tolerance."""
        if isinstance(guess, float) and isinstance(answer, (int, float)):
            return abs(guess - answer) <= self.allowed(answer) * (1 + 1e-9)
        return guess == answer

    def allowed(self, answer: float) -> float:
        """How far a guess may be from a number; of a small one only a part, so that 0 is not right for 0.003."""
        return max(1e-9, min(self.tolerance, SHARE * abs(answer)))

    def recognised(self, meant: list[Any], settings: Any, right: Answer) -> str:
        """The sentence of the first mistake that gives this guess; '' where none does."""
        for mistake in self.mistakes:
            try:
                wrong = mistake.answer(settings)
            except ValueError:  # a mistake may lead to settings that cannot be
                continue
            if not self.same(wrong, right) and any(self.same(one, wrong) for one in meant):
                return mistake.sentence
        return ""

    def decimals(self, answer: float) -> int:
        """Decimals that are enough: rounding to them stays within what is allowed."""
        return max(0, ceil(-log10(2 * self.allowed(answer))))

    def example(self, settings: Any) -> str:
        """What a guess may look like, where it is not plain; '' otherwise."""
        answer = self.answer(settings)
        return f", such as {reading.example(len(answer))}" if isinstance(answer, tuple) else ""

    def rounding(self, settings: Any) -> str:
        """How exact a guess has to be, in a sentence; '' where the answer is a whole number or none."""
        answer = self.answer(settings)
        if self.kind != "number" or float(answer).is_integer():
            return ""
        return sentence_case(f"{plural(self.decimals(answer), 'decimal')} will do.")

    def describe(self, answer: Answer) -> str:
        """An answer in words: 5 × 4, -0.25, 98.5 %."""
        if isinstance(answer, tuple):
            return times(answer)
        if isinstance(answer, str):
            return answer
        digits = 0 if float(answer).is_integer() else self.decimals(answer) + 1
        text = f"{answer:,.{digits}f}"
        return f"{text.rstrip('0').rstrip('.') if digits else text}{' ' + self.unit if self.unit else ''}"


def of(text: str | Of, settings: Any) -> str:
    """A text, or one that depends on the settings."""
    return text if isinstance(text, str) else str(text(settings))


def _partly(guess: Answer, right: Answer) -> str:
    """What can be said of a wrong guess that no known mistake gives."""
    if isinstance(guess, tuple) and isinstance(right, tuple):
        axes = zip(AXES[-len(right) :], guess, right, strict=True)
        if fitting := [axis for axis, one, other in axes if one == other]:
            return f"The {' and '.join(fitting)} are right; the rest is not yet."
    return "Not yet."

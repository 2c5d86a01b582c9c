"""What was on a page before each change, so that a mistyped cell or a wrong click can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 50  # the oldest goes; a step keeps what it changed, for grids share their rows


@dataclass(frozen=True)
class Moment:
    """A page's settings, and of what was typed into its stage all that is no setting: by cell the texts that are no
    numbers, by grid the cells that a smaller size cut off."""

    state: Any
    drafts: dict[Any, Any]
    cut: dict[Any, Any]


@dataclass
class History:
    """The moments before the one that is shown, and after an undo those that were taken back; the newest last."""

    past: list[Moment] = field(default_factory=list)
    taken_back: list[Moment] = field(default_factory=list)

    def record(self, before: Moment) -> None:
        """Keep what was there before a change; what was taken back before it is gone."""
        self.past = [*self.past[1 - MAX_STEPS :], before]
        self.taken_back = []

    def undo(self, now: Moment) -> Moment | None:
        """The moment before `now`; None at the first."""
        if not self.past:
            return None
        self.taken_back.append(now)
        return self.past.pop()

    def redo(self, now: Moment) -> Moment | None:
        """The moment that was taken back last; None where there is none."""
        if not self.taken_back:
            return None
        self.past.append(now)
        return self.taken_back.pop()

    def forget(self) -> None:
        """Drop all of it: the page shows something else now."""
        self.past, self.taken_back = [], []

"""What a session knows of its exercises: what was typed, how often it was wrong, what is solved. In memory alone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.lessons.common.exercise import Verdict

KEY = "exercises"


@dataclass
class Progress:
    """One exercise: `open` while the page hides what is asked. `guesses` are those that were judged; `right` and
    `at_once` stay as they were first. `due` is set by the button, for the page to judge in its newest state."""

    open: bool = True
    guesses: int = 0
    right: bool = False
    at_once: bool = False
    shown: bool = False
    hints: int = 0
    typed: str = ""
    due: bool = False
    said: Verdict | None = None
    about: Any = None  # the settings that `said` was said about

    @property
    def tried(self) -> bool:
        """Whether it counts: a guess was judged, or the answer was asked for."""
        return self.guesses > 0 or self.shown

    def judged(self, verdict: Verdict, settings: Any) -> None:
        """Takes a verdict on a guess; once the answer was shown, nothing counts any more."""
        self.said, self.about = verdict, settings
        if not self.shown and not self.right:
            self.right, self.at_once = verdict.right, verdict.right and self.guesses == 0
            self.guesses += 1
        if verdict.right:
            self.open = False

    def again(self) -> None:
        """Asks once more; what was counted stays."""
        self.open, self.hints, self.typed, self.said = True, 0, "", None


def of(lesson: str, task: str) -> Progress:
    """The progress of one exercise in this session."""
    kept: dict[tuple[str, str], Progress] = st.session_state.setdefault(KEY, {})
    return kept.setdefault((lesson, task), Progress())


def score() -> str:
    """All that was tried in this session: '3 of 4 right, 2 at the first guess'; '' before the first guess."""
    tried: Collection[Progress] = [one for one in st.session_state.get(KEY, {}).values() if one.tried]
    right, at_once = sum(one.right for one in tried), sum(one.at_once for one in tried)
    return f"{right} of {len(tried)} right, {at_once} at the first guess" if tried else ""

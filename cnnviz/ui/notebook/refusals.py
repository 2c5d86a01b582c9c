"""What cannot be traced, as a notebook tells it: a sentence and what mends it, in place of a traceback."""

from __future__ import annotations

import traceback
from pathlib import Path

import cnnviz
from cnnviz.tracing import Fix, ShapeError


class Refused(ValueError):
    """What cannot be traced and why, in one sentence without a full stop. IPython prints the sentence and the line that
    asked, and nothing of how cnnviz found out."""

    def _render_traceback_(self) -> list[str]:
        """The lines that IPython prints."""
        return [*str(self).splitlines(), *_where(self)]


class Misfit(Refused, ShapeError):
    """A ShapeError that reads well in a notebook: its sentence, and its fixes, one a line."""

    def __init__(self, error: ShapeError):
        ValueError.__init__(self, error.sentence)
        self.layer, self.sources, self.steps, self.sentence = error.layer, error.sources, error.steps, error.sentence
        self._suggest = error._suggest

    def __str__(self) -> str:
        if not self.fixes:
            return f"{self.sentence}."
        many = "Each of these was tried, and mends it" if len(self.fixes) > 1 else "This was tried, and mends it"
        return "\n".join([f"{self.sentence}.", f"{many}:", *map(_listed, self.fixes)])


def _listed(fix: Fix) -> str:
    return f"  - use {fix.text}" + ("" if fix.whole else " (the network then stops further on)")


def _where(error: BaseException) -> list[str]:
    """The last line outside of cnnviz that an error came through, which is the reader's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not Path(frame.filename).is_relative_to(cnnviz.PACKAGE)]
    return [f"In line {own[-1].lineno}: {own[-1].line}"] if own and own[-1].line else []

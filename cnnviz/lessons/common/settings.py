"""What the settings of all lessons have in common: what is only looked at, and the exercise that the page asks."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from cnnviz import links

Values = dict[str, Any]  # settings of a page, by name
Challenges = dict[str, tuple[str, Values]]  # by label: a sentence, and the settings with which its answer can be seen
MAX_NAME = 40


@dataclass(frozen=True)
class Settings:
    """Base of what a page can be set to: each field knows how it is written into a link. Those in LOOKING are only
    looked at: `?lock=all` leaves them free, their own name fixes them."""

    LOOKING: ClassVar[tuple[str, ...]] = ()

    def validated(self, changed: list[str]) -> tuple["Settings", list[str]]:
        """These settings with what cannot be made possible, and a sentence for each; what was `changed` last stays."""
        return self, []


def is_name(text: str) -> bool:
    """Whether a text may name an exercise: small letters, digits and hyphens."""
    return re.fullmatch("[a-z0-9-]*", text) is not None


@dataclass(frozen=True)
class WithTask(Settings):
    """Base of the settings of a page with exercises: `task` is the id of one, or cell-2-1 for one output cell; '' for
    none. So a link carries both, and the back button knows it."""

    task: str = links.text("", MAX_NAME, is_name)

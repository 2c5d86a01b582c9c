"""The exercise that a page asks, as a setting of the page: so a link carries both, and the back button knows it."""

import re
from dataclasses import dataclass

from cnnviz import links

MOST_NAME = 40


def is_name(text: str) -> bool:
    """Whether a text may name an exercise: small letters, digits and hyphens."""
    return re.fullmatch("[a-z0-9-]*", text) is not None


@dataclass(frozen=True)
class WithTask:
    """Base of a page's settings: `task` is the id of an exercise, or cell-2-1 for one output cell; '' for none."""

    task: str = links.text("", MOST_NAME, is_name)

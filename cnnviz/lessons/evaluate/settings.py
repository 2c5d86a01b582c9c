"""The Evaluate page: which network is measured, which of the test images are shown, and which one is looked at."""

from dataclasses import dataclass, replace
from typing import Any

from cnnviz import links
from cnnviz.lessons.common.settings import WithTask

VIEWS = ("misses", "samples")
NONE = -1  # no cell; no image but the first of those that are shown
MAX_NUMBER = 999_999_999  # images and pages that a link may name; the data set says how many there are


@dataclass(frozen=True)
class Evaluate(WithTask):
    """`network` is the name of a checkpoint that ships, or the id of a run. `true` and `named` are a cell of the
    confusion matrix, whose images are then shown in place of `view`; `page` is counted from 1."""

    LOOKING = ("view", "true", "named", "page", "image")

    network: str = links.text("lenet5", max_length=80)
    view: str = links.choice("misses", VIEWS)
    true: int = links.integer(NONE, NONE, 999)
    named: int = links.integer(NONE, NONE, 999)
    page: int = links.integer(1, 1, MAX_NUMBER)
    image: int = links.integer(NONE, NONE, MAX_NUMBER)

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column of the confusion matrix whose images are shown."""
        return None if self.true == NONE else (self.true, self.named)

    def validated(self, changed: list[str]) -> tuple["Evaluate", list[str]]:
        """These settings, without half a cell; another network shows its own first page."""
        settings = replace(self, page=1) if "network" in changed else self
        if (self.true == NONE) == (self.named == NONE):
            return settings, []
        note = "The link named only half a cell of the matrix; it takes both true and named."
        return replace(settings, true=NONE, named=NONE), [note]


def of_cell(cell: tuple[int, int] | None) -> dict[str, Any]:
    """The settings to change to show the images of a cell of the confusion matrix, or of none."""
    true, named = cell or (NONE, NONE)
    return {"true": true, "named": named, "page": 1, "image": NONE}

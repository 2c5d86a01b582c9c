"""The views of the Data page by name."""

from collections.abc import Callable

from cnnviz.lessons.data.settings import Data
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.data import questions, walls
from cnnviz.ui.lessons.data.looked import Looked

DRAWN: dict[str, Callable[[Store[Data], Looked], None]] = {
    "images": walls.images,
    "batch": walls.batch,
    "figures": questions.classes,
    "augmentation": questions.augmentation,
    "repeats": questions.repeats,
    "labels": questions.doubtful,
}

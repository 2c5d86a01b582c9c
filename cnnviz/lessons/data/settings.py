"""The Data page: which data set is looked at, which of its images in which order, and what is asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnnviz import links
from cnnviz.lessons.common.settings import Settings
from cnnviz.networks.names import AUGMENTATIONS, NORMALISATIONS

VIEWS = ("images", "batch", "figures", "augmentation", "repeats", "labels", "bring", "record")
PARTS = ("train", "test")
ORDERS = ("index", "class", "shuffled")
ALL = -1  # classes
MAX_NUMBER = 999_999_999  # images that a link may name; the data set says how many there are


@dataclass(frozen=True)
class Data(Settings):
    """`dataset` by its name, of it the training or the test images. `order` is that of the images, where `only` names
    no single class; `seed` and `epoch`, from 1, are of an epoch's order, of which `step`, from 1, takes `batch_size`.
    `image` is the index of the one that is looked at, seen by `normalisation` and changed by `augmentation`, whose
    chances `draw` tells one from another."""

    LOOKING = ("view", "order", "only", "image", "epoch", "step", "draw")

    view: str = links.choice(VIEWS[0], VIEWS)
    dataset: str = links.text("mnist", 80)
    part: str = links.choice("train", PARTS)
    order: str = links.choice("index", ORDERS)
    only: int = links.integer(ALL, ALL, 999)
    image: int = links.integer(0, 0, MAX_NUMBER)
    seed: int = links.integer(0, 0, 2**31 - 1)
    epoch: int = links.integer(1, 1, 1000)
    batch_size: int = links.integer(128, 1, 10_000)
    step: int = links.integer(1, 1, MAX_NUMBER)
    normalisation: str = links.choice("computed", NORMALISATIONS)
    augmentation: str = links.choice("handwriting", AUGMENTATIONS)
    draw: int = links.integer(0, 0, 9_999)

    def validated(self, changed: Sequence[str]) -> tuple["Data", list[str]]:
        """These settings; another data set, or another part of it, begins with its first image and all its classes."""
        first = {name: getattr(Data(), name) for name in ("image", "only", "step") if name not in changed}
        if "dataset" in changed:
            return replace(self, **first), []
        return (replace(self, image=0, step=1), []) if "part" in changed and "image" not in changed else (self, [])

"""A few images of sets that are too large to ship, so that pages have something to show before all of it is downloaded.

A preview is a picture, lossless WebP, whose rows are training images, then test images, and a card beside it: their
labels, their places in the whole set, its counts, mean and standard deviation, where it comes from.
`checkpoints/preview.py` makes both.

CIFAR-10: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. Its authors state no licence.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cnnviz import PACKAGE
from cnnviz.data.datasets.keras import Arrays

FOLDER = PACKAGE / "data" / "previews"


@dataclass(frozen=True)
class Whole:
    """The set of which a preview is a part: how many training and test images it has, its mean and standard deviation
    as `DataSet` has them, and where it comes from."""

    counts: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    origin: str


def names() -> list[str]:
    """The sets that there is a preview of."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def of(name: str) -> Whole:
    """The set that the preview of that name is a part of."""
    card = _card(name)
    return Whole(tuple(card["counts"]), tuple(card["mean"]), tuple(card["std"]), card["origin"])


def places(name: str, part: str) -> tuple[int, ...]:
    """The index in the whole set of each image of 'train' or 'test'."""
    return tuple(_card(name)[f"places_{part}"])


@lru_cache(maxsize=4)
def arrays(name: str) -> Arrays:
    """The preview as a data set: uint8 images (N, H, W, C), labels (N,), classes."""
    card = _card(name)
    side, train = card["side"], len(card["y_train"])
    with Image.open(FOLDER / f"{name}.webp") as file:
        sheet = np.asarray(file.convert("RGB"))
    rows, columns = sheet.shape[0] // side, sheet.shape[1] // side
    tiles = sheet.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    labels = {key: np.array(card[key], np.int64) for key in ("y_train", "y_test")}
    images = {"x_train": tiles[:train], "x_test": tiles[train : train + len(card["y_test"])]}
    return {**images, **labels, "classes": np.array(card["classes"])}


def write(name: str, whole: Arrays, mean: tuple[float, ...], std: tuple[float, ...], origin: str, each: int) -> None:
    """Cut a preview of `each` training and as many test images, spread over the classes and drawn by a seed, out of a
    set, and write it."""
    generator, classes = np.random.default_rng(0), whole["classes"].tolist()
    chosen = {part: _drawn(whole[f"y_{part}"].reshape(-1), each, generator) for part in ("train", "test")}
    tiles = np.concatenate([whole[f"x_{part}"][chosen[part]] for part in ("train", "test")])
    side, columns = tiles.shape[1], 20
    sheet = tiles.reshape(-1, columns, side, side, 3).swapaxes(1, 2).reshape(-1, columns * side, 3)
    card = {
        "side": side,
        "classes": classes,
        "counts": [len(whole["y_train"]), len(whole["y_test"])],
        "mean": mean,
        "std": std,
        "origin": origin,
        **{f"y_{part}": whole[f"y_{part}"].reshape(-1)[own].tolist() for part, own in chosen.items()},
        **{f"places_{part}": own.tolist() for part, own in chosen.items()},
    }
    FOLDER.mkdir(exist_ok=True)
    Image.fromarray(sheet).save(FOLDER / f"{name}.webp", lossless=True, quality=100, method=6)
    (FOLDER / f"{name}.json").write_text(json.dumps(card) + "\n", encoding="utf-8")


def _drawn(labels: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """So many places, as many of each class as can be, in the order of the set."""
    numbers = np.unique(labels)
    each, more = divmod(count, len(numbers))
    wanted = [each + (place < more) for place in range(len(numbers))]
    own = [
        generator.permutation(np.flatnonzero(labels == one))[:size] for one, size in zip(numbers, wanted, strict=True)
    ]
    return np.sort(np.concatenate(own))


def _card(name: str) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(_text(FOLDER / f"{name}.json"))
    return card


@lru_cache(maxsize=8)
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

"""What weights do not say themselves: the classes, and what the network sees of a picture; typed in a short form, or
read from the metadata of the file."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from cnnviz.data.datasets.preprocessing import FITS, Preprocessing
from cnnviz.data.texts import is_text, one_line
from cnnviz.inference.checkpoints import MAX_MEAN, MIN_STD
from cnnviz.ops.arithmetic import times

MAX_CLASSES = 1000
LONGEST_CLASS = 80
MAX_SIDE, MAX_CHANNELS = 1024, 64
NO_DATA = "no_data_set"  # what stands for the data set where there is none
SEEN = ("card", "mean", "std")  # entries of metadata that say what the network sees of a picture


@dataclass(frozen=True)
class About:
    """What weights do not say themselves: the classes, what the network sees of a picture, and the data set whose test
    images it is measured on (NO_DATA: none)."""

    classes: tuple[str, ...]
    preprocessing: Preprocessing
    dataset: str = NO_DATA

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W)"""
        return len(self.preprocessing.mean), *self.preprocessing.size


def check(about: About) -> None:
    """Raises ValueError with a sentence where that cannot be."""
    seen, classes = about.preprocessing, about.classes
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise ValueError(f"{len(classes):,} classes are named; name from 2 to {MAX_CLASSES:,}, with commas between")
    for name in classes:
        if not name or len(name) > LONGEST_CLASS or not name.isprintable() or not is_text(name):
            raise ValueError(f"{one_line(name, 40)!r} is no name of a class: give 1 to {LONGEST_CLASS} letters")
    if twice := next((name for name in classes if classes.count(name) > 1), ""):
        raise ValueError(f"the class {twice!r} is named twice")
    if len(seen.mean) != len(seen.std):
        raise ValueError(f"{len(seen.mean)} means and {len(seen.std)} deviations are given; give one a channel each")
    if not all(isfinite(one) and abs(one) <= MAX_MEAN for one in seen.mean):
        raise ValueError(f"a mean of {seen.mean} is not from {-MAX_MEAN:g} to {MAX_MEAN:g}")
    if not all(isfinite(one) and MIN_STD <= one <= MAX_MEAN for one in seen.std):
        raise ValueError(f"a deviation of {seen.std} is not from {MIN_STD:g} to {MAX_MEAN:g}")
    if not all(1 <= side <= MAX_SIDE for side in seen.size):
        raise ValueError(f"pictures of {times(seen.size)} are not from 1 to {MAX_SIDE} a side")
    if seen.fit not in FITS:
        raise ValueError(f"fit = {seen.fit[:40]!r} is not one of {', '.join(FITS)}")


def offered(metadata: Mapping[str, str], input_shape: tuple[int, int, int]) -> About:
    """What the metadata of a file say, our own card or entries 'classes', 'mean', 'std', 'size', 'fit' and 'dataset';
    for what they do not say, the pictures of `input_shape` = (C, H, W) as they are, and no classes."""
    card = _read(metadata.get("card", ""))
    said: dict[str, Any] = {**metadata, **(card if isinstance(card, dict) else {})}
    shape = _sizes(said.get("input_shape"))
    channels = shape[0] if len(shape) == 3 and shape[0] in range(1, MAX_CHANNELS + 1) else input_shape[0]
    size = _sizes(said.get("size")) or shape[1:]
    mean, std = (_each(said.get(name), channels) for name in ("mean", "std"))
    fit, dataset = str(said.get("fit", "")), str(said.get("dataset", ""))
    seen = Preprocessing(
        mean or (0.0,) * channels,
        std or (1.0,) * channels,
        (size[0], size[1]) if len(size) == 2 else input_shape[1:],
        fit if fit in FITS else FITS[0],
    )
    known = re.fullmatch(r"[\w-]{1,80}", dataset)
    about = About(_words(said.get("classes")), seen, dataset if known else NO_DATA)
    try:
        check(replace(about, classes=about.classes or ("0", "1")))
    except ValueError:  # what it says cannot be
        return About((), Preprocessing((0.0,) * input_shape[0], (1.0,) * input_shape[0], input_shape[1:]))
    return about


def numbers(text: str, channels: int) -> tuple[float, ...]:
    """Numbers with commas between, one a channel; a single one holds for all. Raises ValueError where they are not."""
    found = _each(text, channels)
    if not found:
        wanted = f"{channels} numbers with commas between, one a channel" if channels > 1 else "one number"
        raise ValueError(f"{one_line(text, 40)!r} is not {wanted}")
    return found


def classes(text: str) -> tuple[str, ...]:
    """The names in a text, with commas or line ends between, or as a list of JSON."""
    found = _read(text)
    if isinstance(found, list):
        return tuple(map(str, found))
    return tuple(name for part in re.split(r"[,\n]", text) if (name := part.strip()))


def written(names: Sequence[str]) -> str:
    """The names as `classes` reads them: with commas between, or as a list of JSON where one of them has a comma."""
    line = ", ".join(names)
    return line if classes(line) == tuple(names) else json.dumps(names, ensure_ascii=False)


def _read(value: Any) -> Any:
    """What a text says as JSON; the text where it is none."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _words(value: Any) -> tuple[str, ...]:
    found = _read(value)
    if isinstance(found, str):
        return classes(found)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _each(value: Any, channels: int) -> tuple[float, ...]:
    """One number a channel; none where the value is not that."""
    found = _read(value)
    parts: Sequence[Any] = found if isinstance(found, list) else str(found).strip("()[] ").split(",")
    try:
        given = tuple(float(part) for part in parts if str(part).strip())
    except (TypeError, ValueError, OverflowError):
        return ()
    return given * channels if len(given) == 1 else given if len(given) == channels else ()


def _sizes(value: Any) -> tuple[int, ...]:
    """Whole numbers; none where the value is not that. One number stands for both sides."""
    found = _read(value)
    if type(found) is int:
        found = [found, found]
    if isinstance(found, str):
        found = [int(part) for part in re.findall(r"(?<![\w.])\d{1,5}(?![\w.])", found.replace("x", " "))]
    return tuple(found) if isinstance(found, list) and all(type(one) is int for one in found) else ()

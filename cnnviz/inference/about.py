"""What weights do not say themselves: the classes, and what the network sees of a picture; typed in a short form, or
read from the metadata of the file."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

from cnnviz.data.datasets.preprocessing import FITS, Preprocessing
from cnnviz.data.texts import is_text, one_line
from cnnviz.inference import free_form
from cnnviz.inference.checkpoints import MIN_STD
from cnnviz.ops.arithmetic import times

MAX_CLASSES = 1000
LONGEST_CLASS = 80
MAX_SIDE = 1024
BRIGHTEST = 255  # of a picture before it is brought to the scale from 0 to 1
NO_DATA = "no_data_set"  # what stands for the data set where there is none
SEEN = ("card", "preprocessing", "mean", "std")  # entries of metadata that say what the network sees of a picture
NAMING = ("classes", "class_names", "id2label", "label2id", "class_to_idx")  # and those that name its classes
OTHER_FITS = {"resize": "resized", "frame": "framed", "pad": "framed", "padded": "framed"}  # what is meant by them

Read = TypeVar("Read")


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
    seen = about.preprocessing
    _classes(about.classes)
    if len(seen.mean) != len(seen.std):
        raise ValueError(f"{len(seen.mean)} means and {len(seen.std)} deviations are given; give one a channel each")
    _on_scale("mean", seen.mean)
    _on_scale("deviation", seen.std)
    _shape(seen.size)
    if seen.fit not in FITS:
        raise ValueError(f"fit = {seen.fit[:40]!r} is not one of {', '.join(FITS)}")
    _dataset(about.dataset)


def check_outputs(classes: Sequence[str], outputs: int) -> None:
    """Raises ValueError where a network of so many outputs tells other than these classes apart."""
    if len(classes) != len(numbered(outputs)):
        named = "1 class is" if len(classes) == 1 else f"{len(classes):,} classes are"
        raise ValueError(
            f"{named} named and the network has {outputs:,} outputs; name {outputs:,}, in their order, or bring the "
            f"text whose last layer has {len(classes):,}"
        )


def numbered(outputs: int) -> tuple[str, ...]:
    """What stands for the classes of so many outputs where they have no names. Raises ValueError where no classes can
    be of so many."""
    if not 2 <= outputs <= MAX_CLASSES:
        raise ValueError(
            f"the network has {outputs:,} output{'' if outputs == 1 else 's'}, and 2 to {MAX_CLASSES:,} can be shown "
            "here, one a class; bring the text whose last layer has as many"
        )
    return tuple(map(str, range(outputs)))


def filled(classes: Sequence[str], outputs: int) -> tuple[str, ...]:
    """The classes, and numbers for the outputs behind them that have no names. Raises ValueError where two would then
    be called alike."""
    rest = numbered(outputs)[len(classes) :]
    if taken := [name for name in rest if name in classes]:
        raise ValueError(f"output {taken[0]} has no name, and another class is called so; name all {outputs:,}")
    return (*classes, *rest)


def offered(metadata: Mapping[str, str], input_shape: tuple[int, int, int]) -> tuple[About, list[str]]:
    """What the metadata of a file say, our own card or entries 'classes', 'mean', 'std', 'size', 'fit' and 'dataset';
    for what they do not say, the pictures of `input_shape` = (C, H, W) as they are, and no classes. With it a sentence
    for every entry that could not be read."""
    entries, notes = _entries(metadata)

    def read(names: Sequence[str], reading: Callable[[Any], Read], otherwise: Read, stands: str) -> Read:
        """The first of these entries that there is; `otherwise`, which is told as `stands`, where it is not read."""
        name = next((name for name in names if entries.get(name) not in (None, "")), "")
        try:
            return reading(entries[name]) if name else otherwise
        except ValueError as error:
            notes.append(f"In the file, {name} is not read: {error}; {stands}.")
        return otherwise

    none: tuple[Any, ...] = ()
    usual = "what the page has stands in its place"
    shape = read(["input_shape"], _sizes, none, usual)
    size = read(["size"], _sizes, none, usual) or shape
    channels = next((one[0] for one in (shape, size) if len(one) == 3), input_shape[0])

    def each(name: str) -> Callable[[Any], tuple[float, ...]]:
        return lambda value: _on_scale(name, free_form.numbers(value, channels))

    mean = read(["mean"], each("mean"), none, "0 stands in its place")
    std = read(["std"], each("deviation"), none, "1 stands in its place")
    for name, other, stands in (("mean", "std", 1), ("std", "mean", 0)):
        if entries.get(name) not in (None, "") and entries.get(other) in (None, ""):
            notes.append(f"The file says a {name} and no {other}: {stands} stands for it; type what was taken.")
    fit = read(["fit"], _fit, FITS[0], f"{FITS[0]} stands in its place")
    seen = Preprocessing(mean or (0.0,) * channels, std or (1.0,) * channels, _sides(size) or input_shape[1:], fit)
    names = read(NAMING, lambda value: _classes(free_form.classes(value)), none, "type them")
    return About(names, seen, read(["dataset"], _dataset, NO_DATA, "none stands in its place")), notes


def _entries(metadata: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The entries of metadata, with those of a card or of a table in it; a sentence for one that is none."""
    entries, notes = dict[str, Any](metadata), list[str]()
    for name in ("preprocessing", "card"):
        try:
            found = json.loads(metadata.get(name) or "{}")
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            entries |= found
        else:
            said = one_line(metadata[name], 40)
            notes.append(f"In the file, {name} is not read: {said!r} is no JSON object; type what it says.")
    return entries, notes


def _classes(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names. Raises ValueError where they cannot be."""
    if not 2 <= len(names) <= MAX_CLASSES:
        named = "1 class is" if len(names) == 1 else f"{len(names):,} classes are"
        raise ValueError(f"{named} named; name from 2 to {MAX_CLASSES:,}, with commas between")
    for name in names:
        if not name or len(name) > LONGEST_CLASS or not name.isprintable() or not is_text(name):
            raise ValueError(f"{one_line(name, 40)!r} is no name of a class: give 1 to {LONGEST_CLASS} letters")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise ValueError(f"the class {twice!r} is named twice; give each a name of its own")
    return names


def _on_scale(kind: str, values: tuple[float, ...]) -> tuple[float, ...]:
    """The means or deviations of channels. Raises ValueError where one cannot be of brightness from 0 to 1."""
    low = -1 if kind == "mean" else MIN_STD
    for one in values:
        if 1 < one <= BRIGHTEST:
            raise ValueError(
                f"a {kind} of {one} is on the scale from 0 to {BRIGHTEST}, and here brightness is from 0 to 1; divide "
                f"by {BRIGHTEST}, to {one / BRIGHTEST:.4g}"
            )
        if not (isfinite(one) and low <= one <= 1):
            raise ValueError(f"a {kind} of {one} is not from {low:g} to 1, on the scale of brightness from 0 to 1")
    return values


def _sizes(value: Any) -> tuple[int, ...]:
    """(H, W) or (C, H, W). Raises ValueError where it is neither, or too large."""
    found = free_form.sizes(value)
    _shape(found[-2:])
    return found


def _shape(size: tuple[int, ...]) -> None:
    """Raises ValueError where pictures cannot be of that size (H, W)."""
    if not all(1 <= side <= MAX_SIDE for side in size):
        raise ValueError(f"pictures of {times(size)} are not from 1 to {MAX_SIDE} a side")


def _sides(size: tuple[int, ...]) -> tuple[int, int] | None:
    """The last two of (C, H, W), or both of (H, W); None where nothing is said."""
    return (size[-2], size[-1]) if size else None


def _fit(value: Any) -> str:
    """How pictures get their size. Raises ValueError where it is not one of the two ways."""
    fit = str(value).strip().lower()
    if (fit := OTHER_FITS.get(fit, fit)) not in FITS:
        raise ValueError(f"{one_line(value, 40)!r} is not one of {', '.join(FITS)}")
    return fit


def _dataset(value: Any) -> str:
    """The name of a data set. Raises ValueError where it can be none."""
    if not isinstance(value, str) or not re.fullmatch(r"[\w-]{1,80}", value):
        raise ValueError(f"{one_line(value, 40)!r} is no name of a data set: give letters, digits, _ and -")
    return value

"""Labels as people have them, numbers of any kind, words, one-hot rows, as numbers from 0 and the names of classes."""

from collections.abc import Iterable, Sequence

import numpy as np

from cnnviz.data.datasets.keras import MAX_CLASSES, class_name
from cnnviz.data.datasets.understood import Account
from cnnviz.data.texts import one_line

KINDS = {"M": "dates", "m": "spans of time", "c": "complex numbers", "V": "records"}
SPARSE = 2  # labels from 0 of which fewer than one in so many are there are taken for names


def flat(file: str, name: str, labels: np.ndarray, count: int, account: Account) -> np.ndarray:
    """Labels of `count` images as a row of whole numbers or of words, (count,).

    Takes (N,), (N, 1), one-hot rows (N, K), whole floats, bools, text and bytes. Raises ValueError with one sentence
    for anything else.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.dtype.hasobject:
        raise ValueError(
            f"{file}: {name} has dtype object, which only pickle reads; save it again as numbers (dtype=int) or as "
            "text (dtype=str)"
        )
    if labels.dtype.kind in KINDS:
        raise ValueError(f"{file}: the labels in {name} are {KINDS[labels.dtype.kind]}; they are numbers or words")
    if labels.ndim == 2 and labels.dtype.kind in "buif":
        labels = _of_one_hot(file, name, labels, account)
    if labels.shape != (count,):
        raise ValueError(f"{file}: {count:,} images but labels of shape {labels.shape} in {name}")
    if labels.dtype.kind == "f":
        labels = _whole(file, name, labels, account)
    if labels.dtype.kind == "u" and labels.max(initial=0) > 2**62:
        raise ValueError(f"{file}: a label in {name} is {labels.max()}; labels are small whole numbers")
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64)  # of one kind, also where the parts differ
    if labels.dtype.kind == "b":
        return np.where(labels, "True", "False")
    if labels.dtype.kind == "S":
        return np.char.decode(labels, "utf-8", "replace")
    return labels


def _of_one_hot(file: str, name: str, rows: np.ndarray, account: Account) -> np.ndarray:
    """The place of the one in each row. Raises ValueError where there are several, or none."""
    if rows.shape[1] > MAX_CLASSES or not (np.isin(rows, (0, 1)).all() and (rows.sum(1) == 1).all()):
        raise ValueError(
            f"{file}: {name} has shape {rows.shape} and is not one-hot; an image has one label, a number or a word"
        )
    account.note(f"The rows of {name} are one-hot: the place of the one was taken as the label.")
    places: np.ndarray = rows.argmax(1)
    return places


def _whole(file: str, name: str, labels: np.ndarray, account: Account) -> np.ndarray:
    """Floats that are whole numbers. Raises ValueError where one is not."""
    if not np.isfinite(labels).all():
        raise ValueError(f"{file}: a label in {name} is no number (NaN or infinite)")
    broken = labels[labels != np.rint(labels)]
    if len(broken):
        raise ValueError(f"{file}: a label in {name} is {broken[0]:g}; labels are whole numbers or words")
    if np.abs(labels).max(initial=0) > 2**53:
        raise ValueError(f"{file}: a label in {name} is {np.abs(labels).max():g}; labels are small whole numbers")
    account.note(f"The labels in {name} are of type {labels.dtype}: they were taken as whole numbers.")
    return labels.astype(np.int64)


def numbered(
    file: str, parts: Sequence[np.ndarray], named: Sequence[object], account: Account, from_folders: bool = False
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The labels of all parts as numbers from 0, int64, and the names of their classes; `named` are those that came
    with them, if any did. Raises ValueError where there are too many, or where they do not go with the names."""
    words = [part.dtype.kind == "U" for part in parts]
    if any(words) and not all(words):
        raise ValueError(f"{file}: labels are words in one part and numbers in another; save both in the same way")
    if any(words):
        return _of_words(file, parts, account, from_folders)
    present = np.unique(np.concatenate([np.unique(part) for part in parts])).tolist()
    low, high = present[0], present[-1]
    if named:
        return _of_names(file, parts, [class_name(file, name) for name in named], low, high, account)
    if low == 0 and high < MAX_CLASSES and SPARSE * len(present) > high:
        return [part.astype(np.int64) for part in parts], tuple(map(str, range(high + 1)))
    if low < -1 or (low == -1 and high > 1):
        raise ValueError(
            f"{file}: labels run from {low} to {high}, and fewer than 0 is no class; leave out the images without a "
            f"label, and number the others from 0 to at most {MAX_CLASSES - 1}"
        )
    _check_count(file, len(present), f"labels run from {low} to {high}")
    account.note(
        f"Labels run from {low} to {high}: the {len(present)} that there are were taken as classes of those names."
    )
    return _placed(parts, present), tuple(map(str, present))


def _of_words(
    file: str, parts: Sequence[np.ndarray], account: Account, from_folders: bool
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Each word that there is is a class; words that are whole numbers stand in their order."""
    present = np.unique(np.concatenate([np.unique(part) for part in parts]))
    _check_count(file, len(present), "labels are words")
    words = [str(one) for one in present]
    if all(word.strip().lstrip("+-").isdecimal() and len(word) < 10 for word in words):
        return numbered(file, [part.astype(np.int64) for part in parts], (), account)
    names = [class_name(file, word) for word in words]
    if len(set(names)) < len(names) or not all(names):
        twice = next((name for name in names if names.count(name) > 1), "")
        raise ValueError(f"{file}: two classes are called {twice!r} once blanks are taken off; give each another name")
    if not from_folders:
        account.note(f"The labels are words: {len(words)} classes, {_listed(names)}.")
    return _placed(parts, words), tuple(names)


def _of_names(
    file: str, parts: Sequence[np.ndarray], names: Sequence[str], low: int, high: int, account: Account
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Labels that count the names given, from 0 or from 1."""
    _check_count(file, len(names), f"{len(names):,} classes are named")
    if low >= 1 and high == len(names):
        account.note(f"Labels run from {low} to {high} for {len(names)} names: they were counted from 1.")
        return [part.astype(np.int64) - 1 for part in parts], tuple(names)
    if low < 0 or high >= len(names):
        raise ValueError(
            f"{file}: {len(names)} classes are named and labels run from {low} to {high}; they start at 0 and stay "
            "below the number of names"
        )
    return [part.astype(np.int64) for part in parts], tuple(names)


def _placed(parts: Sequence[np.ndarray], present: Iterable[object]) -> list[np.ndarray]:
    """The place of each label among those that there are."""
    order = np.array(list(present))
    return [np.searchsorted(order, part).astype(np.int64) for part in parts]


def _check_count(file: str, count: int, what: str) -> None:
    if count > MAX_CLASSES:
        raise ValueError(f"{file}: {what}, {count:,} in all; at most {MAX_CLASSES:,} classes can be told apart")


def _listed(names: Sequence[str]) -> str:
    """The first of the names."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return one_line(", ".join(names[:5]), 120) + more

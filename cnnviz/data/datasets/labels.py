"""Labels as people have them, numbers of any kind, words, one-hot rows, as numbers from 0 and the names of classes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from cnnviz.data.datasets.keras import MAX_CLASSES, as_text, class_name, named_apart
from cnnviz.data.datasets.understood import Account
from cnnviz.data.texts import one_line

KINDS = {"M": "dates", "m": "spans of time", "c": "complex numbers", "V": "records"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}(\.0{0,18})?")
_EXPONENT = re.compile(r"[+-]?[0-9]\.[0-9]{1,18}[eE][+-]?[0-9]{1,2}")
SPARSE = 2  # labels from 0 of which fewer than one in so many are there are taken for names


def flat(file: str, name: str, labels: np.ndarray, count: int, account: Account) -> np.ndarray:
    """Labels of `count` images as a row of whole numbers or of words, (count,).

    Takes (N,), (N, 1), (1, N), one-hot rows (N, K), whole floats, bools, text and bytes. Raises ValueError with one
    sentence for anything else.
    """
    if labels.ndim > 1 and max(labels.shape) == labels.size and not labels.shape[0] == count == 1:
        labels = labels.reshape(-1)
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
        return np.array(as_text(labels.tolist()))
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
        return _of_names(file, parts, named_apart(file, named), low, high, account)
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
    values = _whole_numbers(words)
    if values and not (from_folders and min(values.values()) < -1):
        return numbered(file, [_mapped(part, values) for part in parts], (), account)
    no_number = next((word for word in words if _is_endless(word)), "")
    if no_number and _whole_numbers([word for word in words if not _is_endless(word)]):
        raise ValueError(f"{file}: a label is {no_number!r}, and the others are whole numbers; leave its image out")
    names = {word: class_name(file, word) for word in words}
    letters = {word: unicodedata.normalize("NFC", word) for word in words}  # an accent may stand beside its letter
    order = sorted(set(letters.values()), key=(lambda word: values[word]) if values else None)
    shown = [names[next(word for word in words if letters[word] == one)] for one in order]
    if len(set(shown)) < len(shown):
        twice = next(name for name in shown if shown.count(name) > 1)
        raise ValueError(f"{file}: two classes are called {twice!r} once blanks are taken off; give each another name")
    if not from_folders:
        account.note(f"The labels are words: {len(shown)} classes, {_listed(shown)}.")
    places = {one: place for place, one in enumerate(order)}
    return [_mapped(part, {word: places[letters[word]] for word in words}) for part in parts], tuple(shown)


def _whole_numbers(words: Sequence[str]) -> dict[str, int]:
    """The words as whole numbers, where all are written as such in one way (7, 7.0 or 7.0e+00, as numpy.savetxt has
    it) and no two of them are one number (01 and 1); otherwise none."""
    for form in (_WHOLE, _EXPONENT):
        if words and all(form.fullmatch(word.strip()) for word in words):
            plain = {word: word.strip() if form is _EXPONENT else word.strip().partition(".")[0] for word in words}
            found = {word: float(own) if form is _EXPONENT else int(own) for word, own in plain.items()}
            if len(set(found.values())) == len(set(plain.values())) and all(one == int(one) for one in found.values()):
                return {word: int(one) for word, one in found.items()}
    return {}


def is_missing(labels: np.ndarray) -> np.ndarray:
    """Which of these words say that there is no label: nothing but blanks, and pandas' nan."""
    present, inverse = np.unique(labels, return_inverse=True)
    none = np.array([str(word).strip().casefold() in ("", "nan") for word in present], bool)
    missing: np.ndarray = none[inverse.reshape(-1)]
    return missing


def _is_endless(word: str) -> bool:
    """Whether a word is a number that is none: inf, nan."""
    return word.strip().lstrip("+-").casefold() in ("inf", "infinity", "nan")


def _mapped(part: np.ndarray, values: Mapping[str, int]) -> np.ndarray:
    """The value of each word."""
    present, inverse = np.unique(part, return_inverse=True)
    return np.array([values[str(word)] for word in present], np.int64)[inverse.reshape(-1)]


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

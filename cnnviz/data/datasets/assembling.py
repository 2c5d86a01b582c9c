"""From images and labels, part by part, to one data set: what is for training and what for the test, which classes
there are, and in which size and how many channels the images are kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from cnnviz.data.datasets.keras import Arrays, judge_scores
from cnnviz.data.datasets.labels import is_missing, numbered
from cnnviz.data.datasets.understood import Account, Choice, Understood

SHARE, SEED = 0.2, 0  # of the images of each class that are kept for the test where none are, and by which seed
NEARLY_GREY = 10  # of 255: channels that differ by no more are grey, saved as colour, perhaps by JPEG
GREY = np.array([299, 587, 114])  # thousandths of red, green and blue, as Pillow has it (ITU-R 601-2)
MAX_UNLABELLED = 20  # images without a label that are named one by one
SAMPLES, SAMPLED_CLASSES, SAMPLE_SIDE = 8, 12, 64  # of a class, classes, pixels


@dataclass
class Part:
    """Images, uint8 (N, H, W) or (N, H, W, 3), and their labels, numbers or words (N,); None where there are none."""

    images: np.ndarray
    labels: np.ndarray | None

    def __len__(self) -> int:
        return len(self.images)


def assemble(
    file: str,
    parts: Mapping[str, Part],
    named: Sequence[object],
    account: Account,
    choice: Choice,
    whole: tuple[int, ...] = (),
    from_folders: bool = False,
) -> tuple[Arrays, Understood]:
    """The arrays of the data set that `parts` make, by 'train', 'test', 'val' or '' for images that are in none, and
    what there is to say of it. `named` are names of classes; `whole` is the (H, W) that all images had.

    Raises ValueError with one sentence where there is nothing to be learnt: no labels, one class, classes that nothing
    of is left for the test.
    """
    known = parts if from_folders else {name: _with_labels(name, part, account) for name, part in parts.items()}
    chosen = _parted(file, known, account)
    if len(chosen) == 2:
        chosen = _in_one_case(chosen, account)
    labels, classes = numbered(file, [_labels(part) for part in chosen.values()], named, account, from_folders)
    if not len(named):  # whose names hold for both parts
        _judge_shared(file, labels, classes)
    present = len(np.unique(np.concatenate(labels)))
    if present < 2:
        raise ValueError(f"{file} has images of one class; there is something to tell apart from two on")
    images = [part.images for part in chosen.values()]
    if list(chosen) == [""]:
        images, labels = _split(file, images[0], labels[0], classes, account)
    judge_scores(file, len(labels[1]), len(classes))
    was_colour = images[0].ndim == 4
    _say_if_alike(images, account)
    images = _sized(_channelled(images, choice, account), choice, account)
    _say_what_is_missing(labels, classes, account)
    arrays = {
        "x_train": images[0],
        "y_train": labels[0],
        "x_test": images[1],
        "y_test": labels[1],
        "classes": np.array(classes),
    }
    return arrays, _understood(arrays, account, whole, was_colour)


def _labels(part: Part) -> np.ndarray:
    assert part.labels is not None
    return part.labels


def _with_labels(name: str, part: Part, account: Account) -> Part:
    """A part without the images whose label is missing, which are left out and named."""
    if part.labels is None or part.labels.dtype.kind != "U" or not (missing := is_missing(part.labels)).any():
        return part
    rows = np.flatnonzero(missing)
    for row in rows[:MAX_UNLABELLED]:
        account.leave_out(f"row {row + 1:,}{_of(name)}", "it has no label")
    if len(rows) > MAX_UNLABELLED:
        rest = len(rows) - MAX_UNLABELLED
        account.leave_out(f"{rest:,} more rows{_of(name)}", "they have no label", rest)
    return Part(part.images[~missing], part.labels[~missing]) if len(rows) < len(part) else Part(part.images, None)


def _in_one_case(parts: dict[str, Part], account: Account) -> dict[str, Part]:
    """Train and test, words of the one that differ from a word of the other by capitals alone brought to that: Cat and
    cat, where each part has one of them."""
    train, test = ([str(word) for word in np.unique(_labels(part))] for part in parts.values())
    if any(_labels(part).dtype.kind != "U" for part in parts.values()):
        return parts
    folded, once = {word.casefold(): word for word in train}, Counter(word.casefold() for word in (*train, *test))
    turned = {
        word: folded[word.casefold()]
        for word in test
        if word not in train and word.casefold() in folded and once[word.casefold()] == 2
    }
    if not turned:
        return parts
    first = next(iter(turned))
    account.note(f"{first} of the test part was taken as {turned[first]} of training, and others like it.")
    own = np.array([turned.get(str(word), str(word)) for word in _labels(parts["test"])])
    return {"train": parts["train"], "test": Part(parts["test"].images, own)}


def _judge_shared(file: str, labels: Sequence[np.ndarray], classes: Sequence[str]) -> None:
    """Raises ValueError where no class is in both parts: what would be learnt could not be measured."""
    if len(labels) == 2 and not np.isin(labels[1], np.unique(labels[0])).any():
        train, test = (", ".join(classes[number] for number in np.unique(part)[:3]) for part in labels)
        raise ValueError(
            f"{file}: training images are of {train} and test images of {test}; no class is in both, so give a class "
            "one name in both parts"
        )


def _say_if_alike(images: Sequence[np.ndarray], account: Account) -> None:
    """A sentence where there is nothing to be seen, or nothing that tells images apart."""
    first = images[0][:1]
    if not all((block == first).all() for part in images for block in _blocks(part)):
        return
    if first.min() == first.max():
        level = f"{first.min()} of 255"
        account.note(f"Every pixel of every image is {level}: there is nothing to be seen, or to be learnt.")
    else:
        account.note("All images are one and the same: there is nothing to be learnt.")


def _parted(file: str, parts: Mapping[str, Part], account: Account) -> dict[str, Part]:
    """Train and test, in this order; one part under '' where there is no test. What has no labels, and what is too
    much, is left out."""
    labelled: dict[str, Part] = {}
    for name, part in parts.items():
        if not len(part):
            continue
        if part.labels is None:
            account.leave_out(f"{len(part):,} images{_of(name)}", "they have no labels")
        else:
            labelled[name] = part
    if "train" in labelled and "" in labelled:
        loose = labelled.pop("")
        account.leave_out(f"{len(loose):,} images", "they are neither for training nor for the test")
    if "test" in labelled and "val" in labelled and len(labelled) > 2:
        validation = labelled.pop("val")
        why = "the test images are measured; for validation, Train holds a share of the training images back"
        account.leave_out(f"{len(validation):,} images of the validation part", why)
    first = next((name for name in ("train", "", "val", "test") if name in labelled), None)
    if first is None:
        raise ValueError(f"{file} has no images with labels; it needs both, such as x_train and y_train")
    rest = [name for name in ("test", "val", "") if name in labelled and name != first]
    if not rest:
        return {"": labelled[first]}
    if rest[0] != "test":
        account.note("There is no test part: the validation part is the test.")
    return {"train": labelled[first], "test": labelled[rest[0]]}


def _of(name: str) -> str:
    return f" of {name}" if name else ""


def _split(
    file: str, images: np.ndarray, labels: np.ndarray, classes: Sequence[str], account: Account
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A share of each class, by the seed, is for the test; the order stays. Raises ValueError where a class has one
    image alone."""
    generator, held = np.random.default_rng(SEED), np.zeros(len(labels), bool)
    for number in np.unique(labels):
        own = np.flatnonzero(labels == number)
        if len(own) < 2:
            raise ValueError(
                f"{file}: the class {classes[number]!r} has 1 image; each needs 2, one of which is for the test, "
                "or a test part of its own"
            )
        held[generator.permutation(own)[: max(1, round(SHARE * len(own)))]] = True
    account.note(
        f"There is no test part: {held.sum():,} of {len(held):,} images, a fifth of each class by chance (seed "
        f"{SEED}), are kept for the test."
    )
    return [images[~held], images[held]], [labels[~held], labels[held]]


def _channelled(images: list[np.ndarray], choice: Choice, account: Account) -> list[np.ndarray]:
    """The images in one channel, (N, H, W), or in three, (N, H, W, 3)."""
    if images[0].ndim == 3:
        return [np.repeat(one[..., None], 3, 3) for one in images] if choice.channels == 3 else images
    if choice.channels == 1:
        return [_grey(one) for one in images]
    if choice.channels == 0 and all(map(_is_grey, images)):
        account.note(
            "All images are grey, though saved in colour: they are kept in one channel, as networks for digits take "
            "them."
        )
        return [_grey(one) for one in images]
    return images


def _is_grey(images: np.ndarray) -> bool:
    """Whether red, green and blue are alike in all of them."""
    wide = (part.astype(np.int16) for part in _blocks(images))
    return all(int((part.max(3) - part.min(3)).max()) <= NEARLY_GREY for part in wide)


def _grey(images: np.ndarray) -> np.ndarray:
    out = np.empty(images.shape[:3], np.uint8)
    for part, place in zip(_blocks(images), _blocks(out, images.shape), strict=True):
        place[:] = (part @ GREY + 500) // 1000
    return out


def _blocks(images: np.ndarray, shape: tuple[int, ...] = ()) -> list[np.ndarray]:
    """Some images at a time, as many as of that shape make some megabytes."""
    rows = max(1, 2**20 // max(1, int(np.prod((shape or images.shape)[1:]))))
    return [images[at : at + rows] for at in range(0, len(images), rows)]


def _sized(images: list[np.ndarray], choice: Choice, account: Account) -> list[np.ndarray]:
    """The images in squares of the side that was chosen: the middle of each."""
    height, width = images[0].shape[1:3]
    if choice.side <= 0 or (height, width) == (choice.side, choice.side):
        return images
    account.note(f"The images were brought from {height} × {width} to {choice.side} × {choice.side} pixels.")
    return [_fitted(one, choice.side) for one in images]


def _fitted(images: np.ndarray, side: int) -> np.ndarray:
    fitted = np.empty((len(images), side, side, *images.shape[3:]), np.uint8)
    for place, image in zip(fitted, images, strict=True):
        place[:] = ImageOps.fit(Image.fromarray(image), (side, side))
    return fitted


def _say_what_is_missing(labels: Sequence[np.ndarray], classes: Sequence[str], account: Account) -> None:
    """Classes that one of the parts has no image of."""
    for name, part in zip(("training", "test"), labels, strict=True):
        missing = [classes[number] for number in sorted(set(range(len(classes))) - set(np.unique(part).tolist()))]
        if missing:
            more = f" and {len(missing) - 5:,} more classes" if len(missing) > 5 else ""
            account.note(f"No {name} image is of {', '.join(missing[:5])}{more}.")


def _understood(arrays: Arrays, account: Account, whole: tuple[int, ...], was_colour: bool) -> Understood:
    """What there is to say of the data set."""
    classes, labels = tuple(arrays["classes"].tolist()), arrays["y_train"]
    height, width, *channels = arrays["x_train"].shape[1:]
    shown = [np.flatnonzero(labels == number)[:SAMPLES] for number in range(min(len(classes), SAMPLED_CLASSES))]
    sampled = np.concatenate(shown)
    train, test = (tuple(np.bincount(arrays[key], minlength=len(classes)).tolist()) for key in ("y_train", "y_test"))
    return Understood(
        account.kind,
        ((channels or [1])[0], height, width),
        whole,
        was_colour,
        classes,
        train,
        test,
        tuple(account.notes),
        account.all_left_out(),
        _small(arrays["x_train"][sampled]),
        tuple(labels[sampled].tolist()),
    )


def _small(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W[, 3]) -> (N, H, W, C), to be looked at."""
    height, width = images.shape[1:3]
    if max(height, width) > SAMPLE_SIDE:
        scale = SAMPLE_SIDE / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        images = np.stack([np.asarray(Image.fromarray(image).resize(size)) for image in images])
    return images if images.ndim == 4 else images[..., None]

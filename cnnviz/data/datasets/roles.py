"""What arrays and files are for, by what they are called: x_train, y_test, train_images, X_valid,
t10k-labels-idx1-ubyte, mnist_train.csv."""

import re

PARTS = {
    "train": {"train", "training", "trn", "tr"},
    "test": {"test", "testing", "tst", "te", "ts"},
    "val": {"val", "valid", "validation", "dev", "eval", "va"},
}
KINDS = {
    "classes": {"classes", "categories"},
    "labels": {"y", "label", "labels", "lbl", "lbls", "lab", "target", "targets", "gt"},
    "images": {"x", "image", "images", "img", "imgs", "data", "features", "pixels", "pictures", "digits", "samples"},
}
OF_CLASSES = {"class", "label", "labels", "target", "category"}  # whose names are those of classes
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_JOINED = re.compile(r"(x|y)(train|test|val|valid|trn|tst|dev|tr|te|ts|va)|(train|test|val|valid|trn|tst|dev)(x|y)")


def role(name: str) -> tuple[str, str]:
    """What it is ('images', 'labels', 'classes', '' where the name does not say), and of which part ('train', 'test',
    'val', '')."""
    words = _words(name)
    if "names" in words and (len(words) == 1 or words & OF_CLASSES):
        return "classes", ""
    kind = next((kind for kind, own in KINDS.items() if own & words), "")
    return kind, next((part for part, own in PARTS.items() if own & words), "")


def _words(name: str) -> set[str]:
    words = {word.lower() for word in _WORDS.findall(name.replace("t10k", "test"))}
    for word in list(words):
        if found := _JOINED.fullmatch(word):
            words |= set(filter(None, found.groups()))
    return words

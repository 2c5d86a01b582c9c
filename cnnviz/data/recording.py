"""A data set that is made in class: pictures from the camera or the pad, class by class."""

import secrets
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass, field

import numpy as np

from cnnviz.data.datasets.assembling import GREY, Part, assemble
from cnnviz.data.datasets.keras import LONGEST_NAME, Arrays
from cnnviz.data.datasets.understood import Account, Choice
from cnnviz.data.texts import one_line

SIDE = 32  # pixels of a picture, in three channels
MIN_CLASSES, MAX_CLASSES = 2, 10
MIN_EACH, MAX_EACH = 10, 200  # pictures of a class
BYTES = SIDE * SIDE * 3
AT_ONCE = 25  # pictures of one message: five seconds


@dataclass
class RecordedClass:
    """A class by its name, and its pictures, uint8 (H, W, 3) each."""

    name: str
    pictures: list[np.ndarray] = field(default_factory=list)


@dataclass
class Recording:
    """The classes so far. All that comes from a browser is judged here: methods raise ValueError with a sentence."""

    classes: list[RecordedClass] = field(default_factory=lambda: [RecordedClass("Class 1"), RecordedClass("Class 2")])

    def name_classes(self, names: list[str]) -> None:
        """Gives the classes these names; more of them are added, and none go."""
        if not len(self.classes) <= len(names) <= MAX_CLASSES:
            raise ValueError(f"{len(names)} classes: from {MIN_CLASSES} to {MAX_CLASSES} can be recorded")
        while len(self.classes) < len(names):
            self.classes.append(RecordedClass(""))
        for one, name in zip(self.classes, names, strict=True):
            one.name = one_line(name, LONGEST_NAME)

    def add(self, at: int, encoded: str) -> None:
        """Adds pictures to a class: base64 of (H, W, 3) bytes each, one after the other."""
        one = self._class(at)
        pictures = [picture(encoded, place) for place in range(_count(encoded))]
        if len(one.pictures) + len(pictures) > MAX_EACH:
            raise ValueError(f"{one.name} has {len(one.pictures)} pictures; {MAX_EACH} are the most of a class")
        one.pictures += pictures

    def clear(self, at: int) -> None:
        """Forgets the pictures of a class."""
        self._class(at).pictures.clear()

    def remove(self, at: int) -> None:
        """Forgets a class; two always stay."""
        one = self._class(at)
        if len(self.classes) <= MIN_CLASSES:
            raise ValueError(f"{MIN_CLASSES} classes are the fewest; name {one.name} otherwise, or clear it")
        del self.classes[at]

    def _class(self, at: int) -> RecordedClass:
        if not 0 <= at < len(self.classes):
            raise ValueError(f"there is no class {at}: there are {len(self.classes)}, counted from 0")
        return self.classes[at]

    @property
    def missing(self) -> str:
        """What is missing before there is something to train on, as a sentence; '' where nothing is."""
        names = [one.name.casefold() for one in self.classes]
        if not all(names) or len(set(names)) < len(names):
            return "Give each class a name of its own."
        few = [one for one in self.classes if len(one.pictures) < MIN_EACH]
        if few:
            return f"{few[0].name} has {len(few[0].pictures)} of the {MIN_EACH} pictures that a class needs."
        return ""

    def arrays(self) -> Arrays:
        """The pictures as a data set, a fifth of each class held out as its test. Raises ValueError where something is
        missing."""
        if self.missing:
            raise ValueError(self.missing.rstrip("."))
        images = np.stack([picture for one in self.classes for picture in one.pictures])
        labels = np.array([one.name for one in self.classes for _ in one.pictures])
        found, _ = assemble("your recording", {"": Part(images, labels)}, (), Account(), Choice(), from_folders=True)
        return found


def picture(encoded: str, place: int = 0) -> np.ndarray:
    """One of the pictures in a text, uint8 (H, W, 3). Raises ValueError where there is none."""
    count = _count(encoded)
    if not 0 <= place < count:
        raise ValueError(f"there is no picture {place} among {count}")
    content = b64decode(encoded)[place * BYTES : (place + 1) * BYTES]
    return np.frombuffer(content, np.uint8).reshape(SIDE, SIDE, 3)


def _count(encoded: str) -> int:
    """How many pictures a text has. Raises ValueError where it is none, or has too many."""
    try:
        size = len(b64decode(encoded, validate=True))
    except (Error, ValueError):
        raise ValueError("what was sent is no picture") from None
    if size % BYTES or not 0 < size // BYTES <= AT_ONCE:
        raise ValueError(f"{size:,} bytes were sent, which are no pictures of {BYTES:,}")
    return size // BYTES


def in_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """A picture, uint8 (H, W, 3), as a network of so many channels has learnt them: (H, W, channels)."""
    if channels == 3:
        return pixels
    grey: np.ndarray = ((pixels @ GREY + 500) // 1000).astype(np.uint8)[..., None]
    return grey


def new_name() -> str:
    """What a recorded data set is called: nobody can guess it."""
    return f"rec_{secrets.token_hex(16)}"

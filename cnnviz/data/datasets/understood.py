"""What was made of data that somebody brings: what it was taken for, what of it was changed on the way, and what was
left out."""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from cnnviz.data.texts import one_line

MAX_NOTES = 20  # sentences
MAX_LEFT_OUT = 200  # files that are named one by one; beyond, they are counted
LONGEST = 60  # letters of a file's name
SIZES = (28, 32)  # pixels a side, which networks of the zoo take


@dataclass(frozen=True)
class Choice:
    """What a reader may choose where data can be taken in several ways: the `side` of the squares that pictures are
    brought to, in pixels (0: left to the reader, -1: as they are), and their `channels` (0: left to the reader)."""

    side: int = 0
    channels: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where there is no such choice."""
        if self.side not in (-1, 0, *SIZES) or self.channels not in (0, 1, 3):
            raise ValueError(
                f"pictures are brought to {' or '.join(map(str, SIZES))} pixels a side and 1 or 3 channels"
            )


@dataclass(frozen=True)
class LeftOut:
    """`count` files or parts of a file that were not taken: which (one of them, or what they have in common), and
    why."""

    what: str
    why: str
    count: int = 1


@dataclass(frozen=True)
class Understood:
    """What a file was taken for. `kind` says in a few words what it is, `picture` is the (C, H, W) of an image, and
    `whole` the (H, W) that they had before, or () where those differed. `train` and `test` count the images of each
    class. `samples` are some images of each class, uint8 (N, H, W, C), and `shown` their labels."""

    kind: str
    picture: tuple[int, int, int]
    whole: tuple[int, ...]
    was_colour: bool
    classes: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    samples: np.ndarray
    shown: tuple[int, ...]


@dataclass
class Account:
    """Keeps, while data is read, what there is to say about it."""

    kind: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """One more sentence, once."""
        if sentence not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(sentence)

    def leave_out(self, what: str, why: str, count: int = 1) -> None:
        """A file, or a part of one, that is not taken."""
        self.left_out.append(LeftOut(one_line(what, LONGEST), one_line(why, 300), count))

    def all_left_out(self) -> tuple[LeftOut, ...]:
        """One by one while they are few; those of one reason together where they are many."""
        if len(self.left_out) <= MAX_LEFT_OUT:
            return tuple(self.left_out)
        counts: Counter[str] = Counter()
        first: dict[str, LeftOut] = {}
        for one in self.left_out:
            counts[one.why] += one.count
            first.setdefault(one.why, one)
        grouped = [replace(first[why], count=count) for why, count in counts.most_common(MAX_LEFT_OUT)]
        return tuple(replace(one, what=f"{one.what} and others") if one.count > 1 else one for one in grouped)

"""What networks make of one drawing: the first and the second guess, a bar for each class; and its name, to be told.

The networks stand there as long as the page's settings do; what they read comes with the pad's answer, by `told`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.inference.predict import Prediction
from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Reader:
    """A network by its `name`, what is to be said of it, and its classes. `doubt` is the sentence that stands where its
    guess is not to be relied upon; '' where nobody knows when that is."""

    name: str
    about: str
    classes: Sequence[str]
    doubt: str = ""


@dataclass(frozen=True)
class Reading:
    """What a network reads, and whether that is not to be relied upon."""

    prediction: Prediction
    doubtful: bool = False


def readings(
    key: str, hears: str, readers: Sequence[Reader], nothing: str, longest: str, name: Callable[[int], None] | None
) -> None:
    """Draw them side by side; what they read they hear from the pad of the key `hears`. Without a reading there are no
    bars, and `nothing` says why. For a doubt as long as `longest` the place is kept free, so that nothing moves while
    somebody draws. `name(label)` is called before the page runs when it is said what was drawn; without it nobody is
    asked."""

    def take() -> None:
        label = component.sent(key, "named")
        if name and type(label) is int and 0 <= label < len(readers[0].classes):
            name(label)

    fixed = {"nothing": nothing, "longest": longest, "asks": name is not None}
    data = {"hears": hears, "readers": [asdict(reader) for reader in readers], **fixed}
    component.mount(ASSETS, key=key, data=data, on_named_change=take)


def told(
    found: Sequence[Reading | None], named: int | None
) -> tuple[dict[str, Any], Mapping[str, NDArray[np.float32]]]:
    """What each network reads (None: nothing), as news: values, and of those that read the probabilities, the logits,
    the entropy and the milliseconds, one after the other. `named` is the class that the drawing was said to be."""
    reads = [one and {"guesses": one.prediction.guesses[:2], "doubtful": one.doubtful} for one in found]
    numbers = [_numbers(one.prediction) for one in found if one]
    return {"reads": reads, "named": named}, {"numbers": np.concatenate([np.zeros(0, np.float32), *numbers])}


def _numbers(prediction: Prediction) -> NDArray[np.float32]:
    """(2 * classes + 2,)."""
    measured = [prediction.entropy, prediction.milliseconds]
    return np.concatenate([prediction.probabilities, prediction.logits, measured]).astype(np.float32)

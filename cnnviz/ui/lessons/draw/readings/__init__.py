"""What networks make of one drawing: the first and the second guess, a bar for each class; and its name, to be told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cnnviz.inference.predict import Prediction
from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


@dataclass(frozen=True)
class Reader:
    """A network by its `name`, what is to be said of it, its classes, and what it reads (None: nothing is drawn).

    `doubt` is the sentence that says why the guess is not to be relied upon; '' where it is, as far as one knows."""

    name: str
    about: str
    classes: Sequence[str]
    prediction: Prediction | None
    doubt: str = ""


def readings(
    key: str,
    readers: Sequence[Reader],
    nothing: str,
    longest: str,
    named: int | None,
    name: Callable[[int], None] | None,
) -> None:
    """Draw them side by side. Without a reading there are no bars, and `nothing` says why. For a doubt as long as
    `longest` the place is kept free, so that nothing moves while somebody draws.

    `named` is the class that the drawing was said to be; `name(label)` is called before the page runs when it is said
    anew, and without it nobody is asked.
    """

    def take() -> None:
        label = component.sent(key, "named")
        if name and type(label) is int and 0 <= label < len(readers[0].classes):
            name(label)

    component.mount(
        ASSETS,
        key=key,
        data={
            "readers": [_to_json(reader) for reader in readers],
            "nothing": nothing,
            "longest": longest,
            "named": named,
            "asks": name is not None and readers[0].prediction is not None,
        },
        on_named_change=take,
    )


def _to_json(reader: Reader) -> dict[str, Any]:
    """A reader as JSON."""
    prediction = reader.prediction
    return {
        "name": reader.name,
        "about": reader.about,
        "classes": list(reader.classes),
        "doubt": reader.doubt,
        "probabilities": None if prediction is None else prediction.probabilities.tolist(),
        "logits": None if prediction is None else prediction.logits.tolist(),
        "guesses": None if prediction is None else prediction.guesses[:2],
        "entropy": None if prediction is None else prediction.entropy,
        "milliseconds": None if prediction is None else prediction.milliseconds,
    }

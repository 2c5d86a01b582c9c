"""Events: what a run tells of itself.

Each is a dict, ready to be written as one line of JSON:

    step     step, epoch (a fraction), loss, accuracy (means since the last event), learning_rate (of the last step),
             images_per_second, seconds; memory (bytes) and utilisation (0 to 1) of the device where it tells;
             device (its name) in the first
    epoch    a measurement, at the end of an epoch or between: step, epoch, train_loss, train_accuracy, test_loss,
             test_accuracy, seconds; validation_loss and validation_accuracy where images are held out; test_images,
             where the time limit left time for only so many of them
    done     step, epoch, test_accuracy, seconds
    stopped  step, epoch, seconds and, where its reader did not ask for it, reason
    failed   reason
"""

from typing import Any

from cnnviz.data.texts import is_text

Event = dict[str, Any]

PLACE = {"event", "step", "epoch", "seconds"}
FIGURES: dict[str, set[str]] = {  # what each kind of event holds at the least, in runs of any age
    "step": PLACE | {"loss", "accuracy", "images_per_second"},
    "epoch": PLACE | {"train_loss", "train_accuracy", "test_loss", "test_accuracy"},
    "done": PLACE | {"test_accuracy"},
    "stopped": PLACE,
    "failed": {"event", "reason"},
}
OPTIONAL = {"learning_rate", "memory", "utilisation", "device", "reason", "test_images"}
OPTIONAL |= {"validation_loss", "validation_accuracy"}  # what not every event has
TEXTS = {"event", "reason", "device"}
SHARE = (0.0, 1.0)
FOREVER = 1e9  # seconds, thirty years
RANGES: dict[str, tuple[float, float]] = {  # what a figure may be
    "step": (0, 1e12),
    "epoch": (0, 1e6),
    "seconds": (0, FOREVER),
    "accuracy": SHARE,
    "train_accuracy": SHARE,
    "test_accuracy": SHARE,
    "validation_accuracy": SHARE,
    "learning_rate": (0, 1e6),
    "images_per_second": (0, 1e12),
    "memory": (0, 1e18),
    "test_images": (0, 1e12),
    "utilisation": (0, 1e6),  # of many cores
}
ANY = (-3.5e38, 3.5e38)  # a loss: whatever is finite as float32


def checked(values: object) -> Event | None:
    """What of an event pages and comparisons may rely on: known figures, each a number that it can be, and words that
    are text. None where `values` are no event.

    Whoever may write into a folder of runs may write anything: NaN, true, a share of 7, half a pair of surrogates.
    """
    known = FIGURES.get(str(values.get("event"))) if isinstance(values, dict) else None
    if known is None or not isinstance(values, dict) or not known <= values.keys():
        return None
    event = {name: values[name] for name in values if name in known | OPTIONAL}
    return event if all(_can_be(name, figure) for name, figure in event.items()) else None


def _can_be(name: str, figure: object) -> bool:
    """Whether an entry of an event is what stands under its name."""
    if name in TEXTS:
        return isinstance(figure, str) and is_text(figure)
    low, high = RANGES.get(name, ANY)
    if isinstance(figure, bool) or not isinstance(figure, int if name in ("step", "test_images") else int | float):
        return False
    return low <= figure <= high  # NaN lies nowhere

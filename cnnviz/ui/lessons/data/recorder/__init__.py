"""Records pictures class by class, from the camera, the pad or files; once a network has learnt them, reads what the
camera or the pad shows."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cnnviz.data.recording import AT_ONCE, BYTES, MAX_CLASSES, MAX_EACH, MIN_CLASSES, MIN_EACH, SIDE
from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)
MAX_LETTERS = AT_ONCE * BYTES * 4 // 3 + 2000  # of a message


@dataclass(frozen=True)
class Recorded:
    """A class as the server has it."""

    name: str
    count: int


@dataclass(frozen=True)
class Reading:
    """What the network reads: its classes and their probabilities."""

    classes: Sequence[str]
    probabilities: Sequence[float]


def recorder(
    key: str,
    classes: Sequence[Recorded],
    heard: int,
    status: str,
    missing: str,
    reads: bool,
    reading: Reading | None,
    take: Callable[[dict[str, Any]], object],
) -> None:
    """Draw the recorder. `heard` is the number of the message that was taken last: the browser sends the next one
    then. `status` says how far training is, `missing` what it waits for ('': nothing), `reads` whether there is a
    network that reads. `take(message)` is called before the page runs again: what a stranger may have written, a
    dictionary."""

    def taken() -> None:
        message = component.sent(key, "message")
        if isinstance(message, dict):
            take(message)

    data = {
        "classes": [asdict(one) for one in classes],
        "heard": heard,
        "status": status,
        "missing": missing,
        "reads": reads,
        "reading": asdict(reading) if reading else None,
        "side": SIDE,
        "bounds": {"classes": [MIN_CLASSES, MAX_CLASSES], "each": [MIN_EACH, MAX_EACH], "atOnce": AT_ONCE},
    }
    component.mount(ASSETS, key=key, data=data, max_letters={"message": MAX_LETTERS}, on_message_change=taken)

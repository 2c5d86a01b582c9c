"""Texts of one's own on a page: a row of layers is read at once, any code by a helper process, within its bounds."""

from functools import lru_cache

from cnnviz.networks import OWN_TEXT, notation
from cnnviz.networks.notation import NotationError
from cnnviz.server.following import Traced
from cnnviz.server.helpers import Job
from cnnviz.tracing import Shape
from cnnviz.ui.core import resources, work

MAX_LAYERS = 40  # of a text that is followed at once, in less than a tenth of a second
MAX_SHORT = 4000  # characters of such a text
SECONDS = {"trace": 2.0, "mixed": 2.0, "remedies": 20.0}  # of a processor that a helper has for a text
MEGABYTES = 200  # above an idle helper's: docs/security.md
_Given = tuple[tuple[str, str], ...]


def is_short(text: str) -> bool:
    """Whether a text is a row of layers, read by tables alone and followed in less than a tenth of a second."""
    return text.count("(") <= MAX_LAYERS and len(text) <= MAX_SHORT and _is_row(text)


@lru_cache(maxsize=64)
def _is_row(text: str) -> bool:
    try:
        notation.parse(text)
    except NotationError:
        return False
    return True


def job(
    function: str,
    network: str,
    text: str,
    shape: Shape,
    chosen: str = "",
    given: _Given = (),
    further: tuple[Shape, ...] = (),
) -> Job:
    """What a helper is asked about a network: `trace`, `mixed` or `remedies` of server/following.py."""
    return Job(function, (network, text, shape, chosen, given, further), SECONDS[function], MEGABYTES)


def followed(slot: str, text: str, shape: Shape) -> Traced | None:
    """A text's network, followed by an input of `shape`; None while a helper still reads it. What a helper gave up is
    an error like any other."""
    if is_short(text):
        return resources.traced(OWN_TEXT, text, shape)
    try:
        found: Traced | None = work.ask(slot, job("trace", OWN_TEXT, text, shape), "Reading the network", work.ALL_ELSE)
    except ValueError as error:
        return Traced(shape, (), error=f"{error}.")
    return found

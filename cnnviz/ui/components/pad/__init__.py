"""The drawing pad: mouse, finger or pen, a test digit or a picture. While one draws it posts small pictures, up to
three at once, and hears of the newest one that was read."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.pictures import MAX_BYTES
from cnnviz.ui.components.pad.runs import from_runs
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)

SIZE = 112  # pixels of a side of the posted picture: four to a pixel of MNIST's, about 1 kB a message
MAX_DRAWING = 20_000  # letters of it: more than if no two pixels were alike
MAX_FILE = 1_000_000  # letters of a file as base64: the browser makes a picture small, 700 kB at most (files.js)

Ink = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Stamp:
    """A picture to put on the pad, as ink (H, W); each new one has another `id`. It is not put there where it was made
    from the drawing `copy_of`, which still lies there."""

    id: str
    ink: Ink
    copy_of: str = ""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is on the pad: its ink, (SIZE, SIZE) from 0 to 255; `stamp` is the id of the last picture that was put on
    it, '' for none, and `alone` says that there is nothing but that picture."""

    id: str
    ink: Ink
    stamp: str
    alone: bool


@dataclass(frozen=True, eq=False)
class News:
    """What other components of the page hear with the answer to a drawing (`hear` in news.js, by the pad's key): values
    for JSON, and arrays as `packed` takes them."""

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def pad(
    key: str,
    stamp: Stamp | None = None,
    *,
    drawn: Callable[[], None] = lambda: None,
    picked: Callable[[dict[str, int]], None] = lambda _: None,
    uploaded: Callable[[str, bytes | int], None] = lambda _name, _data: None,
    files: bool = True,
    news: Callable[[Drawing | None], News] = lambda _: News(),
) -> Drawing | None:
    """Draw the pad and give what is on it; None before anything was drawn. `news(drawing)` is what others hear of it.

    Callbacks run before the page does: `drawn()` when the drawing has changed, `picked` with {"digit": 7} or {"by": 1}
    when a key asks for a test digit, `uploaded(name, data)` with a file, or with its size where the browser did not
    send it; without `files` neither is asked for. Raises ValueError where what came in is not a picture of the pad's.
    """
    sent, drawing, unread = component.sent(key, "drawing"), None, None
    try:
        drawing = decoded(sent) if sent else None
    except ValueError as error:
        unread = error
    heard = news(drawing)
    fields = {
        "size": SIZE,
        "most": MAX_BYTES,
        "files": files,
        "stamp": _stamped(stamp, drawing),
        "ack": sent.get("id") if isinstance(sent, dict) else None,
        "news": {"name": key, **heard.values},
    }
    component.mount(
        ASSETS,
        key=key,
        data=packed(fields, heard.arrays),
        default={"drawing": None},
        max_letters={"drawing": MAX_DRAWING, "file": MAX_FILE},
        on_drawing_change=drawn,
        on_pick_change=lambda: picked(read_pick(component.sent(key, "pick"))),
        on_file_change=lambda: uploaded(*file(component.sent(key, "file"))),
    )
    if unread:
        raise unread
    return drawing


def _stamped(stamp: Stamp | None, drawing: Drawing | None) -> dict[str, Any] | None:
    """A stamp as JSON; without its ink where the pad says that it has it."""
    if stamp is None:
        return None
    if drawing is not None and drawing.stamp == stamp.id:
        return {"id": stamp.id}
    ink = base64.b64encode(stamp.ink.tobytes()).decode()
    return {"id": stamp.id, "shape": stamp.ink.shape, "ink": ink, "copyOf": stamp.copy_of}


def on_pad(key: str) -> Drawing | None:
    """What is on the pad of that key; None where nothing is, or nothing that can be read. For callbacks."""
    try:
        drawing = component.sent(key, "drawing")
        return decoded(drawing) if drawing else None
    except ValueError:
        return None


def decoded(drawing: Any) -> Drawing:
    """The drawing of {"id", "picture": base64 of the runs of SIZE x SIZE pixels, "stamp", "alone"}."""
    try:
        runs = base64.b64decode(drawing["picture"], validate=True)
        name, stamp, alone = str(drawing.get("id")), str(drawing.get("stamp") or ""), drawing.get("alone") is True
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ValueError("the pad sent something that is not a picture; clear it and draw again") from error
    try:
        ink = from_runs(runs, SIZE * SIZE)
    except ValueError as error:
        raise ValueError(f"the pad sent {error}; clear it and draw again") from error
    return Drawing(name, ink.reshape(SIZE, SIZE), stamp, alone)


def read_pick(pick: Any) -> dict[str, int]:
    """What a key asked for: {"digit": 0 to 9} or {"by": -1 or 1}; {} for anything else."""
    given = pick if isinstance(pick, dict) else {}
    wanted = {"digit": range(10), "by": (-1, 1)}
    return {name: value for name, value in given.items() if value in wanted.get(name, ()) and type(value) is int}


def file(sent: Any) -> tuple[str, bytes | int]:
    """Name and bytes of what was dropped or chosen; the size in bytes of a file that is too large, or that the browser
    cannot read."""
    given = sent if isinstance(sent, dict) else {}
    name, size, data = (given.get(part) for part in ("name", "size", "bytes"))
    name = name[:60] if isinstance(name, str) else ""
    if data is None:
        return name, size if type(size) is int and size >= 0 else 0
    try:
        return name, base64.b64decode(data, validate=True)
    except (TypeError, ValueError):
        return name, b""

"""The drawing pad: mouse, finger or pen, a test digit or a picture. While one draws it posts small pictures, the newest
only."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.data.pictures import MAX_BYTES
from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)

SIZE = 112  # pixels of a side of the posted picture: four to a pixel of MNIST's, 17 kB a message
MAX_DRAWING = 20_000  # letters of it
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


def pad(
    key: str,
    stamp: Stamp | None = None,
    *,
    drawn: Callable[[], None] = lambda: None,
    picked: Callable[[dict[str, int]], None] = lambda _: None,
    uploaded: Callable[[str, bytes | int], None] = lambda _name, _data: None,
    files: bool = True,
) -> Drawing | None:
    """Draw the pad and give what is on it; None before anything was drawn.

    Callbacks run before the page does: `drawn()` when the drawing has changed, `picked` with {"digit": 7} or {"by": 1}
    when a key asks for a test digit, `uploaded(name, data)` with a file, or with its size where the browser did not
    send it; without `files` neither is asked for. Raises ValueError where what came in is not a picture of the pad's.
    """
    stamped = None
    if stamp is not None:
        ink = base64.b64encode(stamp.ink.tobytes()).decode()
        stamped = {"id": stamp.id, "shape": stamp.ink.shape, "ink": ink, "copyOf": stamp.copy_of}
    drawing = component.sent(key, "drawing")
    component.mount(
        ASSETS,
        key=key,
        data={
            "size": SIZE,
            "most": MAX_BYTES,
            "files": files,
            "stamp": stamped,
            "ack": drawing.get("id") if isinstance(drawing, dict) else None,
        },
        default={"drawing": None},
        max_letters={"drawing": MAX_DRAWING, "file": MAX_FILE},
        on_drawing_change=drawn,
        on_pick_change=lambda: picked(read_pick(component.sent(key, "pick"))),
        on_file_change=lambda: uploaded(*file(component.sent(key, "file"))),
    )
    return decoded(drawing) if drawing else None


def on_pad(key: str) -> Drawing | None:
    """What is on the pad of that key; None where nothing is, or nothing that can be read. For callbacks."""
    try:
        drawing = component.sent(key, "drawing")
        return decoded(drawing) if drawing else None
    except ValueError:
        return None


def decoded(drawing: Any) -> Drawing:
    """The drawing of {"id", "picture": base64 of SIZE x SIZE bytes, "stamp", "alone"}."""
    try:
        ink = base64.b64decode(drawing["picture"], validate=True)
        rest = str(drawing.get("id")), str(drawing.get("stamp") or ""), drawing.get("alone") is True
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ValueError("the pad sent something that is not a picture; clear it and draw again") from error
    if len(ink) != SIZE * SIZE:
        raise ValueError(f"the pad sent {len(ink)} pixels in place of {SIZE * SIZE}; clear it and draw again")
    name, stamp, alone = rest
    return Drawing(name, np.frombuffer(ink, np.uint8).reshape(SIZE, SIZE), stamp, alone)


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

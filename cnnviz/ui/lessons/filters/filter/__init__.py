"""A picture, what a kernel, ReLU and pooling make of it, and the window under the cursor, number by number.

The picture goes to the browser once, and the browser computes every stage of it: so an edit is seen at once, at any
distance, and its answer is small. Python computes them, too, and says a hash of each and the numbers of the pinned
window; where the browser has others it asks for Python's, which it shows from then on. A click pins the cursor, so that
the link holds it; the kernel is edited in place, with the stage's own modules."""

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.lessons.filters import text
from cnnviz.lessons.filters.settings import MAX_KERNEL, Filtered
from cnnviz.ui.components.pins import last_click, pinned
from cnnviz.ui.components.stage import Plane, plane_data, read_only
from cnnviz.ui.core import assets, component, edits, export
from cnnviz.ui.core.edits import Target
from cnnviz.ui.core.packed import packed
from cnnviz.ui.core.titles import TITLES

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

ASSETS = assets.read(__file__)

KERNEL = Target("w", "the kernel", max_size=MAX_KERNEL)
BIAS = Target("b", "the bias")


@dataclass
class _Browser:
    """What a session knows of its browser: the picture that went there last, and whether its stages are Python's. It
    may be wrong about the first (a message that a newer one replaced was never read): the browser then asks."""

    picture: str = ""
    agrees: bool = True

    def take(self, lacks: object) -> None:
        """What the browser lacks: its picture, or stages that are right."""
        if lacks == "picture":
            self.picture = ""
        elif lacks == "stages":
            self.agrees = False


def filter_stage(store: "Store[Any]", result: Filtered) -> None:
    """Draw `result`; edits of the kernel and the pinned cell go into the settings of `store`."""
    import streamlit as st

    key = store.key("stage")
    browser: _Browser = st.session_state.setdefault(store.key("browser"), _Browser())
    picture, stages = result.picture.astype(np.uint8), _stages(result)
    number = hashlib.sha256(picture.tobytes()).hexdigest()[:16]
    data = {
        "name": store.name,
        "picture": {"number": number, "size": result.picture.shape},
        **_settings(result),
        **_confirmation(result, stages),
        **_planes(store, result),
        "pin": {"seq": last_click(key), "at": (result.settings.row, result.settings.col)},
        "history": store.steps,
        "ack": store.typed.taken,
    }

    whole = {name: stages[name] for name in stages if name != "rectified"}  # which the browser has of the convolved one

    def file() -> str:
        sentences = [*text.remarks(result), export.link_back(store)]
        held = packed(read_only(data), {"pixels": picture, **whole})
        return export.standalone(ASSETS, held, TITLES[store.name], sentences)

    arrays = {} if browser.agrees else whole
    if browser.picture != number:
        arrays = {**arrays, "pixels": picture}
        browser.picture = number
    component.mount(
        ASSETS,
        key=key,
        data=packed({**data, "file": export.requested(key, file)}, arrays),
        default={"edits": [], "pin": None},
        max_letters={"edits": edits.MAX_LETTERS},
        on_edits_change=lambda: _take_edits(store, key),
        on_pin_change=lambda: _take_pin(store, key),
        on_lacks_change=lambda: browser.take(component.sent(key, "lacks")),
        on_save_change=lambda: export.ask(key),
    )


def _stages(result: Filtered) -> dict[str, NDArray[Any]]:
    """What the browser computes, as it keeps it: which cells each window meets along either axis, and every stage."""
    rows, cols = result.taps
    stages: dict[str, NDArray[Any]] = {"rows": rows, "cols": cols, "convolved": result.convolved.astype(np.float32)}
    if result.settings.relu:
        stages["rectified"] = result.rectified.astype(np.float32)
    if result.pooled is not None:
        stages["pooled"] = result.pooled.astype(np.float32)
    return stages


def _settings(result: Filtered) -> dict[str, Any]:
    """What the browser computes by, beside the kernel and the bias."""
    names = ("stride", "padding", "relu", "pool", "window", "colours")
    return {"settings": {name: getattr(result.settings, name) for name in names}}


def _confirmation(result: Filtered, stages: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """What it is compared with, and what of it goes by Python's word alone."""
    return {
        "hashes": {name: zlib.crc32(array.tobytes()) for name, array in stages.items()},
        "inspected": {
            "at": result.inspected,
            "window": result.window.ravel().tolist(),
            "convolved": float(result.convolved[result.inspected]),
        },
        "ring": (result.rows.before, result.cols.before),
        "signed": result.signed,
        "scale": result.scale,
    }


def _planes(store: "Store[Any]", result: Filtered) -> dict[str, Any]:
    """The grids that are typed into."""
    planes = [
        Plane("w0", "kernel", "Kernel", np.array(result.settings.w), KERNEL),
        Plane("b0", "bias", "Bias", np.array(result.settings.b), BIAS),
    ]
    return {"planes": {plane.id: plane_data(store, plane) for plane in planes}}


def _take_edits(store: "Store[Any]", key: str) -> None:
    """Callback of what was typed."""
    edits.take(store, component.sent(key, "edits"), {"w0": KERNEL, "b0": BIAS})
    store.run_what_changed()


def _take_pin(store: "Store[Any]", key: str) -> None:
    """Callback of a click on a picture: the cell goes into the settings."""
    pin, stride = pinned(key, "row", "col"), store.state.stride
    if pin:
        store.take(row=pin["row"] * stride, col=pin["col"] * stride)

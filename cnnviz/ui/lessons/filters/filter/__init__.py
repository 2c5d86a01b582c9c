"""A picture, what a kernel, ReLU and pooling make of it, and the window under the cursor, number by number.

Python hands over every stage as bytes; moving the cursor, the outlines and the arithmetic happen in the
browser. A click pins the cursor, so that the link holds it; the kernel is edited in place, with the stage's
own modules."""

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


def filter_stage(store: "Store[Any]", result: Filtered) -> None:
    """Draw `result`; edits of the kernel and the pinned cell go into the settings of `store`."""
    key = store.key("stage")
    planes = [
        Plane("w0", "kernel", "Kernel", np.array(result.settings.w), KERNEL),
        Plane("b0", "bias", "Bias", np.array(result.settings.b), BIAS),
    ]
    answers = {
        "planes": {plane.id: plane_data(store, plane) for plane in planes},
        "pin": {"seq": last_click(key), "at": result.inspected},
        "ack": store.typed.taken,
    }
    arrays: dict[str, NDArray[Any]] = {
        "padded": result.padded.astype(np.uint8),
        "convolved": result.convolved.astype(np.float32),
    }
    if result.pooled is not None:
        arrays["pooled"] = result.pooled.astype(np.float32)
    data = {"name": store.name, **_geometry(result), **_appearance(result), **answers}

    def file() -> str:
        sentences = [*text.remarks(result), export.link_back(store)]
        return export.standalone(ASSETS, packed(read_only(data), arrays), TITLES[store.name], sentences)

    component.mount(
        ASSETS,
        key=key,
        data=packed({**data, "file": export.requested(key, file)}, arrays),
        default={"edits": [], "pin": None},
        max_letters={"edits": edits.MAX_LETTERS},
        on_edits_change=lambda: edits.take(store, component.sent(key, "edits"), {"w0": KERNEL, "b0": BIAS}),
        on_pin_change=lambda: _take_pin(store, key),
        on_save_change=lambda: export.ask(key),
    )


def _geometry(result: Filtered) -> dict[str, Any]:
    """Sizes, and which cell of one stage comes from which of the one before."""
    settings, pooled = result.settings, result.pooled
    return {
        "sizes": {
            "padded": result.padded.shape,
            "picture": result.picture.shape,
            "convolved": result.convolved.shape,
            "pooled": None if pooled is None else pooled.shape,
        },
        "ring": (result.rows.before, result.cols.before),
        "stride": settings.stride,
        "relu": settings.relu,
        "pool": None if pooled is None else {"kind": settings.pool, "window": settings.window},
    }


def _appearance(result: Filtered) -> dict[str, Any]:
    """How values become colours."""
    return {"signed": result.signed, "scale": result.scale}


def _take_pin(store: "Store[Any]", key: str) -> None:
    """Callback of a click on a picture: the cell goes into the settings."""
    pin, stride = pinned(key, "row", "col"), store.state.stride
    if pin:
        store.take(row=pin["row"] * stride, col=pin["col"] * stride)

"""The kernels of a network's first convolution while it trains: now, at the start, and what has changed."""

import numpy as np

from cnnviz.runs.snapshots import Snapshot
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.packed import packed

ASSETS = assets.read(__file__)


def kernels(key: str, snapshot: Snapshot) -> None:
    """Draw the kernels of `snapshot`, updated in place; a sentence where the network has none.

    Kernels of three channels are pictures in red, green and blue, those of one lie on a diverging scale; of others
    the mean over their channels is shown.
    """
    nothing = np.zeros((0, 1, 1, 1), np.float32)
    now = nothing if snapshot.kernels is None else snapshot.kernels
    first = nothing if snapshot.first_kernels is None else snapshot.first_kernels
    channels = now.shape[1]
    if channels not in (1, 3):
        now, first = (each.mean(1, keepdims=True) for each in (now, first))
    component.mount(
        ASSETS,
        key=key,
        data=packed({"step": snapshot.step, "shape": now.shape, "channels": channels}, {"now": now, "first": first}),
    )

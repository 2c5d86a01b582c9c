"""A stack as a row of maps: hover a unit and everything that it sees is outlined, map by map, down to the input.

Python hands over the span of every layer on every earlier map, and the taps; the browser follows them and draws. A
click pins a unit, so that the link holds it.
"""

from typing import TYPE_CHECKING, Any

from cnnviz.lessons.receptive.settings import Receptive
from cnnviz.ops.receptive_field import Layer
from cnnviz.ui.components.pins import last_click, pinned
from cnnviz.ui.core import assets, component

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

ASSETS = assets.read(__file__)

SHORT = {"convolution": "Conv", "max pooling": "Max pool", "average pooling": "Average pool"}


def layer_stack(store: "Store[Receptive]") -> None:
    """Draw the stack of `store`'s settings; a pinned unit goes into them."""
    key, settings = store.key("stage"), store.state
    stack = settings.whole
    component.mount(
        ASSETS,
        key=key,
        data={
            "maps": _maps(settings),
            "spans": [[(one.start, one.step, one.size) for one in row] for row in stack.spans()],
            "taps": stack.taps(),
            "picture": settings.picture().astype(int).ravel().tolist(),
            "pin": {"seq": last_click(key), "at": settings.unit},
        },
        default={"pin": None},
        on_pin_change=lambda: _take_pin(store, key),
    )


def _maps(settings: Receptive) -> list[dict[str, Any]]:
    """Every map in words and sizes, the input first."""
    stack = settings.whole
    titles = [("Input", ""), *((title(layer), details(layer)) for layer in stack.layers)]
    figures = zip(titles, stack.sizes(), stack.overhang(), strict=True)
    return [{"title": name, "details": more, "size": size, "over": over} for (name, more), size, over in figures]


def title(layer: Layer) -> str:
    """Max pool 2 × 2."""
    return f"{SHORT[layer.kind]} {layer.kernel} × {layer.kernel}"


def details(layer: Layer) -> str:
    """What is not as plain as can be: stride 2, padding 1, dilation 2."""
    plain = {"stride": 1, "padding": 0, "dilation": 1}
    return ", ".join(f"{name} {getattr(layer, name)}" for name, value in plain.items() if getattr(layer, name) != value)


def _take_pin(store: "Store[Receptive]", key: str) -> None:
    """Callback of a click on a map: the unit goes into the settings, where there is such a unit."""
    pin, sizes = pinned(key, "layer", "row", "col"), store.state.whole.sizes()
    if not pin:
        return
    layer, row, col = pin["layer"], pin["row"], pin["col"]
    if 0 < layer < len(sizes) and 0 <= row < sizes[layer] and 0 <= col < sizes[layer]:
        store.change(layer=layer, row=row, col=col)

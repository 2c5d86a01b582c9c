"""The Receptive field page's parts: the controls of one layer, growth layer by layer, theory against practice."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.lessons.common.format import labels, sentence_case
from cnnviz.lessons.receptive.settings import KINDS, MAX_LAYERS, NETWORKS, OWN, Receptive
from cnnviz.ops.receptive_field import Layer, Stack, span
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.core import theme
from cnnviz.ui.core.html_table import Markup, table
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.receptive.reach import details, title

HEAD = ("Layer", "Operation", "Map", "Jump", "Receptive field")


# --- controls


def source(store: Store[Receptive]) -> None:
    """Under More: where the stack comes from, and how large its input is."""
    with controls.more(store, "network", "size") as more:
        if more.open:
            store.widget(st.selectbox, "network", "Network", [OWN, *NETWORKS], format_func=_called)
            if store.state.network == OWN:
                controls.integer(store, "size", "Input size", *store.state.size_bounds())


def _called(network: str) -> str:
    """The networks of the zoo have their names; the own stack is a choice in words."""
    return sentence_case(network) if network == OWN else network


def layer_controls(store: Store[Receptive]) -> None:
    """Kind, kernel, stride, padding and dilation of the layer whose unit is shown; another layer, or one less."""
    if "stack" in store.lock.hidden:
        return
    settings, fixed = store.state, store.lock.fixes("stack")
    number, layers = settings.unit[0], settings.whole.layers
    layer = layers[number - 1]
    label, kinds = f"Layer {number} of {len(layers)}", list(KINDS.values())
    options: dict[str, Any] = {"format_func": labels(kinds).get, "width": 164, "disabled": fixed}
    store.show(st.selectbox, "kind", layer.kind, _changing(store, "kind"), label, kinds, **options)
    for name in ("kernel", "stride", "padding", "dilation"):
        low, high = settings.bounds(name)
        if low < high:
            value, take = getattr(layer, name), _changing(store, name)
            controls.number(store, name, sentence_case(name), value, low, high, take, disabled=fixed)
    full, alone = len(layers) == MAX_LAYERS, len(layers) == 1
    st.button("Add layer", key=store.key("add"), on_click=_apply, args=(store, "with_added"), disabled=full or fixed)
    st.button(
        "Remove", key=store.key("remove"), on_click=_apply, args=(store, "without_layer"), disabled=alone or fixed
    )


def _changing(store: Store[Receptive], name: str) -> Callable[[Any], None]:
    """What takes another value of the layer."""
    return lambda value: _apply(store, "with_layer", **{name: value})


def _apply(store: Store[Receptive], edit: str, **values: Any) -> None:
    """Callback: the settings after an edit of the stack, a method of Receptive."""
    store.put(getattr(store.state, edit)(**values))


# --- growth


def growth(settings: Receptive) -> None:
    """The receptive field of every layer: as a table with its arithmetic, and as a line."""
    stack = settings.whole
    written, chart = st.columns([6, 5], gap="large", vertical_alignment="center")
    written.html(_growth_table(stack, settings.unit[0]))
    fields = [one[0].size for one in stack.spans()]
    steps = list(range(len(fields)))
    series: list[Series] = [
        {"name": "input", "x": steps, "y": [stack.size] * len(steps), "colour": theme.ROLES["input"]},
        {"name": "field", "x": steps, "y": fields, "colour": theme.ROLES["window"], "points": True, "joined": True},
    ]
    with chart:
        lines("receptive_growth", series, "layer", "cells along one side", y_range=(0, 1.08 * max(*fields, stack.size)))


def _growth_table(stack: Stack, now: int) -> str:
    """One row a layer, as HTML; the row of layer `now` is marked."""
    sizes = stack.sizes()
    rows = [("0", "Input", f"{sizes[0]} × {sizes[0]}", "1", "1")]
    for number, layer in enumerate(stack.layers, 1):
        more = f" <i>{details(layer)}</i>" if details(layer) else ""
        before, after = span(stack.layers[: number - 1]), span(stack.layers[:number])
        jump = f"<i>{before.step} × {layer.stride} =</i> {after.step}" if layer.stride > 1 else f"{after.step}"
        field = f"<i>{_recurrence(before.size, layer, before.step)} =</i> {after.size}"
        operation, map_size = Markup(title(layer) + more), f"{sizes[number]} × {sizes[number]}"
        rows.append((f"{number}", operation, map_size, Markup(jump), Markup(field)))
    return table("Receptive field, layer by layer", HEAD, rows, dense=True, marked=now)


def _recurrence(field: int, layer: Layer, jump: int) -> str:
    """The step of the recurrence in numbers: 5 + (3 − 1) × 2; with dilation 4 5 + (3 − 1) × 4 × 2."""
    dilation = f" × {layer.dilation}" if layer.dilation > 1 else ""
    return f"{field} + ({layer.kernel} − 1){dilation} × {jump}"

"""The Receptive field page's parts: the controls of one layer, growth layer by layer, theory against practice."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnviz.lessons.receptive.settings import KINDS, MAX_LAYERS, NETWORKS, OWN, Receptive
from cnnviz.ops.receptive_field import Layer, Stack, span
from cnnviz.ui import controls, theme
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.components.reach import details, title
from cnnviz.ui.state import Store

STYLE = """<style>
.cnnviz-growth { overflow-x: auto; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.cnnviz-growth table { border-collapse: collapse; width: 100%; }
.cnnviz-growth th { text-align: left; font-weight: 600; opacity: 0.7; }
.cnnviz-growth th, .cnnviz-growth td { padding: 5px 14px 5px 0; white-space: nowrap; }
.cnnviz-growth tr { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
.cnnviz-growth tr.now { background: color-mix(in srgb, #E69F00 16%, transparent); }
.cnnviz-growth i { font-style: normal; opacity: 0.65; }
</style>"""
HEAD = ("Layer", "Operation", "Map", "Jump", "Receptive field")


# --- controls


def source(store: Store[Receptive]) -> None:
    """Under More: where the stack comes from, and how large its input is."""
    with controls.more(store, "network", "size") as more:
        if more.open:
            store.widget(st.selectbox, "network", "Network", [OWN, *NETWORKS], format_func=called)
            if store.state.network == OWN:
                controls.integer(store, "size", "Input size", *store.state.size_bounds())


def called(network: str) -> str:
    """The networks of the zoo have their names; the own stack is a choice in words."""
    return theme.sentence_case(network) if network == OWN else network


def layer_controls(store: Store[Receptive]) -> None:
    """Kind, kernel, stride, padding and dilation of the layer whose unit is shown; another layer, or one less."""
    if "stack" in store.lock.hidden:
        return
    settings, fixed = store.state, store.lock.fixes("stack")
    number, layers = settings.unit[0], settings.whole.layers
    layer = layers[number - 1]
    label, kinds = f"Layer {number} of {len(layers)}", list(KINDS.values())
    options: dict[str, Any] = {"format_func": theme.labels(kinds).get, "width": 164, "disabled": fixed}
    store.show(st.selectbox, "kind", layer.kind, changing(store, "kind"), label, kinds, **options)
    for name in ("kernel", "stride", "padding", "dilation"):
        low, high = settings.bounds(name)
        if low < high:
            value, take = getattr(layer, name), changing(store, name)
            controls.number(store, name, theme.sentence_case(name), value, low, high, take, disabled=fixed)
    full, alone = len(layers) == MAX_LAYERS, len(layers) == 1
    st.button("Add layer", key=store.key("add"), on_click=apply, args=(store, "with_added"), disabled=full or fixed)
    st.button("Remove", key=store.key("remove"), on_click=apply, args=(store, "without_layer"), disabled=alone or fixed)


def changing(store: Store[Receptive], name: str) -> Callable[[Any], None]:
    """What takes another value of the layer."""
    return lambda value: apply(store, "with_layer", **{name: value})


def apply(store: Store[Receptive], edit: str, **values: Any) -> None:
    """Callback: the settings after an edit of the stack, a method of Receptive."""
    store.put(getattr(store.state, edit)(**values))


# --- growth


def growth(settings: Receptive) -> None:
    """The receptive field of every layer: as a table with its arithmetic, and as a line."""
    stack = settings.whole
    table, chart = st.columns([6, 5], gap="large", vertical_alignment="center")
    table.html(STYLE + growth_table(stack, settings.unit[0]))
    fields = [one[0].size for one in stack.spans()]
    steps = list(range(len(fields)))
    series: list[Series] = [
        {"name": "input", "x": steps, "y": [stack.size] * len(steps), "colour": theme.ROLES["input"]},
        {"name": "field", "x": steps, "y": fields, "colour": theme.ROLES["window"], "points": True, "joined": True},
    ]
    with chart:
        lines("receptive_growth", series, "layer", "cells along one side", y_range=(0, 1.08 * max(*fields, stack.size)))


def growth_table(stack: Stack, now: int) -> str:
    """One row a layer, as HTML; the row of layer `now` is marked."""
    head = "".join(f"<th>{name}</th>" for name in HEAD)
    sizes = stack.sizes()
    rows = [f"<tr><td>0</td><td>Input</td><td>{sizes[0]} × {sizes[0]}</td><td>1</td><td>1</td></tr>"]
    for number, layer in enumerate(stack.layers, 1):
        more = f" <i>{details(layer)}</i>" if details(layer) else ""
        before, after = span(stack.layers[: number - 1]), span(stack.layers[:number])
        jump = f"<i>{before.step} × {layer.stride} =</i> {after.step}" if layer.stride > 1 else f"{after.step}"
        field = f"<i>{recurrence(before.size, layer, before.step)} =</i> {after.size}"
        cells = (number, title(layer) + more, f"{sizes[number]} × {sizes[number]}", jump, field)
        marked = " class=now" if number == now else ""
        rows.append(f"<tr{marked}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<div class=cnnviz-growth>{whole}</div>"


def recurrence(field: int, layer: Layer, jump: int) -> str:
    """The step of the recurrence in numbers: 5 + (3 − 1) × 2; with dilation 4 5 + (3 − 1) × 4 × 2."""
    dilation = f" × {layer.dilation}" if layer.dilation > 1 else ""
    return f"{field} + ({layer.kernel} − 1){dilation} × {jump}"

"""Shapes: a tensor on its way through any network, layer by layer; where it does not fit, why, and what mends it."""

import streamlit as st

from cnnviz.lessons.shapes.settings import FORMS, MAX_BATCH, MAX_CHANNELS, MAX_SIDE, NONE, OWN, Shapes
from cnnviz.networks import zoo
from cnnviz.server.following import Traced
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.shapes import parts
from cnnviz.ui.shell.page import notes

SIZES = {"channels": MAX_CHANNELS, "depth": MAX_SIDE, "height": MAX_SIDE, "width": MAX_SIDE}
INPUTS = {
    "image": "Image: C × H × W",
    "sequence": "Sequence: C × L",
    "features": "Features: F",
    "volume": "Volume: C × D × H × W",
}


def strip(store: Store[Shapes], traced: Traced | None) -> None:
    store.widget(st.selectbox, "network", "Network", [*zoo.names(), OWN], format_func=parts.TITLES.get, width=220)
    own = store.state.network == OWN
    if own:
        store.widget(st.selectbox, "form", "Input", list(INPUTS), format_func=INPUTS.get, width=190)
    form = store.state.form if own else "image"
    for name in FORMS[form]:
        words = {("sequence", "width"): "Length", ("features", "channels"): "Features"}
        controls.integer(store, name, words.get((form, name), name.title()), 1, SIZES[name])
    if own and traced and traced.reading:
        parts.further_inputs(store, traced.reading)
    with controls.more(store, "batch", "batched", "beside") as more:
        if more.open:
            controls.integer(store, "batch", "Batch", 1, MAX_BATCH)
            store.widget(st.toggle, "batched", "Show the batch in the diagram")
            store.widget(st.selectbox, "beside", "Compare with", [NONE, *zoo.names()], format_func=parts.TITLES.get)


@lesson_page("shapes", Shapes)
def follow(store: Store[Shapes]) -> None:
    """The diagram is sent before what stands above it: whatever comes first, the browser draws alone."""
    settings = store.state

    above = controls.control_strip("shapes_strip")
    box = st.container()
    notes(store)
    exercise = exercise_panel.panel(store)
    traced = parts.followed(store)
    if traced and not ((traced.error and traced.mark) or exercise.hides_stage):
        parts.show(store, traced)
    if settings.network == OWN:
        with box:
            parts.network_text_area(store, traced)
    with above:
        strip(store, traced)
    if traced is None or exercise.hides_stage:
        return  # what follows is not known yet, or would give the answer away
    meeting = st.container()  # above the totals, and known after them
    parts.show_totals(store, traced, fixes=not exercise.open)
    parts.bring_weights(store, traced)
    if settings.beside != NONE:
        parts.compare(store, traced)
    if traced.steps:
        with st.expander("As a table, as text to change, as a file", key="shapes_all", on_change="rerun") as whole:
            if whole.open:
                parts.open_as_text(store, traced)
                parts.table(store, traced.steps)
    with meeting:
        parts.show_batch(store, traced)

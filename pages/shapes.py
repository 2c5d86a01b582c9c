"""Shapes: a tensor on its way through any network, layer by layer; where it does not fit, why, and what mends it."""

import streamlit as st

from cnnviz.lessons.shapes.settings import MAX_BATCH, MAX_CHANNELS, MAX_SIDE, NONE, OWN, Shapes
from cnnviz.networks import zoo
from cnnviz.ui.components.source_box import mark_in
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.shapes import parts
from cnnviz.ui.shell.page import notes


def strip(store: Store[Shapes]) -> None:
    store.widget(st.selectbox, "network", "Network", [*zoo.names(), OWN], format_func=parts.TITLES.get, width=220)
    controls.integer(store, "channels", "Channels", 1, MAX_CHANNELS)
    controls.integer(store, "height", "Height", 1, MAX_SIDE)
    controls.integer(store, "width", "Width", 1, MAX_SIDE)
    with controls.more(store, "batch", "beside") as more:
        if more.open:
            controls.integer(store, "batch", "Batch", 1, MAX_BATCH)
            store.widget(st.selectbox, "beside", "Compare with", [NONE, *zoo.names()], format_func=parts.TITLES.get)


@lesson_page("shapes", Shapes)
def follow(store: Store[Shapes]) -> None:
    settings = store.state

    above = controls.control_strip("shapes_strip")
    box = st.container()
    traced = parts.followed(store)
    error = mark_in(traced.error) if traced else None
    if settings.network == OWN:
        with box:
            parts.network_text_area(store, error)
    notes(store)
    exercise = exercise_panel.panel(store)
    if traced and not (error or exercise.hides_stage):
        parts.show(store, traced)
    with above:  # the stage is sent first
        strip(store)
    if traced is None or exercise.hides_stage:
        return  # what follows is not known yet, or would give the answer away
    parts.show_totals(store, traced, fixes=not exercise.open)
    if settings.beside != NONE:
        parts.compare(store, traced)
    if traced.steps:
        with st.expander("As a table, as text to change, as a file", key="shapes_all", on_change="rerun") as whole:
            if whole.open:
                parts.open_as_text(store, traced)
                parts.table(store, traced.steps)

"""Shapes: a tensor on its way through any network, layer by layer; where it does not fit, why, and what mends it."""

import streamlit as st

from cnnviz.lessons.shapes.settings import MOST_BATCH, MOST_CHANNELS, MOST_SIDE, NONE, OWN, Shapes
from cnnviz.networks import zoo
from cnnviz.ui import controls, exercises, resources, shapes
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

store = page("shapes", Shapes)


def strip(store: Store[Shapes]) -> None:
    store.widget(st.selectbox, "network", "Network", [*zoo.names(), OWN], format_func=shapes.title, width=220)
    controls.integer(store, "channels", "Channels", 1, MOST_CHANNELS)
    controls.integer(store, "height", "Height", 1, MOST_SIDE)
    controls.integer(store, "width", "Width", 1, MOST_SIDE)
    with controls.more(store, "batch", "beside") as more:
        if more.open:
            controls.integer(store, "batch", "Batch", 1, MOST_BATCH)
            store.widget(st.selectbox, "beside", "Compare with", [NONE, *zoo.names()], format_func=shapes.title)


@store.live
def follow(store: Store[Shapes]) -> None:
    settings = store.state

    above = controls.control_strip("shapes_strip")
    if settings.network == OWN:
        shapes.box(store)

    traced = resources.traced(settings.network, settings.text, settings.shape)
    notes(store)
    asked = exercises.panel(store)
    if not asked.hides_stage:
        shapes.show(store, traced)
    with above:  # the stage is sent first
        strip(store)
    if asked.hides_stage:
        return  # what follows would give the answer away
    shapes.account(store, traced, remedies=not asked.open)
    if settings.beside != NONE:
        shapes.compare(store, traced)
    if traced.steps:
        with st.expander("As a table, as text to change, as a file", key="shapes_all", on_change="rerun") as whole:
            if whole.open:
                shapes.open_as_text(store, traced)
                shapes.table(store, traced.steps)


st.markdown(lesson("shapes"))
exercises.offer(store)

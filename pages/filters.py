"""Image filters: one kernel on a whole picture, then ReLU, then pooling, every number within reach."""

from dataclasses import replace

import streamlit as st

from cnnviz.lessons.filters import text
from cnnviz.lessons.filters.settings import COLOURS, KERNELS, MAX_STRIDE, MAX_WINDOW, PADDINGS, POOLINGS, Filters
from cnnviz.ui import controls, exercises, source, theme
from cnnviz.ui.check import in_torch
from cnnviz.ui.components.filter import filter_stage
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

SIGNED = "Signed: 0 has the colour of the page. Grey: as a picture, beyond black and white cut off."

store = page("filters", Filters)


@store.live
def filters(store: Store[Filters]) -> None:
    settings = store.state

    with controls.control_strip("filters_strip"):
        source.choose(store)
        controls.preset(store, "w", "Kernel", KERNELS, width=172)
        store.widget(st.selectbox, "pool", "Pooling", POOLINGS, format_func=theme.labels(POOLINGS).get, width=112)
        if settings.pool != "none":
            controls.integer(store, "window", "Window", 2, MAX_WINDOW)
        store.widget(st.toggle, "relu", "ReLU")
        with controls.more(store, "stride", "padding", "colours") as more:
            if more.open:
                controls.integer(store, "stride", "Stride", 1, MAX_STRIDE)
                store.widget(st.selectbox, "padding", "Padding", PADDINGS, format_func=theme.labels(PADDINGS).get)
                store.widget(
                    st.selectbox, "colours", "Colours", COLOURS, format_func=theme.labels(COLOURS).get, help=SIGNED
                )

    result = settings.compute(source.picture(store))
    notes(store)
    if exercises.panel(store).open:
        return  # what follows would give the answer away
    filter_stage(store, result)
    controls.remarks(text.remarks(result))

    in_torch(replace(store, state=result), text.code(result), result.last)


st.markdown(lesson("filters"))
controls.challenges(store)
exercises.offer(store)

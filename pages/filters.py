"""Image filters: one kernel on a whole picture, then ReLU, then pooling, every number within reach."""

import streamlit as st

from cnnviz.lessons.common.format import labels
from cnnviz.lessons.filters import text
from cnnviz.lessons.filters.settings import COLOURS, KERNELS, MAX_STRIDE, MAX_WINDOW, PADDINGS, POOLINGS, Filters
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.check import in_torch
from cnnviz.ui.lessons.exercise_panel import OpenExercise
from cnnviz.ui.lessons.filters import source
from cnnviz.ui.lessons.filters.filter import filter_stage
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.staged import staged
from cnnviz.ui.shell.page import notes

SIGNED = "Signed: 0 has the colour of the page. Grey: as a picture, beyond black and white cut off."


def strip(store: Store[Filters]) -> None:
    """The controls."""
    source.choose(store)
    controls.preset(store, "w", "Kernel", KERNELS, width=172)
    store.widget(st.selectbox, "pool", "Pooling", POOLINGS, format_func=labels(POOLINGS).get, width=112)
    if store.state.pool != "none":
        controls.integer(store, "window", "Window", 2, MAX_WINDOW)
    store.widget(st.toggle, "relu", "ReLU")
    with controls.more(store, "stride", "padding", "colours") as more:
        if more.open:
            controls.integer(store, "stride", "Stride", 1, MAX_STRIDE)
            store.widget(st.selectbox, "padding", "Padding", PADDINGS, format_func=labels(PADDINGS).get)
            store.widget(st.selectbox, "colours", "Colours", COLOURS, format_func=labels(COLOURS).get, help=SIGNED)


def show(store: Store[Filters]) -> OpenExercise:
    store.notes += source.sentences(store)
    notes(store)
    exercise = exercise_panel.panel(store)
    if not exercise.open:
        filter_stage(store, store.state.compute(source.picture(store)))
    return exercise


@lesson_page("filters", Filters)
def filters(store: Store[Filters]) -> None:
    with controls.control_strip("filters_strip"):
        strip(store)
    source.bring(store)
    picture = source.picture(store)

    def around(settings: Filters) -> object:
        return controls.named(settings.w, KERNELS), text.remarks(settings.compute(picture))

    if staged(store, show, around).open:
        return  # what follows would give the answer away
    result = store.state.compute(picture)
    controls.remarks(text.remarks(result))

    in_torch(store, text.code(result), result.last, result)
    source.tell_held(store)

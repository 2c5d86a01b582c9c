"""Pooling: maximum, average and L2 on the same input, at any window and stride."""

import streamlit as st

from cnnviz.lessons.common import presets
from cnnviz.lessons.pooling import text
from cnnviz.lessons.pooling.settings import KINDS, WINDOWS, Pool
from cnnviz.ui import controls, exercises, theme
from cnnviz.ui.check import in_torch
from cnnviz.ui.components.stage import stage
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.scenes.pooling import scene
from cnnviz.ui.state import Store

store = page("pooling", Pool)


def strip(store: Store[Pool]) -> None:
    settings = store.state
    controls.preset(store, "x", "Input", presets.INPUTS)
    store.widget(st.selectbox, "kind", "Kind", list(KINDS), format_func=theme.labels(KINDS).get, width=172)
    store.widget(st.selectbox, "reach", "Windows", list(WINDOWS), format_func=WINDOWS.get, width=128)
    if settings.reach == "window":
        controls.pair(store, "kernel", "Window")
        controls.pair(store, "stride", "Stride")
        controls.pair(store, "padding", "Padding")
    elif settings.reach == "adaptive":
        controls.pair(store, "outputs", "Output size")
    with controls.more(store, "per_axis", "ceil_mode", "count_include_pad") as more:
        if more.open:
            store.widget(st.toggle, "per_axis", "Rows and columns apart")
            store.widget(st.toggle, "ceil_mode", "Ceil mode: round the output size up")
            store.widget(st.toggle, "count_include_pad", "Average counts padding cells")
            controls.random_buttons(store, input_only=True)


@store.live
def pooling(store: Store[Pool]) -> None:
    settings = store.state
    pooled = settings.compute()

    above = controls.control_strip("pooling_strip")
    controls.setups(store, text.PRESETS)

    notes(store)
    exercise = exercises.panel(store)
    sentences = [] if exercise.open else text.remarks(settings, pooled)
    stage(store, exercise.cover(scene(settings, pooled)), sentences)
    with above:  # the stage is sent first
        strip(store)
    if exercise.open:
        return  # what follows would give the answer away
    controls.remarks(sentences)

    controls.formulas("How large is the output?", text.formulas(settings))

    in_torch(store, text.code(settings), pooled.outputs)


st.markdown(lesson("pooling"))
controls.challenges(store)
exercises.offer(store)

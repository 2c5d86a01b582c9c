"""Pooling: maximum, average and L2 on the same input, at any window and stride."""

import streamlit as st

from cnnviz.lessons.common import presets
from cnnviz.lessons.common.format import labels
from cnnviz.lessons.pooling import text
from cnnviz.lessons.pooling.settings import KINDS, WINDOWS, Pool
from cnnviz.ui.components.stage import stage
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.check import in_torch
from cnnviz.ui.lessons.exercise_panel import OpenExercise
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.pooling.scene import scene
from cnnviz.ui.lessons.staged import staged
from cnnviz.ui.shell.page import notes


def strip(store: Store[Pool]) -> None:
    settings = store.state
    controls.preset(store, "x", "Input", presets.INPUTS)
    store.widget(st.selectbox, "kind", "Kind", list(KINDS), format_func=labels(KINDS).get, width=172)
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


def show(store: Store[Pool]) -> OpenExercise:
    settings, pooled = store.state, store.state.compute()
    notes(store)
    exercise = exercise_panel.panel(store)
    sentences = [] if exercise.open else text.remarks(settings, pooled)
    stage(store, exercise.cover(scene(settings, pooled)), sentences)
    return exercise


def around(settings: Pool) -> object:
    names = controls.named(settings.x, presets.INPUTS), controls.setup_of(settings, text.PRESETS)
    return names, text.remarks(settings, settings.compute())


@lesson_page("pooling", Pool)
def pooling(store: Store[Pool]) -> None:
    above = controls.control_strip("pooling_strip")
    controls.setups(store, text.PRESETS)

    exercise = staged(store, show, around)
    with above:  # the stage is sent first
        strip(store)
    if exercise.open:
        return  # what follows would give the answer away
    settings, pooled = store.state, store.state.compute()
    controls.remarks(text.remarks(settings, pooled))

    controls.formulas("How large is the output?", text.formulas(settings))

    in_torch(store, text.code(settings), pooled.outputs)

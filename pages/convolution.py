"""Convolution: one input channel, one kernel, every option, each number in sight."""

import streamlit as st

from cnnviz.lessons.common import presets
from cnnviz.lessons.common.format import labels
from cnnviz.lessons.convolution import text
from cnnviz.lessons.convolution.settings import FUNCTIONS, MODES, OPERATIONS, Convolution
from cnnviz.ui.components.stage import stage
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.check import in_torch
from cnnviz.ui.lessons.convolution.activation import curve
from cnnviz.ui.lessons.convolution.scene import scene
from cnnviz.ui.lessons.exercise_panel import OpenExercise
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.staged import staged
from cnnviz.ui.shell.page import notes


def strip(store: Store[Convolution]) -> None:
    settings = store.state
    controls.preset(store, "x", "Input", presets.INPUTS)
    controls.preset(store, "w", "Kernel", presets.KERNELS)
    store.widget(st.selectbox, "op", "Operation", OPERATIONS, format_func=labels(OPERATIONS).get, width=166)
    controls.pair(store, "stride", "Stride")
    if not settings.same:
        controls.pair(store, "padding", "Padding")
    controls.padding_buttons(store)
    store.widget(
        st.selectbox,
        "activation",
        "Activation",
        FUNCTIONS,
        format_func=labels(FUNCTIONS).get,
        width=118,
    )
    with controls.more(store, "per_axis", "mode", "dilation", "output_padding") as more:
        if more.open:
            store.widget(st.toggle, "per_axis", "Rows and columns apart")
            if settings.transposed:
                controls.pair(store, "output_padding", "Output padding")
            else:
                store.widget(st.selectbox, "mode", "Padding mode", MODES, format_func=labels(MODES).get)
            controls.pair(store, "dilation", "Dilation")
            controls.random_buttons(store)


def show(store: Store[Convolution]) -> OpenExercise:
    settings, result = store.state, store.state.compute()
    notes(store)
    exercise = exercise_panel.panel(store)
    sentences = [] if exercise.open else text.remarks(settings, result)
    stage(store, exercise.cover(scene(settings, result)), sentences)
    if result.activated is not None and not exercise.open:
        curve("convolution_curve", settings.activation, result.output)
    return exercise


def around(settings: Convolution) -> object:
    names = controls.named(settings.x, presets.INPUTS), controls.named(settings.w, presets.KERNELS)
    return names, text.remarks(settings, settings.compute())


@lesson_page("convolution", Convolution)
def convolution(store: Store[Convolution]) -> None:
    above = controls.control_strip("convolution_strip")
    exercise = staged(store, show, around)
    with above:  # the stage is sent first
        strip(store)
    if exercise.open:
        return  # what follows would give the answer away
    settings, result = store.state, store.state.compute()
    controls.remarks(text.remarks(settings, result))

    controls.formulas("How large is the output?", text.formulas(settings))

    in_torch(store, text.code(settings), result.last)

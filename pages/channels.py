"""Channels: several input channels and several filters, every sum written out; groups."""

import streamlit as st

from cnnviz.lessons.channels import text
from cnnviz.lessons.channels.settings import MAX_CHANNELS, Channels
from cnnviz.ui.components.stage import stage
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.channels.scene import scene
from cnnviz.ui.lessons.check import in_torch
from cnnviz.ui.lessons.exercise_panel import OpenExercise
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.staged import staged
from cnnviz.ui.shell.page import notes

GROUPS = "Channels and filters are dealt out into groups; the number has to divide both."


def strip(store: Store[Channels]) -> None:
    controls.integer(store, "channels", "Channels", 1, MAX_CHANNELS)
    controls.integer(store, "filters", "Filters", 1, MAX_CHANNELS)
    store.widget(st.segmented_control, "groups", "Groups", store.state.possible_groups, help=GROUPS)
    controls.pair(store, "stride", "Stride")
    controls.pair(store, "padding", "Padding")
    store.widget(st.toggle, "per_axis", "Rows and columns apart")


def show(store: Store[Channels]) -> OpenExercise:
    settings, volume = store.state, store.state.compute()
    shown = scene(settings, volume)
    notes(store, shown.targets.values())
    exercise = exercise_panel.panel(store)
    sentences = [] if exercise.open else text.remarks(settings, volume)
    stage(store, exercise.cover(shown), sentences)
    return exercise


def around(settings: Channels) -> object:
    return controls.setup_of(settings, text.PRESETS), text.remarks(settings, settings.compute())


@lesson_page("channels", Channels)
def channels(store: Store[Channels]) -> None:
    above = controls.control_strip("channels_strip")
    controls.setups(store, text.PRESETS)

    exercise = staged(store, show, around)
    with above:  # the stage is sent first
        strip(store)
    if exercise.open:
        return  # what follows would give the answer away
    settings, volume = store.state, store.state.compute()
    controls.remarks(text.remarks(settings, volume))

    controls.formulas("How many weights, how large an output?", text.formulas(settings))

    in_torch(store, text.code(settings), volume.output)

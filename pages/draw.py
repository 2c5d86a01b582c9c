"""Draw a digit: networks read it while it is written."""

import streamlit as st

from cnnviz.lessons.draw.settings import Draw
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.draw import parts
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.paper import extras, paper


@lesson_page("draw", Draw)
def write(store: Store[Draw]) -> None:
    """The pad beside what the networks make of it; while one draws, only this is run again."""
    with controls.control_strip("draw_strip"):
        parts.choose(store)
        extras(store)
    found = parts.loaded(store)
    exercise_panel.panel(store)
    left, right = st.columns([4, 8], gap="large")
    with left:
        pad_image = paper(store)
    shown = parts.stages(pad_image, store.state) if pad_image else None
    reading = parts.readers(store, found, shown)
    with right:
        parts.sentences(store)
        parts.show_readings(store, reading, shown)
    if pad_image and shown:
        first = next(iter(found))
        parts.show_preprocessing_steps(store, shown, found[first])
        parts.inside(store, pad_image, first)
    parts.show_named(store, found)

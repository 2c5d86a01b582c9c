"""Draw a digit: networks read it while it is written."""

import streamlit as st

from cnnviz.lessons.draw.settings import Draw
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.draw import parts
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.paper import extras, live_paper


@lesson_page("draw", Draw)
def write(store: Store[Draw]) -> None:
    """The pad beside what the networks make of it; while one draws, the pad alone is run again."""
    with controls.control_strip("draw_strip"):
        parts.choose(store)
        extras(store)
    found = parts.loaded(store)
    exercise_panel.panel(store)
    left, right = st.columns([4, 8], gap="large")
    with st.container():  # what waits there comes and goes, and nothing is drawn anew for it
        limits = parts.limits(store, found)
    with left:
        live_paper(store, lambda pad_image: parts.news(store, found, limits, pad_image))
    with right:
        parts.sentences(store)
        parts.show_readers(store, found, limits)
    first = next(iter(found))
    parts.show_preprocessing_steps(store, found[first])
    parts.inside(store, first)
    parts.show_named(store, found)

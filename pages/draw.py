"""Draw a digit: networks read it while it is written."""

import streamlit as st

from cnnviz.lessons.draw.settings import Draw
from cnnviz.ui import controls, draw, exercises
from cnnviz.ui.page import lesson, page
from cnnviz.ui.paper import extras, paper
from cnnviz.ui.state import Store

store = page("draw", Draw)


@store.live
def write(store: Store[Draw]) -> None:
    """The pad beside what the networks make of it; while one draws, only this is run again."""
    with controls.control_strip("draw_strip"):
        draw.choose(store)
        extras(store)
    found = draw.loaded(store)
    exercises.panel(store)
    left, right = st.columns([4, 8], gap="large")
    with left:
        pad_image = paper(store)
    shown = draw.stages(pad_image, store.state) if pad_image else None
    with right:
        draw.sentences(store)
        draw.show_readings(store, found, shown)
    if pad_image and shown:
        first = next(iter(found))
        draw.show_preprocessing_steps(store, shown, found[first])
        draw.inside(store, pad_image, first)
    draw.show_named(store, found)


st.markdown(lesson("draw"))
controls.challenges(store)
exercises.offer(store)

"""Inside the network: every activation of a trained network, and how each of them came about."""

import streamlit as st

from cnnviz.lessons.inside.settings import VIEWS, Inside
from cnnviz.ui import controls, exercises, inside, theme, unit
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

store = page("inside", Inside)


@store.live
def look(store: Store[Inside]) -> None:
    checkpoint = inside.chosen(store)
    with controls.control_strip("inside_strip"):
        inside.strip(store, checkpoint)
    if exercises.panel(store).open:
        return  # what follows would give the answer away
    drawing = store.state.source == "drawing"
    left, right = st.columns([2, 7], gap="medium") if drawing else (st.container(), st.container())
    with left:
        shown = inside.picture(store, checkpoint)
    inspection = inside.inspect_unit(store, checkpoint, shown)
    with right:
        notes(store)
        st.markdown(inside.answer(inspection))
        inside.overview(store, inspection)
    store.widget(st.segmented_control, "view", "View", VIEWS, format_func=theme.labels(VIEWS).get)
    unit.view(store, inspection)


st.markdown(lesson("inside"))
controls.challenges(store)
exercises.offer(store)

"""Inside the network: every activation of a trained network, and how each of them came about."""

import streamlit as st

from cnnviz.lessons.common.format import labels
from cnnviz.lessons.inside.settings import VIEWS, Inside
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, downloading, exercise_panel
from cnnviz.ui.lessons.inside import parts, unit
from cnnviz.ui.lessons.lesson_page import lesson_page


@lesson_page("inside", Inside)
def look(store: Store[Inside]) -> None:
    name, checkpoint = parts.chosen(store)
    with controls.control_strip("inside_strip"):
        parts.strip(store, checkpoint)
    if exercise_panel.panel(store).open:
        return  # what follows would give the answer away
    drawing = store.state.source == "drawing"
    left, right = st.columns([2, 7], gap="medium") if drawing else (st.container(), st.container())
    with left:
        shown = parts.picture(store, checkpoint)
        if store.state.source == "test image":
            downloading.offer(store, checkpoint.card.dataset)
    with right:
        inspection = parts.looked_at(store, name, checkpoint, shown)
    if inspection is None:
        return
    store.widget(st.segmented_control, "view", "View", VIEWS, format_func=labels(VIEWS).get)
    unit.view(store, inspection)

"""Receptive field: what one unit sees of the input, through a stack of convolutions and poolings."""

import streamlit as st

from cnnviz.lessons.receptive.settings import Receptive
from cnnviz.lessons.receptive.text import READY_MADE
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.lessons.receptive import parts
from cnnviz.ui.lessons.receptive.reach import layer_stack
from cnnviz.ui.shell.page import notes


@lesson_page("receptive", Receptive)
def field(store: Store[Receptive]) -> None:
    with controls.control_strip("receptive_strip"):
        parts.layer_controls(store)
        parts.source(store)
    controls.setups(store, READY_MADE)

    notes(store)
    if exercise_panel.panel(store).hides_stage:
        return  # what follows would give the answer away
    layer_stack(store)

    st.markdown("### How the field grows")
    parts.growth(store.state)

    with st.expander("Which of these cells count most?", key=store.key("effective"), on_change="rerun") as practice:
        if practice.open:
            from cnnviz.ui.lessons.receptive import effective

            effective.panel(store.state)

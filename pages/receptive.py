"""Receptive field: what one unit sees of the input, through a stack of convolutions and poolings."""

import streamlit as st

from cnnviz.lessons.receptive.settings import Receptive
from cnnviz.lessons.receptive.text import READY_MADE
from cnnviz.ui import controls, exercises, receptive
from cnnviz.ui.components.reach import layer_stack
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

store = page("receptive", Receptive)


@store.live
def field(store: Store[Receptive]) -> None:
    with controls.control_strip("receptive_strip"):
        receptive.layer_controls(store)
        receptive.source(store)
    controls.setups(store, READY_MADE)

    notes(store)
    if exercises.panel(store).hides_stage:
        return  # what follows would give the answer away
    layer_stack(store)

    st.markdown("### How the field grows")
    receptive.growth(store.state)

    with st.expander("Which of these cells count most?", key=store.key("effective"), on_change="rerun") as practice:
        if practice.open:
            from cnnviz.ui import effective

            effective.panel(store.state)


st.markdown(lesson("receptive"))
controls.challenges(store)
exercises.offer(store)

"""Architectures: from LeNet-5 to today, each with its idea, its block, and figures published and computed."""

import streamlit as st

from cnnviz.lessons.architectures.settings import Architectures
from cnnviz.networks.zoo.history import MILESTONES
from cnnviz.ui import architectures, exercises
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

store = page("architectures", Architectures)


@store.live
def timeline(store: Store[Architectures]) -> None:
    store.widget(
        st.segmented_control,
        "milestone",
        "From 1998 to today",
        list(MILESTONES),
        format_func=lambda key: f"{MILESTONES[key].year} · {key}",
    )
    notes(store)
    if exercises.panel(store).open:
        return  # what follows would give the answer away
    architectures.milestone(store)


st.markdown(f"### Accuracy, work and size\n\n{architectures.accuracy_work_size()}")
st.html(architectures.summary())
architectures.plot()
st.markdown(lesson("architectures"))
st.markdown("### Why stacks of small kernels?")
st.html(architectures.stacked_kernels())
st.markdown("### Figures that do not add up")
st.html(architectures.figures_that_differ())
exercises.offer(store)

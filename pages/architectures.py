"""Architectures: from LeNet-5 to today, each with its idea, its block, and figures published and computed."""

import streamlit as st

from cnnviz.lessons.architectures.settings import Architectures
from cnnviz.networks.zoo.history import MILESTONES
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import exercise_panel
from cnnviz.ui.lessons.architectures import parts
from cnnviz.ui.shell.page import lesson, notes, page

FLAT = """### Before convolution: a weight for every pixel

A dense layer has a weight of its own for each pixel and each class. What it learns in one place says nothing of any
other, and it grows with the picture. A kernel's few weights are used at every place, whatever the picture's size, so
that many layers of them have fewer parameters than the one dense layer. What they take is work."""

store = page("architectures", Architectures)
st.markdown(FLAT)
st.html(parts.flat_or_kernels())


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
    if exercise_panel.panel(store).open:
        return  # what follows would give the answer away
    parts.milestone(store)


st.markdown(f"### Accuracy, work and size\n\n{parts.accuracy_work_size()}")
st.html(parts.summary())
parts.plot()
st.markdown(lesson("architectures"))
st.markdown("### Why stacks of small kernels?")
st.html(parts.stacked_kernels())
st.markdown("### Figures that do not add up")
st.html(parts.figures_that_differ())
exercise_panel.offer(store)

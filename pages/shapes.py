"""Shapes: a tensor on its way through a network, step by step."""

import streamlit as st

from cnnviz import zoo
from cnnviz.settings.shapes import Shapes
from cnnviz.ui import resources, shapes
from cnnviz.ui.components.blocks import blocks
from cnnviz.ui.controls import control_strip
from cnnviz.ui.page import lesson, notes, page

store = page("shapes", Shapes)
entry = zoo.entry(store.state.network)
steps = resources.steps(entry.name)

with control_strip("shapes_strip"):
    store.widget(st.selectbox, "network", "Network", zoo.names(), width=200)
notes(store)
blocks("shapes_blocks", entry.input_shape, steps)
st.markdown(shapes.totals(entry, steps))
st.html(shapes.table(steps))
st.markdown(lesson("shapes"))

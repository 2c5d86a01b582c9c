"""cnnviz: the home page. A live convolution first, then what there is."""

import streamlit as st

from cnnviz.settings.convolution import Convolution
from cnnviz.ui.components.stage import stage
from cnnviz.ui.page import MENU, exists, notes, page
from cnnviz.ui.scenes.convolution import scene

store = page("home", Convolution)
result = store.state.compute()

st.title("See a convolutional network think", anchor=False)
st.markdown("Every number on this page is yours to edit. Click a cell, type, and watch the output change.")
notes(store)
stage(store, scene(store.state, result, height=250))

for group, entries in MENU.items():
    shown = [entry for entry in entries if exists(entry[0])]
    if not shown:
        continue
    st.subheader(group, anchor=False)
    with st.container(horizontal=True, gap="medium", key=f"home_{group}"):
        for slug, title, sentence in shown:
            with st.container(width=232):
                st.page_link(f"pages/{slug}.py", label=f"**{title}**", icon=":material/arrow_forward:")
                st.caption(sentence)

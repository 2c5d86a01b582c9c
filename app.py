"""cnnviz: the home page. A live convolution first, then what there is."""

import streamlit as st

from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.ui.components.stage import stage
from cnnviz.ui.page import MENU, exists, notes, page
from cnnviz.ui.scenes.convolution import scene
from cnnviz.ui.state import Store

store = page("home", Convolution)
st.markdown("Every number on this page is yours to edit. Click a cell, type, and watch the output change.")


@store.live
def example(store: Store[Convolution]) -> None:
    notes(store)
    stage(store, scene(store.state, store.state.compute(), height=190))


shown = {group: [entry for entry in entries if exists(entry[0])] for group, entries in MENU.items()}
for column, (group, entries) in zip(st.columns(len(shown), gap="large"), shown.items(), strict=True):
    with column.container(gap="xxsmall", key=f"home_{group}"):
        st.subheader(group, anchor=False)
        for slug, title, sentence in entries:
            st.page_link(f"pages/{slug}.py", label=f"**{title}**")
            st.caption(sentence)

"""cnnviz: the home page. A live convolution first, then what there is."""

import streamlit as st

from cnnviz import lessons
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.ui.components.stage import stage
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.convolution.scene import scene
from cnnviz.ui.shell.page import notes, page

store = page("home", Convolution)
st.markdown("Every number on this page is yours to edit. Click a cell, type, and watch the output change.")


@store.live
def example(store: Store[Convolution]) -> None:
    notes(store)
    stage(store, scene(store.state, store.state.compute(), height=190))


groups = lessons.grouped()
for column, (group, entries) in zip(st.columns(len(groups), gap="large"), groups.items(), strict=True):
    with column.container(gap="xxsmall", key=f"home_{group}"):
        st.subheader(group, anchor=False)
        for lesson in entries:
            st.page_link(f"pages/{lesson.slug}.py", label=f"**{lesson.title}**")
            st.caption(lesson.blurb)

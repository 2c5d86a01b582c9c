"""A room: a class trains against one another, and its runs appear on one board."""

import streamlit as st

from cnnviz.lessons.common.format import labels
from cnnviz.lessons.room.settings import AXES, Board
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.room import parts
from cnnviz.ui.shell.page import lesson, notes, page

store = page("room", Board)
code = store.state.room
with controls.control_strip("room_strip"):
    st.button("Open another room" if code else "Open a room", key="room_open", on_click=parts.opened, args=(store,))
    if code:
        store.widget(st.segmented_control, "axis", "Accuracy over", AXES, format_func=labels(AXES).get)
        st.page_link("pages/train.py", label=f"The class link: Train, in room {code} →", query_params={"room": code})
if refused := st.session_state.pop(parts.REFUSED, ""):
    store.notes.append(refused)
notes(store)
if code:
    st.fragment(parts.board, run_every=parts.EVERY)(store)
    st.fragment(parts.order)(store)
st.markdown(lesson("room"))

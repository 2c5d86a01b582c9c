"""A room: a class trains against one another, and its runs appear on one board."""

import streamlit as st

from cnnviz.lessons.room.settings import AXES, Board
from cnnviz.ui import controls, room, theme
from cnnviz.ui.page import lesson, notes, page

store = page("room", Board)
code = store.state.room
with controls.control_strip("room_strip"):
    st.button("Open another room" if code else "Open a room", key="room_open", on_click=room.opened, args=(store,))
    if code:
        store.widget(st.segmented_control, "axis", "Accuracy over", AXES, format_func=theme.labels(AXES).get)
        st.page_link("pages/train.py", label=f"The class link: Train, in room {code} →", query_params={"room": code})
notes(store)
if code:
    st.fragment(room.board, run_every=room.EVERY)(store)
st.markdown(lesson("room"))

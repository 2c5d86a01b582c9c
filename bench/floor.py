"""The floor: an app with one component whose rerun only counts. `bench.ui` measures it as a yardstick."""

import streamlit as st

from cnnviz.ui.components.load import Assets, register

HTML = '<button id="floor">again</button> <output id="count"></output>'
JS = """
export default function ({ data, parentElement, setStateValue }) {
    parentElement.querySelector("#count").textContent = data.count;
    parentElement.querySelector("#floor").onclick = () => setStateValue("count", data.count + 1);
}
"""

floor = register(Assets("floor", HTML, css="", js=JS))
count = st.session_state.get("floor", {}).get("count", 0)
floor(key="floor", data={"count": count}, default={"count": 0}, on_count_change=lambda: None)

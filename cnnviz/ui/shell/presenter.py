"""The presenter view, `?present=1` on any page: large type, no sidebar, from lesson to lesson by the arrow keys."""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from cnnviz.ui.shell.presenter_bar import presenter

STYLE = Path(__file__).with_name("presenter.css")
MEMORY = "presenter"  # in the session: the page that was last shown, and whether it was presented
TURN = "presenter turns to"


def is_on(name: str) -> bool:
    """Whether page `name` is presented: its link says so, or it was opened from a page that was. Kept in the URL."""
    before, presented = st.session_state.get(MEMORY, (name, False))
    on = st.query_params.get("present") == "1" or (presented and before != name)
    st.session_state[MEMORY] = (name, on)
    if on and st.query_params.get("present") != "1":
        st.query_params["present"] = "1"
    return on


def turn(query: Callable[[str], Mapping[str, str]]) -> None:
    """Go to the lesson that was asked for, in the state in which it was left: `query(slug)`. Otherwise nothing."""
    if slug := st.session_state.pop(TURN, None):
        st.switch_page(script(slug), query_params={**query(slug), "present": "1"})


def script(slug: str) -> str:
    """The file of a page, as Streamlit names it."""
    return "home.py" if slug == "home" else f"pages/{slug}.py"


def bar(name: str, titles: Mapping[str, str], on: bool) -> None:
    """While it is on: which lesson of how many, and the buttons; otherwise the button that begins it. Both listen to
    the keys. `titles` are those of the pages by slug, in their order; the first is the home page."""
    key, order = f"{name}_presenter", list(titles)
    place = order.index(name)
    beside = {"previous": order[max(place - 1, 0) : place], "next": order[place + 1 : place + 2]}

    def act() -> None:
        action = str((st.session_state.get(key) or {}).get("action"))
        if action in ("present", "leave"):
            st.session_state[MEMORY] = (name, action == "present")
            _set_parameter(action == "present")
        elif beside.get(action):
            st.session_state[TURN] = beside[action][0]

    neighbours = {side: titles[slugs[0]] if slugs else "" for side, slugs in beside.items()}
    presenter(key, {"on": on, "place": place, "total": len(order) - 1, **neighbours}, act)


def _set_parameter(on: bool) -> None:
    """`present=1` in the URL, or not."""
    if on:
        st.query_params["present"] = "1"
    else:
        st.query_params.pop("present", None)

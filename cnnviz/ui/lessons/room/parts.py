"""A room's parts: who one is on its board, and the board."""

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from cnnviz import runs
from cnnviz.lessons.common.format import count, duration, percent, plural
from cnnviz.lessons.room.settings import Board
from cnnviz.lessons.train.settings import Train
from cnnviz.runs import comparison
from cnnviz.runs.comparison import Result
from cnnviz.server import classrooms
from cnnviz.ui.core import resources
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.room.bubbles import bubbles
from cnnviz.ui.shell.page import plain_text

NAME = "nickname"  # in the session
EVERY = 2.0  # seconds between two looks at the board
MAX_DRAWN = 60  # bubbles; the table has all


@dataclass(frozen=True)
class Standing:
    """A run on the board: whose it is, what it has come to, and the parameters of its network."""

    nickname: str
    result: Result
    parameters: int


# --- on the Train page


def _nickname() -> str:
    """Who this session is on the boards."""
    return str(st.session_state.setdefault(NAME, classrooms.nickname()))


def entered(store: Store[Train]) -> None:
    """Whose runs go onto which board; nothing outside of a room."""
    code = store.state.room
    if not code:
        return
    try:
        resources.classrooms().board(code)
    except ValueError as error:
        store.notes.append(f"{error}. Runs are trained all the same.")
        return

    def take(typed: str) -> None:
        try:
            st.session_state[NAME] = classrooms.cleaned(typed)
        except ValueError as error:
            st.session_state["train_refused"] = f"{error}."

    with st.container(horizontal=True, vertical_alignment="bottom", key="train_room"):
        options = {"max_chars": classrooms.LONGEST_NAME, "width": 260}
        store.show(st.text_input, "nickname", _nickname(), take, f"Room {code}: your nickname", **options)
        st.page_link("pages/room.py", label="The board →", query_params={"room": code})
        st.button("Leave the room", key=store.key("leave_room"), on_click=store.change, kwargs={"room": ""})


def post(code: str, run_id: str) -> None:
    """A run that has just been started goes onto the board of its room, where there is one."""
    with suppress(ValueError):  # the room is gone; the page says so
        resources.classrooms().add(code, _nickname(), run_id, resources.session())


# --- the board


def standings(code: str) -> list[Standing]:
    """The runs of a room, the best first; those that were cleared away are left out. Raises ValueError where there is
    no such room."""
    found = []
    for entry in resources.classrooms().board(code):
        with suppress(ValueError):
            result = comparison.result(runs.find(entry.run))
            found.append(Standing(entry.nickname, result, _parameters(result.config.network, result.config.text)))
    return sorted(found, key=lambda one: (-(one.result.best or 0), one.result.seconds))


@st.cache_data(max_entries=200, show_spinner=False)
def _parameters(network: str, text: str) -> int:
    """Of a network of the zoo or of a text."""
    return sum(weight.numel() for weight in resources.network(network, text).parameters())


def board(store: Store[Board]) -> None:
    """The board as it is now."""
    try:
        found = standings(store.state.room)
    except ValueError as error:
        st.warning(plain_text(f"{error}."))
        return
    if not found:
        st.info("No run yet. Whoever opens the class link and presses Train appears here.")
        return
    best, people = found[0], len({one.nickname for one in found})
    share = "nothing measured yet" if best.result.best is None else percent(best.result.best)
    st.markdown(f"**{plain_text(best.nickname)}** leads with **{share}**: {len(found)} runs by {people}.")
    drawn = [one for one in found if one.result.best][:MAX_DRAWN]
    if drawn:
        named = {one.nickname: one for one in reversed(drawn)}  # the best of each
        points = [_point(one, store.state.axis, one is named[one.nickname]) for one in drawn]
        bubbles(store.key("plot"), points, *labels(store.state.axis), f"Room {store.state.room}")
    st.dataframe([_row(place, one) for place, one in enumerate(found, 1)], hide_index=True, key=store.key("table"))


def labels(axis: str) -> tuple[str, str]:
    """What the axes of the plot are."""
    return {"seconds": "seconds of training", "parameters": "parameters"}[axis], "best test accuracy"


def _point(one: Standing, axis: str, named: bool) -> dict[str, str | float]:
    """A run as a bubble, as large as its network; with its nickname where it is `named`."""
    over = {"seconds": max(one.result.seconds, 0.1), "parameters": one.parameters}[axis]
    accuracy = one.result.best or 0.0
    after = f"{plural(one.result.epoch, 'epoch')}, {duration(one.result.seconds)}"
    description = (
        f"{one.nickname}: {percent(accuracy)} after {after}, "
        f"{comparison.TITLES[one.result.config.network]}, {count(one.parameters)} parameters"
    )
    return {
        "id": one.result.id,
        "name": one.nickname if named else "",
        "x": over,
        "y": 100 * accuracy,
        "area": one.parameters,
        "description": description,
    }


def _row(place: int, one: Standing) -> dict[str, str | int | float | None]:
    """A run as a row of the table."""
    result = one.result
    return {
        "": place,
        "Who": one.nickname,
        "Best": None if result.best is None else round(100 * result.best, 2),
        "Seconds": round(result.seconds, 1),
        "Epochs": round(result.epoch, 2),
        "Network": comparison.TITLES[result.config.network],
        "Parameters": one.parameters,
        "Data set": result.config.dataset,
        "State": result.state,
    }


def opened(store: Store[Board]) -> None:
    """Callback: a new room, and its board."""
    store.change(room=resources.classrooms().open())

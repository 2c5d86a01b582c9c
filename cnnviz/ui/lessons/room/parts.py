"""A room's parts: who one is on its board, and the board."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from cnnviz import networks, runs
from cnnviz.data import spreadsheets
from cnnviz.lessons.common.format import count, duration, percent, plural
from cnnviz.lessons.room.settings import Board
from cnnviz.lessons.train.settings import Train
from cnnviz.runs import comparison
from cnnviz.runs.comparison import Result
from cnnviz.server import classrooms
from cnnviz.ui.core import reader, resources
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.room.bubbles import bubbles
from cnnviz.ui.shell.page import plain_text

NAME = "nickname"  # in the session
REFUSED = "room_refused"  # in the session: why something could not be done
EVERY = 2.0  # seconds between two looks at the board
MAX_DRAWN = 60  # bubbles; the table has all


@dataclass(frozen=True)
class Standing:
    """A run on the board: whose it is, what it has come to, and the parameters of its network."""

    nickname: str
    result: Result
    parameters: int


# --- on the Train page


def _nickname(code: str) -> str:
    """Who this reader is in a room: who they were there before, otherwise who they are in others. Raises ValueError
    where there is no such room."""
    rooms = resources.classrooms()
    known = rooms.nicknames(code)
    chosen = next((known[session] for session in reader.own(known)), st.session_state.get(NAME))
    if chosen is None:  # that it may be another's is nothing to be told of one that nobody chose
        chosen = rooms.name(code, classrooms.nickname(), reader.names())
    return _named(code, chosen)


def _named(code: str, wanted: str) -> str:
    """Goes by that nickname in a room from now on, or by one like it, which is said. Raises ValueError where there is
    no such room."""
    given = resources.classrooms().name(code, wanted, reader.names())
    if given != wanted:
        st.session_state["train_refused"] = f"“{wanted}” is somebody else's name in room {code}; yours is “{given}”."
    st.session_state[NAME] = given
    return given


def entered(store: Store[Train]) -> None:
    """Whose runs go onto which board; nothing outside of a room."""
    code = store.state.room
    if not code:
        return
    try:
        nickname = _nickname(code)
    except ValueError as error:
        store.notes.append(f"{error}. Runs are trained all the same.")
        return

    def take(typed: str) -> None:
        try:
            _named(code, classrooms.cleaned(typed))
        except ValueError as error:
            st.session_state["train_refused"] = f"{error}."

    with st.container(horizontal=True, vertical_alignment="bottom", key="train_room"):
        options = {"max_chars": classrooms.LONGEST_NAME, "width": 260}
        store.show(st.text_input, "nickname", nickname, take, f"Room {code}: your nickname", **options)
        st.page_link("pages/room.py", label="The board →", query_params={"room": code})
        st.button("Leave the room", key=store.key("leave_room"), on_click=store.change, kwargs={"room": ""})


def post(code: str, run_id: str) -> None:
    """A run that has just been started goes onto the board of its room, where there is one."""
    with suppress(ValueError):  # the room is gone; the page says so
        resources.classrooms().add(code, _nickname(code), run_id, *reader.names())
        runs.find(run_id).keep_on_board()


# --- the board


def standings(code: str) -> list[Standing]:
    """The runs of a room, the best first; those that were cleared away are left out. Raises ValueError where there is
    no such room."""
    found = []
    for entry in resources.classrooms().board(code):
        with suppress(ValueError):
            run = runs.find(entry.run)
            run.keep_on_board()
            result = comparison.result(run)
            found.append(Standing(entry.nickname, result, _parameters(result.config.network, result.config.text)))
    return sorted(found, key=lambda one: (-(one.result.best or 0), one.result.seconds))


@st.cache_data(max_entries=200, show_spinner=False)
def _parameters(network: str, text: str) -> int:
    """Of a network of the zoo or of a text."""
    return sum(weight.numel() for weight in networks.weightless(network, text).parameters())


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
    rows = spreadsheets.plain_rows(_row(place, one) for place, one in enumerate(found, 1))
    st.dataframe(rows, hide_index=True, key=store.key("table"))


def order(store: Store[Board]) -> None:
    """What who opened the room may do to its runs and to itself, folded; for nobody else. It is not drawn with every
    look at the board, so that nothing moves under a finger."""
    if not store.state.room:  # it has just been closed
        st.rerun()
    try:
        is_own = reader.owns(resources.classrooms().opener(store.state.room))
    except ValueError:  # there is no such room, as the board says
        return
    if is_own:
        with st.expander("Your room: stop or remove a run, close it", key=store.key("order"), on_change="rerun") as own:
            if own.open:
                _order(store)


def _order(store: Store[Board]) -> None:
    if refused := st.session_state.pop(REFUSED, ""):
        st.warning(plain_text(refused))
    found = {one.result.id: one for one in standings(store.state.room)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Run", list(found), format_func=lambda run: _in_short(found[run]), key=store.key("chosen"), width=420
        )
        for key, label, act in (("stop", "Stop it", _stop), ("remove", "Remove it from the board", _remove)):
            st.button(label, key=store.key(key), on_click=act, args=(store, chosen), disabled=not chosen)
        st.button("Close the room", key=store.key("close"), on_click=_close, args=(store,))


def _in_short(one: Standing) -> str:
    """A run in one line of a menu."""
    return f"{one.nickname} · {comparison.TITLES[one.result.config.network]} · {one.result.state}"


def _stop(store: Store[Board], run_id: str) -> None:
    _try(lambda: resources.stop(run_id))


def _remove(store: Store[Board], run_id: str) -> None:
    def remove() -> None:
        resources.classrooms().remove(store.state.room, run_id, reader.names())
        with suppress(ValueError):  # it was cleared away
            runs.find(run_id).leave_board()

    _try(remove)


def _close(store: Store[Board]) -> None:
    def close() -> None:
        for entry in resources.classrooms().close(store.state.room, reader.names()):
            with suppress(ValueError):  # it was cleared away
                runs.find(entry.run).leave_board()
        store.change(room="")

    _try(close)


def _try(act: Callable[[], object]) -> None:
    """Does it, or keeps the sentence that says why not."""
    try:
        act()
    except ValueError as error:
        st.session_state[REFUSED] = f"{error}."


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
    _try(lambda: store.change(room=resources.classrooms().open(resources.session())))

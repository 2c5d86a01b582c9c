"""Train: a short run in a process of its own, live; the link to the page shows the same run again."""

import streamlit as st

from cnnviz import runs
from cnnviz.lessons.train.settings import MAX_BESIDE, Train
from cnnviz.runs import Run
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.core import resources
from cnnviz.ui.lessons import controls, downloading, exercise_panel
from cnnviz.ui.lessons.room import parts as room
from cnnviz.ui.lessons.train import charts, compare, looks, preprocessing, run_view, setup, shelf
from cnnviz.ui.lessons.train.kernels import kernels
from cnnviz.ui.lessons.train.run_view import RunView
from cnnviz.ui.shell.page import lesson, notes, page, plain_text

store = page("train", Train)
settings = store.state
workers = run_view.engine()


def at_hand() -> RunView:
    """The run of the link, with a sentence where there is none; otherwise the one that ships as an example."""
    try:
        return run_view.read(runs.find(settings.run) if settings.run else runs.EXAMPLE)
    except ValueError as error:
        store.notes.append(f"{error}.")
        return run_view.read(runs.EXAMPLE)


def start() -> None:
    settings = store.state  # what was typed in the same moment counts
    try:
        started = workers.submit(setup.config(store), resources.session())
    except ValueError as error:  # what cannot be run, or not now
        st.session_state["train_refused"] = f"{error}."
        return
    if settings.room:
        room.post(settings.room, started)
    earlier = (settings.run, *settings.beside) if settings.run else settings.beside
    store.change(show="run", run=started, beside=tuple(dict.fromkeys(earlier))[:MAX_BESIDE])


def stop(run_id: str) -> None:
    try:
        resources.stop(run_id)
    except ValueError as error:
        st.session_state["train_refused"] = f"{error}."


def watch(run: Run, pace: float | None, refused: bool) -> None:
    """The run as it stands now; one full rerun when it ends, or when nobody carries it out any more, and when it is to
    be looked at in another pace than that."""
    try:
        view = run_view.read(run)
    except ValueError as error:  # its folder has just been cleared away
        st.warning(plain_text(f"{error}."))
        return
    active = run_view.is_active(view, workers)
    st.markdown(run_view.headline(view, active, workers))
    st.html(run_view.tiles(view, run_view.panel_state(view, active, refused)))
    charts.charts([view, *shelf.others(store, view)], settings.axis, active)
    if snapshot := run.snapshot:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            kernels(f"train_kernels_{run.id}", snapshot)
        with right:
            labels, at = snapshot.labels.tolist(), f"at step {snapshot.step:,}"
            images, key = snapshot.images, f"train_guesses_{run.id}"
            guesses(key, images, labels, snapshot.probabilities, snapshot.classes, "Guesses on test images", at)
    if pace is not None and run_view.pace(view, active, workers) != pace:
        st.rerun()


watched = at_hand()
active = run_view.is_active(watched, workers)
setup.strip(store, workers.limits.epochs)
exercise_panel.panel(store)
with st.container(key="train_stage"):
    with st.container(horizontal=True, vertical_alignment="center", key="train_buttons"):
        st.button("Train", key="train_start", type="primary", on_click=start)
        if active and resources.may_stop(watched.run):
            stopping = watched.run.stop_requested()
            st.button("Stop", key="train_stop", on_click=stop, args=(watched.run.id,), disabled=stopping)
        looks.switch(store)
    if note := setup.experiment_note(store):
        st.markdown(note)
    room.entered(store)
    downloading.offer(store, settings.dataset, shows_preview=False)
    if refused := st.session_state.pop("train_refused", ""):
        store.notes.append(refused)
    notes(store)
    match settings.show:
        case "steps":
            looks.one_step(store)
        case "pairs":
            looks.pair(store)
        case _:
            pace = run_view.pace(watched, active, workers)
            st.fragment(watch, run_every=pace)(watched.run, pace, bool(refused))
if settings.show == "run":
    shelf.run_actions(store, watched, active)
store.live(compare.fold)
preprocessing.fold(store)
shelf.folds(store, watched)
controls.challenges(store)
exercise_panel.offer(store)
st.markdown(lesson("train"))

"""Train: a short run in a process of its own, live; the link to the page shows the same run again."""

import streamlit as st

from cnnviz import runs
from cnnviz.lessons.train.settings import MAX_BESIDE, Train
from cnnviz.runs import Run
from cnnviz.ui import compare, controls, exercises, resources, room, setup, shelf, training
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.components.kernels import kernels
from cnnviz.ui.page import lesson, notes, page, plain_text
from cnnviz.ui.training import RunView

store = page("train", Train)
settings = store.state
workers = training.engine()


def at_hand() -> RunView:
    """The run of the link, with a sentence where there is none; otherwise the one that ships as an example."""
    try:
        return training.read(runs.find(settings.run) if settings.run else runs.EXAMPLE)
    except ValueError as error:
        store.notes.append(f"{error}.")
        return training.read(runs.EXAMPLE)


def start() -> None:
    settings = store.state  # what was typed in the same moment counts
    try:
        started = workers.submit(settings.config(), resources.session())
    except ValueError as error:  # what cannot be run, or not now
        st.session_state["train_refused"] = f"{error}."
        return
    if settings.room:
        room.post(settings.room, started)
    earlier = (settings.run, *settings.beside) if settings.run else settings.beside
    store.change(run=started, beside=tuple(dict.fromkeys(earlier))[:MAX_BESIDE])


def stop(run_id: str) -> None:
    try:
        workers.stop(run_id)
    except ValueError as error:
        st.session_state["train_refused"] = f"{error}."


def watch(run: Run, was_active: bool, refused: bool) -> None:
    """The run as it stands now; one full rerun when it ends, or when nobody carries it out any more."""
    try:
        view = training.read(run)
    except ValueError as error:  # its folder has just been cleared away
        st.warning(plain_text(f"{error}."))
        return
    active = training.is_active(view, workers)
    st.markdown(training.headline(view, active, workers))
    st.html(training.tiles(view, training.panel_state(view, active, refused)))
    training.charts([view, *shelf.others(store, view)], settings.axis)
    if snapshot := run.snapshot:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            kernels(f"train_kernels_{run.id}", snapshot)
        with right:
            labels, at = snapshot.labels.tolist(), f"at step {snapshot.step:,}"
            images, key = snapshot.images, f"train_guesses_{run.id}"
            guesses(key, images, labels, snapshot.probabilities, snapshot.classes, "Guesses on test images", at)
    if was_active and not active:
        st.rerun()


run_view = at_hand()
active = training.is_active(run_view, workers)
setup.strip(store, workers.limits.epochs)
exercises.panel(store)
with st.container(key="train_stage"):
    with st.container(horizontal=True, vertical_alignment="center", key="train_buttons"):
        st.button("Train", key="train_start", type="primary", on_click=start)
        if active:
            stopping = run_view.run.stop_requested()
            st.button("Stop", key="train_stop", on_click=stop, args=(run_view.run.id,), disabled=stopping)
        st.markdown(setup.experiment_note(store))
    room.entered(store)
    setup.fetch(store)
    if refused := st.session_state.pop("train_refused", ""):
        store.notes.append(refused)
    notes(store)
    st.fragment(watch, run_every=0.4 if active else None)(run_view.run, active, bool(refused))
shelf.run_actions(store, run_view, active)
store.live(compare.fold)
shelf.folds(store, run_view)
controls.challenges(store)
exercises.offer(store)
st.markdown(lesson("train"))

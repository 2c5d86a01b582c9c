"""Train: a short run in a process of its own, live; the link to the page shows the same run again."""

from dataclasses import replace

import streamlit as st

from cnnviz import runs
from cnnviz.runs import FINAL, Run
from cnnviz.settings.train import MOST_BESIDE, Train
from cnnviz.ui import resources, setup, shelf, state, training
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.components.kernels import kernels
from cnnviz.ui.page import lesson, notes, page

store = page("train", Train)
settings = store.state
workers = resources.workers()
workers.warm()


def run_at_hand() -> Run:
    """The run of the link, with a sentence where there is none; otherwise the one that ships as an example."""
    try:
        return runs.find(settings.run) if settings.run else runs.EXAMPLE
    except ValueError as error:
        store.notes.append(f"{error}.")
        return runs.EXAMPLE


def start() -> None:
    settings: Train = state.current("train")  # what was typed in the same moment counts
    try:
        started = workers.submit(settings.config(), resources.session())
    except ValueError as error:  # what cannot be run, or not now
        st.session_state["train_refused"] = f"{error}."
        return
    earlier = (settings.run, *settings.beside) if settings.run else settings.beside
    store.change(run=started, beside=tuple(dict.fromkeys(earlier))[:MOST_BESIDE])


def watch(run: Run, was_active: bool) -> None:
    """The run as it stands now; one full rerun when it ends, or when nobody carries it out any more."""
    if (found := shelf.read(store, run)) is None:
        return
    watched, others = found
    active = training.is_active(run, workers)
    st.markdown(training.headline(watched, active, workers))
    st.html(training.tiles(watched))
    training.charts([watched, *(one for one in others if one.config.dataset == watched.config.dataset)], settings.axis)
    if look := run.look:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            kernels(f"train_kernels_{run.id}", look)
        with right:
            guesses(f"train_guesses_{run.id}", look)
    if was_active and (not active or watched.state in FINAL):
        st.rerun()


run = run_at_hand()
active = training.is_active(run, workers)
setup.strip(store, workers.limits.epochs)
with st.container(horizontal=True, vertical_alignment="center", key="train_buttons"):
    st.button("Train", key="train_start", type="primary", on_click=start)
    if active:
        st.button("Stop", key="train_stop", on_click=workers.stop, args=(run.id,), disabled=run.stop_requested())
    st.markdown(setup.sentence_of(store))
setup.fetch(store)
if refused := st.session_state.pop("train_refused", None):
    store.notes.append(refused)
notes(store)
st.fragment(watch, run_every=0.4 if active else None)(run, active)
if not active:
    shelf.afterwards(store, run)
shelf.beside(store, run)
with st.expander("All runs here", key="train_all", on_change="rerun") as every:
    if every.open:
        shelf.table()
with st.expander("Files of this run", key="train_files", on_change="rerun") as own:
    if own.open:
        shelf.files(store, run)
st.markdown(lesson("train"))

"""Train: a short run in a process of its own, live; the link to the page shows the same run again."""

import streamlit as st

from cnnviz import runs
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import FINAL, Run
from cnnviz.settings.train import BATCH_SIZES, LEARNING_RATES, MOST_EPOCHS, NETWORKS, Train
from cnnviz.training import TrainConfig
from cnnviz.ui import resources, state, training
from cnnviz.ui.controls import control_strip, integer
from cnnviz.ui.page import lesson, notes, page

store = page("train", Train)
settings = store.state
resources.workers().warm()


def run_at_hand() -> Run | None:
    """The run of the link; a sentence where there is none."""
    try:
        return runs.find(settings.run) if settings.run else None
    except ValueError as error:
        store.notes.append(f"{error}.")
        return None


def start() -> None:
    settings: Train = state.current("train")  # what was typed in the same moment counts
    own = settings.network == OWN_TEXT
    try:
        config = TrainConfig(
            network=settings.network,
            text=settings.text if own else "",
            epochs=settings.epochs,
            learning_rate=float(settings.rate),
            batch_size=int(settings.batch),
        )
        store.change(run=resources.workers().submit(config))
    except ValueError as error:  # a text that is no network
        st.session_state["train_refused"] = str(error)


def watch(run: Run, was_active: bool) -> None:
    """The run as it stands now; one full rerun when it ends, or when nobody carries it out any more."""
    try:
        config, events = run.config(), run.events()
    except ValueError as error:
        st.warning(f"{error}.")
        return
    active = training.is_active(run, resources.workers().running())
    text = training.sentence(run, events, config, active)
    network = training.title(config.network)
    st.markdown(f"{network}, learning rate {config.learning_rate:g}, batches of {config.batch_size}. {text}")
    training.charts(run, events, config)
    if was_active and (not active or runs.state(events) in FINAL):
        st.rerun()


run = run_at_hand()
active = run is not None and training.is_active(run, resources.workers().running())
with control_strip("train_strip"):
    store.widget(st.selectbox, "network", "Network", NETWORKS, format_func=training.title, width=200)
    integer(store, "epochs", "Epochs", 1, MOST_EPOCHS)
    store.widget(st.selectbox, "rate", "Learning rate", LEARNING_RATES, width=130)
    store.widget(st.selectbox, "batch", "Batch size", BATCH_SIZES, width=110)
    st.button("Train", key="train_start", type="primary", on_click=start, disabled=active)
    if run and active:
        st.button("Stop", key="train_stop", on_click=run.request_stop, disabled=run.stop_requested())

if settings.network == OWN_TEXT:
    store.widget(st.text_area, "text", "Your network, as PyTorch writes it", height=230)
if refused := st.session_state.pop("train_refused", None):
    store.notes.append(refused)
notes(store)
if run:
    st.fragment(watch, run_every=0.4 if active else None)(run, active)
    if run.weights.is_file() and not active:
        st.page_link("pages/draw.py", label="Draw a digit for this network →", query_params={"network": run.id})
else:
    st.markdown("Press **Train**: the first points appear within about a second.")
st.markdown(lesson("train"))

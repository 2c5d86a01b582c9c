"""Draw a digit: the network reads it while it is written."""

import streamlit as st

from cnnviz import checkpoints
from cnnviz.checkpoints import Checkpoint
from cnnviz.drawing import has_ink, to_mnist
from cnnviz.inference import predict
from cnnviz.settings.draw import Draw
from cnnviz.ui import exercises, resources
from cnnviz.ui.components.pad import pad
from cnnviz.ui.components.prediction import prediction
from cnnviz.ui.controls import control_strip
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.theme import plural
from cnnviz.ui.training import percent

DEFAULT = "lenet5"
NOTHING = "Nothing is on the pad, so there is nothing to predict. Draw a digit from 0 to 9."

store = page("draw", Draw)


def chosen(name: str) -> Checkpoint:
    """The network that reads; the default one and a sentence where `name` is none."""
    try:
        return resources.checkpoint(name)
    except ValueError as error:
        store.notes.append(f"{error}. {DEFAULT} reads in its place.")
        return resources.checkpoint(DEFAULT)


@st.fragment
def read(checkpoint: Checkpoint) -> None:
    """The pad beside what the network makes of it; while one draws, only this is run again."""
    left, right = st.columns([5, 7], gap="large")
    with left:
        try:
            ink = pad("draw_pad")
        except ValueError as error:
            st.warning(f"{error}.")
            ink = None
    seen = to_mnist(ink) if ink is not None and has_ink(ink) else None
    probabilities = None if seen is None else predict(checkpoint, seen)
    with right:
        prediction("draw_prediction", checkpoint.card.classes, seen, probabilities, NOTHING)


checkpoint = chosen(store.state.network)
options = list(dict.fromkeys([*checkpoints.shipped(), store.state.network]))
with control_strip("draw_strip"):
    store.widget(st.selectbox, "network", "Network", options, width=320)
notes(store)
exercises.panel(store)
read(checkpoint)
card = checkpoint.card
measured = "" if card.accuracy is None else f", {percent(card.accuracy)} right on the test images"
st.caption(f"{card.network}, trained on {card.dataset} for {plural(card.epochs, 'epoch')}{measured}.")
st.markdown(lesson("draw"))
exercises.offer(store)

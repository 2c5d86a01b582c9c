"""What the network of the next run sees of a picture: the formula with its numbers, and how bright pixels are before
and after."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.lessons.train.settings import Train
from cnnviz.ops.arithmetic import times
from cnnviz.training.preprocessing import preprocessing
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.core.store import Store
from cnnviz.ui.core.theme import ROLES
from cnnviz.ui.lessons.train import setup
from cnnviz.ui.shell.page import plain_text

SOME = 2000  # training images whose pixels are counted
BINS = 64
CHANNELS = {  # how curves of so many channels are told apart
    1: [("grey", ROLES["input"])],
    3: [("red", ROLES["kernel"]), ("green", ROLES["output"]), ("blue", ROLES["input"])],
}
SOURCE = {  # where the numbers of the formula come from, as a sentence goes on
    "computed": "mean and deviation of its training images",
    "published": "mean and deviation of its training images as they are published",
    "half": "0.5 and 0.5, so that brightness goes from -1 to 1",
    "none": "nothing is taken off: brightness goes from 0 to 1",
}


def fold(store: Store[Train]) -> None:
    """The section, drawn once it is unfolded."""
    with st.expander("What the network sees of a picture", key=store.key("sees"), on_change="rerun") as unfolded:
        if unfolded.open:
            _section(store)


def _section(store: Store[Train]) -> None:
    """Formula, sizes and histograms of the settings; a sentence where they are none, or the data set is not here."""
    try:
        config = setup.config(store)
        if config.dataset not in datasets.names():
            raise ValueError(f"{config.dataset} is not on this machine yet")
        data = datasets.load(config.dataset)
        seen = preprocessing(config, data)
    except ValueError as error:
        st.markdown(plain_text(f"{error}."))
        return
    name, train, test = plain_text(data.name), len(data.x_train), len(data.x_test)
    st.markdown(
        f"{name} has {train:,} images to train on and {test:,} to test with, of {len(data.classes)} classes. Each of "
        f"their pixels, by {SOURCE[config.normalisation]}:"
    )
    st.latex(_formula(seen))
    st.markdown(_placed(data, seen))
    left, right = st.columns(2, gap="medium")
    before, after = _histograms(data, seen)
    with left:
        _histogram(store, "before", before)
    with right:
        _histogram(store, "after", after)


def _formula(seen: Preprocessing) -> str:
    """The formula with its numbers, as LaTeX; a row a channel."""
    pairs = zip(seen.mean, seen.std, strict=True)
    rows = [rf"x' = \frac{{x / 255 - {mean:.4g}}}{{{std:.4g}}}" for mean, std in pairs]
    return r"\begin{gathered}" + r" \\[0.6em] ".join(rows) + r"\end{gathered}"


def _placed(data: DataSet, seen: Preprocessing) -> str:
    """How a picture gets the size that the network takes."""
    size, own = times(seen.size), times(data.picture[1:])
    if seen.size == data.picture[1:]:
        return f"The network takes it as large as it is, {own}."
    how = "a frame of zeros is laid around it" if seen.fit == "framed" else "it is resized, in between bilinear"
    return f"The network takes {size} and the picture is {own}: {how}."


def _histograms(data: DataSet, seen: Preprocessing) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """How many of the pixels of SOME training images are how bright, before and after: for each channel a curve
    (2, BINS) of brightness and of shares. The frame counts, for the network sees it."""
    images = data.x_train[:SOME]
    plain, normalised = (make(images).numpy() for make in (seen.without_normalisation(), seen))
    return _curves(plain), _curves(normalised)


def _curves(values: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """(N, C, H, W) -> for each channel its curve."""
    low, high = float(values.min()), float(values.max())
    found = []
    for channel in range(values.shape[1]):
        counts, edges = np.histogram(values[:, channel], BINS, (low, max(high, low + 1e-6)))
        found.append(np.stack([(edges[1:] + edges[:-1]) / 2, counts / counts.sum()]))
    return found


def _histogram(store: Store[Train], name: str, curves: list[NDArray[np.float64]]) -> None:
    """The curves of the channels in one chart."""
    known = CHANNELS.get(len(curves), [(f"channel {place}", ROLES["input"]) for place in range(len(curves))])
    drawn: list[Series] = [
        {"name": title, "colour": colour, "x": curve[0], "y": curve[1]}
        for (title, colour), curve in zip(known, curves, strict=True)
    ]
    places = curves[0][0]
    half = float(places[1] - places[0]) / 2
    ends = float(places[0]) - half, float(places[-1]) + half
    key, x_label, y_label = store.key(f"sees_{name}"), f"brightness {name}", "share of pixels"
    lines(key, drawn, x_label, y_label, x_range=ends, percent=True, log=True, height=220)

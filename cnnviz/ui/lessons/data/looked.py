"""Which data set the Data page looks at, and what it is in a line."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets import previews
from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.datasets.looking import Figures
from cnnviz.lessons.common.format import plural
from cnnviz.lessons.data.settings import PARTS, VIEWS, Data
from cnnviz.lessons.data.text import PART_NAMES, VIEW_NAMES
from cnnviz.server import data_use
from cnnviz.server.helpers import Job
from cnnviz.ui.core import reader, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.naming import title
from cnnviz.ui.shell.page import plain_text

DEFAULT = "mnist"
SECONDS, MEGABYTES = 60.0, 1200  # that a helper may take to go through a data set
IN_DATA_SET = {"train": "training", "test": "test"}


@dataclass(frozen=True)
class Looked:
    """A data set that is looked at, by its name, with its arrays; `part` is 'train' or 'test'."""

    name: str
    arrays: Arrays
    part: str

    @property
    def images(self) -> np.ndarray:
        return self.arrays[f"x_{self.part}"]

    @property
    def labels(self) -> np.ndarray:
        own: np.ndarray = self.arrays[f"y_{self.part}"].reshape(-1)
        return own

    @property
    def classes(self) -> list[str]:
        return [str(name) for name in self.arrays["classes"]]

    @property
    def size(self) -> tuple[int, int, int]:
        """(H, W, C) of an image."""
        height, width, *channels = self.images.shape[1:]
        return height, width, (channels or [1])[0]

    @property
    def called(self) -> str:
        """What the data set is called in a sentence."""
        return title(self.name)


def strip(store: Store[Data]) -> None:
    """What is looked at, and of which data set."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_above"):
        if store.state.view not in ("bring", "record"):
            names = list(dict.fromkeys([*datasets.offered(reader.own), store.state.dataset]))
            store.widget(st.selectbox, "dataset", "Data set", names, format_func=title, width=240)
        store.widget(st.segmented_control, "view", "Look at", VIEWS, format_func=VIEW_NAMES.get)


def looked_at(store: Store[Data]) -> Looked | None:
    """The data set of the settings; MNIST and a sentence where it cannot be read, None where it is still to be had."""
    settings = store.state
    try:
        found = _read(store, settings.dataset, settings.part)
    except ValueError as error:
        if settings.dataset in datasets.downloads.SETS and settings.dataset not in datasets.names():
            return None  # it can be downloaded, which the page offers
        store.notes.append(f"{error}. MNIST is shown in its place.")
        return _read(store, DEFAULT, settings.part)
    if found:
        data_use.USE.look(settings.dataset, reader.name())
    return found


def _read(store: Store[Data], name: str, part: str) -> Looked | None:
    changed = datasets.changed(name)
    if datasets.needs_converting(name):
        asked = Job("prepare", (name, changed), 2 * SECONDS, MEGABYTES)
        if work.ask(store.key("prepare"), asked, f"Reading {plain_text(name)}") is None:
            return None
    return Looked(name, datasets.arrays(name), part)


def about(store: Store[Data], one: Looked) -> None:
    """What the data set is, in a line; of a preview, how to get the rest."""
    channels = {1: "in grey", 3: "in colour"}[one.size[2]]
    train, test = (len(one.arrays[f"y_{part}"]) for part in PARTS)
    sizes = f"{one.size[0]} × {one.size[1]} pixels {channels}, {plural(len(one.classes), 'class', 'classes')}"
    name = plain_text(one.called)
    if not datasets.is_preview(one.name):
        st.markdown(f"**{name}**: {train:,} training and {test:,} test images of {sizes}.")
        return
    whole = previews.of(one.name)
    st.markdown(
        f"**{name}, a preview**: {train:,} of {whole.counts[0]:,} training and {test:,} of {whole.counts[1]:,} test "
        f"images of {sizes}, without loss. {plain_text(whole.origin)}."
    )


def part_buttons(store: Store[Data]) -> None:
    """Training or test images."""
    store.widget(st.segmented_control, "part", "Part", PARTS, format_func=PART_NAMES.get)


def figures_of(store: Store[Data], name: str, part: str, words: str) -> Figures | None:
    """What there is to count of a part, by a helper; None while it counts, with `words` on the page."""
    asked = Job("figures", (name, datasets.changed(name), part), SECONDS, MEGABYTES)
    found: Figures | None = work.ask(store.key(f"figures_{part}"), asked, words)
    return found

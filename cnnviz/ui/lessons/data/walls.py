"""The wall of images of a data set: all of them in an order, or those that one step of training sees."""

from functools import partial

import numpy as np
import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets import looking, previews
from cnnviz.data.datasets.looking import Figures
from cnnviz.lessons.common.format import labels, plural, sentence_case
from cnnviz.lessons.data.settings import ALL, ORDERS, Data
from cnnviz.lessons.data.text import ORDER_NAMES, PART_NAMES
from cnnviz.networks.names import NORMALISATIONS
from cnnviz.training.preprocessing import PUBLISHED
from cnnviz.ui import pictures
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.data.browser import Seen, Wall, browser
from cnnviz.ui.lessons.data.looked import IN_DATA_SET, Looked, figures_of, part_buttons
from cnnviz.ui.shell.page import notes, plain_text

NORMALISED_BY = {
    "computed": "by mean and deviation of the training images",
    "published": "by mean and deviation as they are published",
    "half": "by 0.5 and 0.5",
    "none": "not normalised: from 0 to 1",
}


def images(store: Store[Data], one: Looked) -> None:
    """The wall of all images, and the one that is chosen."""
    settings = store.state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_row_images"):
        part_buttons(store)
        order = None if settings.only != ALL else settings.order

        def take(chosen: str) -> None:
            store.change(order=chosen, only=ALL)

        store.show(st.segmented_control, "order_choice", order, take, "Order", ORDERS, format_func=ORDER_NAMES.get)
        _only(store, one)
        if settings.order == "shuffled" and settings.only == ALL:
            controls.integer(store, "seed", "Seed", 0, 2**31 - 1)
            controls.integer(store, "epoch", "Epoch", 1, 1000)
        index = _shown(one, _order(settings, len(one.classes)), min(settings.image, len(one.images) - 1))
        controls.number(
            store, "image", "Image", index, 0, len(one.images) - 1, lambda chosen: store.take(image=chosen), width=130
        )
        options = {"format_func": labels(NORMALISATIONS).get, "width": 150}
        store.widget(st.selectbox, "normalisation", "Normalisation", NORMALISATIONS, **options)
    if settings.image >= len(one.images):
        store.notes.append(
            f"There is no {IN_DATA_SET[one.part]} image {settings.image:,}: the last is {len(one.images) - 1:,}."
        )
    if settings.only >= len(one.classes):
        store.notes.append(f"There is no class {settings.only}: there are {len(one.classes)}, counted from 0.")
    seen = _seen(store, one)
    notes(store)
    _wall(store, one, _order(settings, len(one.classes)), index, seen)
    if datasets.is_preview(one.name):
        place = previews.places(one.name, one.part)[index]
        st.caption(f"Image {index} of the preview is {IN_DATA_SET[one.part]} image {place:,} of all of {one.called}.")


def _shown(one: Looked, order: str, index: int) -> int:
    """The image that is looked at: that of the settings, or the first of the order where it is not among them."""
    try:
        places = pictures.places(one.name, one.part, order)
    except ValueError:  # which the wall says
        return index
    return index if not len(places) or (places == index).any() else int(places[0])


def _only(store: Store[Data], one: Looked) -> None:
    """One class alone."""
    options = [ALL, *range(len(one.classes))]
    here = store.state.only if store.state.only in options else ALL
    names = {ALL: "All", **dict(enumerate(one.classes))}

    def take(chosen: int) -> None:
        store.change(only=chosen)

    store.show(st.selectbox, "only", here, take, "Class", options, format_func=names.get, width=150)


def _order(settings: Data, classes: int) -> str:
    """The order as the addresses of pictures have it."""
    if ALL < settings.only < classes:
        return f"only-{settings.only}"
    return f"epoch-{settings.seed}-{settings.epoch}" if settings.order == "shuffled" else settings.order


def _wall(store: Store[Data], one: Looked, order: str, index: int, seen: Seen) -> None:
    try:
        places = pictures.places(one.name, one.part, order)
    except ValueError as error:
        st.warning(plain_text(f"{sentence_case(str(error))}."))
        return
    at = np.flatnonzero(places == index)
    wall = Wall(
        pictures.base(one.name, one.part, order),
        pictures.base(one.name, one.part, "image"),
        len(places),
        pictures.AT_ONCE,
        pictures.COLUMNS,
        looking.thumbnail(*one.size[:2], pictures.LONGEST),
        one.size,
        one.classes,
        f"{PART_NAMES[one.part]} image",
    )
    chosen = index if len(at) or not len(places) else int(places[0])
    choose = partial(_choose, store)
    browser(store.key("stage"), wall, chosen, int(at[0]) if len(at) else 0, seen, choose)


def _choose(store: Store[Data], index: int) -> None:
    store.take(image=index)


def _seen(store: Store[Data], one: Looked) -> Seen:
    """Mean and deviation of the normalisation that is chosen. Those of the set are computed by a helper; until they are
    there, nothing is taken off."""
    kind, channels = store.state.normalisation, one.size[2]
    words = NORMALISED_BY[kind]
    nothing = Seen((0.0,) * channels, (1.0,) * channels, NORMALISED_BY["none"])
    match kind:
        case "computed":
            if datasets.is_preview(one.name):
                whole = previews.of(one.name)
                return Seen(whole.mean, whole.std, f"{words}, all {whole.counts[0]:,} of them")
            found: Figures | None = figures_of(store, one.name, "train", "")
            deviations = () if found is None else tuple(max(value, 1e-6) for value in found.std)
            return nothing if found is None else Seen(found.mean, deviations, words)
        case "published" if one.name in PUBLISHED:
            return Seen(*PUBLISHED[one.name], words)
        case "published":
            store.notes.append(f"No mean and deviation of {one.called} are published here: nothing is taken off.")
        case "half":
            return Seen((0.5,) * channels, (0.5,) * channels, words)
    return nothing


# --- a batch


def batch(store: Store[Data], one: Looked) -> None:
    """The images that one step of training sees, in their order, and what they are as tensors."""
    settings, count = store.state, len(one.images)
    steps = -(-count // settings.batch_size)
    step = min(settings.step, steps)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_row_batch"):
        controls.integer(store, "batch_size", "Batch size", 1, 10_000)
        controls.number(store, "step", "Step", step, 1, steps, lambda chosen: store.take(step=chosen))
        controls.integer(store, "epoch", "Epoch", 1, 1000)
        controls.integer(store, "seed", "Seed", 0, 2**31 - 1)
        options = {"format_func": labels(NORMALISATIONS).get, "width": 150}
        store.widget(st.selectbox, "normalisation", "Normalisation", NORMALISATIONS, **options)
    if settings.step > steps:
        store.notes.append(f"There is no step {settings.step:,}: an epoch of {count:,} images has {steps:,} of them.")
    order = f"epoch-{settings.seed}-{settings.epoch}-{settings.batch_size}-{step}"
    try:
        places = pictures.places(one.name, "train", order)
    except ValueError as error:
        st.warning(plain_text(f"{sentence_case(str(error))}."))
        return
    height, width, channels = one.size
    shape = f"({len(places)}, {channels}, {height}, {width})"
    own = one.labels[places]
    first = ", ".join(map(str, own[:8].tolist()))
    names, most = np.unique(own, return_counts=True)
    often = plain_text(one.classes[names[most.argmax()]])
    last = " It is the last of the epoch, and takes what is left." if len(places) < settings.batch_size else ""
    seen = _seen(store, one)
    notes(store)
    st.markdown(
        f"Step {step:,} of {steps:,} in epoch {settings.epoch:,} sees `x` = **{shape}** `float32`, (N, C, H, W), and "
        f"`y` = **({len(places)},)** `int64` = [{first}, …].{last} {len(names)} of {len(one.classes)} classes are in "
        f"it, {often} most often, {plural(int(most.max()), 'time')}."
    )
    index = settings.image if settings.image in places else int(places[0])
    _wall(store, one, order, index, seen)

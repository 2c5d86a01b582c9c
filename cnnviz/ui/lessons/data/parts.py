"""The Data page's parts: the controls, the wall of images, and what is asked of a data set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets import looking, previews
from cnnviz.data.datasets.keras import Arrays
from cnnviz.data.datasets.looking import Figures, Repeats
from cnnviz.inference.suspicious import COUNT, Suspicious
from cnnviz.lessons.common.format import labels, percent, plural, probability, sentence_case
from cnnviz.lessons.data.settings import ALL, ORDERS, PARTS, VIEWS, Data
from cnnviz.lessons.data.text import ORDER_NAMES, PART_NAMES, VIEW_NAMES
from cnnviz.networks.names import AUGMENTATIONS, NORMALISATIONS
from cnnviz.runs.comparison import word
from cnnviz.server import data_use
from cnnviz.server.helpers import Job
from cnnviz.training.preprocessing import PUBLISHED
from cnnviz.ui import pictures
from cnnviz.ui.core import reader, work
from cnnviz.ui.core.html_table import Markup, table
from cnnviz.ui.core.store import Store
from cnnviz.ui.core.theme import ROLES
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.data.browser import Seen, Wall, browser
from cnnviz.ui.lessons.data.sheet import Shown, sheet
from cnnviz.ui.lessons.naming import title
from cnnviz.ui.shell.page import notes, plain_text

DEFAULT = "mnist"
TIMES = 12  # that an image is augmented
SECONDS, MEGABYTES = 60.0, 1200  # that a helper may take to go through a data set
SHOWN_GROUPS, SHOWN_EACH = 24, 6  # groups of images that are alike, and images of each
IN_DATA_SET = {"train": "training", "test": "test"}
NORMALISED_BY = {
    "computed": "by mean and deviation of the training images",
    "published": "by mean and deviation as they are published",
    "half": "by 0.5 and 0.5",
    "none": "not normalised: from 0 to 1",
}


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


# --- the controls


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


# --- images


def _images(store: Store[Data], one: Looked) -> None:
    """The wall of all images, and the one that is chosen."""
    settings = store.state
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_row_images"):
        _part(store)
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


def _part(store: Store[Data]) -> None:
    """Training or test images."""
    store.widget(st.segmented_control, "part", "Part", PARTS, format_func=PART_NAMES.get)


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
            found: Figures | None = _figures(store, one.name, "train", "")
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


def _batch(store: Store[Data], one: Looked) -> None:
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


# --- classes


def _classes(store: Store[Data], one: Looked) -> None:
    """How many images there are of each class, and what they are like in the mean."""
    notes(store)
    counted = "Counting the images"
    found = [_figures(store, one.name, part, counted if part == "train" else "") for part in PARTS]
    train, test = found
    if train is None or test is None:
        return
    st.markdown(_balance(one, train))
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.html(_bars(one, train, test))
    with right:
        means = [train.mean_image, *train.class_means]
        shown = [Shown("All", "mean of all training images", marked=True)]
        shown += [Shown(name, f"mean of {train.counts[at]:,}") for at, name in enumerate(one.classes[: len(means) - 1])]
        sheet(
            store.key("means"), "The mean image of each class", shown, np.stack(means), lambda at: _one_class(store, at)
        )
        st.html(_statistics(train, test))


def _one_class(store: Store[Data], at: int) -> None:
    """The images of a class alone."""
    store.change(view="images", only=at - 1, part="train")


def _balance(one: Looked, train: Figures) -> str:
    """Whether there are as many images of each class, in a sentence."""
    counts, names = np.array(train.counts), one.classes
    if counts.min() == counts.max():
        said = f"Each of the {len(names)} classes has {counts[0]:,} training images."
    else:
        most, least = int(counts.argmax()), int(counts.argmin())
        ratio = f", {counts.max() / counts.min():.1f} times as many" if counts.min() else ""
        said = (
            f"**{plain_text(names[most])}** has the most training images, {counts.max():,}{ratio}; "
            f"**{plain_text(names[least])}** the fewest, {counts.min():,}."
        )
    naive = percent(counts.max() / counts.sum(), 1)
    empty = f" {plural(train.empty, 'training image is', 'training images are')} of one colour." if train.empty else ""
    return f"{said} Whoever always says {plain_text(names[int(counts.argmax())])} is right in {naive}.{empty}"


def _bars(one: Looked, train: Figures, test: Figures) -> str:
    """A row a class, with a bar."""
    most = max(train.counts)
    rows = []
    for at, name in enumerate(one.classes):
        width = 100 * train.counts[at] / most if most else 0
        filled = f"display:block;height:12px;width:{width:.1f}%;min-width:1px;background:{ROLES['input']};opacity:1"
        bar = f"<i style='display:block;width:clamp(90px,16vw,220px);opacity:1'><i style='{filled}'></i></i>"
        rows.append((name, Markup(bar), f"{train.counts[at]:,}", f"{test.counts[at]:,}"))
    return table("Images of each class", ("Class", "", "Training", "Test"), rows, (2, 3), dense=True)


def _statistics(train: Figures, test: Figures) -> str:
    """Mean and deviation of each channel."""
    names = ("grey",) if len(train.mean) == 1 else ("red", "green", "blue")
    rows = [
        (name, *(f"{value:.4f}" for value in (train.mean[at], train.std[at], test.mean[at], test.std[at])))
        for at, name in enumerate(names)
    ]
    head = ("Channel, from 0 to 1", "Mean, training", "Deviation", "Mean, test", "Deviation")
    return table("Mean and deviation of each channel", head, rows, (1, 2, 3, 4), dense=True)


def _figures(store: Store[Data], name: str, part: str, words: str) -> Figures | None:
    asked = Job("figures", (name, datasets.changed(name), part), SECONDS, MEGABYTES)
    found: Figures | None = work.ask(store.key(f"figures_{part}"), asked, words)
    return found


# --- augmentation


def _augmentation(store: Store[Data], one: Looked) -> None:
    """One image, and twelve times as an augmentation lets it be seen."""
    settings = store.state
    index = min(settings.image, len(one.images) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_row_augmentation"):
        _part(store)
        names = {name: sentence_case(word(name)) for name in AUGMENTATIONS}
        store.widget(st.selectbox, "augmentation", "Augmentation", AUGMENTATIONS, format_func=names.get, width=200)
        last = len(one.images) - 1
        controls.number(store, "image", "Image", index, 0, last, lambda chosen: store.take(image=chosen), width=130)
        st.button(
            "Draw again", key=store.key("again"), on_click=lambda: store.change(draw=(settings.draw + 1) % 10_000)
        )
    notes(store)
    image = one.images[index]
    image = image if image.ndim == 3 else image[..., None]
    seed = settings.draw * 1_000_003 + index
    asked = Job("augmented", (np.ascontiguousarray(image), settings.augmentation, seed, TIMES))
    found = work.ask(store.key("augmented"), asked, "Changing the image")
    if found is None:
        return
    shown = [
        Shown("As it is", one.classes[one.labels[index]], marked=True),
        *(Shown(f"{at + 1}") for at in range(TIMES)),
    ]
    sheet(
        store.key("augmented"),
        f"{PART_NAMES[one.part]} image {index:,}, as training would see it",
        shown,
        np.concatenate([image[None], found]),
    )


# --- what is there twice, what may be wrong


def _repeats(store: Store[Data], one: Looked) -> None:
    """Images that are there more than once: to the byte, or at a glance."""
    notes(store)
    asked = Job("repeats", (one.name, datasets.changed(one.name)), 2 * SECONDS, MEGABYTES)
    found: Repeats | None = work.ask(store.key("repeats"), asked, "Comparing all images with one another")
    if found is None:
        return
    total = sum(len(one.arrays[f"y_{part}"]) for part in PARTS)
    if not found.equal and not found.alike:
        st.markdown(f"No two of the {total:,} images are equal, and none look alike.")
        return
    leaked = (
        f" **{plural(found.leaked, 'test image is', 'test images are')} among the training images**: what is measured "
        "on them says nothing."
        if found.leaked
        else " No test image is among the training images."
    )
    st.markdown(
        f"Of {total:,} images, {found.equal:,} {'is' if found.equal == 1 else 'are'} there already, equal in every "
        f"byte, and {found.alike:,} look alike: they are equal as grey pictures of 16 × 16.{leaked}"
    )
    _groups(store, one, "Equal", found.equal_groups)
    _groups(store, one, "Alike", found.alike_groups)


def _groups(store: Store[Data], one: Looked, name: str, groups: Sequence[Sequence[int]]) -> None:
    """Some images of the largest groups."""
    if not groups:
        return
    train = len(one.arrays["y_train"])
    shown, chosen, places = [], [], []
    for number, group in enumerate(groups[:SHOWN_GROUPS]):
        for place in group[:SHOWN_EACH]:
            part, index = ("train", place) if place < train else ("test", place - train)
            label = one.classes[int(one.arrays[f"y_{part}"].reshape(-1)[index])]
            more = f"{PART_NAMES[part]} {index:,}" + (f", {len(group)} in all" if len(group) > SHOWN_EACH else "")
            shown.append(Shown(label, more, group=number))
            chosen.append((part, index))
            places.append(one.arrays[f"x_{part}"][index])
    more = f", the first {SHOWN_GROUPS} groups" if len(groups) > SHOWN_GROUPS else ""
    many = plural(len(groups), "group")
    _clickable(store, name.lower(), f"{name}: {many}{more}", shown, np.stack(places), chosen)


def _clickable(
    store: Store[Data],
    name: str,
    title: str,
    shown: Sequence[Shown],
    pictures: np.ndarray,
    chosen: Sequence[tuple[str, int]],
) -> None:
    """Images of which a click looks at one on the wall."""
    pixels = pictures if pictures.ndim == 4 else pictures[..., None]

    def choose(place: int) -> None:
        part, index = chosen[place]
        store.change(view="images", part=part, image=index, only=ALL, order="index")

    sheet(store.key(name), title, shown, pixels, choose)


def _doubtful(store: Store[Data], one: Looked) -> None:
    """The images whose label the best shipped network contradicts with the highest probability."""
    with st.container(horizontal=True, key="data_row_labels"):
        _part(store)
    notes(store)
    asked = Job("suspicious", (one.name, datasets.changed(one.name), one.part), 3 * SECONDS, MEGABYTES)
    try:
        found: Suspicious | None = work.ask(store.key("suspicious"), asked, "Asking the best network for each image")
    except ValueError as error:
        st.markdown(plain_text(f"{sentence_case(str(error))}."))
        return
    if found is None:
        return
    places = found.places.tolist()
    classes = one.classes
    st.markdown(
        f"**{found.network}**, the best network here for these classes, misclassifies {found.wrong:,} of "
        f"{found.images:,} {IN_DATA_SET[one.part]} images. Those of which it is most certain come first: the label may "
        f"be wrong, or the network{'; it has seen these images in training' if one.part == 'train' else ''}."
    )
    shown = [
        Shown(f"label {classes[label]}", f"network: {classes[guess]}, {probability(float(value))}")
        for label, guess, value in zip(found.labels, found.guesses, found.probabilities, strict=True)
    ]
    if places:
        chosen = [(one.part, place) for place in places]
        heading = f"The {min(COUNT, len(places))} most certain of {found.wrong:,}"
        _clickable(store, "doubtful", heading, shown, one.images[places], chosen)


DRAWN: dict[str, Callable[[Store[Data], Looked], None]] = {
    "images": _images,
    "batch": _batch,
    "figures": _classes,
    "augmentation": _augmentation,
    "repeats": _repeats,
    "labels": _doubtful,
}

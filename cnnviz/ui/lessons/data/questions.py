"""What is asked of a data set: its classes, what an augmentation does, what is there twice, which labels to doubt."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets.looking import Figures, Repeats
from cnnviz.inference.suspicious import COUNT, Suspicious
from cnnviz.lessons.common.format import percent, plural, probability, sentence_case
from cnnviz.lessons.data.settings import ALL, PARTS, Data
from cnnviz.lessons.data.text import PART_NAMES
from cnnviz.networks.names import AUGMENTATIONS
from cnnviz.runs.comparison import word
from cnnviz.server.helpers import Job
from cnnviz.ui.core import work
from cnnviz.ui.core.html_table import Markup, table
from cnnviz.ui.core.store import Store
from cnnviz.ui.core.theme import ROLES
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.data.looked import IN_DATA_SET, MEGABYTES, SECONDS, Looked, figures_of, part_buttons
from cnnviz.ui.lessons.data.sheet import Shown, sheet
from cnnviz.ui.shell.page import notes, plain_text

TIMES = 12  # that an image is augmented
SHOWN_GROUPS, SHOWN_EACH = 24, 6  # groups of images that are alike, and images of each


# --- classes


def classes(store: Store[Data], one: Looked) -> None:
    """How many images there are of each class, and what they are like in the mean."""
    notes(store)
    counted = "Counting the images"
    found = [figures_of(store, one.name, part, counted if part == "train" else "") for part in PARTS]
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


# --- augmentation


def augmentation(store: Store[Data], one: Looked) -> None:
    """One image, and twelve times as an augmentation lets it be seen."""
    settings = store.state
    index = min(settings.image, len(one.images) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key="data_row_augmentation"):
        part_buttons(store)
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


def repeats(store: Store[Data], one: Looked) -> None:
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


def doubtful(store: Store[Data], one: Looked) -> None:
    """The images whose label the best shipped network contradicts with the highest probability."""
    with st.container(horizontal=True, key="data_row_labels"):
        part_buttons(store)
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

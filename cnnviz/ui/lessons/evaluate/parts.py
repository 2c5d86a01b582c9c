"""The Evaluate page's parts: what is measured, which images are chosen, and the figures of each class."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import streamlit as st

from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.inference import checkpoints
from cnnviz.inference.about import NO_DATA
from cnnviz.inference.evaluate import Evaluation, Indices
from cnnviz.lessons.common.format import percent, plural
from cnnviz.lessons.evaluate.settings import NONE, VIEWS, Evaluate, of_cell
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import weights
from cnnviz.server.helpers import Job
from cnnviz.ui.core import work
from cnnviz.ui.core.html_table import table
from cnnviz.ui.core.resources import checkpoint, version
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.evaluate import reliability
from cnnviz.ui.lessons.evaluate.confusion import confusion
from cnnviz.ui.lessons.evaluate.gallery import Tile, gallery
from cnnviz.ui.lessons.evaluate.specimen import specimen
from cnnviz.ui.lessons.weights import menu

DEFAULT = "lenet5"
A_PAGE = 16  # images, four rows of four
MAX_CLASSES = 25  # rows of the matrix
SECONDS, SECONDS_OWN = 120.0, 20.0  # that an evaluation may take: of resnet20 it takes a slow core a minute; own texts
VIEW_NAMES = {"misses": "Misclassified", "samples": "Samples"}  # the first is older, and stands in links
HEAD = ("Class", "Images", "Predicted", "Correct", "Recall", "Precision", "Most often predicted as")


# --- what is measured


@dataclass(frozen=True)
class EvaluatedModel:
    """A network, a data set, and what the one made of the other's test images."""

    network: str
    data: DataSet
    evaluation: Evaluation


def evaluated_model(store: Store[Evaluate]) -> EvaluatedModel | None:
    """The network of the settings; the default one and a sentence where it cannot be measured. None while it is."""
    try:
        return _measure(store, store.state.network, "evaluation")
    except ValueError as error:
        store.notes.append(f"{error}. {DEFAULT} is shown in its place.")
        return _measure(store, DEFAULT, "in_its_place")  # a place of its own, or the first would be asked for again


def _measure(store: Store[Evaluate], name: str, slot: str) -> EvaluatedModel | None:
    """A checkpoint that ships or the weights of a run, measured once for each file as it is now. Raises ValueError
    where it or its data set cannot be read, or where they do not fit."""
    path, changed = version(name)  # before they are read: weights of a run that come meanwhile are measured next
    card = checkpoint(name).card
    dataset, seconds = card.dataset, SECONDS_OWN if card.network == OWN_TEXT else SECONDS
    if dataset == NO_DATA:
        raise ValueError(f"{weights.title(name)} was brought without a data set; bring it again and choose one")
    data = datasets.at_hand(dataset)
    labels = sha256(data.y_test.numpy().tobytes()).hexdigest()
    asked = Job("evaluation", (str(path), changed, dataset, labels), seconds)
    found: Evaluation | None = work.ask(store.key(slot), asked, "Naming each of the test images")
    return None if found is None else EvaluatedModel(name, data, found)


# --- which images are chosen


@dataclass(frozen=True)
class Selection:
    """Test images in an order, those of `cell` where there is one; the page of them that is shown (from 1, of
    `pages`), and the one that is looked at."""

    cell: tuple[int, int] | None
    title: str
    indices: Indices
    page: int
    pages: int
    image: int

    @property
    def shown(self) -> Indices:
        return self.indices[(self.page - 1) * A_PAGE : self.page * A_PAGE]


def selection(store: Store[Evaluate], evaluation: Evaluation) -> Selection:
    """What the settings choose; a sentence for a cell or an image that there is not, and the last page for one beyond
    it."""
    settings, classes, images = store.state, len(evaluation.classes), len(evaluation.labels)
    cell, image = settings.cell, settings.image
    if cell and max(cell) >= classes:
        store.notes.append(
            f"There is no cell of row {cell[0]} and column {cell[1]}: the {classes} classes count from 0."
        )
        cell = None
    if image >= images:
        store.notes.append(f"There is no test image {image:,}: they are numbered from 0 to {images - 1:,}.")
        image = NONE
    title, indices = _chosen(evaluation, settings.view, cell)
    pages = max(1, -(-len(indices) // A_PAGE))
    page = min(settings.page, pages)
    if image == NONE:
        image = int(indices[(page - 1) * A_PAGE]) if len(indices) else 0
    return Selection(cell, title, indices, page, pages, image)


def _chosen(evaluation: Evaluation, view: str, cell: tuple[int, int] | None) -> tuple[str, Indices]:
    """The images of a cell or a view, in their order, and what they are called."""
    if cell:
        true, predicted = (evaluation.classes[n] for n in cell)
        indices = evaluation.of_cell(*cell)
        title = f"true {true}, predicted {predicted}: {plural(len(indices), 'image')}"
        if cell[0] == cell[1]:
            return _ordered(title, "least sure first", indices[::-1])
        return _ordered(title, "most confident first", indices)
    if view == "samples":
        shuffled = np.random.default_rng(0).permutation(len(evaluation.labels))
        return f"All {len(shuffled):,} test images, shuffled", shuffled
    wrong = evaluation.misclassified()
    return _ordered(
        f"{len(wrong):,} misclassified" if len(wrong) else "None misclassified", "most confident first", wrong
    )


def _ordered(title: str, order: str, indices: Indices) -> tuple[str, Indices]:
    """A title that names the order, where there is one."""
    return f"{title}, {order}" if len(indices) > 1 else title, indices


# --- controls and stage


def network(store: Store[Evaluate]) -> None:
    """Which network is measured."""
    options = list(dict.fromkeys([*checkpoints.shipped(), *menu.own(), store.state.network]))
    store.widget(st.selectbox, "network", "Network", options, format_func=weights.title, help=menu.HELP, width=260)


def strip(store: Store[Evaluate], images: int, image: int) -> None:
    """Network, view and the number of the test image."""
    network(store)
    _view_buttons(store)

    def take(chosen: int) -> None:
        store.take(image=chosen)

    controls.number(store, "image", "Test image", image, 0, images - 1, take, width=150)


def _view_buttons(store: Store[Evaluate]) -> None:
    """Misclassified images or samples; neither while a cell of the matrix is chosen."""
    here = None if store.state.cell else store.state.view

    def take(chosen: str) -> None:
        store.change(view=chosen, **of_cell(None))

    store.show(st.segmented_control, "view", here, take, "Images", VIEWS, format_func=VIEW_NAMES.__getitem__)


def stage(store: Store[Evaluate], one: EvaluatedModel, selected: Selection) -> None:
    """The confusion matrix, a page of images, and one of them with its bars."""
    evaluation, classes = one.evaluation, one.evaluation.classes
    matrix, images, details = st.columns([45, 36, 27], gap="medium")
    with matrix:
        rows = matrix_rows(evaluation, selected.cell)

        def choose(cell: tuple[int, int] | None) -> None:
            store.change(**of_cell(cell))

        confusion(store.key("stage"), classes, evaluation.confusion, rows, selected.cell, choose)
        if len(rows) < len(classes):
            st.caption(f"The {len(rows)} of {len(classes)} classes with the most misclassified images.")
    with images:
        tiles = [_tile(evaluation, int(index)) for index in selected.shown]
        pages, pictures = (selected.page, selected.pages), _pictures_of(one.data, selected.shown)
        gallery(store.key("gallery"), selected.title, tiles, pictures, pages, selected.image, _turning(store))
    with details:
        index = selected.image
        picture, label = _pictures_of(one.data, np.array([index]))[0], int(evaluation.labels[index])
        specimen(store.key("specimen"), index, picture, classes, label, evaluation.probabilities[index])


def _turning(store: Store[Evaluate]) -> Any:
    """The callback of the gallery: another page begins with its first image."""

    def change(**values: int) -> None:
        store.take(**({"image": NONE} | values))

    return change


def matrix_rows(evaluation: Evaluation, cell: tuple[int, int] | None) -> list[int]:
    """The classes that get a row: all, or those with the most misclassified images; always those of the chosen cell."""
    counts = evaluation.confusion
    if len(counts) <= MAX_CLASSES:
        return list(range(len(counts)))
    wrong = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
    wanted = [*(cell or ()), *np.argsort(-wrong, kind="stable").tolist()]
    return sorted(list(dict.fromkeys(wanted))[:MAX_CLASSES])


def _tile(evaluation: Evaluation, index: int) -> Tile:
    """What the gallery says of test image `index`."""
    label, guess = (evaluation.classes[numbers[index]] for numbers in (evaluation.labels, evaluation.guesses))
    return Tile(index, label, guess, float(evaluation.confidence[index]))


def _pictures_of(data: DataSet, indices: Indices) -> np.ndarray:
    """Those test images as the browser wants them: uint8 (N, H, W, C)."""
    return data.x_test[indices.tolist()].permute(0, 2, 3, 1).numpy()


# --- figures


def headline(one: EvaluatedModel) -> str:
    """Accuracy and top-5 in two sentences."""
    evaluation, classes = one.evaluation, len(one.evaluation.classes)
    images, wrong = len(evaluation.labels), len(evaluation.misclassified())
    share, name = percent(evaluation.accuracy), one.data.name
    of_whole = f" of {one.data.whole[1]:,}" if one.data.whole else ""
    correctly = (
        f"**{share}** of {'' if of_whole else 'the '}{images:,}{of_whole} test images of {name} are classified "
        f"correctly, {wrong:,} are not."
    )
    among = f"**Top-5: {percent(evaluation.top_k(5))}** have their label among the 5 most probable"
    if classes <= 5:
        return f"{correctly} Top-5 says nothing: there are only {plural(classes, 'class', 'classes')}."
    return f"{correctly} {among} of the {classes} classes."


def class_table(evaluation: Evaluation) -> str:
    """One row a class, as HTML."""
    rows = []
    for number, one in enumerate(evaluation.per_class()):
        shares = ("-" if share is None else percent(share) for share in (one.recall, one.precision))
        counts = (f"{one.count:,}", f"{one.predicted:,}", f"{one.right:,}")
        rows.append((one.name, *counts, *shares, _rival(evaluation, number)))
    # what is right stands on the diagonal of the matrix, too
    return table("Figures of each class", HEAD, rows, range(1, 7), dense=True, wide=[3])


def _rival(evaluation: Evaluation, number: int) -> str:
    """The class as which images of class `number` are misclassified most often, and how often."""
    others = evaluation.confusion[number].copy()
    others[number] = 0
    index = int(others.argmax())
    return f"{evaluation.classes[index]} ({others[index]:,})" if others[index] else "-"


def details(evaluation: Evaluation) -> None:
    """Below the stage: the figures of every class, and whether the probabilities can be believed."""
    classes, sure = st.columns([6, 5], gap="large")
    with classes:
        st.markdown("### Class by class")
        st.html(class_table(evaluation))
    with sure:
        st.markdown("### Is it as sure as it is right?")
        st.markdown(reliability.words(evaluation))
        st.html(reliability.bins_table(evaluation))

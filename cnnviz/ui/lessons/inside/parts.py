"""The Inside page's parts: which network looks at what, the overview, and what there is to know of one unit."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnnviz.data import datasets, pictures
from cnnviz.data.drawing import photographed, pipeline
from cnnviz.inference import checkpoints
from cnnviz.inference.about import NO_DATA
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.interpret import Anatomy, examine, on_maps, spans, unit_of, windows
from cnnviz.lessons.common.format import labels, probability
from cnnviz.lessons.inside.settings import SCALES, SOURCES, Inside
from cnnviz.runs import weights
from cnnviz.tracing import INPUT, Step
from cnnviz.ui.core import resources
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls
from cnnviz.ui.lessons.inside.maps import MAX_MAPS, MAX_UNITS, Card, maps
from cnnviz.ui.lessons.paper import extras, paper
from cnnviz.ui.lessons.weights import menu
from cnnviz.ui.shell.held import held
from cnnviz.ui.shell.page import notes, plain_text

DEFAULT = "lenet5"
FOLDED = ("Flatten", "Reshape")  # the same numbers in another order: not drawn
MAX_CELLS = 4_000_000  # of all maps of the overview, a byte each
Picture = NDArray[np.uint8]  # (H, W, C)


@dataclass(frozen=True, eq=False)
class UnitInspection:
    """A network by its `name`, the `picture` that it looks at as the network's input shows it, and what happened
    inside; `layer` and `at` are the unit that is looked at, (map, row, column) or (unit,) as it is drawn."""

    name: str
    checkpoint: Checkpoint
    picture: Picture
    inputs: torch.Tensor
    anatomy: Anatomy
    layer: str
    at: tuple[int, ...]

    @property
    def unit(self) -> tuple[int, ...]:
        """The unit among the values of its step."""
        return unit_of(tuple(self.anatomy.values[self.layer].shape), self.at)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.checkpoint.card.classes

    @property
    def probabilities(self) -> torch.Tensor:
        return self.anatomy.logits[: len(self.classes)].softmax(0)


# --- the network and its picture


def chosen(store: Store[Inside]) -> tuple[str, Checkpoint]:
    """The network of the settings with its name; the default one and a sentence where it cannot be read."""
    name, one, sentence = resources.readable(store.state.network, DEFAULT)
    store.notes += [sentence] if sentence else []
    return name, one


def strip(store: Store[Inside], checkpoint: Checkpoint) -> None:
    """Network, source of the picture, and how colours are scaled."""
    options = list(dict.fromkeys([*checkpoints.shipped(), *menu.own(), store.state.network]))
    store.widget(st.selectbox, "network", "Network", options, format_func=weights.title, help=menu.HELP, width=190)
    store.widget(st.segmented_control, "source", "Picture", SOURCES, format_func=labels(SOURCES).get)
    if store.state.source == "test image" and "image" not in store.lock.hidden:
        max_image = max(len(test_images(checkpoint)) - 1, 0)

        def take(chosen: int) -> None:
            store.take(image=chosen)

        image, fixed = min(store.state.image, max_image), store.lock.fixes("image")
        controls.number(store, "image", "Test image", image, 0, max_image, take, width=140, disabled=fixed)
    if store.state.source == "drawing":
        extras(store)
    label = "One colour scale for each"
    store.widget(st.segmented_control, "scale", label, SCALES, format_func=labels(SCALES).get)


def test_images(checkpoint: Checkpoint) -> torch.Tensor:
    """Test images of the network's data set, uint8 (N, C, H, W); none where it is not on this machine, or damaged."""
    name = checkpoint.card.dataset
    with suppress(ValueError):
        return datasets.at_hand(name).x_test
    return torch.zeros((0, 1, 1, 1), dtype=torch.uint8)


def picture(store: Store[Inside], checkpoint: Checkpoint) -> Picture:
    """What the network looks at, uint8 (H, W, C); sentences for what is missing go to the notes."""
    source, images = store.state.source, test_images(checkpoint)
    if source == "drawing":
        return _drawing(store, checkpoint)
    if source == "upload":
        return _upload(store, checkpoint)
    if not len(images):
        store.notes.append(_without_images(checkpoint.card.dataset))
        return _stand_in(checkpoint)
    index = store.state.image
    if index >= len(images):
        store.notes.append(f"There is no test image {index:,}: they are numbered from 0 to {len(images) - 1:,}.")
    return np.ascontiguousarray(images[min(index, len(images) - 1)].permute(1, 2, 0).numpy())


def _without_images(dataset: str) -> str:
    """Why there are no test images of the network's data set, and what helps."""
    if dataset == NO_DATA:
        return "The network was brought without a data set, so a built-in picture stands in; upload one of your own."
    return (
        f"{dataset} is not on this machine or damaged, so a built-in picture stands in for its test images; upload one "
        "of your own, or train on the data set once, which downloads it."
    )


def _stand_in(checkpoint: Checkpoint) -> Picture:
    """A built-in picture in the network's size: a digit in grey, a house otherwise."""
    grey = checkpoint.card.input_shape[0] == 1
    return _fitted(
        Image.fromarray(pictures.built_in("Digit" if grey else "House and tree").astype(np.uint8)), checkpoint
    )


def _drawing(store: Store[Inside], checkpoint: Checkpoint) -> Picture:
    """What is on the pad as MNIST would have made it; an empty picture without any ink."""
    channels = checkpoint.card.input_shape[0]
    pad_image = paper(store)
    if channels != 1:
        store.notes.append(
            f"{checkpoint.card.network} has learnt {checkpoint.card.dataset} and no digits: its answer is "
            "one of its own classes."
        )
    digit = pipeline(pad_image.picture)[-1].picture if pad_image else np.zeros((28, 28), np.uint8)
    return np.repeat(digit[..., None], channels, 2)


def _upload(store: Store[Inside], checkpoint: Checkpoint) -> Picture:
    """A file of the reader's own; a built-in picture until there is one."""
    limit = pictures.MAX_BYTES >> 20
    file = st.file_uploader(
        "Choose a picture", pictures.SUFFIXES, max_upload_size=limit, key=store.key("file"), width=420
    )
    held(store.name, ["your picture"] if file else [])
    if file is None:
        store.notes.append("A built-in picture is shown until you bring one. Links do not hold pictures.")
        return _stand_in(checkpoint)
    try:
        return read(file.getvalue(), checkpoint)
    except ValueError as error:
        store.notes.append(f"{file.name[:60]}: {error}")
        return _stand_in(checkpoint)


def read(data: bytes, checkpoint: Checkpoint) -> Picture:
    """The picture in a file's bytes as the network takes it. Raises ValueError where it is none."""
    if checkpoint.card.input_shape[0] == 1:
        return pipeline(photographed(data), photo=True)[-1].picture[..., None]
    pictures.read_upload(data)  # refuses what is too large, damaged or no picture
    with pictures.ONE_AT_A_TIME:
        return _fitted(pictures.flat(pictures.opened(data)), checkpoint)


def _fitted(image: Image.Image, checkpoint: Checkpoint) -> Picture:
    """The middle of a picture in the size and the channels that the network takes."""
    channels, height, width = checkpoint.card.input_shape
    wanted = ImageOps.fit(image.convert("L" if channels == 1 else "RGB"), (width, height), Image.Resampling.LANCZOS)
    return np.asarray(wanted, np.uint8).reshape(height, width, channels)


# --- what happens inside


def _inspect_unit(store: Store[Inside], name: str, checkpoint: Checkpoint, shown: Picture) -> UnitInspection:
    """Runs the network on the picture, and finds the unit of the settings. Raises ValueError where the network does not
    run on it, or where all that happens inside is too much to be looked at."""
    preprocessing = checkpoint.card.preprocessing
    image = torch.from_numpy(shown.copy()).permute(2, 0, 1)[None]
    inputs = preprocessing(image)
    anatomy = examine(checkpoint.network, inputs, checkpoint.cost)
    picture = preprocessing.pixels(image)[0].permute(1, 2, 0).numpy()
    layer = _chosen_layer(store, name, anatomy)
    at = _chosen_unit(store.state, on_maps(tuple(anatomy.values[layer].shape)))
    return UnitInspection(name, checkpoint, picture, inputs, anatomy, layer, at)


def looked_at(store: Store[Inside], name: str, checkpoint: Checkpoint, shown: Picture) -> UnitInspection | None:
    """Draw what the network says and every step's maps; a sentence and None where there is nothing to be drawn."""
    try:
        inspection = _inspect_unit(store, name, checkpoint, shown)
        said = _answer(inspection)
        _maps_of_a_step(inspection.anatomy)
    except ValueError as error:
        store.notes.append(f"{name} cannot be looked into: {error}.")
        notes(store)
        return None
    notes(store)
    st.markdown(said)
    _overview(store, inspection)
    return inspection


def _chosen_layer(store: Store[Inside], network: str, anatomy: Anatomy) -> str:
    """The step of the settings, the first one without; a sentence where the network has none of that name."""
    names, wanted = [step.name for step in _drawn_steps(anatomy)], store.state.layer
    if wanted and wanted not in names:
        store.notes.append(f"{network} has no layer {wanted[:40]}; {names[0]} is shown in its place.")
    return wanted if wanted in names else names[0]


def _chosen_unit(settings: Inside, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The unit of the settings, moved to the nearest one that the layer has."""
    return tuple(min(i, size - 1) for i, size in zip((settings.channel, settings.row, settings.col), shape))


def _drawn_steps(anatomy: Anatomy) -> list[Step]:
    """The steps that the overview shows: all that compute, or all where none does."""
    return [step for step in anatomy.steps if step.operation not in FOLDED] or list(anatomy.steps)


def _maps_of_a_step(anatomy: Anatomy) -> int:
    """How many maps of each step are drawn, so that a browser takes them. Raises ValueError where one of each is too
    much."""
    shapes = [on_maps(tuple(anatomy.values[step.name].shape)) for step in _drawn_steps(anatomy)]
    maps = [shape for shape in shapes if len(shape) == 3]
    for count in (MAX_MAPS, 16, 4, 1):
        if sum(min(count, shape[0]) * prod(shape[1:]) for shape in maps) <= MAX_CELLS:
            return count
    cells = sum(prod(shape[1:]) for shape in maps)
    raise ValueError(
        f"one map of each of its {len(maps):,} steps has {cells:,} cells, and {MAX_CELLS:,} are the most that "
        "are drawn; an early pooling, or fewer layers, would fit"
    )


def _overview(store: Store[Inside], inspection: UnitInspection) -> None:
    """Every step's maps; a click chooses a unit. Raises ValueError where they are too much to be drawn."""
    anatomy, max_maps = inspection.anatomy, _maps_of_a_step(inspection.anatomy)
    fields = spans(anatomy.steps)
    cards, values, blocks = [], {}, _joined_blocks(anatomy.steps)
    for step in _drawn_steps(anatomy):
        value = anatomy.values[step.name]
        value = value.reshape(on_maps(tuple(value.shape)))
        kept = value[: MAX_UNITS if value.dim() == 1 else max_maps].numpy()
        classes = inspection.classes if len(value) == len(inspection.classes) and value.dim() == 1 else ()
        labels = classes if step in anatomy.steps[-2:] else ()
        one = Card(
            step.name,
            step.operation,
            tuple(_visible(anatomy, source) for source in step.sources),
            kept.shape,
            len(value),
            float(np.abs(kept).max()),
            bool(kept.min() < 0),
            windows(step),
            fields[step.name],
            step.operation in ("Conv2d", "Linear", "Softmax", "LogSoftmax") and step.groups == 1,
            labels,
            tuple(kept.tolist()) if labels else (),
            next((block for block in blocks if step.name.startswith(f"{block}.")), ""),
        )
        cards.append(one)
        values[one.name] = kept

    def choose(layer: str, at: tuple[int, ...]) -> None:
        places = dict(zip(("channel", "row", "col"), at))
        store.change(layer=layer, **places)

    maps(
        store.key("maps"),
        cards,
        values,
        inspection.picture,
        store.state.scale,
        (inspection.layer, inspection.at),
        choose,
    )


def _joined_blocks(steps: Sequence[Step]) -> list[str]:
    """The blocks in which branches meet again, by a sum or side by side; of nested ones the outer first."""
    return sorted({step.scope for step in steps if len(step.sources) > 1 and step.scope}, key=len)


def _visible(anatomy: Anatomy, source: str) -> str:
    """The step that is drawn for `source`: the one before a flatten, which shows the same numbers."""
    while source != INPUT and anatomy.step(source).operation in FOLDED:
        source = anatomy.step(source).sources[0]
    return source


def _answer(inspection: UnitInspection) -> str:
    """What the network makes of the picture, in a sentence; of an empty one, nothing."""
    if not inspection.picture.any():
        return "Nothing is on the picture yet, so there is nothing to say: these are the activations of an empty one."
    shares = inspection.probabilities
    first, *others = shares.topk(min(2, len(shares))).indices.tolist()
    names = [plain_text(name) for name in inspection.classes]
    then = [f", then {names[other]} ({probability(float(shares[other]))})" for other in others]
    return f"It says **{names[first]}** ({probability(float(shares[first]))}){''.join(then)}."

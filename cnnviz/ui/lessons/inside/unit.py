"""One unit of the Inside page: its arithmetic, kernels, strongest inputs, and what speaks for a class."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
import streamlit as st
import torch

from cnnviz.data import datasets
from cnnviz.inference.about import NO_DATA
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.interpret import UNSHOWN, Arithmetic, Excited, arithmetic, spans
from cnnviz.lessons.common.format import number, sentence_case
from cnnviz.lessons.inside.settings import Inside
from cnnviz.server.helpers import Job
from cnnviz.tracing import Step
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.inside.figures import Figure, Row, figures
from cnnviz.ui.lessons.inside.parts import UnitInspection, test_images
from cnnviz.ui.shell.page import plain_text

SAMPLE = 2000  # test images that are searched for the strongest inputs
MAX_TERMS = 12  # windows that are shown; the sum counts all of them
MAX_KERNELS = 64
MAX_CELLS = 250_000  # numbers of all kernels, or windows, that are shown
MAX_DRAWN = 2_000_000  # numbers of a view, four bytes each
WAYS = (  # to ask why, beside Grad-CAM, which comes second
    "Saliency: where a small change would matter",
    "Integrated gradients: what each pixel adds",
    "Occlusion: how far the score falls without it",
)


def view(store: Store[Inside], inspection: UnitInspection) -> None:
    """The view of the settings, or a sentence that says why there is nothing to be seen."""
    parts = {"arithmetic": _sums, "kernels": kernels, "strongest inputs": _strongest, "why": _why}
    try:
        parts[store.state.view](store, inspection)
    except ValueError as error:
        st.info(plain_text(f"{sentence_case(str(error))}."))


def _draw(store: Store[Inside], key: str, rows: Sequence[Row], line: str = "") -> None:
    """The rows with their line. Raises ValueError where they are too much to be drawn."""
    cells = sum(figure.values.size for row in rows for figure in row.figures)
    if cells > MAX_DRAWN:
        raise ValueError(f"there are {cells:,} numbers to be drawn here, and {MAX_DRAWN:,} are the most")
    figures(store.key(key), rows, line)


# --- arithmetic


def _sums(store: Store[Inside], inspection: UnitInspection) -> None:
    """How the unit came to its value, with the numbers of this picture."""
    found = arithmetic(inspection.anatomy, inspection.layer, inspection.unit)
    step = inspection.anatomy.step(inspection.layer)
    place = ", ".join(map(str, inspection.unit))
    st.markdown(f"**{inspection.layer}** ({step.operation}), unit {place}: **{number(found.value)}**")
    rows = {"convolution": _convolution, "linear": _linear, "maximum": window, "average": window}.get(
        found.kind, _sources
    )
    if found.kind in ("softmax", "log softmax"):
        rows = _fraction
    if found.kind == UNSHOWN:
        st.info(f"How a {step.operation} works out its numbers is not taken apart here; this is what it gives.")
        return
    _draw(store, "sums", rows(inspection, step, found), _line(inspection, step, found))


def _convolution(inspection: UnitInspection, step: Step, found: Arithmetic) -> list[Row]:
    """Window x kernel = products for each input channel, those with the largest sums first."""
    count = min(MAX_TERMS, max(1, MAX_CELLS // found.terms[0].inputs.size))
    ordered = sorted(found.terms, key=lambda term: -abs(term.sum))[:count]
    max_x = max(float(np.abs(term.inputs).max()) for term in found.terms)
    max_w = max(float(np.abs(term.weights).max()) for term in found.terms if term.weights is not None)
    rows = []
    for term in ordered:
        assert term.weights is not None
        products = term.inputs * term.weights
        shown: dict[str, Any] = {"numbers": True, "side": 132 if term.inputs.size > 9 else 96}
        cells = [
            Figure(term.inputs, "window", most=max_x, role="input", **shown),
            Figure(term.weights, "kernel", most=max_w, role="kernel", before="×", **shown),
            Figure(products, "products", most=float(np.abs(products).max()), role="window", before="=", **shown),
        ]
        rows.append(Row(f"channel {term.channel}", cells, f"Σ {number(term.sum)}"))
    return rows


def _linear(inspection: UnitInspection, step: Step, found: Arithmetic) -> list[Row]:
    """Inputs, weights and contributions as pictures over the layer's inputs."""
    (term,) = found.terms
    assert term.weights is not None
    source = inspection.anatomy.step(step.sources[0]) if step.sources[0] != "input" else step
    maps_before = source.input_shape[1:]
    is_flattened = source.operation == "Flatten" and len(maps_before) == 3 and prod(maps_before) == term.inputs.size
    shape = maps_before if is_flattened else (1, 1, term.inputs.size)
    contributions = term.inputs * term.weights
    parts = [
        ("inputs", term.inputs, "input", ""),
        ("weights", term.weights, "kernel", "×"),
        ("contributions", contributions, "window", "="),
    ]
    cells = [
        Figure(_mosaic(values, shape), label, most=float(np.abs(values).max()), role=role, before=sign, side=230)
        for label, values, role, sign in parts
    ]
    maps = f"{shape[0]} maps of {shape[1]} × {shape[2]}" if shape[1] > 1 else f"{term.inputs.size} numbers"
    return [Row(f"{maps}, each times its weight", cells, f"Σ {number(term.sum)}")]


def _mosaic(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of (C, H, W) as one nearly square sheet of maps, zeros between them; (1, 1, n) is folded."""
    count, height, width = shape if len(shape) == 3 and shape[1] > 1 else (values.size, 1, 1)
    across = int(np.ceil(np.sqrt(count)))
    down, gap = -(-count // across), 1 if height > 1 else 0
    sheet = np.zeros((down * (height + gap) - gap, across * (width + gap) - gap), np.float32)
    for index, one in enumerate(values.reshape(count, height, width)):
        top, left = index // across * (height + gap), index % across * (width + gap)
        sheet[top : top + height, left : left + width] = one
    return sheet


def window(inspection: UnitInspection, step: Step, found: Arithmetic) -> list[Row]:
    """The cells that are pooled."""
    cells = found.terms[0].inputs
    side = min(180, 48 * max(cells.shape))
    one = Figure(cells, "window", most=float(np.abs(cells).max()), role="input", numbers=True, side=side)
    return [Row(f"map {found.at[0]}", [one], f"{found.kind} = {number(found.value)}")]


def _fraction(inspection: UnitInspection, step: Step, found: Arithmetic) -> list[Row]:
    """Logits, their exponentials, and each one's share of their sum."""
    (term,) = found.terms
    assert term.weights is not None
    shares = term.weights / term.weights.sum()
    names = " ".join(inspection.classes) if len(inspection.classes) == term.inputs.shape[1] <= 10 else ""
    parts = [("logits", term.inputs, "input"), ("exponentials", term.weights, "window"), ("shares", shares, "output")]
    return [
        Row(f"{label}  {names}", [Figure(x, label, most=float(np.abs(x).max()), role=role, numbers=True, side=460)])
        for label, x, role in parts
    ]


def _sources(inspection: UnitInspection, step: Step, found: Arithmetic) -> list[Row]:
    """One number from each source."""
    return [
        Row("", [Figure(term.inputs, source, most=max(abs(term.sum), 1e-9), role="input", numbers=True, side=60)])
        for term, source in zip(found.terms, step.sources)
    ]


def _line(inspection: UnitInspection, step: Step, found: Arithmetic) -> str:
    """The arithmetic in one line."""
    value, known = number(found.value), dict(found.constants)
    if found.kind in ("convolution", "linear"):
        terms = [number(term.sum) for term in found.terms]
        rest = f" (the {MAX_TERMS} largest of {len(terms)} channels are shown)" if len(terms) > MAX_TERMS else ""
        total = (
            " + ".join(_bracketed(text) for text in terms[:MAX_TERMS]) if not rest else f"Σ of {len(terms)} channels"
        )
        bias = "" if found.bias is None else f" + bias {_bracketed(number(found.bias))}"
        return f"{total}{bias} = {value}{_after(inspection, found)}{rest}"
    if found.kind == "softmax":
        top = number(found.terms[0].sum)
        return f"exp(logit - {number(known['largest'])}) / sum = {top} / {number(known['sum'])} = {value}"
    if found.kind == "normalisation":
        x = number(found.terms[0].sum)
        scaled = f"({x} - {_bracketed(number(known['mean']))}) / {number(known['deviation'])}"
        return f"{scaled} × {number(known['weight'])} + {_bracketed(number(found.bias or 0))} = {value}"
    if found.kind == "log softmax":
        top = number(found.terms[0].sum)
        return f"log(exp(logit - {number(known['largest'])}) / sum) = log({top} / {number(known['sum'])}) = {value}"
    if found.kind == "function":
        return f"{step.operation}({number(found.terms[0].sum)}) = {value}"
    if found.kind == "sum":
        return f"{' + '.join(_bracketed(number(term.sum)) for term in found.terms)} = {value}"
    if found.kind == "passed" and found.terms:
        call = f"max(0, {number(found.terms[0].sum)})" if step.operation == "ReLU" else number(found.terms[0].sum)
        return f"{call} = {value}"
    return f"= {value}"


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _after(inspection: UnitInspection, found: Arithmetic) -> str:
    """The ReLU that follows, where one does."""
    following = next((one for one in inspection.anatomy.steps if inspection.layer in one.sources), None)
    if following is None or following.operation != "ReLU":
        return ""
    return f", and after ReLU max(0, {number(found.value)}) = {number(max(0.0, found.value))}"


# --- kernels and strongest inputs


def kernels(store: Store[Inside], inspection: UnitInspection) -> None:
    """The kernels of the chosen layer, or of the first convolution."""
    layers = dict(inspection.anatomy.network.named_modules())
    names = [step.name for step in inspection.anatomy.steps if step.operation in ("Conv1d", "Conv2d") and step.module]
    if not names:
        st.info("This network has no Conv2d or Conv1d, and so no kernels.")
        return
    name = inspection.layer if inspection.layer in names else names[0]

    def take(chosen: str) -> None:
        store.take(layer=chosen)

    store.show(st.selectbox, "kernels", name, take, "Convolution", names, width=220)
    whole = layers[inspection.anatomy.step(name).module].weight.numpy()
    weights = whole if whole.ndim == 4 else whole[:, :, None]  # those of a Conv1d are a row high
    max_abs, count = float(np.abs(weights).max()), weights.shape[1]
    side = 72 if count == 1 else 120
    shown = [
        Figure(_mosaic(kernel, kernel.shape), f"{index}", most=max_abs, role="kernel", side=side)
        for index, kernel in enumerate(_first_kernels(weights))
    ]
    many = f", one grid for each of {count} input channels" if count > 1 else ""
    if len(shown) < len(weights):
        many += f"; the first {len(shown)} are shown"
    _draw(
        store,
        "kernel_figures",
        [Row(f"{len(weights)} kernels{many}; ends of the scale ± {number(max_abs)}", shown)],
    )


def _first_kernels(weights: np.ndarray) -> np.ndarray:
    """As many of the kernels (F, C, kh, kw) as are drawn, and as many channels where one alone has too many."""
    _, channels, height, width = weights.shape
    channels = min(channels, max(1, MAX_CELLS // (height * width)))
    return weights[: max(1, min(MAX_KERNELS, MAX_CELLS // (channels * height * width))), :channels]


def _strongest(store: Store[Inside], inspection: UnitInspection) -> None:
    """The test images that excite the unit's map most, with the place outlined."""
    images = test_images(inspection.checkpoint)
    if not len(images):
        dataset = inspection.checkpoint.card.dataset
        why = (
            "The network was brought without a data set" if dataset == NO_DATA else f"{dataset} is not on this machine"
        )
        st.info(f"{why}, so there are no test images to search.")
        return
    if inspection.layer == inspection.anatomy.steps[-1].name and inspection.layer == "softmax":
        st.info("Choose a step of the network itself; the softmax only compares the scores.")
        return
    path, changed = resources.version(inspection.name)
    count = inspection.checkpoint.cost.pictures(min(SAMPLE, len(images)))
    dataset = inspection.checkpoint.card.dataset
    asked = Job("strongest", (str(path), changed, dataset, datasets.changed(dataset), inspection.layer, count))
    found: Excited | None = work.ask(store.key("search"), asked, "Searching the test images")
    if found is None:
        return
    channel, field = inspection.at[0], spans(inspection.anatomy.steps)[inspection.layer]
    shown = []
    for image, place, value in zip(found.images[channel], found.places[channel], found.values[channel]):
        pixels = _framed(images[int(image)], inspection.checkpoint)
        box = (*field[0][place[0]], *field[1][place[1]]) if field else None
        tone = "colour" if pixels.shape[2] == 3 else "grey"
        values = pixels if tone == "colour" else pixels[..., 0]
        shown.append(Figure(values, f"image {image}: {number(float(value))}", tone, box=box, side=124))
    title = f"{inspection.layer}, map {channel}: the strongest of {count:,} test images"
    _draw(store, "strongest", [Row(title, shown)])


def _framed(image: torch.Tensor, checkpoint: Checkpoint) -> np.ndarray:
    """A test image as it lies on the network's input, uint8 (H, W, C)."""
    return checkpoint.card.preprocessing.pixels(image[None])[0].permute(1, 2, 0).numpy()


# --- why


def _why(store: Store[Inside], inspection: UnitInspection) -> None:
    """Four attributions side by side, for a class and a layer that can be chosen; a sentence for each that there is
    not."""
    classes, settings = inspection.classes, store.state
    named = int(inspection.probabilities.argmax())
    target = settings.target if 0 <= settings.target < len(classes) else named
    layers = [step.name for step in inspection.anatomy.steps if len(step.output_shape) == 4]
    convolutions = [step.name for step in inspection.anatomy.steps if step.operation == "Conv2d"]
    cam = settings.cam if settings.cam in layers else (convolutions or layers or [""])[-1]
    with st.container(horizontal=True, key=store.key("why_strip")):
        _choose(store, "target", "Why this class", list(range(len(classes))), target, classes.__getitem__)
        if layers:
            _choose(store, "cam", "Layer of Grad-CAM", layers, cam, str)
    tone = "colour" if inspection.picture.shape[2] == 3 else "grey"
    own = inspection.picture if tone == "colour" else inspection.picture[..., 0]
    shown, missing = [Figure(own, "The picture", tone, side=190)], []
    path, changed = resources.version(inspection.name)
    asked = Job("why", (str(path), changed, inspection.inputs.numpy(), target, cam))
    found: tuple[np.ndarray | str, ...] | None = work.ask(
        store.key("ways"), asked, f"Asking what speaks for {plain_text(classes[target])}"
    )
    if found is None:
        return
    on_maps = f"Grad-CAM on {cam}: where its maps speak for it" if cam else "Grad-CAM"
    for label, values in zip((WAYS[0], on_maps, *WAYS[1:]), found, strict=True):
        if isinstance(values, str):
            missing.append(f"{label.partition(':')[0]}: {values}.")
        else:
            shown.append(Figure(values, label, most=float(np.abs(values).max()), side=190))
    _draw(store, "why", [Row(f"What speaks for {classes[target]}", shown)])
    if missing:
        st.info("  \n".join(map(plain_text, missing)))
    st.caption("Each has its own scale: dark grey speaks for the class, pink against it, the page's colour is 0.")


def _choose(
    store: Store[Inside], field: str, label: str, options: list[Any], here: Any, name: Callable[[Any], str]
) -> None:
    """A select box for a setting that is chosen for the reader until they choose."""

    def take(chosen: Any) -> None:
        store.take(**{field: chosen})

    store.show(st.selectbox, field, here, take, label, options, format_func=name, width=220)

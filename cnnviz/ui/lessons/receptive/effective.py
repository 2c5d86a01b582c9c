"""Theory against practice: what moves a unit, as heat maps over the input. Imports torch; for use once unfolded."""

import base64
import io
from html import escape
from threading import Lock

import numpy as np
import streamlit as st
import torch
from PIL import Image
from torch import nn

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Card
from cnnviz.interpret import effective_field
from cnnviz.lessons.common.format import percent
from cnnviz.lessons.receptive.settings import Receptive
from cnnviz.networks import zoo
from cnnviz.ops.receptive_field import Span, Stack, span
from cnnviz.ops.windows import Array
from cnnviz.ui.core import resources, theme

DIGITS = 64  # test images that a trained network is shown
NETWORKS = 8  # untrained ones that are averaged
SEEDING = Lock()
STYLE = """<style>
.cnnviz-heat { --line: color-mix(in srgb, currentColor 30%, transparent); }
.cnnviz-heat { display: flex; flex-wrap: wrap; gap: 18px 36px; font-variant-numeric: tabular-nums; }
.cnnviz-heat figure { margin: 0; width: 250px; }
.cnnviz-heat .map { position: relative; overflow: hidden; height: 250px; outline: 1px solid var(--line); }
.cnnviz-heat img { width: 100%; height: 100%; image-rendering: pixelated; display: block; border-radius: 0; }
.cnnviz-heat i { position: absolute; outline: 2px solid #E69F00; }
.cnnviz-heat i.half { outline: 1.5px dashed #E69F00; }
.cnnviz-heat figcaption { font-size: 0.9rem; line-height: 1.4; padding-top: 6px; }
</style>"""


def panel(settings: Receptive) -> None:
    """Heat maps of the unit that is shown: with random weights, and where a trained network has these layers, there."""
    layer, row, col = settings.unit
    stack = settings.whole
    field = span(stack.layers[:layer])
    with st.spinner("Following the gradient"):
        heats = _gradients(stack, layer, row, col)
    figures = "".join(_figure(name, heat, field, row, col) for name, heat in heats.items())
    st.html(f"{STYLE}<div class=cnnviz-heat>{figures}</div>")
    st.caption(
        "How strongly each input cell moves the unit: the gradient's absolute value, averaged over inputs; full "
        "colour is the largest. The frame is the receptive field, the dashed one its middle half."
    )
    if _twin(stack) is None:
        st.caption("LeNet-5 (under Ready-made) has these pictures for a trained network, too.")


@st.cache_data(max_entries=64, show_spinner=False)
def _gradients(stack: Stack, layer: int, row: int, col: int) -> dict[str, Array]:
    """Heat maps (H, W) by name."""
    cut = Stack(stack.layers[:layer], stack.size)
    name = _twin(stack)
    if name is None:
        return {"Random weights": effective_field.random_gradient(cut, row, col)}
    trained = resources.checkpoint(name)
    digits = _test_digits(trained.card)
    fresh = [
        effective_field.gradient(effective_field.cut(_untrained(name, seed), layer), digits, row, col)
        for seed in range(NETWORKS)
    ]
    learnt = effective_field.gradient(effective_field.cut(trained.network, layer), digits, row, col)  # type: ignore[arg-type]
    return {f"{name}, untrained": np.mean(fresh, axis=0), f"{name}, trained": learnt}


def _twin(stack: Stack) -> str | None:
    """The network with a shipped checkpoint whose layers are these and whose data are at hand; None where there is
    none."""
    for name, path in checkpoints.shipped().items():
        try:
            if effective_field.stack_of(name) == stack and checkpoints.read_card(path).dataset in datasets.names():
                return name
        except ValueError:
            continue  # no plain stack
    return None


def _untrained(name: str, seed: int) -> nn.Sequential:
    """A network of the zoo as its training would begin. torch's generator is one for all sessions: each has it for
    itself meanwhile."""
    with SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return zoo.build(name).eval().requires_grad_(False)  # type: ignore[return-value]


def _test_digits(card: Card) -> torch.Tensor:
    """The first test images of a checkpoint's data set as its network sees them: (N, C, H, W)."""
    images = datasets.load(card.dataset).x_test[:DIGITS]
    return card.preprocessing(images)


def _figure(name: str, heat: Array, field: Span, row: int, col: int) -> str:
    """One heat map with its frames and its figures, as HTML."""
    half = effective_field.middle(field, row)
    frames = _frame("", field.cells(row), field.cells(col), len(heat))
    frames += _frame("half", half, effective_field.middle(field, col), len(heat))
    share = effective_field.share_in_the_middle(heat, field, row, col)
    even = percent(len(half) ** 2 / field.size**2, 0)
    where = f"The middle {len(half)} × {len(half)} of the {field.size} × {field.size} cells, {even} of the area,"
    said = f"{where} hold {percent(share, 0)} of the gradient."
    alt = f"{name}: heat map of the gradient. {said}"
    return (
        f'<figure><div class=map><img alt="{escape(alt)}" src="{_picture(heat)}">{frames}</div>'
        f"<figcaption><b>{escape(name)}</b><br>{said}</figcaption></figure>"
    )


def _frame(name: str, rows: range, cols: range, size: int) -> str:
    """The outline of some cells of a map of `size`, as HTML."""
    places = {"top": rows.start, "left": cols.start, "height": len(rows), "width": len(cols)}
    style = ";".join(f"{side}:{100 * cells / size:.3f}%" for side, cells in places.items())
    return f'<i class="{name}" style="{style}"></i>'


def _picture(heat: Array) -> str:
    """A heat map as the address of a PNG: the input's colour, the stronger the larger the value."""
    largest = float(heat.max()) or 1.0
    palette = theme.ROLES_ON_DARK if st.context.theme.type == "dark" else theme.ROLES
    pixels = np.empty((*heat.shape, 4), np.uint8)
    pixels[..., :3] = tuple(bytes.fromhex(palette["input"][1:]))
    pixels[..., 3] = np.rint(255 * heat / largest)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()

"""The Architectures page's parts: a milestone with its block, the summary, the plot, figures that do not add up."""

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from cnnviz.lessons.architectures.settings import Architectures
from cnnviz.lessons.common.format import count, percent
from cnnviz.networks import zoo
from cnnviz.networks.zoo import claims, history
from cnnviz.networks.zoo.history import MILESTONES, Milestone, Published
from cnnviz.ops.arithmetic import times
from cnnviz.tracing import trace
from cnnviz.ui.components.diagram import diagram
from cnnviz.ui.core import resources
from cnnviz.ui.core.html_table import table
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import plots

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SOURCE = "J. Yanhong, LAB8 tutorial, 2022"  # of the accuracies; parameters and MACs are computed
AREA = 80  # pixels across the largest circle


@dataclass(frozen=True)
class Totals:
    """What the tracer computes of a network for one image."""

    parameters: int
    macs: int
    layers: int


@st.cache_data(show_spinner=False)
def totals(network: str) -> Totals:
    """Of a network of the zoo, at its own input size."""
    steps = resources.traced(network, "", (1, *zoo.entry(network).input_shape)).steps
    layers = sum(step.operation in ("Conv2d", "Linear") and "downsample" not in step.name for step in steps)
    return Totals(sum(step.parameters for step in steps), sum(step.macs for step in steps), layers)


@st.cache_data(show_spinner=False)
def flat_or_kernels() -> str:
    """One dense layer beside a network of convolutions, on pictures of two sizes, as HTML."""
    name, small, large = "residual_8", 32, 224
    kernels, deep = totals(name), zoo.entry(name)
    rows = []
    for side in (small, large):
        steps = trace(history.flat(side), (1, 3, side, side))
        parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
        what = f"One dense layer, f(x) = Wx + b, W of 10 × {count(3 * side * side)}"
        rows.append([what, times((side, side)), count(parameters), count(macs)])
    what = f"{deep.title}: {kernels.layers} layers with weights, nearly all kernels of 3 × 3"
    rows.insert(1, [what, times((small, small)), count(kernels.parameters), count(kernels.macs)])
    return table(
        "A flat network and one of convolutions", ["Network", "Picture", "Parameters", "MACs"], rows, range(1, 4)
    )


def milestone(store: Store[Architectures]) -> None:
    """The idea, the block, and the way to the whole network."""
    one = MILESTONES[store.state.milestone]
    st.markdown(f"**{one.key}, {one.year}.** {one.idea}{' ' + _measures(one) if one.network else ''}")
    block = history.block(one.key)
    diagram(store, "block", trace(block, one.input_shape), one.input_shape, height=90, title=f"{one.key}, {one.year}")
    if one.network:
        st.page_link(
            "pages/shapes.py", label="The whole network, layer by layer →", query_params={"network": one.network}
        )


def _measures(one: Milestone) -> str:
    """Layers, parameters and MACs of a milestone, as a sentence."""
    computed = totals(one.network)
    return (
        f"{computed.layers} layers with weights, {count(computed.parameters)} parameters, {count(computed.macs)} MACs "
        "for one picture. Below, its block."
    )


def summary() -> str:
    """What the source publishes beside what the tracer computes, as HTML."""
    rows = []
    for one in _rated():
        said, computed = _published(one), totals(one.network)
        cells = [one.key, str(one.year), said.feature, f"{said.top5:g} %", said.parameters, count(computed.parameters)]
        rows.append([*cells, said.flop, count(computed.macs), count(2 * computed.macs)])
    head = [
        "Network",
        "Year",
        "What is new",
        "Top-5",
        "Parameters, said",
        "computed",
        "FLOP, said",
        "MACs",
        "FLOPs = 2 × MACs",
    ]
    return table("Networks, published and computed", head, rows, range(3, 9))


@st.cache_data(show_spinner=False)
def figures_that_differ() -> str:
    """Every claim with what is true and why, as HTML."""
    rows = [(one.about, one.said, one.true, one.why, one.source) for one in (make() for make in claims.CLAIMS)]
    return table("Figures that do not add up", ["Figure", "Said", "Computed", "Why", "Source"], rows)


def stacked_kernels() -> str:
    """Stacks of 3x3 kernels against one that sees as much, as HTML."""
    rows = []
    for one in claims.STACKED:
        cells = (f"{one.layers} layers of 3 × 3", f"one of {one.kernel} × {one.kernel}")
        rows.append((*cells, f"{one.stacked}", f"{one.single}", percent(one.saved, 1)))
    head = ["Stack", "sees as much as", "Weights", "instead of", "saved"]
    return table("Stacks of small kernels", head, rows, range(2, 5))


# --- accuracy, work and size


def _rated() -> list[Milestone]:
    """The milestones of which an accuracy was published."""
    return [one for one in MILESTONES.values() if one.published]


def _published(one: Milestone) -> Published:
    """What was published of one of `_rated`."""
    assert one.published
    return one.published


def accuracy_work_size() -> str:
    """What the figure shows, in two sentences."""
    found = [(one, _published(one).top5, totals(one.network)) for one in _rated()]
    (first, low, _), (last, high, best) = found[0], max(found, key=lambda row: row[1])
    large, _, largest = max(found, key=lambda row: row[2].parameters)
    return (
        f"From {first.key} ({first.year}) to {last.key} ({last.year}) the top-5 accuracy on ImageNet rose from "
        f"{low:g} % to {high:g} %, and not by size alone: the largest, {large.key}, has "
        f"{largest.parameters / best.parameters:.1f} times the parameters of {last.key} and takes "
        f"{largest.macs / best.macs:.1f} times its MACs."
    )


def _describe(one: Milestone) -> str:
    """A network in one line: year, accuracy, size, work."""
    computed = totals(one.network)
    return (
        f"{one.key}, {one.year}: {_published(one).top5:g} % top-5, {count(computed.parameters)} parameters, "
        f"{count(computed.macs)} MACs"
    )


def accuracy_figure() -> "Figure":
    """Top-5 accuracy over MACs (logarithmic); the areas of the circles are parameters."""
    found = _rated()
    computed = [totals(one.network) for one in found]
    sizes = [one.parameters for one in computed]
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [one.macs for one in computed],
        "y": [_published(one).top5 for one in found],
        "marker": {"size": sizes, "sizemode": "area", "sizeref": 2 * max(sizes) / AREA**2, "color": plots.colour(0)},
        "text": [f"<b>{one.key}</b><br>{size / 1e6:.3g} M" for one, size in zip(found, sizes)],
        "textposition": ["top center" if one is found[-1] else "bottom center" for one in found],
        "textfont": {"color": plots.MUTED},
        "hovertext": [_hover(one) for one in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }
    ticks = [n * 10**9 for n in (0.5, 1, 2, 5, 10, 20, 50)]
    layout = {
        "height": 480,
        "xaxis": {
            "type": "log",
            "title": {"text": "billions of MACs for one picture (logarithmic)"},
            "tickvals": ticks,
            "ticktext": [f"{tick / 1e9:g}" for tick in ticks],
            "range": [8.8, 10.5],
        },
        "yaxis": {"title": {"text": "top-5 accuracy on ImageNet"}, "ticksuffix": " %", "range": [81, 99]},
    }
    return plots.figure("Accuracy over work", "the area of a circle, and M: millions of parameters", [trace], layout)


def _hover(one: Milestone) -> str:
    """All that is known of a network, line by line."""
    computed = totals(one.network)
    return "<br>".join(
        [
            f"<b>{one.key}</b>, {one.year}",
            plots.lines_of(one.idea),
            f"{_published(one).top5:g} % top-5 accuracy (source: {SOURCE})",
            f"{count(computed.parameters)} parameters, computed",
            f"{count(computed.macs)} MACs for one picture, computed",
        ]
    )


def plot() -> None:
    """The figure, with its numbers to take along."""
    drawn, words = accuracy_figure(), "; ".join(map(_describe, _rated()))
    plots.show("architectures_plot", "accuracy-work-size", drawn, f"Accuracy over work. {words}.", accuracy_csv)


def accuracy_csv() -> str:
    """The numbers of the figure."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["network", "year", "what is new", "top-5 accuracy, %", "parameters", "MACs", "source of accuracy"])
    for one in _rated():
        said, computed = _published(one), totals(one.network)
        writer.writerow([one.key, one.year, said.feature, said.top5, computed.parameters, computed.macs, SOURCE])
    return out.getvalue()

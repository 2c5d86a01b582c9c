"""The Architectures page's parts: a milestone with its block, the summary, the plot, figures that do not add up."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from cnnviz import zoo
from cnnviz.settings.architectures import Architectures
from cnnviz.tracing import trace
from cnnviz.ui import resources
from cnnviz.ui.components.bubbles import bubbles
from cnnviz.ui.components.diagram import diagram
from cnnviz.ui.state import Store
from cnnviz.ui.theme import count
from cnnviz.zoo import claims, history
from cnnviz.zoo.history import MILESTONES, Milestone

STYLE = """<style>
.cnnviz-table { overflow-x: auto; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
.cnnviz-table table { border-collapse: collapse; width: 100%; }
.cnnviz-table th { text-align: left; font-weight: 600; opacity: 0.75; }
.cnnviz-table th, .cnnviz-table td { padding: 7px 14px 7px 0; vertical-align: top; }
.cnnviz-table .n { text-align: right; white-space: nowrap; }
.cnnviz-table tr { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
</style>"""


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


def milestone(store: Store[Architectures]) -> None:
    """The idea, the block, and the way to the whole network."""
    one = MILESTONES[store.state.milestone]
    st.markdown(f"**{one.key}, {one.year}.** {one.idea}{' ' + measures(one) if one.network else ''}")
    block = history.block(one.key)
    diagram(store, "block", trace(block, one.input_shape), one.input_shape, height=90, title=f"{one.key}, {one.year}")
    if one.network:
        st.page_link(
            "pages/shapes.py", label="The whole network, layer by layer →", query_params={"network": one.network}
        )


def measures(one: Milestone) -> str:
    """Layers, parameters and MACs of a milestone, as a sentence."""
    computed = totals(one.network)
    return (
        f"{computed.layers} layers with weights, {count(computed.parameters)} parameters, {count(computed.macs)} MACs "
        "for one picture. Below, its block."
    )


def summary() -> str:
    """What the source publishes beside what the tracer computes, as HTML."""
    rows = []
    for one in MILESTONES.values():
        if one.published is None:
            continue
        said, computed = one.published, totals(one.network)
        cells = [one.key, str(one.year), said.feature, f"{said.top5:g} %", said.parameters, count(computed.parameters)]
        cells += [said.flop, count(computed.macs), count(2 * computed.macs)]
        rows.append("".join(f"<td{' class=n' if i > 2 else ''}>{escape(cell)}</td>" for i, cell in enumerate(cells)))
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
    return table(head, rows, numbers_from=3)


def table(head: list[str], rows: list[str], numbers_from: int) -> str:
    """Rows of cells under a head, as HTML."""
    names = "".join(f"<th{' class=n' if i >= numbers_from else ''}>{name}</th>" for i, name in enumerate(head))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"{STYLE}<div class=cnnviz-table><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"


def plot() -> None:
    """Top-5 accuracy over MACs (logarithmic), areas by parameters."""
    points = []
    for one in MILESTONES.values():
        if one.published:
            computed, accuracy = totals(one.network), one.published.top5
            told = (
                f"{one.key}, {one.year}: {accuracy:g} % top-5, {count(computed.parameters)} parameters, "
                f"{count(computed.macs)} MACs"
            )
            points.append(
                {
                    "id": one.key,
                    "name": one.key,
                    "x": computed.macs,
                    "y": accuracy,
                    "area": computed.parameters,
                    "told": told,
                }
            )
    labels = "billions of MACs for one picture", "top-5 accuracy"
    bubbles("architectures_plot", points, *labels, title="Accuracy, work and size", unit=1e9)


@st.cache_data(show_spinner=False)
def figures_that_differ() -> str:
    """Every claim with what is true and why, as HTML."""
    rows = []
    for claim in (make() for make in claims.CLAIMS):
        cells = (claim.about, claim.said, claim.true, claim.why, claim.source)
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    return table(["Figure", "Said", "Computed", "Why", "Source"], rows, numbers_from=9)


def stacked_kernels() -> str:
    """Stacks of 3x3 kernels against one that sees as much, as HTML."""
    rows = []
    for one in claims.STACKED:
        cells = (f"{one.layers} layers of 3 × 3", f"one of {one.kernel} × {one.kernel}")
        numbers = (f"{one.stacked}", f"{one.single}", f"{100 * one.saved:.1f} %")
        rows.append(
            "".join(f"<td>{cell}</td>" for cell in cells) + "".join(f"<td class=n>{cell}</td>" for cell in numbers)
        )
    return table(["Stack", "sees as much as", "Weights", "instead of", "saved"], rows, numbers_from=2)

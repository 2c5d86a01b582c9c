"""Runs that are over, side by side: a table, and a figure to zoom into, folded below the live charts."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from cnnviz import runs
from cnnviz.lessons.common.format import duration, labels, percent, plural
from cnnviz.lessons.train.settings import AXES, MAX_COMPARED, Train
from cnnviz.runs import FINAL, Run, comparison
from cnnviz.runs.comparison import Result
from cnnviz.ui.core import theme
from cnnviz.ui.core.html_table import table
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import plots
from cnnviz.ui.lessons.train import charts, run_view, shelf
from cnnviz.ui.lessons.train.run_view import RunView
from cnnviz.ui.shell.page import plain_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SUGGESTED = 4  # runs
UNITS = {"epoch": "epochs", "step": "steps", "seconds": "seconds of training"}
AT = {
    "epoch": "epoch %{x:.4~g}",
    "step": "step %{x:,}",
    "seconds": "%{x:.4~g} s",
}  # a place on the axis, in a hover text


def fold(store: Store[Train]) -> None:
    """The section, drawn once it is unfolded; for `store.live`, so that a choice in it runs nothing else."""
    with st.expander("Compare runs that are over", key=store.key("compare"), on_change="rerun") as unfolded:
        if unfolded.open:
            _section(store)


def _section(store: Store[Train]) -> None:
    """Which runs, what each came to, and their curves."""
    known = over((store.state.run, *store.state.beside, *store.state.compared))
    wanted = [run_id for run_id in store.state.compared if run_id in known] or suggested(store.state, known)
    _choose(store, wanted, known)
    results, found = [known[run_id] for run_id in wanted], [run_view.read(_find(run_id)) for run_id in wanted]
    names = comparison.labels([one.config for one in results])
    said = _words(results, names)
    st.markdown(plain_text(said))
    st.html(_results_table(results, names))
    drawn = figure(found, names, store.state.compared_axis)
    plots.show(store.key("compared_plot"), "runs", drawn, f"Accuracy and loss of runs. {said}", lambda: as_csv(found))


def over(linked: Iterable[str] = ()) -> dict[str, Result]:
    """The reader's runs, and those that the page's link names, that are over and came to something, the newest first;
    last the one that ships."""
    found = [*shelf.results(linked), comparison.result(runs.EXAMPLE)]
    return {one.id: one for one in found if one.state in FINAL and one.epoch > 0}


def _find(run_id: str) -> Run:
    """A run of `over`."""
    return runs.EXAMPLE if run_id == runs.EXAMPLE.id else runs.find(run_id)


def suggested(settings: Train, known: dict[str, Result]) -> list[str]:
    """The watched run and those beside it, then the newest on the same data set."""
    first = [run_id for run_id in (settings.run or runs.EXAMPLE.id, *settings.beside) if run_id in known]
    dataset = known[first[0]].config.dataset if first else settings.dataset
    same = [run_id for run_id, one in known.items() if one.config.dataset == dataset]
    found = list(dict.fromkeys([*first, *same]))[: max(SUGGESTED, len(first))]
    return found or list(known)[:1]


def _choose(store: Store[Train], wanted: list[str], known: dict[str, Result]) -> None:
    """Which runs, and what their curves are drawn over."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=store.key("compared_row")):
        store.show(
            st.multiselect,
            "compared",
            wanted,
            lambda taken: store.take(compared=tuple(taken)),
            "Runs",
            list(known),
            format_func=lambda run_id: shelf.short(known[run_id]),
            max_selections=MAX_COMPARED,
        )
        store.widget(st.segmented_control, "compared_axis", "Curves over", list(AXES), format_func=labels(AXES).get)


# --- words and table


def _words(results: Sequence[Result], names: Sequence[str]) -> str:
    """Which of the runs got furthest."""
    measured = [(one.best, one, name) for one, name in zip(results, names) if one.best is not None]
    if not measured:
        return "None of them was measured on the test images."
    best, one, name = max(measured, key=lambda row: (row[0], -row[1].seconds))
    who = "It" if len(results) == 1 else f"Of {len(results)} runs, “{name}”"
    after = f"{plural(one.epoch, 'epoch')} and {duration(one.seconds)}"
    return f"{who} classified the most test images correctly: {percent(best)} at its best, in {after}."


def _results_table(results: Sequence[Result], names: Sequence[str]) -> str:
    """A row a run, as HTML."""
    head = ["Run", "Test accuracy", "Best", "Epochs", "Took", "State", "Settings"]
    rows = []
    for one, name in zip(results, names):
        measured = ["-" if share is None else percent(share) for share in (one.accuracy, one.best)]
        took = [f"{one.epoch:.3g}", duration(one.seconds)]
        unbroken = name.replace("run ", "run\N{NO-BREAK SPACE}")
        rows.append([unbroken, *measured, *took, one.state, comparison.describe(one.config)])
    return table("Runs that are over", head, rows, range(1, 5))


def as_csv(found: Sequence[RunView]) -> str:
    """Every figure of every run, a line each."""
    return comparison.as_csv([{"run": one.run.id, **event} for one in found for event in one.events])


# --- the figure


def figure(found: Sequence[RunView], names: Sequence[str], axis: str) -> "Figure":
    """Accuracy above, loss below, over the same axis: training as a line, the test images as dots. The legend switches
    runs off, and hovering tells their settings."""
    traces = [trace for number, one in enumerate(found) for trace in _curves(one, names[number], number, axis)]
    lowest = 100 * charts.accuracy_range(found)[0]
    layout = {
        "height": 680,
        "xaxis": {"title": {"text": UNITS[axis]}, "anchor": "y2", "rangemode": "tozero"},
        "yaxis": {
            "title": {"text": "accuracy"},
            "ticksuffix": " %",
            "range": [lowest, 100 + (100 - lowest) / 40],
            "domain": [0.5, 1],
        },
        "yaxis2": {"title": {"text": "loss (logarithmic)"}, "type": "log", "domain": [0, 0.42]},
        "legend": {"groupclick": "togglegroup", "itemwidth": 30},
    }
    return plots.figure("Accuracy and loss", "thin lines: in training; dots: on the test images", traces, layout)


def _curves(one: RunView, name: str, number: int, axis: str) -> list[dict[str, Any]]:
    """The traces of a run, switched on and off as one; the first of them stands in the legend."""
    label = f"<b>{plots.lines_of(name)}</b><br>{plots.lines_of(comparison.describe(one.config))}"
    traces = [
        {**_values(one, axis, figure, test), **_drawn_as(number, test), "legendgroup": one.run.id, "name": name}
        for figure in ("accuracy", "loss")
        for test in (True, False)
    ]
    for trace in traces:
        trace["hovertemplate"] = f"{label}<br>{trace['hovertemplate']}<extra></extra>"
    shown = [trace for trace in traces if len(trace["x"])]
    return [{**trace, "showlegend": trace is shown[0]} for trace in shown]


def _values(one: RunView, axis: str, figure: str, test: bool) -> dict[str, Any]:
    """A figure of a run, accuracies in percent, and how it is told."""
    field, kind = (f"test_{figure}", "epoch") if test else (figure, "step")
    series = charts.series(field, "", [event for event in one.of_kind(kind) if field in event], axis, field)
    factor, unit, place = (100, " %", "y") if figure == "accuracy" else (1, "", "y2")
    where = "on the test images" if test else "in training"
    return {
        "x": np.asarray(series["x"], np.float32),
        "y": factor * np.asarray(series["y"], np.float32),
        "yaxis": place,
        "hovertemplate": f"{AT[axis]}: {figure} {where} %{{y:.4~g}}{unit}",
    }


def _drawn_as(number: int, test: bool) -> dict[str, Any]:
    """Dots and a line for the test images, a thin line for training; beyond the five colours the lines are dotted."""
    colour, dash = plots.colour(number), "solid" if number < len(theme.ORDER) else "dot"
    line = {"color": colour, "dash": dash, "width": 2 if test else 1}
    if test:
        return {"mode": "lines+markers", "line": line, "marker": {"size": 6, "color": colour}}
    return {"mode": "lines", "line": line, "opacity": 0.6}

"""Whether a network is as sure as it is right: in a sentence, as a table, and folded as a figure."""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from cnnviz.inference.evaluate import Bin, Evaluation
from cnnviz.lessons.common.format import percent
from cnnviz.ui.core.html_table import table
from cnnviz.ui.lessons import plots

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN = "evaluate_shown"  # in the session: the evaluation that the page shows; None where it must not be seen


def words(evaluation: Evaluation) -> str:
    """The figure in sentences."""
    error, top_bin = percent(evaluation.calibration_error()), evaluation.reliability()[-1]
    return (
        f"The guesses in ten groups by their probability. {top_bin.count:,} of {len(evaluation.labels):,} lie above "
        f"{percent(top_bin.low, 0)}; {percent(top_bin.accuracy)} of these are right. Expected calibration error: "
        f"{error}, the mean distance between what is claimed and what is right, each guess counted once."
    )


def bins_table(evaluation: Evaluation) -> str:
    """A row a group, as HTML."""
    head = ["Probability", "Guesses", "Claimed", "Right", "95 % interval"]
    rows = [
        [_group(one), f"{one.count:,}", percent(one.confidence), percent(one.accuracy), _interval(one)]
        for one in evaluation.reliability()
    ]
    return table("How often it is right where it claims so much", head, rows, range(1, 5))


def _group(one: Bin) -> str:
    """30 to 40 %."""
    return f"{percent(one.low, 0).removesuffix(' %')} to {percent(one.high, 0)}"


def _interval(one: Bin) -> str:
    """What else the share right may be, for so few guesses."""
    low, high = one.interval
    return f"{percent(low, 1).removesuffix(' %')} to {percent(high, 1)}"


def keep_up(evaluation: Evaluation | None) -> None:
    """In the fragment that shows `evaluation` (None: an exercise hides it): the figure lies outside of it, so that no
    edit sends it again; where it has to be another one, the whole page runs once more. While another network is still
    measured the figure stays as it is, and unfolded."""
    differs = SHOWN in st.session_state and st.session_state[SHOWN] is not evaluation
    st.session_state[SHOWN] = evaluation
    if differs:
        st.rerun()


def fold() -> None:
    """The figure of what the page shows, folded."""
    evaluation: Evaluation | None = st.session_state.get(SHOWN)
    if evaluation is None:
        return
    with st.expander("Is it as sure as it is right? The figure", key="evaluate_figure", on_change="rerun") as unfolded:
        if unfolded.open:
            description = f"Reliability diagram. {words(evaluation)}"
            with st.container(width=860):
                drawn = figure(evaluation)
                plots.show("evaluate_reliability", "reliability", drawn, description, lambda: as_csv(evaluation))


def figure(evaluation: Evaluation) -> "Figure":
    """Above: how often the network is right where it claims so much; calibrated, the dots would lie on the line. Below:
    how many guesses that are."""
    bins = evaluation.reliability()
    hover_texts = [
        f"<b>{_group(one)}</b>: {one.count:,} guesses<br>claimed on average {percent(one.confidence)}<br>"
        f"right {percent(one.accuracy)}, 95 % interval {_interval(one)}"
        for one in bins
    ]
    hover = {"hovertext": hover_texts, "hovertemplate": "%{hovertext}<extra></extra>"}
    line = {"name": "as claimed", "x": [0, 100], "y": [0, 100], "mode": "lines", "hoverinfo": "skip"}
    dots = {
        "name": "right, with its 95 % interval",
        "x": [100 * one.confidence for one in bins],
        "y": [100 * one.accuracy for one in bins],
        "mode": "lines+markers",
        "marker": {"size": 8, "color": plots.colour(1)},
        "line": {"color": plots.colour(1)},
        "error_y": {**_spread(bins), "thickness": 1.2, "width": 4, "color": plots.colour(1)},
    }
    bars = {
        "type": "bar",
        "name": "guesses",
        "x": [50 * (one.low + one.high) for one in bins],
        "y": [one.count for one in bins],
        "yaxis": "y2",
        "width": 9,
        "marker": {"color": plots.colour(0)},
    }
    traces: list[plots.Trace] = [
        {**line, "line": {"color": plots.MUTED, "dash": "dash"}},
        {**dots, **hover},
        {**bars, **hover},
    ]
    return plots.figure("Right, over the probability of the guess", "and how many guesses that are", traces, layout())


def _spread(bins: Sequence[Bin]) -> dict[str, list[float]]:
    """The error bars, in percent, above and below each dot."""
    return {
        "array": [100 * (one.interval[1] - one.accuracy) for one in bins],
        "arrayminus": [100 * (one.accuracy - one.interval[0]) for one in bins],
    }


def layout() -> dict[str, Any]:
    """Two plots over one axis of probabilities."""
    probability = {"title": {"text": "probability of the guess"}, "ticksuffix": " %", "range": [-1, 101]}
    right = {"title": {"text": "right"}, "ticksuffix": " %", "range": [-2, 104], "domain": [0.36, 1]}
    guesses = {"title": {"text": "guesses (logarithmic)"}, "type": "log", "domain": [0, 0.26], "dtick": 1}
    return {
        "height": 600,
        "xaxis": {**probability, "anchor": "y2"},
        "yaxis": right,
        "yaxis2": {**guesses, "tickformat": ","},
    }


def as_csv(evaluation: Evaluation) -> str:
    """The numbers of the figure; shares from 0 to 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["from", "to", "guesses", "mean probability", "share right", "interval from", "interval to"])
    for one in evaluation.reliability():
        writer.writerow([one.low, one.high, one.count, one.confidence, one.accuracy, *one.interval])
    return out.getvalue()

"""Whether a network is as sure as it is right: in a sentence, as a table, and folded as a figure."""

import csv
import io
from typing import TYPE_CHECKING

import streamlit as st

from cnnviz.evaluation import Bin, Evaluation
from cnnviz.ui import plots, theme
from cnnviz.ui.html_table import table
from cnnviz.ui.training import percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN = "evaluate_shown"  # in the session: the evaluation that the page shows; None where it must not be seen
TITLE = "Share right over the probability of the guess"


def words(evaluation: Evaluation) -> str:
    """The figure in sentences."""
    error, most = percent(evaluation.calibration_error()), evaluation.reliability()[-1]
    return (
        f"The guesses in ten groups by their probability. {most.count:,} of {len(evaluation.labels):,} lie above "
        f"{100 * most.low:.0f} %; {percent(most.accuracy)} of these are right. Expected calibration error: {error}, "
        "the mean distance between what is claimed and what is right, each guess counted once."
    )


def bins_table(evaluation: Evaluation) -> str:
    """A row a group, as HTML."""
    head = ["Probability", "Guesses", "Claimed", "Right", "95 % interval"]
    rows = [
        [group(one), f"{one.count:,}", percent(one.confidence), percent(one.accuracy), interval(one)]
        for one in evaluation.reliability()
    ]
    return table("How often it is right where it claims so much", head, rows, range(1, 5))


def group(one: Bin) -> str:
    """30 to 40 %."""
    return f"{100 * one.low:.0f} to {100 * one.high:.0f} %"


def interval(one: Bin) -> str:
    """What else the share right may be, for so few guesses."""
    low, high = one.interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def keep_up(evaluation: Evaluation | None) -> None:
    """In the fragment that shows `evaluation` (None: an exercise hides it): the figure lies outside of it, so that no
    edit sends it again; where it has to be another one, the whole page runs once more."""
    differs = SHOWN in st.session_state and st.session_state[SHOWN] is not evaluation
    st.session_state[SHOWN] = evaluation
    if differs:
        st.rerun()


def fold() -> None:
    """The figure of what the page shows, folded."""
    evaluation: Evaluation | None = st.session_state[SHOWN]
    if evaluation is None:
        return
    with st.expander("Is it as sure as it is right? The figure", key="evaluate_figure", on_change="rerun") as unfolded:
        if unfolded.open:
            told = f"Reliability diagram. {words(evaluation)}"
            with st.container(width=860):
                drawn = figure(evaluation)
                plots.show("evaluate_reliability", "reliability", drawn, told, lambda: as_csv(evaluation))


def figure(evaluation: Evaluation) -> "Figure":
    """Above: how often the network is right where it claims so much; calibrated, the dots would lie on the line. Below:
    how many guesses that are."""
    bins = evaluation.reliability()
    claimed, right = [one.confidence for one in bins], [one.accuracy for one in bins]
    up, down = [one.interval[1] - one.accuracy for one in bins], [one.accuracy - one.interval[0] for one in bins]
    told = [
        f"<b>{group(one)}</b>: {one.count:,} guesses<br>claimed on average {percent(one.confidence)}<br>"
        f"right {percent(one.accuracy)}, 95 % interval {interval(one)}"
        for one in bins
    ]
    hover = {"hovertext": told, "hovertemplate": "%{hovertext}<extra></extra>"}
    line = {"name": "as claimed", "x": [0, 1], "y": [0, 1], "mode": "lines", "hoverinfo": "skip"}
    dots = {"name": "right, with its 95 % interval", "x": claimed, "y": right, "mode": "lines+markers", **hover}
    bars = {"name": "guesses", "x": [(one.low + one.high) / 2 for one in bins], "y": [one.count for one in bins]}
    traces: list[plots.Trace] = [
        {**line, "line": {"color": theme.GREY, "dash": "dash"}},
        {
            **dots,
            "marker": {"size": 8, "color": plots.colour(1)},
            "line": {"color": plots.colour(1)},
            "error_y": {"array": up, "arrayminus": down, "thickness": 1.2, "width": 4, "color": plots.colour(1)},
        },
        {"type": "bar", **bars, "yaxis": "y2", "width": 0.09, "marker": {"color": plots.colour(0)}, **hover},
    ]
    layout = {
        "height": 560,
        "xaxis": {
            "title": {"text": "probability of the guess"},
            "tickformat": ".0%",
            "range": [-0.01, 1.01],
            "anchor": "y2",
        },
        "yaxis": {"title": {"text": "share right"}, "tickformat": ".0%", "range": [-0.02, 1.04], "domain": [0.36, 1]},
        "yaxis2": {"title": {"text": "guesses (logarithmic)"}, "type": "log", "domain": [0, 0.26], "dtick": 1},
    }
    return plots.figure(TITLE, traces, layout)


def as_csv(evaluation: Evaluation) -> str:
    """The numbers of the figure; shares from 0 to 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["from", "to", "guesses", "mean probability", "share right", "interval from", "interval to"])
    for one in evaluation.reliability():
        writer.writerow([one.low, one.high, one.count, one.confidence, one.accuracy, *one.interval])
    return out.getvalue()

"""Figures by plotly: they show the numbers that the library gives, in our colours, and only where they are wanted."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
import streamlit as st

from cnnviz import lessons, runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import Bin, Evaluation, evaluate
from cnnviz.lessons.train.settings import Train
from cnnviz.networks.zoo.history import MILESTONES
from cnnviz.runs import Run, comparison
from cnnviz.training import TrainConfig
from cnnviz.ui.core import theme
from cnnviz.ui.lessons import plots
from cnnviz.ui.lessons.architectures import parts
from cnnviz.ui.lessons.evaluate import reliability
from cnnviz.ui.lessons.train import compare, run_view
from cnnviz.ui.lessons.train.run_view import RunView
from tests.helpers import opened, ran

EPOCHS, STEPS = 3, 40
USUAL = TrainConfig(epochs=EPOCHS, device="cpu")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture(scope="module")
def lenet5() -> Evaluation:
    return evaluate(checkpoints.load(checkpoints.shipped()["lenet5"]), datasets.load("mnist"))


def made(config: TrainConfig = USUAL, speed: float = 1.0, end: str = "done") -> Run:
    """A run as it would have been written, without training."""
    run = runs.create(config)
    run.begin()
    place = {"step": 0, "epoch": 0.0, "seconds": 0.0}
    for step in range(1, STEPS + 1):
        place = {"step": step, "epoch": EPOCHS * step / STEPS, "seconds": step / 10}
        figures = {"loss": 2.3 * np.exp(-speed * step / 10), "accuracy": 1 - 0.9 * np.exp(-speed * step / 10)}
        run.append({"event": "step", **place, **figures, "learning_rate": 0.001, "images_per_second": 1000})
        if step in (13, 26, STEPS):
            tested = {
                "train_loss": 0.5,
                "train_accuracy": 0.8,
                "test_loss": 0.4,
                "test_accuracy": 1 - 0.3 / step / speed,
            }
            run.append({"event": "epoch", **place, **tested})
    run.append({"event": end, **place, **({"test_accuracy": 0.9} if end == "done" else {"reason": "asked"})})
    return run


def values(trace: object, axis: str) -> list[float]:
    """The numbers of a trace, however they are written."""
    return np.asarray(getattr(trace, axis), float).tolist()


# --- the look


def test_the_placeholders_are_streamlits_and_the_theme_has_our_colours() -> None:
    assert pio.templates["streamlit"].layout.colorway[: len(plots.PLACEHOLDERS)] == plots.PLACEHOLDERS
    for mode, roles in (("light", theme.ROLES), ("dark", theme.ROLES_ON_DARK)):
        colours = [roles[role] for role in theme.ORDER] + [theme.MUTED[mode]]
        assert st.get_option(f"theme.{mode}.chartCategoricalColors") == colours
    assert set(theme.ORDER) == set(theme.ROLES)


def test_no_figure_takes_a_colour_that_is_right_in_one_theme_only(lenet5: Evaluation) -> None:
    run = run_view.read(made())
    for drawn in (parts.accuracy_figure(), reliability.figure(lenet5), compare.figure([run], ["a"], "epoch")):
        told = drawn.to_plotly_json()
        own = json.dumps({"data": str(told["data"]), "layout": {**told["layout"], "template": None}}, default=str)
        assert set(re.findall(r"#[0-9a-fA-F]{6}", own)) <= set(plots.PLACEHOLDERS)
        assert drawn.layout.title.text and drawn.layout.xaxis.title.text and drawn.layout.yaxis.title.text
        assert {trace.hovertemplate or trace.hoverinfo for trace in drawn.data} != {None}


def test_a_hover_text_cannot_become_markup_and_is_broken_into_lines() -> None:
    told = plots.lines_of("a <b>bold</b> network of %{y} " + "and words " * 20)
    assert "<b>" not in told and "%{" not in told
    assert max(map(len, told.split("<br>"))) <= 52


def test_a_figure_as_a_page_needs_nothing_from_elsewhere() -> None:
    page = plots.web_page(parts.accuracy_figure(), "Told <here>.")
    assert "<p style='font-family: sans-serif'>Told &lt;here&gt;.</p>" in page
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
    assert theme.ROLES["input"] in page and not any(f'"{one}"' in page for one in plots.PLACEHOLDERS)


# --- accuracy, work and size


def test_architectures_are_where_published_and_computed_figures_put_them() -> None:
    (trace,) = parts.accuracy_figure().data
    found = [one for one in MILESTONES.values() if one.published]
    computed = [parts.totals(one.network) for one in found]
    assert values(trace, "x") == [one.macs for one in computed]
    assert values(trace, "y") == [84.7, 92.3, 93.3, 95.51]
    assert trace.marker.sizemode == "area" and list(trace.marker.size) == [one.parameters for one in computed]
    for one, told in zip(found, trace.hovertext):
        flat = told.replace("<br>", " ")
        totals = parts.totals(one.network)
        for part in (one.key, str(one.year), one.idea, f"{totals.parameters:,} parameters", f"{totals.macs:,} MACs"):
            assert part in flat
        assert f"{one.published.top5:g} %" in flat and parts.SOURCE in flat


def test_the_page_draws_that_figure_with_words_and_a_table_before_it() -> None:
    at = opened("architectures")
    (chart,) = at.get("plotly_chart")
    assert json.loads(chart.proto.spec) == json.loads(parts.accuracy_figure().to_json())
    assert "VGG-16, 2014: 92.3 % top-5, 138,357,544 parameters, 15,470,264,320 MACs" in chart.proto.alt
    config = json.loads(chart.proto.config)
    assert config["displaylogo"] is False and not any("chart" in key.lower() for key in config)
    text = " ".join(one.value for one in at.markdown)
    assert "from 84.7 % to 95.51 %" in text and "2.3 times the parameters" in text and "1.3 times its MACs" in text


def test_the_numbers_of_architectures_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(parts.accuracy_csv())))
    numbers = [(float(row["top-5 accuracy, %"]), int(row["parameters"]), int(row["MACs"])) for row in rows]
    assert [row["network"] for row in rows] == ["AlexNet", "VGG-16", "GoogLeNet", "ResNet-152"]
    assert numbers[1] == (92.3, 138_357_544, 15_470_264_320)


# --- reliability


def test_dots_bars_and_intervals_are_those_of_the_evaluation(lenet5: Evaluation) -> None:
    bins = lenet5.reliability()
    line, dots, bars = reliability.figure(lenet5).data
    assert values(line, "x") == values(line, "y") == [0, 100]
    assert values(dots, "x") == [100 * one.confidence for one in bins]
    assert values(dots, "y") == [100 * one.accuracy for one in bins]
    assert values(bars, "y") == [one.count for one in bins] and sum(values(bars, "y")) == 10_000
    assert values(bars, "x") == pytest.approx([50 * (one.low + one.high) for one in bins])
    ends = [(100 * one.interval[0], 100 * one.interval[1]) for one in bins]
    assert np.asarray(values(dots, "y")) + np.asarray(dots.error_y.array) == pytest.approx([high for _, high in ends])
    assert np.asarray(values(dots, "y")) - np.asarray(dots.error_y.arrayminus) == pytest.approx(
        [low for low, _ in ends]
    )
    assert "9,913 guesses" in dots.hovertext[-1] and "99.79 %" in dots.hovertext[-1]


@pytest.mark.parametrize(("count", "right"), [(1, 0), (1, 1), (4, 2), (24, 21), (9913, 9892)])
def test_an_interval_holds_the_shares_that_would_not_surprise(count: int, right: int) -> None:
    share = right / count
    for end in Bin(0, 1, count, 0.5, share).interval:
        assert 0 <= end <= 1
        assert abs(share - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / count), abs=1e-9)


def test_reliability_is_told_before_it_is_drawn(lenet5: Evaluation) -> None:
    at = opened("evaluate")
    assert not at.get("plotly_chart")
    page = " ".join([*(one.value for one in at.markdown), *(one.proto.body for one in at.get("html"))])
    assert "9,913 of 10,000 lie above 90 %; 99.79 % of these are right" in page
    assert (
        "Expected calibration error: 0.20 %" in page and page.count("<td>90 to 100 %</td><td class=n>9,913</td>") == 1
    )
    at.session_state["evaluate_figure"] = True  # unfolded
    (chart,) = ran(at).get("plotly_chart")
    assert json.loads(chart.proto.spec) == json.loads(reliability.figure(lenet5).to_json())


def test_another_network_has_another_figure() -> None:
    at = opened("evaluate", {"evaluate_figure": True})
    before = at.get("plotly_chart")[0].proto.spec
    at.selectbox[0].set_value("conv_mnist")
    assert ran(at).get("plotly_chart")[0].proto.spec != before


def test_an_exercise_hides_the_figure_too() -> None:
    at = opened("evaluate", {"evaluate_figure": True}, task=lessons.find("evaluate").exercises[0].id)
    assert not at.get("plotly_chart") and not at.expander


def test_the_numbers_of_reliability_as_csv(lenet5: Evaluation) -> None:
    rows = list(csv.reader(io.StringIO(reliability.as_csv(lenet5))))
    assert [float(cell) for cell in rows[-1]] == [
        0.9,
        1.0,
        9913,
        *[getattr(lenet5.reliability()[-1], name) for name in ("confidence", "accuracy")],
        *lenet5.reliability()[-1].interval,
    ]


# --- runs that are over


@pytest.mark.parametrize("axis", ["epoch", "step", "seconds"])
def test_curves_are_the_events_of_the_runs(axis: str) -> None:
    found = [run_view.read(made(replace(USUAL, learning_rate=rate))) for rate in (0.001, 0.01)]
    names = comparison.labels([one.config for one in found])
    drawn = compare.figure(found, names, axis)
    assert drawn.layout.xaxis.title.text == compare.UNITS[axis]
    for number, one in enumerate(found):
        traces = [trace for trace in drawn.data if trace.legendgroup == one.run.id]
        kinds = [
            ("epoch", "test_accuracy", 100),
            ("step", "accuracy", 100),
            ("epoch", "test_loss", 1),
            ("step", "loss", 1),
        ]
        assert len(traces) == len(kinds) and [trace.showlegend for trace in traces] == [True, False, False, False]
        for trace, (kind, field, factor) in zip(traces, kinds):
            events = one.of_kind(kind)
            assert values(trace, "x") == pytest.approx([event[axis] for event in events])
            assert values(trace, "y") == pytest.approx([factor * event[field] for event in events])
            assert trace.name == names[number] and trace.line.color == plots.colour(number)
            flat = trace.hovertemplate.replace("<br>", " ")
            assert comparison.describe(one.config) in flat and compare.AT[axis] in flat


def test_beyond_the_colours_the_lines_are_dotted() -> None:
    one = run_view.read(made())
    drawn = compare.figure([one] * 6, [f"run {n}" for n in range(6)], "epoch")
    dashes = [trace.line.dash for trace in drawn.data[::4]]
    assert dashes == ["solid"] * 5 + ["dot"] and drawn.data[20].line.color == drawn.data[0].line.color


def test_a_run_that_was_never_measured_stands_in_the_legend() -> None:
    run = made(end="stopped")
    one = run_view.read(run)
    unmeasured = RunView(run, one.config, [event for event in one.events if event["event"] != "epoch"])
    traces = compare.figure([unmeasured], ["short"], "step").data
    assert [trace.showlegend for trace in traces] == [True, False]


def test_suggested_are_the_watched_run_and_the_newest_of_the_same_data() -> None:
    old, other, new = made(), made(replace(USUAL, network="conv_cifar10", dataset="cifar10")), made()
    known = compare.over()
    assert set(known) == {old.id, other.id, new.id, runs.EXAMPLE.id}

    wanted = compare.suggested(Train(run=old.id), known)
    assert wanted[0] == old.id and new.id in wanted and other.id not in wanted
    assert compare.suggested(Train(run=old.id, beside=(other.id,)), known)[:2] == [old.id, other.id]
    assert compare.suggested(Train(), known)[0] == runs.EXAMPLE.id
    assert compare.suggested(Train(run="goes-on", dataset="shapes"), known) == [next(iter(known))]


def test_runs_that_go_on_are_not_compared() -> None:
    run = runs.create(USUAL)
    run.begin()
    run.append({"event": "step", "step": 1, "epoch": 0.1, "seconds": 1.0, "loss": 2.0, "accuracy": 0.2})
    assert list(compare.over()) == [runs.EXAMPLE.id]


def test_the_section_is_drawn_once_it_is_unfolded() -> None:
    first, second = made(), made(replace(USUAL, learning_rate=0.01), speed=2)
    query = {"compared": f"{first.id}.{second.id}.gone", "compared_axis": "seconds"}
    assert not opened("train", **query).get("plotly_chart")
    at = opened("train", {"train_compare": True}, **query)
    (chart,) = at.get("plotly_chart")
    found = [run_view.read(run) for run in (first, second)]
    names = comparison.labels([one.config for one in found])
    assert json.loads(chart.proto.spec) == json.loads(compare.figure(found, names, "seconds").to_json())
    table = next(one.proto.body for one in at.get("html") if "Runs that are over" in one.proto.body)
    for one in found:
        assert comparison.describe(one.config) in table
    assert "learning rate 0.01" in chart.proto.alt  # it got furthest


def test_every_figure_of_the_compared_runs_as_csv() -> None:
    found = [run_view.read(made()), run_view.read(made(speed=2))]
    rows = list(csv.DictReader(io.StringIO(compare.as_csv(found))))
    assert len(rows) == sum(len(one.events) for one in found)
    assert {row["run"] for row in rows} == {one.run.id for one in found}
    assert [float(row["loss"]) for row in rows if row["event"] == "step"][:STEPS] == [
        event["loss"] for event in found[0].of_kind("step")
    ]


def test_plotly_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="no_such_setting"):
        plots.figure("Title", "", [], {"no_such_setting": 1})
    assert isinstance(plots.figure("Title", "", [], {}), go.Figure)

"""The curves of runs on one chart: loss, accuracy and, where it changes, the learning rate; behind the watched run what
its source printed, and before it the run whose weights it goes on from."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.inference import checkpoints
from cnnviz.lessons.train.settings import AXES, RATE
from cnnviz.runs import comparison, weights
from cnnviz.training import Event, experiments
from cnnviz.training.published import Curve
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.core.theme import ORDER, ROLES
from cnnviz.ui.lessons.train.loop_panel import loop_of
from cnnviz.ui.lessons.train.run_view import RunView, is_sweep
from cnnviz.ui.shell.page import plain_text

COLOURS = [ROLES[role] for role in ORDER]
HEIGHT = 270
GREY = "#6B7280"  # of what went before
MAX_POINTS = 800  # of a curve, which is some 500 pixels wide


def charts(views: Sequence[RunView], axis: str, live: bool = False) -> None:
    """Loss and accuracy of all the runs, and the learning rate where it changes; `live` where there is more to come."""
    swept = axis == RATE
    if swept and not is_sweep(views[0]):
        axis, swept = AXES[0], False
    scheduled = not swept and any(one.config.schedule != "constant" for one in views)
    columns = st.columns([1, 1, 1 if scheduled else 0.8], gap="medium")
    figures = ("loss", "accuracy", "learning_rate") if scheduled else ("loss", "accuracy")
    names = comparison.labels([one.config for one in views])
    for column, figure in zip(columns, figures, strict=False):
        with column:
            _curves(figure, views, names, axis, live)
    with columns[2]:
        st.html(loop_of(views[0]))
    if "run A" in names:
        runs_named = zip(names, views, strict=True)
        st.caption(
            "  \n".join(f"**{name}**: {plain_text(comparison.describe(one.config))}" for name, one in runs_named)
        )


def _curves(figure: str, views: Sequence[RunView], names: Sequence[str], axis: str, live: bool) -> None:
    """One chart: the running mean in training as a line, the measurement after each epoch as dots. Of several runs each
    has its colour."""
    alone, label = len(views) == 1, comparison.word(figure).capitalize()
    drawn: list[Series] = [*_published_curves(figure, views[0], axis, alone), *_earlier(figure, views[0], axis)]
    for one, name, colour in zip(views, names, COLOURS, strict=False):
        steps = [event for event in one.of_kind("step") if figure in event and axis in event]
        if figure == "learning_rate":
            drawn.append(series(label.lower() if alone else name, colour, steps, axis, figure))
            continue
        dots = [event for event in one.of_kind("epoch") if axis in event]  # none of a sweep's over its rates
        test_colour = COLOURS[1] if alone else colour
        test = series("test" if alone else f"{name}, test", test_colour, dots, axis, f"test_{figure}")
        test |= {"points": True, "joined": True, "follows": not alone}
        drawn += [series("training" if alone else name, colour, steps, axis, figure), *([test] if axis != RATE else [])]
        held = [event for event in dots if f"validation_{figure}" in event]
        if alone and held:
            validation = series("validation", COLOURS[2], held, axis, f"validation_{figure}")
            drawn.append(validation | {"points": True, "joined": True})
    lines(
        f"train_{figure}_{views[0].run.id}_{len(views)}_{axis}",
        drawn,
        x_label=comparison.word(axis),
        y_label=label if alone or figure == "learning_rate" else f"{label}, training · test",
        x_range=(-_went_before(views[0])[1], max(one.config.epochs for one in views)) if axis == "epoch" else None,
        y_range=accuracy_range(views) if figure == "accuracy" else None,
        percent=figure == "accuracy",
        log=figure == "loss",
        x_log=axis == RATE,
        live=live,
        height=HEIGHT if figure != "learning_rate" else HEIGHT // 2,  # the loop stands below it
    )


def _published_curves(figure: str, view: RunView, axis: str, alone: bool) -> list[Series]:
    """What the source of the watched run printed of that figure, where the run repeats an experiment; over epochs, or
    over steps once it is known how many an epoch has."""
    last = next((event for event in reversed(view.events) if event.get("epoch")), None)
    if axis not in ("epoch", "step") or (axis == "step" and last is None):
        return []
    scale = last["step"] / last["epoch"] if axis == "step" and last else 1.0
    drawn: list[Series] = []
    for curve in _curves_of(view):
        if curve.figure != figure:
            continue
        told = [(scale * x, y) for x, y in zip(curve.epochs, curve.values) if x <= view.config.epochs]
        colour = COLOURS[1 if alone and curve.images == "test" else 0]
        one: Series = {"name": f"published {curve.images}", "colour": colour, "x": [], "y": [], "faint": True}
        one["x"], one["y"] = [x for x, _ in told], [y for _, y in told]
        drawn.append(one)
    return drawn


def _earlier(figure: str, view: RunView, axis: str) -> list[Series]:
    """The curve of the run whose weights this one goes on from, before it, in grey; none once that is cleared away."""
    earlier, _ = _went_before(view) if axis in AXES else ([], 0.0)
    kept = [event for event in earlier if figure in event]
    if not kept:
        return []
    end = kept[-1][axis]
    moved = [{**event, axis: event[axis] - end} for event in kept]
    return [series("before it", GREY, moved, axis, figure)]


def _went_before(view: RunView) -> tuple[list[Event], float]:
    """The steps of the run whose weights this one goes on from, up to those, and the epochs that they make."""
    if not view.config.start:
        return [], 0.0
    try:
        last = checkpoints.read_card(view.run.start).epochs
        found = weights.run_of(view.config.start)
    except ValueError:  # it is a checkpoint that ships, or was cleared away
        return [], 0.0
    steps = [event for event in found.events() if event["event"] == "step" and event["epoch"] <= last]
    return steps, steps[-1]["epoch"] if steps else 0.0


def _curves_of(view: RunView) -> tuple[Curve, ...]:
    """The curves that the source of a run printed; () for a run that repeats none."""
    experiment = experiments.matching(view.config)
    return experiment.curves if experiment else ()


def series(name: str, colour: str, events: Sequence[Event], axis: str, figure: str) -> Series:
    """A figure of the events over their epochs, steps or seconds."""
    kept = events[:: -max(1, len(events) // MAX_POINTS)][::-1]  # the last one always
    return {"name": name, "colour": colour, "x": [one[axis] for one in kept], "y": [one[figure] for one in kept]}


def accuracy_range(views: Sequence[RunView]) -> tuple[float, float]:
    """From the highest of 0, 50, 80 and 90 % that leaves every measured and published accuracy in sight, to 100 %."""
    known = [event["test_accuracy"] for one in views for event in one.of_kind("epoch")]
    known += [min(curve.values) for curve in _curves_of(views[0]) if curve.figure == "accuracy" and known]
    lowest = min(known, default=0)
    return max(low for low in (0, 0.5, 0.8, 0.9) if low <= max(0, lowest - 0.02)), 1

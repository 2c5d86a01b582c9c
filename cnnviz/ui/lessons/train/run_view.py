"""A run as it is watched: where it stands, its figures, and its curves beside those of other runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

import streamlit as st

from cnnviz import runs
from cnnviz.inference import checkpoints
from cnnviz.lessons.common.format import count, duration, percent, plural, size_of
from cnnviz.lessons.train.settings import AXES, RATE
from cnnviz.runs import FINAL, LOST_AFTER, Run, comparison, weights
from cnnviz.runs.execution import BEST
from cnnviz.server.scheduler import Engine
from cnnviz.training import Event, TrainConfig, experiments
from cnnviz.training.published import HOW, Curve
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.core import resources
from cnnviz.ui.core.theme import ORDER, ROLES
from cnnviz.ui.shell.page import plain_text

COLOURS = [ROLES[role] for role in ORDER]
LEAST_PART = 1e-9  # of a run, from which the time that is left can be told; a step is a sixty-millionth at the least
GREY = "#6B7280"  # of what went before
MIN_SWEPT = 20  # reports of a sweep of which something can be said
MAX_POINTS = 800  # of a curve, which is some 500 pixels wide
TILES = """<style>
.cnnviz-tiles { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 2px 0 4px; font-variant-numeric: tabular-nums; }
.cnnviz-tiles div { min-width: 72px; } .cnnviz-tiles small { display: block; opacity: 0.7; font-size: 0.78rem; }
.cnnviz-tiles b { font-size: 1.12rem; font-weight: 600; white-space: nowrap; }
.cnnviz-done { height: 4px; border-radius: 2px; background: #8883; overflow: hidden; }
.cnnviz-done i { display: block; height: 100%; background: var(--st-primary-color, #0072B2); transition: width 0.3s; }
@media (max-width: 640px) { .cnnviz-tiles { gap: 4px 18px; } .cnnviz-tiles b { font-size: 1rem; } }
</style>"""


@dataclass(frozen=True)
class RunView:
    """A run as it was read for this moment."""

    run: Run
    config: TrainConfig
    events: list[Event]

    @cached_property
    def state(self) -> str:
        return runs.state(self.events)

    def of_kind(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["event"] == kind]

    def last(self, figure: str) -> float | None:
        """The newest value of a figure."""
        return next((event[figure] for event in reversed(self.events) if event.get(figure) is not None), None)


def engine() -> Engine:
    """What carries this server's runs out, warm; where that is set up wrong, a sentence and the end of the page."""
    try:
        workers = resources.workers()
    except ValueError as error:
        st.error(f"Nothing can be trained here: {error}.")
        st.stop()
    workers.warm()
    return workers


def read(run: Run) -> RunView:
    """The run as it stands now. Raises ValueError where its config cannot be read."""
    return RunView(run, run.config(), run.events())


# --- curves


def charts(views: Sequence[RunView], axis: str, live: bool = False) -> None:
    """Loss and accuracy of all the runs, and the learning rate where it changes; `live` where there is more to come."""
    swept = axis == RATE
    if swept and not is_sweep(views[0]):
        axis, swept = AXES[0], False
    scheduled = not swept and any(one.config.schedule != "constant" for one in views)
    columns = st.columns(3 if scheduled else 2, gap="medium")
    names = comparison.labels([one.config for one in views])
    for column, figure in zip(columns, ("loss", "accuracy", "learning_rate"), strict=False):
        with column:
            _curves(figure, views, names, axis, live)
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
        steps = [event for event in one.of_kind("step") if figure in event]
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
        height=270,
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


def is_sweep(view: RunView) -> bool:
    """Whether the run looks for a learning rate."""
    return view.config.schedule == "sweep"


def swept_rate(view: RunView) -> float | None:
    """The learning rate at which the loss of a sweep was lowest; None for another run, or before there is enough of it.

    The loss is smoothed over a few reports, as one of them is of a batch or two.
    """
    steps = [event for event in view.of_kind("step") if RATE in event] if is_sweep(view) else []
    if len(steps) < MIN_SWEPT or view.state not in FINAL:
        return None
    losses = [event["loss"] for event in steps]
    smooth = [sum(part) / len(part) for part in (losses[max(0, i - 2) : i + 3] for i in range(len(losses)))]
    return float(steps[min(range(len(smooth)), key=smooth.__getitem__)][RATE])


def _found(view: RunView) -> str:
    """What a sweep has found, with the usual advice and its limits; '' for another run."""
    rate = swept_rate(view)
    if rate is None:
        return ""
    return (
        f"The loss was lowest at a learning rate of **{rate:.2g}**. The usual advice is a tenth of it, "
        f"{rate / 10:.2g}, or where the loss falls most steeply. It holds for this network, optimiser and batch size, "
        "and for first steps: a schedule that rises to its rate bears more, and a long run may want less."
    )


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


# --- figures


def panel_state(view: RunView, active: bool, refused: bool = False) -> str:
    """What the panel is at, as components say it: busy while more is to come, failed where the run did, where nothing
    is heard of it any more, or where the next one was `refused`."""
    if active:
        return "busy"
    return "failed" if refused or view.state not in ("done", "stopped") else "ready"


def tiles(view: RunView, panel: str) -> str:
    """How far the run is, its newest figures, and what the device has to do, as HTML; `panel` is its state."""
    config, last = view.config, view.last
    part = min(1.0, _done(view))
    shown = [("Epoch", f"{last('epoch') or 0:.2f} of {config.epochs}")]
    if (loss := last("loss")) is not None:
        shown.append(("Loss in training", f"{loss:.4f}"))
    if (accuracy := last("train_accuracy")) is not None:
        shown.append(("Training accuracy", percent(accuracy)))
    measured = [event["test_accuracy"] for event in view.of_kind("epoch")]
    if measured:
        shown.append(("Test accuracy", percent(measured[-1])))
    if len(measured) > 1 and max(measured) > measured[-1]:
        shown.append(("Best so far", percent(max(measured))))
    if best := _best(view):
        shown.append(("Best weights", f"epoch {best[0]:.4g}: {percent(best[1])}"))
    if (rate := last("learning_rate")) is not None:
        shown.append(("Learning rate", f"{rate:.3g}"))
    if (speed := last("images_per_second")) is not None:
        shown.append(("Images a second", count(speed)))
    shown += _time_of(view, part) + _device_of(view)
    cells = "".join(f"<div><small>{escape(name)}</small><b>{escape(text)}</b></div>" for name, text in shown)
    bar = (
        f"<div class=cnnviz-done role=progressbar aria-label='Progress of the run' aria-valuemin=0 aria-valuemax=100 "
        f"aria-valuenow={100 * part:.0f}><i style='width:{100 * part:.1f}%'></i></div>"
    )
    states = f"data-state={panel} data-run='{escape(view.run.id)}' data-run-state={view.state}"
    return f"{TILES}<div class=cnnviz-run {states}><div class=cnnviz-tiles>{cells}</div>{bar}</div>"


def _best(view: RunView) -> tuple[float, float] | None:
    """The epoch of the best weights, and their figure by which they were chosen; None where none are kept."""
    figure = BEST.get(view.config.best, "")
    known = [(event["epoch"], event[figure]) for event in view.of_kind("epoch") if figure in event]
    return max(known, key=lambda one: (one[1], -one[0])) if known else None


def _done(view: RunView) -> float:
    """The part of the run that is behind it, from 0 to 1."""
    config = view.config
    parts = [(view.last("epoch") or 0) / config.epochs]
    if config.steps:
        parts.append((view.last("step") or 0) / config.steps)
    return 1.0 if view.state == "done" else max(parts)


def _time_of(view: RunView, part: float) -> list[tuple[str, str]]:
    """The seconds that it took, or that are left."""
    seconds = view.last("seconds") or 0
    if view.state in FINAL:
        return [("Took", duration(seconds))] if seconds else []
    return [("Time left", f"about {duration(seconds * (1 / part - 1))}")] if part > LEAST_PART else []


def _device_of(view: RunView) -> list[tuple[str, str]]:
    """What the run uses of its device."""
    shown = []
    name = next((event["device"] for event in view.events if "device" in event), None)
    if name:
        shown.append(("Device", str(name)))
    if (memory := view.last("memory")) is not None:
        shown.append(("Memory in use", size_of(int(memory))))
    if (busy := view.last("utilisation")) is not None and view.state not in FINAL:
        shown.append(("Device busy", percent(busy, 0)))
    return shown


# --- words


def is_active(view: RunView, workers: Engine) -> bool:
    """Whether more is to come: this server has the run in hand, or somebody wrote to it a moment ago."""
    run = view.run
    return view.state not in FINAL and (workers.place(run.id) is not None or run.silent_for() < LOST_AFTER)


def headline(view: RunView, active: bool, workers: Engine) -> str:
    """What the run is, where it stands, and what was published of it."""
    place = workers.place(view.run.id) or 0
    is_example = view.run == runs.EXAMPLE
    first = "An example, the run that made the network that reads on *Draw a digit*: " if is_example else ""
    said = [f"{plain_text(comparison.describe(view.config))}. {_sentence(view, active, place)}"]
    if view.config.start:
        said.append("Its optimiser began anew.")
    if view.config.best == "test":
        said.append("The best weights are chosen on the test images: an optimistic figure.")
    lines = [
        f"{first}{' '.join(said)}",
        _published(view),
        _found(view),
    ]
    return "  \n".join(filter(None, lines))


def _published(view: RunView) -> str:
    """For a run that repeats an experiment: what its source published, beside what this run got; '' for any other."""
    experiment = experiments.matching(view.config)
    if experiment is None or not experiment.published:
        return ""
    images = "training" if experiment.on_training else "test"
    got = view.last(f"{'train' if experiment.on_training else 'test'}_accuracy")
    ours = f"**{percent(got)}** of the {images} images" if got is not None else "not measured yet"
    said = f"*{experiment.title}*. Published: {experiment.published}. This run: {ours}."
    told = [f"{curve.figure} on the {curve.images} images is {HOW[curve.how]}" for curve in experiment.curves]
    return f"{said} Dashed, what its source printed: {'; '.join(told)}." if told else said


def _sentence(view: RunView, active: bool, place: int) -> str:
    """Where the run stands, in words. `place` is its place in the queue."""
    last, state = view.events[-1] if view.events else {}, view.state
    if state not in FINAL and not active:
        ago = duration(view.run.silent_for())
        return f"Nothing was heard of this run for {ago}; its process seems to have ended."
    if state not in FINAL and view.run.stop_requested():
        return "Stopping; the weights so far are kept."
    match state:
        case "waiting" if place:
            return f"It waits for its turn, as number {place} in the queue."
        case "waiting":
            return "Waiting for the worker: it starts in a few seconds."
        case "running":
            return "Training now."
        case "done":
            return (
                f"**{percent(last['test_accuracy'])}** of the test images are classified correctly, after "
                f"{plural(last['epoch'], 'epoch')} in {duration(last['seconds'])}."
            )
        case "stopped":
            if not last["step"]:
                return f"Stopped before it began{': ' + plain_text(last['reason']) if last.get('reason') else ''}."
            why = f" because {plain_text(last['reason'])}" if last.get("reason") else ""
            return f"Stopped at epoch {last['epoch']:.2f}{why}. The weights so far are kept."
    return f"The run failed: {plain_text(last['reason'])}."

"""A run as it is watched: where it stands, its figures, and what there is to say of it."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import streamlit as st

from cnnviz import runs
from cnnviz.lessons.common.format import count, duration, percent, plural, size_of
from cnnviz.lessons.train.outcomes import measured
from cnnviz.lessons.train.settings import RATE
from cnnviz.runs import FINAL, LOST_AFTER, Run, comparison
from cnnviz.runs.execution import BEST
from cnnviz.server.scheduler import Engine
from cnnviz.training import Event, TrainConfig, experiments
from cnnviz.training.published import HOW
from cnnviz.ui.core import resources
from cnnviz.ui.shell.page import plain_text

EVERY, SOON = 0.4, 0.15  # seconds between two looks at a run; and at one that has just begun, until its first figures,
SOON_FOR = 1.5  # but for no more seconds than that: it may be slow
LEAST_PART = 1e-9  # of a run, from which the time that is left can be told; a step is a sixty-millionth at the least
MIN_SWEPT = 20  # reports of a sweep of which something can be said
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


def pace(view: RunView, active: bool, workers: Engine) -> float | None:
    """Seconds until the run is looked at again; None where no more is to come. Who waits in the queue is in no hurry:
    a class may stand there."""
    if not active:
        return None
    begins = workers.place(view.run.id) == 0 and view.run.age() < SOON_FOR and not view.of_kind("step")
    return SOON if begins else EVERY


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
    dashed = f"Dashed, what its source printed: {'; '.join(told)}." if told else ""
    return " ".join(filter(None, (said, measured(experiment), dashed)))


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

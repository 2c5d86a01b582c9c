"""A run as it is watched: its charts, and the sentence that says where it stands."""

import streamlit as st

from cnnviz import runs, zoo
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import FINAL, Run
from cnnviz.training import Event, TrainConfig
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.theme import ROLES, plural

SILENCE = 120  # seconds after which a run that another process carries out is taken for lost


def title(network: str) -> str:
    """A network as it stands in a menu."""
    return "Your own text" if network == OWN_TEXT else zoo.entry(network).title


def charts(run: Run, events: list[Event], config: TrainConfig) -> None:
    """Loss and accuracy over the epochs, for the training images and the test images."""
    steps, epochs = (of_kind(events, kind) for kind in ("step", "epoch"))
    left, right = st.columns(2, gap="medium")
    with left:
        curve(f"train_loss_{run.id}", "loss", steps, epochs, config)
    with right:
        curve(f"train_accuracy_{run.id}", "accuracy", steps, epochs, config)


def curve(key: str, figure: str, steps: list[Event], epochs: list[Event], config: TrainConfig) -> None:
    """One chart: the running mean in training as a line, the measurement after each epoch as dots."""
    training = series("training", ROLES["input"], steps, figure)
    test = series("test", ROLES["kernel"], epochs, f"test_{figure}")
    test["points"] = test["joined"] = True
    lines(
        key,
        [training, test],
        x_label="epoch",
        y_label=figure.capitalize(),
        x_range=(0, config.epochs),
        y_range=accuracy_range(epochs) if figure == "accuracy" else None,
        percent=figure == "accuracy",
        log=figure == "loss",
        height=280,
    )


def accuracy_range(epochs: list[Event]) -> tuple[float, float]:
    """From the highest of 0, 50, 80 and 90 % that leaves every measured accuracy in sight, to 100 %."""
    lowest = min((event["test_accuracy"] for event in epochs), default=0)
    return max(low for low in (0, 0.5, 0.8, 0.9) if low <= max(0, lowest - 0.02)), 1


def series(name: str, colour: str, events: list[Event], figure: str) -> Series:
    """A figure of the events over their epochs."""
    x, y = ([event[key] for event in events] for key in ("epoch", figure))
    return {"name": name, "colour": colour, "x": x, "y": y}


def of_kind(events: list[Event], kind: str) -> list[Event]:
    """The events of one kind."""
    return [event for event in events if event["event"] == kind]


def percent(share: float) -> str:
    """A share from 0 to 1 as 98.36 %."""
    return f"{100 * share:.2f} %"


def is_active(run: Run, queue: list[str]) -> bool:
    """Whether more is to come: the run is in this server's queue, or somebody wrote to it of late."""
    return run.state() not in FINAL and (run.id in queue or run.silent_for() < SILENCE)


def sentence(run: Run, events: list[Event], config: TrainConfig, active: bool) -> str:
    """Where the run stands, in words."""
    last, state = events[-1] if events else {}, runs.state(events)
    if state not in FINAL and not active:
        minutes = run.silent_for() / 60
        return f"Nothing was heard of this run for {minutes:.0f} minutes; its process seems to have ended."
    if state not in FINAL and run.stop_requested():
        return "Stopping; the weights so far are kept."
    match state:
        case "waiting":
            return "Waiting for the worker: it starts in a few seconds, or after the runs before this one."
        case "running":
            return running(last, events, config)
        case "done":
            return (
                f"**{percent(last['test_accuracy'])}** of the test images are named rightly, after "
                f"{plural(last['epoch'], 'epoch')} in {plural(round(last['seconds'], 1), 'second')}."
            )
        case "stopped":
            return f"Stopped at epoch {last['epoch']:.2f} of {config.epochs}. The weights so far are kept."
    return f"The run failed: {last['reason']}."


def running(last: Event, events: list[Event], config: TrainConfig) -> str:
    """Progress, speed and the time that is left."""
    speed = next((e["images_per_second"] for e in reversed(events) if "images_per_second" in e), 0)
    left = last["seconds"] * (config.epochs / last["epoch"] - 1)
    time = plural(round(left), "second")
    return f"Epoch {last['epoch']:.2f} of {config.epochs}, {speed:,} images a second, about {time} left."

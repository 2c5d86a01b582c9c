"""A run as it is watched: its charts, and the sentence that says where it stands."""

import streamlit as st

from cnnviz.runs import Run
from cnnviz.training import Event, TrainConfig
from cnnviz.ui.components.lines import Series, lines
from cnnviz.ui.theme import ROLES


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
    accuracy = figure == "accuracy"
    lines(
        key,
        [training, test],
        x_label="epoch",
        y_label=figure.capitalize(),
        x_range=(0, config.epochs),
        y_range=(0, 1) if accuracy else None,
        percent=accuracy,
        height=280,
    )


def series(name: str, colour: str, events: list[Event], figure: str) -> Series:
    """A figure of the events over their epochs."""
    x, y = ([event[key] for event in events] for key in ("epoch", figure))
    return {"name": name, "colour": colour, "x": x, "y": y}


def of_kind(events: list[Event], kind: str) -> list[Event]:
    """The events of one kind."""
    return [event for event in events if event["event"] == kind]


def sentence(state: str, events: list[Event], config: TrainConfig) -> str:
    """Where the run stands, in words."""
    last = events[-1] if events else {}
    match state:
        case "waiting":
            return "Waiting for the worker: it starts in a few seconds, or after the runs before this one."
        case "running":
            return running(last, events, config)
        case "done":
            return (
                f"**{last['test_accuracy']:.2%}** of the test images are named rightly, after "
                f"{last['epoch']:.3g} epochs in {last['seconds']:.1f} seconds."
            )
        case "stopped":
            return f"Stopped at epoch {last['epoch']:.2f} of {config.epochs}. The weights so far are kept."
    return f"The run failed: {last['reason']}."


def running(last: Event, events: list[Event], config: TrainConfig) -> str:
    """Progress, speed and the time that is left."""
    speed = next((e["images_per_second"] for e in reversed(events) if "images_per_second" in e), 0)
    left = last["seconds"] * (config.epochs / last["epoch"] - 1)
    return (
        f"Epoch {last['epoch']:.2f} of {config.epochs}, {speed:,} images a second, "
        f"about {left:.0f} seconds left."
    )

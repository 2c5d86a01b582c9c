"""Runs beside one another: what sets them apart, what each came to, and their figures as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from string import ascii_uppercase
from typing import Any

from cnnviz import networks
from cnnviz.data import spreadsheets
from cnnviz.links import number_text
from cnnviz.runs import directory
from cnnviz.runs.directory import Run
from cnnviz.runs.journal import FINAL
from cnnviz.training import Event, TrainConfig

USUAL = TrainConfig()
TITLES = networks.titles()
LONGEST = 36  # letters of a run's name on a chart
MAIN = ("network", "dataset", "epochs", "optimizer", "learning_rate", "batch_size")  # always named
UNTOLD = ("text", "device", "time_limit", "start_sha256")  # of a config: what does not set its figures apart
WORDS = {
    "optimizer": "optimiser",
    "dataset": "data set",
    "fit": "small pictures",
    "clip_norm": "gradient clipped at",
    "train_measure": "training images measured",
    "validation": "held out for validation",
    "best": "best weights by",
    "start": "going on from",
}
VALUES = {"pass": "by a pass", "half": "by 0.5", "nll": "negative log-likelihood", "mse": "mean squared error"}


@dataclass(frozen=True)
class Result:
    """A run and what it has come to: `accuracy` on the test images, the last and the best (None: not measured)."""

    id: str
    config: TrainConfig
    state: str
    epoch: float
    accuracy: float | None
    best: float | None
    seconds: float


def result(run: Run) -> Result:
    """What a run has come to so far. Raises ValueError where its config cannot be read."""
    config, events = run.config(), run.events()
    measured = [event["test_accuracy"] for event in events if event["event"] == "epoch"]
    last = next((event for event in reversed(events) if "epoch" in event), None)
    return Result(
        run.id,
        config,
        directory.state(events),
        last["epoch"] if last else 0.0,
        measured[-1] if measured else None,
        max(measured, default=None),
        last["seconds"] if last else 0.0,
    )


def word(name: str) -> str:
    """A setting's name in a sentence."""
    return WORDS.get(name, name.replace("_", " "))


def _value(name: str, setting: Any) -> str:
    """A setting's value in a sentence."""
    if name == "network":
        return TITLES[setting]
    if isinstance(setting, int | float):
        return number_text(setting)
    return VALUES.get(setting, str(setting).replace("_", " "))


def describe(config: TrainConfig) -> str:
    """All that makes a run, in one line: the usual settings, then those that are not as they mostly are."""
    c = config
    rate = f"learning rate {number_text(c.learning_rate)}"
    line = f"{TITLES[c.network]} on {c.dataset}, {c.optimizer}, {rate}, batches of {c.batch_size}"
    more = [field.name for field in fields(c) if field.name not in (*MAIN, *UNTOLD)]
    changed = [name for name in more if getattr(c, name) != getattr(USUAL, name)]
    return ", ".join([line, *(f"{word(name)} {_value(name, getattr(c, name))}" for name in changed)])


def labels(configs: Sequence[TrainConfig]) -> list[str]:
    """A short name for each run on a chart: its network where no two have the same, otherwise what sets it apart from
    the others; where that is too long, a letter, in the order of the runs."""
    if len({config.network for config in configs}) == len(configs):
        return [TITLES[config.network] for config in configs]
    told = [field.name for field in fields(TrainConfig) if field.name not in ("text", "start_sha256")]
    named = [name for name in told if len({getattr(config, name) for config in configs}) > 1]
    texts = [", ".join(_apart(name, getattr(c, name)) for name in named) or TITLES[c.network] for c in configs]
    if max(map(len, texts)) > LONGEST:
        return [f"run {letter}" for letter, _ in zip(ascii_uppercase, configs, strict=False)]
    return [
        text if texts[:i].count(text) == 0 else f"{text} ({texts[:i].count(text) + 1})" for i, text in enumerate(texts)
    ]


def _apart(name: str, setting: Any) -> str:
    """A setting as it sets one run apart from another."""
    written = _value(name, setting)
    return written if name in ("network", "dataset", "optimizer") else f"{word(name)} {written}"


def row(result: Result) -> dict[str, Any]:
    """A run as a row of a table; accuracies in percent."""
    c = result.config
    percent = {name: None if share is None else round(100 * share, 2) for name, share in _accuracies(result).items()}
    return {
        "Network": TITLES[c.network],
        "Data set": c.dataset,
        **percent,
        "State": result.state if result.state in FINAL else f"{result.state}, epoch {result.epoch:.1f}",
        "Epochs": round(result.epoch, 2),
        "Seconds": round(result.seconds, 1),
        "Optimiser": c.optimizer,
        "Learning rate": c.learning_rate,
        "Batch": c.batch_size,
        "Seed": c.seed,
        "Otherwise": _otherwise(c),
        "Run": result.id,
    }


def _accuracies(result: Result) -> dict[str, float | None]:
    """The columns of the accuracy on the test images."""
    return {"Test accuracy, %": result.accuracy, "Best, %": result.best}


def _otherwise(config: TrainConfig) -> str:
    """What is not as it mostly is, besides what has a column of its own."""
    shown = (*MAIN, "seed", *UNTOLD)
    changed = [f.name for f in fields(config) if f.name not in shown and getattr(config, f.name) != f.default]
    return ", ".join(f"{word(name)} {_value(name, getattr(config, name))}" for name in changed)


def as_csv(events: Sequence[Event]) -> str:
    """All events of a run as a table, one line each; a figure that an event has not is left empty."""
    return spreadsheets.as_csv(list(dict.fromkeys(key for event in events for key in event)), events)

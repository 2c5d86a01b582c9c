"""Exercises of the Train page: steps, updates, and a learning rate that decays; before anything is trained."""

from math import ceil

from cnnviz.data import datasets
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.train.settings import Train
from cnnviz.training import TrainConfig


def images(config: TrainConfig) -> int:
    """Training images of the run. Raises ValueError where the data set is not here."""
    every = len(datasets.load(config.dataset).y_train)
    return min(every, config.subset or every)


def steps(config: TrainConfig) -> int:
    """Steps of one epoch: the last batch may be smaller, and counts."""
    return ceil(images(config) / config.batch_size)


def _updates(config: TrainConfig) -> int:
    """Steps of the whole run."""
    return min(config.epochs * steps(config), config.steps or config.epochs * steps(config))


def _decaying(settings: Train) -> TrainConfig:
    """The settings of the run. Raises ValueError for another schedule, where its decay says nothing."""
    config = settings.config()
    if config.schedule != "step":
        raise ValueError(f"this exercise needs the schedule 'step', and it is {config.schedule!r}")
    return config


def _last_rate(settings: Train) -> float:
    """The learning rate of the last step: rate x decay^(decays before it). Raises ValueError as `_decaying`."""
    config = _decaying(settings)
    return config.learning_rate * config.decay ** ((_updates(config) - 1) // (config.decay_epochs * steps(config)))


def _describe_run(config: TrainConfig) -> str:
    """The images and the batches in words."""
    return f"{images(config):,} training images in batches of {config.batch_size}"


def _asks_rate(settings: Train) -> str:
    """The question. Raises ValueError as `_decaying`."""
    config = _decaying(settings)
    epochs = "epoch" if config.decay_epochs == 1 else f"{config.decay_epochs} epochs"
    return (
        f"The learning rate begins at {config.learning_rate:g} and is multiplied by {config.decay:g} after every "
        f"{epochs}. What is it in the last of {config.epochs} epochs?"
    )


DECAYING = Train(learning_rate="0.01", schedule="step", decay=0.5, decay_epochs=2, epochs=5)

EXERCISES = (
    Exercise(
        "steps",
        "Steps of an epoch",
        lambda settings: f"{_describe_run(settings.config())}: how many steps is one epoch?",
        Train(),
        lambda settings: steps(settings.config()),
        ("An epoch is once through the data, a step is one batch.", "What is left over at the end is a batch, too."),
        (
            Mistake(
                "This leaves out the last batch, which is smaller than the others.",
                lambda settings: images(settings.config()) // settings.config().batch_size,
            ),
            Mistake("This is the number of images.", lambda settings: images(settings.config())),
        ),
        solution=lambda s: f"{images(s.config()):,} / {s.config().batch_size}, rounded up.",
        blurb="How many batches make one pass over the digits.",
    ),
    Exercise(
        "updates",
        "Updates of a run",
        lambda s: (
            f"{_describe_run(s.config())}, {s.config().epochs} epochs: how often are the weights changed in the "
            "whole run?"
        ),
        Train(epochs=4, batch_size=100),
        lambda settings: _updates(settings.config()),
        ("The weights change once after every batch.", "Steps of one epoch × epochs."),
        (
            Mistake("This is one epoch alone.", lambda settings: steps(settings.config())),
            Mistake("This is once an epoch; the weights change after every batch.", lambda s: s.config().epochs),
            Mistake("This is once an image.", lambda s: s.config().epochs * images(s.config())),
        ),
        blurb="How often a run of several epochs changes the weights.",
    ),
    Exercise(
        "decay",
        "A rate that decays",
        _asks_rate,
        DECAYING,
        _last_rate,
        (
            "Count how often the rate has been multiplied when the last epoch begins.",
            "Whole groups of epochs before the last one: floor((epochs - 1) / epochs between two decays).",
        ),
        (
            Mistake(
                "This decays after every epoch.",
                lambda s: s.config().learning_rate * s.config().decay ** (s.config().epochs - 1),
            ),
            Mistake("This decays once too little.", lambda settings: _last_rate(settings) / settings.config().decay),
            Mistake("This decays once too often.", lambda settings: _last_rate(settings) * settings.config().decay),
        ),
    ),
)

"""Carries a run out: trains what its config says, and writes its directory (directory.py)."""

import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from torch import nn

from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.inference import checkpoints
from cnnviz.runs.creation import checked_sha256
from cnnviz.runs.directory import EARLY, Run, fail, in_words
from cnnviz.runs.snapshots import Snapshotter
from cnnviz.training import Event, TrainConfig, new_network, train
from cnnviz.training.preprocessing import preprocessing

log = logging.getLogger(__name__)

BEAT = 2.0  # seconds between two touches of `alive`
ASK_EVERY = 0.2  # seconds between two looks for the file `stop`: a step may take less than a look
BEST = {  # the figure of a measurement by which the best weights are told
    "training": "train_accuracy",
    "validation": "validation_accuracy",
    "test": "test_accuracy",
}
SMALL = 300_000  # parameters of a network whose early weights are kept, 1.2 MB a file


def execute(run: Run) -> Iterator[Event]:
    """Trains what the run's config says, writes the run directory and passes the events on. A run that somebody has
    begun or ended before gives none, and one that somebody ends meanwhile, because nothing was heard of it for too
    long, no more: nothing is written into it any more.

    Whatever goes wrong ends the run as 'failed' with its reason. Raises OSError only where even that cannot
    be written.
    """
    if not run.begin():
        return
    with _alive(run):
        try:
            for event in _recorded(run):
                run.append(event)
                yield event
        except Exception as error:
            if not isinstance(error, OSError | ValueError):  # of which the reason says all
                log.exception("run %s failed", run.id)
            yield fail(run, in_words(error))


@contextlib.contextmanager
def _alive(run: Run) -> Iterator[None]:
    """Shows from a thread that the run is in hand, also while a long measurement goes on."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            run.beat()

    run.hold()
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _seldom(ask: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, put only every ASK_EVERY seconds; in between the last answer holds."""
    asked_at, answer = -math.inf, False

    def answered() -> bool:
        nonlocal asked_at, answer
        if time.monotonic() - asked_at >= ASK_EVERY:
            asked_at, answer = time.monotonic(), ask()
        return answer

    return answered


def _recorded(run: Run) -> Iterator[Event]:
    """The events of the run in training; the weights are saved before the event that tells of them."""
    config = run.config()
    network, data = new_network(config), datasets.load(config.dataset)
    if config.start:
        checked_sha256(run.start, config)
        network.load_state_dict(checkpoints.load(run.start).network.state_dict())

    def stopped() -> bool:
        return run.stop_requested() or run.last_beat() is None

    small = sum(weight.numel() for weight in network.parameters()) <= SMALL
    save = partial(_save, config, network, data)
    events = train(config, network, _seldom(stopped))  # refuses what does not fit, before anything is kept
    if small and 0 in EARLY:
        save(run.early(0), None, 0)
    accuracy, best = None, -1.0
    snapshotter = Snapshotter(run.folder, network, preprocessing(config, data), data)
    for event in events:
        if run.last_beat() is None:  # somebody has ended it
            return
        if event["event"] in ("step", "epoch"):  # that of some of the test images is not the network's
            accuracy = None if "test_images" in event else event.get("test_accuracy")
        if event["event"] in ("done", "stopped"):
            snapshotter.capture(event["step"])
        elif event["event"] != "failed":  # its weights are no numbers any more
            snapshotter.capture_if_due(event["step"])
        if event["event"] in ("epoch", "stopped"):
            save(run.weights, accuracy, event["epoch"])
        share = event.get(BEST.get(config.best, ""), -1.0) if event["event"] == "epoch" else -1.0
        if share > best:
            best = share
            save(run.best, accuracy, event["epoch"])
        if small and event["event"] == "epoch" and event["epoch"] in EARLY:
            save(run.early(int(event["epoch"])), accuracy, event["epoch"])
        yield event


def _save(
    config: TrainConfig, network: nn.Module, data: DataSet, path: Path, accuracy: float | None, epochs: float
) -> None:
    """The network as it is now, with its card."""
    card = checkpoints.card_for(
        config.network,
        data,
        accuracy=accuracy,
        epochs=epochs,
        seed=config.seed,
        command=config.command(),
        text=config.text,
        preprocessing=preprocessing(config, data),
    )
    checkpoints.save(path, network, card)

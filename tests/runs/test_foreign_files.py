"""Whatever lies in the folder of a run: nobody waits for it, and no number that cannot be gets out of it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch

from cnnviz import networks, runs
from cnnviz.data import datasets
from cnnviz.data.files import check_regular, read_regular
from cnnviz.inference import checkpoints
from cnnviz.runs import Run, cleanup, comparison, journal, snapshots
from cnnviz.training import FIGURES, TrainConfig
from cnnviz.training.events import RANGES, TEXTS, Event
from tests.helpers import refused

FILES = (
    *("config.json", "metrics.jsonl", "model.safetensors", "look.safetensors", "epoch_0.safetensors", "stop", "alive"),
)
SHORT = TrainConfig(subset=100, epochs=1, steps=1, device="cpu")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    return tmp_path


def at_once(ask: Callable[[], object]) -> object:
    """What comes of it; a ValueError is an answer, too, and whoever waits fails."""
    answers: list[object] = []

    def answer() -> None:
        try:
            answers.append(ask())
        except ValueError as error:
            answers.append(error)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    thread.join(60)
    assert answers, "it waits, or raised something else"
    return answers[0]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


def nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere") / "nothing")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES = [pipe, directory, loop, nowhere, device]


@pytest.mark.parametrize("kind", NO_FILES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("file", FILES)
def test_what_is_no_file_stops_nobody(file: str, kind: Callable[[Path], None]) -> None:
    run = runs.create(SHORT)
    (run.folder / file).unlink(missing_ok=True)
    kind(run.folder / file)
    assert at_once(run.events) == []
    assert at_once(lambda: run.snapshot) is None
    assert at_once(lambda: checkpoints.load(run.weights)).__class__ is ValueError
    assert at_once(lambda: checkpoints.read_card(run.early(0))).__class__ is ValueError
    assert (at_once(run.config) == SHORT) == (file != "config.json")
    assert (run in at_once(runs.all)) == (file != "config.json")  # type: ignore[operator]
    assert at_once(run.stop_requested) is False and at_once(run.state) == "waiting"
    for ask in (run.silent_for, run.beat, run.is_lost, lambda: run.changed, lambda: comparison.result(run)):
        at_once(ask)
    at_once(cleanup.end_lost)
    at_once(run.request_stop)


@pytest.mark.parametrize("kind", NO_FILES, ids=lambda kind: kind.__name__)
@pytest.mark.long(sample=8)
@pytest.mark.parametrize("file", ["look.safetensors", "stop", "epoch_1.safetensors"])
def test_a_run_is_trained_beside_it(file: str, kind: Callable[[Path], None], small_mnist: None) -> None:
    run = runs.create(SHORT)
    kind(run.folder / file)
    last = list(at_once(lambda: list(runs.execute(run))))[-1]  # type: ignore[call-overload]
    assert last["event"] in ("done", "failed")
    assert last["event"] == "done" or kind is directory, "a name that a folder has cannot be written"


@pytest.mark.parametrize("kind", NO_FILES, ids=lambda kind: kind.__name__)
def test_a_file_is_a_file(kind: Callable[[Path], None], tmp_path: Path) -> None:
    kind(tmp_path / "file")
    for ask in (check_regular, lambda path: read_regular(path, 10)):
        with pytest.raises(OSError):
            ask(tmp_path / "file")
    (tmp_path / "right").write_bytes(b"0123456789")
    assert read_regular(tmp_path / "right", 4) == b"0123"


# --- the journal

STEP: Event = {"event": "step", "step": 1, "epoch": 0.1, "seconds": 1, "loss": 2.3, "accuracy": 0.1}
STEP |= {"images_per_second": 9, "learning_rate": 0.1, "memory": 10, "utilisation": 0.5, "device": "a cpu"}
TESTED = {f"{part}_{figure}": 0.5 for part in ("train", "test", "validation") for figure in ("loss", "accuracy")}
EVENTS: list[Event] = [
    STEP,
    {"event": "epoch", "step": 2, "epoch": 1.0, "seconds": 2, "test_images": 9, **TESTED},
    {"event": "done", "step": 2, "epoch": 1.0, "seconds": 2, "test_accuracy": 1},
    {"event": "stopped", "step": 0, "epoch": 0, "seconds": 0, "reason": "its time limit"},
    {"event": "failed", "reason": "why"},
]
NO_NUMBERS = ["NaN", "Infinity", "-Infinity", "true", "null", '"1"', "[1]", "{}", "1" + "0" * 400, "1e999", "-1e39"]
NO_TEXTS = ["NaN", "1", "null", "[1]", '"half a pair \\ud800"']


def read(path: Path, text: str) -> list[Event]:
    path.write_text(text + "\n")
    return journal.read(path)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["event"])
def test_a_line_with_an_entry_that_cannot_be_is_left_out(event: Event, tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    assert read(path, json.dumps(event)) == [event]
    for name in event:
        for value in NO_TEXTS if name in TEXTS else NO_NUMBERS:
            line = json.dumps({**event, name: "HERE"}).replace('"HERE"', value)
            assert read(path, line) == [], line
    for name in event.keys() & RANGES.keys():
        low, high = RANGES[name]
        for value in (low - 1, high * 2):
            assert read(path, json.dumps({**event, name: value})) == []


def test_every_figure_that_a_run_tells_is_among_them() -> None:
    told = set().union(*EVENTS)
    assert told >= set().union(*FIGURES.values()) and told >= RANGES.keys()
    real = journal.read(runs.EXAMPLE.folder / "metrics.jsonl")
    lines = (runs.EXAMPLE.folder / "metrics.jsonl").read_text().splitlines()
    assert real == [json.loads(line) for line in lines] and set().union(*real) <= told


def test_what_no_page_reads_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path / "metrics.jsonl", json.dumps({**STEP, "surprise": [1], "x" * 1000: None})) == [STEP]
    assert read(tmp_path / "metrics.jsonl", '{"event": ' + "[" * 100_000) == []


def test_no_more_of_a_journal_is_read_than_a_run_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(STEP) + "\n"
    monkeypatch.setattr(journal, "MAX_BYTES", 10 * len(line) + 5)
    (tmp_path / "metrics.jsonl").write_text(line * 100)
    assert journal.read(tmp_path / "metrics.jsonl") == [STEP] * 10


# --- snapshots


def look(**changes: np.ndarray) -> dict[str, np.ndarray]:
    kernels = np.zeros((2, 1, 3, 3), np.float32)
    whole = {
        "step": np.array([1]),
        "kernels": kernels,
        "first_kernels": kernels,
        "images": np.zeros((2, 1, 4, 4), np.uint8),
        "indices": np.arange(2),
        "labels": np.arange(2),
        "probabilities": np.full((2, 3), 1 / 3, np.float32),
    }
    return {**whole, **changes}


CLASSES = json.dumps(["a", "b", "c"])
WRONG = {
    "kernels of NaN": look(kernels=np.full((2, 1, 3, 3), np.nan, np.float32)),
    "first kernels without end": look(first_kernels=np.full((2, 1, 3, 3), np.inf, np.float32)),
    "a probability of 2": look(probabilities=np.full((2, 3), 2, np.float32)),
    "a probability below 0": look(probabilities=np.full((2, 3), -1, np.float32)),
    "a label without a class": look(labels=np.array([0, 3])),
    "a label below 0": look(labels=np.array([0, -1])),
    "an index below 0": look(indices=np.array([0, -1])),
    "a step below 0": look(step=np.array([-1])),
    "two steps": look(step=np.array([1, 2])),
    "a step without end": look(step=np.array([np.inf])),
    "images of floats": look(images=np.zeros((2, 1, 4, 4), np.float32)),
    "double kernels": look(kernels=np.zeros((2, 1, 3, 3)), first_kernels=np.zeros((2, 1, 3, 3))),
    "many images": look(images=np.zeros((17, 1, 4, 4), np.uint8), indices=np.arange(17), labels=np.zeros(17, np.int64)),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_snapshot_with_a_number_that_cannot_be_is_none(case: str, folder: Path) -> None:
    safetensors.numpy.save_file(look(), folder / snapshots.NAME, {"classes": CLASSES})
    assert snapshots.read(folder).step == 1  # type: ignore[union-attr]
    safetensors.numpy.save_file(WRONG[case], folder / snapshots.NAME, {"classes": CLASSES})
    assert snapshots.read(folder) is None


@pytest.mark.parametrize("classes", ['"abc"', "[1, 2, 3]", '["a", "b", "\\ud800"]', "[" * 100_000, "{}", "", "NaN"])
def test_a_snapshot_whose_classes_are_no_names_is_none(classes: str, folder: Path) -> None:
    safetensors.numpy.save_file(look(), folder / snapshots.NAME, {"classes": classes})
    assert snapshots.read(folder) is None


def test_kernels_that_are_very_many_are_not_kept() -> None:
    import torch
    from torch import nn

    with torch.device("meta"):
        assert snapshots.kernels(nn.Conv2d(2**18, 4, 3)) is None
    some = snapshots.kernels(nn.Conv2d(2**10, 200, 5))
    assert some is not None and some.shape == (2**20 // (25 * 2**10), 2**10, 5, 5)


# --- cards and weights


@pytest.fixture
def saved(folder: Path) -> Path:
    network, data = networks.build("lenet5"), datasets.load("mnist")
    card = checkpoints.card_for("lenet5", data, accuracy=0.5, epochs=1.0, seed=0, command="none")
    checkpoints.save(folder / "model.safetensors", network, card)
    return folder / "model.safetensors"


CARDS = [
    *({"accuracy": value} for value in ("NaN", "Infinity", "2", "-1", "true", "1" + "0" * 400)),
    *({"epochs": value} for value in ("NaN", "1e300", "1" + "0" * 400, "null")),
    *({"mean": value} for value in ("[NaN]", "[1e300]", "[1" + "0" * 400 + "]")),
    *({"std": value} for value in ("[NaN]", "[1e-320]", "[Infinity]", "[-1]")),
    *({name: '"half a pair \\ud800"'} for name in ("network", "command", "torch", "text")),
    {"classes": '["a", "\\ud800"]'},
    {"classes": "[" * 100_000},
]


@pytest.mark.parametrize("change", CARDS, ids=range(len(CARDS)))
def test_a_card_with_an_entry_that_cannot_be(change: dict[str, str], saved: Path) -> None:
    with safetensors.safe_open(saved, "pt") as file:
        card = json.loads(file.metadata()["card"])
    ((name, value),) = change.items()
    text = json.dumps({**card, name: "HERE"}).replace('"HERE"', value)
    safetensors.torch.save_file(safetensors.torch.load_file(saved), saved, {"card": text})
    for ask in (checkpoints.read_card, checkpoints.load):
        with refused("model.safetensors", "card"):
            ask(saved)


def test_weights_are_compared_before_they_are_read(saved: Path) -> None:
    """A file whose card says LeNet-5, with a tensor of 4 GB in it that nobody takes into memory."""
    with safetensors.safe_open(saved, "pt") as file:
        metadata = file.metadata()
    more = {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4 * 10**9]}
    header = json.dumps({"__metadata__": metadata, "more": more}).encode()
    saved.write_bytes(len(header).to_bytes(8, "little") + header)
    os.truncate(saved, 8 + len(header) + 4 * 10**9)  # a hole, which takes no disk
    with refused("model.safetensors", "conv1.bias", "missing"):
        checkpoints.load(saved)


def test_a_header_of_gigabytes_is_not_read(saved: Path) -> None:
    saved.write_bytes((2**40).to_bytes(8, "little") + b"{}")
    with refused("model.safetensors", f"{2**40:,}"):
        checkpoints.load(saved)
    saved.rename(saved.with_name(snapshots.NAME))
    assert snapshots.read(saved.parent) is None


def test_a_config_in_a_file_without_end(folder: Path) -> None:
    run: Run = runs.create(SHORT)
    (run.folder / "config.json").write_text('{"text": "' + "x" * 2_000_000 + '"}')
    with refused(run.id, "config.json") as caught:
        run.config()
    assert len(str(caught.value)) < 400

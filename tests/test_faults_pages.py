"""No page falls over a damaged run, a lost data folder or a full disk: a sentence, and what was saved stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from streamlit.testing.v1 import AppTest

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.runs import Run
from cnnviz.training import TrainConfig
from tests.helpers import names, opened, refused

RUN_PAGES = {"train": "run", "inside": "network", "evaluate": "network", "draw": "network"}  # and how each names a run
READS = [  # the files that each of them reads
    *(("train", file) for file in ("config.json", "metrics.jsonl", "look.safetensors")),
    *((page, "model.safetensors") for page in ("inside", "evaluate", "draw")),
]
RNG = np.random.default_rng(0)
STEP = {
    "event": "step",
    "step": 1,
    "epoch": 0.5,
    "loss": 2.3,
    "accuracy": 0.1,
    "images_per_second": 9.0,
    "seconds": 1.0,
}
TESTED = {"train_loss": 1.0, "train_accuracy": 0.5, "test_loss": 1.0, "test_accuracy": 0.5}
EPOCH = {"event": "epoch", "step": 2, "epoch": 1.0, **TESTED, "seconds": 2.0}


def write_own(data: Path) -> None:
    """A data set of 40 images, so that a page measures it at once."""
    data.mkdir()
    images, labels = RNG.integers(0, 256, (40, 28, 28), dtype=np.uint8), np.arange(40) % 10
    np.savez(data / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/own.npz and a run on it, done."""
    place = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        set_folders(place, patch)
        write_own(place / "data")
        list(runs.execute(runs.create(TrainConfig(dataset="own", epochs=1, batch_size=8, device="cpu"))))
    return place


def set_folders(place: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("CNNVIZ_DATA", str(place / "data"))
    patch.setenv("CNNVIZ_RUNS", str(place / "runs"))


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A copy of it, to be damaged."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    set_folders(tmp_path, monkeypatch)
    return runs.all()[0]


def unfolded(page: str, run: Run) -> AppTest:
    """The page of that run, with all that can be unfolded on it."""
    unfold = {"train_all": True, "train_files": True} if page == "train" else {}
    return opened(page, unfold, **{RUN_PAGES[page]: run.id})


def sentences(app: AppTest) -> str:
    return " ".join(one.value.replace("\\", "") for one in (*app.warning, *app.error))


# --- each file of a run, damaged


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def noise(path: Path) -> None:
    path.write_bytes(RNG.bytes(4000))


def turned(path: Path) -> None:
    """Every 97th byte is another."""
    whole = bytearray(path.read_bytes())
    for place in range(0, len(whole), 97):
        whole[place] ^= 255
    path.write_bytes(whole)


def other_json(path: Path) -> None:
    path.write_text('{"name": ["webpack"], "event": {"a": null}}\n[1, 2]\nnull\n"text"\n')


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def gone(path: Path) -> None:
    path.unlink()


def loop(path: Path) -> None:
    """A symbolic link to itself."""
    path.unlink()
    path.symlink_to(path)


def fifo(path: Path) -> None:
    """A pipe into which nobody writes: who opens it waits for ever."""
    path.unlink()
    os.mkfifo(path)


def endless(path: Path) -> None:
    """A link to a device that never ends."""
    path.unlink()
    path.symlink_to("/dev/zero")


DAMAGES = [cut, empty, noise, turned, other_json, folder, gone, loop, fifo, endless]


@pytest.mark.long(sample=24)  # each file with each damage: tests/runs/test_foreign_files.py
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize(("page", "file"), READS)
def test_a_damaged_file_of_a_run_is_a_sentence(page: str, damage: Callable, file: str, run: Run) -> None:
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    damage(run.folder / file)
    app = unfolded(page, run)
    assert sentences(app) or file in ("metrics.jsonl", "look.safetensors") or damage is turned
    left = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    assert all(left[name] == before[name] for name in before if name != file), "nothing else was touched"


CONFIGS = [
    {"network": "own text"},
    {"network": "own text", "text": "nn.Linear("},
    {"epochs": True},
    {"learning_rate": float("nan")},
    {"epochs": 10**400},
    {"learning_rate": 10**400},
    {"dataset": "half a pair \ud800"},
    {"dataset": "../../etc"},
    {"time_limit": "long"},
    {"text": "x" * 100_000},
    {"subset": -1},
]


@pytest.mark.parametrize("change", CONFIGS, ids=lambda change: "-".join(change))
def test_a_config_of_wrong_values(change: dict, run: Run) -> None:
    config = json.loads((run.folder / "config.json").read_text())
    (run.folder / "config.json").write_text(json.dumps({**config, **change}))
    unfolded("train", run)
    opened("train")


EVENTS = [
    [{**STEP, "device": 7, "memory": "much", "utilisation": [1]}],
    [{**STEP, "learning_rate": "low"}],
    [{**STEP, "memory": float("nan")}],
    [{**STEP, "memory": float("inf"), "utilisation": float("nan")}],
    [{**STEP, "device": "half a pair \ud800"}, {"event": "failed", "reason": "\udfff"}],
    [{**STEP, "epoch": 5e-324, "seconds": 1e9}],
    [{**STEP, "step": 1.5, "epoch": True, "images_per_second": 1e308}],
    [{**STEP, "surprise": {"a": [1]}, "<img src=x>": "onerror"}],
    [{**STEP, "loss": float("nan")}, {**EPOCH, "test_accuracy": float("nan")}],
    [{**STEP, "loss": float("inf"), "seconds": -5.0}, {**EPOCH, "test_accuracy": 7.0}],
    [{**STEP, "epoch": 10**300, "step": 10**300}],
    [{**STEP, "loss": 10**400}],
    [{**EPOCH, "test_accuracy": -1.0}, STEP, STEP],
    [{"event": "done"}, {"event": "stopped"}, {"event": "failed"}],
    [{"event": "done", "step": 1, "epoch": 1.0, "seconds": 1.0, "test_accuracy": None}],
    [{"event": "stopped", "step": 0, "epoch": 0.0, "seconds": 0.0, "reason": None}],
    [{"event": "failed", "reason": ["a"]}],
    [{"event": "failed", "reason": ""}, STEP],
    [STEP] * 20_000,
]


@pytest.mark.parametrize("events", EVENTS, ids=range(len(EVENTS)))
def test_foreign_events(events: list[dict], run: Run) -> None:
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (run.folder / "metrics.jsonl").write_text(lines)
    unfolded("train", run)


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize("page", ["inside", "evaluate", "draw"])
def test_weights_that_are_no_numbers(page: str, value: float, run: Run) -> None:
    with safetensors.safe_open(run.weights, "pt") as file:
        metadata = file.metadata()
    weights = {name: torch.full_like(one, value) for name, one in safetensors.torch.load_file(run.weights).items()}
    safetensors.torch.save_file(weights, run.weights, metadata)
    assert sentences(unfolded(page, run)) or value == 1e30


def test_a_run_that_goes_while_it_is_watched(run: Run) -> None:
    app = opened("train", run=run.id)
    shutil.rmtree(run.folder)
    app.run()
    assert not app.exception and names(sentences(app), repr(run.id))


# --- the folders


@pytest.mark.parametrize("page", RUN_PAGES)
def test_the_data_folder_is_taken_away(page: str, run: Run, tmp_path: Path) -> None:
    app = unfolded(page, run)
    shutil.rmtree(tmp_path / "data")
    app.run()
    assert not app.exception, app.exception
    app = unfolded(page, run)
    assert page in ("draw", "train") or names(sentences(app), "own") or names(sentences(app), "'own'")
    write_own(tmp_path / "data")
    unfolded(page, run)
    assert run.weights.is_file() and run.state() == "done"


@pytest.mark.parametrize("page", RUN_PAGES)
def test_a_file_stands_where_the_folders_should(page: str, run: Run, tmp_path: Path) -> None:
    for name in ("data", "runs"):
        (tmp_path / name).rename(tmp_path / f"{name}-away")
        (tmp_path / name).write_text("a file")
    opened(page, **{RUN_PAGES[page]: run.id})
    opened(page)


@pytest.mark.long(sample=8)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("page", ["inside", "evaluate"])
def test_a_damaged_data_set_is_a_sentence(page: str, damage: Callable, run: Run, tmp_path: Path) -> None:
    damage(tmp_path / "data" / "own.npz")
    assert sentences(unfolded(page, run)) or damage is turned


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_train_names_a_damaged_data_set(damage: Callable, run: Run, tmp_path: Path) -> None:
    damage(tmp_path / "data" / "own.npz")
    unfolded("train", run)
    opened("train", dataset="own")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB under the data, full."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    (place / "filler").write_bytes(bytes(65536 - 8192))
    yield place
    subprocess.run(["umount", place], check=True)


def test_an_upload_that_the_disk_does_not_take(full_disk: Path, monkeypatch: pytest.MonkeyPatch, trained: Path) -> None:
    monkeypatch.setenv("CNNVIZ_DATA", str(full_disk))
    with refused(full_disk, "No space left on device"):
        datasets.keep("own.npz", (trained / "data" / "own.npz").read_bytes())
    assert [path.name for path in full_disk.iterdir()] == ["filler"], "no half a data set stays"


def test_train_pressed_on_a_full_disk(full_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (full_disk / "more").write_bytes(bytes(8192))
    monkeypatch.setenv("CNNVIZ_RUNS", str(full_disk))
    monkeypatch.setenv("CNNVIZ_TRAINING", "on")
    app = opened("train")
    app.button(key="train_start").click().run()
    assert not app.exception and names(sentences(app), "full")
    assert sorted(path.name for path in full_disk.iterdir()) == ["filler", "more"]


def test_a_folder_that_may_not_be_read(run: Run) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    run.folder.chmod(0)
    try:
        for page, name in RUN_PAGES.items():
            opened(page, **{name: run.id})
    finally:
        run.folder.chmod(0o755)

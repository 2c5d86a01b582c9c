"""Which runs go where there are too many: of each session its own oldest, and never another's."""

import os
import time

import pytest

from cnnviz import runs
from cnnviz.runs import cleanup
from cnnviz.training import TrainConfig

CONFIG = TrainConfig(subset=200, epochs=1, steps=2, device="cpu")
DONE = {"event": "done", "step": 1, "epoch": 1.0, "test_accuracy": 0.5, "seconds": 1.0}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def over(owner=""):
    run = runs.create(CONFIG, owner=owner)
    run.begin()
    run.append(DONE)
    return run


def kept():
    return {run.id for run in runs.all()}


def test_a_hundred_runs_of_one_session_delete_nobody_elses():
    theirs = [over("b") for _ in range(3)]
    mine = []
    for _ in range(20):
        mine.append(over("a"))
        cleanup.clear(keep_runs=10, keep_days=0, keep_runs_each=5)
    assert kept() == {run.id for run in [*theirs, *mine[-5:]]}
    for session in "cdef":
        over(session)
        cleanup.clear(keep_runs=10, keep_days=0, keep_runs_each=5)
    assert len(kept()) == 10 and kept() >= {run.id for run in [*theirs, *mine[-3:]]}


def test_runs_that_nobody_owns_are_bounded_together_alone():
    by_hand = [over() for _ in range(6)]
    mine = [over("a") for _ in range(3)]
    cleanup.clear(keep_runs=20, keep_days=0, keep_runs_each=2)
    assert kept() == {run.id for run in [*by_hand, *mine[1:]]}
    cleanup.clear(keep_runs=5, keep_days=0, keep_runs_each=2)
    assert kept() == {run.id for run in [*by_hand[3:], *mine[1:]]}


def test_a_run_of_a_living_room_stays():
    shown, other = over("a"), over("a")
    shown.keep_on_board()
    for run in (shown, other):
        date(run, "metrics.jsonl", "config.json", days=3)
    newest = over("a")
    cleanup.clear(keep_runs=1, keep_days=2, keep_runs_each=1)
    assert kept() == {shown.id, newest.id}
    date(shown, "room", days=2)
    cleanup.clear(keep_runs=1, keep_days=2, keep_runs_each=1)
    assert kept() == {newest.id}


def date(run, *files, days):
    for file in files:
        os.utime(run.folder / file, (time.time() - 86400 * days,) * 2)


def test_runs_that_were_stopped_before_they_began_go():
    asked, told, running = (runs.create(CONFIG, owner="a") for _ in range(3))
    asked.request_stop()
    assert asked.withdraw() and not asked.withdraw() and asked.was_never_begun()
    assert told.withdraw("the queue is full") and not told.was_never_begun()
    running.begin()
    running.append({"event": "step", "step": 1, "epoch": 0.1, "loss": 2.0, "accuracy": 0.2, "images_per_second": 9,
                    "seconds": 0.1})  # fmt: skip
    running.append({"event": "stopped", "step": 1, "epoch": 0.1, "seconds": 0.2})
    running.request_stop()
    cleanup.clear(keep_runs=9, keep_days=0)
    assert kept() == {told.id, running.id}
    assert told.events() == [
        {"event": "stopped", "step": 0, "epoch": 0.0, "seconds": 0.0, "reason": "the queue is full"}
    ]

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cnnviz import checkpoints, runs
from cnnviz.limits import Limits
from cnnviz.training import TrainConfig
from cnnviz.workers import Workers
from tests.helpers import ROOT

SHORT = TrainConfig(subset=200, epochs=1, steps=2, device="cpu")
LONG = TrainConfig(epochs=1000, device="cpu", time_limit=100)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """Workers that stay warm from test to test."""
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS", str(folder))
        shared = Workers(Limits(queued=12))
        shared.warm()
    yield shared, folder
    shared.close()


@pytest.fixture
def workers(pool, monkeypatch):
    shared, folder = pool
    monkeypatch.setenv("CNNVIZ_RUNS", str(folder))
    yield shared
    for run_id in shared.running():
        shared.stop(run_id)
    wait(lambda: not shared.running())


def wait(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def process_of(workers):
    return workers._carriers[0]._process


def stopped_within(workers, run):
    """Seconds from asking the run to stop to its end."""
    pressed = time.monotonic()
    workers.stop(run.id)
    wait(lambda: run.state() == "stopped")
    return time.monotonic() - pressed


def test_ten_runs_of_five_sessions_are_carried_out_in_fair_order(workers):
    first = workers.submit(LONG, "a")
    wait(runs.find(first).events)
    ids = {f"{session}{i}": workers.submit(SHORT, session) for session in "abcde" for i in (1, 2)}
    fair = [ids[name] for name in ["b1", "c1", "d1", "e1", "a1", "b2", "c2", "d2", "e2", "a2"]]
    assert workers.running() == [first, *fair]
    assert [workers.place(run_id) for run_id in (first, *fair)] == list(range(11))
    workers.stop(first)
    wait(lambda: not workers.running())
    assert {runs.find(run_id).state() for run_id in fair} == {"done"}
    ends = [runs.find(run_id).weights.stat().st_mtime_ns for run_id in fair]
    assert ends == sorted(ends) and workers.place(first) is None


def test_a_run_stops_at_once_before_its_worker_is_there(folder):
    cold = Workers(Limits())
    run = runs.find(cold.submit(LONG))  # a new worker takes seconds to load torch
    assert stopped_within(cold, run) < 0.5 and cold.running() == []
    assert not run.weights.exists() and run.events()[-1]["step"] == 0
    cold.close()


def test_stop_while_waiting_in_training_and_just_submitted(workers):
    trained, waiting = (runs.find(workers.submit(LONG)) for _ in range(2))
    assert stopped_within(workers, waiting) < 0.5 and workers.running() == [trained.id]
    wait(lambda: len(trained.events()) > 1)
    assert stopped_within(workers, trained) < 1
    assert checkpoints.load(trained.weights).card.epochs == pytest.approx(trained.events()[-1]["epoch"])
    just_submitted = runs.find(workers.submit(LONG))
    assert stopped_within(workers, just_submitted) < 1


def test_whoever_touches_the_file_stops_a_waiting_run(workers):
    _, waiting = (runs.find(workers.submit(LONG)) for _ in range(2))
    waiting.request_stop()
    wait(lambda: waiting.state() == "stopped", seconds=2)
    assert waiting.id not in workers.running()


def test_the_limits_hold(folder):
    pool = Workers(Limits(epochs=10, seconds=2, queued=3, queued_each=1))
    run = runs.find(pool.submit(replace(LONG, epochs=10), "a"))
    with pytest.raises(ValueError, match="epochs = 11 is more than the 10"):
        pool.submit(replace(LONG, epochs=11), "a")
    pool.submit(SHORT, "a")
    with pytest.raises(ValueError, match="1 of your runs are waiting"):
        pool.submit(SHORT, "a")
    pool.submit(SHORT, "b")
    pool.submit(SHORT, "c")
    with pytest.raises(ValueError, match="3 runs are waiting"):
        pool.submit(SHORT, "d")
    assert len(runs.all()) == 4, "a run that was refused leaves no folder"
    wait(lambda: run.state() == "stopped")
    assert "time limit of 2 seconds" in run.events()[-1]["reason"] and run.weights.is_file()
    pool.close()


def test_a_server_that_does_not_train_starts_no_worker(folder):
    pool = Workers(Limits(training=False))
    pool.warm()
    with pytest.raises(ValueError, match="does not train"):
        pool.submit(SHORT)
    assert process_of(pool) is None and runs.all() == []
    pool.close()


def test_two_runs_at_a_time_and_close_ends_what_waits(folder):
    pool = Workers(Limits(runs=2, seconds=2))
    *at_work, waiting = (runs.find(pool.submit(LONG)) for _ in range(3))
    wait(lambda: all(run.state() == "running" for run in at_work))
    assert [pool.place(run.id) for run in (*at_work, waiting)] == [0, 0, 1] and waiting.state() == "waiting"
    pool.close()
    assert [run.state() for run in at_work] == ["stopped"] * 2 and waiting.state() == "failed"


def test_a_killed_worker_ends_its_run_and_the_next_has_a_fresh_one(workers):
    killed, waiting = (runs.find(workers.submit(config)) for config in (LONG, SHORT))
    wait(lambda: len(killed.events()) > 1)
    os.kill(process_of(workers).pid, signal.SIGKILL)
    wait(lambda: not workers.running())
    assert killed.state() == "failed" and "signal 9" in killed.events()[-1]["reason"]
    assert waiting.state() == "done"

    process_of(workers).kill()  # now it is idle
    run = runs.find(workers.submit(SHORT))
    wait(lambda: run.state() == "done")


def test_a_worker_stands_back(workers):
    run = runs.find(workers.submit(SHORT))
    wait(lambda: run.state() == "done")
    worker = process_of(workers).pid
    assert os.getpriority(os.PRIO_PROCESS, worker) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    session = Path(f"/proc/{worker}/autogroup")
    if session.exists():
        assert session.read_text().split()[-1] == "10"


def test_a_worker_that_is_idle_or_still_starting_goes_with_its_server():
    """How it ended is asked after what the server does at its end, while its standard input is still open."""
    script = (
        "import atexit; from cnnviz.workers import Workers;"
        "atexit.register(lambda: print(process.wait()));"
        "pool = Workers(); pool.warm(); process = pool._carriers[0]._process"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == [str(-signal.SIGTERM)], done.stderr


def test_a_worker_with_a_run_finishes_it_first(workers):
    run = runs.find(workers.submit(LONG))
    wait(lambda: len(run.events()) > 1)
    workers._carriers[0].dismiss()
    before = len(run.events())
    wait(lambda: len(run.events()) > before)
    assert stopped_within(workers, run) < 1


def test_a_worker_that_cannot_start(folder, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    cold = Workers(Limits())
    run = runs.find(cold.submit(SHORT))
    wait(lambda: run.state() == "failed")
    assert "exit code 1" in run.events()[-1]["reason"]
    wait(lambda: not cold.running())
    cold.close()

import os
import signal
import time

import pytest

from cnnviz import runs
from cnnviz.training import TrainConfig
from cnnviz.workers import Workers

SHORT = TrainConfig(subset=2000, epochs=1, steps=4, device="cpu")
LONG = TrainConfig(epochs=1000, device="cpu")


@pytest.fixture
def workers(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    pool = Workers()
    yield pool
    for run_id in pool.running():
        pool.stop(run_id)
    pool.close()


def wait(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_runs_are_carried_out_in_their_order(workers):
    ids = [workers.submit(SHORT), workers.submit(SHORT)]
    assert workers.running() == ids
    wait(lambda: not workers.running())
    first, second = (runs.find(run_id) for run_id in ids)
    assert first.state() == second.state() == "done"
    assert first.weights.stat().st_mtime <= second.weights.stat().st_mtime


def test_stop_and_a_killed_worker(workers):
    run = runs.find(workers.submit(LONG))
    wait(run.events)
    pressed = time.monotonic()
    workers.stop(run.id)
    wait(lambda: run.state() == "stopped")
    assert time.monotonic() - pressed < 2

    killed, waiting = (runs.find(workers.submit(config)) for config in (LONG, SHORT))
    wait(killed.events)
    os.kill(workers._process.pid, signal.SIGKILL)
    wait(lambda: not workers.running())
    assert killed.state() == "failed" and "signal 9" in killed.events()[-1]["reason"]
    assert waiting.state() == "done"


def test_an_idle_worker_that_died_is_replaced(workers):
    workers.warm()
    process = workers._process
    runs.find(workers.submit(SHORT))
    wait(lambda: not workers.running())
    process.kill()
    run = runs.find(workers.submit(SHORT))
    wait(lambda: run.state() == "done")


def test_a_worker_that_cannot_start(workers, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    run = runs.find(workers.submit(SHORT))
    wait(lambda: run.state() == "failed")
    assert "exit code 1" in run.events()[-1]["reason"] and workers.running() == []

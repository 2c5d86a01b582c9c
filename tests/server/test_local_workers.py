"""Processes of this machine that carry runs out. How they are queued for, handed runs, looked after and ended is tried
with one that loads no torch (light_worker.py); what a real one does with a run, in one test."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from cnnviz import runs
from cnnviz.inference import checkpoints
from cnnviz.server import children
from cnnviz.server.limits import Limits
from cnnviz.server.local_workers import Workers
from cnnviz.training import TrainConfig
from tests.helpers import PATIENCE, ROOT, ending, names, program, refused, wait, write_few
from tests.server import light_worker

pytestmark = pytest.mark.slow
SHORT = TrainConfig(dataset="few", batch_size=100, epochs=1, steps=2, device="cpu")
LONG = TrainConfig(epochs=1000, device="cpu", time_limit=600)
EPOCH = 469  # steps
PYTHON = sys.executable
LOADING = "#!/bin/sh\nexec sleep 600\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    write_few(tmp_path / "data")
    return tmp_path


def set_folders(folder, patch):
    patch.setenv("CNNVIZ_RUNS", str(folder / "runs"))
    patch.setenv("CNNVIZ_DATA", str(folder / "data"))


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    """A light worker, there from test to test."""
    folder = tmp_path_factory.mktemp("shared")
    write_few(folder / "data")
    with ending(Workers(Limits(queued=12))) as shared:
        yield shared, folder


@pytest.fixture
def workers(pool, monkeypatch):
    shared, folder = pool
    set_folders(folder, monkeypatch)
    monkeypatch.setattr("sys.executable", program(folder, light_worker.PROGRAM))
    yield shared
    for run_id in shared.running():
        shared.stop(run_id)
    wait(lambda: not shared.running())


def process_of(workers):
    return workers._executors[0]._process


def steps_after_stop(workers, run):
    """Steps from asking a run in training to stop to its end."""
    workers.stop(run.id)
    reported = run.events()[-1]["step"]
    wait(lambda: run.state() == "stopped")
    return run.events()[-1]["step"] - reported


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


def test_a_run_stops_at_once_before_its_worker_is_there(folder, monkeypatch):
    monkeypatch.setattr("sys.executable", program(folder, LOADING))
    with ending(Workers(Limits())) as cold:
        run = runs.find(cold.submit(LONG))
        cold.stop(run.id)
        assert run.state() == "stopped" and cold.running() == []
        assert not run.weights.exists() and run.events()[-1]["step"] == 0


def test_whoever_touches_the_file_stops_a_waiting_run_as_the_server_does(workers):
    trained, waiting = (runs.find(workers.submit(LONG)) for _ in range(2))
    waiting.request_stop()
    wait(lambda: waiting.state() == "stopped")
    assert workers.running() == [trained.id], "its turn had not come"
    again = runs.find(workers.submit(LONG))
    workers.stop(again.id)
    assert again.state() == "stopped" and workers.running() == [trained.id], "at once where the server is asked"


def test_the_limits_hold(folder, monkeypatch):
    monkeypatch.setattr("sys.executable", program(folder, LOADING))
    with ending(Workers(Limits(epochs=10, seconds=500, queued=3, queued_each=1))) as pool:
        run = runs.find(pool.submit(replace(LONG, epochs=10), "a"))
        assert run.config().time_limit == 500
        with refused("epochs", 11, 10):
            pool.submit(replace(LONG, epochs=11), "a")
        pool.submit(SHORT, "a")
        with refused(1, "your"):
            pool.submit(SHORT, "a")
        pool.submit(SHORT, "b")
        pool.submit(SHORT, "c")
        with refused(3):
            pool.submit(SHORT, "d")
        assert len(runs.all()) == 4, "a run that was refused leaves no folder"


def test_a_server_that_does_not_train_starts_no_worker(folder):
    with ending(Workers(Limits(training=False))) as pool:
        pool.warm()
        with refused():
            pool.submit(SHORT)
        assert process_of(pool) is None and runs.all() == []


def test_two_runs_at_a_time_and_close_ends_what_waits(folder, monkeypatch):
    monkeypatch.setattr("sys.executable", program(folder, light_worker.PROGRAM))
    with ending(Workers(Limits(runs=2))) as pool:
        *at_work, waiting = (runs.find(pool.submit(LONG)) for _ in range(3))
        wait(lambda: all(run.state() == "running" for run in at_work))
        assert [pool.place(run.id) for run in (*at_work, waiting)] == [0, 0, 1] and waiting.state() == "waiting"
        closing = Thread(target=pool.close)
        closing.start()
        wait(lambda: waiting.state() == "failed")
        assert [run.state() for run in at_work] == ["running"] * 2, "what is at work comes to its end"
        for run in at_work:
            pool.stop(run.id)
        closing.join()
        assert [run.state() for run in at_work] == ["stopped"] * 2


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


def test_a_real_worker(folder):
    """One after the other with the same process, for it takes seconds to load torch."""
    with ending(Workers(Limits())) as workers:
        _carries_a_run_out(workers)
        _stops_in_training_and_just_submitted(workers)
        _ends_a_run_at_its_time_limit_with_its_weights(workers)
        _finishes_its_run_before_it_goes(workers)


def _carries_a_run_out(workers):
    run = runs.find(workers.submit(SHORT))
    wait(lambda: run.state() == "done")


def _stops_in_training_and_just_submitted(workers):
    trained = runs.find(workers.submit(LONG))
    wait(lambda: len(trained.events()) > 1)
    assert steps_after_stop(workers, trained) < EPOCH
    assert checkpoints.load(trained.weights).card.epochs == pytest.approx(trained.events()[-1]["epoch"])
    just_submitted = runs.find(workers.submit(LONG))
    workers.stop(just_submitted.id)
    wait(lambda: just_submitted.state() == "stopped")
    assert just_submitted.events()[-1]["step"] < EPOCH


def _ends_a_run_at_its_time_limit_with_its_weights(workers):
    run = runs.find(workers.submit(replace(LONG, time_limit=0.5)))
    wait(lambda: run.state() == "stopped")
    assert names(run.events()[-1]["reason"], 0.5) and run.weights.is_file()


def _finishes_its_run_before_it_goes(workers):
    run = runs.find(workers.submit(LONG))
    wait(lambda: len(run.events()) > 1)
    workers._executors[0].dismiss()
    before = len(run.events())
    wait(lambda: len(run.events()) > before)
    assert steps_after_stop(workers, run) < EPOCH


SERVER = """
import atexit, os, time
from pathlib import Path
from cnnviz.server import local_workers

def policy(priority):
    child = os.fork()  # what it does to its process stays there
    if not child:
        os.setsid()
        os.environ["CNNVIZ_WORKER_PRIORITY"] = priority
        local_workers._stand_back()
        os._exit(20 * os.sched_getscheduler(0) + os.getpriority(os.PRIO_PROCESS, 0))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

print(policy("idle") // 20, policy("low"), policy("same"))
atexit.register(lambda: print(process.wait()))
del os.environ["CNNVIZ_WORKER_PRIORITY"]
pool = local_workers.Workers()
pool.warm()
process = pool._executors[0]._process
its = Path(f"/proc/{process.pid}")
began, session = time.monotonic(), its / "autogroup"
while its.joinpath("oom_score_adj").read_text().strip() != "500" and time.monotonic() - began < 120:
    time.sleep(0.05)  # it is the last thing that a worker does to stand back
print(os.getpriority(os.PRIO_PROCESS, process.pid), session.read_text().split()[-1] if session.exists() else 10)
"""


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux has it")
def test_a_worker_takes_what_is_left_where_that_is_asked_for_and_one_without_a_run_goes_with_its_server():
    """Three things of one process, which loads torch: how far workers stand back, by a policy that is set or by the
    usual one, which its own has; and how that ended, asked after what the server does at its end, while its standard
    input is still open."""
    done = subprocess.run([PYTHON, "-c", SERVER], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    low = min(mine + children.LOWER, 19)
    told = [os.SCHED_IDLE, low, mine, low, 10, -signal.SIGTERM]
    assert done.stdout.split() == list(map(str, told)), done.stderr


STUB = """#!{python}
import os, pathlib, signal, subprocess, sys, time
# a worker that {mode}
print("ready", flush=True)
for line in sys.stdin:
    run, beside = pathlib.Path(os.environ["CNNVIZ_RUNS"], line.strip()), pathlib.Path(__file__).with_name("beside")
    if "begins" in "{mode}":
        (run / "metrics.jsonl").touch()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    beside.write_text(str(subprocess.Popen(["sleep", "600"]).pid))
    while True:
        time.sleep(0.1)
        if "lives" in "{mode}":
            os.utime(run / "alive")
"""


@pytest.mark.parametrize(
    ("mode", "settings", "stop", "said"),
    [
        ("begins, lives and hears no stop", {}, True, "did not stop"),
        ("begins, lives and knows no time limit", {"time_limit": 0.5}, False, "0.5"),
        ("begins and says nothing more", {}, False, "sign of life"),
        ("does not answer", {}, False, "did not answer"),
    ],
)
def test_a_worker_that_does_not_hear_is_ended_with_all_that_it_started(folder, monkeypatch, mode, settings, stop, said):
    monkeypatch.setattr("sys.executable", program(folder, STUB.format(python=PYTHON, mode=mode)))
    with ending(Workers(Limits(), patience=1)) as pool:
        run = runs.find(pool.submit(replace(LONG, **{"time_limit": 0.0, **settings})))
        wait(lambda: (folder / "beside").is_file() and (folder / "beside").read_text())
        beside, worker = int((folder / "beside").read_text()), process_of(pool)
        if stop:
            wait(run.begun)
            pool.stop(run.id)
        wait(lambda: run.state() == "failed" and not pool.running())
        assert said in run.events()[-1]["reason"] and names(run.events()[-1]["reason"], 1)
        assert worker.poll() == -signal.SIGKILL and process_of(pool) is None
        wait(lambda: not is_there(beside))


def is_there(process_id):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False


def test_a_stopped_worker_blocks_nobody_in_a_run_or_idle(folder, monkeypatch):
    """SIGSTOP: nothing of it answers. The constant is 15 s; the light worker beats fifty times a second."""
    monkeypatch.setattr("sys.executable", program(folder, light_worker.PROGRAM))
    with ending(Workers(Limits(), patience=2)) as pool:
        hung, waiting = (runs.find(pool.submit(config)) for config in (LONG, SHORT))
        wait(lambda: len(hung.events()) > 1)
        process = process_of(pool)
        process.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        wait(lambda: hung.state() == "failed")
        assert time.monotonic() - begun < 15 and names(hung.events()[-1]["reason"], 2)
        wait(lambda: waiting.state() == "done")
        assert process.poll() is not None and process_of(pool) is not process

        process = process_of(pool)  # now it is idle
        process.send_signal(signal.SIGSTOP)
        run = runs.find(pool.submit(SHORT))
        wait(lambda: run.state() == "done")
        assert process.poll() is not None and process_of(pool) is not process

        process_of(pool).send_signal(signal.SIGSTOP)
        pool.close()  # does not wait for it for ever
        assert process_of(pool).poll() is not None


def test_a_worker_that_cannot_start(folder, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with ending(Workers(Limits())) as cold:
        run = runs.find(cold.submit(SHORT))
        wait(lambda: run.state() == "failed")
        assert "exit code 1" in run.events()[-1]["reason"]
        wait(lambda: not cold.running())

"""What must not bring a run, a reader or the queue down: killed processes, foreign files, full disks."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cnnviz import runs
from cnnviz.inference import checkpoints
from cnnviz.runs import cleanup, directory
from cnnviz.server.limits import Limits
from cnnviz.server.local_workers import Workers
from cnnviz.training import TrainConfig
from tests.helpers import ROOT, ending, names, program, refused, wait
from tests.server import light_worker

SHORT = TrainConfig(subset=200, epochs=1, steps=2, device="cpu")
STEP = {"event": "step", "step": 1, "epoch": 0.5, "loss": 2.3, "accuracy": 0.1, "images_per_second": 9, "seconds": 1.0}
SERVER = """
import time
from cnnviz.server.limits import Limits
from cnnviz.training import TrainConfig
from cnnviz.server.local_workers import Workers

pool = Workers(Limits())
for _ in range(3):
    print(pool.submit(TrainConfig(epochs=1000, device="cpu", time_limit=600)), flush=True)
while pool._executors[0]._process is None:
    time.sleep(0.05)
print(pool._executors[0]._process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def is_there(process_id):
    """Whether a process runs; one that has ended and that nobody asked after does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return False


def begun(*events):
    """A run with these events so far."""
    run = runs.create(SHORT)
    run.begin()
    for event in events:
        run.append(event)
    return run


@pytest.fixture
def server():
    """The process of a server with three runs of ten minutes, their ids, and the process of its worker."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    worker = 0
    try:
        ids = [process.stdout.readline().strip() for _ in range(3)]
        worker = int(process.stdout.readline())
        yield process, ids, worker
    finally:
        process.kill()
        process.communicate()
        if worker and is_there(worker):
            os.kill(worker, signal.SIGKILL)


@pytest.mark.slow
def test_a_server_killed_in_mid_run(server):
    process, ids, worker = server
    first, second, third = map(runs.find, ids)
    wait(first.events)
    process.send_signal(signal.SIGKILL)
    process.wait()
    seen = len(first.events())
    for run in (second, third):
        os.utime(run.folder / "alive", (1, 1))  # as if that was long ago

    with ending(Workers(Limits())) as restarted:
        wait(lambda: len(first.events()) > seen)
        assert first.state() == "running" and not first.is_lost() and first.id not in restarted.running()
        wait(lambda: second.state() == third.state() == "failed")
        assert second.events() == [{"event": "failed", "reason": cleanup.LOST_WAITING}]
        assert list(runs.execute(second)) == [], "what is over is not begun again"

        first.request_stop()
        wait(lambda: first.state() == "stopped")
        steps = [event["step"] for event in first.events() if event["event"] == "step"]
        assert steps == sorted(set(steps)), "one trainer wrote it"
        wait(lambda: not is_there(worker))


def test_a_trainer_that_vanished_with_its_server(monkeypatch):
    run, waiting, mine = begun(STEP), runs.create(SHORT), runs.create(SHORT)
    for held in (run, waiting, mine):
        held.hold()
    cleanup.end_lost()
    assert [held.state() for held in (run, waiting, mine)] == ["running", "waiting", "waiting"]
    for held in (run, waiting, mine):
        os.utime(held.folder / "alive", (1, 1))
    cleanup.end_lost(held=[mine.id])
    assert [held.state() for held in (run, waiting, mine)] == ["failed", "failed", "waiting"]
    assert run.events()[-1]["reason"] == cleanup.LOST_RUNNING
    assert waiting.events()[-1]["reason"] == cleanup.LOST_WAITING


def test_a_run_that_nobody_ever_had_is_not_lost():
    run = runs.create(SHORT)
    os.utime(run.folder / "config.json", (1, 1))
    cleanup.end_lost()
    assert run.state() == "waiting"


def test_only_one_of_many_begins_a_run():
    run, took = runs.create(SHORT), []
    threads = [threading.Thread(target=lambda: took.append(run.begin())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took) == [False] * 19 + [True]


def test_two_readers_see_the_run_grow_and_agree():
    run = runs.create(SHORT)
    seen, over = {0: [], 1: []}, threading.Event()

    def read(reader):
        while not over.is_set():
            seen[reader].append(run.events())
            time.sleep(0.002)

    readers = [threading.Thread(target=read, args=[reader]) for reader in seen]
    for thread in readers:
        thread.start()
    events = list(runs.execute(run))
    over.set()
    for thread in readers:
        thread.join()
    for views in seen.values():
        assert len({len(view) for view in views}) > 1, "it was seen to grow"
        assert all(view == events[: len(view)] for view in views)


def test_a_loss_that_is_no_number_ends_the_run_with_a_sentence():
    run = runs.create(TrainConfig(subset=1000, epochs=3, optimizer="sgd", learning_rate=100.0, device="cpu"))
    *_, last = runs.execute(run)
    assert last["event"] == run.state() == "failed" and names(last["reason"], "learning rate", 100, 10)


@pytest.mark.parametrize(
    "event", [{"event": "step"}, {**STEP, "loss": "low"}, {**STEP, "epoch": None}, {**STEP, "step": True}]
)
def test_partial_and_foreign_events_are_left_out(event):
    run = begun(STEP, event, STEP)
    assert run.events() == [STEP, STEP] and run.state() == "running"


@pytest.mark.parametrize(
    "junk", [bytes(range(256)) * 40, b"\n" * 1000, b"[" * 100_000, b'{"event": "failed", "reason": 3}']
)
def test_junk_among_the_events(junk):
    run = begun(STEP)
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + junk)
    run.append(STEP)
    assert run.events() == [STEP, STEP]


def test_every_cut_of_the_events_can_be_read():
    run = begun(STEP, STEP)
    path = run.folder / "metrics.jsonl"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert run.events() == [STEP] * (length >= len(whole) // 2 - 1) + [STEP] * (length == len(whole) - 1)


def test_events_that_are_a_folder():
    run = runs.create(SHORT)
    (run.folder / "metrics.jsonl").mkdir()
    assert run.events() == [] and not run.begin()


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.99])
def test_weights_that_were_cut_off(share, tmp_path):
    whole = checkpoints.shipped()["lenet5"].read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: int(share * len(whole))])
    with refused("model.safetensors"):
        checkpoints.load(tmp_path / "model.safetensors")


@pytest.mark.slow
def test_a_foreign_config_and_a_folder_cleared_away_hurt_their_own_runs_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.executable", program(tmp_path, light_worker.PROGRAM))
    with ending(Workers(Limits())) as pool:
        before = pool.submit(replace(SHORT, steps=0, time_limit=600))  # so that the others wait
        foreign, gone, good = (runs.find(pool.submit(SHORT)) for _ in range(3))
        (foreign.folder / "config.json").write_text(json.dumps({"name": "webpack", "version": "5.1"}))
        shutil.rmtree(gone.folder)
        pool.stop(before)
        wait(lambda: good.state() == "done")
        assert foreign.state() == "failed" and "name, version" in foreign.events()[-1]["reason"]
        assert gone.events() == [] and gone.silent_for() > 1e6 and not gone.is_lost()
        wait(lambda: not pool.running())


def test_all_lists_runs_newest_first_and_leaves_out_what_is_none(folder):
    made = [runs.create(SHORT) for _ in range(4)]
    (folder / "notes").mkdir()
    (folder / made[0].id.replace("lenet5", "alexnet")).mkdir()
    (folder / "lenet5-20250101-000000-00000000").write_text("a file")
    assert runs.all() == made[::-1]


def test_there_are_no_runs_where_there_is_no_folder(folder):
    assert not folder.exists() and runs.all() == []


def test_old_runs_go_by_count_and_by_age_and_those_in_hand_stay():
    done = {"event": "done", "step": 1, "epoch": 1.0, "test_accuracy": 0.5, "seconds": 1.0}
    waiting, running, *over = runs.create(SHORT), begun(STEP), *(begun(STEP, done) for _ in range(4))
    cleanup.clear(keep_runs=6, keep_days=0)
    assert len(runs.all()) == 6
    cleanup.clear(keep_runs=2, keep_days=0)
    assert runs.all() == [over[3], over[2], running, waiting]
    for path in over[3].folder.iterdir():
        os.utime(path, (time.time() - 3 * 86400,) * 2)
    cleanup.clear(keep_runs=6, keep_days=4)
    assert len(runs.all()) == 4
    cleanup.clear(keep_runs=6, keep_days=2)
    assert runs.all() == [over[2], running, waiting]


def test_submitting_clears(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")  # this worker ends at once
    over = [begun({"event": "failed", "reason": "old"}) for _ in range(3)]
    with ending(Workers(Limits(keep_runs=2))) as pool:
        run_id = pool.submit(SHORT)
        assert [run.id for run in runs.all()] == [run_id, over[2].id]
        wait(lambda: not pool.running())


def test_a_runs_folder_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "file" / "runs"))
    with ending(Workers(Limits())) as pool:
        with refused("Not a directory", "CNNVIZ_RUNS"):
            pool.submit(SHORT)
        assert pool.running() == [] and runs.all() == []
    monkeypatch.setenv("CNNVIZ_RUNS", "/proc/nowhere/for/runs")
    with refused("CNNVIZ_RUNS"):
        runs.create(SHORT)


@pytest.fixture
def small_disk(folder):
    """A disk of 64 KiB under the runs."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_takes_not_even_the_last_line_is_told_to_the_caller(monkeypatch):
    """What is written to goes to /dev/full once the run has begun."""
    run = runs.create(SHORT)
    carried = runs.execute(run)
    next(carried)
    monkeypatch.setattr(directory, "open", lambda _path, mode: open("/dev/full", mode), raising=False)  # noqa: SIM115
    with pytest.raises(OSError) as raised:
        list(carried)
    assert raised.value.errno == errno.ENOSPC and runs.in_words(raised.value) == runs.FULL
    assert (run.folder / "alive").exists(), "whoever finds the run later ends it"


def test_a_disk_too_full_for_the_weights(small_disk):
    run = runs.create(SHORT)
    *_, last = runs.execute(run)
    assert last == {"event": "failed", "reason": runs.FULL} and run.state() == "failed"
    left = {path.name for path in run.folder.iterdir()}
    assert left - {"look.safetensors"} == {"config.json", "metrics.jsonl"}


def test_a_disk_too_full_for_another_run(small_disk):
    (small_disk / "filler").write_bytes(bytes(65536))
    with refused() as full:
        runs.create(SHORT)
    assert str(full.value) == runs.FULL
    assert [path.name for path in small_disk.iterdir()] == ["filler"], "no half a run stays"

"""What a server logs at its boundaries, at which level, and what it keeps to itself."""

import io
import logging
import sys
import types
from contextlib import contextmanager

import pytest

from cnnviz import runs
from cnnviz.data import pictures
from cnnviz.data.datasets import uploads
from cnnviz.runs import cleanup
from cnnviz.server import local_workers, logs
from cnnviz.server.limits import Limits
from cnnviz.server.local_workers import Worker
from cnnviz.server.ray_cluster import Cluster, Connection, Remote
from cnnviz.server.scheduler import Scheduler
from cnnviz.training import TrainConfig
from tests.helpers import ending, refused, wait

SHORT = TrainConfig(subset=200, epochs=1, steps=2, device="cpu")
SECRET = "Ann-Smith's drawing\nERROR cnnviz: not of ours"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    caplog.set_level(logging.INFO, "cnnviz")
    return tmp_path


class Fake:
    """An executor that says how a run ended, or raises."""

    def __init__(self, reason="", error=None):
        self.reason, self.error = reason, error

    def warm(self):
        pass

    def execute(self, run):
        if self.error:
            raise self.error
        run.begin()
        if not self.reason:
            run.append({"event": "done", "step": 1, "epoch": 1.0, "seconds": 0.1, "test_accuracy": 0.5})
        return self.reason

    def close(self):
        pass


def carried_out(executor, session="session-of-ann"):
    """The id of a run that is over."""
    with ending(Scheduler([executor], Limits())) as scheduler:
        run_id = scheduler.submit(SHORT, session)
        wait(lambda: not scheduler.running())
    return run_id


def lines(caplog, name, level=logging.INFO):
    """What the logger of that name said, at that level."""
    return [
        record.getMessage() for record in caplog.records if (record.name, record.levelno) == (f"cnnviz.{name}", level)
    ]


def test_a_run_that_goes_well_is_told_at_info_alone(caplog):
    run_id = carried_out(Fake())
    told = lines(caplog, "server.scheduler")
    assert told[:3] == [f"run {run_id} is submitted; waiting: 1", f"run {run_id} begins", f"run {run_id} is over"]
    assert {record.levelno for record in caplog.records} == {logging.INFO} and "session-of-ann" not in caplog.text


def test_a_run_that_is_ended_from_outside_is_a_warning(caplog):
    run_id = carried_out(Fake("its worker process ended (exit code 3); press Train again"))
    (told,) = lines(caplog, "server.scheduler", logging.WARNING)
    assert told.startswith(f"run {run_id} ended from outside: 'its worker") and runs.find(run_id).state() == "failed"


def test_what_should_not_happen_comes_with_its_traceback(caplog):
    run_id = carried_out(Fake(error=TypeError("a mistake of ours")))
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert run_id in record.getMessage() and record.exc_info and "a mistake of ours" in caplog.text


def test_what_the_disk_refuses_is_a_warning_without_one(caplog):
    carried_out(Fake(error=OSError("no such folder")))
    assert len(lines(caplog, "server.scheduler", logging.WARNING)) == 1
    assert not lines(caplog, "server.scheduler", logging.ERROR)


def test_a_refused_run(caplog):
    with ending(Scheduler([Fake()], Limits(epochs=2))) as scheduler, refused(3, 2):
        scheduler.submit(TrainConfig(epochs=3))
    assert lines(caplog, "server.scheduler")[0].startswith("a run was refused: 'epochs = 3 is more than")


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line is no program there")
def test_a_worker_that_ends_by_itself(caplog, folder, monkeypatch):
    broken = folder / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    run = runs.create(SHORT)
    assert "exit code 3" in Worker(threads=1).execute(run)
    (started,) = lines(caplog, "server.local_workers")
    (ended,) = lines(caplog, "server.local_workers", logging.WARNING)
    assert started.endswith("started, threads: 1") and ended.endswith("ended by itself: exit code 3")


def test_what_a_worker_is_handed_is_cut_off(caplog, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("../" * 200 + "\n"))
    monkeypatch.setattr(local_workers, "_stand_back", lambda: None)
    monkeypatch.setattr(local_workers, "_warm_up", lambda: None)
    local_workers.serve()
    assert capsys.readouterr().out.splitlines()[0] == "ready"
    (told,) = lines(caplog, "server.local_workers", logging.WARNING)
    assert told.startswith("run '../../") and len(told) < 500


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [(f"{SECRET}.npz", b"no archive", ".npz"), (f"{SECRET}.zip", b"PK", ".zip"), (SECRET, b"abc", "another kind")],
)
def test_a_refused_data_set_is_told_without_its_name(caplog, folder, file, content, kind):
    with pytest.raises(ValueError, match="Ann-Smith"):  # its reader is told which file it was
        uploads.keep(file, content, folder, "")
    assert lines(caplog, "data.datasets.uploads") == [f"a data set of {len(content)} bytes ({kind}) was refused"]
    assert "Ann" not in caplog.text and "not of ours" not in caplog.text


def test_a_refused_picture(caplog):
    with refused("10 bytes"):
        pictures.read_upload(b"no picture")
    (told,) = lines(caplog, "data.pictures")
    assert told.startswith("a picture of 10 bytes was refused: ")


def test_a_lost_and_an_old_run(caplog, monkeypatch):
    lost, old = runs.create(SHORT, held=True), runs.create(SHORT)
    monkeypatch.setattr(runs.Run, "is_lost", lambda run: run.id == lost.id)
    cleanup.end_lost()
    assert lines(caplog, "runs.cleanup", logging.WARNING) == [f"run {lost.id} is ended: nobody has it any more"]
    runs.fail(old, "over")
    cleanup.clear(0, 0)
    assert sorted(lines(caplog, "runs.cleanup")) == sorted(f"run {run.id} is cleared away" for run in (lost, old))


class NoRay(types.ModuleType):
    """Ray without a cluster."""

    @staticmethod
    def is_initialized():
        return False

    @staticmethod
    def init(**_options):
        raise ConnectionError("ray client connection timeout\nand much more")


def test_a_cluster_that_is_not_there(caplog, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", NoRay("ray"))
    connection = Connection("ray://nowhere:10001")
    Remote(connection).warm()
    wait(lambda: lines(caplog, "server.ray_cluster", logging.WARNING))
    (told,) = lines(caplog, "server.ray_cluster", logging.WARNING)
    assert told == "the Ray cluster at ray://nowhere:10001 does not answer: 'ray client connection timeout'"
    with ending(Cluster("ray://nowhere:10001", Limits())) as cluster:
        run_id = cluster.submit(SHORT)
        wait(lambda: not cluster.running())
    assert runs.find(run_id).state() == "failed"
    (told,) = lines(caplog, "server.scheduler", logging.WARNING)
    assert f"run {run_id} ended from outside" in told and "did not answer" in told


@contextmanager
def bare(*root):
    """The logger of the package in a process that has set up none, or these handlers of its own."""
    logger = logging.getLogger("cnnviz")
    level = logger.level
    with pytest.MonkeyPatch.context() as patch:  # in the test itself: pytest's handlers come after a fixture
        patch.setattr(logging.getLogger(), "handlers", [*root])
        patch.setattr(logger, "handlers", [])
        yield logger
    logger.setLevel(level)


@pytest.mark.parametrize(
    ("wanted", "level"), [("", logging.WARNING), (" Info ", logging.INFO), ("error", logging.ERROR)]
)
def test_the_level_is_set_once(wanted, level):
    with bare() as ours:
        for _ in range(2):
            logs.configure({"CNNVIZ_LOG": wanted})
        assert ours.level == level and len(ours.handlers) == 1


def test_a_level_that_there_is_not(monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with bare() as ours:
        logs.configure({"CNNVIZ_LOG": "loud\n" * 50})
        assert ours.level == logging.WARNING
    assert said.getvalue().count("\n") == 1
    assert "WARNING cnnviz.server.logs: CNNVIZ_LOG = 'loud\\nloud" in said.getvalue()


def test_an_application_keeps_its_own_handlers():
    with bare(logging.NullHandler()) as ours:
        logs.configure({"CNNVIZ_LOG": "info"})
        assert not ours.handlers

"""The queue between sessions: who gives way where it is full, and what a session that has left leaves behind."""

import threading
from contextlib import contextmanager

import pytest

from cnnviz import runs
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import FINAL
from cnnviz.server.limits import Limits
from cnnviz.server.presence import Presence
from cnnviz.server.scheduler import GAVE_WAY, LEFT, Scheduler
from cnnviz.training import TrainConfig
from tests.helpers import refused, wait
from tests.server.test_presence import Clock

TEXT = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))"  # which is looked at in a moment, before it waits
CONFIG = TrainConfig(network=OWN_TEXT, text=TEXT, device="cpu")


class Held:
    """Carries out a run until it is let go."""

    def __init__(self):
        self.free = threading.Event()

    def warm(self):
        pass

    def execute(self, run):
        self.free.wait()
        return ""

    def close(self):
        pass


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))


@contextmanager
def queue(**limits):
    """A scheduler that carries out the first run for as long as the block goes on."""
    executor = Held()
    scheduler = Scheduler([executor], Limits(**limits))
    try:
        yield scheduler
    finally:
        executor.free.set()
        scheduler.close()


def reason(run_id):
    events = runs.find(run_id).events()
    return events[-1].get("reason") if events else None


def test_a_run_keeps_who_started_it():
    with queue() as scheduler:
        assert runs.find(scheduler.submit(CONFIG, "0a" * 16)).owner == "0a" * 16


def test_whoever_fills_the_queue_gives_way_to_who_has_nothing_in_it():
    with queue(queued=4, queued_each=4) as scheduler:
        first, *waiting = [scheduler.submit(CONFIG, "a") for _ in range(5)]
        with refused(4, "your"):
            scheduler.submit(CONFIG, "a")
        own = {session: scheduler.submit(CONFIG, session) for session in "bcd"}
        assert scheduler.running() == [first, *own.values(), waiting[0]]
        for run_id in waiting[1:]:
            assert runs.find(run_id).state() == "stopped" and reason(run_id) == GAVE_WAY
            assert scheduler.place(run_id) is None
        with refused(4, "waiting"):  # everybody has one
            scheduler.submit(CONFIG, "e")
        with refused(4, "waiting"):  # who has one waiting displaces nobody
            scheduler.submit(CONFIG, "b")
        assert len(runs.all()) == 8, "a run that was refused leaves no folder"


def test_the_newest_of_the_one_that_has_most_goes():
    with queue(queued=5, queued_each=4) as scheduler:
        scheduler.submit(CONFIG, "a")
        few, many = ([scheduler.submit(CONFIG, session) for _ in range(n)] for session, n in (("a", 2), ("b", 3)))
        scheduler.submit(CONFIG, "c")
        assert reason(many[-1]) == GAVE_WAY and {reason(run_id) for run_id in [*few, *many[:-1]]} == {None}


def test_a_disk_that_takes_no_run_displaces_nobody(monkeypatch):
    with queue(queued=2, queued_each=2) as scheduler:
        _, *waiting = [scheduler.submit(CONFIG, "a") for _ in range(3)]
        with monkeypatch.context() as patch:
            patch.setenv("CNNVIZ_RUNS", "/proc/nowhere/for/runs")
            with refused("CNNVIZ_RUNS"):
                scheduler.submit(CONFIG, "b")
        assert scheduler.running()[1:] == waiting


def test_while_the_weights_of_one_are_copied_nobody_waits_and_a_place_that_is_taken_meanwhile_is_gone(monkeypatch):
    create, begun, free = runs.create, threading.Event(), threading.Event()

    def slowly(config, **given):
        begun.set()
        free.wait()
        return create(config, **given)

    with queue(queued=1, queued_each=1) as scheduler:
        at_work, said = scheduler.submit(CONFIG, "a"), []
        with monkeypatch.context() as patch:
            patch.setattr(runs, "create", slowly)

            def submit():
                with refused(1, "waiting"):
                    scheduler.submit(CONFIG, "b")
                said.append("refused")

            slow = threading.Thread(target=submit)
            slow.start()
            begun.wait()
            assert scheduler.running() == [at_work], "whoever watches a run waits for the copying of another"
        quick = scheduler.submit(CONFIG, "c")
        free.set()
        slow.join()
        assert said == ["refused"] and scheduler.running() == [at_work, quick]
        assert len(runs.all()) == 2, "a run that was refused leaves no folder"


def test_what_a_session_that_has_left_has_waiting_is_dropped_and_what_is_at_work_goes_on():
    clock = Clock()
    with queue() as scheduler:
        scheduler.presence = Presence(clock)
        for session in "ab":
            scheduler.presence.arrive(session)
        at_work, waiting = (scheduler.submit(CONFIG, "a") for _ in range(2))
        theirs, script = scheduler.submit(CONFIG, "b"), scheduler.submit(CONFIG)
        scheduler.presence.leave("a")
        clock.now = 60
        scheduler._withdraw_of_gone()
        assert waiting in scheduler.running()
        clock.now = 61
        wait(lambda: waiting not in scheduler.running())
        assert reason(waiting) == LEFT and runs.find(waiting).state() == "stopped"
        assert set(scheduler.running()) == {at_work, theirs, script}


def test_a_server_may_let_them_wait():
    clock = Clock()
    with queue(keep_waiting=0) as scheduler:
        scheduler.presence = Presence(clock)
        scheduler.presence.arrive("a")
        submitted = [scheduler.submit(CONFIG, "a") for _ in range(2)]
        scheduler.presence.leave("a")
        clock.now = 1e6
        scheduler._withdraw_of_gone()
        assert scheduler.running() == submitted


def test_many_sessions_at_once_keep_the_bounds():
    with queue(queued=10, queued_each=3) as scheduler:
        scheduler.submit(CONFIG, "first")
        made, lock = [], threading.Lock()

        def reader(session):
            for _ in range(4):
                try:
                    run_id = scheduler.submit(CONFIG, session)
                except ValueError:
                    continue
                with lock:
                    made.append(run_id)

        threads = [threading.Thread(target=reader, args=[f"session {number}"]) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        waiting = scheduler.running()[1:]
        assert len(waiting) == 10
        withdrawn = [run_id for run_id in made if run_id not in waiting]
        assert {runs.find(run_id).state() for run_id in withdrawn} <= set(FINAL)
        assert {reason(run_id) for run_id in withdrawn} <= {GAVE_WAY}

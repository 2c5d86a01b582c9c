"""When whoever carries a run out is given up: by what lies in the run's folder, on a clock of our own."""

import os

import pytest

from cnnviz import runs
from cnnviz.runs import LOST_AFTER
from cnnviz.server import watch
from cnnviz.server.watch import PATIENCE, Watch
from cnnviz.training import TrainConfig
from tests.helpers import names

STEP = {"event": "step", "step": 9, "epoch": 0.5, "loss": 2.3, "accuracy": 0.1, "images_per_second": 9, "seconds": 4.0}
EPOCH = {
    **dict(STEP, event="epoch", step=18, epoch=3.0),
    **dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy"), 0.5),
}


class Case:
    """A run in hand, a clock that stands still, and who watches."""

    def __init__(self, **settings):
        self.run, self.now = runs.create(TrainConfig(**settings), held=True), 100.0
        self.watch = Watch(self.run, clock=lambda: self.now)
        self.beats = 0

    def after(self, seconds, alive=True):
        """What is said so many seconds later, with a sign of life in between or without one."""
        self.now += seconds
        if alive:
            self.beats += 1
            os.utime(self.run.folder / "alive", (self.beats, self.beats))
        return self.watch.complaint()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))


def begun(**settings):
    case = Case(**settings)
    case.run.begin()
    assert case.after(0) == ""
    return case


def test_no_other_server_is_faster():
    assert PATIENCE < LOST_AFTER


def test_a_run_that_waits_has_time():
    case = Case()
    case.run.request_stop()
    assert case.after(1000, alive=False) == ""


def test_a_run_that_goes_on_has_time():
    case = begun()
    assert [case.after(14) for _ in range(100)] == [""] * 100


def test_a_stop_is_heard_in_time_or_ends_the_process():
    case = begun()
    case.after(1000)
    case.run.request_stop()
    assert case.after(1) == case.after(14) == ""
    said = case.after(1.5)
    assert names(said, 15) and "did not stop" in said and "no weights yet" in said


def test_the_weights_that_are_kept_are_named():
    case = begun()
    case.run.append(EPOCH)
    case.run.weights.touch()
    case.run.request_stop()
    case.after(0)
    assert names(case.after(15), 15, 3)


def test_a_time_limit_counts_from_when_the_trainer_began():
    case = begun(time_limit=60)
    assert case.after(30) == ""  # it loads
    case.run.append(STEP)  # four seconds after it began
    assert case.after(0) == case.after(60 - 4 + 14) == ""
    assert names(case.after(1), 15, 60)


def test_without_any_event_the_limit_counts_from_the_beginning():
    case = begun(time_limit=60)
    assert case.after(74) == ""
    assert names(case.after(1), 15, 60)


def test_no_sign_of_life():
    case = begun()
    assert case.after(14, alive=False) == "" and case.after(1) == "", "it came back"
    assert case.after(14, alive=False) == ""
    said = case.after(1, alive=False)
    assert names(said, 15) and "sign of life" in said


def test_one_whose_own_time_stands_still_is_spoken_for_and_not_given_up(monkeypatch):
    """It gets no processor: no other server may take its run for lost, and none of what is said for it counts."""
    case = begun()
    monkeypatch.setattr(watch, "SPEAK_AFTER", -1.0)
    os.utime(case.run.folder / "alive", (1, 1))
    assert case.run.is_lost()
    for _ in range(5):
        assert case.after(0, alive=False) == ""
    assert not case.run.is_lost()
    assert case.after(PATIENCE - 1, alive=False) == ""
    assert case.after(1, alive=False), "then it could go on, and did not"


def test_a_clock_that_is_set_back_is_no_sign_of_death():
    case = begun()
    for moment in (5e9, 1e9, 3e9):
        case.now += 14
        os.utime(case.run.folder / "alive", (moment, moment))
        assert case.watch.complaint() == ""


def test_a_run_that_is_over_lets_its_process_go():
    case = begun()
    runs.fail(case.run, "somebody ended it")
    assert case.after(0, alive=False) == case.after(14, alive=False) == ""
    assert case.after(1, alive=False)
    assert case.run.events() == [{"event": "failed", "reason": "somebody ended it"}]

from pathlib import Path

import pytest

from cnnviz.server import limits
from cnnviz.server.limits import VARIABLES, Limits
from cnnviz.tracing import cost
from cnnviz.training import TrainConfig
from tests.helpers import refused


def test_without_variables_only_the_trainers_own_bounds_hold():
    bounds = Limits.from_environment({})
    assert bounds == Limits() and bounds.epochs == 1000
    assert bounds.admit(TrainConfig(epochs=1000)) == TrainConfig(epochs=1000)


def test_every_limit_has_its_variable():
    values = {name: str(low + 1) for name, low, _ in VARIABLES.values()}
    bounds = Limits.from_environment({**values, "CNNVIZ_TRAINING": "off"})
    assert bounds == Limits(False, *(low + 1 for _, low, _ in VARIABLES.values()))
    assert Limits.from_environment({"CNNVIZ_WORKER_PRIORITY": " Idle "}) == Limits(priority="idle")


def test_every_variable_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    every = [*VARIABLES.values(), *cost.VARIABLES.values()]
    names = {"CNNVIZ_TRAINING", "CNNVIZ_WORKER_PRIORITY", *(name for name, _, _ in every)}
    assert [name for name in names if name not in limits.__doc__ or f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", [name for name, _, _ in VARIABLES.values()])
@pytest.mark.parametrize("text", ["-1", "many", "1.5", "1e3", "٣", "9" * 30, "0x10", "1 2"])
def test_a_value_that_cannot_be_is_named_with_the_remedy(name, text):
    low, high = next(bounds for known, *bounds in VARIABLES.values() if known == name)
    with refused(name, repr(text), low, high, "unset"):
        Limits.from_environment({name: text})


def test_old_names_are_read_with_one_line_in_the_log(caplog, monkeypatch):
    monkeypatch.setattr(limits, "_logged", set())
    old = {"CNNVIZ_MOST_EPOCHS": "5", "CNNVIZ_MOST_QUEUED_EACH": "2"}
    for _ in range(2):
        assert Limits.from_environment(old) == Limits(epochs=5, queued_each=2)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2 and all("CNNVIZ_MOST_" in line and "CNNVIZ_MAX_" in line for line in lines)


def test_an_old_name_goes_before_the_new_one_which_a_container_may_have_set():
    assert Limits.from_environment({"CNNVIZ_MOST_RUNS": "3", "CNNVIZ_MAX_RUNS": "2"}).runs == 3
    assert Limits.from_environment({"CNNVIZ_MOST_RUNS": " ", "CNNVIZ_MAX_RUNS": "2"}).runs == 2
    with refused("CNNVIZ_MOST_RUNS", "'many'", "unset"):
        Limits.from_environment({"CNNVIZ_MOST_RUNS": "many"})


@pytest.mark.parametrize(("text", "trains"), [("", True), ("on", True), (" Off ", False)])
def test_training_is_switched_by_a_word(text, trains):
    assert Limits.from_environment({"CNNVIZ_TRAINING": text}).training is trains


def test_training_is_switched_by_no_other_word():
    with refused("CNNVIZ_TRAINING", "'no'", "'on'", "'off'"):
        Limits.from_environment({"CNNVIZ_TRAINING": "no"})
    with refused("CNNVIZ_WORKER_PRIORITY", "'high'", "'low'", "'idle'", "'same'"):
        Limits.from_environment({"CNNVIZ_WORKER_PRIORITY": "high"})


@pytest.mark.parametrize(
    ("asked", "allowed", "becomes"), [(0, 0, 0), (0, 60, 60), (30, 60, 30), (90, 60, 60), (90, 0, 90)]
)
def test_the_shorter_time_limit_holds(asked, allowed, becomes):
    assert Limits(seconds=allowed).admit(TrainConfig(time_limit=asked)).time_limit == becomes


def test_more_epochs_than_allowed_are_refused_and_so_is_training_where_there_is_none():
    assert Limits(epochs=5).admit(TrainConfig(epochs=5)).epochs == 5
    with refused("epochs", 6, 5):
        Limits(epochs=5).admit(TrainConfig(epochs=6))
    with refused("train"):
        Limits(training=False).admit(TrainConfig())


def test_the_queue_is_bounded_for_each_session_and_for_all():
    bounds = Limits(queued=3, queued_each=2)
    bounds.check_queue(waiting=2, waiting_of_session=1)
    with refused(2, "your"):
        bounds.check_queue(waiting=2, waiting_of_session=2)
    with refused(3, "waiting"):
        bounds.check_queue(waiting=3, waiting_of_session=0)

"""A room without a browser: from the class link to the board."""

from dataclasses import replace
from threading import current_thread

import pytest

from cnnviz import runs
from cnnviz.training import TrainConfig
from cnnviz.ui.core import resources
from cnnviz.ui.lessons.room.parts import standings
from tests.helpers import ROOT, names, opened, wait
from tests.test_imports import loaded_by, top
from tests.ui.core.test_reader import OTHER, TOKEN, of, over, owner_of

CONFIG = TrainConfig(network="conv_mnist", subset=1000, epochs=1, batch_size=100, device="cpu")

TRAINED = {"train_loss": 1.0, "train_accuracy": 0.5}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))


def said(at):
    return " ".join(one.value.replace("\\", "") for one in [*at.markdown, *at.warning, *at.info])


def test_a_room_is_opened_and_waits_for_runs():
    at = opened("room")
    assert at.button(key="room_open")
    at.button(key="room_open").click().run()
    assert not at.exception and not at.dataframe
    code = "".join(at.query_params["room"])
    assert resources.classrooms().board(code) == []


def measured(epochs, accuracy):
    """A run that is over, and has come to that accuracy."""
    run = runs.create(replace(CONFIG, epochs=epochs))
    run.begin()
    place = {"step": 10 * epochs, "epoch": float(epochs), "seconds": 0.5 * epochs}
    run.append({"event": "epoch", **place, **TRAINED, "test_loss": 1.0, "test_accuracy": accuracy})
    run.append({"event": "done", **place, "test_accuracy": accuracy})
    return run


def test_runs_stand_on_the_board_the_best_first():
    code = resources.classrooms().open()
    for name, epochs, accuracy in (("Ada", 1, 0.8), ("Alan", 3, 0.9)):
        resources.classrooms().add(code, name, measured(epochs, accuracy).id, name)
    resources.classrooms().add(code, "Nobody", "conv_mnist-20260101-000000-00000000", "")  # it was cleared away
    found = standings(code)
    assert [one.nickname for one in found] == ["Alan", "Ada"] and found[0].parameters == 60_074
    assert [one.result.best for one in found] == [0.9, 0.8]
    for axis in ("seconds", "parameters"):
        at = opened("room", room=code, axis=axis)
        assert names(said(at), "Alan", "2 runs")
        table = at.dataframe[0].value
        assert list(table["Who"]) == ["Alan", "Ada"] and list(table["Epochs"]) == [3, 1]


def test_a_nickname_is_shown_as_text():
    code = resources.classrooms().open()
    resources.classrooms().add(code, "**[x](javascript:1)", measured(1, 0.8).id, "")
    assert any(r"\*\*\[x\]\(javascript\:1\)" in one.value for one in opened("room", room=code).markdown)


@pytest.mark.parametrize("code", ["ABCDEF", "abcdef", "../../x", "ABCDEF7"])
def test_a_room_that_is_not_there(code):
    for page in ("room", "train"):
        (warning,) = opened(page, room=code).warning
        assert names(warning.value, repr(code)) or names(warning.value, f"room={code}")


def test_the_train_page_says_who_one_is():
    code = resources.classrooms().open()
    at = opened("train", room=code)
    [box] = [one for one in at.text_input if code in one.label]
    assert len(box.value.split()) == 2
    box.set_value("Grace").run()
    assert [one.value for one in at.text_input if code in one.label] == ["Grace"]
    [box] = [one for one in at.text_input if code in one.label]
    box.set_value("   ").run()
    assert [one.value for one in at.warning]
    assert [one.value for one in at.text_input if code in one.label] == ["Grace"]
    at.button(key="train_leave_room").click().run()
    assert not any(code in one.label for one in at.text_input) and "room" not in at.query_params


def test_an_exercise_can_be_asked_in_a_room():
    code = resources.classrooms().open()
    at = opened("train", room=code, task="steps")
    labels = [one.label for one in at.button]
    assert "Leave the room" in labels and any(code in one.label for one in at.text_input)


@pytest.mark.slow
def test_what_the_board_needs_is_loaded_with_the_first_room(monkeypatch):
    """In a thread, and by nothing of ours before."""
    loaded = []
    monkeypatch.setattr(resources, "import_module", lambda name: loaded.append((name, current_thread())))
    resources.classrooms.clear()
    for _ in range(2):
        resources.classrooms()
    wait(lambda: loaded)
    [(name, thread)] = loaded
    assert name == "pandas" and thread is not current_thread()
    assert "pandas" not in top(loaded_by(ROOT / "cnnviz" / "ui" / "core" / "resources.py"))


# --- whose the room is


def teacher_and_student():
    """A room of a teacher with one run of a student's, and both as their tokens."""
    at = of(TOKEN, "room")
    at.button(key="room_open").click().run()
    code = "".join(at.query_params["room"])
    run = over(owner_of(OTHER), network="conv_mnist")
    resources.classrooms().add(code, "=1+1", run.id, owner_of(OTHER))
    return at, code, run


def unfolded(at):
    at.session_state["room_order"] = True
    at.run()
    assert not at.exception
    return at


def test_who_opened_a_room_keeps_order_and_nobody_else():
    _, code, run = teacher_and_student()
    for stranger in (of(OTHER, "room", room=code), opened("room", room=code)):
        assert not [one for one in unfolded(stranger).button if one.key in ("room_stop", "room_remove", "room_close")]
    again = unfolded(of(TOKEN, "room", room=code))
    assert again.selectbox(key="room_chosen").options == ["=1+1 · Conv MNIST · done"]
    again.button(key="room_remove").click().run()
    assert not again.exception and resources.classrooms().board(code) == [] and not run.is_on_board()
    again.button(key="room_close").click().run()
    assert not again.exception and "room" not in again.query_params
    with pytest.raises(ValueError, match=code):
        resources.classrooms().board(code)
    assert names(said(opened("room", room=code)), repr(code))


def test_a_formula_as_a_nickname_is_a_text_in_the_table():
    _, code, _ = teacher_and_student()
    table = opened("room", room=code).dataframe[0].value  # which Streamlit saves as CSV as it is
    assert list(table["Who"]) == ["'=1+1"]


def test_a_room_that_is_looked_at_keeps_its_runs():
    _, code, run = teacher_and_student()
    (run.folder / "room").unlink(missing_ok=True)
    opened("room", room=code)
    assert run.is_on_board()


def test_anothers_nickname_is_told_and_becomes_a_free_one():
    code = resources.classrooms().open()
    resources.classrooms().name(code, "Ada", ["somebody"])
    at = opened("train", room=code)
    [box] = [one for one in at.text_input if code in one.label]
    box.set_value("ada").run()
    [box] = [one for one in at.text_input if code in one.label]
    assert box.value == "ada 2" and names(at.warning[0].value, "ada", "ada 2", code)


def test_a_nickname_is_kept_with_the_browser():
    code = resources.classrooms().open()
    at = of(TOKEN, "train", room=code)
    [box] = [one for one in at.text_input if code in one.label]
    box.set_value("Grace").run()
    again = of(TOKEN, "train", room=code)
    assert [one.value for one in again.text_input if code in one.label] == ["Grace"]

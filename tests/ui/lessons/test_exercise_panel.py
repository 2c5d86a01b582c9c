"""The exercises on the pages, without a browser: asked, hidden, judged, counted, revealed, and kept in the link."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import lessons, links
from cnnviz.lessons import LESSONS
from cnnviz.lessons.common.exercise import Exercise
from tests.helpers import names, opened, ran

FIRST = [(lesson.slug, lesson.exercises[0]) for lesson in LESSONS if lesson.exercises]
MENDED = [(lesson.slug, one) for lesson in LESSONS for one in lesson.exercises if one.kind == "mend"]


def sent(at: AppTest) -> list[dict[str, Any]]:
    """What the components were given."""
    return [json.loads(one.proto.json or "{}") for one in at.get("bidi_component")]


def stage(at: AppTest) -> dict[str, Any]:
    return next(data for data in sent(at) if "planes" in data)


def press(at: AppTest, label: str) -> AppTest:
    next(one for one in at.button if one.label == label).click()
    return ran(at)


def guess(at: AppTest, text: str) -> AppTest:
    at.text_input[0].set_value(text)
    return press(at, "Check")


def sentences(at: AppTest) -> list[str]:
    return [one.value for one in (*at.success, *at.info)]


def text(at: AppTest) -> str:
    return " ".join(one.value for one in (*at.markdown, *at.caption))


def test_a_link_asks_hides_judges_and_reveals() -> None:
    at = opened("convolution", task="cell")
    assert stage(at)["planes"]["y0"]["values"][3] is None and stage(at)["standsOn"] == 3
    assert stage(at)["planes"]["b0"]["values"] == [1], "the link brings the settings of the exercise"
    guess(at, "9")
    assert [one.value for one in at.info] == sentences(at) and names(sentences(at)[0], "bias")
    assert stage(at)["planes"]["y0"]["values"][3] is None
    guess(at, " 10.0 ")
    assert [one.value for one in at.success] == sentences(at) and names(sentences(at)[0], 10)
    assert stage(at)["planes"]["y0"]["values"][3] == 10
    assert names(text(at), "1 of 1 right, 0 at")


def test_a_link_brings_the_settings_of_an_exercise_as_often_as_it_is_followed() -> None:
    at = opened("receptive", task="strided", stack="c3s1p1d1")
    own = at.session_state["state of receptive"].state
    assert len(own.stack) == 1, "a link that says more than the exercise is taken at its word"
    at.query_params.clear()
    at.query_params["task"] = "strided"
    ran(at)
    asked = lessons.exercise("receptive", "strided").settings
    assert at.session_state["state of receptive"].state.stack == asked.stack != type(asked)().stack


def test_a_guess_that_is_none_is_no_mistake() -> None:
    at = guess(opened("convolution", task="cell"), "abc")
    assert names(sentences(at)[0], "“abc”")
    assert at.text_input[0].value == "abc" and "right," not in text(at)
    guess(at, "10")
    assert names(text(at), "1 of 1 right, 1 at")


def test_hints_come_one_by_one_and_keep_what_is_typed() -> None:
    at = opened("convolution", task="size")
    at.text_input[0].set_value("6 x")
    press(at, "Hint")
    one, two = lessons.exercise("convolution", "size").hints
    assert one in text(at) and two not in text(at) and at.text_input[0].value == "6 x"
    press(at, "Hint")
    assert two in text(at) and not [button for button in at.button if button.label == "Hint"]
    assert not sentences(at)


def test_showing_the_answer_is_no_point_and_asking_again_does_not_change_that() -> None:
    at = press(opened("pooling", task="maximum"), "Show me")
    assert names(*sentences(at), 5) and stage(at)["planes"]["y0"]["values"][1] == 5
    press(at, "Again")
    assert stage(at)["planes"]["y0"]["values"][1] is None
    guess(at, "5")
    assert names(text(at), "0 of 1 right, 0 at")


def test_the_size_is_told_nowhere_until_it_is_guessed() -> None:
    at = opened("convolution", task="size")
    data = stage(at)
    assert data["planes"]["y0"]["values"] == [None] and data["planes"]["y0"]["note"] == "? × ?"
    assert len(data["taps"]["rows"]) == len(data["taps"]["cols"]) == 1
    assert data["label"].endswith("10 by 8 input") and "unreached" not in data["planes"]["x0"]
    assert "How large is the output?" not in text(at), "the formula would tell it"
    guess(at, "6x5")
    assert len(stage(at)["taps"]["rows"]) == 6 and "How large is the output?" in text(at)


def test_a_cell_of_the_activated_output_is_hidden_in_both_planes() -> None:
    planes = stage(opened("convolution", task="cell-1-1", activation="ReLU"))["planes"]
    assert planes["y0"]["values"][0] is None and planes["a0"]["values"][0] is None


def test_a_hidden_maximum_does_not_show_its_winner() -> None:
    assert stage(opened("pooling", task="maximum"))["outputs"][0]["winners"][1] == [-1, -1]


def test_a_teacher_hides_any_cell_of_any_grid() -> None:
    at = opened("channels", task="cell-2-3-2", stride_h="1")
    values = stage(at)["planes"]
    assert values["y1"]["values"][1 * 5 + 2] is None and None not in values["y0"]["values"]
    at.number_input(key="channels_cell_row").set_value(1)
    ran(at)
    assert at.query_params["task"] in ("cell-1-3-2", ["cell-1-3-2"])
    assert stage(at)["planes"]["y1"]["values"][2] is None


def test_the_edited_grid_gives_the_answer() -> None:
    at = opened("convolution", task="cell-1-1", x="5x5_" + "_".join(["1"] * 25), b="1x1_3")
    assert stage(at)["planes"]["x0"]["values"] == [1] * 25
    guess(at, "10")
    assert names(at.success[0].value, 10)


@pytest.mark.parametrize("task", ["cell-9-9", "nonsense", "cell-1-1-2", "<b>", "x" * 60])
def test_a_task_that_cannot_be_is_said_and_left(task: str) -> None:
    at = opened("convolution", task=task)
    assert at.warning and stage(at)["planes"]["y0"]["values"] == [11, 12, 11, 13, 17, 7, 16, 15, 9]
    if leave := [one for one in at.button if one.label == "Leave the exercise"]:
        leave[0].click()
        assert not ran(at).warning and "task" not in at.query_params


@pytest.mark.parametrize(
    ("lesson", "query"),
    [
        ("inside", {"task": "sum", "network": "nope", "layer": "<b>"}),
        ("inside", {"task": "maximum", "source": "drawing"}),
        ("inside", {"task": "units", "image": "999999"}),
        ("evaluate", {"task": "precision", "network": "nope"}),
        ("evaluate", {"task": "recall", "true": "99", "named": "1"}),
        ("shapes", {"task": "parameters", "network": "own_text", "text": "nn.Linear(3"}),
        ("shapes", {"task": "flatten", "network": "lenet5", "height": "2"}),
        ("train", {"task": "steps", "learning_rate": "abc"}),
        ("train", {"task": "decay", "schedule": "cosine"}),
        ("draw", {"task": "frame", "network": "nope"}),
        ("filters", {"task": "edge", "w": "1x1_3"}),
        ("filters", {"task": "picture-size", "picture": "webcam"}),
        ("pooling", {"task": "size", "reach": "global"}),
        ("pooling", {"task": "against", "kind": "L2"}),
        ("channels", {"task": "cell-3-3-4"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_a_state_that_the_exercise_is_not_about_is_said(lesson: str, query: dict[str, str]) -> None:
    at = opened(lesson, **query)
    assert at.warning and [one for one in at.button if one.label == "Leave the exercise"]
    assert not [one for one in at.button if one.label == "Check"]


def test_the_next_one_is_the_next_that_is_not_solved() -> None:
    at = guess(opened("channels", task="cell"), "-6")
    press(at, "Next exercise")
    assert at.query_params["task"] in ("shape", ["shape"]) and filters(at) == 4
    press(at, "Leave")
    assert "task" not in at.query_params and filters(at) == 4


def filters(at: AppTest) -> float | None:
    return next(one.value for one in at.number_input if one.label == "Filters")


def test_a_choice_is_made_by_radio_buttons() -> None:
    at = opened("pooling", task="against")
    assert {value for plane in ("y0", "y1") for value in stage(at)["planes"][plane]["values"]} == {None}
    at.radio[0].set_value("top left")
    press(at, "Check")
    assert not at.success and names(sentences(at)[0], "maximum")
    at.radio[0].set_value("top right")
    assert press(at, "Check").success


@pytest.mark.parametrize(("lesson", "exercise"), FIRST, ids=lambda value: getattr(value, "id", value))
def test_every_lesson_asks_and_reveals(lesson: str, exercise: Exercise) -> None:
    at = opened(lesson, task=exercise.id)
    before = len(sent(at))
    assert f"**{exercise.title}.**" in text(at) and not at.warning and not sentences(at)
    press(at, "Show me")
    assert sentences(at) and len(sent(at)) >= before
    press(at, "Leave")
    assert f"**{exercise.title}.**" not in text(at)


@pytest.mark.parametrize(("lesson", "exercise"), MENDED, ids=lambda value: getattr(value, "id", value))
def test_what_is_mended_is_seen(lesson: str, exercise: Exercise) -> None:
    broken, mended = (
        press(opened(lesson, **links.encode(replace(state, task=exercise.id))), "Check")
        for state in (exercise.settings, exercise.solved)
    )
    assert len(broken.info) == 1 and not broken.success
    assert len(mended.success) == 1
    assert not [one for one in broken.button if one.label.startswith("Use ")], "no remedy gives it away"


def test_outside_of_an_exercise_the_fragment_draws_nothing_of_it() -> None:
    at = opened("convolution")
    assert not at.text_input and not [one for one in at.button if one.label in ("Check", "Hint", "Leave")]
    offered = [data for data in sent(at) if "tries" in data][1]["tries"]
    assert [label for label, _ in offered][-1] == "Hide a cell"
    assert len(offered) == len(lessons.find("convolution").exercises) + 1


def test_a_lesson_without_exercises_has_no_heading_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def headings() -> list[str]:
        return [one.value for one in opened("pooling").markdown if "### Exercises" in one.value]

    assert len(headings()) == 1
    monkeypatch.setattr(lessons.Lesson, "exercises", ())
    assert headings() == []

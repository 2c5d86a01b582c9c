"""The text box without a browser: what it is given, what it sends, and whose text counts."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.lessons.shapes.settings import START
from cnnviz.links import locks
from cnnviz.ui.components.source_box import MAX_LETTERS
from cnnviz.ui.core.store import Store
from tests.helpers import names, opened
from tests.ui.text_boxes import given, send, shown, type_into

own = partial(opened, "shapes", network="own_text")
TEXT = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))"
BOX = "box shapes_text"


def store(at: AppTest) -> Store[Any]:
    found: Store[Any] = at.session_state["state of shapes"]
    return found


def test_a_page_opens_with_the_text_of_its_setting() -> None:
    box = given(own())
    assert box["text"] == START and box["error"] is None and box["ack"] is None and not box["fixed"]
    assert given(own(text=TEXT))["text"] == TEXT


def test_what_is_typed_becomes_the_setting_and_is_not_sent_back() -> None:
    at = own()
    before = given(at)
    type_into(at, TEXT, id="first")
    after = given(at)
    assert store(at).state.text == TEXT
    assert (after["text"], after["ack"]) == (None, "first")
    assert (after["origin"], after["revision"]) == (before["origin"], before["revision"])


def test_where_a_text_is_wrong_is_marked_and_it_stays() -> None:
    at = own()
    type_into(at, "nn.Sequential(\n    oops)")
    error = given(at)["error"]
    assert (error["line"], error["column"]) == (2, 5) and names(error["sentence"], "Line 2", "column 5")
    assert shown(at, "nn.Sequential(\n    oops)") and not at.error
    type_into(at, TEXT)
    assert given(at)["error"] is None


def test_a_change_of_the_page_takes_the_place_of_the_text_and_what_was_typed_before_it_is_dropped() -> None:
    at = own()
    type_into(at, TEXT)
    before = given(at)
    store(at).change(text=START)
    at.run()
    after = given(at)
    assert after["text"] == START and after["revision"] == before["revision"] + 1
    type_into(at, "nn.ReLU()", revision=before["revision"])
    assert store(at).state.text == START and given(at)["text"] == START
    type_into(at, "nn.ReLU()")
    assert store(at).state.text == "nn.ReLU()"


def test_an_undo_brings_the_text_back() -> None:
    at = own()
    type_into(at, TEXT)
    store(at).undo()
    at.run()
    assert given(at)["text"] == START and given(at)["revision"] == 1


def test_other_settings_leave_the_text_alone() -> None:
    at = own()
    type_into(at, TEXT)
    at.number_input(key="shapes_channels").set_value(3).run()
    assert shown(at, TEXT) and given(at)["revision"] == 0 and store(at).state.channels == 3


def test_a_box_that_was_away_comes_back_with_its_text() -> None:
    at = own()
    type_into(at, TEXT)
    at.selectbox(key="shapes_network").set_value("lenet5").run()
    at.selectbox(key="shapes_network").set_value("own text").run()
    assert given(at)["text"] == TEXT and given(at)["revision"] == 0


def test_what_was_typed_in_another_session_is_dropped() -> None:
    at = own()
    type_into(at, TEXT, origin="another")
    assert store(at).state.text == START and given(at)["text"] == START


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        [],
        {"text": TEXT},
        {"id": 1, "origin": "", "revision": 0, "text": TEXT},
        {"id": "1", "origin": "", "revision": True, "text": TEXT},
        {"id": "1", "origin": "", "revision": 0, "text": ["x"]},
    ],
)
def test_what_no_box_sends_changes_nothing(sent: Any) -> None:
    at = own()
    send(at, sent)
    assert store(at).state.text == START and given(at)["text"] == START and given(at)["ack"] is None


def test_a_text_that_is_longer_than_the_box_takes_was_never_sent() -> None:
    at = own()
    type_into(at, "#" * (MAX_LETTERS + 1))
    assert store(at).state.text == START and given(at)["ack"] is None


def test_a_text_that_no_setting_can_be_stays_and_the_one_before_counts() -> None:
    at, typed = own(), "nn.ReLU()\0"
    type_into(at, typed)
    assert at.warning and shown(at, typed) and store(at).state.text == START
    at.number_input(key="shapes_channels").set_value(3).run()
    assert shown(at, typed) and given(at)["revision"] == 0
    type_into(at, "nn.ReLU()")
    assert not at.warning and store(at).state.text == "nn.ReLU()"


def test_a_link_fixes_the_text_or_hides_the_box() -> None:
    lock, hide = locks.PARAMETERS
    at = own(**{lock: "text"})
    assert given(at)["fixed"]
    type_into(at, TEXT)
    assert store(at).state.text == START
    with pytest.raises(StopIteration):
        given(own(**{hide: "text"}))


def test_train_has_the_same_box_and_keeps_its_text() -> None:
    at = opened("train", network="own_text")
    type_into(at, "nn.Sequential(oops)")
    assert (given(at)["error"]["line"], given(at)["error"]["column"]) == (1, 15)
    type_into(at, TEXT)
    assert given(at)["error"] is None and at.session_state["state of train"].state.text == TEXT

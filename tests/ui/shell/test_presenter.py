"""The presenter view by AppTest: what a page draws, and where its keys and buttons lead."""

import json
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.lessons import LESSONS
from tests.test_pages import PAGES, cell, edit, run, values


def component(app: AppTest, key: str) -> Any:
    """The component of that key."""
    return next(one for one in app.get("bidi_component") if one.proto.id.endswith(f"-{key}"))


def given(app: AppTest, key: str) -> dict[str, Any]:
    """What it was given."""
    return json.loads(component(app, key).proto.json)


def trigger(app: AppTest, key: str, event: str, value: Any) -> None:
    """A click in a component, as the browser sends it."""
    states = app._tree.get_widget_states()
    aggregator = f"$$STREAMLIT_INTERNAL_KEY_{component(app, key).proto.id}__events"
    states.widgets.append(WidgetState(id=aggregator, json_trigger_value=json.dumps([{"event": event, "value": value}])))
    app._run(states)
    assert not app.exception


def asked(app: AppTest, name: str) -> str:
    """A parameter of the URL; '' where it is not there."""
    found = app.query_params.get(name, "")
    return found[0] if isinstance(found, list) else found


@pytest.mark.parametrize("script", PAGES)
def test_every_page_is_presented_without_the_menu(script: str) -> None:
    app = run(script, present="1")
    assert not app.warning and not app.error
    assert not app.sidebar.children and asked(app, "present") == "1"


def test_one_lesson_after_the_other_in_the_order_of_the_menu() -> None:
    app, titles = run("home.py", present="1"), []
    for slug in ["home", *(lesson.slug for lesson in LESSONS)]:
        shown = given(app, f"{slug}_presenter")
        assert (shown["on"], shown["total"], shown["place"]) == (True, len(LESSONS), len(titles))
        assert asked(app, "present") == "1"
        titles.append(app.title[0].value)
        trigger(app, f"{slug}_presenter", "action", "next")
    assert app.title[0].value == titles[-1] == "Class room"  # after the last comes none
    trigger(app, "room_presenter", "action", "previous")
    assert app.title[0].value == titles[-2] == "Evaluate"


def test_a_lesson_comes_back_as_it_was_left_and_its_lock_does_not() -> None:
    app = run("home.py", present="1")
    trigger(app, "home_presenter", "action", "next")
    app.query_params["lock"] = "w"
    edit(app.run(), cell("x0", 0, 0, "5"))
    app.run()  # an edit runs no more than the stage and its controls
    trigger(app, "convolution_presenter", "action", "next")
    trigger(app, "channels_presenter", "action", "previous")
    assert values(app, "x0")[0] == 5 and asked(app, "lock") == ""


def test_it_is_begun_and_left_on_the_page() -> None:
    app = run("pages/pooling.py", stride_h="1", lock="x")
    assert not given(app, "pooling_presenter")["on"]
    trigger(app, "pooling_presenter", "action", "present")
    assert given(app, "pooling_presenter")["on"] and not app.sidebar.children
    trigger(app, "pooling_presenter", "action", "leave")
    assert not given(app, "pooling_presenter")["on"] and app.sidebar.children
    assert (asked(app, "present"), asked(app, "stride_h"), asked(app, "lock")) == ("", "1", "x")


@pytest.mark.parametrize("action", ["", "sideways", None, 3, ["next"], {"next": 1}, "home", "__class__"])
def test_what_no_button_sends_does_nothing(action: Any) -> None:
    app = run("pages/pooling.py", present="1")
    trigger(app, "pooling_presenter", "action", action)
    assert app.title[0].value == "Pooling" and given(app, "pooling_presenter")["on"]


@pytest.mark.parametrize("value", ["0", "2", "", "true", "<script>", "1" * 9000])
def test_only_1_presents(value: str) -> None:
    assert not given(run("pages/pooling.py", present=value), "pooling_presenter")["on"]

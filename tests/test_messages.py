"""What no control offers, sent to every page: no fault, and the next honest message of the same session is answered."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from cnnviz import lessons
from cnnviz.data.datasets import downloads
from cnnviz.networks import zoo
from cnnviz.server.classrooms import Classrooms
from cnnviz.server.limits import Limits
from cnnviz.ui.core import resources
from harness.drawings import as_sent
from tests import hostile
from tests.helpers import components, opened
from tests.sampling import Tries

PAGES = ["home", *(lesson.slug for lesson in lessons.LESSONS)]
STAGES = {"home": "x0", "convolution": "x0", "pooling": "x0", "channels": "x0", "filters": "w0"}  # what is edited there
CONTROLS = {"shapes": "channels", "train": "epochs", "inside": "scale", "evaluate": "view", "data": "view"}
CONTROLS |= {"architectures": "milestone"}
SECONDS = 20  # for one message on a busy machine; without bounds some took minutes


class Idle:
    """Workers that take no run."""

    limits = Limits()

    def submit(self, config: object, session: str = "") -> str:
        raise ValueError("nothing is trained here")

    def stop(self, run_id: str) -> None:
        raise ValueError("nothing is trained here")

    def place(self, run_id: str) -> None:
        return None

    def warm(self) -> None:
        pass


@pytest.fixture(autouse=True)
def nothing_leaves_the_test(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    rooms, idle = Classrooms(), Idle()
    monkeypatch.setattr(resources, "classrooms", lambda: rooms)
    monkeypatch.setattr(resources, "workers", lambda: idle)
    monkeypatch.setattr(downloads, "download_progress", lambda *_: iter(()))


def widgets_of(at: AppTest) -> dict[str, Any]:
    """The elements of the page that have an id, by it."""
    protos = [getattr(node, "proto", None) for node in at._tree]
    return {proto.id: proto for proto in protos if getattr(proto, "id", "")}


def targets(at: AppTest) -> list[str]:
    """Every id that a message can name: widgets, and the events of components."""
    events = [f"$$STREAMLIT_INTERNAL_KEY_{one.proto.id}__events" for one in at.get("bidi_component")]
    return [*widgets_of(at), *events]


def options_of(at: AppTest) -> list[str]:
    """What the controls of the page offer, but for networks, which take their time."""
    offered = [proto.options for widget, proto in widgets_of(at).items() if hasattr(proto, "options")]
    texts = [getattr(option, "content", option) for options in offered for option in options]
    return [text for text in texts if isinstance(text, str) and text not in zoo.names()]


def send(at: AppTest, states: WidgetStates) -> None:
    """One message, answered without a fault and in time."""
    begun = time.monotonic()
    at._run(states)
    took = time.monotonic() - begun
    assert not at.exception, (at.exception, states)
    assert took < SECONDS, states


def honest(at: AppTest, page: str, number: int) -> None:
    """A message of the page's own browser, and what it has to change."""
    store = at.session_state[f"state of {page}"]
    if page in STAGES:
        field, text = STAGES[page][0], f"{number % 90 + 0.5}"
        cell = {"seq": store.typed.taken + 1, "kind": "cell", "plane": STAGES[page], "row": 0, "col": 0, "text": text}
        if not widget_of(at, f"{page}_stage"):
            leave_exercise(at, page)
        send(at, state(at, f"{page}_stage", json_value=json.dumps({"edits": [cell]})))
        grid = getattr(at.session_state[f"state of {page}"].state, field)
        assert (grid[0] if page == "channels" else grid)[0][0] == float(text)
    elif page in CONTROLS:
        before = getattr(store.state, CONTROLS[page])
        send(at, other_choice(at, f"{page}_{CONTROLS[page]}", before))
        assert getattr(at.session_state[f"state of {page}"].state, CONTROLS[page]) != before
    elif page == "receptive":
        pin = {"seq": 1000 + number, "layer": 1, "row": number % 3, "col": 0}
        send(at, state(at, "receptive_stage", json_value=json.dumps({"pin": pin})))
        assert at.session_state["state of receptive"].state.unit[:2] == (1, number % 3)
    elif page == "draw":
        picture = as_sent(np.zeros((112, 112), np.uint8))
        drawing = {"id": f"honest {number}", "picture": picture, "stamp": "", "alone": False}
        send(at, state(at, "draw_pad", json_value=json.dumps({"drawing": drawing})))
        assert [one["ack"] for one in components(at) if "ack" in one] == [f"honest {number}"]
    else:
        before = store.state.room
        send(at, state(at, "room_open", trigger_value=True))
        assert at.session_state["state of room"].state.room not in ("", before)


def leave_exercise(at: AppTest, page: str) -> None:
    """A message has opened an exercise that hides the stage."""
    send(at, state(at, f"{page}_leave", trigger_value=True))


def widget_of(at: AppTest, key: str) -> str:
    """The id of the widget of that key, which has a number once the page has changed its value; '' for none."""
    found = [widget for widget in widgets_of(at) if re.search(rf"-{key}(_\d+)?$", widget)]
    return found[-1] if found else ""


def state(at: AppTest, key: str, **value: Any) -> WidgetStates:
    """The message that a widget has that value."""
    widget = widget_of(at, key)
    assert widget, (key, list(widgets_of(at)))
    return WidgetStates(widgets=[WidgetState(id=widget, **value)])


def other_choice(at: AppTest, key: str, before: Any) -> WidgetStates:
    """The message that something else is chosen than what is."""
    proto = widgets_of(at)[widget_of(at, key)]
    if not hasattr(proto, "options"):
        return state(at, key, double_value=float(before % 5 + 1))
    sent = WidgetState(id=proto.id)
    others = [option.content for n, option in enumerate(proto.options) if n not in list(proto.default)]
    sent.string_array_value.data.append(others[0])
    return WidgetStates(widgets=[sent])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.slow
def test_no_message_breaks_a_page(page: str, tries: Tries) -> None:
    at = opened() if page == "home" else opened(page)
    for number, rng in enumerate(tries(3003 // len(PAGES), sample=4)):
        send(at, hostile.states(rng, targets(at), options_of(at)))
        if not widget_of(at, f"{page}_share"):  # it has turned to another page
            at = opened(page)
        honest(at, page, number)

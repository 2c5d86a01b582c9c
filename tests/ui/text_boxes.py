"""The text box of a page without a browser: what it was given, and what it sends."""

from __future__ import annotations

import json
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest


def _component(at: AppTest) -> Any:
    return next(one for one in at.get("bidi_component") if '"revision"' in (one.proto.json or ""))


def given(at: AppTest) -> dict[str, Any]:
    """What the box of the page was given."""
    found: dict[str, Any] = json.loads(_component(at).proto.json)
    return found


def send(at: AppTest, value: Any) -> None:
    """Whatever anybody may send as what was typed."""
    states = at._tree.get_widget_states()
    states.widgets.append(WidgetState(id=_component(at).proto.id, json_value=json.dumps({"typed": value})))
    at._run(states)
    assert not at.exception, at.exception


def type_into(at: AppTest, text: str, **other: Any) -> None:
    """What the browser sends a moment after the last key; `other` parts are those of another message."""
    box = given(at)
    send(at, {"id": f"of {text[:20]}", "origin": box["origin"], "revision": box["revision"], "text": text, **other})


def shown(at: AppTest, text: str) -> bool:
    """Whether the browser, which has typed `text`, goes on to show it."""
    return given(at)["text"] in (None, text)

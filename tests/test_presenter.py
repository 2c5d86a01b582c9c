"""Presenter view and locked links by AppTest: what a page draws, and what the server refuses whatever is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.settings import challenges
from cnnviz.ui.components.share import MOST_BYTES, qr_code
from tests.test_pages import PAGES, cell, edit, run, scene, values


def component(app: AppTest, key: str) -> Any:
    """What the component of that key was given."""
    for one in app.get("bidi_component"):
        if key in one.proto.id:
            return one
    raise AssertionError(f"there is no component {key}")


def given(app: AppTest, key: str) -> dict[str, Any]:
    return json.loads(component(app, key).proto.json)


def trigger(app: AppTest, key: str, **state: str) -> None:
    """What a component sends, as it sends it."""
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=component(app, key).proto.id, json_value=json.dumps(state)))
    app._run(states)
    assert not app.exception

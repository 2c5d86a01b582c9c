"""The presenter's bar: which lesson it is, buttons for a finger, and keys; otherwise the button that begins it."""

from collections.abc import Callable, Mapping
from typing import Any

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)


def presenter(key: str, data: Mapping[str, Any], act: Callable[[], None]) -> None:
    """Draw it. A click or a key calls `act`, with 'present', 'leave', 'previous' or 'next' as `action` in the
    component's state."""
    component.mount(ASSETS, key=key, data=dict(data), on_action_change=act, width="content")

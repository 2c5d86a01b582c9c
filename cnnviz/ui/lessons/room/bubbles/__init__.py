"""Bubbles: accuracy over time or size (logarithmic), areas by size; hover, touch or the arrow keys tell the numbers."""

from collections.abc import Sequence
from typing import Any

from cnnviz.ui.core import assets, component, export

ASSETS = assets.read(__file__)


def bubbles(key: str, points: Sequence[dict[str, Any]], x_label: str, y_label: str, title: str) -> None:
    """Draw `points`: each {id, name, x, y (percent), area, description}; `title` is said above them in a saved file."""
    data = {"name": "bubbles", "points": list(points), "x": x_label, "y": y_label}
    component.mount(
        ASSETS,
        key=key,
        data={**data, "file": export.requested(key, lambda: export.standalone(ASSETS, data, title))},
        on_save_change=lambda: export.ask(key),
    )

"""Bubbles: accuracy over work (logarithmic), areas by size; hover, touch or the arrow keys tell the numbers."""

from collections.abc import Sequence
from typing import Any

from cnnviz.ui.components.load import load_component

mount = load_component(__file__, shared=("svg.js",))


def bubbles(key: str, points: Sequence[dict[str, Any]], x_label: str, y_label: str) -> None:
    """Draw `points`: each {name, x, y (in percent), area, told}."""
    mount(key=key, data={"points": list(points), "x": x_label, "y": y_label})

"""The cell that a click has pinned, as the browser sends it: its parts and the number of the click."""

from cnnviz.ui.core import component


def pinned(key: str, *parts: str) -> dict[str, int] | None:
    """The pin of the component of that key; None where there is none, or something that no component of ours sends."""
    pin = component.sent(key, "pin")
    is_pin = isinstance(pin, dict) and all(type(pin.get(part)) is int for part in (*parts, "seq"))
    return pin if is_pin else None


def last_click(key: str) -> int:
    """The number of the last click that has arrived here; the browser keeps its own pin until it has."""
    pin = pinned(key)
    return pin["seq"] if pin else 0

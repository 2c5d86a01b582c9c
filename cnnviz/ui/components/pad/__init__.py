"""The drawing pad: mouse, finger or pen. While one draws it posts small pictures, the newest only."""

import base64
import binascii
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnnviz.ui.components.load import load_component

mount = load_component(__file__)

SIZE = 70  # pixels of a side of the posted picture: enough for a small digit, 6 kB a message


def pad(key: str) -> NDArray[np.uint8] | None:
    """Draw the pad and give its ink, (SIZE, SIZE) from 0 to 255; None before anything was drawn.

    Raises ValueError where what came in is not a picture of the pad's.
    """
    drawing = st.session_state.get(key, {}).get("drawing")
    mount(
        key=key,
        data={"size": SIZE, "ack": drawing.get("id") if isinstance(drawing, dict) else None},
        default={"drawing": None},
        on_drawing_change=lambda: None,
    )
    return decoded(drawing) if drawing else None


def decoded(drawing: Any) -> NDArray[np.uint8]:
    """The ink of {"id": ..., "picture": base64 of SIZE x SIZE bytes}."""
    try:
        ink = base64.b64decode(drawing["picture"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError("the pad sent something that is not a picture; clear it and draw again") from error
    if len(ink) != SIZE * SIZE:
        raise ValueError(f"the pad sent {len(ink)} pixels in place of {SIZE * SIZE}; clear it and draw again")
    return np.frombuffer(ink, np.uint8).reshape(SIZE, SIZE)

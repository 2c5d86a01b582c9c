"""The curve of an activation function with its derivative, and where the cells of an output lie on it."""

import numpy as np
import streamlit as st

from cnnviz.ops.activations import ACTIVATIONS
from cnnviz.ops.windows import Array
from cnnviz.ui.components.lines import lines
from cnnviz.ui.core.theme import ROLES


def curve(key: str, name: str, output: Array) -> None:
    """Draw activation `name` and its slope over the reach of `output`, whose cells are points on the curve."""
    activation = ACTIVATIONS[name]
    extent = float(max(4.0, np.abs(output).max() * 1.1))
    x = np.linspace(-extent, extent, 241)
    cells = np.unique(output)
    st.subheader(name, anchor=False)
    st.latex(rf"f(x) = {activation.formula}")
    lines(
        key,
        [
            {"name": name, "x": x, "y": activation.value(x), "colour": ROLES["output"]},
            {"name": "slope", "x": x, "y": activation.slope(x), "colour": ROLES["window"]},
            {
                "name": "this output",
                "x": cells,
                "y": activation.value(cells),
                "colour": ROLES["kernel"],
                "points": True,
            },
        ],
        x_label="x, a cell of the output",
        y_label="f(x)",
    )
    st.caption(activation.sentence)

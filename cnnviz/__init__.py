"""cnnviz: an interactive explainer of convolutional neural networks.

In a notebook or a script: `cnnviz.show(model, (1, 28, 28))` draws a network of PyTorch, `cnnviz.trace(model, (1, 28,
28))` gives its steps. What they need is loaded when they are called.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

    from cnnviz.ui.notebook import Drawing, Rows

# Read by torch's OpenMP when it loads: threads that wait sleep. If they spin, as they would, and other processes
# want the cores too, training takes ten times as long and a prediction 40 ms in place of one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Where the app's files lie that are no modules: beside the package in a clone, within it once it is installed.
PACKAGE = Path(__file__).parent
BUNDLED = PACKAGE / "_app"  # where pyproject.toml has the wheel carry them
INSTALLED = BUNDLED.is_dir()


def app_file(*parts: str) -> Path:
    """A file or folder of the app by its place in a clone: 'app.py', 'pages', 'checkpoints' or '.streamlit'."""
    return (BUNDLED if INSTALLED else PACKAGE.parent).joinpath(*parts)


def show(model: nn.Module, *input_shapes: tuple[int, ...], height: int = 110) -> Drawing:
    """The diagram of `model` for one input, to be looked at in a notebook: it plays, unfolds its blocks and says what
    each step does, with the table of the steps below it. It needs neither Streamlit nor a network.

    `input_shapes` is the shape of the input without the batch: (C, H, W), (C, L), (F,) or (C, D, H, W); one for each
    input of a network that takes several. `height` is that of the highest block, in pixels. The model is left as it
    was, and no number is computed. Raises as `trace` does; in a notebook the diagram up to the break then stands above
    what is said of it.
    """
    from cnnviz.ui import notebook

    return notebook.show(model, *input_shapes, height=height)


def trace(model: nn.Module, *input_shapes: tuple[int, ...]) -> Rows:
    """The steps of `model` for one input, a list of `cnnviz.tracing.Step`, which a notebook shows as a table.

    `input_shapes` are as `show` takes them. Raises ShapeError of cnnviz.tracing, a ValueError with `sentence`, `fixes`
    and the `steps` before the break, where a step does not take what arrives; ValueError where the model cannot be
    followed, or something else was given in place of a network or a shape.
    """
    from cnnviz.ui import notebook

    return notebook.trace(model, *input_shapes)

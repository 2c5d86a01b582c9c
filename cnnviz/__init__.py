"""cnnviz: an interactive explainer of convolutional neural networks."""

import os
from pathlib import Path

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

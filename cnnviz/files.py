"""Where the app's files lie that are no modules: beside the package in a clone, within it once it is installed."""

from pathlib import Path

PACKAGE = Path(__file__).parent
BUNDLED = PACKAGE / "_app"  # where pyproject.toml has the wheel carry them
INSTALLED = BUNDLED.is_dir()


def app_file(*parts: str) -> Path:
    """A file or folder of the app by its place in a clone: 'app.py', 'pages', 'checkpoints' or '.streamlit'."""
    return (BUNDLED if INSTALLED else PACKAGE.parent).joinpath(*parts)

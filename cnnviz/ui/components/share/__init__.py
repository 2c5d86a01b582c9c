"""The 'Copy link' button: the page's address, which holds its state, to the clipboard."""

from cnnviz.ui.components.load import load_component

mount = load_component(__file__)


def share(key: str) -> None:
    """Draw the button."""
    mount(key=key, width="content")

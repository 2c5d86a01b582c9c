"""What of the reader's lives in the session alone, and is lost with it. The browser remembers words for it, so that the
page can say so after the server was started anew (shell/connection). Nothing of it is seen."""

from collections.abc import Sequence

from cnnviz.ui.core import assets, component, session

ASSETS = assets.read(__file__)


def held(key: str, names: Sequence[str]) -> None:
    """Tell the browser what is held now, in words that go on after 'is lost:' ('your picture')."""
    component.mount(ASSETS, key=f"{key}_held", data={"session": session.name(), "names": list(names)}, width="content")

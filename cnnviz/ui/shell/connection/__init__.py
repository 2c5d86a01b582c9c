"""What a page says while it cannot reach its server, and of what is lost where the server has forgotten its session."""

from cnnviz.ui.core import assets, component, session

ASSETS = assets.read(__file__)


def connection(key: str) -> None:
    """Draw it; nothing is seen while all is well."""
    component.mount(ASSETS, key=key, data={"session": session.name()}, width="content")

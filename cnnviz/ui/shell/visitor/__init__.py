"""What makes a browser known again: it keeps a random token and sends it once per connection. Nothing of it is seen."""

import streamlit as st

from cnnviz.ui.core import assets, component, reader

ASSETS = assets.read(__file__)


def visitor(key: str) -> None:
    """Ask for the token, as a fragment, so that its coming runs nothing else of the page: only where something that is
    shown has turned out to be the reader's, the page runs again."""
    reader.be_present()
    st.fragment(_visitor)(key)


def _visitor(key: str) -> None:
    if reader.page_is_outdated():
        st.rerun()

    def take() -> None:
        reader.recognise(component.sent(key, "token"))

    component.mount(ASSETS, key=key, data={"known": reader.is_known()}, on_token_change=take, width="content")

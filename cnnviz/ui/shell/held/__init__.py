"""What of the reader's lives in the session alone, and is lost with it. The browser remembers words for it, so that the
page can say so after the server was started anew (shell/connection). Nothing of it is seen."""

import secrets
from collections.abc import Sequence

import streamlit as st

from cnnviz.ui.core import assets, component

ASSETS = assets.read(__file__)
SESSION = "name of the session for its own browser"


def session() -> str:
    """What tells this session from the one that comes after it; no secret, and known nowhere else."""
    name: str = st.session_state.setdefault(SESSION, secrets.token_hex(4))
    return name


def held(key: str, names: Sequence[str]) -> None:
    """Tell the browser what is held now, in words that go on after 'is lost:' ('your picture')."""
    component.mount(ASSETS, key=f"{key}_held", data={"session": session(), "names": list(names)}, width="content")

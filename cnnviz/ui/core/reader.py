"""Who reads. A session is a browser, known by a random token that it keeps and sends once per connection
(ui/shell/visitor); where it sends none, the session is the connection.

Of the token only a hash is kept. Neither is ever in a link or in the log, or sent to another session.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from itertools import islice

import streamlit as st

from cnnviz.server.presence import HERE

BROWSER, CONNECTION = "session of the browser", "session"  # in Streamlit's session: the two names
ASKED, NEWS = "sessions that were asked for", "the browser's session was asked for"
MAX_ASKED = 1000


def name() -> str:
    """The session under which what is done now is kept."""
    return names()[0]


def names() -> list[str]:
    """All names of the reader, `name()` first: what was done before the token came stays one's own."""
    connection = st.session_state.get(CONNECTION)
    if connection is None:
        connection = st.session_state[CONNECTION] = secrets.token_hex(16)
    browser = st.session_state.get(BROWSER)
    return [browser, connection] if browser else [connection]


def own(sessions: Iterable[str]) -> list[str]:
    """Which of these sessions are the reader, `name()` first. What a page asked is remembered until the token has come,
    for the answer may then be another one."""
    asked = set(sessions)
    if not is_known():
        before: set[str] = st.session_state.setdefault(ASKED, set())
        before.update(islice(asked, MAX_ASKED - len(before)))
    return [one for one in names() if one in asked]


def owns(session: str) -> bool:
    """Whether that session is the reader."""
    return bool(own([session]))


def is_known() -> bool:
    """Whether the browser has sent its token."""
    return BROWSER in st.session_state


def recognise(token: object) -> None:
    """Take the token that the browser has sent, as a stranger may have written it; the first of a connection counts."""
    if is_known() or not (isinstance(token, str) and re.fullmatch(r"[0-9a-f]{32}", token)):
        return
    session = hashlib.sha256(f"cnnviz {token}".encode()).hexdigest()[:32]
    st.session_state[BROWSER] = session
    st.session_state[NEWS] = session in st.session_state.pop(ASKED, ())
    be_present()


def page_is_outdated() -> bool:
    """Whether something on the page, drawn before the token came, has turned out to be the reader's. Told once."""
    return bool(st.session_state.pop(NEWS, False))


def be_present() -> None:
    """Let the server know that the session is there; that it is not any more, Streamlit tells when the connection
    ends."""
    for session in names():
        _here(session)


@st.cache_resource(scope="session", show_spinner=False, on_release=HERE.leave)
def _here(session: str) -> str:
    HERE.arrive(session)
    return session

"""What takes long, on a page: its answer where it is there; until then how far it is, and a way to give it up."""

import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnviz.server.helpers import Answer, Job
from cnnviz.ui.core import resources

AT_ONCE = 0.4  # seconds that a page waits before it shows that it does
ALL_ELSE = 0.8  # the same for that on which all else on a page depends
GIVE_WAY = 0.05  # seconds after which what the reader does meanwhile goes first
TO_PAINT = 0.15  # seconds in which the browser draws what has just come
LOOK_EVERY = 0.3  # seconds


@dataclass(eq=False)
class _Asked:
    """What a place on a page has asked for."""

    answer: Answer
    cancelled: bool = False


def ask(slot: str, job: Job, words: str = "", soon: float = AT_ONCE, after_painting: bool = False) -> Any:
    """The answer to `job`, kept for all who ask the same. Raises ValueError where there is none.

    While it is computed: None, and on the page `words`, which are Markdown, how far it is, and Cancel; nothing without
    words. None also where it was not to be had this time: it can be asked again. What `slot` asked for before is given
    up. For an answer that comes within `soon` seconds the page waits. What can do so is computed `after_painting`:
    where there are two processors, the server and the browser need them until then.
    """
    key = f"work {slot}"
    asked: _Asked | None = st.session_state.get(key)
    if asked is None or asked.answer.job.digest != job.digest:
        _leave(asked)
        if after_painting and not resources.helpers().has(job):
            _let_paint(key)
        asked = st.session_state[key] = _Asked(resources.helpers().ask(resources.session(), job))
        _wait(asked.answer, key, soon)
    if asked.answer.lasts:
        return asked.answer.value()
    if asked.cancelled or asked.answer.over:
        _offer_again(slot, words, "cancelled" if asked.cancelled else asked.answer.refusal)
    else:
        _waiting(slot, asked, words)
    return None


def _let_paint(key: str) -> None:
    """Waits as `_wait` does, and asks nothing yet."""
    until = time.monotonic() + TO_PAINT
    while time.monotonic() < until:
        time.sleep(GIVE_WAY)
        st.session_state.get(key)


def get_ready() -> None:
    """Where something will soon be asked, its process, which takes three seconds to start, does so meanwhile."""
    resources.helpers()


def _wait(answer: Answer, key: str, seconds: float) -> None:
    """For an answer that comes soon. A script that is to end does so where it looks into what the session keeps."""
    begun = time.monotonic()
    while not answer.wait(GIVE_WAY) and time.monotonic() < begun + seconds:
        st.session_state.get(key)


def _offer_again(slot: str, words: str, why: str) -> None:
    """What was given up, or was not to be had this time, can be asked again; without words it is, when the page runs
    next."""
    if not words:
        _forget(slot)
        return
    with _row(slot):
        st.caption(f"{words}: {why}.")
        st.button("Try again", key=f"work_{slot}_again", on_click=_forget, args=(slot,))


def _leave(asked: "_Asked | None") -> None:
    """Gives up what was asked for."""
    if asked is not None and not asked.answer.over and not asked.cancelled:
        asked.cancelled = True
        resources.helpers().leave(asked.answer)


def _forget(slot: str) -> None:
    """Callback: ask anew."""
    st.session_state.pop(f"work {slot}", None)


@st.fragment(run_every=LOOK_EVERY)
def _waiting(slot: str, asked: "_Asked", words: str) -> None:
    """How far it is; once it is over, the page runs again."""
    if asked.answer.over or asked.cancelled:
        st.rerun()
    if not words:
        return
    with _row(slot):
        st.progress(asked.answer.progress or 0.0, words)
        st.button("Cancel", key=f"work_{slot}_cancel", on_click=_leave, args=(asked,))


def _row(slot: str) -> Any:
    return st.container(horizontal=True, vertical_alignment="center", key=f"work_{slot}")

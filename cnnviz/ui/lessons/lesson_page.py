"""The page of a lesson: what is tried, what there is to say about it, what to try next and to be asked."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from cnnviz.lessons.common.settings import Settings
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, exercise_panel
from cnnviz.ui.shell.page import lesson, page

State = TypeVar("State", bound=Settings)
Part = Callable[[Store[State]], None]


def lesson_page(slug: str, settings: type[State], *further: Part[State]) -> Callable[[Part[State]], None]:
    """Draw the page of lesson `slug`; for use as a decorator of the part that an edit runs again. `further` parts stand
    below it, before the prose, and an edit leaves them alone."""

    def draw(live: Part[State]) -> None:
        store = page(slug, settings)
        store.live(live, key=store.key("live"))
        for part in further:
            part(store)
        st.markdown(lesson(slug))
        controls.challenges(store)
        exercise_panel.offer(store)

    return draw

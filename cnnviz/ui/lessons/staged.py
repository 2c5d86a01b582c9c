"""The stage of a lesson, which an edit runs alone: of the rest of the page the browser hears again only where it has
changed. Far away every widget that is sent once more costs its bytes, and everywhere its millisecond."""

import time
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.lessons.common.settings import Settings
from cnnviz.links import Axes
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.exercise_panel import OpenExercise

State = TypeVar("State", bound=Settings)
Show = Callable[[Store[State]], OpenExercise]

PAINT = 0.08  # seconds in which a browser draws a stage that changed, also on a slow machine


def staged(store: Store[State], show: Show[State], around: Callable[[State], object]) -> OpenExercise:
    """Draw `show(store)`, the stage with the exercise above it, as a fragment in the page's; gives the exercise.

    What stands around it depends on all settings but the numbers in their grids, and on what `around(state)` makes of
    these; where that, too, is as it was drawn, an edit runs the stage alone. Where it is not, what stands around the
    stage comes after the browser has drawn that, which it would else draw last, with all that has come by then.
    """
    drawn: list[OpenExercise] = []
    changed = store.state != store.staged

    def is_drawn_of(state: State) -> object:
        return _outline(state), around(state), state if store.unfolded else None

    @store.live
    def part(store: Store[State]) -> None:
        exercise = show(store)
        if drawn and drawn[-1].open != exercise.open:  # its answer was given, or seen, in a run of this part alone
            st.rerun()
        drawn.append(exercise)
        store.staged = store.state

    run = get_script_run_ctx()
    if changed and run and run.fragment_ids_this_run:  # else the whole page comes, and is painted as a whole
        time.sleep(PAINT)
    store.around = is_drawn_of(store.state)
    store.is_drawn_of = is_drawn_of
    return drawn[-1]


def _outline(state: Settings) -> dict[str, object]:
    """The settings; of grids their sizes."""
    return {one.name: _size(getattr(state, one.name)) for one in fields(state)}


def _size(value: Any) -> object:
    """The lengths of nested tuples in place of the numbers in them; any other value as it is."""
    if not isinstance(value, tuple) or isinstance(value, Axes):
        return None if isinstance(value, float) else value
    return len(value), _size(value[0]) if value else None

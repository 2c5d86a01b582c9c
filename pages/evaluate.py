"""Evaluate: where a network is right and where it is wrong, down to the single image."""

import streamlit as st

from cnnviz.lessons.evaluate import exercises
from cnnviz.lessons.evaluate.settings import Evaluate
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, downloading, exercise_panel
from cnnviz.ui.lessons.evaluate import parts, reliability
from cnnviz.ui.lessons.lesson_page import lesson_page
from cnnviz.ui.shell.page import notes


@lesson_page("evaluate", Evaluate, lambda _: st.fragment(reliability.fold)())
def figures(store: Store[Evaluate]) -> None:
    above = controls.control_strip("evaluate_strip")
    evaluated = parts.evaluated_model(store)
    if evaluated is None:
        with above:
            parts.network(store)
        notes(store)
        return
    evaluation = evaluated.evaluation
    selected = parts.selection(store, evaluation)
    with above:
        parts.strip(store, len(evaluation.labels), selected.image)
    notes(store)
    exercises.tell(evaluated.network, evaluation)
    hidden = exercises.can_ask(store.state.network) and exercise_panel.panel(store).open
    reliability.keep_up(None if hidden else evaluation)
    if hidden:
        return  # what follows would give the answer away
    st.markdown(parts.headline(evaluated))
    downloading.offer(store, evaluated.data.name)
    parts.stage(store, evaluated, selected)
    parts.details(evaluation)

"""Evaluate: where a network is right and where it is wrong, down to the single image."""

import streamlit as st

from cnnviz.lessons.evaluate.settings import Evaluate
from cnnviz.ui import controls, evaluate, exercises, reliability
from cnnviz.ui.page import lesson, notes, page
from cnnviz.ui.state import Store

store = page("evaluate", Evaluate)


@store.live
def figures(store: Store[Evaluate]) -> None:
    evaluated = evaluate.evaluated_model(store)
    evaluation = evaluated.evaluation
    selected = evaluate.selection(store, evaluation)
    with controls.control_strip("evaluate_strip"):
        evaluate.strip(store, len(evaluation.labels), selected.image)
    notes(store)
    hidden = exercises.panel(store).open
    reliability.keep_up(None if hidden else evaluation)
    if hidden:
        return  # what follows would give the answer away
    st.markdown(evaluate.headline(evaluated))
    evaluate.stage(store, evaluated, selected)
    evaluate.details(evaluation)


st.fragment(reliability.fold)()
st.markdown(lesson("evaluate"))
controls.challenges(store)
exercises.offer(store)

"""Predict, then reveal: the open exercise above the stage, and below the lesson all of them to choose from.

The panel belongs into a page's fragment, before the stage; `offer` after the challenges, outside of the fragment, where
it costs no edit anything. While no exercise is open, the panel draws nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import streamlit as st

from cnnviz import lessons
from cnnviz.lessons.common.exercise import Cell, Exercise, Verdict, cell_task, read_cell
from cnnviz.lessons.common.format import sentence_case
from cnnviz.ui.components.stage import Scene
from cnnviz.ui.components.tries import tries
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import controls, covering, progress
from cnnviz.ui.lessons.progress import Progress
from cnnviz.ui.shell.page import plain_text

VIEW_FIELDS = ("run", "beside", "axis", "compared", "compared_axis")  # what a page watches is no part of an exercise
MAX_TYPED = 60  # characters of a guess
OWN_CELL = "Hide a cell"
OWN_SENTENCE = "Any cell of the output, with your own numbers: edit the grids, choose the cell, copy the link."


@dataclass(frozen=True)
class OpenExercise:
    """What the page is asked to hide: all of `exercise` while it is `open`."""

    exercise: Exercise | None = None
    open: bool = False

    @property
    def hides_stage(self) -> bool:
        """Whether the page's own picture would give the answer away."""
        return self.open and self.exercise is not None and self.exercise.hides == "stage"

    def cover(self, scene: Scene) -> Scene:
        """What the stage may show."""
        if self.exercise is None:
            return scene
        at, hides = self.exercise.cell, self.exercise.hides
        if not self.open:
            return replace(scene, stands_on=covering.position(scene, at)) if at else scene
        if hides == "size":
            return covering.cover_size(scene)
        cells: Sequence[Cell] = covering.every_cell(scene) if hides == "every cell" else [at] if at else []
        return covering.cover(scene, cells) if cells else scene


# --- below the lesson


def offer(store: Store[Any]) -> None:
    """The lesson's exercises as buttons with their questions; nothing for a lesson that has none."""
    lesson = lessons.find(store.name)
    if not lesson.exercises:
        return
    own = {OWN_CELL: OWN_SENTENCE} if lesson.asks_cells else {}
    offered = {one.title: one for one in lesson.exercises}
    asks = {title: one.blurb or one.asks(one.settings) for title, one in offered.items()}

    def take(label: str) -> None:
        if label in offered:
            _choose(store, offered[label])
        else:
            store.change(task=cell_task(Cell(0, 0)))

    st.markdown("### Exercises\n\nPredict first: the page hides the answer until you have given yours.")
    sets = {title: {**_settings_of(one.settings), "task": one.id} for title, one in offered.items()}
    sets |= {title: {"task": cell_task(Cell(0, 0))} for title in own}
    fixed = [title for title, values in sets.items() if store.refuses(values)]
    tries(store.key("exercises"), "page_head", asks | own, take, fixed, store.key("exercise"))


def _choose(store: Store[Any], exercise: Exercise) -> None:
    """Callback: set the page to the exercise, and ask it (again)."""
    kept = progress.of(store.name, exercise.id)
    kept.again()
    _set_to(store, exercise.settings, exercise.id)


def _settings_of(settings: Any) -> dict[str, Any]:
    """What an exercise sets on its page."""
    left_alone = (*VIEW_FIELDS, "task")
    return {field.name: getattr(settings, field.name) for field in fields(settings) if field.name not in left_alone}


def _set_to(store: Store[Any], settings: Any, task: str) -> None:
    """Put all settings of an exercise on the page."""
    store.put({**_settings_of(settings), "task": task})


# --- above the stage


def panel(store: Store[Any]) -> OpenExercise:
    """Draw the exercise of the settings, if there is one, and say what the page is to hide."""
    task, by_link, store.followed = store.state.task, store.followed, False
    if not task:
        return OpenExercise()
    try:
        exercise = lessons.exercise(store.name, task)
        kept = progress.of(store.name, exercise.id)
        if by_link:
            _begin(store, exercise)
        question = f"{exercise.asks(store.state)} {exercise.rounding(store.state)}".rstrip()
        _judge(store, exercise, kept)
    except ValueError as error:
        st.warning(plain_text(sentence_case(f"{str(error).removesuffix('.')}.")))
        st.button("Leave the exercise", key=store.key("leave"), on_click=_leave, args=(store,))
        return OpenExercise()
    with st.container(key=store.key("exercise")):
        _draw(store, exercise, kept, question)
    return OpenExercise(exercise, kept.open)


def _begin(store: Store[Any], exercise: Exercise) -> None:
    """A link that names an exercise and nothing else brings its settings, as often as it is followed."""
    fresh, _ = type(store.state)().validated([])
    if replace(store.state, task="") == fresh and exercise.settings != fresh:
        _set_to(store, exercise.settings, exercise.id)
        st.rerun()


def _judge(store: Store[Any], exercise: Exercise, kept: Progress) -> None:
    """Judge what was typed, in the state that the page is in now; what is no answer is no guess."""
    if not kept.due:
        return
    kept.due = False
    try:
        kept.judged(exercise.judge(kept.typed, store.state), store.state)
    except ValueError as error:
        kept.said, kept.about = Verdict(False, f"{error}."), store.state


def _draw(store: Store[Any], exercise: Exercise, kept: Progress, question: str) -> None:
    """Question, a row to answer in or to go on from, what was said, hints; for a cell of one's own which one it is."""
    held_back = " The picture comes with the answer." if kept.open and exercise.hides == "stage" else ""
    st.markdown(f"**{exercise.title}.** {plain_text(question + held_back)}")
    if kept.open:
        with st.form(store.key("answer"), border=False), _row(store, "answer_strip"):
            _answer_box(store, exercise, kept)
    else:
        with _row(store, "after_strip"):
            st.button("Again", key=store.key("ask_again"), on_click=_choose_again, args=(store, exercise))
            _onward_buttons(store, exercise.id, st.button)
    _said(store, exercise, kept)
    if kept.hints:
        st.markdown("  \n".join(f"Hint: {hint}" for hint in exercise.hints[: kept.hints]))
    if read_cell(exercise.id):
        with _row(store, "cell_strip"):
            _own_cell(store, exercise)


def _row(store: Store[Any], name: str) -> Any:
    """A row of the panel; on a phone it can be swiped, as every strip."""
    return st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=store.key(name))


def _answer_box(store: Store[Any], exercise: Exercise, kept: Progress) -> None:
    """The guess and what to do with it, in a form: Enter checks, and every button keeps what is half typed."""
    key = store.key(f"guess_{exercise.id}")

    def take(due: bool = False, hints: int = 0) -> None:
        kept.typed, kept.due = str(st.session_state.get(key) or "")[:MAX_TYPED], due
        kept.hints += hints

    if exercise.kind == "choice":
        here = exercise.choices.index(kept.typed) if kept.typed in exercise.choices else None
        st.radio("Your choice", exercise.choices, here, key=key, horizontal=True, label_visibility="collapsed")
    elif exercise.kind != "mend":
        example = f" ({exercise.unit})" if exercise.unit else exercise.example(store.state)
        options: Any = {"placeholder": f"Your guess{example}", "label_visibility": "collapsed", "autocomplete": "off"}
        st.text_input("Your guess", kept.typed, MAX_TYPED, key=key, width=220, **options)
    button = st.form_submit_button
    button("Check", key=store.key("check_answer"), type="primary", on_click=take, kwargs={"due": True})
    if kept.hints < len(exercise.hints):
        button("Hint", key=store.key("hint"), on_click=take, kwargs={"hints": 1})
    button("Show me", key=store.key("show"), on_click=_show, args=(store, exercise))
    _onward_buttons(store, exercise.id, button)


def _onward_buttons(store: Store[Any], task: str, button: Callable[..., Any]) -> None:
    """To the next exercise, out of this one; the score."""
    if following := _next_exercise(store.name, task):
        button("Next exercise", key=store.key("next"), on_click=_choose, args=(store, following))
    button("Leave", key=store.key("leave"), on_click=_leave, args=(store,))
    if score := progress.score():
        st.caption(score)


def _said(store: Store[Any], exercise: Exercise, kept: Progress) -> None:
    """The verdict, as long as it is about what is on the page."""
    if kept.said is None or kept.about != store.state:
        return
    explained = "" if kept.open else exercise.explains(store.state)
    sentence = plain_text(f"{kept.said.sentence} {explained}".strip())
    if kept.said.right:
        st.success(sentence)
    else:
        st.info(sentence)


def _show(store: Store[Any], exercise: Exercise) -> None:
    """Callback: the answer, which ends the exercise without a point."""
    kept = progress.of(store.name, exercise.id)
    kept.open, kept.shown = False, not kept.right
    if exercise.kind == "mend":
        _set_to(store, exercise.solved, exercise.id)
        sentence = "This is one way to mend it."
    else:
        sentence = f"The answer is {exercise.describe(exercise.answer(store.state))}."
    kept.said, kept.about = Verdict(False, sentence), store.state


def _choose_again(store: Store[Any], exercise: Exercise) -> None:
    """Callback: ask once more, about the page as it is; what is to be mended is broken again."""
    progress.of(store.name, exercise.id).again()
    if exercise.kind == "mend":
        _set_to(store, exercise.settings, exercise.id)


def _leave(store: Store[Any]) -> None:
    """Callback: the page without an exercise, as it is."""
    store.change(task="")


def _next_exercise(name: str, task: str) -> Exercise | None:
    """The next one of the lesson that is not solved yet, from the first again after the last."""
    offered = lessons.find(name).exercises
    here = next((number for number, one in enumerate(offered) if one.id == task), -1)
    others = [*offered[here + 1 :], *offered[: max(here, 0)]]
    return next((one for one in others if not progress.of(name, one.id).right), None)


def _own_cell(store: Store[Any], exercise: Exercise) -> None:
    """Which cell is hidden, as numbers."""
    assert exercise.cell is not None
    outputs, rows, cols = lessons.find(store.name).outputs(store.state)
    here = {"row": exercise.cell.row, "col": exercise.cell.col, "output": exercise.cell.output}
    for part, label, count in (("row", "Row", rows), ("col", "Column", cols), ("output", "Output", outputs)):
        if count > 1:
            _cell_number(store, exercise.cell, part, label, here[part] + 1, count)


def _cell_number(store: Store[Any], cell: Cell, part: str, label: str, here: int, max_number: int) -> None:
    """One coordinate of the hidden cell, counted from 1."""

    def take(chosen: int) -> None:
        store.change(task=cell_task(replace(cell, **{part: chosen - 1})))

    controls.number(store, f"cell_{part}", label, here, 1, max_number, take)

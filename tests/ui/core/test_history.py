"""Undo, redo and back to the example, as a stage sends them."""

from typing import Any

import pytest

from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.filters.settings import Filters
from cnnviz.links import Axes
from cnnviz.links.locks import Lock
from cnnviz.ui.core import edits, history
from cnnviz.ui.core.edits import Target
from cnnviz.ui.core.store import Store

TARGETS = {"x0": Target("x", "the input", max_size=(16, 16)), "w0": Target("w", "the kernel", max_size=(7, 7))}
UNTOUCHED = Convolution()


@pytest.fixture
def store() -> Store[Convolution]:
    return Store("convolution", Convolution())


def send(store: Store[Any], *sent: dict[str, Any]) -> None:
    """What a stage sends, numbered on from what was taken last."""
    first = store.typed.taken + 1
    edits.take(store, [{"seq": first + n, "plane": "x0", **one} for n, one in enumerate(sent)], TARGETS)


def cell(text: str, row: int = 0, col: int = 0, plane: str = "x0") -> dict[str, Any]:
    return {"kind": "cell", "row": row, "col": col, "text": text, "plane": plane}


def test_each_edit_is_a_step_also_where_several_come_at_once(store: Store[Convolution]) -> None:
    send(store, cell("7"), cell("8", col=1), cell("nine", col=2))
    assert (store.state.x[0][:2], list(store.typed.drafts)) == ((7.0, 8.0), [("x", None, 0, 2)])
    send(store, {"kind": "undo"})
    assert (store.state.x[0][:2], store.typed.drafts) == ((7.0, 8.0), {})
    send(store, {"kind": "undo"}, {"kind": "undo"})
    assert store.state == UNTOUCHED
    assert store.steps == {"undo": False, "redo": True, "example": False}
    send(store, {"kind": "undo"})  # there is nothing before it
    assert store.state == UNTOUCHED


def test_what_was_taken_back_comes_again_until_something_else_is_done(store: Store[Convolution]) -> None:
    send(store, cell("7"), cell("8"), {"kind": "undo"}, {"kind": "undo"}, {"kind": "redo"})
    assert store.state.x[0][0] == 7
    store.change(stride=Axes(2, 2))
    send(store, {"kind": "redo"})
    assert (store.state.x[0][0], store.state.stride) == (7, (2, 2))
    send(store, {"kind": "undo"})
    assert (store.state.x[0][0], store.state.stride) == (7, (1, 1))


def test_a_size_comes_back_with_what_it_cut_off(store: Store[Convolution]) -> None:
    send(store, {"kind": "size", "rows": 2, "cols": 2}, {"kind": "undo"})
    assert store.state == UNTOUCHED
    send(store, {"kind": "redo"}, {"kind": "size", "rows": 5, "cols": 5})
    assert store.state == UNTOUCHED


def test_what_changes_nothing_is_no_step(store: Store[Convolution]) -> None:
    send(store, cell(str(UNTOUCHED.x[0][0])), {"kind": "size", "rows": 99, "cols": 1})
    store.change(stride=UNTOUCHED.stride)
    assert store.steps == {"undo": False, "redo": False, "example": False}


def test_back_to_the_example_is_a_step_and_leaves_what_the_link_fixes(store: Store[Convolution]) -> None:
    store.lock = Lock(fixed=("w",))
    store.state = Convolution(w=((2.0,),))
    send(store, cell("7"), cell("x", plane="w0"))
    store.change(stride=Axes(3, 3))
    assert store.steps == {"undo": True, "redo": False, "example": True}
    send(store, {"kind": "example"})
    assert store.state == Convolution(w=((2.0,),))
    send(store, {"kind": "undo"})
    assert (store.state.x[0][0], store.state.stride) == (7, (3, 3))
    store.lock = Lock(fixed=("x", "w"), whole=True)
    assert store.steps is None


def test_what_is_only_looked_at_is_no_step() -> None:
    store = Store("filters", Filters())
    store.change(row=3, col=4)
    assert store.history.past == []
    store.change(relu=not Filters().relu, row=5)
    assert [moment.state.row for moment in store.history.past] == [3]


def test_an_exercise_begins_anew(store: Store[Convolution]) -> None:
    send(store, cell("7"))
    store.change(task="cell 0 0")
    send(store, {"kind": "undo"})
    assert (store.state.x[0][0], store.state.task) == (7, "cell 0 0")


def test_so_many_steps_are_kept_and_no_more(store: Store[Convolution]) -> None:
    for number in range(history.MAX_STEPS + 5):
        send(store, cell(str(number + 100)))
    send(store, *[{"kind": "undo"}] * (history.MAX_STEPS + 5))
    assert store.state.x[0][0] == 104

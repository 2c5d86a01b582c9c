"""An answer to an exercise brings what stands around the stage, and so does an edit that changes it. Without a browser
every run is of the whole page: the run of a fragment is feigned here, and tests/browser/test_immediate.py has real
ones."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.links import Axes
from cnnviz.ui.core import store as module
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import staged
from tests.helpers import names
from tests.test_pages import run


@pytest.mark.parametrize(
    ("fragments", "change", "ran"),
    [
        (["stage"], {"stride": Axes(2, 2)}, ["convolution_live"]),
        (["stage"], {"b": ((4.0,),)}, []),
        (None, {"stride": Axes(2, 2)}, []),  # the whole page runs, and it may be another one
    ],
)
def test_an_edit_runs_what_it_changes(
    monkeypatch: pytest.MonkeyPatch, fragments: list[str] | None, change: dict[str, object], ran: list[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(module, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=fragments))
    monkeypatch.setattr(module.st, "rerun", asked.append)
    store = Store("convolution", Convolution())
    store.is_drawn_of = lambda state: state.stride
    store.around = store.is_drawn_of(store.state)
    store.change(**change)
    store.run_what_changed()
    assert asked == ran


@pytest.mark.parametrize(
    ("fragments", "changed", "waited"), [(["live"], True, True), (["live"], False, False), (None, True, False)]
)
def test_what_stands_around_comes_when_a_stage_that_changed_is_painted(
    monkeypatch: pytest.MonkeyPatch, fragments: list[str] | None, changed: bool, waited: bool
) -> None:
    drawn_before: list[str] = []

    def wait(seconds: float) -> None:
        context = get_script_run_ctx()
        assert context and seconds == staged.PAINT
        drawn_before.extend(context.shared.widget_ids_this_run.snapshot())

    app = run("pages/convolution.py")
    monkeypatch.setattr(staged, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=fragments))
    monkeypatch.setattr(staged, "time", SimpleNamespace(sleep=wait))
    stride = app.number_input(key="convolution_stride_h")
    (stride.set_value(2) if changed else stride).run()
    assert app.number_input(key="convolution_stride_h").value == 1 + changed
    names = [name for name in ("_stage", "_stride_h") if any(one.endswith(name) for one in drawn_before)]
    assert names == (["_stage"] if waited else [])


def test_an_answer_brings_the_rest_of_the_page() -> None:
    app = run("pages/convolution.py", task="cell-1-1")
    assert not any("H_{out}" in text for text in app.markdown.values)
    app.text_input[0].set_value("11")
    next(button for button in app.button if button.label == "Check").click().run()
    assert any("H_{out}" in text for text in app.markdown.values) and names(app.success[0].value, 11)

"""Scripts of one session beside one another: when a fragment waits for its page, what a script that has been told to
end leaves alone, and that no edit is written over by what was read before it."""

import threading
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from cnnviz.lessons.common.settings import Settings
from cnnviz.ui.core import crossing, store

FRAGMENT = SimpleNamespace(type=ScriptRequestType.RERUN, rerun_data=SimpleNamespace(fragment_id_queue=["edited"]))
PAGE = SimpleNamespace(type=ScriptRequestType.RERUN, rerun_data=SimpleNamespace(fragment_id_queue=[]))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A script of a session: `runs(fragments)` to its end, `waits(request)` for so long before what comes next; `asked`
    is what it has been told, `done` what it has done to the session."""
    tray, slept, done = crossing._Tray(), list[float](), list[Any]()
    asked = SimpleNamespace(_state=ScriptRequestType.CONTINUE)
    run = SimpleNamespace(page_script_hash="page", fragment_ids_this_run=[], script_requests=asked, session_state=None)
    monkeypatch.setattr(crossing, "_tray_here", lambda: tray)
    monkeypatch.setattr(crossing, "get_script_run_ctx", lambda **_: run)
    monkeypatch.setattr(crossing, "_finish", lambda *_, **__: done.append("finished"))
    monkeypatch.setattr(crossing, "_come_to", lambda _, page: done.append(page))
    monkeypatch.setattr(crossing, "_next", lambda request: request)
    monkeypatch.setattr(time, "sleep", slept.append)

    def runs(*fragments: str) -> None:
        run.fragment_ids_this_run = list(fragments)
        crossing._put_away(SimpleNamespace(), set())  # type: ignore[arg-type]

    def waits(request: Any) -> float:
        slept.clear()
        assert crossing._next_once_drawn(request) is request
        return sum(slept)

    return SimpleNamespace(runs=runs, waits=waits, tray=tray, run=run, asked=asked, done=done)


def test_right_after_its_page_it_waits(script: SimpleNamespace) -> None:
    script.runs()
    assert crossing.DRAWN / 2 < script.waits(FRAGMENT) <= crossing.DRAWN
    assert script.waits(PAGE) == 0
    script.tray.over -= crossing.DRAWN
    assert script.waits(FRAGMENT) == 0


def test_an_edit_does_not_wait(script: SimpleNamespace) -> None:
    """A thread of its own asks before it has run anything: that is no page that has just run. Nor is a fragment."""
    script.runs()
    script.tray.over -= 60
    script.run.fragment_ids_this_run = []  # of the new thread
    for _ in range(3):
        assert script.waits(FRAGMENT) == 0
        script.runs("edited")
    assert script.waits(FRAGMENT) == 0


def test_one_that_is_to_end_does_nothing_to_the_page_after_it(script: SimpleNamespace) -> None:
    """It would forget the widgets of that page, and say that the session is on its own."""
    pages: Any = SimpleNamespace()
    script.runs()
    crossing._come_unless_ended(pages, "here")
    assert script.done == ["finished", "here"]
    script.asked._state = ScriptRequestType.STOP
    script.runs()
    crossing._come_unless_ended(pages, "back")
    assert script.done == ["finished", "here"]
    asked: Any = FRAGMENT
    assert crossing._next_once_drawn(asked).type is ScriptRequestType.STOP


@dataclass(frozen=True)
class _Slow(Settings):
    """Settings that take until `go` to be mended."""

    size: int = 1
    at_it, go = threading.Event(), threading.Event()

    def validated(self, changed: Any = ()) -> tuple["_Slow", list[str]]:
        self.at_it.set()
        assert self.go.wait(60)
        return self, []


def test_an_edit_is_not_written_over_by_what_was_read_before_it(
    script: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page follows its link, and meanwhile the script that replaces it takes an edit."""
    kept = store.Store("slow", _Slow())
    monkeypatch.setattr(store, "visited", lambda _: kept)
    query: Any = SimpleNamespace(to_dict=dict, from_dict=lambda _: None)
    monkeypatch.setattr(store.st, "query_params", query)
    monkeypatch.setattr(crossing, "_begin", lambda *_, **__: kept.change(size=55))
    follows = threading.Thread(target=store.load, args=("slow", _Slow))
    takes = threading.Thread(target=crossing._look_through, args=(None, None))
    try:
        follows.start()
        assert _Slow.at_it.wait(60)
        takes.start()
        takes.join(0.2)
    finally:
        _Slow.go.set()
    for one in (follows, takes):
        one.join(60)
    assert kept.state.size == 55

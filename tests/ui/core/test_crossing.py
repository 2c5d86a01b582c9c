"""When a fragment waits for its page: only where that has just run, whichever thread comes to it."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from cnnviz.ui.core import crossing

FRAGMENT = SimpleNamespace(type=ScriptRequestType.RERUN, rerun_data=SimpleNamespace(fragment_id_queue=["edited"]))
PAGE = SimpleNamespace(type=ScriptRequestType.RERUN, rerun_data=SimpleNamespace(fragment_id_queue=[]))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A script of a session: `runs(fragments)` to its end, `waits(request)` for so long before what comes next."""
    tray, slept = crossing._Tray(), list[float]()
    run = SimpleNamespace(page_script_hash="page", fragment_ids_this_run=[])
    monkeypatch.setattr(crossing, "_tray_here", lambda: tray)
    monkeypatch.setattr(crossing, "get_script_run_ctx", lambda **_: run)
    monkeypatch.setattr(crossing, "_finish", lambda *_, **__: None)
    monkeypatch.setattr(crossing, "_next", lambda request: request)
    monkeypatch.setattr(time, "sleep", slept.append)

    def runs(*fragments: str) -> None:
        run.fragment_ids_this_run = list(fragments)
        crossing._put_away(SimpleNamespace(), set())  # type: ignore[arg-type]

    def waits(request: Any) -> float:
        slept.clear()
        assert crossing._next_once_drawn(request) is request
        return sum(slept)

    return SimpleNamespace(runs=runs, waits=waits, tray=tray, run=run)


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

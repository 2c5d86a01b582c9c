"""The state of a run's panel, as its HTML says it: what waits for a run waits for this."""

from __future__ import annotations

import pytest

from cnnviz import runs
from cnnviz.training import TrainConfig
from cnnviz.ui.lessons.train import run_view
from cnnviz.ui.lessons.train.run_view import RunView

START = {"event": "start", "device": "cpu"}
DONE = {"event": "done", "step": 1, "epoch": 1.0, "seconds": 1.0, "test_accuracy": 0.9}
STOPPED = {"event": "stopped", "step": 1, "epoch": 0.5, "seconds": 1.0}
FAILED = {"event": "failed", "reason": "of a reason"}


@pytest.mark.parametrize(
    ("events", "active", "refused", "panel"),
    [
        ([], True, False, "busy"),  # it waits
        ([START], True, False, "busy"),
        ([START], True, True, "busy"),  # another was refused while this one goes on
        ([START], False, False, "failed"),  # nobody has it any more
        ([START, DONE], False, False, "ready"),
        ([START, DONE], False, True, "failed"),  # the next one was refused
        ([START, STOPPED], False, False, "ready"),
        ([START, FAILED], False, False, "failed"),
    ],
)
def test_what_the_panel_of_a_run_is_at(events: list, active: bool, refused: bool, panel: str) -> None:
    view = RunView(runs.EXAMPLE, TrainConfig(), events)
    state = run_view.panel_state(view, active, refused)
    assert state == panel
    html = run_view.tiles(view, state)
    assert f"data-state={panel}" in html and f"data-run-state={view.state}" in html

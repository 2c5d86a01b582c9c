"""What all sessions share is kept for whoever asks the same, and goes when nobody is there."""

from threading import Thread

import pytest

from cnnviz.server.following import Traced
from cnnviz.ui import pictures
from cnnviz.ui.core import resources
from cnnviz.ui.core.resources import let_go


def test_what_is_kept_goes_when_nobody_is_there() -> None:
    asked = "lenet5", "", (1, 1, 28, 28)
    traced, checkpoint = resources.traced(*asked), resources.checkpoint("lenet5")
    assert resources.traced(*asked) is traced and resources.checkpoint("lenet5") is checkpoint
    pictures._sheets.get("a", lambda: (bytes(pictures.KEPT_ALONE + 1), ""))
    sweeper = Thread(target=let_go)  # without a session
    sweeper.start()
    sweeper.join(60)
    again = resources.traced(*asked)
    assert again is not traced and [step.output_shape for step in again.steps] == [
        step.output_shape for step in traced.steps
    ]
    assert resources.checkpoint("lenet5") is not checkpoint
    assert pictures._sheets.total() == 0


def test_traces_are_kept_by_what_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network by its steps, and a text that goes no further than its first layer by its letters, too."""
    found = resources.traced("resnet18", "", (1, 3, 64, 64))
    assert len(found.steps) > 60 and resources._size(found) == resources.STEP * (1 + len(found.steps))
    stopped = Traced((1, 3, 8, 8), (), text="x" * 4000)
    assert resources._size(stopped) == resources.STEP + 8000
    monkeypatch.setattr(resources._traces, "max_bytes", 3 * resources._size(found))
    for side in range(40, 45):
        resources.traced("resnet18", "", (1, 3, side, side))
    assert resources._traces.total() == 3 * resources._size(found)
    let_go()
    assert resources._traces.total() == 0

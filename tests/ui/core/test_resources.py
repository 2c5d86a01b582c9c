"""What all sessions share is kept for whoever asks the same, and goes when nobody is there."""

from threading import Thread

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

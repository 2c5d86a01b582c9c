"""A server whose runs are carried out by hand."""

from pathlib import Path

import pytest

from cnnviz import runs
from cnnviz.server.limits import Limits
from cnnviz.ui.core import resources


class Idle:
    """Takes runs and leaves them alone."""

    limits = Limits(epochs=50)

    def __init__(self):
        self.taken = []

    def submit(self, config, session=""):
        run = runs.create(self.limits.admit(config), owner=session)
        self.taken.append((run.id, session))
        return run.id

    def place(self, run_id):
        order = [taken for taken, _ in self.taken]
        return order.index(run_id) if run_id in order else None

    def stop(self, run_id):
        runs.find(run_id).request_stop()

    def warm(self):
        pass


def in_place(folder: Path, patch: pytest.MonkeyPatch) -> Idle:
    """One that the pages ask, with folders of its own."""
    patch.setenv("CNNVIZ_RUNS", str(folder / "runs"))
    patch.setenv("CNNVIZ_DATA", str(folder / "data"))
    idle = Idle()
    patch.setattr(resources, "workers", lambda: idle)
    return idle

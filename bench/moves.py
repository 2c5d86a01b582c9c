"""Moves between files: how often one rerun of a page goes from a file of cnnviz/ or pages/ to another.

A move is a Python call, or the return from one, between two files of cnnviz/ or pages/. `sys.setprofile` tells of each;
to resume a generator is a call and a `yield` is a return. Frames of other code (Streamlit, dataclasses, the standard
library) are looked through: the other side of a call is the nearest frame below it that is ours. What Streamlit itself
calls, a callback or a page's body, comes from no file of ours and is no move, and neither is its end. The thread of the
script alone counts.

The reruns are played by Streamlit's AppTest. A browser reruns the fragment that a widget is in, and AppTest the whole
page: `Page` can do either.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from streamlit.logger import set_log_level
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.source_util import PageInfo
from streamlit.testing.v1 import AppTest, app_test
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from bench.session import Shown

PATIENCE = 600  # seconds for a rerun
SCRIPT_THREAD = "ScriptRunner.scriptThread"
RUN = "lenet5-20250101-000000-00000000"  # the run that is watched
REPORTS = 100  # that it has when its page is opened

LENET5 = """nn.Sequential(
    nn.Conv2d(1, {filters}, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d({filters}, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)"""


# --- counting


@dataclass
class Moves:
    """The moves in the Python files of `tree`: by the two files, and by the function that was called from another."""

    tree: Path
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    functions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _stack: list[str] = field(default_factory=list)
    _files: dict[str, str] = field(default_factory=dict)  # of a code object's file: our name for it, '' for others'

    @property
    def count(self) -> int:
        return self.pairs.total()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what the script threads that start within the block do."""
        threading.setprofile(self._event)
        try:
            yield
        finally:
            threading.setprofile(None)

    def _event(self, frame: FrameType, event: str, _: object) -> None:
        if threading.current_thread().name != SCRIPT_THREAD:
            sys.setprofile(None)
            return
        if event not in ("call", "return") or not (file := self._file(frame.f_code.co_filename)):
            return
        if event == "return":
            self._stack.pop()
        if self._stack and self._stack[-1] != file:
            caller = self._stack[-1]
            self.pairs[(caller, file) if event == "call" else (file, caller)] += 1
            self.functions[caller, file, frame.f_code.co_name] += 1
        if event == "call":
            self._stack.append(file)

    def _file(self, filename: str) -> str:
        if filename not in self._files:
            path = Path(filename)
            name = path.relative_to(self.tree).as_posix() if path.is_relative_to(self.tree) else ""
            self._files[filename] = name if name.startswith(("cnnviz/", "pages/")) else ""
        return self._files[filename]


# --- rerunning


class Runner(LocalScriptRunner):
    """Runs the script as AppTest does, or of it the `fragment` alone, as a browser asks for it."""

    fragment = ""

    def request_rerun(self, rerun_data: RerunData) -> bool:
        if self.fragment:
            self._requests = ScriptRequests()  # else the whole page, which a new runner asks for, would win
            rerun_data = replace(rerun_data, fragment_id=self.fragment)
        return super().request_rerun(rerun_data)


def _home(tree: Path) -> Path:
    """The script of the home page, which older trees have in app.py."""
    return next(path for name in ("home.py", "app.py") if (path := tree / name).is_file())


class Page:
    """A page of the app in `tree`, opened by a link with that query in a session that holds `session`."""

    def __init__(self, tree: Path, name: str, query: dict[str, str], session: dict[str, Any]):
        self.app = AppTest.from_file(str(_home(tree)), default_timeout=PATIENCE)
        self.app.switch_page(f"pages/{name}.py")
        self.app.query_params.update(query)
        for key, value in session.items():
            self.app.session_state[key] = value
        self.shown = Shown()
        self.states: dict[str, WidgetState] = {}
        self.pages: dict[str, PageInfo] = {}
        self.run()

    def run(self, widget: str = "", whole: bool = True, **value: Any) -> None:
        """Rerun the whole page, or the fragment of the widget whose id ends in `widget` ('': the one that polls), once
        that is set to `value`, as WidgetState names its values."""
        fragment = "" if whole else self.shown.widgets[self.shown.find(widget)] if widget else self.shown.polled
        if widget:
            name = self.shown.find(widget)
            self.states[name] = WidgetState(id=name, **value)
        tree = self.app._tree
        states = {state.id: state for state in tree.get_widget_states().widgets} | self.states
        runners: list[Runner] = []

        def runner(*args: Any, **options: Any) -> Runner:
            runners.append(Runner(*args, **options))
            if fragment:
                runners[-1].fragment = fragment
                runners[-1]._pages_manager._set_pages(self.pages)  # a session keeps its own, AppTest makes a new one
            return runners[-1]

        with patch.object(app_test, "LocalScriptRunner", runner):
            self.app._run(WidgetStates(widgets=states.values()))
        for message in runners[-1].forward_msgs():
            self.shown.take(message)
        if self.app.exception or self.shown.problems:
            raise RuntimeError(f"{self.app.exception} {self.shown.problems}")
        if fragment:
            self.app._tree = tree  # the fragment's own elements are not all that the page has
        self.pages = runners[-1]._pages_manager.get_pages()


# --- what is counted


@dataclass(frozen=True)
class Scenario:
    """What a reader does, the `number`-th time: `prepare(folder, number)` on the disk, then a value for a widget of the
    page (none: a poll)."""

    page: str
    widget: str = ""
    value: Callable[[int], dict[str, Any]] = lambda number: {}
    prepare: Callable[[Path, int], None] = lambda tree, number: None
    query: dict[str, str] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)

    def play(self, tree: Path) -> dict[str, Moves]:
        """The moves of a rerun of the fragment, and of the whole page; each once it was run before."""
        set_log_level("ERROR")  # it warns of what is called outside of a script
        self.prepare(tree, 0)
        page = Page(tree, self.page, self.query, self.session)
        found = {}
        for number, whole in enumerate((True, False, False, True), 1):
            moves = found["page" if whole else "fragment"] = Moves(tree)
            self.prepare(tree, number)
            with moves.counted():
                page.run(self.widget, whole, **self.value(number))
        return found


def type_cell(number: int) -> dict[str, Any]:
    """The edit that the stage sends when a cell of the input was typed."""
    edit = {"seq": number, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": str(number + 1)}
    return {"json_value": json.dumps({"edits": [edit]})}


def paste_text(number: int) -> dict[str, Any]:
    """A network that was not followed before."""
    return {"string_value": LENET5.format(filters=5 + number)}


def report(tree: Path, number: int) -> None:
    """The run that is watched, with REPORTS and one more each time: the example's, as if it were still in training."""
    folder, example = Path(os.environ["CNNVIZ_RUNS"]) / RUN, tree / "checkpoints" / "example"
    lines = (example / "metrics.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    if not folder.exists():
        folder.mkdir(parents=True)
        for name in ("config.json", "look.safetensors"):
            shutil.copyfile(example / name, folder / name)
    (folder / "metrics.jsonl").write_text("".join(lines[: REPORTS + number]), encoding="utf-8")


SCENARIOS = {
    "an edited cell": Scenario("convolution", "convolution_stage", type_cell),
    "a pasted network": Scenario(
        "shapes", "shapes_text", paste_text, query={"network": "own_text"}, session={"shapes_all": True}
    ),
    "a poll of a watched run": Scenario("train", prepare=report, query={"run": RUN}),
}

"""What tests and benches start is what everybody starts; and whoever is left running fails the run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import leftovers, processes
from harness.server import ROOT, RUN, options

pytestmark = pytest.mark.slow

PLACE = {"server.port", "server.address", "server.headless", "browser.serverPort"}  # what a harness has to say
RANDOM = {"server.cookieSecret"}
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc: Linux")


def recipe(target: str) -> str:
    """The one command of a target of the Makefile."""
    return re.search(rf"^{target}:.*\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]


SHOW = """
import sys
from streamlit.web.cli import main
for flags in ([], sys.argv[1:]):
    main(["config", "show", *flags], standalone_mode=False)
    print("\\f")
"""


def settings(*flags: str) -> list[dict[str, str]]:
    """All of Streamlit's settings, as they hold for the app without flags and with these; both in one process."""
    command = [sys.executable, "-c", SHOW, *flags]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [parsed(text) for text in shown.split("\f")[:2]]


def parsed(shown: str) -> dict[str, str]:
    """What `streamlit config show` prints, by section.name."""
    section, found = "", {}
    for line in shown.splitlines():
        if head := re.fullmatch(r"\[(.+)\]", line):
            section = head[1]
        elif setting := re.fullmatch(r"(?:# )?(\w+) = ?(.*)", line):
            found[f"{section}.{setting[1]}"] = setting[2]
    return found


def test_the_app_is_started_as_make_run_starts_it() -> None:
    command = recipe("run").replace("$(if $(PORT),--server.port $(PORT)) $(ARGS)", "").split()
    assert command == ["$(IN_VENV)", "streamlit", "run", "app.py"]
    assert "IN_VENV = $(VENV)/bin/python -m\n" in (ROOT / "Makefile").read_text()
    assert [sys.executable, "-m", *command[1:]] == [*RUN, "app.py"]


def test_its_settings_are_those_of_the_app_but_for_the_place() -> None:
    everybodys, ours = settings(*options(8600))
    assert len(everybodys) > 100 and everybodys.keys() == ours.keys()
    assert {name for name in everybodys if everybodys[name] != ours[name]} <= PLACE | RANDOM
    assert ours["server.port"] == "8600" and ours["server.fileWatcherType"] == '"none"'


def test_make_dev_alone_watches_the_files() -> None:
    assert recipe("dev").startswith(recipe("run").split(" $(if")[0])
    assert "--server.fileWatcherType auto" in recipe("dev") and "--server.runOnSave true" in recipe("dev")


def sleeper(**environment: str) -> subprocess.Popen[bytes]:
    """A process that goes on for long, in a session of its own as a worker is, once it runs: a moment after it was
    started /proc has neither its environment nor its command line yet."""
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    started = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, start_new_session=True
    )
    assert started.stdout and started.stdout.readline()
    return started


@needs_proc
def test_a_process_is_found_by_its_environment_and_ended() -> None:
    started = sleeper(CNNVIZ_FOUND_BY="this")
    found = processes.started_with("CNNVIZ_FOUND_BY", "this")
    assert list(found) == [started.pid] and "time.sleep(600)" in found[started.pid]
    assert processes.gone("CNNVIZ_FOUND_BY", "this", seconds=0.1)
    processes.end("CNNVIZ_FOUND_BY", "this")
    assert started.wait(10) < 0 and not processes.started_with("CNNVIZ_FOUND_BY", "this")


CARELESS = """
import subprocess, sys

def test_that_ends_nothing():
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert started.stdout.readline()  # it runs: see sleeper
"""


def hooks() -> str:
    """What tests/conftest.py imports and hooks into pytest, without its fixtures, which load the app."""
    module = ast.parse((ROOT / "tests" / "conftest.py").read_text())
    module.body = [node for node in module.body if getattr(node, "name", "pytest_").startswith("pytest_")]
    return ast.unparse(module)


@needs_proc
@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_a_run_that_leaves_a_process_fails_and_ends_it(tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(f"{hooks()}\n\nleftovers.PATIENCE = 1\n")
    (tmp_path / "test_careless.py").write_text(CARELESS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), leftovers.MARK: f"inner-{tmp_path.name}-{os.getpid()}"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, str(tmp_path)]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout
    assert "1 passed" in ended.stdout and leftovers.SENTENCE in ended.stdout and "time.sleep(600)" in ended.stdout
    assert not processes.started_with(leftovers.MARK, environment[leftovers.MARK])

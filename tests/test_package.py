"""The package: what the wheel holds, and that it works alone on a path, in an empty folder."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config, NewSession

from bench.memory import children
from bench.session import session
from cnnviz import links, runs
from cnnviz.inference import checkpoints
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.train.settings import Train
from cnnviz.networks import names
from harness.server import Server
from tests.helpers import ROOT
from tests.installed import Installed, build, served, unpack

pytestmark = pytest.mark.slow

KINDS = {
    ".txt",
    ".css",
    ".webp",
    ".html",
    ".js",
    ".json",
    ".jsonl",
    ".md",
    ".npz",
    ".py",
    ".safetensors",
    ".svg",
    ".toml",
    ".typed",
    ".woff2",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return unpack(wheel, tmp_path_factory.mktemp("installed"))


# --- what it holds


def files(folder: str, pattern: str = "*") -> list[Path]:
    """What lies in a folder of the clone, without caches."""
    found = sorted((ROOT / folder).rglob(pattern))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def expected() -> dict[str, Path]:
    """Each place in the wheel and what of the clone belongs there."""
    weights = [path for path in files("checkpoints") if path.suffix != ".py"]
    app = [ROOT / "app.py", ROOT / "home.py", ROOT / ".streamlit" / "config.toml", *files("pages", "*.py"), *weights]
    package = {path.relative_to(ROOT).as_posix(): path for path in files("cnnviz")}
    return package | {f"cnnviz/_app/{path.relative_to(ROOT).as_posix()}": path for path in app}


def test_the_wheel_holds_the_package_and_the_app_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert held == expected().keys()
        assert all(archive.read(name) == path.read_bytes() for name, path in expected().items())
    assert {Path(name).suffix for name in held} == KINDS
    assert {"cnnviz/data/mnist.npz", "cnnviz/py.typed", "cnnviz/_app/checkpoints/lenet5.safetensors"} <= held
    assert not {"tests", "docs", "bench", "deploy"} & {part for name in held for part in Path(name).parts}


def required(file: str) -> set[str]:
    """The requirements of one of the files in the clone, without what it includes of another."""
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    return {plain(line) for line in lines if line and not line.startswith("-r ")}


def plain(requirement: str) -> str:
    """A requirement in one spelling."""
    return re.sub(r"\s*([;<>=]+)\s*", r"\1", requirement.replace('"', "'").replace("_hub", "-hub"))


def test_the_requirements_are_those_of_the_files(installed: Installed) -> None:
    found: dict[str, set[str]] = {}
    for line in installed.metadata.requires or ():
        requirement, _, extra = line.partition("; extra == ")
        found.setdefault(extra.strip("'\""), set()).add(plain(requirement))
    assert found.pop("") == required("requirements.txt")
    assert found == {extra: required(f"requirements-{extra}.txt") for extra in ("ray", "jupyter", "deploy", "dev")}


def test_the_card_of_the_package(installed: Installed) -> None:
    card = installed.metadata.metadata
    assert (card["Name"], card["License-Expression"], card["Requires-Python"]) == ("cnnviz", "MIT", ">=3.10")
    assert "CC BY-SA 3.0" in card.get_payload()  # the README, which says whose the digits are


# --- its commands


def processor_time(installed: Installed, *arguments: str) -> float:
    """Seconds of a core that the command takes, however busy the others keep it."""
    before = os.times()
    status, printed, _ = installed.run(*arguments)
    after = os.times()
    assert status == 0 and printed.startswith("usage: cnnviz ")
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_help_is_there_at_once(installed: Installed) -> None:
    """In the best of three tries, for a busy machine takes longer for the same."""
    for command in ([], ["train"], ["trace"], ["evaluate"], ["app"], ["bench"]):
        assert any(processor_time(installed, *command, "--help") < 0.5 for _ in range(3)), command


def test_the_module_is_the_command_too(installed: Installed) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cnnviz", "--help"],
        cwd=installed.here,
        env=installed.environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0 and done.stdout.startswith("usage: python -m cnnviz ")


WRONG_FOR_APP = [["--port", "0"], ["--port", "http"], ["--port", "70000"], ["--no-such-option"]]


def test_what_the_commands_answer(installed: Installed) -> None:
    """One after the other in one process, which loads torch once."""
    help_, whole, broken_off, measured, passed_on, *refused = installed.run_all(
        ["train", "--help"],
        ["trace", "lenet5"],
        ["trace", "lenet5", "--input", "1x28x28"],
        ["evaluate", "lenet5"],
        ["trace", "lenet5", "--server.headless", "true"],
        *(["app", *options] for options in WRONG_FOR_APP),
    )
    help_names_what_there_is(*help_)
    it_traces(*whole)
    it_says_where_it_breaks_off(*broken_off)
    it_measures_what_the_card_says(*measured)
    only_app_passes_options_on(*passed_on)
    for options, answer in zip(WRONG_FOR_APP, refused, strict=True):
        app_says_what_it_does_not_take(options[-1], *answer)


def help_names_what_there_is(status: int, printed: str, _complaint: str) -> None:
    assert status == 0
    for known in (names.NETWORKS, names.EXPERIMENTS, names.DATASETS, names.SCHEDULES, names.AUGMENTATIONS):
        assert ", ".join(known) in printed


def it_traces(status: int, printed: str, _complaint: str) -> None:
    assert status == 0 and "total: 61,706 parameters" in printed


def it_says_where_it_breaks_off(status: int, printed: str, complaint: str) -> None:
    assert status == 2 and "1x16x4x4" in printed
    assert complaint.startswith("cnnviz: fc1 expects 400 features") and complaint.count("\n") == 1


def it_measures_what_the_card_says(status: int, printed: str, complaint: str) -> None:
    assert status == 0, complaint
    share = f"{100 * checkpoints.read_card(checkpoints.shipped()['lenet5']).accuracy:.2f} %"
    assert f"lenet5: {share} on the test images of mnist; its card says {share}\n" in printed


def only_app_passes_options_on(status: int, _printed: str, complaint: str) -> None:
    assert status == 2 and "unrecognized arguments: --server.headless true" in complaint


def app_says_what_it_does_not_take(value: str, status: int, _printed: str, complaint: str) -> None:
    assert status == 2 and value in complaint and "Traceback" not in complaint


# --- the app, its worker, and its end


def test_the_app_opens_trains_and_leaves_nothing_behind(installed: Installed) -> None:
    """A file named like a library's, as a student's may well be, is not taken for it by the worker."""
    if sys.version_info >= (3, 11):  # before, Python had no way to leave that folder out
        (installed.here / "queue.py").write_text("raise ImportError('of the folder where the app was started')")
    before = installed.files()
    with served(installed) as server:
        it_opens_at_home_and_at_a_link(server)
        it_answers_a_link_with_the_page(server)
        the_settings_of_the_clone_hold(server)
        it_trains(server, installed)
        it_ends_with_all_that_it_started(server)
    assert installed.files() == before


def it_opens_at_home_and_at_a_link(server: Server) -> None:
    settings = replace(Convolution(), x=((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0, 9.0)))

    async def visit() -> tuple[Any, Any]:
        async with session(server.url) as one:
            await one.visit("")
            home = one.shown("home_stage")["planes"]
            await one.visit("convolution", urlencode(links.encode(settings)))
            assert one.problems == []
            return home, one.shown("convolution_stage")["planes"]

    home, linked = asyncio.run(visit())
    assert home["y0"]["values"] == Convolution().compute().output.ravel().tolist()
    assert linked["x0"]["values"] == list(range(1, 10))
    assert linked["y0"]["values"] == settings.compute().output.ravel().tolist()


def it_answers_a_link_with_the_page(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/convolution", timeout=600) as page:
        assert page.status == 200 and b"<title>" in page.read()


def the_settings_of_the_clone_hold(server: Server) -> None:
    """Of .streamlit/config.toml, what the server tells a page at its start."""

    async def begin() -> NewSession:
        async with session(server.url) as one:
            message = BackMsg()
            message.rerun_script.SetInParent()
            await one.socket.send(message.SerializeToString())
            while True:
                answer = ForwardMsg.FromString(bytes(await one.socket.recv(decode=False)))
                if answer.WhichOneof("type") == "new_session":
                    return answer.new_session

    told = asyncio.run(begin())
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    light, dark = settings.split("[theme.light]")[1].split("[theme.dark]")
    assert f'primaryColor = "{told.custom_theme.light.primary_color}"' in light
    assert f'primaryColor = "{told.custom_theme.dark.primary_color}"' in dark
    assert f'paddingTop = "{told.custom_theme.padding_top}"' in settings
    assert told.config.hide_sidebar_nav and not told.config.gather_usage_stats
    assert told.config.show_error_links == Config.SHOW_ERROR_LINKS_FALSE
    assert told.config.toolbar_mode == Config.MINIMAL


def it_trains(server: Server, installed: Installed) -> None:
    """It may take as long as the machine needs."""

    async def press_train() -> None:
        async with session(server.url) as one:
            await one.visit("train", urlencode(links.encode(Train(epochs=1, steps=2, subset=600))))
            await one.send("train_start", trigger_value=True)
            assert one.problems == []

    asyncio.run(press_train())
    [folder] = installed.runs.iterdir()
    while runs.state(events := runs.Run(folder.name, folder).events()) not in runs.FINAL:
        assert server.process.poll() is None, server.log.read_text(encoding="utf-8")
        time.sleep(0.1)
    assert (events[-1]["event"], events[-1]["step"]) == ("done", 2)


def it_ends_with_all_that_it_started(server: Server) -> None:
    started = children(server.process.pid) if sys.platform == "linux" else []
    assert started or sys.platform != "linux"
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(600) in (0, -signal.SIGTERM)  # it tidies up, then ends by the signal
    while any(map(is_there, started)):
        time.sleep(0.1)


def is_there(process: int) -> bool:
    """Whether it runs: one that has ended may lie there until somebody asks how it did."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_ctrl_c_ends_the_app_without_a_word_of_python(installed: Installed) -> None:
    with served(installed) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(600) in (0, 1)
    assert "Traceback" not in server.log.read_text(encoding="utf-8")

"""On files of the image alone, in a process of its own that loads ever more: at first what opens at once, then every
page, and at last every module where POSIX is missing, as on Windows. One process, for each that loads torch takes
seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnviz.lessons import LESSONS
from tests.helpers import ROOT
from tests.image import Image, image

__all__ = ["image"]

LIGHT = [  # and what they import; tests/test_imports.py says so of more modules, by what stands in them
    "cnnviz.ops.arithmetic",
    "cnnviz.ops.windows",
    "cnnviz.links",
    "cnnviz.networks.names",
    "cnnviz.training.config",
    "cnnviz.lessons",
    "cnnviz.__main__",
    "cnnviz.cli",
]
SLUGS = [lesson.slug for lesson in LESSONS if lesson.light]
SHELL = {"connection", "held", "presenter_bar", "share", "visitor"}  # of the frame of a page, which nothing else shows
COMPONENTS = sorted(path for path in (ROOT / "cnnviz" / "ui").rglob("*.js") if path.stem == path.parent.name)
LEAN = [".".join(path.parent.relative_to(ROOT).parts) for path in COMPONENTS if path.stem not in SHELL]

BEGIN = """
import importlib, json, os, pkgutil, signal, socket, sys
from pathlib import Path

def load(name, without):
    "A module as the first of ours that is loaded, and none of the others with it."
    for known in [one for one in sys.modules if one.split(".")[0] == "cnnviz"]:
        del sys.modules[known]
    importlib.import_module(name)
    check(name, without)

def check(name, without):
    loaded = {one.split(".")[0] for one in sys.modules} & set(without)
    assert not loaded, f"{name} loads {loaded}"
"""
LIGHT_MODULES_LOAD_NO_TORCH = f"""
for name in {LIGHT}:
    load(name, ["torch", "torchvision", "streamlit", "plotly"])
"""
ALL_OF_A_LIGHT_LESSON_IS_THERE_WITHOUT_TORCH = f"""
from cnnviz import lessons
for slug in {SLUGS}:
    lesson = lessons.find(slug)
    assert lesson.settings and lesson.exercises is not None and lesson.challenges is not None and lesson.prose
    check(slug, ["torch", "torchvision", "streamlit", "plotly"])
"""
COMPONENTS_ARE_THERE_WITHOUT_STREAMLIT = f"""
for name in {LEAN}:
    load(name, ["streamlit"])
"""
DEVICES_CAN_BE_LOADED_FIRST = """
load("cnnviz.training.devices", ["streamlit"])
"""
THE_ZOO_OPENS_WITHOUT_TORCHVISION = """
load("cnnviz.networks.zoo", ["torchvision"])
"""
EVERY_PAGE_OPENS = """
from cnnviz.server import uncompiled
uncompiled.leave_out()  # as the server does when it begins
from functools import cache
from cnnviz.server import helpers, local_workers
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # see tests/conftest.py
helpers.Helpers._work = lambda *_: None  # no process: what takes long is waited for, as in a server that has just begun
local_workers.Worker.warm = lambda self: None  # a run is trained below
scripts = [None, *sorted(Path("pages").glob("*.py"))]
for script in scripts:
    page = AppTest.from_file(str(Path("home.py").resolve()), default_timeout=600)
    page = page.switch_page(str(script)).run() if script else page.run()
    assert not page.exception and page.title, (script, page.exception)
from cnnviz.inference import checkpoints
from cnnviz.ui.core import component
folder = component._folder()
found = {"pages": len(scripts), "checkpoints": sorted(checkpoints.shipped())}
found |= {"files of components": str(folder), "are there": folder.is_dir()}
"""
# What Windows lacks is taken away once the libraries are loaded, which know on which system they are.
WITHOUT_POSIX = """
import numpy, pandas, PIL.Image, safetensors.torch, segno, torch, torchvision.models
import streamlit.testing.v1, streamlit.web.cli
MODULES = "fcntl grp pty pwd readline resource spwd syslog termios tty".split()
OF_OS = (
    "WNOHANG chown confstr ctermid fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid "
    "getpgrp getpriority getsid getuid killpg lchown major minor mkfifo mknod nice openpty posix_fadvise pread pwrite "
    "sched_getaffinity sched_setaffinity sched_yield setgid setpgid setpriority setsid setuid statvfs sysconf "
    "tcgetpgrp uname wait wait3 wait4"
).split()
OF_SIGNAL = "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm pause".split()
for name in MODULES:
    sys.modules[name] = None  # importing it now raises ImportError
for module, names in ((os, OF_OS), (signal, OF_SIGNAL), (socket, ["AF_UNIX"])):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
"""
EVERY_MODULE_LOADS = """
load("cnnviz", [])
import cnnviz
modules = [module.name for module in pkgutil.walk_packages(cnnviz.__path__, "cnnviz.")]
for name in modules:
    importlib.import_module(name)
"""
A_NETWORK_IS_TRAINED = """
from cnnviz import runs
from cnnviz.cli import main
from cnnviz.server import local_workers
from cnnviz.training import devices
devices.RESIDENT = devices.CPU_INFO = Path("absent")  # there is no /proc
local_workers._stand_back()
assert devices.cores() >= 1 and devices.devices()
assert main(["train", "--subset", "600", "--steps", "2", "--epochs", "1", "--device", "cpu"]) == 0
assert main(["trace", "lenet5"]) == 0
[run] = runs.all()
assert run.state() == "done"
"""
THE_COMPILER_IS_LOADED_WHERE_IT_IS_ASKED_FOR = """
from streamlit.watcher.local_sources_watcher import get_module_paths
for module in list(sys.modules.values()):
    get_module_paths(module)  # as in every session that was cut off and is there again
assert not {"torch._dynamo.eval_frame", "torch._inductor"} & set(sys.modules)
from torchvision.ops.roi_align import is_compile_supported
assert is_compile_supported("cpu") in (True, False) and "torch._dynamo.eval_frame" in sys.modules
compiled = torch.compile(torch.nn.Linear(2, 3), backend="eager")
assert compiled(torch.ones(4, 2)).shape == (4, 3)
import torch._dynamo
assert torch._dynamo.utils.is_compile_supported and torch._dynamo.config.suppress_errors is False
"""
END = """
print(json.dumps({**found, "modules": len(modules)}))
"""
STEPS = [
    BEGIN,
    LIGHT_MODULES_LOAD_NO_TORCH,
    ALL_OF_A_LIGHT_LESSON_IS_THERE_WITHOUT_TORCH,
    COMPONENTS_ARE_THERE_WITHOUT_STREAMLIT,
    DEVICES_CAN_BE_LOADED_FIRST,
    THE_ZOO_OPENS_WITHOUT_TORCHVISION,
    EVERY_PAGE_OPENS,
    WITHOUT_POSIX,
    EVERY_MODULE_LOADS,
    A_NETWORK_IS_TRAINED,
    THE_COMPILER_IS_LOADED_WHERE_IT_IS_ASKED_FOR,
    END,
]


@pytest.mark.slow
def test_a_process_that_loads_ever_more(image: Image) -> None:
    before = image.files()
    printed = image.output(["python", "-c", "".join(STEPS)])
    found = json.loads(printed.splitlines()[-1])
    all_of_it_was_loaded(found)
    components_leave_no_files_behind(found)
    the_run_is_in_the_home(image)
    assert image.files() == before, "nothing is written beside the code"


def all_of_it_was_loaded(found: dict[str, object]) -> None:
    assert found["modules"] == len([*(ROOT / "cnnviz").rglob("*.py")]) - 1  # but cnnviz/__init__.py
    assert found["pages"] == 1 + len([*(ROOT / "pages").glob("*.py")])
    assert found["checkpoints"] == sorted(path.stem for path in (ROOT / "checkpoints").glob("*.safetensors"))
    assert len(SLUGS) > 3 and len(LEAN) == len(COMPONENTS) - len(SHELL)


def components_leave_no_files_behind(found: dict[str, object]) -> None:
    assert found["are there"] and not Path(str(found["files of components"])).exists()


def the_run_is_in_the_home(image: Image) -> None:
    [weights] = Path(image.environment["CNNVIZ_RUNS"]).glob("*/model.safetensors")
    assert weights.stat().st_size > 4 * 61_706  # the parameters of LeNet-5
    assert weights.is_relative_to(image.home)

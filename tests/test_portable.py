"""Without POSIX: the package loads and works where modules and functions are missing that Windows does not have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.helpers import ROOT

# What Windows lacks is taken away once the libraries are loaded, which know on which system they are.
WITHOUT_POSIX = """
import importlib, os, pkgutil, signal, socket, sys
from pathlib import Path
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
LOAD_AND_WORK = """
import cnnviz
found = [module.name for module in pkgutil.walk_packages(cnnviz.__path__, "cnnviz.")]
for name in found:
    importlib.import_module(name)
from cnnviz.training import devices
from cnnviz import runs
from cnnviz.server import local_workers
from cnnviz.cli import main
from cnnviz.training.devices import cores
devices.RESIDENT = devices.CPU_INFO = Path("absent")  # there is no /proc
local_workers._stand_back()
assert cores() >= 1 and devices.devices()
assert main(["train", "--subset", "600", "--steps", "2", "--epochs", "1", "--device", "cpu"]) == 0
assert main(["trace", "lenet5"]) == 0
[run] = runs.all()
print(len(found), run.state())
"""


def test_every_module_loads_and_a_network_is_trained(tmp_path: Path) -> None:
    environment = {**os.environ, "CNNVIZ_RUNS": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WITHOUT_POSIX + LOAD_AND_WORK]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    modules = [path for path in (ROOT / "cnnviz").rglob("*.py") if path != ROOT / "cnnviz" / "__init__.py"]
    assert done.stdout.splitlines()[-1] == f"{len(modules)} done"

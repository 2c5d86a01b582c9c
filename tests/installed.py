"""The wheel, built from this clone and unpacked alone: what its tests share, with a browser and without."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from harness.server import Server, free_port, is_healthy
from tests.helpers import ROOT

SCRIPT = """import sys
from {module} import {function}
if __name__ == "__main__":
    sys.exit({function}())
"""
# The script as it stands, once for each list of arguments in one process: torch is loaded once.
ONE_AFTER_ANOTHER = """
import contextlib, io, json, os, runpy, sys
script, answers = sys.argv[1], []
sys.path[0] = os.path.dirname(script)  # as it is for the script itself
for arguments in json.loads(sys.argv[2]):
    sys.argv, said = [script, *arguments], [io.StringIO(), io.StringIO()]
    with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as end:
            answers.append([end.code, *(one.getvalue() for one in said)])
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Installed:
    """The unpacked wheel, its command as an installer writes it, and an empty folder to work in."""

    site: Path
    script: Path
    here: Path
    home: Path

    @property
    def metadata(self) -> Distribution:
        [folder] = self.site.glob("*.dist-info")
        return Distribution.at(folder)

    def environment(self) -> dict[str, str]:
        """Of a user who has the package and nothing of the clone; what it keeps goes into a home of its own."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("CNNVIZ_", "PYTHON"))}
        homes = {"HOME": str(self.home), "USERPROFILE": str(self.home)}
        return {**own, **homes, "PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "10000"}

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        """The command with these arguments, in the empty folder."""
        command = [sys.executable, str(self.script), *arguments]
        return subprocess.Popen(command, cwd=self.here, env=self.environment(), **options)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """What the command answers: its exit status, what it printed, and on standard error."""
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        printed, complaints = process.communicate(timeout=600)
        return process.returncode, printed.decode(), complaints.decode()

    def run_all(self, *commands: list[str]) -> list[tuple[int, str, str]]:
        """The same for several, one after the other in one process."""
        done = subprocess.run(
            [sys.executable, "-c", ONE_AFTER_ANOTHER, str(self.script), json.dumps(commands)],
            cwd=self.here,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        return [tuple(answer) for answer in json.loads(done.stdout)]

    @property
    def runs(self) -> Path:
        return self.home / ".cache" / "cnnviz" / "runs"

    def files(self) -> dict[Path, int]:
        """What lies there and when it was written: the package, and the folder where the command was called."""
        paths = [*self.site.rglob("*"), *self.here.rglob("*")]
        return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}


def build(folder: Path) -> Path:
    """The wheel, by the backend that pyproject.toml names: without network, and in this environment."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"the wheel was not built; pip install -r requirements-dev.txt\n{done.stderr}"
    [wheel] = folder.glob("*.whl")
    return wheel


def unpack(wheel: Path, folder: Path) -> Installed:
    """The wheel on a path of its own, with the script that an installer makes of its entry point."""
    installed = Installed(*(folder / name for name in ("site", "bin/cnnviz", "here", "home")))
    for made in (installed.site, installed.script.parent, installed.here, installed.home):
        made.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed.site)
    compileall.compile_dir(installed.site, quiet=1)  # as an installer does
    [command] = installed.metadata.entry_points.select(group="console_scripts", name="cnnviz")
    installed.script.write_text(SCRIPT.format(module=command.module, function=command.attr), encoding="utf-8")
    return installed


@contextmanager
def served(installed: Installed) -> Iterator[Server]:
    """`cnnviz app` on a free port, once it is well; whatever happens, it is over at the end."""
    port, log = free_port(), installed.home / "server.log"
    options = ["--port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    with log.open("ab") as output:
        process = installed.start("app", *options, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", process, log, installed.home)
    try:
        wait_until_well(server)
        yield server
    finally:
        process.kill()
        process.wait()


def wait_until_well(server: Server) -> None:
    """Wait for its health check, as long as it runs."""
    while True:
        assert server.process.poll() is None, server.log.read_text(encoding="utf-8")
        if is_healthy(server.url):
            return
        time.sleep(0.1)

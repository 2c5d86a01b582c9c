"""The Dockerfile, read and carried out without Docker: the files of the image, and what runs in it."""

from __future__ import annotations

import compileall
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.server import free_port
from tests.helpers import PATIENCE, ROOT


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    steps = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(step.split()[0], step.split(maxsplit=1)[1].strip()) for step in steps if step.strip()]


def of(instruction: str) -> list[str]:
    """The arguments of each instruction of that name."""
    return [arguments for name, arguments in instructions() if name == instruction]


def environment() -> dict[str, str]:
    """What its ENV sets."""
    return dict(pair.split("=", 1) for arguments in of("ENV") for pair in shlex.split(arguments))


def copied() -> list[tuple[str, str]]:
    """From where and to where its COPY goes."""
    return [(source, target) for source, target in map(str.split, of("COPY"))]


@dataclass(frozen=True)
class Image:
    """What the Dockerfile copies, as files of this machine, and its environment with a home of its own."""

    app: Path
    home: Path
    environment: dict[str, str]

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        """The command of a CMD or HEALTHCHECK, in the image."""
        assert command[0] == "python"
        return subprocess.Popen(
            [sys.executable, *command[1:]],
            cwd=self.app,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def output(self, command: list[str]) -> str:
        """What it prints."""
        process = self.start(command)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        assert process.returncode == 0, output
        return output

    def files(self) -> dict[Path, int]:
        """What lies beside the code, and when it was written."""
        return {path: path.stat().st_mtime_ns for path in self.app.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The app's files as they lie in the image, compiled and read-only."""
    app, home = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("home")
    no_secrets = shutil.ignore_patterns("secrets.toml")
    for source, target in copied():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / target, ignore=no_secrets)
        else:
            shutil.copy(ROOT / source, app / target)
    compileall.compile_dir(app / "cnnviz", quiet=1)  # what is compiled here is copied so
    for path in app.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    inside = {name: value.replace("/home/user", str(home)) for name, value in environment().items()}
    inside |= {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "STREAMLIT_SERVER_PORT": str(free_port())}
    return Image(app, home, inside)

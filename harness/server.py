"""The app on a port of its own, started as `make run` starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import processes

ROOT = Path(__file__).resolve().parent.parent
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
RUN = [sys.executable, "-m", "streamlit", "run"]  # tests/test_harness.py holds it to the Makefile's


@dataclass
class Server:
    """A running app, and where it writes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    folder: Path  # CNNVIZ_DATA and CNNVIZ_RUNS are data/ and runs/ in it

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @contextmanager
    def held(self) -> Iterator[None]:
        """The server answers nothing meanwhile; what it was sent it takes up afterwards. Where there are signals."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the server, then whatever writes into its folder: a training worker goes on without its server."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        processes.end("CNNVIZ_RUNS", str(self.folder / "runs"))
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serve(script: str = "app.py", folder: Path | None = None, port: int | None = None) -> Iterator[Server]:
    """A fresh server for `script`; `folder` (default: a temporary one) takes its data and runs."""
    with tempfile.TemporaryDirectory(prefix="cnnviz-", ignore_cleanup_errors=True) as temporary:
        server = _start(script, folder or Path(temporary), port or free_port())
        try:
            _wait_until_healthy(server)
            yield server
        finally:
            server.stop()


def options(port: int) -> list[str]:
    """What `make run PORT=... ARGS=...` would be given to stay on this machine and to open no browser. Nothing else:
    all other settings are those of config.toml, with which everybody runs the app."""
    return ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]


def _start(script: str, folder: Path, port: int) -> Server:
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*RUN, script, *options(port)],
            cwd=ROOT,
            env={**os.environ, "CNNVIZ_DATA": str(folder / "data"), "CNNVIZ_RUNS": str(folder / "runs")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{port}", process, log, folder)


def is_healthy(url: str) -> bool:
    """Whether the server there answers; asked directly, whatever proxy a test may have set."""
    try:
        with _DIRECTLY.open(f"{url}/_stcore/health", timeout=5):
            return True
    except OSError:
        return False


def _wait_until_healthy(server: Server, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        if is_healthy(server.url):
            return
        time.sleep(0.1)
    raise RuntimeError(f"The app did not start within {seconds:g} s; its output ends with\n{_tail(server.log)}")


def _tail(path: Path, lines: int = 30) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def page_paths() -> list[str]:
    """The URL path of the home page and of every page that exists."""
    names = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    return ["/", *(f"/{name}" for name in names if not name.startswith((".", "__")))]

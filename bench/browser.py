"""The app on a free port and a Chromium that looks at it: for tests, benches and pictures."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response

ROOT = Path(__file__).resolve().parent.parent
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what leaves the machine fails at once
]
BROWSER_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MACOS_BROWSERS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
NO_BROWSER = (
    "The browser tests need Chromium or Chrome, and none was found: install it (Debian and Ubuntu: "
    "`sudo apt-get install chromium`; macOS: `brew install --cask chromium`; anywhere: `python -m playwright "
    "install chromium`), or name it in the environment variable CNNVIZ_CHROMIUM."
)


class NoBrowser(RuntimeError):
    """No Chromium on this machine; the text says what to install."""


def find_chromium(playwright: Playwright) -> str:
    """The path of a Chromium: CNNVIZ_CHROMIUM, the PATH, macOS's applications, Playwright's own."""
    on_path = [shutil.which(name) for name in [os.environ.get("CNNVIZ_CHROMIUM", ""), *BROWSER_NAMES] if name]
    for candidate in [*on_path, *MACOS_BROWSERS, playwright.chromium.executable_path]:
        if candidate and Path(candidate).exists():
            return candidate
    raise NoBrowser(NO_BROWSER)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium; raises NoBrowser."""
    return playwright.chromium.launch(executable_path=find_chromium(playwright), args=LAUNCH_ARGS)


# --- the server


@dataclass
class Server:
    """A running `streamlit run`, and where it writes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    folder: Path  # CNNVIZ_DATA and CNNVIZ_RUNS are data/ and runs/ in it

    def stop(self) -> None:
        """End the server and what it started: its own process group and nothing else."""
        for sign, patience in [(signal.SIGTERM, 10), (signal.SIGKILL, 5)]:
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(patience)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serve(script: str = "app.py", folder: Path | None = None) -> Iterator[Server]:
    """A fresh Streamlit server for `script`; `folder` (default: a temporary one) takes its data and runs."""
    with tempfile.TemporaryDirectory(prefix="cnnviz-") as temporary:
        server = _start(script, folder or Path(temporary))
        try:
            _wait_until_healthy(server)
            yield server
        finally:
            server.stop()


def _start(script: str, folder: Path) -> Server:
    port = free_port()
    arguments = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    options = [part for name, value in arguments.items() for part in (f"--server.{name}", str(value))]
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, *options],
            cwd=ROOT,
            env={**os.environ, "CNNVIZ_DATA": str(folder / "data"), "CNNVIZ_RUNS": str(folder / "runs")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{port}", process, log, folder)


def _wait_until_healthy(server: Server, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The app did not start within {seconds:g} s; its output ends with\n{_tail(server.log)}")


def _tail(path: Path, lines: int = 30) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def page_paths() -> list[str]:
    """The URL path of the home page and of every page that exists."""
    names = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    return ["/", *(f"/{name}" for name in names if not name.startswith((".", "__")))]


# --- pages


def new_context(browser: Browser, width: int = 1440, height: int = 900, dark: bool = False) -> BrowserContext:
    """A browser profile of its own, in this size and colour scheme; a phone's width also gets touch."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < 600,
    )
    context.add_init_script(_ANSWERS)
    return context


def settle(page: Page, quiet: float = 0.15, timeout: float = 60) -> None:
    """Wait until everything is drawn, components too (their scripts run after the page's end), the server has answered
    what was sent, and the page's script has not been running for `quiet` seconds, in which frames came without a long
    pause."""
    page.evaluate("window.busyAt = window.frameAt = performance.now()")
    page.wait_for_function(_QUIET_FOR, arg=1000 * quiet, timeout=1000 * timeout)


# when the page last sent something to the server, and when it last heard from it
_ANSWERS = """{
    const send = WebSocket.prototype.send, heard = new WeakSet();
    window.sentAt = window.heardAt = 0;
    WebSocket.prototype.send = function (...message) {
        if (!heard.has(this)) this.addEventListener('message', () => { window.heardAt = performance.now(); });
        heard.add(this);
        window.sentAt = performance.now();
        return send.apply(this, message);
    };
}"""
_QUIET_FOR = """quiet => {
    const app = document.querySelector('[data-testid="stApp"]');
    const ready = app && app.dataset.testScriptState === 'notRunning'
        && document.querySelector('[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]')
        && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
        && !document.querySelector('[data-testid="stBidiComponentIsolated"]:not([data-drawn])');
    const now = performance.now();
    const asked = window.sentAt > window.heardAt && now - window.sentAt < 5000; // a lost connection does not answer
    if (!ready || asked || now - window.frameAt > 250) window.busyAt = now;
    window.frameAt = now;
    return now - window.busyAt >= quiet;
}"""


def open_path(page: Page, url: str) -> None:
    """Go to the URL and wait until the page is ready."""
    page.goto(url, wait_until="domcontentloaded")
    settle(page)


@dataclass
class Watch:
    """What went wrong in a page: errors, failed requests, requests that leave the machine, tracebacks."""

    page: Page
    allowed: Sequence[str] = ()  # parts of messages that a test expects
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._note(f"page error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfailed", self._on_failure)
        self.page.on("response", self._on_response)

    def found(self) -> list[str]:
        """The problems so far, a traceback that is on the page now included."""
        shown = self.page.get_by_test_id("stException").all_inner_texts()
        return self.problems + [f"exception on {self.page.url}:\n{text}" for text in shown]

    def _note(self, problem: str) -> None:
        if not any(part in problem for part in self.allowed):
            self.problems.append(problem)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _is_streamlits_own(message.location.get("url", "")):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self._note(f"leaves the machine: {request.url}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the browser gave it up itself, on leaving the page
            self._note(f"failed: {request.url} ({request.failure})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and not _is_streamlits_own(response.url):
            self._note(f"HTTP {response.status}: {response.url}")


def _is_streamlits_own(url: str) -> bool:
    """On a deep link Streamlit first asks below the page's path, gets a 404, and asks again at the root."""
    path = urlsplit(url).path
    return path.endswith(("/_stcore/health", "/_stcore/host-config")) and not path.startswith("/_stcore/")

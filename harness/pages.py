"""Pages of the app in the browser: when one is ready, and what went wrong in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request, Response, TimeoutError

FRAMES = 5
PATIENCE = 180  # seconds: for a machine that has other work to do; nothing waits longer than it has to


def settle(page: Page, quiet: float = 0.15, timeout: float = PATIENCE) -> None:
    """Wait until every component is ready (none loads, none waits for an answer or for an update's script), the server
    has answered what was sent, and the page's script has not been running for `quiet` seconds and FRAMES frames: what a
    click has put off until the next tick is sent between two of them, however long they take.
    """
    page.evaluate("window.busyAt = performance.now(), window.frames = 0")
    try:
        page.wait_for_function(_QUIET_FOR, arg=[1000 * quiet, FRAMES], timeout=1000 * timeout)
    except TimeoutError as error:
        raise AssertionError(f"{page.url} did not settle within {timeout:g} s: {page.evaluate(_WHY_NOT)}") from error


# when the page last sent something to the server, and when it last heard from it; how many updates of components wait
# for their script, which Streamlit loads for each as an element in the page's head
ANSWERS = """{
    window.updates = 0;
    HTMLHeadElement.prototype.appendChild = function (node) {
        if (node.src?.includes('/bidi-components/')) {
            window.updates += 1;
            const come = () => setTimeout(() => { window.updates -= 1; });
            for (const end of ['load', 'error']) node.addEventListener(end, come);
        }
        return Node.prototype.appendChild.call(this, node);
    };
    const send = WebSocket.prototype.send, heard = new WeakSet();
    window.sentAt = window.heardAt = 0;
    WebSocket.prototype.send = function (...message) {
        if (!heard.has(this)) this.addEventListener('message', () => { window.heardAt = performance.now(); });
        heard.add(this);
        window.sentAt = performance.now();
        return send.apply(this, message);
    };
}"""
_WHY_NOT = """() => {
    const states = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].map((one) =>
        [one.closest('[class*="st-key-"]')?.className.match(/st-key-(\\S+)/)?.[1],
         one.shadowRoot?.querySelector('[data-state]')?.dataset.state]);
    const { testScriptState, testConnectionState } = document.querySelector('[data-testid="stApp"]')?.dataset ?? {};
    return JSON.stringify({ testScriptState, testConnectionState, states, unanswered: window.sentAt > window.heardAt,
        updates: window.updates });
}"""
_QUIET_FOR = """([quiet, frames]) => {
    const app = document.querySelector('[data-testid="stApp"]');
    const ready = app && app.dataset.testScriptState === 'notRunning'
        && document.querySelector('[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]')
        && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
        && [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].every(
            (one) => ['ready', 'failed'].includes(one.shadowRoot?.querySelector('[data-state]')?.dataset.state));
    const now = performance.now();
    const asked = window.sentAt > window.heardAt && app?.dataset.testConnectionState === 'CONNECTED';
    window.frames += 1;
    if (!ready || asked || window.updates > 0) [window.busyAt, window.frames] = [now, 0];
    return now - window.busyAt >= quiet && window.frames >= frames;
}"""


def describe(page: Page) -> str:
    """Where a page stands, for the report of a test that failed on it: its address, what it waits for, what it says."""
    try:
        shown = page.get_by_test_id("stMainBlockContainer").all_inner_texts()
        return f"{page.url}\n{page.evaluate(_WHY_NOT)}\n" + "\n".join(shown)[:3000]
    except Error as error:
        return f"{page.url}: {error}"


def open_path(page: Page, url: str) -> None:
    """Go to the URL and wait until the page is ready."""
    page.goto(url, wait_until="domcontentloaded")
    settle(page)


def switch_on(page: Page, name: str) -> None:
    """Click a switch of Streamlit's as often as it takes, as a reader does: where what stands above it moves it between
    press and release, or the page draws it anew, a click is lost."""
    end = time.monotonic() + PATIENCE
    while not page.get_by_role("switch", name=name).is_checked():
        assert time.monotonic() < end, f"{name!r} on {page.url} cannot be switched on"
        page.get_by_text(name, exact=True).click()
        settle(page)


@dataclass
class Watch:
    """What went wrong in a page: errors, failed requests, requests that leave the machine, tracebacks."""

    page: Page
    origin: str = ""  # the server's URL
    allowed: Sequence[str] = ()  # parts of messages that a test expects
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._heard: dict[str, Callable[[Any], None]] = {
            "console": self._on_console,
            "pageerror": self._on_error,
            "request": self._on_request,
            "requestfailed": self._on_failure,
            "response": self._on_response,
        }
        for event, hear in self._heard.items():
            self.page.on(event, hear)

    def found(self) -> list[str]:
        """The problems so far, a traceback that is on the page now included."""
        shown = self.page.get_by_test_id("stException").all_inner_texts()
        return self.problems + [f"exception on {self.page.url}:\n{text}" for text in shown]

    def end(self) -> None:
        """What happens in the page from now on is no matter of it."""
        for event, hear in self._heard.items():
            self.page.remove_listener(event, hear)

    def _note(self, problem: str) -> None:
        if not any(part in problem for part in self.allowed):
            self.problems.append(problem)

    def _on_error(self, error: Error) -> None:
        self._note(f"page error: {error}")

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

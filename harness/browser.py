"""A Chromium that looks at the app."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright

from harness.pages import ANSWERS

LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",  # letters as wide as where there is a screen
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what leaves the machine fails at once
]
FINGER = 600  # pixels: a window that is narrower is a phone's
STORED = "local_storage,indexeddb,cache_storage,service_workers"
BROWSER_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell"]
LIGHT = "chromium-headless-shell"  # without windows, in a sixth less of processor time: for tests
MACOS_BROWSERS = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]
NO_BROWSER = (
    "The browser tests need Chromium or Chrome, and none was found: install it (Debian and Ubuntu: "
    "`sudo apt-get install chromium-headless-shell`, or chromium; macOS: `brew install --cask chromium`; anywhere: "
    "`python -m playwright install chromium`), or name it in the environment variable CNNVIZ_CHROMIUM."
)


class NoBrowser(RuntimeError):
    """No Chromium on this machine; the text says what to install."""


def find_chromium(playwright: Playwright, first: str = "") -> str:
    """The path of a Chromium: CNNVIZ_CHROMIUM, `first`, the PATH, macOS's applications, Playwright's own."""
    on_path = [shutil.which(name) for name in [os.environ.get("CNNVIZ_CHROMIUM", ""), first, *BROWSER_NAMES] if name]
    for candidate in [*on_path, *MACOS_BROWSERS, playwright.chromium.executable_path]:
        if candidate and Path(candidate).exists():
            return candidate
    raise NoBrowser(NO_BROWSER)


def launch(playwright: Playwright, *more: str, first: str = "") -> Browser:
    """A headless Chromium, with `more` options, by preference the one of the name `first`; raises NoBrowser."""
    return playwright.chromium.launch(executable_path=find_chromium(playwright, first), args=[*LAUNCH_ARGS, *more])


def new_context(browser: Browser, width: int = 1440, height: int = 900, dark: bool = False) -> BrowserContext:
    """A browser profile of its own, in this size and colour scheme; a phone's width also gets touch."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < FINGER,
    )
    context.add_init_script(ANSWERS)
    return context


@dataclass
class Profile:
    """A browser profile that is kept, in one process as long as its `keeper` is open; it has one page at a time, for
    only a window's foremost page draws frames."""

    finger: bool
    context: BrowserContext
    keeper: CDPSession
    page: Page | None = None
    is_taken: bool = False

    def is_free(self, finger: bool) -> bool:
        return self.finger == finger and not (self.is_taken and self.page and not self.page.is_closed())

    def take(self) -> Page:
        """Its page, an empty one; the pointer lies in the corner."""
        if self.page is None or self.page.is_closed():
            self.page = self.context.new_page()
        self.is_taken = True
        self.page.mouse.move(0, 0)
        return self.page


class Profiles:
    """Pages of one after the other that need no fresh profile each.

    A page in a fresh profile fetches and compiles 2.3 MB of Streamlit's scripts before it shows anything. In one that
    is kept the files and what was compiled of them stay, which saves half of a page's processor time; and where its
    page is `left` and not closed, the next one needs a quarter less again. `forget` leaves them neither cookies nor
    storage nor permissions.
    """

    OPTION = "--process-per-site"  # the Chromium has to be launched with it

    def __init__(self, browser: Browser):
        self._browser = browser
        self._kept: list[Profile] = []

    def page(self, url: str, width: int = 1440, height: int = 900, dark: bool = False, motion: bool = False) -> Page:
        """An empty page for a server at `url`, in this size and colour scheme; `motion` lets stages play by themselves
        and things slide, which is nothing that a test should wait for."""
        finger = width < FINGER
        profile = next((one for one in self._kept if one.is_free(finger)), None) or self._new(url, finger)
        page = profile.take()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            color_scheme="dark" if dark else "light", reduced_motion="no-preference" if motion else "reduce"
        )
        return page

    def _new(self, url: str, finger: bool) -> Profile:
        context = new_context(self._browser, *((390, 844) if finger else (1440, 900)))
        keeper = context.new_page()
        keeper.goto(f"{url}/_stcore/health")
        self._kept.append(Profile(finger, context, context.new_cdp_session(keeper)))
        return self._kept[-1]

    def leave(self, page: Page) -> None:
        """The page is empty again, and whoever comes next has it."""
        page.unroute_all(behavior="ignoreErrors")
        page.goto("about:blank")
        for profile in self._kept:
            profile.is_taken &= profile.page is not page

    def forget(self, url: str) -> None:
        """Take away what pages of the server at `url` have left."""
        for profile in self._kept:
            profile.context.clear_cookies()
            profile.context.clear_permissions()
            profile.keeper.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": STORED})

"""A Chromium that looks at the app."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright

from harness.pages import ANSWERS

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


def new_context(browser: Browser, width: int = 1440, height: int = 900, dark: bool = False) -> BrowserContext:
    """A browser profile of its own, in this size and colour scheme; a phone's width also gets touch."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        has_touch=width < 600,
    )
    context.add_init_script(ANSWERS)
    return context

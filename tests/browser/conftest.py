"""The app in a real browser: a server, fresh ones, and pages that fail their test if anything goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from harness.browser import NoBrowser, launch, new_context
from harness.pages import Watch, open_path
from harness.server import Server, serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and let it run last: it is slow."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the tests fail and say what to install."""
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except NoBrowser as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, once for the whole session."""
    with serve(folder=tmp_path_factory.mktemp("server")) as running:
        yield running


class Opened:
    """The pages that one test has open, and what went wrong in them."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self.problems: list[str] = []

    def close(self) -> None:
        """Close them all, while their servers still run; remember what went wrong."""
        for watch in self.watches:
            if not watch.page.is_closed():
                self.problems += watch.found()
            watch.page.context.close()
        self.watches.clear()


@pytest.fixture
def opened() -> Opened:
    """The test's pages, by which `open_page` and `fresh_server` know of one another."""
    return Opened()


@pytest.fixture
def fresh_server(tmp_path: Path, opened: Opened) -> Iterator[Server]:
    """A server that nobody has visited yet."""
    with serve(folder=tmp_path) as running:
        yield running
        opened.close()


@pytest.fixture
def open_page(browser: Browser, opened: Opened, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """open_page(path, width, height, dark, on, allowed) -> a ready Page.

    `on` is a Server (default: the session's), `allowed` names parts of error messages that the test provokes.
    After the test every page must be free of tracebacks, console errors, failed and foreign requests.
    """

    def open_it(
        path: str,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        on: Server | None = None,
        allowed: tuple[str, ...] = (),
    ) -> Page:
        url = (on or request.getfixturevalue("server")).url
        page = new_context(browser, width, height, dark).new_page()
        page.set_default_timeout(15_000)
        opened.watches.append(Watch(page, allowed))
        open_path(page, url + path)
        return page

    yield open_it
    opened.close()
    assert not opened.problems, "\n".join(opened.problems)

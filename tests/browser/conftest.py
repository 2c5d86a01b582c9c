"""The app in a real browser: a server, fresh ones, and pages that fail their test if anything goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.browser import LIGHT, NoBrowser, Profiles, launch
from harness.pages import PATIENCE, Watch, describe, open_path
from harness.server import Server, serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and let it run last: it is slow."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With the failure of a test goes where its pages stand."""
    report = yield
    opened = getattr(item, "funcargs", {}).get("opened")
    if report.when == "call" and report.failed and opened:
        pages = [watch.page for watch in opened.watches if not watch.page.is_closed()]
        report.sections += [("its page", describe(page)) for page in pages]
    return report


expect.set_options(timeout=1000 * PATIENCE)


CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")  # Chromium's own, and it is allowed


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the tests fail and say what to install."""
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright, Profiles.OPTION, *CAMERA, first=LIGHT)
        except NoBrowser as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    """What the pages of all tests have in common."""
    return Profiles(browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, once for the whole session. It has one helper, which a test can hold up, and drops soon what a reader
    who has left has waiting."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_HELPERS", "1")
        patch.setenv("CNNVIZ_KEEP_WAITING", "4")
        with serve(folder=tmp_path_factory.mktemp("server")) as running:
            yield running


@pytest.fixture(scope="session")
def another_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where a link is opened that was made on `server`: nothing but the link leads there."""
    with serve(folder=tmp_path_factory.mktemp("elsewhere")) as running:
        yield running


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, whole: bool) -> Server:
    """That in `make test-long`; otherwise another browser at the same server, and one test goes to the other."""
    found: Server = request.getfixturevalue("another_machine" if whole else "server")
    return found


@pytest.fixture
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether long checks run whole (`make test-long`)."""
    return bool(pytestconfig.getoption("long"))


class Opened:
    """The pages that one test has open, and what went wrong in them."""

    def __init__(self, profiles: Profiles) -> None:
        self.profiles = profiles
        self.watches: list[Watch] = []
        self.problems: list[str] = []
        self.spoiled: list[Page] = []  # there is a script in them that cannot be taken out

    def close(self) -> None:
        """Leave them all, while their servers still run; remember what went wrong."""
        for watch in self.watches:
            if not watch.page.is_closed():
                self.problems += watch.found()
                watch.end()
                watch.page.close() if watch.page in self.spoiled else self.profiles.leave(watch.page)
            self.profiles.forget(watch.origin)
        self.watches.clear()
        self.spoiled.clear()


@pytest.fixture
def opened(profiles: Profiles) -> Opened:
    """The test's pages, by which `open_page` and whoever has a server of his own know of one another."""
    return Opened(profiles)


@pytest.fixture
def open_page(opened: Opened, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """open_page(path, width, height, dark, motion, on, allowed, ready, like, script) -> a Page, ready unless `ready` is
    False.

    `on` is a Server (default: the session's), `allowed` names parts of error messages that the test provokes, `script`
    is run before those of the page. Pages that are open at once are those of different browsers, but for one that is
    opened `like` another.
    After the test every page must be free of tracebacks, console errors, failed and foreign requests.
    """

    def open_it(
        path: str,
        *,
        on: Server | None = None,
        allowed: tuple[str, ...] = (),
        ready: bool = True,
        like: Page | None = None,
        script: str = "",
        **look: Any,
    ) -> Page:
        url = (on or request.getfixturevalue("server")).url
        page = opened.profiles.page(url, **look)
        page.set_default_timeout(1000 * PATIENCE)
        opened.watches.append(Watch(page, url, allowed))
        if like:  # two pages of one window would not both draw frames, so that it has what that browser keeps
            kept = like.evaluate("JSON.stringify(localStorage)")
            script += f"for (const one of Object.entries({kept})) localStorage.setItem(...one);"
        if script:
            page.add_init_script(script)
            opened.spoiled.append(page)
        open_path(page, url + path) if ready else page.goto(url + path)
        return page

    yield open_it
    opened.close()
    assert not opened.problems, "\n".join(opened.problems)

"""The panel of a run on the Train page, by its states: what trains in a test may take as long as the machine needs."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from harness.pages import settle

TRAINS = 900  # seconds that a run may take on a machine with other work, which goes first
RUN = re.compile(r"run=([\w.]+-\d{8}-\d{6}-[0-9a-f]{8})")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def train(page: Page) -> str:
    """Press Train; the id of the new run, once the link has it."""
    before = RUN.search(page.url)
    press(page, "Train")
    page.wait_for_url(lambda url: (found := RUN.search(url)) is not None and found[0] != (before and before[0]))
    found = RUN.search(page.url)
    assert found
    return found[1]


def until(page: Page, run: str, *states: str) -> None:
    """Wait until the panel shows the run in one of these states: waiting, running, done, stopped, failed."""
    wanted = ", ".join(f'.cnnviz-run[data-run="{run}"][data-run-state="{state}"]' for state in states)
    expect(page.locator(wanted)).to_be_attached(timeout=1000 * TRAINS)


def until_done(page: Page, run: str) -> None:
    """Wait until the run has come to its end; it must not have failed."""
    until(page, run, "done", "failed")
    settle(page)
    assert page.locator(f'.cnnviz-run[data-run="{run}"]').get_attribute("data-state") == "ready"

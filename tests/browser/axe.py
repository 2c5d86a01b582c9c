"""What axe-core and accessible.js find in a page that somebody could not read, hear or reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

SERIOUS = {"serious", "critical"}
SCRIPT = Path(__file__).with_name("accessible.js").read_text(encoding="utf-8")


def ask(page: Page, question: str) -> Any:
    """What accessible.js answers."""
    if page.evaluate("!window.accessible"):
        page.evaluate(SCRIPT)
    return page.evaluate(f"accessible.{question}()")


def at_the_start(page: Page) -> None:
    """Every chart is drawn; what walks stands still on its first position, so that cells lie ahead of it."""
    expect(page.locator("svg.chart:empty")).to_have_count(0)
    start = page.locator('.transport [data-action="start"]')
    if start.count():
        start.first.click()


def findings(page: Page, *rules: str) -> list[str]:
    """What axe-core calls serious or critical, element by element; of all its rules, or of these."""
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found: list[dict[str, Any]] = (
        Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    )
    return [
        f"{one['id']}: {node['html'][:120]} ({'; '.join(check['message'] for check in node['any'])[:160]})"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]

"""How the Data page feels: `python -m bench.data [--repeats 20] [--write]`.

From a click in the menu to the first images; from a press to an image that is augmented anew; and how many frames are
late while the wall scrolls for five seconds, beside the same wall without any images.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from bench.ui import Timing, at_floor, circumstances, floor_of, table
from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, serve

REPORT = ROOT / "docs" / "bench-data.md"
FIRST, PREVIEW = 300.0, 150.0  # milliseconds: budgets of the first images, and of an augmentation's 95th percentile
LATE, MAX_LATE = 25.0, 0.05  # a frame is late that comes after so many milliseconds; the share that may be more
SECONDS, SCROLLS, SPEED = 5, 6, 2400  # seconds of a scroll, scrolls of each kind, pixels a second
PARTS = "[...document.querySelectorAll('[class*=st-key-data_] *')].map((e) => e.shadowRoot).filter(Boolean)"
FIRST_IMAGES = f"""async () => {{
  const wall = () => {PARTS}.map((root) => root.querySelector('.wall')).find(Boolean);
  const link = [...document.querySelectorAll('[data-testid=stSidebar] a')].find((a) => a.textContent.trim() === 'Data');
  const pressed = performance.now();
  link.click();
  while (!(wall() && wall().dataset.pictures)) await new Promise(requestAnimationFrame);
  return performance.now() - pressed;
}}"""
AUGMENTED = f"""async () => {{
  const first = () => {PARTS}.map((root) => root.querySelector('.sheet .item:nth-child(2) canvas')).find(Boolean);
  const before = first(), button = document.querySelector('.st-key-data_again button');
  const pressed = performance.now();
  button.click();
  while (first() === before || !first()) await new Promise(requestAnimationFrame);
  return performance.now() - pressed;
}}"""
SCROLL = f"""async ([seconds, speed]) => {{
  const wall = {PARTS}.map((root) => root.querySelector('.wall')).find(Boolean);
  wall.scrollTop = 0;
  await new Promise((done) => setTimeout(done, 300));
  const gaps = [], begun = performance.now();
  let last = await new Promise(requestAnimationFrame);
  while (performance.now() - begun < 1000 * seconds) {{
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    wall.scrollTop += speed * (now - last) / 1000;
    last = now;
  }}
  return gaps;
}}"""


def first_images(page: Page, url: str, repeats: int) -> Timing:
    """From a click in the menu, on another page, to images on the wall."""
    times = []
    for _ in range(repeats):
        open_path(page, f"{url}/evaluate")
        settle(page)
        times.append(page.evaluate(FIRST_IMAGES))
    return Timing("the menu's Data: the first images", times)


def previews(page: Page, url: str, repeats: int) -> Timing:
    """From a press on 'Draw again' to twelve other versions of an image."""
    open_path(page, f"{url}/data?view=augmentation")
    settle(page)
    times = []
    for _ in range(repeats + 1):
        times.append(page.evaluate(AUGMENTED))
        settle(page)
    return Timing("an augmentation, drawn again", times[1:], PREVIEW, messages=1)


def late(browser: Browser, url: str, with_images: bool) -> float:
    """The share of frames that are late while the wall scrolls."""
    context = new_context(browser)
    page = context.new_page()
    if not with_images:
        page.route("**/sets/**", lambda route: route.abort())
    open_path(page, f"{url}/data")
    settle(page)
    gaps = page.evaluate(SCROLL, [SECONDS, SPEED])
    context.close()
    return sum(gap > LATE for gap in gaps) / len(gaps)


def scrolled(browser: Browser, url: str) -> str:
    """Both kinds in turns, and how much the images add."""
    shares: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * SCROLLS):
        shares[number % 2 == 0].append(late(browser, url, number % 2 == 0))
    images, empty = (sorted(shares[kind]) for kind in (True, False))
    middle = images[SCROLLS // 2] - empty[SCROLLS // 2]
    verdict = "ok" if middle < MAX_LATE else "OVER"

    def told(found: list[float]) -> str:
        return ", ".join(f"{100 * share:.1f}" for share in found)

    return (
        f"A scroll of {SECONDS} s through {SPEED:,} pixels a second: frames later than {LATE:g} ms, in per cent, "
        f"with images {told(images)}; with empty tiles {told(empty)}. Medians differ by {100 * middle:.1f} "
        f"(budget: less than {100 * MAX_LATE:g}; {verdict})."
    )


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep the table in docs/bench-data.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        rows = [floor_of(browser, 3 * chosen.repeats)]
        with serve("app.py") as server:
            page = new_context(browser).new_page()
            page.set_default_timeout(60_000)
            first_images(page, server.url, 2)  # the server gets warm
            rows += [first_images(page, server.url, chosen.repeats), previews(page, server.url, 2 * chosen.repeats)]
            page.context.close()
            scrolls = scrolled(browser, server.url)
        middle = median(rows[1].times)
        first = (
            f"The first images are there after {middle:.0f} ms in the median (budget: {FIRST:g}; "
            f"{'ok' if middle <= FIRST else 'OVER'})."
        )
        text = f"{table(rows)}\n\n{first} {at_floor(rows)}\n\n{scrolls}\n\n{circumstances(browser)}\n"
    print(text)
    if chosen.write:
        REPORT.write_text(f"# The Data page\n\nMade by `python -m bench.data --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()

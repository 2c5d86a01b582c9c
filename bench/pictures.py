"""Takes the README's pictures of the running app: `python -m bench.pictures [name ...]`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from bench.browser import ROOT, launch, new_context, open_path, page_paths, serve, settle

FOLDER = ROOT / "docs" / "pictures"
PHONE = (390, 844)


@dataclass(frozen=True)
class Picture:
    """One picture: the page's path and how to look at it."""

    name: str
    path: str
    size: tuple[int, int] = (1440, 900)
    dark: bool = False
    step: int = 0  # how often the stage is stepped forward before the picture


PICTURES = [
    Picture("home", "/"),
    Picture("convolution", "/convolution", step=4),
    Picture("convolution-dark", "/convolution", dark=True, step=4),
    Picture("convolution-phone", "/convolution", PHONE, step=4),
    Picture("channels", "/channels", step=4),
    Picture("pooling", "/pooling", step=4),
    Picture("filters", "/filters"),
    Picture("shapes", "/shapes"),
    Picture("draw", "/draw"),
    Picture("train", "/train"),
]


def take(browser: Browser, url: str, picture: Picture) -> None:
    """Open the page, bring the stage to rest at its step, and write the picture."""
    page = new_context(browser, *picture.size, picture.dark).new_page()
    open_path(page, url + picture.path)
    if picture.step and page.locator(".stage").count():
        page.locator('.transport [data-action="start"]').first.click()
        for _ in range(picture.step):
            page.locator('.transport [data-action="forward"]').first.click()
        page.mouse.move(1, 1)
        page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTo(0, 0)")
    settle(page, quiet=0.8)  # the window's slide has ended
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    page.context.close()


def main() -> None:
    """Take those that are named, or all; of pages that do not exist, none."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(picture.name for picture in PICTURES)])
    names = parser.parse_args().names
    existing = [picture for picture in PICTURES if picture.path in page_paths()]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launch(playwright) as browser, serve() as server:
        for picture in existing:
            if not names or picture.name in names:
                take(browser, server.url, picture)
                print(f"docs/pictures/{picture.name}.png")


if __name__ == "__main__":
    main()

"""Takes the pictures in README and docs of the running app: `python -m bench.pictures [name ...]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, page_paths, serve

FOLDER = ROOT / "docs" / "pictures"
PHONE = (390, 844)
TWO = [  # x, y: parts of the pad's width and height
    *[(0.32, 0.32), (0.40, 0.22), (0.52, 0.19), (0.64, 0.25), (0.66, 0.38)],
    *[(0.58, 0.52), (0.44, 0.66), (0.32, 0.78), (0.50, 0.78), (0.70, 0.77)],
]


def as_it_opens(page: Page) -> None:
    """Nothing is done."""


def four_steps_on(page: Page) -> None:
    """The stage stands still, four steps from its start."""
    page.locator('.transport [data-action="start"]').first.click()
    for _ in range(4):
        page.locator('.transport [data-action="forward"]').first.click()


def a_two_is_drawn(page: Page) -> None:
    """A 2, with the mouse."""
    box = page.locator("canvas.paper").bounding_box()
    assert box is not None
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in TWO]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def a_network_is_trained(page: Page) -> None:
    """A run to its end."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("link", name="Draw a digit for this network").wait_for(timeout=600_000)


def a_class_has_trained(page: Page) -> None:
    """A room with the runs of four."""
    page.get_by_role("button", name="Open a room").click()
    page.wait_for_url("**/room?room=*")
    server, _, code = page.url.partition("/room?room=")
    for network, epochs in (("lenet5", 1), ("lenet5", 2), ("conv_mnist", 2), ("mnist_cnn", 1)):
        open_path(page, f"{server}/train?room={code}&network={network}&epochs={epochs}&subset=12000")
        a_network_is_trained(page)
    open_path(page, f"{server}/room?room={code}")


def an_answer_is_wrong(page: Page) -> None:
    """A guess that is a usual mistake."""
    page.get_by_label("Your guess").fill("4 x 3")
    page.get_by_role("button", name="Check").click()
    settle(page)


def a_stage_is_unfolded(page: Page) -> None:
    """The first stage, and in it the first block."""
    for _ in range(2):
        page.locator(".item.fold").first.click()
        page.wait_for_timeout(600)


@dataclass(frozen=True)
class Picture:
    """One picture: the page's path, what is done there, and how it is looked at."""

    name: str
    path: str
    prepare: Callable[[Page], None] = as_it_opens
    size: tuple[int, int] = (1440, 900)
    dark: bool = False


PICTURES = [
    Picture("home", "/", four_steps_on),
    Picture("convolution", "/convolution", four_steps_on),
    Picture("convolution-dark", "/convolution", four_steps_on, dark=True),
    Picture("convolution-phone", "/convolution", four_steps_on, PHONE),
    Picture("channels", "/channels", four_steps_on),
    Picture("pooling", "/pooling", four_steps_on),
    Picture("filters", "/filters"),
    Picture("lenet5", "/shapes"),
    Picture("shapes", "/shapes?network=resnet18", a_stage_is_unfolded),
    Picture("shape-error", "/shapes?network=lenet5_padded"),
    Picture("receptive", "/receptive"),
    Picture("architectures", "/architectures?milestone=GoogLeNet"),
    Picture("draw", "/draw", a_two_is_drawn),
    Picture("data", "/data?only=7"),
    Picture("train", "/train", a_network_is_trained),
    Picture("evaluate", "/evaluate"),
    Picture("exercise", "/convolution?task=size", an_answer_is_wrong),
    Picture("presenter", "/pooling?present=1", four_steps_on),
    Picture("room", "/room", a_class_has_trained),
    Picture("inside", "/inside"),
]


def take(browser: Browser, url: str, picture: Picture) -> None:
    """Open the page, prepare it, and write the picture."""
    page = new_context(browser, *picture.size, picture.dark).new_page()
    open_path(page, url + picture.path)
    picture.prepare(page)
    page.mouse.move(1, 1)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    settle(page, quiet=0.8)  # the window's slide has ended
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    page.context.close()


def main(given: Sequence[str] | None = None) -> None:
    """Take those that are named, or all; of pages that do not exist, none."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(picture.name for picture in PICTURES)])
    names = parser.parse_args(given).names
    existing = [picture for picture in PICTURES if picture.path.partition("?")[0] in page_paths()]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launch(playwright) as browser, serve() as server:
        for picture in existing:
            if not names or picture.name in names:
                take(browser, server.url, picture)
                print(f"docs/pictures/{picture.name}.png")


if __name__ == "__main__":
    main()

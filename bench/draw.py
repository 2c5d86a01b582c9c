"""How well drawings are read, and how soon: `python -m bench.draw [--images 10000] [--write]`.

MNIST's test images are drawn onto a canvas of 280x280 as people draw (handwriting.py), go through the whole pipeline
and are read by every network for MNIST that ships.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, sin

import numpy as np
import torch
from playwright.sync_api import Browser, Page, sync_playwright

from bench.handwriting import as_arrays
from bench.inside import WORKS, figures
from bench.strangers import letters, scribbles
from bench.ui import PROBE, Clock, Timing, circumstances, table
from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.data.drawing import SIZE, pipeline, to_mnist
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import accuracy, evaluate
from cnnviz.inference.predict import DOUBTED, entropy, limit_of_doubt, logits, softmax
from harness.browser import launch, new_context
from harness.pages import open_path, settle
from harness.server import ROOT, serve

REPORT = ROOT / "docs" / "bench-draw.md"
MIN_ACCURACY, LOSS = 0.98, 0.01  # that the shipped network has to reach on drawings, and may lose there
BARS = ".doubt, .share"  # what is read there changes with nearly every picture
TO_BARS, TO_MAPS = 120.0, 250.0  # milliseconds, for the 95th percentile
MIN_RATE, SECONDS = 8.0, 5  # updates a second
RATE = """async (seconds) => {
  const all = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const paper = all(document).find((e) => e.matches('.paper')), told = all(document).find((e) => e.matches('.doubt'));
  const box = paper.getBoundingClientRect(), start = performance.now();
  const at = (turn) => ({ clientX: box.x + box.width * (0.5 + 0.3 * Math.cos(turn)), pointerId: 1, bubbles: true,
    clientY: box.y + box.height * (0.5 + 0.3 * Math.sin(turn)) });
  paper.setPointerCapture = () => {};
  paper.dispatchEvent(new PointerEvent('pointerdown', at(0)));
  let updates = 0, before = told.textContent;
  for (let now = start; now < start + 1000 * seconds; now = performance.now()) {
    paper.dispatchEvent(new PointerEvent('pointermove', at((now - start) / 400)));
    await new Promise(requestAnimationFrame);
    if (told.textContent !== before) { before = told.textContent; updates++; }
  }
  paper.dispatchEvent(new PointerEvent('pointerup', at(0)));
  return updates / seconds;
}"""


@dataclass(frozen=True)
class Read:
    """The share of the test images that a network reads: as they are, and as drawings."""

    network: str
    clean: float
    drawn: float

    @property
    def good(self) -> bool:
        return self.drawn >= MIN_ACCURACY and self.clean - self.drawn <= LOSS


def drawn(data: DataSet, seed: int = 0) -> DataSet:
    """The data set with its test images drawn on a canvas and put through the pipeline."""
    seen = [digit_on(canvas) for canvas in as_arrays(data.x_test, seed)]
    return _with_tests(data, torch.stack([torch.from_numpy(picture.copy()) for picture in seen])[:, None])


def digit_on(canvas: np.ndarray) -> np.ndarray:
    """What the pipeline makes of a canvas; an empty picture where it finds no ink, which counts as not read."""
    try:
        return pipeline(canvas, photo=True)[-1].picture
    except ValueError:
        return np.zeros((SIZE, SIZE), np.uint8)


def _with_tests(data: DataSet, images: torch.Tensor) -> DataSet:
    return replace(data, x_test=images, y_test=data.y_test[: len(images)])


def reading(images: int, names: Sequence[str] | None = None) -> list[Read]:
    """What the networks for MNIST that ship read of the first `images` test images."""
    mnist = datasets.load("mnist")
    clean = _with_tests(mnist, mnist.x_test[:images])
    hand = drawn(clean)
    shipped = {name: checkpoints.load(path) for name, path in checkpoints.shipped().items()}
    return [
        Read(name, accuracy(one, clean), accuracy(one, hand))
        for name, one in shipped.items()
        if one.card.dataset == "mnist" and (names is None or name in names)
    ]


def reading_report(images: int) -> str:
    """The table of what is read."""
    began = time.perf_counter()
    rows = reading(images)
    seconds = time.perf_counter() - began
    lines = ["| network | test images | drawn | |", "| --- | --- | --- | --- |"]
    lines += [f"| {r.network} | {r.clean:.2%} | {r.drawn:.2%} | {'ok' if r.good else 'UNDER'} |" for r in rows]
    said = f"{images:,} test images, drawn and read in {seconds:.0f} s. Budget: "
    said += f"{MIN_ACCURACY:.0%} of the drawings, and at "
    return "\n".join(lines) + f"\n\n{said}most {100 * LOSS:g} point less than of the test images."


# --- what it says of what is no digit


def doubted(count: int = 500) -> str:
    """The share of test images, drawings, letters and scribbles of which each network says that it is uncertain."""
    mnist = datasets.load("mnist")
    part = _with_tests(mnist, mnist.x_test[:2000])
    hand = drawn(_with_tests(mnist, mnist.x_test[:count]))
    strange = [letters(count), scribbles(count)]
    pictures = [part.x_test[:, 0].numpy(), hand.x_test[:, 0].numpy()]
    pictures += [np.stack([to_mnist(ink) for ink in inks]) for inks in strange]
    lines = ["| network | limit, bits | test images | drawings | letters | scribbles |", "| --- " * 6 + "|"]
    for name, path in checkpoints.shipped().items():
        one = checkpoints.load(path)
        if one.card.dataset == "mnist":
            limit = limit_of_doubt(evaluate(one, part))
            found = [(entropy(softmax(logits(one, many[..., None]))) > limit).mean() for many in pictures]
            lines.append(f"| {name} | {limit:.2f} | " + " | ".join(f"{share:.1%}" for share in found) + " |")
    return "\n".join(lines)


# --- how soon


def follow(page: Page, clock: Clock, repeats: int, what: str, watched: tuple[str, str], budget: float) -> Timing:
    """The pen is down and moves a little: from the movement to the frame that shows what was made of it."""
    box = page.locator(".paper").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    settle(page, quiet=0.5)  # the first ink brings the pictures below the pad

    def move(i: int) -> None:
        page.wait_for_timeout(150)  # the pad rests a moment after each picture that it sent
        turn, reach = i / 3, 0.15 + 0.25 * i / repeats  # a spiral: every move brings new ink, enough to change a number
        place = 0.5 + reach * cos(turn), 0.5 + reach * sin(turn)
        page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])

    measured = clock.time(what, repeats, move, "pointermove", watched, budget)
    page.mouse.up()
    return measured


def rate(page: Page) -> float:
    """Updates of the bars a second while the pen moves all the time."""
    page.locator(".pad .clear").click()
    settle(page)
    return float(page.evaluate(RATE, SECONDS))


def speed(browser: Browser, repeats: int) -> tuple[list[Timing], float]:
    """All of it, on one server."""
    with serve("app.py") as server:
        page = new_context(browser).new_page()
        clock = Clock(page)
        open_path(page, f"{server.url}/draw")
        settle(page)
        page.evaluate(PROBE)
        rows = [follow(page, clock, repeats, "stroke to bars, lenet5", (".readers", BARS), TO_BARS)]
        updates = rate(page)
        open_path(page, f"{server.url}/draw?beside=mnist_cnn.conv_mnist")
        settle(page)
        page.evaluate(PROBE)
        rows.append(follow(page, clock, repeats, "stroke to bars, three networks", (".readers", BARS), TO_BARS))
        open_path(page, f"{server.url}/inside?source=drawing&scale=network")  # its end is told as a number
        settle(page)
        page.evaluate(PROBE)
        rows.append(follow(page, clock, repeats, "stroke to maps, lenet5", (".maps", ".high"), TO_MAPS))
        page.context.close()
    return rows, updates


def computing() -> str:
    """Milliseconds of one inference, and of each attribution."""
    lines = ["| network | " + " | ".join(WORKS) + " |", "| --- " * (len(WORKS) + 1) + "|"]
    for name, path in checkpoints.shipped().items():
        lines.append(f"| {name} | " + " | ".join(f"{value:.1f}" for value in figures(path)) + " |")
    return "\n".join(lines)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep it in docs/bench-draw.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.draw", description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    with sync_playwright() as playwright, launch(playwright) as browser:
        rows, updates = speed(browser, chosen.repeats)
        where = circumstances(browser)
    verdict = "ok" if updates >= MIN_RATE else "UNDER"
    text = f"""## How soon

{table(rows)}

While the pen moves, the bars are updated {updates:.1f} times a second (budget: at least {MIN_RATE:g}; {verdict}).

{where}

Medians in milliseconds for one picture, in Python:

{computing()}

## How well

{reading_report(chosen.images)}

## When it is uncertain

A network says so above the entropy that it exceeds on {DOUBTED:.0%} of its own test images (1 bit at most). Letters are
printed ones that look like no digit, scribbles are strokes that wander about.

{doubted()}
"""
    print(text)
    if chosen.write:
        REPORT.write_text(f"# Draw a digit\n\nMade by `python -m bench.draw --write`.\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How long it takes, and how much memory, to trace every network of the zoo; to read and trace texts of every kind; to
train one; and how long a change of the input size or of a text takes to be seen on the Shapes page:
`python -m bench.trace [--repeats 30] [--damaged 20000] [--write]`."""

from __future__ import annotations

import argparse
import contextlib
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median, quantiles
from urllib.parse import urlencode

from playwright.sync_api import Browser, sync_playwright

from bench import reading
from bench.ui import Timing, at_floor, circumstances, floor_of, probed_page, table
from cnnviz.links import sources
from cnnviz.networks import zoo
from cnnviz.tracing import ShapeError, trace
from harness.browser import launch
from harness.pages import settle
from harness.server import ROOT

REPORT = ROOT / "docs" / "bench-trace.md"
HEAD = "| network | steps | median ms | p95 ms | peak MB |\n|---|---|---|---|---|"
SHAPES = (".diagram", ".net .shape")


def traced(name: str, repeats: int) -> str:
    """One row: steps, milliseconds, and the peak of memory that Python allocates in one trace."""
    network, shape, steps, times = zoo.weightless(name), (1, *zoo.entry(name).input_shape), 0, []
    for _ in range(repeats):
        start = time.perf_counter()
        try:
            steps = len(trace(network, shape))
        except ShapeError as error:
            steps = len(error.steps)
        times.append(1000 * (time.perf_counter() - start))
    tracemalloc.start()
    with contextlib.suppress(ShapeError):
        trace(network, shape)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    p95 = quantiles(times, n=20, method="inclusive")[-1]
    return f"| {name} | {steps} | {median(times):.1f} | {p95:.1f} | {peak:.2f} |"


def redrawn(browser: Browser, name: str, repeats: int) -> Timing:
    """From a click on the height's + to the diagram that shows it; every size is a new one, so nothing is cached."""
    with probed_page(browser, "app.py", f"/shapes?network={name}") as (page, clock):
        up = page.locator(".st-key-shapes_height").get_by_test_id("stNumberInputStepUp")
        return clock.time(f"{name}: a new input height", repeats, lambda i: up.click(), "click", SHAPES, 80)


CLASSES = "num_classes: int = 1000"  # of the text that is edited; its last row shows the number
BUDGET = 150.0  # milliseconds, from the keys that have a text read to the diagram
CHANGED = """() => new Promise((resolve, reject) => {
    const roots = function* (node = document) {
        yield node;
        for (const one of node.querySelectorAll("*")) if (one.shadowRoot) yield* roots(one.shadowRoot);
    };
    const places = [...roots()]; // once: to go through the page in every frame would hold up what is measured
    const find = (selector) => places.flatMap((root) => [...root.querySelectorAll(selector)]);
    const rows = () => find(".diagram .net .shape").map((one) => one.textContent).join();
    const before = rows();
    let start;
    window.addEventListener("keydown", function heard(event) {
        if (event.key !== "Enter") return;
        start = performance.now();
        window.removeEventListener("keydown", heard, { capture: true });
        const look = () => {
            const now = rows();
            if (now && now !== before && find('.diagram[data-state="ready"], [data-state="ready"] .diagram').length)
                scheduler.postTask(() => resolve(performance.now() - start), { priority: "user-blocking" });
            else if (performance.now() - start > 20000) reject(new Error("the diagram did not change"));
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, { capture: true });
})"""


def edited(browser: Browser, repeats: int) -> Timing:
    """From Ctrl+Enter, which has a text read at once, after one digit of a class has been typed over, to the diagram
    that shows it; a link has opened the page, and every text is a new one."""
    text = reading.source_of("resnet50")
    sizes = {"network": "own_text", "channels": "3", "height": "224", "width": "224"}
    link = f"/shapes?{urlencode({**sizes, 'text': sources.write(text)})}"
    times = []
    with probed_page(browser, "app.py", link) as (page, clock):
        box, first = page.locator("textarea").first, text.rindex(CLASSES) + len(CLASSES) - 3
        page.locator(".diagram").first.wait_for()
        messages = clock.messages
        for at in range(1, repeats + 4):  # three to warm up
            place = next(i for i in range(3) if digits(at)[i] != digits(at - 1)[i])
            box.evaluate("(box, at) => { box.focus(); box.setSelectionRange(at, at + 1); }", first + place)
            page.evaluate(f"() => {{ window.changed = ({CHANGED})(); }}")
            page.keyboard.press(digits(at)[place])
            page.keyboard.press("Control+Enter")
            times.append(float(page.evaluate("window.changed")))
            settle(page)
        return Timing("ResNet-50 as classes: a digit of the text", times[3:], BUDGET, clock.messages - messages)


def digits(number: int) -> str:
    """Three digits for a number below 1000, of which each number changes one: a Gray code."""
    ones, tens, hundreds = number % 10, number // 10 % 10, number // 100
    return f"{hundreds}{9 - tens if hundreds % 2 else tens}{9 - ones if (number // 10) % 2 else ones}"


def followed_texts(repeats: int, damaged: int) -> list[str]:
    """What there is to say of texts without a page."""
    documents = "CNNVIZ_SOURCES was set: the last rows are of the five documents, which are not in the project."
    rows = [reading.read_and_followed(one, repeats) for one in reading.texts()]
    trained = [
        reading.trained("lenet5", "LeNet5", (100, 1, 28, 28), 6 * repeats),
        reading.trained("resnet20", "ResNet20", (128, 3, 32, 32), max(2, repeats // 2)),
    ]
    more = [
        reading.forwards("lenet5", "LeNet5", (1, 28, 28), 4 * repeats),
        reading.forwards("resnet20", "ResNet20", (3, 32, 32), 4 * repeats),
    ]
    return [
        "## Texts, in one warm process\n",
        f"No text is one that was seen before. {documents if len(rows) > reading.KINDS else ''}".strip() + "\n",
        reading.FOLLOWED,
        *rows,
        "\n## Training a text\n",
        f"A step on the CPU, of the class in plain Python and of the same class read as a text, in turn; budget: "
        f"{reading.BUDGET} % longer.\n",
        reading.TRAINED,
        *trained,
        f"\nThe least of many: {'; '.join(more)}.",
        *(["\n## Damaged texts\n", reading.damaged(damaged)] if damaged else []),
    ]


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and write the report if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--damaged", type=int, default=20_000, help="how many mutated texts are read (0: none)")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    lines = [HEAD, *(traced(name, min(chosen.repeats, 20)) for name in zoo.names()), ""]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        rows = [floor_of(browser, chosen.repeats)]
        rows += [redrawn(browser, name, chosen.repeats) for name in ("lenet5", "resnet18")]
        rows.append(edited(browser, chosen.repeats))
        lines += [table(rows), "", at_floor(rows), "", circumstances(browser)]
        browser.close()
    lines += ["", *followed_texts(chosen.repeats, chosen.damaged)]
    text = "\n".join(lines)
    print(text)
    if chosen.write:
        REPORT.write_text(f"# Tracing\n\n`python -m bench.trace --write` wrote this.\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

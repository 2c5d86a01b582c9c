"""Train in a real browser: a run is started, watched in two tabs, stopped, found again, compared and taken away."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.panel import press, train, until, until_done

OpenPage = Callable[..., Page]
POINT = re.compile("training, last")


def started(page: Page) -> str:
    """Press Train; the id of the new run, whose first point is on both charts."""
    run = train(page)
    until(page, run, "running")
    for number in (0, 1):
        expect(page.locator(".chart").nth(number)).to_have_attribute("aria-label", POINT)
    return run


def accuracy(page: Page) -> float:
    """The last accuracy in training that the chart tells."""
    told = page.locator(".chart").nth(1).get_attribute("aria-label")
    return float(re.search(r"training, last ([\d.]+) ?%", told)[1])


def ended(page: Page, run: str) -> str:
    """Waits for the end, and what is said then."""
    until_done(page, run)
    return page.get_by_text("of the test images are classified correctly").inner_text()


def first_accuracy(folder: Path, run: str) -> float:
    """That of the first steps in the run's journal, in per cent: the page may have shown more before a look."""
    written = (folder / "runs" / run / "metrics.jsonl").read_text().splitlines()
    return 100 * float(next(one["accuracy"] for one in map(json.loads, written) if one["event"] == "step"))


def test_the_accuracy_rises_and_the_same_run_is_found_again(open_page: OpenPage, server: Server) -> None:
    page = open_page("/train?epochs=1&subset=15000")
    expect(page.get_by_text("An example, the run that made")).to_be_visible()
    run = started(page)
    told = ended(page, run)
    assert (
        accuracy(page) > max(80, first_accuracy(server.folder, run) + 20)
        and float(re.search(r"([\d.]+) %", told)[1]) > 80
    )
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.locator(".kernels canvas")).to_have_count(6)
    expect(page.locator(".guesses .count")).to_contain_text("right at step 118")
    read_by_keyboard_and_mouse(page)

    page.reload()
    settle(page)
    assert ended(page, run) == told
    again = open_page(f"/{page.url.split('/', 3)[3]}")
    assert ended(again, run) == told
    assert again.locator(".curve").first.get_attribute("d") == page.locator(".curve").first.get_attribute("d")


def read_by_keyboard_and_mouse(page: Page) -> None:
    """The arrow keys and the mouse read the first chart."""
    figure = page.locator(".lines").first
    figure.focus()
    page.keyboard.press("End")
    expect(figure.locator(".said")).to_have_text(re.compile(r"^epoch 1, training [\d.]+, test [\d.]+$"))
    page.keyboard.press("Shift+ArrowLeft")
    expect(figure.locator(".said")).to_have_text(re.compile(r"^epoch 0\.\d+, training"))
    page.keyboard.press("Escape")
    expect(figure.locator(".cursor")).to_have_count(0)
    figure.locator(".chart").hover()
    expect(figure.locator(".cursor")).to_have_count(1)


def test_two_tabs_watch_a_run_and_one_stops_it(open_page: OpenPage) -> None:
    page = open_page("/train?epochs=1000")
    run = started(page)
    other = open_page(f"/{page.url.split('/', 3)[3]}", like=page)
    until(other, run, "running")
    before = other.locator(".chart").first.get_attribute("aria-label")
    expect(other.locator(".chart").first).not_to_have_attribute("aria-label", before)
    press(other, "Stop")
    for tab in (other, page):
        until(tab, run, "stopped")
        expect(tab.get_by_text(re.compile("Stopped at epoch"))).to_be_visible()
    page.get_by_role("link", name="Draw a digit for this network").click()
    expect(page.locator(".paper")).to_be_visible()
    expect(page.locator(".reader .name")).to_have_text(re.compile("^lenet5-"))
    expect(page).to_have_url(re.compile("network=lenet5-"))


def test_an_experiment_in_one_click(open_page: OpenPage) -> None:
    page = open_page("/train")
    what_is_typed_wrong_stays_and_is_told(page)
    box = page.get_by_role("combobox", name="Experiment")
    box.click()
    page.get_by_role("option", name="Ten residual blocks (short)").click()
    expect(page.get_by_text("Published: 53.1 % of the test images after 25 epochs")).to_be_visible()
    expect(page.get_by_text("cifar10 is not on this machine yet")).to_be_visible()
    page.wait_for_url(re.compile("network=residual_8"))


def test_a_run_is_taken_away_as_files_then_one_thing_is_changed(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/train?subset=600&epochs=1")
    ended(page, train(page))
    a_run_is_taken_away_as_files(page, tmp_path)
    rate = page.get_by_role("combobox", name="Learning rate")
    rate.fill("0.02")
    rate.press("Enter")
    page.wait_for_url(re.compile("learning_rate=0.02"))
    run = train(page)
    page.wait_for_url(re.compile("beside=lenet5"))
    ended(page, run)
    names = ("learning rate 0.02", "learning rate 0.001")
    for name in names:
        expect(page.locator(".lines").first).to_contain_text(name)
    page.locator("summary", has_text="Your runs").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def a_run_is_taken_away_as_files(page: Page, tmp_path: Path) -> None:
    page.get_by_text("This run as files, and as a command").click()
    files = {}
    for name in ("train.py", "config.json", "metrics.csv", "model.safetensors"):
        settle(page)  # the command above the buttons moves them, once it is drawn
        with page.expect_download() as waiting:
            press(page, name)
        files[name] = waiting.value.path().read_bytes()
    rows = list(csv.DictReader(files["metrics.csv"].decode().splitlines()))
    assert rows[-1]["event"] == "done" and b'"subset": 600' in files["config.json"]
    assert len(files["model.safetensors"]) > 61_706 * 4
    (tmp_path / "train.py").write_bytes(files["train.py"])
    subprocess.run([sys.executable, "-m", "py_compile", "train.py"], cwd=tmp_path, check=True)
    expect(page.get_by_text("python -m cnnviz train --network lenet5")).to_be_visible()


def what_is_typed_wrong_stays_and_is_told(page: Page) -> None:
    rate = page.get_by_role("combobox", name="Learning rate")
    rate.fill("fast")
    rate.press("Enter")
    page.wait_for_url(re.compile("learning_rate=fast"))
    press(page, "Train")
    expect(page.get_by_test_id("stAlert")).to_contain_text("“fast” is not a number")
    expect(rate).to_have_value("fast")


def test_recorded_pairs_are_played_and_scrubbed(open_page: OpenPage) -> None:
    page = open_page("/train")
    page.get_by_role("radio", name="Recorded pairs").click()
    expect(page.locator(".recorded .of h4")).to_have_text(["flat", "convolutions"])
    expect(page.locator(".recorded .of").first.locator("canvas")).to_have_count(10)
    page.get_by_role("radio", name="Few images").click()
    expect(page.locator(".recorded .of h4")).to_have_text(["60,000 images", "500 images"])
    expect(page).to_have_url(re.compile("show=pairs.*pair=few_images"))
    player = page.locator(".recorded")
    expect(player.locator(".curve.faint")).to_have_count(8)  # the whole curves, from the first moment
    player.focus()
    page.keyboard.press("Space")
    expect(player).to_have_class(re.compile("playing"))
    expect(player.locator(".position")).not_to_have_text("step 0")
    page.keyboard.press("End")
    expect(player).not_to_have_class(re.compile("playing"))
    expect(player.locator(".position")).to_have_text("step 1,000")
    told = [
        float(one.rstrip(" %").replace("−", "-")) for one in player.locator(".of").last.locator("dd").all_inner_texts()
    ]
    assert told[2] == 100 and 85 < told[3] < 95 and told[0] < told[1] / 100
    before = player.locator(".curve:not(.faint)").first.get_attribute("d")
    player.locator(".scrub").fill("40")
    expect(player.locator(".position")).to_have_text("step 336")
    assert len(player.locator(".curve:not(.faint)").first.get_attribute("d")) < len(before) / 2
    press(page, "Take the settings of '500 images'")
    expect(page).to_have_url(re.compile("subset=500"))
    expect(player).to_have_count(0)


def test_a_step_is_taken_line_by_line(open_page: OpenPage) -> None:
    page = open_page("/train?show=steps&optimizer=sgd&learning_rate=0.1")
    slow = page.locator(".slow")
    expect(slow.locator(".loop li.now")).to_have_count(1)
    slow.focus()
    page.keyboard.press("Home")
    lit = slow.locator(".loop li.now code")
    lines = slow.locator(".loop code").all_inner_texts()
    for number, line in enumerate(lines):
        expect(lit).to_have_text(line)
        expect(slow.locator(".loop li.later")).to_have_count(len(lines) - 1 - number)
        page.keyboard.press("ArrowRight")
    expect(slow.locator(".position")).to_have_text(re.compile("^step 2 of"))
    page.keyboard.press("ArrowLeft")
    told = slow.locator(".meant").inner_text().replace("−", "-")
    _, before, rate, slope, after = re.search(
        r"(conv1\.weight\[[\d, ]+\]): (-?[\d.e-]+) - ([\d.e-]+) × \(?(-?[\d.e-]+)\)? = (-?[\d.e-]+)\.$", told
    ).groups()
    assert abs(float(before) - float(rate) * float(slope) - float(after)) < 1e-4 * abs(float(before))
    page.keyboard.press("End")
    expect(slow.locator(".count")).to_have_text(re.compile("^1[0-6] of 16 right$"))
    assert [float(rate), len(lines)] == [0.1, 5]

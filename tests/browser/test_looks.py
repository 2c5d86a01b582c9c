"""A look as it is drawn while its network trains, on a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnviz.runs import snapshots
from cnnviz.runs.snapshots import Snapshot
from harness.server import Server, serve

PAGE = """
from pathlib import Path

import streamlit as st

from cnnviz.runs import snapshots
from cnnviz.ui.components.guesses import guesses
from cnnviz.ui.lessons.train.kernels import kernels

st.set_page_config(layout="wide")


@st.fragment(run_every=0.2)
def watch():
    look = snapshots.read(Path(__file__).parent)
    kernels("kernels", look)
    labels, at = look.labels.tolist(), f"at step {look.step:,}"
    guesses("guesses", look.images, labels, look.probabilities, look.classes, "Guesses on test images", at)


watch()
"""
PROBABILITIES = np.array([[0.8, 0.15, 0.05], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.4, 0.35, 0.25]], np.float32)


def look_with(channels: int = 1) -> Snapshot:
    """Six kernels from -0.5 to 0.5, and four images of which the second is guessed wrongly."""
    first = np.linspace(-0.5, 0.5, 6 * channels * 9, dtype=np.float32).reshape(6, channels, 3, 3)
    images = np.arange(4 * 3 * 8 * 8, dtype=np.uint8).reshape(4, 3, 8, 8)
    labels = np.array([0, 1, 2, 0])
    return Snapshot(40, first, first * 0.5, images, np.arange(4), labels, PROBABILITIES, ("cat", "dog", "ship"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the page; its folder holds the look."""
    folder = tmp_path_factory.mktemp("look")
    (folder / "page.py").write_text(PAGE)
    snapshots.write(folder, look_with())
    with serve(str(folder / "page.py"), folder=folder) as running:
        yield running


def pixel(page, kernel: int, row: int, col: int) -> list[int]:
    script = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3)]"
    return page.locator(".kernels canvas").nth(kernel).evaluate(script, [col, row])


def shown(server: Server, snapshot: Snapshot, page, text: str) -> None:
    snapshots.write(Path(server.folder), snapshot)
    page.locator(".guesses .count", has_text=text).wait_for()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_a_look_is_followed_in_place(alone, open_page, width, dark):
    snapshots.write(alone.folder, look_with())
    page = open_page("/", width=width, height=844, dark=dark, on=alone)
    page.locator(".guesses .count", has_text="3 of 4 right at step 40").wait_for()
    page.locator(".kernels .switch label", has_text="at the start").click()
    page.evaluate(
        """() => { window.kept = [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean)
        .flatMap((root) => [...root.querySelectorAll('canvas')]); }"""
    )
    better = PROBABILITIES.copy()
    better[1] = [0.1, 0.9, 0]
    shown(alone, replace(look_with(), step=1234, probabilities=better), page, "4 of 4 right at step 1,234")
    assert page.evaluate("window.kept.length === 10 && window.kept.every((canvas) => canvas.isConnected)")
    assert "at the start" in page.locator(".kernels .grid").get_attribute("aria-label")  # the switch stays
    assert page.locator(".guess.wrong").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_kernels_lie_on_one_scale_about_zero(alone, open_page):
    snapshots.write(alone.folder, look_with())
    page = open_page("/", on=alone)
    grid = page.locator(".kernels .grid")
    page.locator(".kernels .legend .low", has_text="−0.5").wait_for()
    lowest, highest = pixel(page, 0, 0, 0), pixel(page, 5, 2, 2)
    assert lowest == [0x6D, 0x1F, 0x4B] and highest == [0x10, 0x16, 0x1F]
    page.locator(".kernels .switch label", has_text="at the start").click()
    assert pixel(page, 0, 0, 0) == [0xCC, 0x79, 0xA7]  # half of the scale, which is that of both
    assert grid.get_attribute("aria-label") == "6 kernels of 3 by 3, at the start: from −0.25 to 0.25"
    page.keyboard.press("ArrowRight")
    assert grid.get_attribute("aria-label") == "6 kernels of 3 by 3, change up to step 40: from −0.25 to 0.25"
    assert pixel(page, 0, 0, 0) == lowest  # the change has a scale of its own


def test_kernels_of_three_channels_are_in_colour(alone, open_page):
    snapshot = look_with(3)
    snapshots.write(alone.folder, snapshot)
    page = open_page("/", on=alone)
    page.locator(".kernels .meaning", has_text="mid-grey is 0").wait_for()
    for kernel, row, col in [(0, 0, 0), (2, 1, 2), (5, 2, 2)]:
        expected = 127.5 * (1 + snapshot.kernels[kernel, :, row, col] / 0.5)
        assert pixel(page, kernel, row, col) == pytest.approx(expected, abs=1)


def test_a_network_without_kernels_or_without_numbers(alone, open_page):
    nothing = np.full_like(PROBABILITIES, np.nan)
    snapshots.write(alone.folder, replace(look_with(), kernels=None, first_kernels=None, probabilities=nothing))
    page = open_page("/", on=alone)
    page.locator(".kernels .extent", has_text="no convolution").wait_for()
    assert not page.locator(".kernels .switch").is_visible()
    page.locator(".guesses .count", has_text="0 of 4 right").wait_for()
    page.locator(".guess").first.hover()
    assert "run away" in page.locator(".description").text_content()


def test_a_wrong_guess_is_told_in_words(alone, open_page):
    snapshots.write(alone.folder, look_with())
    page = open_page("/", on=alone)
    page.locator(".guesses .count", has_text="3 of 4").wait_for()
    wrong = page.locator(".guess.wrong")
    assert wrong.count() == 1 and wrong.locator(".name").text_content() == "cat"
    assert wrong.locator(".truth").text_content() == "dog"
    assert "image 2, dog, predicted as cat" in page.locator(".strip").get_attribute("aria-label")
    wrong.hover()
    sentence = "Image 2: cat with 60.0 %, then dog with 30.0 %, ship with 10.0 %. It is dog."
    assert page.locator(".description").text_content() == sentence
    page.locator(".strip").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".description").text_content().startswith("Image 3: ship with 60.0 %")

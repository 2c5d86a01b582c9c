"""Figures by plotly as they are used: drawn where they are wanted, pointed at, zoomed, switched off, taken along."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from cnnviz import runs
from cnnviz.training import TrainConfig
from harness.browser import new_context
from harness.pages import settle
from harness.server import Server
from tests.browser.axe import ask, at_the_start, findings
from tests.browser.plot import FOLDS, SCRIPTS, draw, point_at, ranges, saved, zoom
from tests.browser.stage import OpenPage

# whether every figure has another text than this
OTHERS = """label => [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(
    (one) => one.ariaLabel !== label)"""
WIDER = "main => main.scrollWidth - main.clientWidth"


@pytest.fixture
def compared(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A link to two runs that are over, written as a trainer would."""
    monkeypatch.setenv("CNNVIZ_RUNS", str(server.folder / "runs"))
    made = []
    for rate in (0.001, 0.01):
        run = runs.create(TrainConfig(epochs=2, learning_rate=rate))
        run.begin()
        for step in range(1, 21):
            place = {"step": step, "epoch": step / 10, "seconds": step / 2}
            trained = {"loss": 2 / step, "accuracy": 1 - 1 / (step + 1), "images_per_second": 500}
            run.append({"event": "step", **place, "learning_rate": rate, **trained})
            if step % 10 == 0:
                tested = {"test_loss": 1 / step, "test_accuracy": 1 - 1 / step}
                run.append({"event": "epoch", **place, "train_loss": 1 / step, "train_accuracy": 0.9, **tested})
        run.append({"event": "done", **place, "test_accuracy": 0.95})
        made.append(run.id)
    return f"/train?compared={'.'.join(made)}"


PAPER = {False: "rgb(255, 255, 255)", True: "rgb(15, 19, 24)"}
OURS = {False: ["rgb(0, 114, 178)", "rgb(90, 96, 104)"], True: ["rgb(86, 180, 233)", "rgb(169, 176, 186)"]}


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("path", FOLDS)
def test_it_is_drawn_in_the_colours_of_the_theme_and_taken_along(
    path: str, open_page: OpenPage, browser: Browser, whole: bool
) -> None:
    """The script comes with the figure; axe, too, finds nothing serious in it; and as narrow as a phone it fits."""
    page = open_page(path)
    if path == "/architectures":
        below = page.get_by_test_id("stPlotlyChart").bounding_box()
        assert below and below["y"] >= 900, "the figure stands below the first screen"
    else:
        assert page.evaluate(SCRIPTS) == 0
    figure = draw(page)
    assert page.evaluate(SCRIPTS) == 1
    looks_as_it_should(page, figure, 1440, dark=False)
    at_the_start(page)
    assert findings(page) == [] and ask(page, "untold") == []
    it_is_taken_along_as_drawing_picture_table_and_page(page, figure, browser)
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    looks_as_it_should(page, figure, 390, dark=False)
    page.emulate_media(color_scheme="dark")
    page.reload()  # Streamlit fills in the colours of a figure when it first draws it
    figure = draw(page)
    looks_as_it_should(page, figure, 390, dark=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    looks_as_it_should(page, figure, 1440, dark=True)
    assert findings(page, *([] if whole else ["color-contrast"])) == [] and ask(page, "untold") == []


def looks_as_it_should(page: Page, figure: Locator, width: int, dark: bool) -> None:
    expect(figure.locator(".main-svg").first).to_have_css("background-color", PAPER[dark])
    shown = figure.evaluate("figure => figure.innerHTML")
    assert all(colour in shown for colour in OURS[dark])
    assert not re.search(r"rgb\(0, 0, [1-6]\)", shown), "a placeholder was left"
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.get_by_test_id("stMain").evaluate(WIDER) <= 0
    assert page.get_by_role("figure").filter(has=page.locator(".js-plotly-plot")).get_attribute("aria-label")


def test_pointing_tells_numbers_an_edit_beside_changes_nothing_and_another_network_does(open_page: OpenPage) -> None:
    page = open_page("/evaluate")
    figure = draw(page)
    point_at(figure, figure.locator(".bars .point").last, "90 to 100 %", "9,913 guesses", "99.79 %")
    zoomed = zoom(page, figure)
    page.locator('.confusion .cell[data-row="9"][data-col="4"]').click()
    expect(page.locator(".gallery .title")).to_contain_text("true 9, predicted 4")
    settle(page)
    assert ranges(figure) == zoomed
    label = figure.get_attribute("aria-label")
    network = page.get_by_role("combobox", name="Network")
    network.scroll_into_view_if_needed()
    settle(page)  # its list closes while the page scrolls
    network.click()
    page.get_by_role("option", name="conv_mnist").click()
    page.wait_for_url(re.compile("network=conv_mnist"))
    page.wait_for_function(OTHERS, arg=label)  # for a moment the old one stands beside the new one
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(1)


def test_the_legend_switches_a_run_off_and_zoom_outlives_an_edit(compared: str, open_page: OpenPage) -> None:
    page = open_page(compared)
    figure = draw(page)
    lines = figure.locator(".scatterlayer .trace")
    expect(lines).to_have_count(8)
    entries = figure.locator(".legend .traces")
    assert entries.all_text_contents() == ["learning rate 0.001", "learning rate 0.01"]
    figure.locator(".legendtoggle").first.click(force=True)
    expect(lines).to_have_count(4)
    told = ("learning rate 0.01", "epoch 1: accuracy on the test images 90 %")
    point_at(figure, lines.first.locator(".point").first, *told)
    zoomed = zoom(page, figure)
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("7")
    epochs.press("Enter")
    page.wait_for_url(re.compile("epochs=7"))
    settle(page)
    assert ranges(page.get_by_test_id("stPlotlyChart")) == zoomed
    expect(lines).to_have_count(4)
    the_axis_and_the_runs_stand_in_the_link(page, figure)


def the_axis_and_the_runs_stand_in_the_link(page: Page, figure: Locator) -> None:
    page.get_by_role("radio", name="Seconds").last.click()
    # all of them: for a moment the old one stands beside the new one
    expect(figure.locator(".xtitle")).to_have_text(["seconds of training"])
    expect(page).to_have_url(re.compile("compared_axis=seconds"))
    expect(page.get_by_role("region", name="Runs that are over").locator("tbody tr")).to_have_count(2)


def it_is_taken_along_as_drawing_picture_table_and_page(page: Page, figure: Locator, browser: Browser) -> None:
    text = saved(page, "SVG").read_text(encoding="utf-8")
    drawing = ElementTree.fromstring(text)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg" and "NaN" not in text
    assert figure.locator(".gtitle").first.text_content() in "".join(drawing.itertext())
    picture = Image.open(io.BytesIO(saved(page, "PNG").read_bytes()))
    box = figure.bounding_box()
    assert picture.format == "PNG" and box and abs(picture.width - 2 * box["width"]) <= 2
    rows = list(csv.reader(saved(page, "CSV").read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 4 and len({len(row) for row in rows}) == 1
    opens_offline(browser, saved(page, "HTML"))


def opens_offline(browser: Browser, file: Path) -> None:
    """The file draws its figure from disk, without a network."""
    context = new_context(browser)
    context.set_offline(True)
    page: Page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    html = file.with_suffix(".html")
    html.write_bytes(file.read_bytes())
    page.goto(html.as_uri())
    expect(page.locator(".js-plotly-plot .scatterlayer path").first).to_be_attached(timeout=60_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def test_pointing_tells_the_numbers_of_an_architecture_and_the_mode_bar_saves_too(open_page: OpenPage) -> None:
    page = open_page("/architectures")
    figure = draw(page)
    told = ("VGG-16", "2014", "92.3 %", "138,357,544 parameters", "15,470,264,320 MACs")
    point_at(figure, figure.locator(".point").nth(1), *told)
    names = figure.locator(".modebar-btn").evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert not {"Edit in Chart Studio", "Produced with Plotly.js"} & set(names) and figure.locator("a").count() == 0
    for button in ("SVG", "PNG"):
        saved(page, button)
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="Download plot as a PNG").click()
    assert waiting.value.suggested_filename == "cnnviz-accuracy-work-size.png"
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")

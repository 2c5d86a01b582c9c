"""A stage saved from its page: the file opens from disk without a network and does what the page does; SVG and PNG."""

from __future__ import annotations

import io
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from harness.browser import new_context
from harness.pages import PATIENCE, settle
from harness.server import Server, serve
from tests.browser.stage import OpenPage, Stage, open_stage

OpenFile = Callable[..., Page]
SVG = "{http://www.w3.org/2000/svg}"
BUBBLES = """
from cnnviz.ui.lessons.room.bubbles import bubbles

points = [
    {"id": name, "name": name, "x": 10 * n, "y": share, "area": n, "description": f"{name}: {share} %"}
    for n, (name, share) in enumerate([("Ada", 90), ("Alan", 95), ("Grace", 97)], 1)
]
bubbles("bubbles", points, "seconds of training", "best test accuracy", "Room ABCDEF")
"""


def save(page: Page, kind: str, around: str = "") -> Path:
    page.locator(f"{around} .save summary").click()
    with page.expect_download() as waiting:
        page.locator(f'{around} [data-save="{kind}"]').click()
    assert waiting.value.suggested_filename.endswith(f".{kind}")
    return Path(waiting.value.path())


@pytest.fixture
def open_file(browser: Browser, tmp_path: Path) -> Iterator[OpenFile]:
    """open_file(saved, width, height, dark) -> its page, from disk and offline; nothing may be asked of a network and
    no error be told."""
    problems: list[str] = []
    contexts = []

    def open_it(saved: Path, width: int = 1440, height: int = 900, dark: bool = False) -> Page:
        file = tmp_path / "saved.html"  # a download has no ending
        file.write_bytes(saved.read_bytes())
        context = new_context(browser, width, height, dark)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if local(request.url) else problems.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:"))


def paused(page: Page) -> Stage:
    stage = Stage(page)
    expect(page.locator(".stage .cell").first).to_be_visible()
    stage.action("play")
    expect(page.locator(".stage.playing")).to_have_count(0)
    return stage


def test_a_convolution_plays_steps_and_lights_up_without_a_server(open_page: OpenPage, open_file: OpenFile) -> None:
    page = open_stage(open_page, "/convolution?stride_h=2&padding_h=1&b=1x1_4")
    stage = paused(open_file(save(page.page, "html")))
    for plane in ("x0", "w0", "b0", "y0"):
        assert stage.values(plane) == page.values(plane)
    stage.press("Home", "ArrowRight", "ArrowRight")
    expect(stage.page.locator(".position")).to_have_text("3 of 9")
    stage.action("forward")
    expect(stage.page.locator(".position")).to_have_text("4 of 9")
    stage.page.locator(".speed select").select_option("10")
    stage.action("play")
    expect(stage.page.locator(".position")).to_have_text("9 of 9")
    stage.cell("y0", 1, 1).hover()
    assert stage.page.locator('.cell.in-window[data-plane="x0"]').count() == 9
    page.cell("y0", 1, 1).hover()
    assert stage.arithmetic.inner_text() == page.arithmetic.inner_text()
    stage.cell("w0", 0, 0).hover()
    expect(stage.arithmetic).to_contain_text("meets 9 input cells")


def test_the_file_is_saved_once_and_can_be_edited_and_the_page_goes_on(
    open_page: OpenPage, open_file: OpenFile
) -> None:
    stage = open_stage(open_page, "/pooling")
    downloads: list[str] = []
    stage.page.on("download", lambda download: downloads.append(download.suggested_filename))
    it_works_without_a_server(paused(open_file(save(stage.page, "html"))))
    stage.type("x0", 0, 0, "9")
    stage.expect_output("y0", 0, 0, "9")
    stage.page.emulate_media(color_scheme="dark")  # Streamlit hands over the data anew
    settle(stage.page, quiet=0.3)
    assert downloads == ["pooling.html"]
    assert "[9.0, " in save(stage.page, "html").read_text(encoding="utf-8")


def enter(stage: Stage, row: int, col: int, text: str) -> None:
    stage.cell("x0", row, col).click()
    stage.page.locator(".editor").fill(text)
    stage.page.keyboard.press("Enter")


def it_works_without_a_server(stage: Stage) -> None:
    enter(stage, 0, 0, "9")
    assert stage.values("y0") == ["9", "5", "5", "3"]
    enter(stage, 0, 1, "so")
    expect(stage.page.get_by_role("status")).to_contain_text("“so” is not a number")
    stage.page.get_by_label("Stride").fill("1")
    stage.page.keyboard.press("Enter")
    expect(stage.page.locator('.cell[data-plane="y1"]')).to_have_count(16)
    stage.page.get_by_label("Padding", exact=True).fill("7")
    stage.page.keyboard.press("Enter")
    expect(stage.page.get_by_role("status")).to_contain_text("Padding 7 does not go with the rest; it may be 0 to 1.")
    stage.page.get_by_label("Input: rows").fill("2")
    stage.page.keyboard.press("Enter")
    expect(stage.page.locator('.cell[data-plane="y0"]')).to_have_count(4)
    for _ in range(4):
        stage.page.get_by_role("button", name="Undo").click()
    expect(stage.page.get_by_role("status")).to_have_text("")
    assert stage.values("y0") == ["3", "5", "5", "3"]
    stage.page.locator(".save summary").click()
    kinds = stage.page.locator("[data-save]:visible").evaluate_all("all => all.map((one) => one.dataset.save)")
    assert kinds == ["svg", "png"]


def test_a_hidden_number_is_nowhere_in_a_file_that_is_edited(open_page: OpenPage, open_file: OpenFile) -> None:
    link = "/convolution?task=cell-1-1&x=3x3_97_0_0_0_31_0_0_0_53&w=3x3_7_0_0_0_11_0_0_0_13"
    stage = Stage(open_file(save(open_stage(open_page, link).page, "html")))
    enter(stage, 2, 2, "59")
    stage.expect_output("x0", 2, 2, "59")
    stage.expect_output("y0", 0, 0, "?")
    assert str(97 * 7 + 31 * 11 + 59 * 13) not in stage.page.locator(".stage").evaluate("stage => stage.outerHTML")
    assert stage.page.locator(".control").count() == 0


@pytest.mark.long(sample=1)
@pytest.mark.parametrize(("path", "width"), [("/channels", 1440), ("/pooling?padding_h=1", 390)])
def test_the_drawing_has_every_number_and_the_window(path: str, width: int, open_page: OpenPage) -> None:
    stage = open_stage(open_page, path, width=width, height=900 if width > 600 else 844, dark=width < 600)
    stage.press("Home", "ArrowRight")
    text = save(stage.page, "svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg" and "foreignObject" not in text
    assert "var(" not in text and "color(" not in text and "NaN" not in text
    written = Counter(one.text for one in root.iter(f"{SVG}text"))
    numbers = Counter(stage.page.locator(".cell .value").all_inner_texts())
    assert not numbers - written
    for term in stage.page.locator(".arithmetic .y").all_inner_texts():
        assert written[term]
    lines = [one for one in root.iter(f"{SVG}rect") if one.get("stroke") == "#e69f00" and one.get("rx") == "4"]
    frames = stage.page.locator(".window:visible")
    assert len(lines) == frames.count() > 0
    box = frames.first.bounding_box()
    assert box and {float(lines[0].get("width", 0)) + 3} == {box["width"]}


def test_the_drawing_is_the_page_and_the_picture_the_drawing(open_page: OpenPage, open_file: OpenFile) -> None:
    stage = open_stage(open_page, "/convolution")
    stage.press("Home")
    text = save(stage.page, "svg").read_text(encoding="utf-8")
    picture = save(stage.page, "png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    size = struct.unpack(">II", picture[16:24])
    root = ElementTree.fromstring(text)
    assert size == (2 * int(root.get("width", "0")), 2 * int(root.get("height", "0")))
    left, top = map(float, root.get("viewBox", "").split()[:2])
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    home = stage.page.locator(".stage").bounding_box()
    assert home
    for plane, row, col in [("w0", 0, 0), ("w0", 0, 1), ("x0", 4, 0), ("x0", 0, 0)]:
        box = stage.cell(plane, row, col).bounding_box()
        assert box
        corner = 2 * (box["x"] - home["x"] - left + 7), 2 * (box["y"] - home["y"] - top + 7)
        shade = stage.cell(plane, row, col).evaluate("cell => getComputedStyle(cell).backgroundColor")
        parts = shade.removeprefix("color(srgb ").rstrip(")").split()[:3]
        wanted = [round(255 * float(part)) for part in parts]
        seen = image.getpixel((round(corner[0]), round(corner[1])))
        assert max(abs(a - b) for a, b in zip(seen, wanted)) <= 2, (plane, row, col, seen, shade)


def test_a_network_is_followed_in_its_file(open_page: OpenPage, open_file: OpenFile) -> None:
    saved = save(open_page("/shapes?network=resnet18&channels=3&height=224&width=224"), "html")
    page = open_file(saved, dark=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"
    expect(page.locator(".item")).to_have_count(10)
    page.locator(".diagram").focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".bracket")).to_have_text("− layer1")
    page.locator(".item", has_text="avgpool").hover()
    expect(page.locator(".description .title")).to_contain_text("512 × 7 × 7 → 512 × 1 × 1")


def test_a_filtered_picture_is_read_in_its_file(open_page: OpenPage, open_file: OpenFile) -> None:
    here = open_page("/filters")
    expect(here.locator(".arithmetic")).to_contain_text("Convolved [73, 95] = 70·(−1)")
    drawn = ElementTree.fromstring(save(here, "svg").read_text(encoding="utf-8"))
    assert len([one for one in drawn.iter(f"{SVG}image") if one.get("href", "").startswith("data:image/png")]) == 4
    page = open_file(save(here, "html"), width=390, height=844)
    expect(page.locator(".arithmetic")).to_contain_text("Convolved [73, 95] = 70·(−1)")
    page.locator('.area[data-stage="convolved"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".arithmetic")).to_contain_text("Convolved [73, 96]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture(scope="module")
def bubbles_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a page with nothing but bubbles on it."""
    folder = tmp_path_factory.mktemp("bubbles")
    (folder / "page.py").write_text(BUBBLES)
    with serve(str(folder / "page.py"), folder=folder) as running:
        yield running


def test_bubbles_tell_their_numbers_by_mouse_and_keys_and_in_their_file(
    bubbles_alone: Server, open_page: OpenPage, open_file: OpenFile
) -> None:
    page = open_page("/", dark=True, on=bubbles_alone)
    told = page.locator(".bubbles .description")
    expect(told).to_have_text("Grace: 97 %")
    page.locator(".bubbles circle").nth(1).hover()
    expect(told).to_have_text("Alan: 95 %")
    page.locator(".bubbles").focus()
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text("Ada: 90 %")
    assert save(page, "png", ".bubbles").read_bytes().startswith(b"\x89PNG")
    file = open_file(save(page, "html", ".bubbles"))
    expect(file.locator("h1")).to_have_text("Room ABCDEF")
    file.locator(".bubbles circle").nth(1).hover()
    expect(file.locator(".description")).to_have_text("Alan: 95 %")


def test_on_a_phone_the_file_and_the_menu_fit(open_page: OpenPage, open_file: OpenFile) -> None:
    here = open_stage(open_page, "/channels", width=390, height=844)
    here.page.locator(".save summary").click()
    box = here.page.locator(".kinds").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    here.page.keyboard.press("Escape")
    expect(here.page.locator(".kinds")).to_be_hidden()
    page = open_file(save(here.page, "html"), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator(".transport")).to_be_in_viewport(ratio=1)

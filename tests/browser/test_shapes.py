"""The Shapes page in a browser: hover, keys, play, folding, mending, saving, own text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import quote

from playwright.sync_api import Page, expect

from harness.pages import open_path, settle
from harness.server import Server
from tests.browser.panel import train, until_done
from tests.browser.stage import OpenPage


def told(page: Page) -> str:
    return page.locator(".diagram .description").first.inner_text()


def test_hover_click_and_keys_read_the_steps(open_page: OpenPage, elsewhere: Server) -> None:
    page = open_page("/shapes")
    panel = page.locator(".diagram .description")
    expect(panel).to_contain_text("parameters: (5 × 5 × 1 + 1) × 6 = 156")
    page.locator(".diagram").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(panel).to_contain_text("(5 × 5 × 6 + 1) × 16 = 2,416")
    page.locator(".item", has_text="fc1").hover()
    expect(panel).to_contain_text("(400 + 1) × 120 = 48,120")
    page.mouse.move(5, 5)
    expect(panel).to_contain_text("2,416")
    page.locator(".item", has_text="fc3").click()
    expect(panel).to_contain_text("850")
    page.wait_for_url("**step=fc3*")
    again = open_page(page.url[page.url.index("/shapes") :], on=elsewhere)
    expect(again.locator(".diagram .description")).to_contain_text("850")


def test_it_plays_and_is_saved_as_a_drawing_a_picture_and_a_table(open_page: OpenPage) -> None:
    page = open_page("/shapes", dark=True)
    the_diagram_is_saved_as_svg_and_png(page)
    play_goes_through_the_network(page)
    the_table_unfolds_and_is_saved(page)


def the_diagram_is_saved_as_svg_and_png(page: Page) -> None:
    for kind in ("svg", "png"):
        with page.expect_download() as waiting:
            page.locator(".save summary").click()
            page.locator(f'[data-save="{kind}"]').click()
        data = waiting.value.path().read_bytes()
        if kind == "png":
            assert data.startswith(b"\x89PNG") and len(data) > 5000
        else:
            root = ElementTree.fromstring(data.decode())
            assert root.tag.endswith("svg") and "conv1" in data.decode() and b"var(" not in data


def play_goes_through_the_network(page: Page) -> None:
    page.locator('.transport [data-action="start"]').click()
    page.locator(".speed select").select_option("10")
    page.locator('.transport [data-action="play"]').click()
    expect(page.locator(".position")).to_have_text("9 of 9")
    expect(page.locator(".item.chosen .name")).to_have_text("fc3")
    expect(page.locator('.transport [data-action="play"]')).to_have_attribute("aria-label", "Play")


def the_table_unfolds_and_is_saved(page: Page) -> None:
    page.get_by_text("As a table, as text to change, as a file").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settle(page)  # the button beside it is drawn anew when the run is over
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as CSV").click()
    line = 'conv2,Conv2d,pool1,6 × 14 × 14,16 × 10 × 10,5 × 5,"weight 16 × 6 × 5 × 5, bias 16",2416,240000'
    assert line in waiting.value.path().read_text()


def test_a_deep_network_unfolds_and_folds(open_page: OpenPage) -> None:
    page = open_page("/shapes?network=resnet152")
    expect(page.locator(".item")).to_have_count(10)
    page.locator(".item.fold", has_text="layer3").click()
    expect(page.locator(".item")).to_have_count(45)
    expect(page.locator(".bracket")).to_have_text("− layer3")
    page.locator(".item.fold").nth(2).click()
    expect(page.locator(".item.joint")).to_have_count(1)
    expect(page.locator(".arc")).to_have_count(0)  # its first block has a convolution in its shortcut, not an arc
    page.locator(".item.fold").nth(2).click()
    expect(page.locator(".arc")).to_have_count(1)
    page.locator(".bracket").first.click()
    expect(page.locator(".item")).to_have_count(10)
    page.locator(".diagram").focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".bracket")).to_have_text("− layer1")
    page.keyboard.press("Escape")
    expect(page.locator(".bracket")).to_have_count(0)


def test_branches_stand_under_one_another(open_page: OpenPage) -> None:
    page = open_page("/shapes?network=googlenet")
    page.locator(".item.fold", has_text="inception3a").click()
    grounds = [page.locator(".item", has_text=f"branch{n}").first.locator(".ground") for n in (1, 2, 3, 4)]
    tops = [float(ground.get_attribute("y") or 0) for ground in grounds]
    assert tops == sorted(set(tops)) and len({ground.get_attribute("x") for ground in grounds}) == 1


def test_a_break_is_shown_explained_and_mended(open_page: OpenPage) -> None:
    page = open_page("/shapes?network=lenet5_padded")
    expect(page.locator(".item.broken")).to_have_count(1)
    expect(page.locator(".description")).to_contain_text(
        "fc1 expects 400 features, but flatten delivers 16 × 8 × 8 = 1,024 after pool2."
    )
    page.get_by_role("button", name="Use Linear(1024, 120)").click()
    settle(page)
    expect(page.locator(".item.broken")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Your network")).to_have_value(
        "nn.Sequential(OrderedDict([\n"
        '    ("conv1", nn.Conv2d(1, 6, 5, padding=2)),\n'
        '    ("relu1", nn.ReLU()),\n'
        '    ("pool1", nn.MaxPool2d(2)),\n'
        '    ("conv2", nn.Conv2d(6, 16, 5, padding=2)),\n'
        '    ("relu2", nn.ReLU()),\n'
        '    ("pool2", nn.MaxPool2d(2)),\n'
        '    ("flatten", nn.Flatten()),\n'
        '    ("fc1", nn.Linear(1024, 120)),\n'
        '    ("relu3", nn.ReLU()),\n'
        '    ("fc2", nn.Linear(120, 84)),\n'
        '    ("relu4", nn.ReLU()),\n'
        '    ("fc3", nn.Linear(84, 10)),\n'
        "]))"
    )


def test_ones_own_network_is_in_the_link(open_page: OpenPage, elsewhere: Server) -> None:
    page = open_page("/shapes?network=own_text")
    box = page.get_by_role("textbox", name="Your network")
    box.fill("nn.Sequential(nn.Conv2d(1, 2, 3), oops)")
    box.press("Control+Enter")
    expect(page.locator(".source .why")).to_contain_text("Line 1, column 35: a layer such as nn.ReLU() is wanted")
    expect(box).to_have_value("nn.Sequential(nn.Conv2d(1, 2, 3), oops)")
    box.fill("nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 26 * 26, 4))")
    box.press("Control+Enter")
    expect(page.locator(".item")).to_have_count(4)
    page.wait_for_url("**text=*")
    again = open_page(page.url[page.url.index("/shapes") :], on=elsewhere)
    expect(again.locator(".item")).to_have_count(4)
    assert told(again)


def test_ones_own_network_is_trained_and_reads_digits(open_page: OpenPage) -> None:
    text = "nn.Sequential(nn.Conv2d(1,4,5,stride=2),nn.ReLU(),nn.Flatten(),nn.Linear(4*12*12,10))"
    page = open_page(f"/shapes?network=own_text&text={quote(text)}")
    page.get_by_text("As a table, as text to change, as a file").click()
    page.get_by_role("link", name="Train it on digits").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Your network")).to_have_value(re.compile("Linear\\(576, 10\\)"))
    open_path(page, f"{page.url}&epochs=1&subset=600")
    until_done(page, train(page))
    expect(page.get_by_text(re.compile("^Your own text on mnist.* classified correctly"))).to_be_visible()
    page.get_by_role("link", name="Draw a digit for this network").click()
    expect(page.locator(".reader .about")).to_contain_text("mnist, 1 epoch")


def test_a_text_that_is_no_network_is_not_trained(open_page: OpenPage) -> None:
    page = open_page("/train?network=own_text&text=nn.Sequential(oops)")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Line 1, column 15: a layer such as nn.ReLU() is wanted")
    expect(page.get_by_role("textbox", name="Your network")).to_have_value("nn.Sequential(oops)")


def test_on_a_phone_the_diagram_scrolls_and_not_the_page(open_page: OpenPage) -> None:
    page = open_page("/shapes?network=resnet18", width=390, height=844)
    expect(page.locator(".item").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.locator(".item", has_text="maxpool").first.tap()
    expect(page.locator(".description")).to_contain_text("Of each window the largest number stays")

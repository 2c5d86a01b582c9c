"""The text box in a browser: keys, marks, files, and that nothing that is typed is lost."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage
from tests.browser.test_accessible import finds_nothing_serious

OWN = "/shapes?network=own_text"
FITS = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))"
DEEP = "nn.Sequential(\n" + "    nn.ReLU(),\n" * 60 + "    oops,\n" + "    nn.ReLU(),\n" * 20 + ")"
PASTE = "text => navigator.clipboard.writeText(text)"
PLACE = """area => {
    const field = area.closest('.field'), one = name => field.querySelector(name).getBoundingClientRect();
    const box = area.getBoundingClientRect(), [tint, under] = [one('.tint'), one('.under')];
    return { seen: tint.top >= box.top && tint.bottom <= box.bottom && under.left >= box.left
        && under.right <= box.right, left: under.left - box.left + area.scrollLeft, row: tint.height,
        top: tint.top - box.top + area.scrollTop, under: under.top - tint.top };
}"""


def area(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Your network")


def read(page: Page, text: str) -> Locator:
    """Have the box read a text."""
    box = area(page)
    box.fill(text)
    box.press("Control+Enter")
    settle(page)
    return box


def caret(box: Locator) -> list[int]:
    found: list[int] = box.evaluate("one => [one.selectionStart, one.selectionEnd]")
    return found


def why(page: Page) -> Locator:
    return page.locator(".source .why")


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("path", ["/shapes", "/train"])
def test_it_reads_a_moment_after_the_last_key_and_marks_what_is_wrong(open_page: OpenPage, path: str) -> None:
    page = open_page(f"{path}?network=own_text")
    box = area(page)
    expect(box).to_have_attribute("aria-invalid", "false")
    box.fill("")
    box.press_sequentially("nn.Sequential(oops)")
    expect(why(page)).to_contain_text("Line 1, column 15")
    expect(box).to_be_focused()
    expect(box).to_have_value("nn.Sequential(oops)")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".source .numbers b")).to_have_text("1")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    described = box.get_attribute("aria-describedby") or ""
    assert "why" in described.split() and "hint" in described.split()
    box.press("Control+a")
    box.press_sequentially(FITS)
    expect(page.locator(".source .trouble")).to_be_hidden()
    expect(box).to_have_attribute("aria-invalid", "false")
    page.wait_for_url("**text=*")


def test_the_mark_stands_under_its_column_and_is_scrolled_to(open_page: OpenPage) -> None:
    page = open_page(OWN)
    box = read(page, DEEP)
    expect(page.locator(".source .numbers b")).to_have_text("62")
    place = box.evaluate(PLACE)
    wide = page.locator(".source .ruler").evaluate("one => (one.textContent = 'x'.repeat(100), one.offsetWidth) / 100")
    assert place["seen"] and place["under"] == 0
    assert place["top"] == pytest.approx(10 + 61 * place["row"], abs=1)
    assert place["left"] == pytest.approx(12 + 4 * wide, abs=1)
    numbers = page.locator(".source .numbers").inner_text().split()
    assert "62" in numbers and "1" not in numbers and len(numbers) < 20
    box.evaluate("one => one.scrollTo(0, 0)")
    page.get_by_role("button", name="Go to line 62").click()
    expect(box).to_be_focused()
    assert caret(box) == [DEEP.index("oops")] * 2 and box.evaluate(PLACE)["seen"]
    far = read(page, f"nn.Sequential({'nn.ReLU(), ' * 40}oops)")
    assert far.evaluate(PLACE)["seen"] and far.evaluate("one => one.scrollLeft") > 0


def test_who_types_is_not_taken_away_from_the_line(open_page: OpenPage) -> None:
    page = open_page(OWN)
    box = area(page)
    box.fill(DEEP)
    box.press("Control+Home")
    box.press("End")
    box.press_sequentially("  # ")
    expect(page.locator(".source .trouble")).to_be_visible()
    settle(page)
    assert box.evaluate("one => one.scrollTop") < 20
    box.press_sequentially("layers")
    box.blur()  # read at once, and no longer typed into
    expect(page.locator(".source .numbers b")).to_have_text("62")


def test_a_mark_goes_with_the_line_that_it_was_made_for(open_page: OpenPage) -> None:
    page = open_page(OWN)
    box = read(page, "nn.Sequential(\n    oops)")
    marks = page.locator(".source .marks")
    expect(marks).to_be_visible()
    box.press("Control+Home")
    box.press_sequentially("x")
    expect(marks).to_be_visible()
    box.press("Control+End")
    box.press_sequentially("x")
    assert marks.is_hidden()


def test_keys_indent_and_escape_lets_tab_leave(open_page: OpenPage) -> None:
    page = open_page(OWN)
    box = area(page)
    box.fill("")
    box.press_sequentially("nn.Sequential(")
    box.press("Enter")
    box.press_sequentially("nn.ReLU(),")
    box.press("Enter")
    box.press_sequentially("nn.Flatten()")
    expect(box).to_have_value("nn.Sequential(\n    nn.ReLU(),\n    nn.Flatten()")
    box.press("Control+a")
    box.press("Tab")
    expect(box).to_have_value("    nn.Sequential(\n        nn.ReLU(),\n        nn.Flatten()")
    box.press("Shift+Tab")
    box.press("Shift+Tab")
    expect(box).to_have_value("nn.Sequential(\nnn.ReLU(),\nnn.Flatten()")
    box.press("Control+z")
    box.press("Control+z")
    expect(box).to_have_value("    nn.Sequential(\n        nn.ReLU(),\n        nn.Flatten()")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(page.locator(".source .said")).to_have_text(re.compile("Tab"))
    box.press("Tab")
    expect(box).not_to_be_focused()
    box.focus()
    box.press("Escape")
    box.press("Shift+Tab")
    expect(box).not_to_be_focused()


def test_what_is_typed_while_an_answer_is_on_its_way_stays(open_page: OpenPage, server: Server) -> None:
    page = open_page(OWN)
    box = area(page)
    box.fill("nn.Sequential(")
    with server.held():
        box.press("Control+Enter")
        box.press_sequentially("nn.Flatten(), nn.Linear(784, 10)")
    box.press_sequentially(")")
    settle(page)
    expect(page.locator(".item")).to_have_count(3)
    expect(box).to_have_value(FITS)
    assert caret(box) == [len(FITS)] * 2


def test_a_fix_takes_the_place_of_the_text_and_is_undone(open_page: OpenPage) -> None:
    page = open_page(OWN)
    broken = "nn.Sequential(nn.Flatten(), nn.Linear(700, 10))"
    box = read(page, broken)
    page.get_by_role("button", name="Use Linear(784, 10)").click()
    expect(box).to_have_value(re.compile(r"Linear\(784, 10\)"))
    settle(page)
    expect(page.locator(".item.broken")).to_have_count(0)
    mended = box.input_value()
    box.focus()
    box.press("Control+z")
    expect(box).to_have_value(broken)
    expect(page.locator(".item.broken")).to_have_count(1)
    box.press("Control+Shift+z")
    expect(box).to_have_value(mended)
    expect(page.locator(".item.broken")).to_have_count(0)
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="Your own text").click()
    settle(page)
    expect(box).to_have_value(mended)


def test_a_text_survives_another_network(open_page: OpenPage) -> None:
    page = open_page(OWN)
    read(page, FITS)
    for name in ("LeNet-5", "Your own text"):
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option", name=name, exact=True).click()
        settle(page)
    expect(area(page)).to_have_value(FITS)


def test_a_large_text_is_pasted_quickly_and_one_that_is_too_long_is_not_sent(open_page: OpenPage) -> None:
    page = open_page(OWN)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    line = "    nn.Conv2d(8, 8, 3, padding=1),  # a line\n"
    large = (line * 3000)[:100_000]
    page.evaluate(PASTE, large)
    box = area(page)
    box.evaluate(
        """one => {
            one.addEventListener('beforeinput', () => { window.began = performance.now(); });
            one.addEventListener('input', () => {
                one.getBoundingClientRect();
                window.took = performance.now() - window.began;
            });
        }"""
    )
    box.press("Control+a")
    box.press("Control+v")
    expect(box).to_have_value(large)
    assert page.evaluate("window.took") < 1500
    box.press("Control+Enter")  # it is read, so that to take back what comes next is nothing new
    settle(page)
    box.press("End")
    box.press_sequentially("#")
    assert page.evaluate("window.took") < 150
    expect(page.locator(".source .notice")).to_contain_text("100,001")
    expect(box).to_have_attribute("aria-invalid", "true")
    box.press("Control+z")
    expect(page.locator(".source .notice")).to_be_hidden()
    expect(box).to_have_value(large)
    box.fill(FITS)
    expect(page.locator(".item")).to_have_count(3)


def as_file(name: str, text: str) -> Any:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def test_a_file_fills_the_box_and_is_undone(open_page: OpenPage) -> None:
    page = open_page(OWN)
    box = read(page, FITS)
    chooser = page.locator(".source input.file")
    code = {"cell_type": "code", "source": ["nn.Sequential(\n", "nn.ReLU())"]}
    cells = [{"cell_type": "markdown", "source": ["# Title"]}, code]
    chooser.set_input_files(as_file("net.ipynb", json.dumps({"cells": cells})))
    expect(box).to_have_value("nn.Sequential(\nnn.ReLU())")
    expect(page.locator(".item")).to_have_count(2)
    chooser.set_input_files(as_file("net.py", DEEP))
    expect(box).to_have_value(DEEP)
    expect(page.locator(".source .numbers b")).to_have_text("62")
    box.press("Control+z")
    expect(box).to_have_value("nn.Sequential(\nnn.ReLU())")
    long = "nn.Sequential(\n" + "    nn.ReLU(),\n" * 400 + ")"
    chooser.set_input_files(as_file("long.txt", long))
    expect(box).to_have_value(long)
    box.press("Control+z")
    expect(box).to_have_value("nn.Sequential(\nnn.ReLU())")
    chooser.set_input_files(as_file("net.py", "#" * 1_000_001))
    expect(page.locator(".source .notice")).to_contain_text("1,000,000")
    expect(box).to_have_value("nn.Sequential(\nnn.ReLU())")
    box.blur()  # what the undo has brought back is read, and what was said of the file stays
    expect(page.locator(".item")).to_have_count(2)
    settle(page)
    expect(page.locator(".source .notice")).to_contain_text("1,000,000")


def test_a_file_is_dropped_on_the_box(open_page: OpenPage) -> None:
    page = open_page(OWN)
    page.locator(".source .field").evaluate(
        """(field, text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], 'net.py'));
            for (const kind of ['dragover', 'drop'])
                field.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        FITS,
    )
    expect(area(page)).to_have_value(FITS)
    expect(page.locator(".item")).to_have_count(3)


def test_a_text_that_the_link_fixes_is_read_and_not_written(open_page: OpenPage) -> None:
    page = open_page(f"{OWN}&lock=text")
    box = area(page)
    assert not box.is_editable()
    before = box.input_value()
    box.press("Tab")
    expect(box).to_have_value(before)
    expect(page.get_by_role("button", name="Open a file")).to_be_disabled()


def test_on_a_phone_a_finger_reaches_all_of_it(open_page: OpenPage) -> None:
    page = open_page(OWN, width=390, height=844)
    box = read(page, "nn.Sequential(\n    oops)")
    for name in ("Go to line 2", "Open a file"):
        found = page.get_by_role("button", name=name).bounding_box()
        assert found and found["height"] >= 44 and found["x"] + found["width"] <= 390
    assert box.evaluate("one => Number.parseFloat(getComputedStyle(one).fontSize)") >= 16
    around, inside = page.locator(".source .field").bounding_box(), box.bounding_box()
    assert around and inside and inside["width"] > 300 and around["x"] + around["width"] <= 390
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_axe_finds_nothing_serious_in_a_box_with_a_mark(open_page: OpenPage) -> None:
    page = open_page(f"{OWN}&text=nn.Sequential(oops)")
    expect(why(page)).to_contain_text("Line 1, column 15")
    finds_nothing_serious(page, True)

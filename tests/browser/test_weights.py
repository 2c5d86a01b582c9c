"""Weights come back to the network that was pasted: brought on Shapes, drawn with, looked into, measured, removed."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
import safetensors.torch
import torch
from playwright.sync_api import Page, expect
from torch import nn

from harness.pages import settle
from tests.browser.stage import OpenPage

TEXT = "nn.Sequential(nn.Conv2d(1, 2, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))"
LINK = f"/shapes?{urlencode({'network': 'own_text', 'text': TEXT})}"


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))


def opened(open_page: OpenPage, **look: object) -> Page:
    page: Page = open_page(LINK, **look)
    page.get_by_text("Bring its weights", exact=True).click()
    expect(page.get_by_text("save_file(weights")).to_be_visible()
    return page


def bring(page: Page, path: Path, tensors: dict[str, torch.Tensor]) -> None:
    safetensors.torch.save_file(tensors, path)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)


def test_weights_are_brought_and_stand_beside_the_shipped_ones(open_page: OpenPage, tmp_path: Path) -> None:
    page = opened(open_page)
    bring(page, tmp_path / "net.safetensors", {f"module.{key}": one for key, one in network().state_dict().items()})
    expect(page.get_by_text("The prefix module. is taken off all 4 names")).to_be_visible()
    settle(page)  # the button is drawn anew when the run is over, and a click on the one before is lost
    page.get_by_role("button", name="Keep it").click()
    row = page.get_by_text(re.compile(r"Yours: 10 classes of 1 × 28 × 28"))
    expect(row).to_be_visible()
    shown, before = (("Draw", ".pad"), ("Inside", ".maps canvas"), ("Evaluate", ".gallery")), page.url
    links = [page.get_by_role("link", name=name, exact=True).last.evaluate("one => one.href") for name, _ in shown]
    for link, (_, there) in zip(links, shown, strict=True):
        page.goto(str(link))
        expect(page.locator(there).first).to_be_visible()
        settle(page)
        expect(page.get_by_role("combobox", name="Network").first).to_have_value(re.compile("Yours: 10 classes"))
    page.goto(before)
    settle(page)
    expect_open(page)
    settle(page)
    page.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def expect_open(page: Page) -> None:
    """The panel, opened again where the page was loaded anew."""
    if not page.get_by_text("save_file(weights").is_visible():
        page.get_by_text("Bring its weights", exact=True).click()
    expect(page.get_by_text("save_file(weights")).to_be_visible()


@pytest.mark.long(sample=1)
@pytest.mark.parametrize("width", [1440, 390])
def test_names_that_differ_stand_side_by_side_and_a_pickle_is_told_why(
    open_page: OpenPage, tmp_path: Path, width: int
) -> None:
    page = opened(open_page, width=width, height=900)
    own = network().state_dict()
    bring(page, tmp_path / "net.safetensors", {"conv1.weight": own["0.weight"], "conv1.bias": own["0.bias"]})
    table = page.get_by_role("region", name="Tensors that do not match")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(table.get_by_role("row").nth(1)).to_contain_text(re.compile("0.bias.*conv1.bias|0.weight.*conv1.weight"))
    expect(table.get_by_role("row").nth(4)).to_contain_text("missing")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    (tmp_path / "net.pt").write_bytes(b"\x80\x02")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(tmp_path / "net.pt")
    expect(page.get_by_text("is a pickle, as torch.save writes it")).to_be_visible()
    expect(table).to_have_count(0)

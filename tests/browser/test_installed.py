"""The app as the wheel brings it, in a browser: its scripts, styles and pages have travelled with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cnnviz.lessons.convolution.settings import Convolution
from harness.server import Server
from tests.browser.stage import Stage
from tests.installed import build, served, unpack

OpenPage = Callable[..., Page]


@pytest.fixture
def installed_app(tmp_path: Path) -> Iterator[Server]:
    with served(unpack(build(tmp_path / "wheel"), tmp_path / "installed")) as running:
        yield running


def test_home_and_a_link_are_drawn(installed_app: Server, open_page: OpenPage) -> None:
    home = open_page("/", on=installed_app)
    outputs = Convolution().compute().output.ravel().tolist()
    assert [float(text) for text in Stage(home).values("y0")] == outputs
    home.get_by_role("link", name="Convolution", exact=True).first.click()
    expect(home.get_by_role("heading", name="Convolution", exact=True)).to_be_visible()
    linked = open_page("/convolution?stride_h=2", on=installed_app, width=390, height=844)
    assert [float(text) for text in Stage(linked).values("y0")] == outputs[::2][:2] + outputs[6::2]

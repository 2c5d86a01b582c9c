"""What a reader sees where a page fails: the app's own entry, in front of pages that do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from harness.browser import Profiles
from harness.server import ROOT, Server, serve

HOME = """
import streamlit as st

st.title("Before")
if st.button("Fail", key="whole"):
    raise KeyError("the reason")
st.button("Fail in a callback", key="callback", on_click=lambda: 1 / 0)

@st.fragment
def part():
    if st.button("Fail in a part", key="part"):
        raise RuntimeError("another reason")

part()
st.text("After")
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("failing")
    shutil.copy(ROOT / "app.py", folder)
    (folder / "home.py").write_text(HOME)
    with serve(str(folder / "app.py"), folder) as server:
        yield server


def clicked(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()
    expect(page.get_by_text("Something went wrong on this page")).to_be_visible()
    expect(page.get_by_text("reason")).to_have_count(0)
    expect(page.get_by_text("encountered an error")).to_have_count(0)


def test_a_failing_page_says_one_sentence_and_goes_on(failing: Server, profiles: Profiles) -> None:
    page: Any = profiles.page(failing.url, 1440, 900)
    try:
        page.goto(f"{failing.url}/?kept=1")
        for key, what in (("whole", "KeyError"), ("callback", "ZeroDivisionError"), ("part", "RuntimeError")):
            clicked(page, key)
            assert what in Path(failing.log).read_text()  # whoever serves the app finds it there
            if key == "part":  # the rest of the page stays as it is
                expect(page.get_by_text("After")).to_be_visible()
            page.get_by_role("link", name="Load this page again").click()
            expect(page.get_by_text("After")).to_be_visible()
            expect(page.get_by_text("Something went wrong")).to_have_count(0)
            assert page.url == f"{failing.url}/?kept=1"
        clicked(page, "whole")
        page.get_by_role("link", name="Begin it anew").click()
        expect(page.get_by_text("After")).to_be_visible()
        assert page.url == f"{failing.url}/?"
    finally:
        page.close()

"""What a running server sends before any page runs, and what a browser makes of it."""

from __future__ import annotations

import gzip
import re

from playwright.sync_api import Route, expect

from cnnviz.ui.shell import first_picture
from harness.pages import settle
from harness.server import Server
from tests.browser.stage import OpenPage
from tests.browser.test_security import ask

SCRIPTS = re.compile("/static/js/")
# the files of components that the page has fetched, and how many bytes came over the line for each
COMPONENTS = """() => performance.getEntriesByType("resource").filter((one) => one.name.includes("/bidi-components/"))
    .map((one) => [new URL(one.name).pathname, one.transferSize])"""

SCRIPTED = """() => performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname)
    .filter((path) => /\\.(js|css)$/.test(path))"""


def test_scripts_go_out_compressed_and_last_and_the_page_names_what_may_run(server: Server) -> None:
    status, headers, body = ask(server, "GET", "/convolution", Accept="text/html")
    assert status == 200 and first_picture.html().encode() in body
    assert "script-src 'self' 'sha256-" in headers["content-security-policy"]
    named = re.findall(rb'"\./(static/(?:js|css)/[^"]+)"', body)
    assert len(named) > 20
    for path in {one.decode() for one in named}:
        status, found, packed = ask(server, "GET", f"/{path}", Accept_Encoding="gzip")
        assert status == 200 and found["content-encoding"] == "gzip" and "immutable" in found["cache-control"]
        assert gzip.decompress(packed) == ask(server, "GET", f"/{path}")[2]
        assert found["x-content-type-options"] == "nosniff"


def test_the_first_picture_stands_until_the_app_has_come(open_page: OpenPage) -> None:
    page = open_page("/", ready=False)
    held: list[Route] = []
    let_through: list[bool] = []
    page.route(SCRIPTS, lambda route: route.continue_() if let_through else held.append(route))
    page.goto(page.url + "convolution", wait_until="commit")
    expect(page.get_by_text(first_picture.WORDS)).to_be_visible()
    assert page.locator(".first svg").bounding_box()["width"] > 300
    let_through.append(True)
    for route in held:
        route.continue_()
    settle(page)
    expect(page.get_by_text(first_picture.WORDS)).to_have_count(0)
    expect(page.locator(".stage .cell").first).to_be_visible()


def test_what_components_are_made_of_is_fetched_once_and_named_in_the_page(open_page: OpenPage, server: Server) -> None:
    page = open_page("/convolution")
    page.reload()
    settle(page)
    fetched = page.evaluate(COMPONENTS)
    assert len(fetched) > 10 and sum(size for _, size in fetched) == 0, fetched
    _, _, html = ask(server, "GET", "/convolution", Accept="text/html")
    named = set(re.findall(r'(?:href|src)="\./([^"]+)"', html.decode()))
    late = {
        path.rpartition("/")[2].partition(".")[0] for path in page.evaluate(SCRIPTED) if path.strip("/") not in named
    }
    assert late <= {"rehype-katex", "hastscript", "web-namespaces"}  # for formulas, which stand further down

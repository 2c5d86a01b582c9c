"""The labs: what stands in their files, where their links lead, and how the app serves them."""

import asyncio
import gzip
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.routing import Router

from cnnviz import lessons, links
from cnnviz.cli import main
from cnnviz.ui import labs
from cnnviz.ui.components import stage
from cnnviz.ui.core.store import Store
from cnnviz.ui.labs.routes import ROUTES
from harness.server import ROOT
from tests.ui.core.test_export import Parts, data_of

THERE = "https://cnnviz.example"


@pytest.fixture(scope="module")
def site() -> dict[str, str]:
    return dict(labs.pages(THERE))


def test_a_site_is_written_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labs", str(tmp_path / "build"), "--app", f"{THERE}/"]) == 0
    names = {path.name for path in (tmp_path / "build").iterdir()}
    assert names == {"index.html", "convolution.html", "channels.html", "pooling.html"}
    assert capsys.readouterr().out.count(".html") == 4
    index = Parts((tmp_path / "build" / "index.html").read_text(encoding="utf-8"))
    assert {value for name, value in index.attributes if name == "href"} == names - {"index.html"} | {f"{THERE}/"}
    assert index.tags.count("svg") == 8  # pooling has no kernel


@pytest.mark.parametrize("slug", labs.LABS)
def test_a_lab_opens_as_its_page_does_and_has_what_is_ready_made_there(site: dict[str, str], slug: str) -> None:
    data = data_of(site[f"{slug}.html"])
    kind, scene, presets = labs.LABS[slug]
    page = stage.scene_data(Store(slug, kind()), scene(kind(), kind().compute()))
    assert data["planes"] == json.loads(json.dumps(page["planes"]))
    assert data["history"] == {"undo": False, "redo": False, "example": False}
    assert list(data["lab"]["presets"]) == list(presets)
    assert list(data["lab"]["challenges"]) == list(lessons.find(slug).challenges)
    assert all(one["data"]["rule"] for one in data["lab"]["challenges"].values())


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("slug", labs.LABS)
def test_its_link_opens_the_same_state_in_the_app(site: dict[str, str], slug: str) -> None:
    lab, kind = data_of(site[f"{slug}.html"])["lab"], labs.LABS[slug][0]
    wanted = dict(labs.LABS[slug][2])
    wanted |= {name: values for name, (_, values) in lessons.find(slug).challenges.items()}
    stages = lab["presets"] | {name: one["data"] for name, one in lab["challenges"].items()}
    told = json.dumps([{**lab, "data": stages[name]} for name in wanted])
    done = subprocess.run(["node", "tests/js/lab_links.js"], cwd=ROOT, input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for address, values in zip(json.loads(done.stdout), wanted.values(), strict=True):
        assert address.startswith(f"{THERE}/{slug}?")
        state, notes = links.decode(kind, dict(parse_qsl(urlsplit(address).query)))
        assert notes == []
        assert shown(slug, state) == shown(slug, replace(kind(), **values))


def shown(slug: str, settings: Any) -> Any:
    """What the stage of its page shows, but for what is written where."""
    settings = settings.validated([])[0]
    data = stage.scene_data(Store(slug, settings), labs.LABS[slug][1](settings, settings.compute()))
    return {part: data[part] for part in ("planes", "taps", "outputs", "label")}


def get(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what the routes answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "app", **headers}.items()]
    scope = {"type": "http", "path": path, "method": "GET", "headers": asked, "query_string": b"", "scheme": "http"}
    asyncio.run(Router(ROUTES)({**scope, "root_path": ""}, asyncio.Event().wait, send))
    start, *parts = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(one.get("body", b"") for one in parts)


def test_the_app_serves_them() -> None:
    status, headers, _ = get("/labs")
    assert (status, headers["location"]) == (307, "/labs/")
    status, headers, body = get("/labs/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.decode() == labs.pages("..")["index.html"]
    status, headers, body = get("/labs/channels.html", accept_encoding="gzip, br")
    assert (headers["content-encoding"], headers["x-content-type-options"]) == ("gzip", "nosniff")
    assert gzip.decompress(body).decode() == labs.pages("..")["channels.html"]
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and policy.count("sha256-") == 2
    assert get("/labs/channels.html", if_none_match=f"W/{headers['etag']}")[::2] == (304, b"")
    assert get("/labs/nothing.html")[0] == get("/labs/../app.py")[0] == 404

"""How components reach the browser: how they are served, and what an update carries."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.ui.components import lines, stage
from cnnviz.ui.core import assets, component
from cnnviz.ui.core.assets import Assets
from tests.helpers import opened

MODULES = assets.all_modules()


# --- how they are served


BUNDLE = re.compile(
    r'^import \{ (use(?: as shared)?) \} from "\.\./cnnviz\.files/(modules\.[0-9a-f]{16}\.js)";$', re.MULTILINE
)


def test_the_entry_takes_all_modules_from_one_file() -> None:
    entry = component.entry(stage.ASSETS)
    (shared, first), (own, second) = BUNDLE.findall(entry)
    assert (shared, own) == ("use as shared", "use") and first == second
    html = json.dumps(stage.ASSETS.html)
    begin = f'shared("core/state.js").withState(use("components/stage/stage.js").mount, {html})'
    assert entry.endswith(f"export default {begin};\n")


def test_components_of_the_app_share_their_modules_and_one_from_elsewhere_brings_its_own() -> None:
    def files(found: Assets) -> list[str]:
        return [name for _, name in BUNDLE.findall(component.entry(found))]

    assert files(stage.ASSETS) == files(lines.ASSETS)
    own = Assets("own", "", "", "own.js", (("own.js", "export function mount() {}"),))
    assert files(own)[0] == files(stage.ASSETS)[0] != files(own)[1]


def names(found: Assets) -> list[str]:
    return [path.name for path in component._files(found) if path.parent.name == component.ENTRIES]


def test_what_has_changed_has_another_name() -> None:
    script, style = names(stage.ASSETS)
    assert re.fullmatch(r"stage\.[0-9a-f]{16}\.js", script) and re.fullmatch(r"stage\.[0-9a-f]{16}\.css", style)
    assert names(replace(stage.ASSETS)) == [script, style]
    assert names(replace(stage.ASSETS, css="b {}"))[0] == script != names(replace(stage.ASSETS, html="<b></b>"))[0]
    assert names(replace(stage.ASSETS, css="b {}"))[1] != style
    path, source = stage.ASSETS.modules[-1]
    assert names(replace(stage.ASSETS, modules=(*stage.ASSETS.modules[:-1], (path, f"{source}\n"))))[0] != script
    assert names(replace(stage.ASSETS, css="")) == [script]


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> BidiComponentManager:
    """A server's manager of components, without a server."""
    fresh = BidiComponentManager()
    for place in ("streamlit.components.v2", "streamlit.components.v2.get_bidi_component_manager"):
        monkeypatch.setattr(import_module(place), "get_bidi_component_manager", lambda: fresh)
    return fresh


def test_sessions_that_come_at_once_register_a_component_once(
    manager: BidiComponentManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = []
    register = component._register
    monkeypatch.setattr(component, "_register", lambda *given: registered.append(given) or register(*given))
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: component._renderer(stage.ASSETS), range(32)))
    assert len(found) == len(registered) == 1
    known = manager.get("cnnviz.stage")
    assert known and [known.js_url, known.css_url] == names(stage.ASSETS) and known.html == component.HTML
    component._renderer(lines.ASSETS)
    assert manager.get("cnnviz.stage") is known, "it stays as it was when another one comes"


def test_its_files_lie_where_its_entry_asks_for_them(manager: BidiComponentManager) -> None:
    component._renderer(stage.ASSETS)
    entries, files = (Path(str(manager.get_component_path(f"cnnviz.{name}"))) for name in ("stage", "files"))
    script, style = ((entries / name).read_text(encoding="utf-8") for name in names(stage.ASSETS))
    assert script == component.entry(stage.ASSETS) and style == stage.ASSETS.css
    (_, bundle), _ = BUNDLE.findall(script)
    assert (files / bundle).read_text(encoding="utf-8") == assets.bundle(MODULES)


def test_a_browser_is_told_of_what_a_page_has_drawn(
    manager: BidiComponentManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(component, "_drawn", {"page": {stage.ASSETS: None, lines.ASSETS: None}})
    assert component.addresses("elsewhere") == []
    for one in (stage.ASSETS, lines.ASSETS):
        component._renderer(one)
    (bundle,) = {name for _, name in BUNDLE.findall(component.entry(stage.ASSETS))}
    entries = [f"cnnviz.{one.name}/{name}" for one in (stage.ASSETS, lines.ASSETS) for name in names(one)]
    assert sorted(component.addresses("page")) == sorted([*entries, f"cnnviz.files/{bundle}"])
    next(path for path in component._files(lines.ASSETS) if path.suffix == ".css").unlink()
    assert not any("cnnviz.lines" in address for address in component.addresses("page"))  # it was swept away


def test_files_that_were_swept_away_come_back(manager: BidiComponentManager) -> None:
    component._renderer(stage.ASSETS)
    written = component._files(stage.ASSETS)
    for path in written:
        path.unlink()
    component._renderer(stage.ASSETS)
    assert all(path.is_file() for path in written)


# --- what an update carries


def protos(at: AppTest) -> dict[str, Any]:
    """What the components of a page were sent, by their names."""
    return {one.proto.component_name: one.proto for one in at.get("bidi_component")}


def message(proto: Any) -> int:
    """The bytes of the message that brings it."""
    sent = ForwardMsg()
    sent.delta.new_element.bidi_component.CopyFrom(proto)
    return sent.ByteSize()


def test_an_edit_brings_numbers_and_no_script() -> None:
    at = opened("convolution")
    edit = {"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": "9"}
    states = at._tree.get_widget_states()
    states.widgets.append(WidgetState(id=protos(at)["cnnviz.stage"].id, json_value=json.dumps({"edits": [edit]})))
    at._run(states)
    sent = protos(at)
    assert not at.exception and len(sent) >= 4
    for name, proto in sent.items():
        assert proto.js_content == proto.css_content == "" and proto.html_content == component.HTML
        assert re.fullmatch(rf"{name.removeprefix('cnnviz.')}\.[0-9a-f]{{16}}\.js", proto.js_source_path)
    assert json.loads(sent["cnnviz.stage"].json)["planes"]["x0"]["values"][0] == 9
    assert message(sent["cnnviz.stage"]) < 3_000
    assert sum(map(message, sent.values())) < 8_000


def test_what_a_component_sent_is_read_whatever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    for state, value in [({"cell": [1, 2]}, [1, 2]), ({}, None), (7, None), ("text", None), (None, None)]:
        monkeypatch.setattr(st, "session_state", {"key": state})
        assert component.sent("key", "cell") == value
    monkeypatch.setattr(st, "session_state", {})
    assert component.sent("key", "cell") is None

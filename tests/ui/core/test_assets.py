"""What components are in the browser: which files they are made of, how they are served, and what an update carries."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.ui.components import lines, stage
from cnnviz.ui.core import assets, component, theme
from cnnviz.ui.core.assets import Assets
from cnnviz.ui.lessons.filters import filter
from tests.helpers import PATIENCE, ROOT, opened, refused

COMPONENTS = sorted(
    path.parent.relative_to(assets.UI).as_posix() for path in assets.UI.rglob("*.js") if path.stem == path.parent.name
)
SHELL = {"presenter_bar", "share"}  # of the frame of a page, which nothing else shows
MODULES = assets.all_modules()
IMPORT = re.compile(r'^import \{\s*([^{}]*?),?\s*\} from "([^"]+)";$', re.MULTILINE)


def made_of(place: str) -> Assets:
    """The component in that folder of cnnviz/ui."""
    found: Assets = import_module(f"cnnviz.ui.{place.replace('/', '.')}").ASSETS
    return found


# --- what they are made of


@pytest.mark.parametrize("place", COMPONENTS)
def test_a_component_is_its_folder_and_what_that_names(place: str) -> None:
    found, name = made_of(place), place.rpartition("/")[2]
    folder = {path for path in MODULES if path.startswith(f"{place}/")}
    assert found.name == name and found.main == f"{place}/{name}.js"
    assert folder <= dict(found.modules).keys() and dict(found.modules).items() <= MODULES.items()
    assert re.search(r"^export function mount\(", dict(found.modules)[found.main], re.MULTILINE)
    assert "@import" not in found.css and "<!-- include" not in found.html


def test_what_is_imported_comes_first_and_once() -> None:
    paths = [path for path, _ in filter.ASSETS.modules]
    assert len(paths) == len(set(paths)) and paths[-1] == "lessons/filters/filter/filter.js"
    for path, source in filter.ASSETS.modules:
        for _, target in IMPORT.findall(source):
            imported = (assets.UI / path).parent.joinpath(target).resolve().relative_to(assets.UI).as_posix()
            assert paths.index(imported) < paths.index(path)
    assert {"core/numbers.js", "core/packed.js", "components/stage/edit.js"} < set(paths)
    assert "components/stage/stage.js" not in paths


def test_each_stylesheet_comes_once_after_what_it_imports() -> None:
    css = filter.ASSETS.css
    places = ("core/base", "core/transport", "core/save", "components/stage/stage", "lessons/filters/filter/filter")
    sheets = [(assets.UI / f"{place}.css").read_text(encoding="utf-8") for place in places]
    assert css.startswith(theme.css() + sheets[0])
    last_rules = [sheet.rstrip().rpartition("\n\n")[2] for sheet in sheets]
    assert [css.count(rules) for rules in last_rules] == [1] * 5 and last_rules == sorted(last_rules, key=css.index)


def test_markup_holds_what_it_includes() -> None:
    assert stage.ASSETS.html.count('class="transport"') == stage.ASSETS.html.count('<details class="save">') == 1
    assert filter.ASSETS.html.count('class="transport"') == 0


@pytest.mark.parametrize("path", MODULES)
def test_a_module_imports_what_there_is_and_what_it_uses(path: str) -> None:
    """biome and tsc see more; this holds without node, too."""
    source = MODULES[path]
    rest = IMPORT.sub("", source)
    for names, target in IMPORT.findall(source):
        there = MODULES[(assets.UI / path).parent.joinpath(target).resolve().relative_to(assets.UI).as_posix()]
        for name in re.split(r",\s*", names):
            assert re.search(rf"^export .*\b{name}\b", there, re.MULTILINE), f"{target} exports no {name}"
            assert re.search(rf"\b{name}\b", rest), f"{name} is not used"


def test_a_colour_of_the_base_is_named_there_alone() -> None:
    sheets = {path: path.read_text(encoding="utf-8") for path in assets.UI.rglob("*.css")}
    base = sheets.pop(assets.UI / assets.BASE)
    tokens = set(re.findall(r"(--[a-z-]+):", base))
    assert {"--faint", "--line", "--zero"} < tokens
    for path, sheet in sheets.items():
        assert not tokens & set(re.findall(r"(--[a-z-]+):", sheet)), path


def linear(colour: tuple[float, ...]) -> float:
    """The luminance of a colour of parts from 0 to 1 (WCAG 2.2, relative luminance)."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((linear(one), linear(other)))
    return (high + 0.05) / (low + 0.05)


def parsed(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))


def mixed(one: tuple[float, ...], other: tuple[float, ...], share: float) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(one, other))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_is_faint_can_be_read(mode: str) -> None:
    colours = {name: parsed(colour) for name, colour in theme.NEUTRAL[mode].items()}
    base = (assets.UI / assets.BASE).read_text(encoding="utf-8")
    share = int(re.search(r"--faint: color-mix\(in srgb, var\(--st-text-color\) (\d+)%", base)[1]) / 100
    page = colours["backgroundColor"]
    faint = mixed(colours["textColor"], page, share)
    padding, window = mixed(colours["textColor"], page, 0.05), mixed(parsed(theme.ROLES["window"]), page, 0.24)
    for ground in (page, colours["secondaryBackgroundColor"], padding, window):  # of stage.css
        assert contrast(faint, ground) >= 4.5


# --- what is refused


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for cnnviz/ui, with a component `one`."""
    monkeypatch.setattr(assets, "UI", tmp_path)
    for path, text in {
        "core/base.css": "b {}\n",
        "core/shared.js": "export const shared = 1;\n",
        "one/one.js": 'import { shared } from "../core/shared.js";\n\nexport function mount() { return shared; }\n',
        "one/one.css": '@import "../core/base.css";\n\ni {}\n',
        "one/one.html": "<p></p>\n",
        "elsewhere.txt": "",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_component_is_read(own: Path) -> None:
    found = assets.read(str(own / "one" / "__init__.py"))
    assert (found.name, found.html, found.main) == ("one", "<p></p>\n", "one/one.js")
    assert found.css == theme.css() + "b {}\n\ni {}\n"
    assert [path for path, _ in found.modules] == ["core/shared.js", "one/one.js"]


@pytest.mark.parametrize(
    "line",
    [
        'import { x } from "./nothing.js";',
        'import { x } from "../../../outside.js";',
        'import { x } from "core/shared.js";',
        'import { x } from "/core/shared.js";',
        'import { x } from "https://example.org/x.js";',
        "import { x } from '../core/shared.js';",
        'import { x } from "../core/shared.js"',
        'import x from "../core/shared.js";',
        'import * as x from "../core/shared.js";',
        'import "../core/shared.js";',
        'export { shared } from "../core/shared.js";',
        'const x = await import("../core/shared.js");',
        'import { mount } from "./one.js";',
    ],
)
def test_an_import_that_leads_nowhere_or_is_written_otherwise_names_its_file(line: str, own: Path) -> None:
    (own / "one" / "one.js").write_text(f"{line}\nexport function mount() {{}}\n")
    with refused("one/one.js"):
        assets.read(str(own / "one" / "__init__.py"))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("one.css", '@import "../core/nothing.css";\n'),
        ("one.css", '@import "../../outside.css";\n'),
        ("one.css", "@import url(../core/base.css);\n"),
        ("one.css", 'i {}\n@import "../core/base.css";\n'),
        ("one.html", "<!-- include ../core/nothing.html -->"),
        ("one.html", "<!-- include ../../outside.html -->"),
    ],
)
def test_what_a_stylesheet_or_markup_names_has_to_be_there(file: str, text: str, own: Path) -> None:
    (own / "one" / file).write_text(text)
    with refused(f"one/{file}"):
        assets.read(str(own / "one" / "__init__.py"))


def test_modules_that_import_one_another_are_refused(own: Path) -> None:
    (own / "core" / "shared.js").write_text('import { mount } from "../one/one.js";\n')
    with refused("one/one.js", "core/shared.js"):
        assets.read(str(own / "one" / "__init__.py"))


# --- how they are served


def test_the_entry_asks_for_every_module_at_once() -> None:
    entry = component.entry(stage.ASSETS)
    folder = f"../cnnviz.files/{assets.digest()}/"
    asked = [path.removeprefix(folder) for path in re.findall(r'^import .*?"(.*)";$', entry, re.MULTILINE)]
    paths = {path for path, _ in stage.ASSETS.modules}
    assert set(asked) == paths | {"core/base.js", "core/state.js"} and len(asked) == len(set(asked))
    assert f'import {{ mount }} from "{folder}components/stage/stage.js";' in entry
    assert entry.endswith(f"export default withState(mount, {json.dumps(stage.ASSETS.html)});\n")


def test_components_of_the_app_share_their_modules_and_one_from_elsewhere_brings_its_own() -> None:
    def folders(found: Assets) -> set[str]:
        return set(re.findall(r'"(\.\./cnnviz\.files/\w+)/', component.entry(found)))

    assert folders(stage.ASSETS) == folders(lines.ASSETS) and len(folders(stage.ASSETS)) == 1
    own = Assets("own", "", "", "own.js", (("own.js", "export function mount() {}"),))
    assert folders(stage.ASSETS) < folders(own) and len(folders(own)) == 2


def names(found: Assets) -> list[str]:
    return [path.name for path in component._entry_files(found)]


def test_what_has_changed_has_another_name() -> None:
    script, style = names(stage.ASSETS)
    assert re.fullmatch(r"stage\.[0-9a-f]{16}\.js", script) and re.fullmatch(r"stage\.[0-9a-f]{16}\.css", style)
    assert names(replace(stage.ASSETS)) == [script, style]
    assert names(replace(stage.ASSETS, css="b {}"))[0] == script != names(replace(stage.ASSETS, html="<b></b>"))[0]
    assert names(replace(stage.ASSETS, css="b {}"))[1] != style
    path, source = stage.ASSETS.modules[-1]
    assert names(replace(stage.ASSETS, modules=(*stage.ASSETS.modules[:-1], (path, f"{source}\n"))))[0] != script
    assert names(replace(stage.ASSETS, css="")) == [script]


@pytest.mark.parametrize("file", ["core/shared.js", "core/base.css", "one/one.html"])
def test_any_change_moves_all_modules(file: str, own: Path) -> None:
    before = assets.digest.__wrapped__()
    (own / file).write_text("changed")
    assert assets.digest.__wrapped__() != before
    (own / "elsewhere.txt").write_text("changed")
    assert len({assets.digest.__wrapped__() for _ in range(2)}) == 1


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
    for address in re.findall(r'^import .*?"(.*)";$', script, re.MULTILINE):
        path = address.removeprefix("../cnnviz.files/")
        assert (files / path).read_text(encoding="utf-8") == MODULES[path.partition("/")[2]]


def test_files_that_were_swept_away_come_back(manager: BidiComponentManager) -> None:
    component._renderer(stage.ASSETS)
    written = component._entry_files(stage.ASSETS)
    for path in written:
        path.unlink()
    component._renderer(stage.ASSETS)
    assert all(path.is_file() for path in written)


def test_the_files_go_when_the_process_ends() -> None:
    script = (
        "from cnnviz.ui.components import lines\n"
        "from cnnviz.ui.core import component\n"
        "component._write(lines.ASSETS)\n"
        "print(component._folder(), component._folder().is_dir())\n"
    )
    printed = run(script)
    folder, was_there = printed.split()
    assert was_there == "True" and not Path(folder).exists()


def run(script: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_components_are_there_without_streamlit() -> None:
    names = [place.replace("/", ".") for place in COMPONENTS]
    lean = [f"cnnviz.ui.{name}" for name in names if name.rpartition(".")[2] not in SHELL]
    assert len(lean) == len(COMPONENTS) - len(SHELL)
    assert run(f"import sys, {', '.join(lean)}; print('streamlit' in sys.modules)") == "False\n"


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


def test_every_script_is_read_by_some_component() -> None:
    used = set(chain.from_iterable(dict(made_of(name).modules) for name in COMPONENTS))
    assert set(MODULES) - used == {"core/state.js", "core/standalone.js"}

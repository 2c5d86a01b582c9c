"""What components are made of: their folders, what these share, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

from cnnviz.ui.components import stage
from cnnviz.ui.core import assets, theme
from cnnviz.ui.core.assets import Assets
from cnnviz.ui.core.component import STATE
from cnnviz.ui.lessons.filters import filter
from tests.helpers import refused

COMPONENTS = sorted(
    path.parent.relative_to(assets.UI).as_posix() for path in assets.UI.rglob("*.js") if path.stem == path.parent.name
)
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


def wrong_imports(path: str) -> Iterator[str]:
    """What a module imports that is not exported there, or that it does not use."""
    source = MODULES[path]
    rest = IMPORT.sub("", source)
    for names, target in IMPORT.findall(source):
        there = MODULES[(assets.UI / path).parent.joinpath(target).resolve().relative_to(assets.UI).as_posix()]
        for name in re.split(r",\s*", names):
            theirs, _, ours = name.partition(" as ")
            if not re.search(rf"^export .*\b{theirs}\b", there, re.MULTILINE):
                yield f"{path}: {target} exports no {theirs}"
            if not re.search(rf"\b{ours or theirs}\b", rest):
                yield f"{path}: {name} is not used"


def test_a_module_imports_what_there_is_and_what_it_uses() -> None:
    """biome and tsc see more; this holds without node, too."""
    assert any(IMPORT.findall(source) for source in MODULES.values())
    assert [wrong for path in MODULES for wrong in wrong_imports(path)] == []


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


def test_modules_become_one_that_names_nothing_outside() -> None:
    bundle = assets.bundle(MODULES)
    assert not re.search(r"^\s*(import|export) (?!const use )", bundle, re.MULTILINE)
    assert bundle.count("=> {\n// ") > 50 and all(f"{json.dumps(path)}: () => {{" in bundle for path in MODULES)
    assert 'const { closest, find } = use("core/base.js");' in bundle and "return { mount };" in bundle
    own = {
        "a.js": "export const one = 1;\n",
        "b/c.js": 'import { one as two } from "../a.js";\nexport function f() {}\n',
    }
    assert 'const { one: two } = use("a.js");\nfunction f() {}\nreturn { f };' in assets.bundle(own)


@pytest.mark.parametrize(
    "line",
    [
        "export let x = 1;",
        "export default x;",
        "export { x };",
        "  export const x = 1;",
        'import { x } from "./gone.js";',
    ],
)
def test_an_export_in_another_form_and_an_import_of_nothing_name_their_file(line: str) -> None:
    with refused("one/one.js"):
        assets.bundle({"one/one.js": f"{line}\n"})


@pytest.mark.parametrize("file", ["core/shared.js", "core/base.css", "one/one.html"])
def test_any_change_moves_all_modules(file: str, own: Path) -> None:
    before = assets.digest.__wrapped__()
    (own / file).write_text("changed")
    assert assets.digest.__wrapped__() != before
    (own / "elsewhere.txt").write_text("changed")
    assert len({assets.digest.__wrapped__() for _ in range(2)}) == 1


def test_every_script_is_read_by_some_component() -> None:
    used = set(chain.from_iterable(dict(made_of(name).modules) for name in COMPONENTS))
    assert set(MODULES) - used == {*assets.modules(STATE), "core/standalone.js", "notebook/frame.js"} - used

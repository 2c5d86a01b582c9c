"""What the browser works out before Python has answered: over many settings it is what Python answers, or nothing."""

import json
import random
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.convolution.settings import MODES, OPERATIONS, Convolution
from cnnviz.lessons.pooling.settings import KINDS, WINDOWS, Pool
from cnnviz.links import Axes
from cnnviz.ui.components import stage
from cnnviz.ui.core import assets, edits
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons.channels.scene import scene as channels_scene
from cnnviz.ui.lessons.convolution.scene import scene as convolution_scene
from cnnviz.ui.lessons.pooling.scene import scene as pooling_scene
from harness.browser import launch
from harness.server import ROOT
from tests.lessons.at_random import random_channels, random_convolution, random_pool
from tests.sampling import Tries

TRIES, SAMPLE = 2000, 250
SCENES: dict[type, Callable[..., stage.Scene]] = {
    Convolution: convolution_scene,
    Channels: channels_scene,
    Pool: pooling_scene,
}
SCRIPT = "tests/js/foresee_all.js"
TEXTS = ["3", "-0.5", "1,5", "−2", ".25", "1e-3", "1/2", "", "x", "7 ", "1000000", "1000001", "1_0", "-0", "00", "+4"]


@dataclass
class Case:
    """A stage before and after something was done on it, as Python shows it, and what the browser is told of it."""

    before: dict[str, Any]
    after: dict[str, Any]
    edits: list[dict[str, Any]]
    chosen: dict[str, Any]
    mended: bool = False  # Python had to change more than what was done

    @property
    def told(self) -> dict[str, Any]:
        return {"data": self.before, "edits": self.edits, "chosen": self.chosen}


def shown(store: Store[Any]) -> dict[str, Any]:
    """What the stage of `store` is handed over."""
    scene = SCENES[type(store.state)](store.state, store.state.compute())
    data: dict[str, Any] = json.loads(json.dumps(stage.scene_data(store, scene)))
    return data


def begin(pick: random.Random) -> Store[Any]:
    """A page somewhere in its settings."""
    settings = pick.choice([random_convolution, random_channels, random_pool])(pick)
    if isinstance(settings, Convolution) and pick.random() < 0.7:  # most that is possible is small
        settings = replace(settings, stride=Axes(*pick.choices(range(1, 4), k=2)), dilation=Axes(1, pick.randint(1, 2)))
    return Store("a page", settings.validated([])[0])


def settled(store: Store[Any]) -> bool:
    """Let Python mend what was set; whether it had to."""
    wanted = store.state
    store.state, notes = wanted.validated(store._changed)
    return bool(notes or store._refused or store.state != wanted)


def edited(pick: random.Random) -> Case:
    """Cells are typed, some of them no numbers, and perhaps a grid gets another size."""
    store = begin(pick)
    before = shown(store)
    targets = SCENES[type(store.state)](store.state, store.state.compute()).targets
    sent = [an_edit(pick, before["planes"][pick.choice(list(targets))], seq) for seq in range(1, pick.randint(2, 5))]
    edits.take(store, sent, targets)
    mended = settled(store)
    return Case(before, shown(store), sent, {}, mended)


def an_edit(pick: random.Random, plane: dict[str, Any], seq: int) -> dict[str, Any]:
    _, _, rows, cols = plane["core"]
    named: dict[str, Any] = {"seq": seq, "plane": plane["id"]}
    if plane["most"] and pick.random() < 0.25:
        sizes = [max(1, min(most, n + pick.choice([-1, 0, 1]))) for n, most in zip((rows, cols), plane["most"])]
        return {**named, "kind": "size", "rows": sizes[0], "cols": sizes[1]}
    text = pick.choice([*TEXTS, str(pick.randint(-9, 9)), f"{pick.uniform(-3, 3):.3f}"])
    return {**named, "kind": "cell", "row": pick.randrange(rows), "col": pick.randrange(cols), "text": text}


def stepped(pick: random.Random) -> Case:
    """A stepper is moved, a switch turned, or an entry of a menu or a named padding is chosen."""
    store = begin(pick)
    before = shown(store)
    done, chosen = an_entry(pick, store.state) or a_step(pick, store.state)
    store.change(**done)
    mended = settled(store)
    return Case(before, shown(store), [], chosen, mended)


Step = tuple[dict[str, Any], dict[str, Any]]  # settings to change, and the same as the browser names it
ENTRIES = {"op": OPERATIONS, "mode": MODES, "kind": tuple(KINDS), "reach": tuple(WINDOWS)}  # of menus, in their order


def an_entry(pick: random.Random, settings: Any) -> Step | None:
    """Of one of the stage's menus; always of one where the page has no steppers."""
    menus = SCENES[type(settings)](settings, settings.compute()).menus
    if not menus or (pick.random() < 0.6 and getattr(settings, "reach", "") != "global"):
        return None
    menu = pick.choice(menus)
    at = pick.randrange(len(menu.options))
    return {menu.field: ENTRIES[menu.field][at]}, dict(menu.options[at][1])


def a_step(pick: random.Random, settings: Any) -> Step:
    if isinstance(settings, Pool) and settings.reach == "window" and pick.random() < 0.2:
        name = pick.choice(["ceil_mode", "count_include_pad"])
        return ({name: not getattr(settings, name)},) * 2
    if isinstance(settings, Convolution) and pick.random() < 0.2:
        return {"same": True}, {"same": True}
    adaptive = isinstance(settings, Pool) and settings.reach != "window"
    names = {Convolution: ["stride", "padding", "dilation", "output_padding"], Channels: ["stride", "padding"]}
    name = "outputs" if adaptive else pick.choice(names.get(type(settings), ["kernel", "stride", "padding"]))
    low, high = settings.common_bounds(name)
    value = Axes(*[pick.randint(low, max(low, min(high, low + 4)))] * 2)
    chosen = {name: list(value), **({"same": False} if name == "padding" else {})}
    return {name: value}, chosen


def foreseen(cases: list[Case]) -> list[dict[str, Any] | None]:
    """What the browser's module makes of each; None where it waits for Python. Node runs it, else Chromium."""
    told = json.dumps([case.told for case in cases])
    return by_node(told) if shutil.which("node") else by_chromium(told)


def by_node(told: str) -> Any:
    done = subprocess.run(["node", SCRIPT], cwd=ROOT, input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_chromium(told: str) -> Any:
    """The same script, with its modules in an import map, as a saved file has them."""
    texts = {
        f"cnnviz/{path}": assets.with_bare_names(path, source, "cnnviz/")
        for path, source in assets.modules("components/stage/foresee.js").items()
    }
    imports = {name: f"data:text/javascript;base64,{b64encode(text.encode()).decode()}" for name, text in texts.items()}
    script = (ROOT / SCRIPT).read_text(encoding="utf-8").replace("../../cnnviz/ui/", "cnnviz/")
    script = script.replace('import { readFileSync } from "node:fs";', "")
    script = script.replace('readFileSync(0, "utf-8")', "window.told").replace(
        "process.stdout.write(", "window.said = ("
    )
    with sync_playwright() as playwright, launch(playwright) as browser:
        page = browser.new_page()
        page.evaluate("told => { window.told = told; }", told)
        named = f'<script type="importmap">{json.dumps({"imports": imports})}</script>'
        page.set_content(f'{named}<script type="module">{script}</script>')
        return json.loads(page.wait_for_function("() => window.said").json_value())


@pytest.mark.slow
def test_chromium_says_the_same_where_there_is_no_node() -> None:
    told = json.dumps([edited(random.Random(number)).told for number in range(20)])
    for here, there in zip(by_chromium(told), by_node(told), strict=True):
        assert (here is None) == (there is None)
        if there:
            assert_same(here, there, "")


@pytest.mark.parametrize("make", [edited, stepped])
@pytest.mark.slow
def test_what_the_browser_foresees_is_what_python_answers(make: Callable[..., Case], tries: Tries) -> None:
    cases = [make(pick) for pick in tries(TRIES, sample=SAMPLE)]
    answers = foreseen(cases)
    for number, (case, answer) in enumerate(zip(cases, answers, strict=True)):
        if answer is not None and not case.mended:
            assert_same(answer, case.after, f"case {number}: {case.edits} {case.chosen}")
    silent = [case for case, answer in zip(cases, answers, strict=True) if answer is None]
    assert not [case for case in silent if not case.mended and not is_same(case.before, case.after)]
    assert len(silent) < len(cases) / 3  # those that Python has to mend


def test_what_an_exercise_hides_is_never_filled_in(tries: Tries) -> None:
    """Neither by a cell beside it, of which every other consequence is seen, nor by a stepper."""
    cases, hidden = [], []
    for pick in tries(TRIES, sample=40):
        case = edited(pick)
        output = case.before["outputs"][0]
        at = pick.randrange(len(case.before["planes"][output["plane"]]["values"]))
        case.edits = [edit for edit in case.edits if edit["kind"] == "cell"]
        for id in [output["plane"], *([output["activated"]["plane"]] if output["activated"] else [])]:
            case.before["planes"][id]["values"][at] = None
        if output["winners"]:
            output["winners"][at] = [-1, -1]
        cases.append(case)
        hidden.append((output["plane"], at))
    for answer, (id, at) in zip(foreseen(cases), hidden):
        if answer is None:  # nothing was typed
            continue
        output = answer["outputs"][0]
        assert answer["planes"][id]["values"][at] is None
        assert not output["activated"] or answer["planes"][output["activated"]["plane"]]["values"][at] is None
        assert not output["winners"] or output["winners"][at] == [-1, -1]
        assert None not in answer["planes"][id]["values"][:at]
    for case in cases:
        case.chosen = {"stride": [1, 1], "outputs": [1, 1]}
    assert foreseen(cases) == [None] * len(cases)


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    try:
        assert_same(one, other, "")
    except AssertionError:
        return False
    return True


def assert_same(answer: dict[str, Any], truth: dict[str, Any], about: str) -> None:
    """The windows, the grids with every number, what is typed and no number, winners and divisors."""
    assert answer["taps"] == truth["taps"], about
    assert answer["rule"] == truth["rule"], about
    for part in ("frames", "columns"):
        assert answer[part] == truth[part], f"{about}: {part}"
    assert list(answer["planes"]) == list(truth["planes"]), about
    for id, plane in truth["planes"].items():
        mine = answer["planes"][id]
        for part in ("rows", "cols", "core", "unreached", "title"):
            assert mine[part] == list_of(plane[part]), f"{about}: {id} {part}"
        np.testing.assert_allclose(numbers(mine), numbers(plane), rtol=1e-9, atol=1e-9, err_msg=f"{about}: {id}")
        assert texts(mine) == texts(plane), about
    for mine, output in zip(answer["outputs"], truth["outputs"], strict=True):
        assert mine["winners"] == output["winners"], about
        assert (mine["divisors"] is None) == (output["divisors"] is None)
        np.testing.assert_allclose(mine["divisors"] or [], output["divisors"] or [], err_msg=about)


def list_of(part: Any) -> Any:
    return list(part) if isinstance(part, tuple) else part


def numbers(plane: dict[str, Any]) -> list[float]:
    return [np.nan if value is None else value for value in plane["values"]]


def texts(plane: dict[str, Any]) -> dict[str, str]:
    """What stands in cells that hold no number, or wait to be read, by cell; what waits may turn out to be one."""
    drafts = {place: draft["text"] for place, draft in plane["drafts"].items()}
    return drafts | plane.get("waiting", {})

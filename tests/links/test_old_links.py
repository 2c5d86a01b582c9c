"""Links as they were made before the library was moved into rooms, and what they opened then.

`old_links.json` was written by the code of commit 98662b2: every parameter of every page with a value of its own, every
exercise, lock, challenge and network, and the links of its tests and docs. What a link opens is all that is not as it
is without any (`defaults`, of that time too, for a link leaves out what was the default). Nothing in the file changes
any more: whoever has such a link keeps it.
"""

import hashlib
import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cnnviz import lessons, links, runs
from cnnviz.data.drawing import linked
from cnnviz.lessons import LESSONS
from cnnviz.links import locks
from cnnviz.training import TrainConfig
from tests.helpers import ROOT

OLD = json.loads(Path(__file__).with_name("old_links.json").read_text(encoding="utf-8"))
NOW = {  # a bare link, which no page makes: it leaves the size to the network, whose source feeds 32 x 32
    "/shapes?network=lenet5_padded": {"height": 32, "width": 32},
}
LINKS: list[dict[str, Any]] = OLD["links"]


def parted(link: str) -> tuple[str, dict[str, str]]:
    """The page of a link, and its query."""
    parts = urlsplit(link)
    return parts.path.strip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))


def plain(value: Any) -> Any:
    """A setting as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(one) for name, one in asdict(value).items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value


def part(state: Any, name: str) -> Any:
    """A setting as it was then, one an axis: where the rows' number counted for both, the columns' was the default."""
    setting = links.parameters(type(state))[name]
    value, usual = getattr(state, setting), getattr(type(state), setting)
    if not isinstance(value, links.Axes):
        return value
    return value.h if name.endswith("_h") else value.w if state.per_axis else usual.w


def opened(link: str) -> tuple[Any, int]:
    """The settings that a link opens now, and how many sentences are said of it."""
    slug, query = parted(link)
    state, notes = links.decode(lessons.find(slug).settings, query)
    if hasattr(state, "validated"):
        state, more = state.validated([])
        notes = [*notes, *more]
    return state, len(notes)


@pytest.mark.parametrize("old", LINKS, ids=lambda old: old["link"][:60])
def test_an_old_link_opens_what_it_opened(old: dict[str, Any]) -> None:
    slug, query = parted(old["link"])
    state, notes = opened(old["link"])
    defaults = OLD["defaults"][slug]  # later settings, which such a link says nothing of, do not count
    expected = defaults | old["opens"] | NOW.get(old["link"], {})
    assert {name: plain(part(state, name)) for name in defaults} == expected
    assert notes == old.get("notes", 0)
    settings = lessons.find(slug).settings
    of = links.parameters(settings)
    lock, lock_notes = locks.read(of, settings.LOOKING, query)
    fixed, hidden = ([name for name in defaults if of[name] in names] for names in (lock.fixed, lock.hidden))
    assert (fixed, hidden) == (old.get("fixes", []), old.get("hides", []))
    assert lock.whole == old.get("whole", False) and len(lock_notes) == old.get("lock_notes", 0)


@pytest.mark.parametrize("old", [one for one in LINKS if "kind" in one], ids=lambda old: old["link"][:60])
def test_an_old_exercise_asks_what_it_asked(old: dict[str, Any]) -> None:
    slug, query = parted(old["link"])
    exercise, (state, _) = lessons.exercise(slug, query["task"]), opened(old["link"])
    if old["kind"] is None:  # about settings of which there is nothing to ask
        with pytest.raises(ValueError):
            _ = exercise.asks(state), exercise.answer(state)
        return
    assert exercise.kind == old["kind"]
    if "answer" in old:
        right = plain(exercise.answer(state))
        assert right == (pytest.approx(old["answer"]) if isinstance(old["answer"], float) else old["answer"])


def test_every_page_and_every_setting_of_that_time_is_there() -> None:
    slugs = [lesson.slug for lesson in LESSONS]
    for slug, defaults in OLD["defaults"].items():
        assert slug in slugs and (ROOT / "pages" / f"{slug}.py").is_file()
        changed = {name for old in LINKS if parted(old["link"])[0] == slug for name in old["opens"]}
        assert changed == set(defaults), "each setting is changed by one link at least"


def test_an_old_drawing_is_drawn() -> None:
    picture = linked.from_text(OLD["drawing"]["text"])
    assert list(picture.shape) == OLD["drawing"]["shape"]
    assert hashlib.sha256(picture.tobytes()).hexdigest() == OLD["drawing"]["sha256"]


def test_an_old_run_is_found_by_its_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    state, _ = opened("/train?run=lenet5-20261101-101112-0a1b2c3d&beside=example")
    (tmp_path / state.run).mkdir()
    (tmp_path / state.run / "config.json").write_text(json.dumps(OLD["config"]))
    config = runs.find(state.run).config()
    assert asdict(config) | OLD["config"] == asdict(config) and isinstance(config, TrainConfig)
    assert state.beside == (runs.EXAMPLE.id,)

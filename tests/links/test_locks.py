"""What a link fixes: names, both axes at once, all but what is looked at; noise gives a sentence and no lock."""

from itertools import product

import pytest

from cnnviz.lessons import LESSONS
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links import encode, locks, parameters
from cnnviz.links.locks import Lock
from tests.helpers import names

PAGES = {lesson.slug: lesson.settings for lesson in LESSONS}
POOL = parameters(Pool)


def settings_of(page: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parameters(PAGES[page]).values()))


@pytest.mark.parametrize("text", ["x,stride", "x.stride", " x , stride ", "stride.x.x", "stride_w.x.stride_h"])
def test_names_may_be_parted_by_dots_and_commas_and_stand_for_both_axes(text: str) -> None:
    lock, notes = locks.read(POOL, (), {"lock": text})
    assert lock == Lock(("x", "stride")) and notes == []
    assert lock.fixes("w", "stride") and not lock.fixes("kind", "padding")


def test_what_is_hidden_is_fixed_as_well() -> None:
    lock, notes = locks.read(POOL, (), {"lock": "x", "hide": "kind"})
    assert lock == Lock(("x", "kind"), ("kind",)) and notes == []


@pytest.mark.parametrize("page", PAGES)
def test_all_is_every_setting_but_what_is_only_looked_at(page: str) -> None:
    lock, notes = locks.read(parameters(PAGES[page]), PAGES[page].LOOKING, {"lock": "all"})
    assert notes == [] and lock.whole
    assert set(lock.fixed) | set(PAGES[page].LOOKING) == set(settings_of(page))
    assert not set(lock.fixed) & set(PAGES[page].LOOKING)
    assert locks.describe(lock) == locks.describe(Lock(lock.fixed, whole=True)) != locks.describe(Lock(lock.fixed))


@pytest.mark.parametrize("page", PAGES)
def test_what_is_looked_at_is_a_setting_of_its_page_and_can_be_fixed_by_name(page: str) -> None:
    for name in PAGES[page].LOOKING:
        lock, notes = locks.read(parameters(PAGES[page]), PAGES[page].LOOKING, {"lock": name})
        assert lock.fixed == (name,) and notes == []


@pytest.mark.parametrize("page", PAGES)
def test_every_offered_name_fixes_something_and_together_they_are_all(page: str) -> None:
    offered = locks.offered(parameters(PAGES[page]), PAGES[page].LOOKING)
    for name, word in offered.items():
        lock, notes = locks.read(parameters(PAGES[page]), PAGES[page].LOOKING, {"lock": name})
        assert lock.fixed and notes == [] and lock.whole == (len(offered) == 1)
        assert word in locks.describe(lock) or lock.whole
    settings = (parameters(PAGES[page]), PAGES[page].LOOKING)
    assert locks.read(*settings, {"lock": ".".join(offered)}) == locks.read(*settings, {"lock": "all"})


def test_no_setting_is_called_as_a_parameter_of_a_link() -> None:
    for page, parameter in product(PAGES, [*locks.PARAMETERS, "present", locks.ALL]):
        assert parameter not in parameters(PAGES[page])
        assert parameter not in encode(PAGES[page]())


def test_a_lock_is_described_by_its_settings() -> None:
    assert names(locks.describe(Lock(("x", "w", "stride"))), "input, kernel and stride")
    assert names(locks.describe(Lock(("x",))), "input") and locks.describe(Lock()) == ""
    assert names(locks.refusal(["w"]), "kernel")


@pytest.mark.parametrize("name", ["nothing", "<b>x</b>", "x;w", "__class__", "X", "stride_x", "kind_h", "٣", "_h"])
def test_a_name_that_is_no_setting_gives_a_sentence_and_the_others_count(name: str) -> None:
    lock, (note,) = locks.read(POOL, (), {"lock": f"{name},kind"})
    assert lock == Lock(("kind",))
    assert name in note and note.endswith("outputs.") and "\n" not in note


def test_what_is_too_long_is_not_read_and_not_repeated() -> None:
    for text in ["x" * 401, "x," * 5000, "<script>" * 100]:
        lock, (note,) = locks.read(POOL, (), {"hide": text})
        assert lock == Lock() and len(note) < 120
    lock, (note,) = locks.read(POOL, (), {"lock": "y" * 400})
    assert lock == Lock() and "y" * 25 not in note


@pytest.mark.parametrize("text", ["", ",", "...", " ", "\n"])
def test_nothing_fixes_nothing(text: str) -> None:
    assert locks.read(POOL, (), {"lock": text}) == (Lock(), [])

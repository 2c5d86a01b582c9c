"""The register of the lessons: each has its page, its folder and all that the menu says of it."""

import pytest

from cnnviz.lessons import LESSONS, Lesson, find, grouped
from cnnviz.lessons.common.settings import Settings
from tests.helpers import ROOT, refused

SLUGS = [lesson.slug for lesson in LESSONS]
every = pytest.mark.parametrize("lesson", LESSONS, ids=SLUGS)


def test_every_page_and_every_folder_is_that_of_a_lesson() -> None:
    assert len(set(SLUGS)) == len(SLUGS)
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == set(SLUGS)
    folders = {path.parent.name for path in (ROOT / "cnnviz" / "lessons").glob("*/__init__.py")}
    assert folders == {*SLUGS, "common"}


def test_a_group_of_the_menu_stands_together() -> None:
    assert [lesson for group in grouped().values() for lesson in group] == list(LESSONS)


@every
def test_a_lesson_brings_its_settings_and_its_prose(lesson: Lesson) -> None:
    assert issubclass(lesson.settings, Settings) and lesson.settings().validated([])[1] == []
    assert len(lesson.prose) > 200
    assert find(lesson.slug) is lesson


@every
def test_what_is_worth_trying_can_be_set(lesson: Lesson) -> None:
    for sentence, values in lesson.challenges.values():
        assert sentence.strip()
        assert lesson.settings(**values).validated([])[1] == []


def test_no_lesson_of_that_slug() -> None:
    with refused("“os”", *SLUGS):
        find("os")

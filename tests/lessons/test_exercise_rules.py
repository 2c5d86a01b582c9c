"""What holds for all exercises: hints, links, mistakes and their sentences, and how a guess is read."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cnnviz import lessons, links
from cnnviz.lessons import LESSONS
from cnnviz.lessons.common import reading
from cnnviz.lessons.common.exercise import Exercise, read_cell
from cnnviz.lessons.common.settings import is_name
from cnnviz.lessons.convolution.settings import Convolution
from tests.helpers import names, refused

ALL = [(lesson.slug, one) for lesson in LESSONS for one in lesson.exercises]
ASKING = list(dict.fromkeys(lesson for lesson, _ in ALL))
GUESSED = [(lesson, one) for lesson, one in ALL if one.kind != "mend"]
MENDED = [(lesson, one) for lesson, one in ALL if one.kind == "mend"]
every = pytest.mark.parametrize(("lesson", "one"), ALL, ids=[f"{lesson}-{one.id}" for lesson, one in ALL])
guessed = pytest.mark.parametrize(("lesson", "one"), GUESSED, ids=[f"{lesson}-{one.id}" for lesson, one in GUESSED])


def ask(lesson: str, name: str) -> Exercise:
    return lessons.exercise(lesson, name)


# --- the rules for all of them


@pytest.mark.parametrize("lesson", ASKING)
def test_a_lesson_has_several_each_with_a_name_of_its_own(lesson: str) -> None:
    offered = lessons.find(lesson).exercises
    assert len(offered) >= (2 if lesson == "draw" else 3)
    for each in ([one.id for one in offered], [one.title for one in offered]):
        assert len(set(each)) == len(each)
    assert all(is_name(one.id) and one.id and read_cell(one.id) is None for one in offered)


def test_no_exercise_of_that_name() -> None:
    with refused("“cell-1-1”", *(one.id for one in lessons.find("shapes").exercises)):
        lessons.exercise("shapes", "cell-1-1")
    with refused("“os”", *ASKING):
        lessons.exercise("os", "cell")


@every
def test_its_link_gives_the_same_exercise(lesson: str, one: Exercise) -> None:
    asked = replace(one.settings, task=one.id)
    back, notes = links.decode(type(asked), links.encode(asked))
    assert back == asked and not notes
    assert asked.validated([]) == (asked, []), "its settings are possible as they are"
    assert lessons.exercise(lesson, asked.task) is one


@every
def test_hints_say_more_and_more_and_never_the_answer(lesson: str, one: Exercise) -> None:
    assert len(one.hints) in (2, 3) and len(set(one.hints)) == len(one.hints)
    assert all(len(hint) > 15 and hint.endswith((".", "?")) for hint in one.hints)
    if one.kind == "mend":
        return
    told = re.escape(one.describe(one.answer(one.settings)))
    assert not any(re.search(rf"(?<![\d.,]){told}(?![\d]|[.,]\d)", hint) for hint in one.hints)


@guessed
def test_the_answer_is_right_as_it_is_told(lesson: str, one: Exercise) -> None:
    answer = one.answer(one.settings)
    verdict = one.judge(one.describe(answer), one.settings)
    assert verdict.right and verdict.sentence.lower() == f"{one.describe(answer)} is right.".lower()
    assert "?" in one.asks(one.settings) and isinstance(one.explains(one.settings), str)


@guessed
def test_every_mistake_is_recognised(lesson: str, one: Exercise) -> None:
    right, sentences = one.answer(one.settings), [mistake.sentence for mistake in one.mistakes]
    recognised = 0
    for mistake in one.mistakes:
        try:
            wrong = mistake.answer(one.settings)
        except ValueError:
            continue
        if one.same(float(wrong) if isinstance(wrong, int) else wrong, right):
            continue
        verdict = one.judge(one.describe(wrong), one.settings)
        assert not verdict.right and verdict.sentence in sentences
        recognised += 1
    assert recognised


@pytest.mark.parametrize(("lesson", "one"), MENDED, ids=[one.id for _, one in MENDED])
def test_what_is_to_be_mended_is_broken_and_can_be_mended(lesson: str, one: Exercise) -> None:
    assert not one.judge("", one.settings).right
    assert one.judge("", one.solved).right
    assert one.solved.validated([]) == (one.solved, [])


@pytest.mark.parametrize(
    ("lesson", "name", "guess"),
    [
        ("convolution", "size", "5 x 4"),
        ("convolution", "size", "7 by 6"),
        ("convolution", "size", "5x6"),
        ("convolution", "dilated-size", "6×6"),
        ("convolution", "cell", "9"),
        ("convolution", "cell", "-3"),
        ("convolution", "turned", "6"),
        ("channels", "parameters", "108"),
        ("pooling", "average", "1.75"),
        ("pooling", "average", "7"),
        ("pooling", "ceil-size", "2"),
        ("pooling", "size", "3 3"),
        ("receptive", "two-layers", "8"),
        ("evaluate", "accuracy", "0.47 %"),
    ],
)
def test_the_usual_mistakes_are_known(lesson: str, name: str, guess: str) -> None:
    """The golden file has what is said of each."""
    one = ask(lesson, name)
    verdict = one.judge(guess, one.settings)
    assert not verdict.right and verdict.sentence in [each.sentence for each in one.mistakes]


def test_other_wrong_guesses_are_told_what_is_right_of_them() -> None:
    size, cell = ask("convolution", "size"), ask("convolution", "cell")
    assert names(size.judge("6 × 9", size.settings).sentence, "rows")
    told = cell.judge("123", cell.settings)
    assert not told.right and told.sentence not in [each.sentence for each in cell.mistakes]


# --- reading guesses


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), (" -0,5 ", -0.5), ("−2", -2), ("3/4", 0.75), ("-1 / 4", -0.25), ("1e3", 1000), (".5", 0.5),
        ("61,706", 61706), ("61.706", 61.706), ("61 706", 61706), ("61'706", 61706), ("99.1 %", 99.1), ("5 cells", 5),
        ("5.", 5), ("+7", 7), ("٣", 3),
        ("1,234.5", 1234.5), ("1.234,568", 1234.568), ("12,345.678", 12345.678), ("1,234,567", 1234567),
    ],
)  # fmt: skip
def test_a_number_is_read_kindly(text: str, value: float) -> None:
    assert value in reading.numbers(text)


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "1e999", "1/0", "1/2/3", "--1", "1..2", "3x4", "__import__('os')", "/", "1/"]
)
def test_what_is_no_number_gets_a_calm_sentence(text: str) -> None:
    with refused(f"“{text}”", "3/4"):
        reading.numbers(text)


@pytest.mark.parametrize("text", ["5x4", "5 × 4", "5X4", "(5, 4)", "5*4", "5 4", "[5;4]", "5 by 4", "5·4"])
def test_a_size_is_read_kindly(text: str) -> None:
    assert reading.size(text, 2) == (5, 4)


def test_one_number_stands_for_a_square_and_other_counts_are_none() -> None:
    assert reading.size("3", 2) == (3, 3)
    for text in ("", "3x4x5", "-3x4", "3.5 x 4", "x", "axb"):
        with refused(f"“{text}”", 2):
            reading.size(text, 2)


def test_numbers_are_right_within_their_tolerance() -> None:
    one = ask("pooling", "average")  # 7/9
    for guess in ("7/9", "0.78", "0,7778", "0.775"):
        assert one.judge(guess, one.settings).right, guess
    for guess in ("0.77", "0.79", "0.8"):
        assert not one.judge(guess, one.settings).right, guess
    small = replace(one.settings, x=tuple(tuple(value / 1000 for value in row) for row in one.settings.x))
    assert one.judge("0.00078", small).right and not one.judge("0", small).right
    assert one.rounding(small) == "5 decimals will do."
    assert one.rounding(one.settings) == "2 decimals will do."
    assert ask("convolution", "cell").rounding(Convolution()) == ""


def test_a_share_may_be_told_per_cent_or_of_one() -> None:
    one = ask("evaluate", "accuracy")
    for guess in ("99.53", "99.53 %", "0.9953", "9953/10000"):
        assert one.judge(guess, one.settings).right, guess

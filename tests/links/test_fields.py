"""A page's settings in a link: back and forth, compact, and safe against anything."""

import random
import string
import urllib.parse

import pytest

from cnnviz import links
from cnnviz.lessons import LESSONS
from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links.fields import MAX_NOTES
from tests.helpers import refused
from tests.sampling import Tries

PAGES = [Convolution, Channels, Pool]


def random_grid(pick: random.Random, rows: int, cols: int) -> links.Cells:
    values = [
        lambda: pick.randint(-9, 9),
        lambda: round(pick.uniform(-5, 5), 3),
        lambda: pick.uniform(-1e6, 1e6),
    ]
    make = pick.choice(values)
    return links.cells([[make() for _ in range(cols)] for _ in range(rows)])


def test_every_grid_comes_back_as_it_was(tries: Tries) -> None:
    for pick in tries(5000, sample=100):
        state = Convolution(
            x=random_grid(pick, pick.randint(1, 16), pick.randint(1, 16)),
            w=random_grid(pick, pick.randint(1, 7), pick.randint(1, 7)),
            stride=links.Axes(pick.randint(1, 16), pick.randint(1, 16)),
            per_axis=True,
            mode=pick.choice(["zeros", "reflect", "replicate", "circular"]),
            same=pick.random() < 0.5,
        )
        assert links.decode(Convolution, links.encode(state)) == (state, [])


def test_the_numbers_of_a_grid_as_texts() -> None:
    assert links.number_texts(((1.0, -0.5), (1e-7, 3.0))) == [["1", "-0.5"], ["1e-07", "3"]]


def test_a_setting_along_both_axes_has_two_names_in_a_link_and_one_where_one_number_counts_for_both() -> None:
    assert {"stride_h": "stride", "stride_w": "stride", "mode": "mode"}.items() <= links.parameters(Convolution).items()
    coupled, parted = Pool(stride=links.Axes(3, 3)), Pool(stride=links.Axes(2, 3), per_axis=True)
    assert links.encode(coupled) == {"stride_h": "3"}
    assert links.encode(parted) == {"per_axis": "1", "stride_w": "3"}  # 2 is the default
    assert links.encode(Pool(stride=links.Axes(3, 3), per_axis=True)) == {"per_axis": "1"} | dict.fromkeys(
        ("stride_h", "stride_w"), "3"
    )
    for query, stride in (
        ({"stride_h": "3"}, (3, 3)),
        ({"stride_h": "3", "stride_w": "4"}, (3, 3)),
        ({"stride_w": "4"}, (2, 2)),
        ({"stride_h": "3", "per_axis": "1"}, (3, 2)),
        ({"stride_w": "3", "per_axis": "1"}, (2, 3)),
    ):
        state, notes = links.decode(Pool, query)
        assert state == Pool(stride=links.Axes(*stride), per_axis="per_axis" in query) and notes == []
    state, notes = links.decode(Pool, {"stride_h": "0", "stride_w": "3", "per_axis": "1"})
    assert state.stride == (2, 3) and [note.startswith("The link's stride_h=0 was not used") for note in notes] == [
        True
    ]


@pytest.mark.parametrize("page", PAGES)
def test_the_default_needs_no_query(page: type) -> None:
    assert links.encode(page()) == {}
    assert links.decode(page, {}) == (page(), [])


def test_a_full_grid_fits_and_needs_no_escapes() -> None:
    pick = random.Random(1)
    digits = Convolution(x=links.cells([[pick.randint(0, 9)] * 16 for _ in range(16)]))
    worst = Convolution(x=links.cells([[pick.uniform(-1e6, 1e6) for _ in range(16)] for _ in range(16)]))
    assert len(urllib.parse.urlencode(links.encode(digits))) < 600
    assert len(urllib.parse.urlencode(links.encode(worst))) < 6000  # well inside what servers and browsers take
    for text in links.encode(worst).values():
        assert urllib.parse.quote_plus(text) == text


@pytest.mark.parametrize("page", PAGES)
def test_a_tampered_link_gives_the_default_and_a_sentence(page: type, tries: Tries) -> None:
    fields = links.parameters(page)
    for pick in tries(20_000, sample=300):
        name = pick.choice(list(fields))
        noise = "".join(pick.choices(string.printable + "５∞−\u0000é", k=pick.randint(0, 60)))
        state, notes = links.decode(page, {name: noise, "unknown": noise})
        mended, _ = state.validated([])
        mended.compute()  # whatever was read can be shown
        if notes:
            assert getattr(state, fields[name]) == getattr(page(), fields[name])
            assert notes[0].startswith(f"The link's {name}=") and notes[0].endswith(".")


@pytest.mark.parametrize(
    "page", [lesson.settings for lesson in LESSONS if lesson.settings], ids=lambda one: one.__name__
)
def test_of_a_link_that_is_all_wrong_the_first_parts_are_named_and_the_others_counted(page: type) -> None:
    wrong = dict.fromkeys(links.parameters(page), "x" * 5000)
    _, notes = links.decode(page, wrong)
    refused = [name for name in wrong if links.decode(page, {name: wrong[name]})[1]]
    assert len(notes) <= MAX_NOTES + 1 and sum(map(len, notes)) < 2000
    for name, note in zip(refused, notes[:MAX_NOTES], strict=False):
        assert note.startswith(f"The link's {name}=")
    if len(refused) > len(notes):
        assert notes[-1].startswith(f"{len(refused) - MAX_NOTES} more") and refused[MAX_NOTES] in notes[-1]


@pytest.mark.parametrize(
    "text",
    ["", "3x3", "3x3_1", "0x0", "17x1" + "_0" * 17, "2x2_1_2_3_nan", "1x1_inf", "1x1_1e309", "1x1_1e7", "1x1_a", "x_1",
     "999999999x1_1", "1x1_1_2", "-1x1_1", "２x1_1_1"],
)  # fmt: skip
def test_grids_that_are_none(text: str) -> None:
    state, notes = links.decode(Convolution, {"x": text})
    assert state == Convolution()
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        (" -2 ", -2),
        ("0,5", 0.5),
        ("−4", -4),
        ("1e-3", 0.001),
        ("+7", 7),
        ("-0", 0),
        (".5", 0.5),
        ("1000000", 1e6),
    ],
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert links.read_number(text) == value
    assert str(links.read_number("-0")) == "0.0"


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "1e308", "-1e308", "NaN", "inf", "1_000", "1 2", "0x10", "1,2,3", "--1"]
)
def test_what_is_no_number_is_said(text: str) -> None:
    with refused(*([links.shorten(text)] if text.strip() else [0])):
        links.read_number(text)


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("stride", links.Axes(3, 2), links.Axes(3, 2)),
        ("stride", (3, 2), links.Axes(3, 2)),
        ("same", True, True),
        ("same", 1, True),
        ("mode", "reflect", "reflect"),
        ("task", "cell-1-2", "cell-1-2"),
        ("x", ((1.0, -0.5),), ((1.0, -0.5),)),
    ],
)
def test_a_value_is_taken_as_a_link_would_bring_it(name: str, value: object, taken: object) -> None:
    assert links.accepted(Convolution, name, value) == taken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stride", links.Axes(1, 0)),
        ("stride", links.Axes(3.5, 1)),
        ("stride", ("three", 1)),
        ("stride", (float("nan"), 1)),
        ("stride", (1, 1, 1)),
        ("stride", 3),
        ("stride", None),
        ("mode", "none"),
        ("mode", 7),
        ("mode", None),
        ("task", "UPPER"),
        ("x", 7),
        ("x", ()),
        ("x", [["a"]]),
        ("x", ((float("inf"),),)),
        ("x", ((1.0,),) * 99),
    ],
)
def test_a_value_that_no_link_holds_is_not_taken(name: str, value: object) -> None:
    with refused():
        links.accepted(Convolution, name, value)

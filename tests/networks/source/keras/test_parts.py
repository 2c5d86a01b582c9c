"""Tables of Keras that were not copied whole, or hold networks as layers: their rows, and what is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnviz.networks.source.keras.reading import read
from cnnviz.networks.source.summaries import TABLE, said_of
from tests.networks.source.keras.test_summary import ROWS, boxed, count, cut, kinds, wrapped
from tests.networks.source.keras.translated import found
from tests.networks.source.test_summaries import TORCHSUMMARY
from tests.pace import within

PLAIN = [
    ("conv2d (Conv2D)", "26, 26, 8", 80),
    ("max_pooling2d (MaxPooling2D)", "13, 13, 8", 0),
    ("flatten (Flatten)", "1352", 0),
    ("dense (Dense)", "10", 13_530),
]
WITHIN = [
    ("data_augmentation (Sequential)", "28, 28, 1", 0),
    ("rescaling (Rescaling)", "28, 28, 1", 0),
    *PLAIN,
]
KINDS = ("Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear")
DRAWN = [cut, wrapped, boxed]
Draw = Callable[..., str]


def rows_alone(table: str) -> str:
    """A table from its first row to its last."""
    lines = table.splitlines()
    head = next(at for at, line in enumerate(lines) if "Layer (type)" in line)
    last = next(at for at, line in enumerate(lines) if "Total params" in line)
    return "\n".join(line for line in lines[head + 1 : last] if set(line.strip()) - set("=_─├┼┤"))


@pytest.mark.parametrize("draw", DRAWN)
def test_rows_without_what_stands_above_and_below(draw: Draw) -> None:
    text = rows_alone(draw(PLAIN))
    for bare in (text, text.replace("│", " ")):
        translated = found(bare)
        assert kinds(translated) == KINDS and count(translated) == 13_610 and translated.input_shape == (1, 28, 28)
        assert any("cut off behind dense" in note for note in translated.notes)


def test_rows_of_two_lines_each_without_their_head() -> None:
    translated = found(rows_alone(boxed(ROWS, (18, 12))))
    assert translated.input_shape == (3, 32, 32) and count(translated) == sum(one for *_, one in ROWS) - 16


@pytest.mark.parametrize("draw", DRAWN)
def test_a_table_that_ends_early_has_the_rows_before(draw: Draw) -> None:
    text = draw(PLAIN)
    at = text.index("flatten")
    translated = found(text[:at])
    assert kinds(translated) == ("Conv2d", "MaxPool2d")
    assert any("cut off behind max_pooling2d" in note for note in translated.notes)


@pytest.mark.parametrize("draw", DRAWN)
def test_a_table_without_any_rows_says_so(draw: Draw) -> None:
    whole = draw(PLAIN)
    lines = whole.splitlines()
    head = next(at for at, line in enumerate(lines) if "Layer (type)" in line)
    totals = [line for line in lines if "params" in line]
    translated = read("\n".join([*lines[: head + 1], *totals, "(None,"]))
    assert translated is not None and not translated.text and "no layers" in translated.notes[0]


def test_a_table_whose_beginning_is_lost_says_so() -> None:
    deep = [("conv2d_1 (Conv2D)", "11, 11, 64", 18_496), *PLAIN[2:]]
    refused = read(rows_alone(boxed(deep)))
    assert refused is not None and not refused.text
    assert refused.notes[0].startswith("The head of the table is missing;")
    with_head = read(boxed(deep))
    assert with_head is not None and "missing" not in with_head.notes[0]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("kind", ["Sequential", "Functional"])
def test_a_network_that_augments_pictures_is_left_out(draw: Draw, kind: str) -> None:
    rows = [(name.replace("Sequential", kind), shape, number) for name, shape, number in WITHIN]
    translated = found(draw(rows))
    assert kinds(translated) == KINDS and translated.input_shape == (1, 28, 28)
    assert any("without weights is left out" in note for note in translated.notes)


def test_one_that_makes_pictures_of_another_size_is_a_resizing() -> None:
    translated = found(boxed([("input_layer (InputLayer)", "90, 60, 1", 0), *WITHIN]))
    assert count(translated) == 13_610 and any("28" in note for note in translated.notes)


def test_one_with_weights_is_refused_unless_its_layers_are_printed() -> None:
    base = ("base (Sequential)", "13, 13, 8", 80)
    refused = read(boxed([base, *PLAIN[2:]]))
    assert refused is not None and not refused.text and "base" in refused.notes[0]
    for lead in ("   └ ", "   ├ "):
        rows = [base, *((lead + name, shape, number) for name, shape, number in PLAIN[:2]), *PLAIN[2:]]
        translated = found(boxed(rows, (40, 20)))
        assert kinds(translated) == KINDS and count(translated) == 13_610


def test_layers_of_another_one_between_bars() -> None:
    """As Keras 2 prints them with expand_nested."""
    table = cut([WITHIN[0], ("| random_flip (RandomFlip)", "28, 28, 1", 0), *PLAIN], 40)
    assert kinds(found(table)) == KINDS


def test_a_number_of_parameters_that_is_cut_follows_from_the_sum() -> None:
    table = boxed(PLAIN).replace("13,530", "13,5…").replace("Total params: 1 ", "Total params: 13,610 ")
    assert count(found(table)) == 13_610
    for other in (table.replace("13,610", "99,610"), table.replace(" 80 ", " 8… ")):
        refused = read(other)
        assert refused is not None and "print it wider" in refused.notes[0]


@pytest.mark.parametrize("kept", [slice(3, 4), slice(0, 4), slice(3, None)])
def test_a_part_of_the_table_of_torchsummary_is_one(kept: slice) -> None:
    assert said_of("\n".join(TORCHSUMMARY.splitlines()[kept])) == TABLE


@pytest.mark.parametrize(
    "text",
    [
        "(None, (None, x (Dense)" + " " * 90_000,
        "x (Dense) (None, 3) 3\n" + "\n" * 90_000 + "y (Dense) (None, 3) 3",
        "x (Dense) (None, 3) 3" + " " * 90_000 + "\ny (Dense) (None, 3) 3",
        "A-1 [-1, 3" * 9_000,
        " " * 90_000 + "A-1 [-1, 3]",
        "x (Dense) (None, 3…" * 4_000,
    ],
    ids=range(6),
)
def test_what_would_take_long_takes_no_time(text: str) -> None:
    with within(2):
        read(text)
        said_of(text)

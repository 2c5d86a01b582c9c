"""Tables with a row lost: what the rows print is compared with what the layers give, and where that is another shape or
another number of weights, no network is offered as the same."""

from __future__ import annotations

import pytest

from cnnviz.networks.source.keras.layers import Translated
from tests.helpers import names
from tests.networks.source.keras.test_summary import Rows, cut
from tests.networks.source.keras.translated import found

INPUT = ("input_1 (InputLayer)", "20, 20, 1", 0)
CONV = ("first (Conv2D)", "18, 18, 6", 60)


def table(*rows: tuple[str, str, int], total: int | None = None) -> Translated:
    said = sum(row[2] for row in rows) if total is None else total
    return found(cut([INPUT, *rows], 45).replace("Total params: 1", f"Total params: {said:,}"))


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([CONV, ("flat (Flatten)", "486", 0), ("dense (Dense)", "7", 3409)], ["first", "flat", "1944", "486"]),
        ([CONV, ("norm (BatchNormalization)", "18, 18, 12", 48)], ["first", "norm", 6, 12]),
        ([CONV, ("mean (GlobalAveragePooling2D)", "12", 0)], ["first", "mean", 6, 12]),
        ([CONV, ("act (Activation)", "9, 9, 6", 0)], ["first", "act", 18, 9]),
        ([CONV, ("act (ReLU)", "36, 36, 6", 0)], ["first", "act", 18, 36]),
        ([CONV, ("drop (Dropout)", "9, 9, 6", 0)], ["first", "drop", 18, 9]),
        ([("flat (Flatten)", "400", 0), ("drop (Dropout)", "50", 0)], ["flat", "drop", 400, 50]),
        ([CONV, ("drop (Dropout)", "18, 18, 6", 300)], ["first", "drop", 300, 0]),
        ([CONV, ("pad (ZeroPadding2D)", "20, 20, 9", 0)], ["first", "pad", 6, 9]),
        ([CONV, ("up (UpSampling2D)", "36, 36, 9", 0)], ["first", "up", 6, 9]),
        ([CONV, ("scale (Rescaling)", "9, 9, 6", 0)], ["first", "scale", 9]),
        ([CONV, ("pool (MaxPooling2D)", "9, 9, 9", 0)], ["first", "pool", 6, 9]),
        ([("drop (Dropout)", "10, 10, 1", 0)], ["input_1", "drop", 20, 10]),
        ([CONV, ("next (Conv2D)", "3, 3, 6", 330)], ["first", "next", 18, 3]),
        ([CONV, ("pool (MaxPooling2D)", "11, 11, 6", 0)], ["first", "pool", 18, 11]),
        ([CONV, ("dense (Dense)", "7", 3409)], ["first", "dense", 49, "3,409"]),
    ],
    ids=range(16),
)
def test_a_row_that_is_lost_is_named_by_those_around_it(rows: Rows, values: list[object]) -> None:
    translated = table(*rows)
    assert translated.text == "" and names(translated.notes[0], *values), translated.notes


def test_the_activation_at_the_end_is_compared_though_it_is_left_out() -> None:
    rows = [("flat (Flatten)", "400", 0), ("dense (Dense)", "5", 2005)]
    assert table(*rows, ("act (Activation)", "5", 0)).text
    assert names(table(*rows, ("act (Activation)", "3", 0)).notes[0], "dense", "act", 5, 3)


def test_a_network_in_a_row_behind_layers_is_not_left_out() -> None:
    for shape in ("18, 18, 6", "9, 9, 6"):
        translated = table(CONV, ("inner (Sequential)", shape, 0))
        assert translated.text == "" and names(translated.notes[0], "inner")
    assert table(("augment (Sequential)", "20, 20, 1", 0), CONV).text


def test_what_is_printed_as_none_is_not_compared() -> None:
    rows = [("input_1 (InputLayer)", "None, None, 4", 0), ("norm (BatchNormalization)", "None, None, 4", 16)]
    assert found(cut([*rows, ("mean (GlobalAveragePooling2D)", "4", 0)], 45)).text


def test_a_total_that_differs_makes_it_a_part() -> None:
    rows = [("flat (Flatten)", "400", 0), ("dense (Dense)", "5", 2005)]
    assert not table(*rows).in_part
    short = table(*rows, total=2065)
    assert short.in_part and short.text and any(names(note, "2,005", "2,065") for note in short.notes)

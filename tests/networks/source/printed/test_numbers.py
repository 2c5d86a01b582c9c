"""The numbers of printed rows: where one is missing, twice there or in another place, what is read is not exact."""

from __future__ import annotations

import pytest
from torch import nn

from cnnviz.networks import notation, own
from cnnviz.networks.source.printed.layers import Layer
from cnnviz.networks.source.printed.numbers import gaps, spelled_out
from cnnviz.networks.source.printed.reading import Printed, read, written
from tests.helpers import names
from tests.pace import within

ROW = "Conv2d(4, 4, kernel_size=(5, 5), stride=(1, 1))"
EACH = 404


def sequential(*numbers: str, row: str = ROW) -> str:
    return "\n".join(["Sequential(", *(f"  ({number}): {row}" for number in numbers), ")"])


def found(text: str, in_part: bool = False) -> Printed:
    printed = read(text, in_part)
    assert printed is not None
    return printed


@pytest.mark.parametrize(
    ("numbers", "values"),
    [
        (["0", "2"], [1, 2]),
        (["1", "2"], [0, 1]),
        (["0", "1", "5", "6"], [2, 4, 5]),
        (["3"], [0, 2, 3]),
        (["0", "2", "1", "3"], [1]),
        (["0", "1", "1", "2"], [1]),
        (["0-1", "3"], [1]),
    ],
)
def test_what_is_missing_is_named_and_what_is_left_is_not_exact(numbers: list[str], values: list[int]) -> None:
    text = sequential(*numbers).replace("(0-1): ", "(0-1): 2 x ")
    printed = found(text)
    assert not printed.exact and not printed.text
    assert names(printed.notes[0], *(values if numbers != ["0-1", "3"] else [2, 3])), printed.notes
    with pytest.raises(own.Offer):
        own.read(text)


def test_a_row_is_missing_in_a_part_of_a_class() -> None:
    inner = sequential("0", "1", "4").replace("\n", "\n  ")
    printed = found(f"Net(\n  (stem): {inner}\n  (keys): ModuleDict(\n    (3): ReLU()\n    (7): ReLU()\n  )\n)")
    assert printed.parameters == 3 * EACH
    assert [note for note in printed.notes if "missing" in note] == [*gaps(printed.tree)]
    assert names(next(gaps(printed.tree)), "stem", 2, 3, 4)


def test_a_part_of_torchvisions_networks_with_a_row_lost_is_not_taken_for_a_change() -> None:
    with pytest.raises(ValueError, match=r"\(1\)"):
        written(Layer("layer", "Sequential", "", (Layer("0", "ReLU"), Layer("2", "ReLU"))))


def test_names_have_no_numbers_and_a_layer_may_be_appended_behind_them() -> None:
    named = nn.Sequential()
    named.add_module("first", nn.Linear(3, 5))
    named.append(nn.Tanh())
    assert list(dict(named.named_children())) == ["first", "1"]
    assert found(repr(named)).exact


@pytest.mark.parametrize("mark", [" x ", "x ", " \u00d7 ", "\u00d7 ", " x"])
def test_rows_that_are_printed_once_for_several(mark: str) -> None:
    text = f"Sequential(\n  (0): ReLU()\n  (1-4): 4{mark}{ROW}\n  (5): Sequential(\n    (0-1): 2{mark}{ROW}\n  )\n)"
    rows = [nn.ReLU(), *(nn.Conv2d(4, 4, 5) for _ in range(4)), nn.Sequential(*(nn.Conv2d(4, 4, 5) for _ in range(2)))]
    printed = found(text)
    assert repr(notation.parse(printed.text).build()) == repr(nn.Sequential(*rows))
    assert printed.parameters == 6 * EACH and not printed.notes


def test_blocks_that_are_printed_once_for_several() -> None:
    block = "Sequential(\n    (0): Linear(in_features=6, out_features=6, bias=True)\n    (1): ReLU()\n  )"
    network = notation.parse(found(f"Sequential(\n  (0-2): 3 x {block}\n)").text).build()
    assert repr(network) == repr(nn.Sequential(*(nn.Sequential(nn.Linear(6, 6), nn.ReLU()) for _ in range(3))))


def test_the_numbers_of_a_row_and_how_often_it_stands_there_differ() -> None:
    for name, times in (("1-3", 2), ("1-2", 5), ("1", 3)):
        printed = found(f"Sequential(\n  (0): ReLU()\n  ({name}): {times} x {ROW}\n)")
        assert not printed.exact and names(printed.notes[0], name, times)


def test_rows_without_a_first_line_that_are_printed_once_for_several() -> None:
    printed = found(f"  (0-2): 3\u00d7 {ROW}\n  (3): ReLU()\n", in_part=True)
    assert printed.parameters == 3 * EACH


def test_a_lost_beginning_is_said_once() -> None:
    printed = found("\n".join(sequential("2", "3").split("\n")[1:]), in_part=True)
    assert printed.exact and sum("missing" in note for note in printed.notes) == 1
    assert not found("\n".join(sequential("2", "4").split("\n")[1:]), in_part=True).exact


def test_rows_that_would_be_too_many_are_refused_soon() -> None:
    nested = "Sequential(" + "(0-998): 999 x Sequential(" * 40 + "(0): ReLU()" + ")" * 41
    with within(2):
        printed = found(nested)
    assert not printed.exact and any(names(note, "2,000") for note in printed.notes)
    with pytest.raises(ValueError, match="2,000"):
        spelled_out(printed.tree)

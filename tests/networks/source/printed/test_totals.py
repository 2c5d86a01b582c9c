"""What a text says beside a print of all parameters, and what is said where that is another number."""

from __future__ import annotations

import pytest

from cnnviz.networks.source.printed.reading import read
from cnnviz.networks.source.printed.totals import total
from tests.helpers import names
from tests.pace import within

SEQUENTIAL = "Sequential(\n  (0): Linear(in_features=30, out_features=40, bias=True)\n)"  # 1,240
CLASS = "Net(\n  (a): Linear(in_features=30, out_features=40, bias=True)\n)"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Total params: 61,706", (61_706, False)),
        ("Total params: 61,706 (241.04 KB)", (61_706, False)),
        ("Total number of parameters: 1_234", (1_234, False)),
        ("The model has 61706 trainable parameters", (61_706, True)),
        ("# Number of parameters = 11 689 512", (11_689_512, False)),
        ("num_params: 7", (7, False)),
        ("Trainable params: 12", None),
        ("Non-trainable params in total: 12", None),
        ("Params size (MB): 0.24", None),
        ("Total params: 11.7M", None),
        ("Total params (M): 61.1", None),
        ("a total of 12 epochs", None),
        ("total: 3 of 4 parameters", None),
    ],
)
def test_which_lines_say_it(line: str, expected: tuple[int, bool] | None) -> None:
    assert total(f"Epoch 1\n{line}\nEpoch 2") == expected


@pytest.mark.parametrize("shown", [SEQUENTIAL, CLASS])
@pytest.mark.parametrize("above", [False, True])
def test_another_number_is_said(shown: str, above: bool) -> None:
    for said, differs in ((1_240, False), (5_555, True), (1_000, True)):
        line = f"Total params: {said:,}"
        printed = read(f"{line}\n{shown}" if above else f"{shown}\n{line}")
        assert printed is not None
        assert any(names(note, "1,240", f"{said:,}") for note in printed.notes) is differs


@pytest.mark.parametrize(
    "beside",
    [
        "The model has 1,000 trainable parameters",  # the others are frozen
        f"{CLASS}\nTotal params: 5,555",  # of another network, perhaps
    ],
)
def test_what_need_not_differ_is_not_said(beside: str) -> None:
    printed = read(f"{SEQUENTIAL}\n{beside}")
    assert printed is not None and not any("together" in note for note in printed.notes)


def test_of_layers_that_are_not_known_nothing_is_said() -> None:
    printed = read("Sequential(\n  (0): Odd()\n)\nTotal params: 12")
    assert printed is not None and not any(names(note, 12) for note in printed.notes)


@pytest.mark.parametrize(
    "text",
    ["Total params " + " " * 90_000 + "1", "\n" * 90_000, "param\n" * 15_000, ("params " + "1 " * 90 + "\n") * 450],
)
def test_what_takes_long(text: str) -> None:
    with within(1):
        assert total(text) is None

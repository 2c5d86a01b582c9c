"""Why no network is offered: what is printed and cannot be made is named."""

from __future__ import annotations

import pytest

from cnnviz.networks.source.printed.reading import Printed, read
from cnnviz.networks.source.printed.refusing import opening, unguessed
from tests.helpers import names

LINEAR = "Linear(in_features=7, out_features=3, bias=True)"


def found(text: str) -> Printed:
    printed = read(text)
    assert printed is not None
    return printed


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([LINEAR, "Gate()"], ["Gate", "nn.Sequential"]),
        (["Embedding(12, 7)", LINEAR], ["Embedding"]),
        ([LINEAR, "Gate()", "LSTM(3, 4)", "Gate()"], ["Gate", "LSTM"]),
        (["Sequential(\n    (0): Maxout(3)\n  )", LINEAR], ["Maxout"]),
    ],
)
def test_what_a_sequential_cannot_have_is_named(rows: list[str], values: list[str]) -> None:
    text = "\n".join(["Sequential(", *(f"  ({at}): {row}" for at, row in enumerate(rows)), ")"])
    said = unguessed(found(text))
    assert names(said, *values) and "order" not in said and "ReLU" not in said


def test_what_a_class_has_that_is_not_printed_is_named() -> None:
    assert names(unguessed(found(f"Net(\n  (a): {LINEAR}\n  (b): Gate()\n)")), "Gate")
    attention = (
        "MultiheadAttention(\n    (out_proj): NonDynamicallyQuantizableLinear(in_features=8, out_features=8)\n  )"
    )
    said = unguessed(found(f"Net(\n  (a): {attention}\n)"))
    assert "MultiheadAttention" in said and "NonDynamically" not in said


def test_no_order_is_missed_where_all_layers_are_known() -> None:
    first = unguessed(found(f"Net(\n  (a): {LINEAR}\n  (b): {LINEAR}\n)"))
    gap = unguessed(found(f"Sequential(\n  (0): {LINEAR}\n  (2): {LINEAR}\n)"))
    assert first != gap and "order" in first and "order" not in gap
    assert "models.resnet" in unguessed(found(f"ResNet(\n  (a): {LINEAR}\n  (b): {LINEAR}\n)"))


def test_of_a_scripted_network_all_is_said_in_its_notes() -> None:
    scripted = found(
        "RecursiveScriptModule(\n  original_name=Net\n  (a): RecursiveScriptModule(original_name=Conv2d)\n)"
    )
    assert (opening(scripted), unguessed(scripted)) == ("", "")
    assert names(opening(found(f"Net(\n  (a): {LINEAR}\n)")), "Net", 24)

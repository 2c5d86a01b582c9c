"""Channels first, which is PyTorch's own order: said by a layer, or set for all of them."""

from __future__ import annotations

import pytest
import torch

from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.state import FLATTENED
from tests.helpers import names
from tests.networks.source.keras.translated import built, found

SET = "from keras import backend as K\nK.set_image_data_format('channels_first')\n"
FIRST = "data_format='channels_first'"


def in_a_row(*layers: str, head: str = "from keras.layers import *\n") -> Translated:
    return found(f"{head}m = Sequential([{', '.join(layers)}])\n")


def kinds(translated: Translated) -> list[str]:
    return [type(one).__name__ for one in built(translated)]


@pytest.mark.parametrize(
    "translated",
    [
        in_a_row("Input((3, 12, 10))", "Conv2D(4, 3)", "MaxPool2D()", "Flatten()", "Dense(2)", head=SET),
        in_a_row("Conv2D(4, 3, input_shape=(3, 12, 10))", "MaxPool2D()", "Flatten()", "Dense(2)", head=SET),
        in_a_row(f"Conv2D(4, 3, {FIRST}, input_shape=(3, 12, 10))", f"MaxPool2D({FIRST})", "Flatten()", "Dense(2)"),
        in_a_row(
            *("Input((3, 12, 10))", f"Conv2D(4, 3, {FIRST})", f"MaxPool2D({FIRST})", f"Flatten({FIRST})", "Dense(2)")
        ),
    ],
    ids=range(4),
)
def test_shapes_are_read_in_that_order(translated: Translated) -> None:
    assert translated.input_shape == (3, 12, 10) and kinds(translated) == ["Conv2d", "MaxPool2d", "Flatten", "Linear"]
    assert built(translated)(torch.zeros(2, 3, 12, 10)).shape == (2, 2)


def test_a_flatten_that_leaves_the_order_needs_no_word() -> None:
    """With its own data_format 'channels_first' Keras moves the channels to the end before it flattens."""
    layers = ("Input((3, 12, 10))", f"Conv2D(4, 3, {FIRST})")
    assert FLATTENED not in in_a_row(*layers, "Flatten()").notes
    assert FLATTENED in in_a_row(*layers, f"Flatten({FIRST})").notes
    assert FLATTENED in in_a_row("Input((3, 12, 10))", "Conv2D(4, 3)", "Flatten()", head=SET).notes
    assert in_a_row("Flatten(input_shape=(1, 12, 10))", "Dense(3)", head=SET).input_shape == (1, 12, 10)


def test_rows_and_what_is_made_of_numbers() -> None:
    row = in_a_row("Input((3, 50))", f"Conv1D(8, 3, {FIRST})", f"GlobalMaxPool1D({FIRST})")
    assert row.input_shape == (3, 50) and built(row)(torch.zeros(2, 3, 50)).shape == (2, 8)
    made = in_a_row("Input((20,))", "Dense(24)", "Reshape((2, 3, 4))", f"Conv2D(5, 1, {FIRST})")
    numbers = torch.rand(2, 20)
    network = built(made)
    assert network[:2](numbers).flatten(1).equal(network[0](numbers)) and network(numbers).shape == (2, 5, 3, 4)


def test_what_the_text_asks_for_is_the_order_that_is_set() -> None:
    text = "if K.image_data_format() == 'channels_first':\n    s = (1, 9, 8)\nelse:\n    s = (9, 8, 1)\n"
    layers = "m = Sequential([Conv2D(2, 3, input_shape=s)])\n"
    assert found(f"{SET}{text}{layers}").input_shape == found(f"{text}{layers}").input_shape == (1, 9, 8)
    back = "K.set_image_data_format('channels_last')\n"
    assert found(f"{SET}{back}m = Sequential([Conv2D(2, 3, input_shape=(9, 8, 1))])").input_shape == (1, 9, 8)
    old = "K.set_image_dim_ordering('th')\nm = Sequential([Conv2D(2, 3, input_shape=(3, 9, 8))])"
    assert found(old).input_shape == (3, 9, 8)


@pytest.mark.parametrize(
    ("layer", "values"),
    [
        ("BatchNormalization()", [-1, "axis=1"]),
        ("BatchNormalization(axis=3)", [3, "axis=1"]),
        ("GroupNormalization(2)", [-1, "axis=1"]),
        ("Dense(3)", ["Dense"]),
        ("Softmax()", ["Softmax"]),
        ("Activation('softmax')", ["softmax"]),
        ("PReLU(shared_axes=[1, 2])", ["PReLU"]),
        ("Reshape((10, 16))", ["Reshape"]),
        ("MaxPool2D(data_format='channels_last')", ["'channels_last'", "'channels_first'"]),
    ],
)
def test_what_works_along_the_last_axis_is_refused(layer: str, values: list[object]) -> None:
    translated = in_a_row("Input((4, 8, 5))", layer, "ZeroPadding2D(1)", head=SET)
    assert translated.text == "" and names(translated.notes[0], *values), translated.notes


@pytest.mark.parametrize("layer", ["BatchNormalization(axis=1)", "PReLU(shared_axes=[2, 3])", "SpatialDropout2D(0.1)"])
def test_what_works_along_the_channels_is_translated(layer: str) -> None:
    translated = in_a_row("Input((4, 8, 5))", layer, "AveragePooling2D()", head=SET)
    assert built(translated)(torch.zeros(2, 4, 8, 5)).shape == (2, 4, 4, 2)


def test_where_it_may_be_set_or_not_is_refused() -> None:
    for begins in ("if x:", "for i in y:"):
        translated = found(f"{begins}\n    K.set_image_data_format('channels_first')\nm = Sequential([Dense(2)])\n")
        assert translated.text == "" and names(translated.notes[0], 2)

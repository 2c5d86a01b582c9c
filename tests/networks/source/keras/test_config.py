"""What to_json() and get_config() write of a Sequential, by several versions of Keras."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnnviz.networks import notation
from cnnviz.networks.source.keras.config import config_of
from cnnviz.networks.source.keras.reading import read
from tests.helpers import names
from tests.networks.source.keras.translated import found
from tests.pace import within

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
GLOROT = {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}}


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": {"name": "x", "trainable": True, **config}}


CONV = layer(
    "Conv2D", dtype=POLICY, filters=7, kernel_size=[3, 5], strides=[1, 1], padding="valid", data_format="channels_last",
    dilation_rate=[1, 1], groups=1, activation="relu", use_bias=False, kernel_initializer=GLOROT, bias_initializer={},
    kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
    bias_constraint=None,
)  # fmt: skip
LAYERS = [
    layer("InputLayer", batch_shape=[None, 20, 30, 2], dtype="float32", sparse=False, ragged=False, optional=False),
    CONV,
    layer("BatchNormalization", axis=[3], momentum=0.8, epsilon=0.01, center=True, scale=True, synchronized=False),
    layer("MaxPooling2D", pool_size=[2, 2], padding="valid", strides=[2, 2], data_format="channels_last"),
    layer("LeakyReLU", negative_slope=0.1),
    layer("Flatten", data_format="channels_last"),
    layer("Dropout", rate=0.35, seed=None, noise_shape=None),
    layer("Dense", units=9, activation="softmax", use_bias=True, lora_rank=None, quantization_config=None),
]
TEXT = """nn.Sequential(
    nn.Conv2d(2, 7, (3, 5), bias=False),
    nn.ReLU(),
    nn.BatchNorm2d(7, eps=0.01, momentum=0.2),
    nn.MaxPool2d(2),
    nn.LeakyReLU(negative_slope=0.1),
    nn.Flatten(),
    nn.Dropout(p=0.35),
    nn.Linear(819, 9),
)"""


def model(layers: list[dict[str, Any]], **config: Any) -> dict[str, Any]:
    whole = {"name": "sequential", "layers": layers, **config}
    return {"module": "keras", "class_name": "Sequential", "config": whole, "keras_version": "3.3.3"}


def of_one(kind: str, **config: Any) -> str:
    return json.dumps(model([layer("InputLayer", batch_shape=[None, 8, 8, 2]), layer(kind, **config)]))


WHOLE = model(LAYERS)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WHOLE),
        json.dumps(WHOLE, indent=2),
        f"\n  {json.dumps(WHOLE)}\n",
        repr(json.dumps(WHOLE)),
        json.dumps(json.dumps(WHOLE)),
        repr(WHOLE),
        repr(WHOLE["config"]),
        repr(model([{**one, "config": {**one["config"], "dtype": "float32"}} for one in LAYERS])),
        json.dumps({"class_name": "Sequential", "config": LAYERS}),
        json.dumps(model([model(LAYERS[:4]), *LAYERS[4:]])),
        json.dumps(model(LAYERS[1:], build_input_shape=[None, 20, 30, 2])),
        json.dumps(
            model([{**CONV, "config": {"batch_input_shape": [None, 20, 30, 2], **CONV["config"]}}, *LAYERS[2:]])
        ),
    ],
    ids=range(12),
)
def test_a_configuration_is_translated(text: str) -> None:
    translated = found(text)
    assert translated.text == TEXT and translated.input_shape == (2, 20, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (of_one("Activation", activation={"module": "builtins", "class_name": "function", "config": "tanh"}), "Tanh"),
        (of_one("Conv2D", filters=3, kernel_size=1, activation=layer("ELU", alpha=0.5)), "ELU"),
        (of_one("Conv2DTranspose", filters=3, kernel_size=[2, 2], output_padding=None, groups=1), "ConvTranspose2d"),
        (of_one("DepthwiseConv2D", kernel_size=[3, 3], depth_multiplier=2, groups=1, filters=None), "Conv2d"),
        (of_one("UpSampling2D", size=[2, 2], data_format="channels_last", interpolation="nearest"), "Upsample"),
        (of_one("GlobalMaxPooling2D", data_format="channels_last", keepdims=True), "AdaptiveMaxPool2d"),
    ],
    ids=range(6),
)
def test_layers_with_what_they_are_given(text: str, expected: str) -> None:
    network = notation.parse(found(text).text).build()
    assert type(list(network.children())[-1]).__name__ == expected


def test_a_regularizer_is_said_and_none_is_not() -> None:
    for value, said in ((None, False), ({"class_name": "L2", "config": {"l2": 0.01}}, True)):
        translated = found(of_one("Conv2D", filters=3, kernel_size=1, kernel_regularizer=value))
        assert any("weight_decay" in note for note in translated.notes) is said


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (json.dumps({**WHOLE, "class_name": "Functional"}), ["functional"]),
        (json.dumps({"name": "m", "layers": LAYERS, "output_layers": [["x", 0, 0]]}), ["functional"]),
        (of_one("Wonder"), ["Wonder"]),
        (of_one("LSTM", units=3), ["LSTM"]),
        (of_one("Dense", output_dim=3), ["output_dim"]),
        (of_one("Dense", units=3, fancy=0.5), ["Dense", "fancy"]),
        (of_one("Conv2D", filters="many", kernel_size=1), ["filters", "many"]),
        (json.dumps(model([{"class_name": 3}])), [3]),
        (json.dumps({"class_name": "Sequential", "config": {"name": "x"}}), [500]),
        (of_one("Dropout", rate={"class_name": "x", "config": [1]}), ["rate"]),
        (of_one("Dropout", rate=float("nan")), ["nan"]),
        (of_one("Conv2D", filters=3, kernel_size={"a": [[[]]]}), ["kernel_size"]),
    ],
    ids=range(12),
)
def test_what_is_refused_is_named(text: str, values: list[object]) -> None:
    translated = found(text)
    assert translated.text == "" and names(translated.notes[0], *values), translated.notes


@pytest.mark.parametrize("text", ["", "{}", '{"cells": []}', '{"class_name": ', "['class_name']", "{'class_name': x}"])
def test_what_is_none(text: str) -> None:
    assert config_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"class_name":' + " " * 90_000,
        '{"class_name":' + "[" * 90_000,
        "{'class_name': " + "{" * 40_000,
        "\n" * 90_000 + "{",
        '{"class_name": "Sequential", "config": ' * 2_000,
        '{"class_name": ' + "9" * 90_000 + "}",
        '{"class_name": "Sequential", "config": {"layers": ' + "[" * 900 + "]" * 900 + "}}",
        "'" * 90_000,
    ],
    ids=range(8),
)
def test_what_takes_long(text: str) -> None:
    with within(3):
        translated = read(text)
    assert translated is None or not translated.text

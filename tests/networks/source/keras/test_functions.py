"""Functions between the layers of a functional model, poolings that pad, and crops."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from cnnviz.networks.source.keras.kinds import Call
from cnnviz.networks.source.keras.layers import translate
from cnnviz.networks.source.keras.state import State
from cnnviz.networks.source.keras.windows import RULES
from tests.helpers import names
from tests.networks.source.keras.translated import built, found
from tests.sampling import Tries

HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers, Model, Input\n"


def functional(*lines: str) -> str:
    body = "\n".join(f"x = {line}" for line in lines)
    return f"{HEAD}i = x = Input((8, 6, 3))\n{body}\nm = Model(i, x)\n"


def kinds(text: str) -> list[str]:
    return [type(one).__name__ for one in built(found(text))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tf.nn.relu(x)", ["ReLU"]),
        ("tf.nn.relu(x, name='a')", ["ReLU"]),
        ("keras.ops.sigmoid(x)", ["Sigmoid"]),
        ("keras.activations.elu(x)", ["ELU"]),
        ("tf.tanh(x)", ["Tanh"]),
        ("tf.nn.gelu(x)", ["GELU"]),
        ("tf.reduce_mean(x, axis=[1, 2])", ["AdaptiveAvgPool2d", "Flatten"]),
        ("tf.reduce_mean(x, (1, 2), keepdims=True)", ["AdaptiveAvgPool2d"]),
        ("keras.ops.max(x, axis=(1, 2))", ["AdaptiveMaxPool2d", "Flatten"]),
    ],
)
def test_functions_that_are_layers(line: str, expected: list[str]) -> None:
    assert kinds(functional("layers.Conv2D(4, 3)(x)", line)) == ["Conv2d", *expected]


@pytest.mark.parametrize(
    "line",
    [
        "keras.ops.gelu(x)",  # which is another one there
        "tf.nn.softmax(x, axis=1)",
        "tf.nn.leaky_relu(x, 0.3)",
        "tf.reduce_mean(x)",
        "tf.reduce_mean(x, axis=-1)",
        "tf.reduce_sum(x, axis=[1, 2])",
        "x / 255",  # behind a layer
        "x + i",
        "other.relu(x)",
    ],
)
def test_what_is_none_of_them_is_refused(line: str) -> None:
    assert found(functional("layers.Conv2D(4, 3, padding='same')(x)", line)).text == ""


@pytest.mark.parametrize(
    ("lines", "scale", "offset"),
    [
        (["x / 128."], "0.0078125", "0"),
        (["2 * x"], "2", "0"),
        (["x - 3"], "1", "-3"),
        (["1 - x"], "-1", "1"),
        (["x + 0.5"], "1", "0.5"),
    ],
)
def test_pictures_that_are_scaled_before_the_first_layer(lines: list[str], scale: str, offset: str) -> None:
    translated = found(functional(*lines, "layers.Conv2D(4, 3)(x)"))
    assert len(built(translated)) == 1 and any(names(note, scale, offset) for note in translated.notes)


def test_a_function_of_the_text_has_its_own_meaning() -> None:
    text = functional("layers.Conv2D(4, 3)(x)", "relu(x)")
    own = text.replace("i = x", "def relu(x):\n    return layers.ReLU(6.0)(x)\ni = x")
    assert kinds(text) == ["Conv2d", "ReLU"] and kinds(own) == ["Conv2d", "ReLU6"]


# --- poolings with padding='same', as Keras works them out


def same(picture: torch.Tensor, kernel: list[int], stride: list[int], is_mean: bool) -> torch.Tensor:
    """Each window over the cells of the picture that it covers."""
    spans = []
    for size, window, step in zip(picture.shape[2:], kernel, stride, strict=True):
        count = -(-size // step)
        before = max((count - 1) * step + window - size, 0) // 2
        spans.append([slice(max(at * step - before, 0), at * step - before + window) for at in range(count)])
    cells = [picture[(slice(None), slice(None), *each)].flatten(2) for each in product(*spans)]
    values = [one.mean(2) if is_mean else one.amax(2) for one in cells]
    return torch.stack(values, 2).reshape(*picture.shape[:2], *map(len, spans))


def test_poolings_that_pad_give_what_keras_gives(tries: Tries) -> None:
    for rng in tries(600, sample=100):
        axes = rng.choice((1, 2, 2, 3))
        bounds = ((5, 9), (1, 5), (1, 4))
        sizes, kernel, stride = ([rng.randint(*bound) for _ in range(axes)] for bound in bounds)
        is_mean = rng.random() < 0.5
        given = {"pool_size": tuple(kernel), "strides": tuple(stride), "padding": "same"}
        kind = f"{'Average' if is_mean else 'Max'}Pooling{axes}D"
        translated = translate([Call("Input", {"shape": (*sizes, 2)}), Call(kind, given)])
        if not translated.text:
            assert any(step == 1 and window % 2 == 0 for step, window in zip(stride, kernel, strict=True))
            continue
        picture = torch.rand(2, 2, *sizes) - 1
        assert torch.allclose(built(translated)(picture), same(picture, kernel, stride, is_mean), atol=1e-6)


def test_a_window_larger_than_a_volume_is_refused_where_torch_refuses_it() -> None:
    given = {"pool_size": 5, "strides": 2, "padding": "same"}
    translated = translate([Call("Input", {"shape": (9, 9, 3, 2)}), Call("AveragePooling3D", given)])
    assert translated.text == "" and names(translated.notes[0], 3)


# --- crops


@pytest.mark.parametrize(
    ("value", "rows", "columns"),
    [
        (2, slice(2, 7), slice(2, 6)),
        ((1, 3), slice(1, 8), slice(3, 5)),
        (((1, 2), (0, 3)), slice(1, 7), slice(0, 5)),
        (((0, 0), (0, 0)), slice(0, 9), slice(0, 8)),
    ],
)
def test_a_crop_is_a_padding_below_zero(value: object, rows: slice, columns: slice) -> None:
    state = State(shape=(9, 8, 3))
    RULES["Cropping"](state, {"cropping": value}, 2)
    numbers = state.layers[0].removeprefix("nn.ZeroPad2d((").removesuffix("))").split(", ")
    picture = torch.rand(2, 3, 9, 8)
    cut = nn.ZeroPad2d(tuple(map(int, numbers)))(picture)  # type: ignore[arg-type]
    assert cut.equal(picture[:, :, rows, columns]) and state.shape == (*cut.shape[2:], 3)

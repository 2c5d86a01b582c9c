"""Keras's Sequential and its summary in PyTorch: the same layers, shapes and numbers of weights, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz.networks import notation, own
from cnnviz.networks.source.keras.kinds import ALIASES, KINDS, PARAMETERS, WITHOUT
from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.reading import read
from tests.helpers import names
from tests.pace import within
from tests.sampling import Tries

MNIST = """
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

num_classes = 10
input_shape = (28, 28, 1)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=128, epochs=15, validation_split=0.1)
"""
ADDED = """
from keras.models import Sequential
from keras.layers import Dense, Conv2D, MaxPooling2D, Dropout, Flatten

def build(width=32):
    model = Sequential()
    model.add(Conv2D(32, (3, 3), padding='same', activation='relu', input_shape=(32, 32, 3)))
    model.add(MaxPooling2D((2, 2)))
    model.add(Dropout(0.25))
    model.add(Flatten())
    model.add(Dense(512, activation='relu'))
    model.add(Dense(10))
    return model
"""
BOXED = """Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d (Conv2D)                 │ (None, 26, 26, 32)     │           320 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ batch_normalization             │ (None, 26, 26, 32)     │           128 │
│ (BatchNormalization)            │                        │               │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ max_pooling2d (MaxPooling2D)    │ (None, 13, 13, 32)     │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ conv2d_1 (Conv2D)               │ (None, 11, 11, 64)     │        18,496 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ flatten (Flatten)               │ (None, 7744)           │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 10)             │        77,450 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 96,394 (376.54 KB)
"""
OLDER = """Model: "sequential_2"
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
input_1 (InputLayer)         [(None, 32, 32, 3)]       0         
conv2d (Conv2D)              (None, 16, 16, 8)         600       
_________________________________________________________________
batch_normalization_1 (Batch (None, 16, 16, 8)         32        
Normalization)
global_average_pooling2d (Gl (None, 8)                 0         
obalAveragePooling2D)
dense (Dense)                (None, 10)                90        
=================================================================
Total params: 722
"""  # noqa: W291


def found(text: str) -> Translated:
    translated = read(text)
    assert translated is not None
    return translated


def model(layers: str, shape: str = "(28, 28, 3)") -> Translated:
    """The layers in a Sequential that takes so much."""
    return found(f"keras.Sequential([keras.Input({shape}), {layers}])")


def built(translated: Translated) -> nn.Module:
    assert translated.text, translated.notes
    return notation.parse(translated.text).build().eval()


def shape_of(translated: Translated) -> tuple[int, ...]:
    """What the translated network makes of its input, without the batch."""
    value = notation.parse(translated.text).weightless()(torch.zeros(2, *translated.input_shape, device="meta"))
    return tuple(value.shape[1:])


def count(translated: Translated) -> int:
    return sum(one.numel() for one in built(translated).parameters())


def test_a_script_of_keras_is_an_nn_sequential() -> None:
    translated = found(MNIST)
    expected = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10)),
    )
    assert repr(built(translated)) == repr(expected) and translated.input_shape == (1, 28, 28)
    assert count(translated) == 34_826  # as Keras prints it
    assert any("CrossEntropyLoss" in note for note in translated.notes)
    assert any("channels first" in note for note in translated.notes)


def test_layers_that_are_added_one_by_one() -> None:
    translated = found(ADDED)
    expected = nn.Sequential(
        *(nn.Conv2d(3, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()),
        *(nn.Linear(8192, 512), nn.ReLU(), nn.Linear(512, 10)),
    )
    assert repr(built(translated)) == repr(expected) and translated.input_shape == (3, 32, 32)
    assert not any("softmax" in note for note in translated.notes)


# a layer of Keras, and the shape, channels first, and weights that Keras gives it for (28, 28, 3)
LAYERS = [
    ("Conv2D(8, 5)", (8, 24, 24), 608),
    ("layers.Conv2D(8, (3, 5), use_bias=False, name='a')", (8, 26, 24), 360),
    ("Conv2D(8, 3, 2)", (8, 13, 13), 224),
    ("Conv2D(8, 3, strides=2, padding='same')", (8, 14, 14), 224),
    ("Conv2D(8, 4, padding='SAME', dilation_rate=2)", (8, 28, 28), 392),
    ("Conv2D(6, 3, groups=3)", (6, 26, 26), 60),
    ("DepthwiseConv2D(3, depth_multiplier=2)", (6, 26, 26), 60),
    ("SeparableConv2D(8, 3, padding='same')", (8, 28, 28), 59),
    ("Conv2DTranspose(4, 3, strides=2, padding='same')", (4, 56, 56), 112),
    ("Conv2DTranspose(4, 2, strides=2)", (4, 56, 56), 52),
    ("Conv2DTranspose(4, 2, strides=3)", (4, 84, 84), 52),
    ("Conv2DTranspose(4, 5, strides=2)", (4, 59, 59), 304),
    ("Conv2DTranspose(4, 4, strides=2, padding='same')", (4, 56, 56), 196),
    ("MaxPooling2D()", (3, 14, 14), 0),
    ("MaxPool2D(3)", (3, 9, 9), 0),
    ("MaxPooling2D(3, strides=2, padding='same')", (3, 14, 14), 0),
    ("AveragePooling2D((2, 4))", (3, 14, 7), 0),
    ("AvgPool2D(5, padding='same')", (3, 6, 6), 0),
    ("GlobalAveragePooling2D()", (3,), 0),
    ("GlobalMaxPooling2D(keepdims=True)", (3, 1, 1), 0),
    ("Flatten()", (2352,), 0),
    ("Dense(4)", (4, 28, 28), 16),
    ("Dense(4, activation=None)", (4, 28, 28), 16),
    ("Flatten(), Dense(4, use_bias=False)", (4,), 9408),
    ("Flatten(), Dense(48), Reshape((4, 4, 3))", (3, 4, 4), 112_944),
    ("Flatten(), Dense(48), Reshape((4, -1, 3)), Flatten(), Reshape((48,))", (48,), 112_944),
    ("BatchNormalization()", (3, 28, 28), 6),
    ("BatchNormalization(scale=False, center=False)", (3, 28, 28), 0),
    ("BatchNormalization(center=False)", (3, 28, 28), 3),
    ("Flatten(), BatchNormalization()", (2352,), 4704),
    ("GlobalAveragePooling2D(), LayerNormalization()", (3,), 6),
    ("GroupNormalization(3)", (3, 28, 28), 6),
    ("Dropout(0.2), SpatialDropout2D(0.2), AlphaDropout(rate=0.1)", (3, 28, 28), 0),
    ("Activation('tanh'), Activation('linear'), Activation(tf.nn.relu)", (3, 28, 28), 0),
    ("ReLU(), ReLU(6), ReLU(negative_slope=0.1), LeakyReLU(alpha=0.2), ELU()", (3, 28, 28), 0),
    ("GlobalMaxPooling2D(), Softmax(axis=-1), ReLU()", (3,), 0),
    ("PReLU(shared_axes=[1, 2])", (3, 28, 28), 3),
    ("ZeroPadding2D(), ZeroPadding2D(2), ZeroPadding2D((1, 2))", (3, 36, 38), 0),
    ("ZeroPadding2D(((1, 0), (2, 3)))", (3, 29, 33), 0),
    ("UpSampling2D(), UpSampling2D((1, 2), interpolation='bilinear')", (3, 56, 112), 0),
    ("Rescaling(1. / 255), RandomFlip('horizontal'), Conv2D(2, 1)", (2, 28, 28), 8),
    ("Conv2D(2, 1, activation=LeakyReLU(0.3), kernel_regularizer=l2(0.01))", (2, 28, 28), 8),
    ("keras.Sequential([Conv2D(2, 1)]), Conv2D(3, 1)", (3, 28, 28), 17),
    ("Conv2D(2, 1), Resizing(20, 30)", (2, 20, 30), 8),
    ("BatchNormalization(axis=[3])", (3, 28, 28), 6),
]


@pytest.mark.parametrize(("layers", "shape", "weights"), LAYERS, ids=[one[0] for one in LAYERS])
def test_a_layer_gives_the_shape_and_has_the_weights_that_keras_says(
    layers: str, shape: tuple[int, ...], weights: int
) -> None:
    translated = model(layers)
    assert (shape_of(translated), count(translated), translated.input_shape) == (shape, weights, (3, 28, 28))


@pytest.mark.parametrize(
    ("layers", "given", "shape"),
    [
        ("Conv1D(8, 3), MaxPooling1D(2), GlobalMaxPooling1D()", "(100, 4)", (8,)),
        ("Conv1D(8, 4, 2, padding='same'), UpSampling1D(3), ZeroPadding1D((1, 2))", "shape=(9, 4)", (8, 18)),
        ("Conv3D(2, 3), AveragePooling3D(), Flatten()", "(8, 8, 8, 1)", (54,)),
        ("SeparableConv1D(6, 3), Dense(2)", "(9, 4)", (2, 7)),
        ("Dense(5, 'relu'), Dense(2, 'sigmoid')", "(7,)", (2,)),
    ],
)
def test_other_inputs_than_pictures(layers: str, given: str, shape: tuple[int, ...]) -> None:
    assert shape_of(model(layers, given)) == shape


@pytest.mark.parametrize(
    ("text", "shape", "features"),
    [
        ("Sequential([Flatten(input_shape=(28, 28)), Dense(9)])", (1, 28, 28), 784),
        ("Sequential([Input((28, 28)), Flatten(), Dense(9)])", (1, 28, 28), 784),
        ("Sequential([Reshape((28, 28, 1), input_shape=(28, 28)), Flatten(), Dense(9)])", (1, 28, 28), 784),
        ("Sequential([Dense(9, input_dim=4)])", (4,), 4),
        ("Sequential([Dense(9, input_shape=[4])])", (4,), 4),
        ("Sequential([InputLayer(input_shape=(4,)), Dense(9)])", (4,), 4),
        ("n = 2\nSequential([InputLayer(batch_input_shape=(None, n + 2)), Dense(9)])", (4,), 4),
    ],
)
def test_where_the_inputs_shape_stands(text: str, shape: tuple[int, ...], features: int) -> None:
    translated = found(text)
    linear = [one for one in built(translated) if isinstance(one, nn.Linear)]
    assert translated.input_shape == shape and linear[0].in_features == features


def test_a_picture_of_any_size() -> None:
    translated = model(
        "Conv2D(4, 3, padding='same'), MaxPooling2D(), GlobalAveragePooling2D(), Dense(2)", "(None, None, 3)"
    )
    assert translated.input_shape == () and count(translated) == 112 + 10


def test_the_norms_momentum_is_the_share_that_is_new() -> None:
    norm = built(model("BatchNormalization(momentum=0.9)"))[0]  # type: ignore[index]
    assert (norm.momentum, norm.eps) == (0.1, 1e-3)


@pytest.mark.parametrize("size", [7, 8, 9, 28])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 3), (4, 3), (5, 2), (1, 2)])
def test_same_with_a_stride_pads_as_keras_does(size: int, kernel: int, stride: int) -> None:
    """ceil(n / s) windows, of which the first begins half of what is padded, rounded down, before the picture."""
    network = built(model(f"Conv2D(1, {kernel}, {stride}, 'same', use_bias=False)", f"({size}, {size}, 1)"))
    picture = torch.rand(1, 1, size, size)
    weight = next(network.parameters())
    windows = -(-size // stride)
    before = max((windows - 1) * stride + kernel - size, 0) // 2
    frame = torch.zeros(size + 40, size + 40)
    frame[20 : 20 + size, 20 : 20 + size] = picture
    starts = [20 - before + step * stride for step in range(windows)]
    cells = [[(frame[y : y + kernel, x : x + kernel] * weight).sum() for x in starts] for y in starts]
    assert torch.allclose(network(picture)[0, 0], torch.tensor(cells), atol=1e-5)


@pytest.mark.parametrize("kind", ["MaxPooling2D", "AveragePooling2D"])
@pytest.mark.parametrize("size", [7, 8, 9, 10])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 3), (3, 1), (2, 1), (5, 2), (4, 3)])
def test_a_pooling_with_same_leaves_padded_cells_out(kind: str, size: int, kernel: int, stride: int) -> None:
    translated = model(f"{kind}({kernel}, {stride}, 'same')", f"({size}, {size}, 1)")
    windows = -(-size // stride)
    total = max((windows - 1) * stride + kernel - size, 0)
    if not translated.text:
        assert total % 2 and stride == 1 and names(translated.notes[0], kernel, size)
        return
    picture = torch.rand(1, 1, size, size) - 1
    spans = [(max(i * stride - total // 2, 0), i * stride - total // 2 + kernel) for i in range(windows)]
    parts = [[picture[0, 0, a:b, c:d] for c, d in spans] for a, b in spans]
    cells = [[part.max() if "Max" in kind else part.mean() for part in row] for row in parts]
    assert torch.allclose(built(translated)(picture)[0, 0], torch.tensor(cells), atol=1e-6)


REFUSED = [
    ("Sequential([Conv2D(8, 3), Dense(10)])", 1, "input_shape=(28, 28, 1)"),
    ("model = Sequential()\nmodel.add(Dense(10))", 2, "input_shape=(28, 28, 1)"),
    ("Sequential([Embedding(100, 8), Dense(3)])", "Embedding", "integers"),
    ("Sequential([Input((9, 4)), LSTM(8), Dense(3)])", "LSTM", "forward"),
    ("Sequential([Input((9, 9, 4)), Cropping2D((1, 2, 3)), Dense(3)])", "cropping", 2),
    ("Sequential([Input((9, 9, 4)), LayerNormalization(), Dense(3)])", "LayerNormalization"),
    ("Sequential([Input((9, 9, 4)), PReLU(), Dense(3)])", "PReLU"),
    ("Sequential([Input((9, 9, 4)), BatchNormalization(axis=1), Dense(3)])", "BatchNormalization", 1),
    ("Sequential([Input((9, 9, 4)), BatchNormalization(scale=False), Dense(3)])", "scale=False"),
    ("Sequential([Input((9, 9, 4)), Dense(3, activation='exponential')])", "'exponential'"),
    ("Sequential([Input((9, 9, 4)), Dense(3, activation=lambda x: x)])", "activation"),
    ("Sequential([Input((9, 9, 4)), Conv2D(3, 3, data_format='channels_first'), MaxPool2D()])", "'channels_last'"),
    ("Sequential([Input((None, None, 4)), Conv2D(3, 3, strides=2, padding='same')])", "'same'", "stride"),
    ("Sequential([Input((None, None, 4)), Flatten(), Dense(3)])", "in_features"),
    ("Sequential([Input((9, 9, 4)), Conv2D(n, 3)])", "filters", "n"),
    ("Sequential([Input((9, 9, 4)), Conv2D(3 // 0, 3)])", 0),
    ("Sequential([Input((9, 9, 4)), Conv2D(-3, 3)])", "filters", -3),
    ("Sequential([Input((9, 9, 4)), Conv2D(3, 11)])", "Conv2D", "input_shape"),
    ("Sequential([Input((9, 9, 4)), Conv2D(3, 3, fancy=2)])", "Conv2D", "fancy"),
    ("Sequential([Input((9, 9, 4)), Conv2D(3, 3, **more)])", "Conv2D"),
    ("Sequential([Input((9, 9, 4)), Dense(3, 4, 5, 6)])", "Dense"),
    ("Sequential([Input((9, 9, 4)), Dense(3), MyLayer()])", "MyLayer"),
    ("Sequential([Input((9, 9, 4)), Dense(3), x[0]])", 1),
    ("Sequential([Input((9, 9, 4)), Conv1D(3, 3)])", "(9, 9, 4)"),
    ("Sequential([Input((9, 9, 4)), Dense(3), Reshape((5, 5, 1))])", "(5, 5, 1)", "(9, 9, 3)"),
    ("Sequential([Input((9, 9, 4)), Reshape((4, 9, 9)), Dense(3)])", "(4, 9, 9)"),
    ("m = Sequential()\nfor n in sizes:\n    m.add(Dense(n))", 2, "loop"),
    ("Sequential([Dense(n) for n in sizes])", 1, "sizes"),
    ("a = keras.Input((4,))\nb = layers.Add()([a, a])\nm = keras.Model(a, b)", "functional"),
    ("class M(keras.Model):\n    def call(self, x):\n        return Dense(3)(x)", "class"),
    ("import keras\nmodel = keras.Sequential()", "no layers"),
    ("Sequential([Input((65000,)), Dense(65000)])", "4,225,065,000"),
]


@pytest.mark.parametrize(("text", "values"), [(one[0], one[1:]) for one in REFUSED], ids=range(len(REFUSED)))
def test_what_has_no_counterpart_is_named(text: str, values: tuple[object, ...]) -> None:
    translated = found(text)
    assert translated.text == "" and translated.input_shape == () and len(translated.notes) == 1
    assert names(translated.notes[0], *values), translated.notes


def test_every_kind_is_tried_above() -> None:
    """In two or three axes where it has several forms."""
    here = Path(__file__)
    texts = "".join(one.read_text(encoding="utf-8") for one in (here, here.with_name("test_code.py")))

    def tried(kind: str) -> bool:
        forms = {kind, *(alias for alias, name in ALIASES.items() if name == kind)}
        written = [f"{form[:-2]}{axes}D(" for form in forms for axes in (1, 2, 3)]
        written += [f"{form}(" for form in forms]
        written += [f"{form.removesuffix('DTranspose')[:-1]}2DTranspose(" for form in forms]
        return any(one in texts for one in written)

    assert [kind for kind in PARAMETERS if not tried(kind)] == []
    assert PARAMETERS.keys() <= KINDS and PARAMETERS.keys().isdisjoint(WITHOUT)


def test_a_boxed_summary() -> None:
    translated = found(BOXED)
    kinds = [type(one).__name__ for one in built(translated)]
    assert kinds == ["Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Conv2d", "ReLU", "Flatten", "Linear"]
    assert translated.input_shape == (1, 28, 28) and shape_of(translated) == (10,)
    assert count(translated) == 96_394 - 64  # the running mean and variance are no weights in PyTorch
    assert any("28 x 28" in note for note in translated.notes) and any("ReLU" in note for note in translated.notes)


def test_an_older_summary_with_names_that_are_cut() -> None:
    translated = found(OLDER)
    first = built(translated)[0:2]  # type: ignore[index]
    assert translated.input_shape == (3, 32, 32) and shape_of(translated) == (10,)
    assert count(translated) == 722 - 16
    assert [type(one).__name__ for one in first] == ["ZeroPad2d", "Conv2d"] and first[1].kernel_size == (5, 5)


def table(*rows: tuple[str, str, int]) -> str:
    lines = [f" x_{index} ({kind})    (None, {shape})    {count:,}" for index, (kind, shape, count) in enumerate(rows)]
    return "\n".join([" Layer (type)   Output Shape   Param # ", "=" * 40, *lines, "=" * 40, "Total params: 1"])


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([("Conv2D", "30, 30, 8", 224), ("Dense", "30, 30, 2", 18)], ("size",)),  # neither 30 nor 32: 32 fits
        ([("Conv2D", "62, 50, 8", 224)], ("size",)),
        ([("Conv2D", "26, 26, 8", 81)], (81,)),
        ([("InputLayer", "28, 28, 1", 0), ("Conv2D", "8, 8, 8", 80)], ("stride",)),
        ([("InputLayer", "28, 28, 1", 0), ("Conv2D", "26, 26, 8", 81)], (81,)),
        ([("InputLayer", "28, 28, 1", 0), ("MaxPooling2D", "27, 27, 1", 0)], ("MaxPooling2D",)),
        ([("InputLayer", "28, 28, 1", 0), ("ZeroPadding2D", "29, 29, 1", 0)], ("ZeroPadding2D",)),
        ([("InputLayer", "28, 28", 0), ("LSTM", "8", 1184)], ("LSTM",)),
        ([("Wonder", "28, 28, 1", 0)], ("Wonder",)),
        ([("MaxPooling2D", "28, 28, 1", 0)], ("MaxPooling2D",)),
    ],
    ids=range(10),
)
def test_what_a_summary_does_not_say(rows: list[tuple[str, str, int]], values: tuple[object, ...]) -> None:
    if rows[0][1] == "30, 30, 8":
        assert shape_of(found(table(*rows))) == (2, 30, 30)
        return
    translated = found(table(*rows))
    assert translated.text == "" and names(translated.notes[0], *values), translated.notes


def test_every_kind_of_layer_in_a_summary() -> None:
    rows = [
        *(("InputLayer", "32, 32, 3", 0), ("Conv2D", "32, 32, 8", 216), ("ReLU", "32, 32, 8", 0)),
        *(("DepthwiseConv2D", "32, 32, 8", 80), ("SeparableConv2D", "30, 30, 4", 108), ("Dropout", "30, 30, 4", 0)),
        *(("ZeroPadding2D", "34, 32, 4", 0), ("AveragePooling2D", "17, 16, 4", 0), ("UpSampling2D", "34, 32, 4", 0)),
        *(("Conv2DTranspose", "68, 64, 2", 74), ("Activation", "68, 64, 2", 0), ("Flatten", "8704", 0)),
        *(("Dense", "16", 139_264), ("BatchNormalization", "16", 64), ("Reshape", "4, 4, 1", 0)),
        *(("GlobalMaxPooling2D", "1", 0), ("Dense", "2", 4)),
    ]
    translated = found(table(*rows))  # type: ignore[arg-type]
    assert shape_of(translated) == (2,)
    assert count(translated) == sum(int(str(row[2])) for row in rows) - 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "nn.Sequential(nn.Linear(1, 2))",
        "import keras\nclass Net(nn.Module): pass",
        "from keras.datasets import mnist",
        "x = Dense(",
        "Dense(" * 5_000,
        "-" * 50_000 + "Dense(1)",
        "Layer (type)" * 8_000,
        "(None, " * 14_000,
    ],
    ids=range(10),
)
def test_what_is_not_keras(text: str) -> None:
    with within(2):
        assert read(text) is None


def test_names_that_stand_for_themselves_end() -> None:
    text = "a = b\nb = a\nSequential([Input((4,)), Dense(a), b])"
    assert found(text).text == "" and found("a = a\nSequential([a, Dense(3)])").text == ""


@pytest.mark.parametrize(
    "text",
    [
        "import keras\nm = Sequential()\nm.add(Input((4,)))\n" + "m.add(m)\n" * 40,
        "a = Sequential([Dense(3)])\n" + "a = Sequential([a, a, a, a, a, a, a, a])\n" * 30,
        "\n".join(f"x{n} = ({', '.join([f'x{n + 1}'] * 8)})" for n in range(28)) + "\nx28 = 3\nSequential([Dense(x0)])",
        "Sequential([Input((4,)), " + "Dense(3), " * 600 + "])",
        "Sequential([" * 60 + "Dense(3)" + "])" * 60,
        "Sequential([Input((4,)), Dense(" + "1 + " * 400 + "1)])",
        "Sequential([Input((4,)), Dense(3, activation=" + "ReLU(activation=" * 60 + "1" + ")" * 60 + ")])",
        "Layer (type)   Output Shape\n x (None, 3) 0\n" + "y\n" * 40_000 + "Dense()",
    ],
    ids=range(8),
)
def test_what_would_take_long_is_refused_soon(text: str) -> None:
    with within(2):
        assert found(text).text == ""


def test_whatever_is_changed_gives_a_network_or_a_sentence(tries: Tries) -> None:
    tokens = ["(", ")", ",", "=", "None", "0", "9" * 20, "-1", "'same'", "(1, 2)", "Dense(3)", "1e999", "\n", "│", "*"]
    networks = 0
    for pick in tries(5_000, sample=200):
        text = pick.choice([MNIST, ADDED, BOXED, OLDER])
        for _ in range(pick.randint(1, 3)):
            at = pick.randrange(len(text))
            text = text[:at] + pick.choice(tokens) + text[at + pick.choice([0, 1, 5]) :]
        translated = read(text)
        if translated is not None and translated.text:
            networks += 1
            notation.parse(translated.text)
        elif translated is not None:
            assert len(translated.notes) == 1
    assert networks > 10


def test_a_causal_padding_looks_back_alone() -> None:
    network = built(
        found("keras.Sequential([Input((9, 1)), Conv1D(1, 3, padding='causal', dilation_rate=2, use_bias=False)])")
    )
    assert isinstance(network[1], nn.Conv1d)
    nn.init.ones_(network[1].weight)
    row = torch.arange(1.0, 10.0)
    expected = row + torch.cat([torch.zeros(2), row[:-2]]) + torch.cat([torch.zeros(4), row[:-4]])
    assert torch.equal(network(row[None, None])[0, 0], expected)


@pytest.mark.parametrize(("taken", "made"), [((3, 4, 5), (12, 5)), ((12, 5), (3, 4, 5))])
def test_a_reshape_that_keeps_the_channels_keeps_the_order(taken: tuple[int, ...], made: tuple[int, ...]) -> None:
    translated = found(f"keras.Sequential([Input({taken}), ReLU(), Reshape({made})])")
    numbers = torch.arange(60.0).reshape(1, *taken)
    assert torch.equal(built(translated)(numbers.movedim(-1, 1)).movedim(1, -1), numbers.reshape(1, *made))
    assert translated.notes == ()


def test_where_the_order_of_weights_differs() -> None:
    notes = [
        found(f"keras.Sequential([Input((3, 4, 5)), {one}])").notes for one in ("Flatten(), Dense(2)", "Reshape((60,))")
    ]
    assert all(names(one[0], "the next Linear") for one in notes)
    assert names(found("Sequential([Dense(60, input_dim=2), Reshape((3, 4, 5))])").notes[0], "the Linear before it")


def test_versions_of_keras_differ_in_hard_sigmoid() -> None:
    translated = found("Sequential([Dense(2, input_dim=3, activation='hard_sigmoid')])")
    assert names(translated.notes[0], "Keras 3", "Keras 2", "0.2")


def test_keras_is_read_as_large_as_a_class_in_code() -> None:
    """112 * 112 * 32 numbers to a Dense of 300."""
    found = read(
        "from keras import Sequential, layers\nmodel = Sequential([layers.Input((112, 112, 32)), layers.Flatten(), "
        "layers.Dense(300)])\n"
    )
    assert found is not None and "nn.Linear(401408, 300)" in found.text
    network = own.read(found.text).weightless()
    assert sum(one.numel() for one in network.parameters()) == 401_409 * 300  # more than the most that are trained
    more = read("import keras\nmodel = keras.Sequential([keras.layers.Dense(60000, input_dim=70000)])\n")
    assert more is not None and not more.text and any(names(note, "4,200,060,000") for note in more.notes)

"""Code of Keras as people paste it, and what its names, branches and functions come to."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from cnnviz.networks import notation, own
from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.reading import read
from tests.helpers import names
from tests.networks.source.keras.translated import built, found
from tests.pace import within

SCRIPT = """from tensorflow import keras
from tensorflow.keras import layers
model = keras.Sequential([
    keras.Input(shape=(24, 20, 1)),
    layers.Conv2D(6, 5, activation="tanh"),
    layers.AveragePooling2D(2),
    layers.Flatten(),
    layers.Dense(7),
])
"""
SUMMARY = """
Layer (type)                 Output Shape              Param #
=================================================================
input_1 (InputLayer)         [(None, 24, 20, 1)]       0
conv2d (Conv2D)              (None, 20, 16, 6)         156
average_pooling2d (AveragePoo (None, 10, 8, 6)         0
flatten (Flatten)            (None, 480)               0
dense (Dense)                (None, 7)                 3367
=================================================================
Total params: 3,523
"""
HEAD = "from keras.models import Sequential\nfrom keras.layers import *\n"


def sizes(text: str) -> list[int]:
    """What each layer with weights of a translated text makes: channels or features."""
    return [one.weight.shape[0] for one in built(found(text)) if isinstance(one, nn.Linear | nn.Conv2d)]


def output(translated: Translated) -> tuple[int, ...]:
    value = notation.parse(translated.text).weightless()(torch.zeros(2, *translated.input_shape, device="meta"))
    return tuple(value.shape[1:])


def notebook(*cells: str) -> str:
    made = [{"cell_type": "code", "source": cell.splitlines(True), "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"cells": made, "nbformat": 4, "metadata": {}})


PASTED = {
    "a shell line": "!pip install -q keras\n" + SCRIPT,
    "a magic line": "%matplotlib inline\n" + SCRIPT,
    "a fence": "This is it:\n\n```python\n" + SCRIPT + "```\n\nWhy is it slow?\n",
    "prompts": "\n".join(("... " if line.startswith((" ", "]")) else ">>> ") + line for line in SCRIPT.splitlines()),
    "numbers of lines": "\n".join(f"{at:>3} {line}" for at, line in enumerate(SCRIPT.splitlines(), 1)),
    "indented": "".join(f"        {line}\n" for line in SCRIPT.splitlines()),
    "curly quotes": SCRIPT.replace('"tanh"', "\u201ctanh\u201d"),
    "a byte order mark": "\ufeff" + SCRIPT,
    "no-break spaces": SCRIPT.replace("    ", "\u00a0" * 4),
    "a notebook": notebook("!pip install keras", SCRIPT, "model.summary()"),
    "prose": "Here is my network:\n" + SCRIPT,
    "a log of training": SCRIPT + "model.fit(x, y)\nEpoch 1/3\n469/469 [=====] - 3s 5ms/step - loss: 0.31\n",
    "words of PyTorch in comments": '"""As nn.Module, nn.Linear(3, 4)."""\n' + SCRIPT + "# nn.Conv2d(1, 2, 3)\n",
    "its summary": SCRIPT + "model.summary()\n" + SUMMARY,
    "its summary in a fence": f"```python\n{SCRIPT}```\n```\n{SUMMARY}```\n",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED)
def test_a_text_is_read_as_people_paste_it(text: str) -> None:
    translated = found(text)
    expected = nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(480, 7)),
    )
    assert repr(built(translated)) == repr(expected) and translated.input_shape == (1, 24, 20)


def test_a_line_is_the_readers_own() -> None:
    text = "!pip install keras\n\nSome prose.\n\n" + SCRIPT.replace("Dense(7)", "Dense(classes)")
    assert names(found(text).notes[0], 12, "classes")
    assert names(found(notebook("import keras", SCRIPT.replace("Dense(7)", "Dense(classes)"))).notes[0], 10)


def test_the_code_goes_before_its_summary_and_a_fault_in_it_before_both() -> None:
    window = SCRIPT.replace("AveragePooling2D(2)", "AveragePooling2D(3, strides=2)")
    pooling = [one for one in built(found(window + SUMMARY)) if isinstance(one, nn.AvgPool2d)]
    assert pooling[0].kernel_size == 3 and pooling[0].stride == 2
    assert read(SCRIPT.replace("])", "") + SUMMARY) is None
    only = found("import keras\nmodel = keras.models.load_model('m.keras')\nmodel.summary()\n" + SUMMARY)
    assert sum(one.numel() for one in built(only).parameters()) == 3523


@pytest.mark.parametrize("last", ["model.add(Dense(7, activation='soft", "model.add(Dense(7,"])
def test_a_layer_that_is_cut_off_is_said_to_be_left_out(last: str) -> None:
    rows = "model = Sequential()\nmodel.add(Dense(5, input_shape=(4,)))\n"
    cut = read(HEAD + rows + last)
    assert cut is not None and cut.text.count("nn.Linear") == 1 and names(" ".join(cut.notes), "Line 5")
    whole = read(HEAD + rows + "model.add(Dense(7))")
    assert whole is not None and "Line" not in " ".join(whole.notes)


def test_an_add_says_keras_without_an_import() -> None:
    text = "model = Sequential()\nmodel.add(Flatten(input_shape=(6, 5)))\nmodel.add(Dropout(0.3))\n"
    assert output(found(text)) == (30,)
    assert sizes("model = Sequential()\nmodel.add(Dense(4, input_dim=3))\nmodel.add(Dense(2))") == [4, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rows, columns = 9, 8\nm = Sequential([Input((rows, columns, 1)), Flatten(), Dense(rows)])", [9]),
        ("h = w = 6\nm = Sequential([Input((h, w, 1)), Flatten(), Dense(w)])", [6]),
        ("(a, b), c = (3, 4), 5\nm = Sequential([Dense(a, input_dim=b), Dense(c)])", [3, 5]),
        ("n = 2\nn *= 3\nn = n + 1\nm = Sequential([Dense(n, input_dim=4)])", [7]),
        ("m = Sequential([Dense(2**5, input_dim=4), Dense(int(64 / 4)), Dense(17 % 6)])", [32, 16, 5]),
        ("side = (6, 6)\nm = Sequential([Flatten(input_shape=side + (2,)), Dense(np.prod(side))])", [36]),
        ("kinds = ['a', 'b', 'c']\nm = Sequential([Dense(len(kinds), input_dim=4)])", [3]),
        ("c = {'units': 9}\nm = Sequential([Dense(c['units'], input_dim=4)])", [9]),
        ("s = (5, 4, 3)\nm = Sequential([Dense(s[-1], input_shape=s[:1])])", [3]),
        ("deep = True\nm = Sequential([Dense(8 if deep else 2, input_dim=4)])", [8]),
        ("def build(width, classes=6):\n    return Sequential([Dense(classes, input_dim=width)])\nm = build(3)", [6]),
        ("def build(classes=5):\n    return Sequential([Dense(classes, input_dim=2)])", [5]),
        ("def build(classes=5):\n    return Sequential([Dense(classes, input_dim=2)])\nprint(build(8))", [8]),
        ("def block(m, n):\n    m.add(Dense(n))\nm = Sequential([Input((4,))])\nblock(m, 3)\nblock(m, n=2)", [3, 2]),
        ("m = Sequential([Dense(3, input_dim=4, dtype=tf.float32, name=f'd{i}', trainable=flag)])", [3]),
        ("m = Sequential([Input((4,), batch_size=BATCH), Dense(3)])", [3]),
        ("m = Sequential([Dense(3, batch_input_shape=(BATCH, 4))])", [3]),
        ("m = Sequential([Dense(3), Dense(2)])\nm.build((None, 5))", [3, 2]),
        ("from keras.layers import Dense as D\nm = Sequential([D(3, input_dim=4)])", [3]),
        ("a = [Input((4,)), Dense(3)]\na.append(Dense(2))\na += [Dense(1)]\nm = Sequential(a)", [3, 2, 1]),
        ("m = Sequential([Input((4,)), *[Dense(3), Dense(2)]])", [3, 2]),
        ("m = Sequential([Input((4,)), Dense(3), Dense(2)])\nm.pop()\nm.add(Dense(5))", [3, 5]),
        ("last = Dense(2)\nm = Sequential([Input((4,)), Dense(3)])\nm.add(last)", [3, 2]),
        ("try:\n    m = Sequential([Dense(3, input_dim=2)])\nfinally:\n    pass", [3]),
        ("for a, b in folds:\n    n = 3\n    m = Sequential()\n    m.add(Dense(n, input_dim=2))\n    m.fit(a)", [3]),
        ("class A:\n    units = 4\n    def __init__(self):\n        self.m = Sequential()\n"
         "        self.m.add(Dense(self.units, input_dim=2))", [4]),
        ("class Net:\n    @staticmethod\n    def build(size, n):\n        m = Sequential()\n"
         "        m.add(Dense(n, input_dim=size))\n        return m\nm = Net.build(size=3, n=8)", [8]),
        ("class A:\n    def __init__(self, n=7):\n        self.n = n\n        self.m = self.made()\n"
         "    def made(self):\n        return Sequential([Dense(self.n, input_dim=2)])\nA(9)", [9]),
        ("if __name__ == '__main__':\n    m = Sequential([Dense(3, input_dim=2)])", [3]),
        ("a = [3]\na[0] = 4\nm = Sequential([Dense(5, input_dim=2)])", [5]),
    ],
)  # fmt: skip
def test_what_names_come_to(text: str, expected: list[int]) -> None:
    assert sizes(HEAD + text) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("K.image_data_format() == 'channels_first'", (5, 7, 3)),
        ("keras.backend.image_data_format() != 'channels_last'", (5, 7, 3)),
        ("K.image_dim_ordering() == 'th'", (5, 7, 3)),
        ("not K.image_data_format() == 'channels_last'", (5, 7, 3)),
        ("'channels_last' == K.image_data_format()", (3, 5, 7)),
    ],
)
def test_channels_last_is_what_keras_answers(condition: str, expected: tuple[int, int, int]) -> None:
    text = f"if {condition}:\n    shape = (3, 5, 7)\nelse:\n    shape = (5, 7, 3)\n"
    translated = found(HEAD + text + "m = Sequential([Conv2D(2, 1, input_shape=shape), Flatten(), Dense(4)])")
    assert translated.input_shape == (expected[2], *expected[:2])


@pytest.mark.parametrize(("value", "kind"), [("True", "BatchNorm1d"), ("False", "Dropout"), ("0", "Dropout")])
def test_a_branch_whose_condition_is_known(value: str, kind: str) -> None:
    text = f"normed = {value}\nm = Sequential([Input((4,))])\nif normed:\n    m.add(BatchNormalization())\n"
    assert [type(one).__name__ for one in built(found(HEAD + text + "else:\n    m.add(Dropout(0.5))"))] == [kind]


REFUSED = [
    ("m = Sequential([Input((4,))])\nif normed:\n    m.add(BatchNormalization())\nelse:\n    m.add(Dropout(0.5))", 4),
    ("m = Sequential([Input((4,)), Dense(3)])\nif normed:\n    m.add(BatchNormalization())", 4),
    ("if deep:\n    n = 3\nelse:\n    n = 4\nm = Sequential([Dense(n, input_dim=2)])", 3, "n"),
    ("n = 3\nif deep:\n    n = 4\nm = Sequential([Dense(n, input_dim=2)])", 4, "n"),
    ("m = Sequential([Input((9, 9, 1))])\nfor n in sizes:\n    one = Conv2D(n, 3)\n    m.add(one)", 4, "loop"),
    ("m = Sequential([Input((4,))])\nwhile len(m.layers) < 3:\n    m.add(Dense(2))", 4, "loop"),
    (
        "def block(m, n):\n    m.add(Dense(n))\nm = Sequential([Input((4,))])\nfor n in sizes:\n    block(m, n)",
        6,
        "loop",
    ),
    ("m = Sequential([Input((4,))])\nfor n in (3, 4):\n    if wide:\n        break\n    m.add(Dense(n))", 4, "loop"),
    ("m = Sequential([Input((4,))])\nfor n in range(9**9):\n    m.add(Dense(n))", 4, "loop"),
    ("n = 3\nfor i in range(3):\n    n = n * 2\nm = Sequential([Dense(n, input_dim=2)])", 4, "n"),
    ("parts = [Input((4,))]\nfor n in sizes:\n    parts.append(Dense(n))\nm = Sequential(parts)", 5, "parts"),
    ("parts = [Input((4,)), Dense(3)]\nparts.insert(1, Dense(5))\nm = Sequential(parts)", 4, "insert"),
    ("n = [3, 4]\nn[0] = 5\nm = Sequential([Dense(n[0], input_dim=2)])", 4, "n"),
    ("m = Sequential([Input((4,)), Dense(3)])\n[m.add(Dense(n)) for n in (2, 3)]", 4, "m.add"),
    ("m = Sequential([Input((4,)), Dense(3)])\nm.layers.pop()", 4, "m.layers"),
    ("m = Sequential([Input((4,))])\nm.pop()", 4, "pop"),
    ("m = Sequential([Input((4,))])\nm.add(Dense(3), Dense(2))", 4, "add"),
    ("m = Sequential([Convolution2D(32, 3, 3, input_shape=(9, 9, 1))])", 3, "Convolution2D", 1),
    ("m = Sequential([Convolution3D(8, 3, 3, 3, input_shape=(9, 9, 9, 1))])", 3, "Convolution3D"),
    (
        "if x:\n    K.set_image_data_format('channels_first')\nm = Sequential([Flatten(input_shape=(1, 9, 9))])",
        4,
        "branch",
    ),
    ("m = Sequential([Reshape(784, input_shape=(28, 28)), Dense(3)])", 3, 784, "(784,)"),
    ("n = x.shape[1]\nm = Sequential([Dense(3, input_dim=n)])", 3, "n"),
    ("def build(n):\n    return Sequential([Dense(n, input_dim=2)])", 3, "n"),
    ("m = Sequential([Dense('3' + 4, input_dim=2)])", 3, "number"),
    ("m = Sequential([Dense(9 ** 99, input_dim=2)])", 3, 30),
    ("base = keras.applications.VGG16()\nm = Sequential([base, Dense(3)])", 3, "VGG16", "models.vgg16"),
    ("m = Sequential([NASNetLarge(), Dense(3)])", 3, "NASNetLarge", "no such network"),
    ("n = len(names)\nm = Sequential([Dense(n, input_dim=2)])", 3, "n", "len(names)"),
    ("m = Sequential([Dense(len(names), input_dim=2)])", 3, "units", "len(names)"),
    ("m = Sequential([Dense(3, input_shape=x.shape[1:])])", 3, "input_shape", "x.shape[1:]"),
    ("m = Sequential([Dense(3, input_dim=2, activation=lambda x: x * x)])", 3, "lambda x: x * x", "'relu'"),
    ("m = Sequential([Input((3, 8, 1)), TimeDistributed(Dense(2))])", 3, "TimeDistributed", "at each step"),
    ("m = Sequential([Input((9, 9, 1)), Conv2D(2, 3), CenterCrop(3, 3)])", 3, "crop"),
]


@pytest.mark.parametrize(("text", "values"), [(one[0], one[1:]) for one in REFUSED], ids=range(len(REFUSED)))
def test_what_does_not_follow_from_the_text_is_refused(text: str, values: tuple[object, ...]) -> None:
    translated = found(HEAD + text)
    assert translated.text == "" and len(translated.notes) == 1
    assert names(translated.notes[0], *values), translated.notes


def test_a_stride_that_keras_1_had_as_a_side_is_named() -> None:
    translated = found(HEAD + "m = Sequential([Conv2D(4, 3, 3, input_shape=(9, 9, 1))])")
    assert built(translated)[0].stride == (3, 3) and any(names(note, 3, "stride") for note in translated.notes)
    assert not any("Keras 1" in note for note in found(HEAD + "m = Sequential([Dense(4, input_dim=3)])").notes)


@pytest.mark.parametrize("first", ["Resizing(12, 10)", "CenterCrop(12, 10)", "RandomCrop(height=12, width=10)"])
def test_a_layer_before_the_network_gives_pictures_their_size(first: str) -> None:
    translated = found(HEAD + f"m = Sequential([Input((64, 48, 3)), {first}, Conv2D(4, 3), Flatten(), Dense(5)])")
    assert translated.input_shape == (3, 12, 10) and built(translated)[2].in_features == 4 * 10 * 8
    assert any(names(note, 12, 10) for note in translated.notes)


@pytest.mark.parametrize("first", ["RandomFlip('horizontal'", "Resizing(14, 14", "RandomZoom(height_factor=f, seed=1"])
def test_the_inputs_shape_stands_in_a_layer_that_prepares(first: str) -> None:
    text = f"flips = Sequential([{first}, input_shape=(14, 14, 3)), RandomRotation(0.1)])\n"
    translated = found(HEAD + text + "m = Sequential([flips, Rescaling(1. / 255), Conv2D(2, 3), Flatten(), Dense(4)])")
    assert translated.input_shape == (3, 14, 14) and sizes(HEAD + text + "m = Sequential([flips, Dense(6)])") == [6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m = Sequential([Input((4,))])\nfor n in [3, 2 * 2]:\n    m.add(Dense(n))\nm.add(Dense(2))", [3, 4, 2]),
        ("m = Sequential()\nm.add(Input((4,)))\nfor _ in range(2):\n    m.add(Dense(5))\n    m.add(ReLU())", [5, 5]),
        (
            "m = Sequential([Input((4,))])\n"
            "for i, (a, b) in enumerate(zip((1, 2), (3, 4))):\n    m.add(Dense(a * b + i))",
            [3, 9],
        ),
        ("n = 2\nm = Sequential([Input((4,))] + [Dense(n) for _ in range(n)] + [Dense(1)])", [2, 2, 1]),
        ("parts = [Input((4,))]\nfor n in (3, 4):\n    parts.append(Dense(n))\nm = Sequential(parts)", [3, 4]),
        (
            "def block(m, n):\n    m.add(Dense(n))\nm = Sequential([Input((4,))])\nfor n in (3, 4):\n    block(m, n)",
            [3, 4],
        ),
        ("m = Sequential([Input((4,))])\nfor n in (3, 4):\n    if n > 3:\n        m.add(Dense(n))", [4]),
        ("D = partial(Dense, 3, activation='relu')\nm = Sequential([Input((4,)), D(), D(use_bias=False)])", [3, 3]),
        (
            "D = partial(Dense, units=3)\nDense = partial(D, units=5)\n"
            "m = Sequential([Input((4,)), Dense(), Dense(units=2)])",
            [5, 2],
        ),
        (
            "class Net(Sequential):\n    def __init__(self, n):\n        super().__init__([Input((4,)), Dense(n)])\n"
            "        self.add(Dense(2))\nm = Net(7)",
            [7, 2],
        ),
        ("m = Sequential([Dense(2, input_shape=(3,) * 1 + (1,)), Flatten(), Dense(5)])", [2, 5]),
    ],
)
def test_loops_and_lists_that_follow_from_the_text(text: str, expected: list[int]) -> None:
    translated = found(HEAD + text)
    assert [one.weight.shape[0] for one in built(translated) if isinstance(one, nn.Linear | nn.Conv1d)] == expected


CHAIN = """inputs = keras.Input(shape=(24, 20, 1))
x = layers.Conv2D(6, 5, activation="tanh")(inputs)
x = layers.AveragePooling2D(2)(x, training=False)
{}
model = keras.Model(inputs, {})
"""
HEADS = [
    ("x = layers.Flatten()(x)\noutputs = layers.Dense(7)(x)", "outputs"),
    ("x = layers.Flatten()(x)", "outputs=[layers.Dense(7)(x)], name='net'"),
    ("flat = layers.Flatten()\nlast = layers.Dense(7)\nx = last(flat(x))", "x"),
    ("def head(x, n):\n    return layers.Dense(n)(layers.Flatten()(x))", "head(x, 7)"),
    ("for layer in [layers.Flatten(), layers.Dense(7)]:\n    x = layer(x)", "x"),
    ("head = keras.Sequential([layers.Flatten(), layers.Dense(7)])\nx = head(x)", "x"),
]


@pytest.mark.parametrize(("head", "outputs"), HEADS)
def test_a_functional_model_that_is_a_plain_chain(head: str, outputs: str) -> None:
    translated = found(CHAIN.format(head, outputs))
    assert repr(built(translated)) == repr(built(found(SCRIPT))) and translated.input_shape == (1, 24, 20)
    assert not any("functional" in note for note in translated.notes)


@pytest.mark.parametrize(
    "head",
    [
        "outputs = layers.add([x, x])",
        "outputs = layers.Add()([x, x])",
        "outputs = layers.Dense(7)(x + x)",
        "same = layers.Dense(6)\noutputs = same(same(x))",
        "outputs = [layers.Dense(7)(x), layers.Dense(2)(x)]",
        "outputs = layers.Dense(7)(elsewhere)",
        "inputs = keras.Input((3,))\noutputs = layers.Dense(7)(x)",
    ],
)
def test_what_is_no_plain_chain_is_refused(head: str) -> None:
    translated = found(CHAIN.format(head, "outputs"))
    assert translated.text == "" and names(translated.notes[0], "functional", "branches", "joins")


def test_what_a_chain_lacks_is_named() -> None:
    translated = found(CHAIN.format("outputs = layers.Dense(classes)(x)", "outputs"))
    assert translated.text == "" and names(translated.notes[0], 4, "classes")


def test_of_an_encoder_and_the_whole_the_whole_is_taken() -> None:
    text = "a = keras.Input((6,))\nb = layers.Dense(2)(a)\nc = layers.Dense(6)(b)\n"
    translated = found(f"{text}whole = keras.Model(a, c)\nencoder = keras.Model(a, b)")
    assert [one.out_features for one in built(translated) if isinstance(one, nn.Linear)] == [2, 6]
    assert translated.notes == ()


def test_sequentials_within_a_functional_model() -> None:
    flips = "flips = keras.Sequential([layers.RandomFlip(), layers.Rescaling(1 / 255)])\n"
    more = "b = layers.add([a, a])\nm = keras.Model(a, b)"
    refused = [found(f"{before}a = keras.Input((6,))\n{more}").notes for before in ("", flips)]
    assert refused[0] == refused[1] and names(refused[0][0], "functional")
    coded = "enc = keras.Sequential([keras.Input((6,)), layers.Dense(2)])\n"
    coded += "dec = keras.Sequential([keras.Input((2,)), layers.Dense(6)])\nx = keras.Input((6,))\n"
    assert sizes(f"{coded}m = keras.Model(x, dec(enc(x)))") == [2, 6]
    translated = found(f"{coded}m = keras.Model(x, layers.add([x, dec(enc(x))]))")
    assert translated.input_shape == (2,)
    assert any(names(note, "dec", 2, "functional") for note in translated.notes)
    assert any(names(note, "enc", 1) for note in translated.notes)


def test_of_several_sequentials_it_is_said_which_is_taken() -> None:
    two = HEAD + "a = Sequential([Dense(3, input_dim=2)])\nb = Sequential([Dense(4, input_dim=2)])\n"
    assert sizes(two) == [4] and any(names(note, 2, "a", "b", 3, 4) for note in found(two).notes)
    assert found(two + "c = Sequential([a, Dense(2, input_dim=3)])\n").text.count("Linear") == 2
    assert sizes(two + "c = Sequential([a, Dense(2)])\nc.summary()") == [3, 2]
    assert found(HEAD + "a = Sequential([Dense(3, input_dim=2)])").notes == ()


def test_a_layer_of_ones_own_beside_a_sequential_is_no_functional_model() -> None:
    text = "class Own(keras.layers.Layer):\n    def call(self, x):\n        return layers.Dense(3)(x)\n"
    translated = found(text + "m = keras.Sequential([keras.Input((4,)), layers.Dense(3)])")
    assert translated.text and not any("functional" in note for note in translated.notes)


LONG = [
    HEAD + "def f():\n" + "    f()\n" * 8 + "f()\nm = Sequential([Dense(3)])",
    HEAD + "".join(f"def f{n}():\n    f{n + 1}()\n    f{n + 1}()\n" for n in range(900)) + "f0()",
    HEAD + "x0 = 3\n" + "".join(f"x{n + 1} = ({', '.join([f'x{n}'] * 8)})\n" for n in range(27)) +
    "if x27 == x26: n = 1\nm = Sequential([Dense(x27, input_dim=2)])",
    HEAD + "a = [1]\n" + "a = a + a\n" * 40 + "m = Sequential([Dense(a, input_dim=2)])",
    HEAD + "a = [1]\na.append(a)\nm = Sequential([Dense(a, input_dim=2)])",
    HEAD + "n = [0] * 10 ** 9\nm = Sequential([Dense(n, input_dim=2)])",
    HEAD + "n = 9 ** 9 ** 9\nm = Sequential([Dense(n, input_dim=2)])",
    HEAD + "n = np.prod([" + "999999999, " * 900 + "])\nm = Sequential([Dense(n, input_dim=2)])",
    HEAD + "if q: n = 1\n" * 3_000 + "m = Sequential([Dense(n, input_dim=2)])",
]  # fmt: skip


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_code_that_would_take_long_is_refused_soon(text: str) -> None:
    with within(3):
        assert found(text).text == ""


def test_a_sequential_of_ones_own_with_a_call_is_a_class() -> None:
    body = "    def __init__(self):\n        super().__init__([Dense(3)])\n    def call(self, x):\n        return x\n"
    translated = found(f"{HEAD}class Net(Sequential):\n{body}m = Net()")
    assert translated.text == "" and names(translated.notes[0], "class", "forward")


READY = [
    "import tensorflow as tf\nnet = tf.keras.applications.DenseNet121(weights=None)\nnet.summary()\n",
    "from keras.applications.densenet import DenseNet121 as Net\n\ndef make():\n    return Net(weights=None)\n",
    "from keras import applications\nprint(0)\nnet = applications.DenseNet121()\n",
]


@pytest.mark.parametrize("text", READY)
def test_a_ready_made_network_alone_is_answered_as_in_a_sequential(text: str) -> None:
    answer = read(text)
    assert answer is not None and not answer.text
    assert names(answer.notes[0], "DenseNet121", "ready-made", "the same as models.densenet121")
    with pytest.raises(own.Offer, match="This is Keras"):
        own.read(text)


@pytest.mark.parametrize(
    ("name", "difference"),
    [("ResNet50", "biases"), ("ResNet152", "stride"), ("InceptionV3", "scale"), ("VGG16", ""), ("MobileNetV2", "")],
)
def test_where_torchvision_differs_from_keras_that_is_said(name: str, difference: str) -> None:
    """Keras's ResNet50 trains 25,583,592 parameters and torchvision's 25,557,032; VGG16 has 138,357,544 in both."""
    answer = read(f"from keras.applications import {name}\nmodel = {name}()\n")
    assert answer is not None and ("nearly" in answer.notes[0]) == bool(difference) and difference in answer.notes[0]

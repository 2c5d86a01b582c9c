"""Tables of model.summary() as versions of Keras print them: names and shapes that are cut or go on, and what is not
printed."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.reading import read
from tests.helpers import names
from tests.networks.source.keras.translated import built, found
from tests.pace import within

Rows = list[tuple[str, str, int]]  # names with their kinds, shapes and parameters

ROWS: Rows = [
    ("input_1 (InputLayer)", "32, 32, 3", 0),
    ("conv2d_7 (Conv2D)", "30, 30, 8", 224),
    ("batch_normalization_12 (BatchNormalization)", "30, 30, 8", 32),
    ("max_pooling2d_3 (MaxPooling2D)", "15, 15, 8", 0),
    ("separable_conv2d_1 (SeparableConv2D)", "15, 15, 6", 126),
    ("spatial_dropout2d_1 (SpatialDropout2D)", "15, 15, 6", 0),
    ("zero_padding2d_1 (ZeroPadding2D)", "17, 17, 6", 0),
    ("depthwise_conv2d_1 (DepthwiseConv2D)", "15, 15, 6", 60),
    ("conv2d_transpose_2 (Conv2DTranspose)", "30, 30, 4", 100),
    ("leaky_re_lu_14 (LeakyReLU)", "30, 30, 4", 0),
    ("average_pooling2d_1 (AveragePooling2D)", "15, 15, 4", 0),
    ("global_average_pooling2d_2 (GlobalAveragePooling2D)", "4", 0),
    ("dense_1 (Dense)", "10", 50),
]
KINDS = (
    *("Conv2d", "BatchNorm2d", "MaxPool2d", "Conv2d", "Conv2d", "Dropout2d", "ZeroPad2d", "Conv2d"),
    *("ConvTranspose2d", "LeakyReLU", "AvgPool2d", "AdaptiveAvgPool2d", "Flatten", "Linear"),
)
TOTAL = sum(count for _, _, count in ROWS) - 16  # a running mean and variance are no weights in PyTorch


def kinds(translated: Translated) -> tuple[str, ...]:
    return tuple(type(one).__name__ for one in built(translated))


def count(translated: Translated) -> int:
    return sum(one.numel() for one in built(translated).parameters())


def cut(rows: Rows, width: int = 28) -> str:
    """As Keras 1 to 2.6 print it: what is wider than its column is cut, and does not go on."""
    lines = [f"{name[:width]:{width}} (None, {shape}){' ' * 8}{number}" for name, shape, number in rows]
    rule = f"\n{'_' * 65}\n"
    head = f"{'_' * 65}\nLayer (type)                 Output Shape              Param #   \n{'=' * 65}\n"
    return f"{head}{rule.join(lines)}\n{'=' * 65}\nTotal params: 1\n{'_' * 65}\n"


def wrapped(rows: Rows, widths: tuple[int, int] = (27, 25)) -> str:
    """As Keras 2.7 to 2.15 print it: each cell goes on at the same place in the next line."""
    lines = [" Layer (type)                Output Shape              Param #   ", "=" * 65]
    for name, shape, number in rows:
        cells = [name, f"(None, {shape})", f"{number}"]
        while any(cells):
            parts = [cell[:width] for cell, width in zip(cells, (*widths, 9), strict=True)]
            lines.append(f" {parts[0]:{widths[0]}}  {parts[1]:{widths[1]}}  {parts[2]}")
            cells = [cell[len(part) :] for cell, part in zip(cells, parts, strict=True)]
        lines.append(" " * 65)
    return "\n".join([*lines, "=" * 65, "Total params: 1 (4.00 B)"])


def boxed(rows: Rows, widths: tuple[int, int] = (22, 17)) -> str:
    """As Keras 3 prints it: cells go on between words, and a word that is too wide ends with an ellipsis."""

    def lines(text: str, width: int) -> list[str]:
        made = [""]
        for word in text.split():
            word = word if len(word) <= width else f"{word[: width - 1]}\u2026"
            joined = f"{made[-1]} {word}".strip()
            made = [*made[:-1], joined] if len(joined) <= width else [*made, word]
        return made

    shown = [f"\u2503 {'Layer (type)':{widths[0]}} \u2503 {'Output Shape':{widths[1]}} \u2503 {'Param #':>9} \u2503"]
    for name, shape, number in rows:
        parts = [lines(name, widths[0]), lines(f"(None, {shape})", widths[1]), [f"{number:,}"]]
        rules = ["\u2500" * (width + 2) for width in (*widths, 9)]
        shown.append(f"\u251c{rules[0]}\u253c{rules[1]}\u253c{rules[2]}\u2524")
        for at in range(max(map(len, parts))):
            cells = [one[at] if at < len(one) else "" for one in parts]
            shown.append(f"\u2502 {cells[0]:{widths[0]}} \u2502 {cells[1]:{widths[1]}} \u2502 {cells[2]:>9} \u2502")
    return "\n".join(['Model: "sequential"', *shown, " Total params: 1 (4.00 B)"])


TABLES = {
    "cut": cut(ROWS),
    "cut early": cut(ROWS, 26),
    "wrapped": wrapped(ROWS),
    "wrapped, shapes too": wrapped(ROWS, (20, 15)),
    "boxed": boxed(ROWS),
    "boxed, wide": boxed(ROWS, (31, 22)),
    "boxed, shapes go on": boxed(ROWS, (22, 12)),
    "with carriage returns": wrapped(ROWS).replace("\n", "\r\n"),
    "in a fence": f"It prints\n```\n{cut(ROWS)}```\n",
    "behind #": "".join(f"# {line}\n" for line in wrapped(ROWS).splitlines()),
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_table_of_any_version_has_all_its_rows(text: str) -> None:
    translated = found(text)
    assert kinds(translated) == KINDS and count(translated) == TOTAL and translated.input_shape == (3, 32, 32)


@pytest.mark.parametrize("draw", [cut, wrapped, boxed])
def test_shapes_of_five_axes(draw: object) -> None:
    rows = [
        ("input_layer (InputLayer)", "128, 128, 64, 1", 0),
        ("conv3d (Conv3D)", "126, 126, 62, 64", 1792),
        ("max_pooling3d (MaxPooling3D)", "63, 63, 31, 64", 0),
        ("global_average_pooling3d (GlobalAveragePooling3D)", "64", 0),
        ("dense (Dense)", "2", 130),
    ]
    translated = found(draw(rows))  # type: ignore[operator]
    assert count(translated) == 1922 and translated.input_shape == (1, 128, 128, 64)
    assert kinds(translated) == ("Conv3d", "ReLU", "MaxPool3d", "AdaptiveAvgPool3d", "Flatten", "Linear")


@pytest.mark.parametrize(
    ("name", "shape", "kind"),
    [
        ("global_max_pooling2d_1 (Glob", "3", "AdaptiveMaxPool2d"),
        ("global_average_pooling2d_11", "3", "AdaptiveAvgPool2d"),
        ("activation_1 (Activat", "3", "ReLU"),
        ("my_own_name_of_it (Flat", "192", "Flatten"),
        ("my_own_name_of_it (Conv", "8, 8, 3", "refused"),
        ("my_own_name_of_it (", "8, 8, 3", "refused"),
        ("something_else_1 (Wond", "8, 8, 3", "refused"),
    ],
)
def test_a_kind_that_is_cut_is_completed_by_the_rows_own_name(name: str, shape: str, kind: str) -> None:
    before = "3" if name.startswith("activation") else "8, 8, 3"
    translated = found(cut([("input_1 (InputLayer)", before, 0), (name, shape, 0), ("dense (Dense)", "1", 4)]))
    if kind == "refused":
        assert translated.text == "" and names(translated.notes[0], name.split()[0])
    elif shape == "192":  # the Flatten is read, and the Dense behind it has too few parameters
        assert translated.text == "" and names(translated.notes[0], 192, 4)
    else:
        assert kinds(translated)[0] == kind


def test_a_row_that_cannot_be_read_is_not_passed_over() -> None:
    table = cut(ROWS[:2])
    for broken in (table.replace("(None, 30, 30, 8)", "(None, 30,"), table.replace("        224", "")):
        assert broken != table and found(broken).text == "" and names(found(broken).notes[0], "Conv2D")
    assert found(table).text


HEAD: Rows = [("input_1 (InputLayer)", "16, 16, 3", 0)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("c (Conv2D)", "14, 14, 4", 112), ("activation_1 (Activation)", "14, 14, 4", 0), ("f (Flatten)", "784", 0),
          ("d (Dense)", "5", 3925), ("activation_2 (Activation)", "5", 0)], ("Conv2d", "ReLU", "Flatten", "Linear")),
        ([("f (Flatten)", "768", 0), ("d (Dense)", "4", 3076), ("e (Dense)", "5", 25),
          ("activation_2 (Activation)", "5", 0)], ("Flatten", "Linear", "ReLU", "Linear")),
        ([("c (Conv2D)", "14, 14, 4", 112), ("d (Conv2D)", "14, 14, 1", 5)], ("Conv2d", "ReLU", "Conv2d")),
        ([("c (Conv2D)", "14, 14, 4", 112), ("r (ReLU)", "14, 14, 4", 0), ("d (Conv2D)", "14, 14, 1", 5)],
         ("Conv2d", "ReLU", "Conv2d")),
        ([("c (Conv2D)", "8, 8, 4", 16)], ("Conv2d",)),
        ([("r (Resizing)", "8, 8, 3", 0), ("s (Rescaling)", "8, 8, 3", 0), ("c (Conv2D)", "8, 8, 4", 112)],
         ("Conv2d",)),
        ([("p (PReLU)", "16, 16, 3", 3)], ("PReLU",)),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_stands_in_the_place_of_activations(rows: Rows, expected: tuple[str, ...]) -> None:
    translated = found(cut([*HEAD, *rows]))
    assert kinds(translated) == expected and count(translated) == sum(row[2] for row in rows)
    last = any(names(note, "end") and "left out" in note for note in translated.notes)
    assert last is rows[-1][0].endswith("(Activation)")


def test_only_what_holds_is_said() -> None:
    plain = found(cut([*HEAD, ("f (Flatten)", "768", 0), ("d (Dense)", "5", 3845)]))
    assert not any("summary" in note for note in plain.notes)
    dropped = found(cut([*HEAD, ("f (Flatten)", "768", 0), ("o (Dropout)", "768", 0), ("d (Dense)", "5", 3845)]))
    assert any(names(note, "dropout", "0.5") for note in dropped.notes)
    scaled = found(cut([*HEAD, ("s (Rescaling)", "16, 16, 3", 0), ("f (Flatten)", "768", 0), ("d (Dense)", "5", 3845)]))
    assert any("Rescaling" in note for note in scaled.notes) and not any("multiplied by 1" in n for n in scaled.notes)


def test_a_window_of_one_with_a_stride_pads_nothing() -> None:
    window = built(found(cut([*HEAD, ("c (Conv2D)", "8, 8, 4", 16)])))[0]
    assert isinstance(window, nn.Conv2d)
    assert (window.kernel_size, window.stride, window.padding) == ((1, 1), (2, 2), (0, 0))


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([("b (BatchNormalization)", "16, 16, 3", 9)], ("BatchNormalization", 9, 3)),
        ([("g (GroupNormalization)", "16, 16, 3", 6)], ("GroupNormalization",)),
        ([("f (Flatten)", "768", 0), ("n (LayerNormalization)", "768", 768)], ("LayerNormalization", 768)),
        ([("f (Flatten)", "768", 0), ("d (Dense)", "5", 3000)], ("Dense", "3,000", "3,845")),
        ([("u (UpSampling2D)", "24, 24, 3", 0)], ("UpSampling2D",)),
    ],
    ids=range(5),
)
def test_what_does_not_follow_from_a_table_is_refused(rows: Rows, values: tuple[object, ...]) -> None:
    translated = found(cut([*HEAD, *rows, ("x (Activation)", rows[-1][1], 0)]))
    assert translated.text == "" and names(translated.notes[0], *values), translated.notes


@pytest.mark.parametrize(("kind", "number"), [("Conv2D", 84), ("MaxPooling2D", 0), ("UpSampling2D", 0)])
def test_sizes_that_are_printed_as_none_say_no_stride(kind: str, number: int) -> None:
    rows = [("i (InputLayer)", "None, None, 3", 0), (f"x ({kind})", "None, None, 3", number)]
    translated = found(cut(rows))
    assert translated.text == "" and names(translated.notes[0], kind, "None")
    free = [("i (InputLayer)", "None, None, 3", 0), ("b (BatchNormalization)", "None, None, 3", 12)]
    pooled = [("g (GlobalMaxPooling2D)", "3", 0), ("d (Dense)", "2", 8)]
    assert count(found(cut([*free, *pooled]))) == 14


@pytest.mark.parametrize(("shape", "value"), [("multiple", "multiple"), ("?", "?")])
def test_a_table_without_shapes_is_refused(shape: str, value: str) -> None:
    text = cut([*HEAD, ("c (Conv2D)", "14, 14, 4", 112)]).replace("(None, 14, 14, 4)", shape)
    assert found(text).text == "" and "Conv2D" in found(text).notes[0] and value in found(text).notes[0]


def test_a_batch_of_a_given_size() -> None:
    translated = found(cut([*HEAD, ("f (Flatten)", "768", 0), ("d (Dense)", "5", 3845)]).replace("None", "64"))
    assert translated.input_shape == (3, 16, 16) and count(translated) == 3845


def test_the_table_of_another_library_is_none_of_keras() -> None:
    text = "        Layer (type)               Output Shape         Param #\n====\n"
    assert read(text + "            Conv2d-1           [-1, 10, 24, 24]             260\nTotal params: 260\n") is None


@pytest.mark.parametrize(
    "text",
    [
        "Layer (type)   Output Shape  Param #\n x (Dense) (None, 3, 5\n" + " 4,\n" * 20_000,
        "Layer (type)   Output Shape  Param #\n x (Dense) (None, 3)" + " " * 90_000 + "x",
        "Layer (type)   Output Shape  Param #\n" + " x (Dense) (None, 3) 5\n" * 4_000,
        "Layer (type)   Output Shape  Param #\n x (Dense) (None, " + "3, " * 30_000,
        "Layer (type)   Output Shape  Param #\n (None, 3) 4\n" + "(Dense" * 15_000,
    ],
    ids=range(5),
)
def test_a_table_that_would_take_long_is_refused_soon(text: str) -> None:
    with within(2):
        assert found(text).text == ""


def test_a_translated_table_runs() -> None:
    translated = found(cut(ROWS))
    assert tuple(built(translated)(torch.zeros(2, *translated.input_shape)).shape) == (2, 10)


@pytest.mark.parametrize(
    ("normed", "parameters", "features", "biased"),
    [
        (False, 785 * 64, 784, True),
        (True, 785 * 64, 784, True),
        (True, 100 * 64, 100, False),
        (False, 100 * 64, 99, True),
    ],
)
def test_what_a_first_dense_takes(normed: bool, parameters: int, features: int, biased: bool) -> None:
    rows = [("dense (Dense)", "64", parameters)]
    rows += [("batch_normalization (BatchNormalization)", "64", 256)] if normed else []
    translated = found(cut([*rows, ("dense_1 (Dense)", "10", 650)], 42))
    first = built(translated)[0]
    assert isinstance(first, nn.Linear) and (first.in_features, first.bias is not None) == (features, biased)
    other = features + 1 if biased else features - 1
    assert any(names(note, features, other, "bias") for note in translated.notes)


def test_rows_that_are_missing_are_told() -> None:
    rows = [("input_1 (InputLayer)", "8", 0), ("dense (Dense)", "4", 36)]
    tables = {
        sums: found(cut(rows) + f"\n====\n{sums}\n").notes
        for sums in (
            "Total params: 36",
            "Total params: 110 (440.00 B)\nTrainable params: 36\nOptimizer params: 74",
            "Total params: 1,036",
        )
    }
    assert [any("missing" in note for note in notes) for notes in tables.values()] == [False, False, True]
    assert any(names(note, 36, "1,036") for note in [*tables.values()][2])

"""What a text refuses by itself, and layers that torch does not build: the numbers are told, and what mends it is tried
as any other fix is, and runs in torch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.networks import OWN_TEXT
from cnnviz.networks.notation.unbuilt import unbuilt
from cnnviz.networks.source import read
from cnnviz.server import following
from cnnviz.server.following import Remedy, Traced
from tests.helpers import names
from tests.tracing.test_fixes_of_many import class_of

Shape = tuple[int, ...]


def refused(text: str, *shapes: Shape) -> tuple[Traced, list[Remedy]]:
    """What is said of a text that makes no network, or stops by itself, and what mends it; in torch what mends the
    whole takes three images."""
    more = (OWN_TEXT, text, shapes[0], "", (), shapes[1:], lambda _share: None)
    traced, found = following.trace(*more), list(following.remedies(*more))
    assert traced.error and traced.stopped is None and traced.mendable >= (found != [])
    for one in found:
        given = (one.input_shape,) * len(shapes) if one.input_shape else shapes
        again = following.trace(OWN_TEXT, one.network or text, given[0], "", (), given[1:], more[-1])
        assert one.whole == (not again.error and again.stopped is None)
        if one.whole:
            network: nn.Module = read(one.network or text, "", {}).build()
            network(*(torch.rand(3, *shape[1:]) for shape in given))
    return traced, found


CONV = "self.conv = nn.Conv2d(3, 6, 3)"
RECOGNISER = class_of(
    "self.maps = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.MaxPool2d(4), nn.Conv2d(4, 6, 3, padding=1),\n"
    "    nn.MaxPool2d((6, 1)), nn.ReLU())\nself.rnn = nn.GRU(6, 5, batch_first=True)\nself.fc = nn.Linear(5, 9)",
    "x = self.maps(x)\nn, c, h, w = x.size()\nassert h == 1, 'one row has to be left.'\n"
    "x, _ = self.rnn(x.squeeze(2).permute(0, 2, 1))\nreturn self.fc(x)",
)
# what is written, its input, and the input for which it holds
HELD: dict[str, tuple[str, Shape, Shape]] = {
    "two sides": (
        class_of(CONV, "n, c, h, w = x.shape\nassert h == 20 and w == 20, f'{h} by {w} is no 20 by 20.'\n"
                 "return self.conv(x)"), (1, 3, 40, 20), (1, 3, 20, 20),
    ),
    "a side of its own": (
        class_of(f"self.side = 44\n{CONV}", "assert x.shape[2:] == (self.side, self.side)\nreturn self.conv(x)"),
        (1, 3, 50, 60), (1, 3, 44, 44),
    ),
    "the height that is left": (RECOGNISER, (1, 1, 48, 90), (1, 1, 24, 90)),
    "a multiple": (
        class_of(CONV, "assert x.size(2) % 16 == 0 and x.size(3) % 16 == 0, 'multiples of 16!'\nreturn self.conv(x)"),
        (1, 3, 50, 64), (1, 3, 48, 64),
    ),
    "an error that is raised": (
        class_of(CONV, "if x.shape[-1] != 36:\n    raise ValueError(f'36 columns, not {x.shape[-1]}')\n"
                 "return self.conv(x)"), (1, 3, 50, 60), (1, 3, 50, 36),
    ),
    "channels": (class_of(CONV, "assert x.shape[1] == 3, 'no colours...'\nreturn self.conv(x)"), (1, 1, 9, 9),
                 (1, 3, 9, 9)),
    "a length": (
        class_of("self.rnn = nn.GRU(7, 6, batch_first=True)", "assert x.shape[1] == 25\nreturn self.rnn(x)[0][:, -1]"),
        (1, 18, 7), (1, 25, 7),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_the_input_for_which_a_check_of_the_text_holds(name: str) -> None:
    text, shape, right = HELD[name]
    traced, found = refused(text, shape)
    assert [one.input_shape for one in found] == [right]
    assert traced.error.endswith(".") and not traced.error.endswith(("..", "!.", ":."))


def test_a_check_that_never_holds_has_no_fix() -> None:
    traced, found = refused(class_of(CONV, "assert False, 7\nreturn self.conv(x)"), (1, 3, 9, 9))
    assert traced.mendable and found == []


def test_inputs_that_are_alike_change_together() -> None:
    forward = (
        "    def forward(self, a, b):\n        assert a.shape[2] == b.shape[2] == 16\n        return self.conv(a + b)\n"
    )
    text = class_of(CONV, "").partition("    def forward")[0] + forward
    _, found = refused(text, (1, 3, 20, 20), (1, 3, 20, 20))
    assert [one.input_shape for one in found] == [(1, 3, 16, 20)]


STAGE = (
    "class Stage(nn.Module):\n    def __init__(self, i, o, groups=20):\n        super().__init__()\n"
    "        self.conv = nn.Conv2d(i, o, 3)\n        self.norm = nn.GroupNorm(groups, o)\n\n"
    "    def forward(self, x):\n        return self.norm(self.conv(x))\n\n"
)
DEPTHWISE = class_of(
    "self.each = nn.Conv2d(12, 18, 3, groups=12)\nself.mix = nn.Conv2d(18, 5, 1)", "return self.mix(self.each(x))"
)
# what is written, its input, values that are told, and the fixes with what stands in the text then
BUILT: dict[str, tuple[str, Shape, list[object], dict[str, list[str]]]] = {
    "a stride without its padding": (
        class_of("self.conv = nn.Conv2d(3, 6, kernel_size=7, stride=2, padding='same')", "return self.conv(x)"),
        (1, 3, 28, 28), ["same", 2, 7, "padding=3"],
        {"padding=3 in Conv2d": ["stride=2, padding=3)"], "stride=1 in Conv2d": ["stride=1, padding='same')"]},
    ),
    "kernels of a list": (
        class_of("self.row = nn.ModuleList([nn.Conv1d(2, 3, k, 2, 'same') for k in (3, 9)])",
                 "return sum(one(x) for one in self.row)"),
        (1, 2, 40), ["same", 2, 3],
        {"padding=k // 2 in Conv1d": ["k, 2, k // 2)"], "stride=1 in Conv1d": ["k, 1, 'same')"]},
    ),
    "axes that differ": (
        class_of("self.conv = nn.Conv2d(3, 6, (3, 5), (1, 2), 'same', dilation=2)", "return self.conv(x)"),
        (1, 3, 28, 28), ["(1, 2)", "(3, 5)", "padding=(2, 4)"],
        {"padding=(2, 4) in Conv2d": ["(1, 2), (2, 4), dilation=2)"], "stride=1 in Conv2d": ["(3, 5), 1, 'same'"]},
    ),
    "a Sequential": (
        "net = nn.Sequential(nn.Conv2d(1, 6, 5, 3, padding='same'), nn.ReLU())\n", (1, 1, 28, 28), ["same", 3, 5],
        {"padding=2 in Conv2d": ["5, 3, padding=2)"], "stride=1 in Conv2d": ["5, 1, padding='same')"]},
    ),
    "nothing but a Sequential": (
        "nn.Sequential(nn.Conv2d(1, 6, 5, 3, padding='same'), nn.ReLU())", (1, 1, 28, 28), ["same", 3, 5],
        {"padding=2 in Conv2d": ["5, 3, padding=2)"], "stride=1 in Conv2d": ["5, 1, padding='same')"]},
    ),
    "channels for the groups": (
        DEPTHWISE, (1, 12, 9, 9), [18, 12, "out_channels=12 or 24"],
        {"out_channels=12 in Conv2d and then Conv2d(12, 5, 1)": ["(12, 12, 3, groups=12)", "Conv2d(12, 5, 1)"],
         "out_channels=24 in Conv2d and then Conv2d(24, 5, 1)": ["(12, 24, 3, groups=12)", "Conv2d(24, 5, 1)"],
         "groups=6 in Conv2d": ["(12, 18, 3, groups=6)"]},
    ),
    "groups for what comes in": (
        class_of("self.conv = nn.Conv3d(20, 30, 1, groups=8)", "return self.conv(x)"), (1, 20, 4, 4, 4), [20, 8],
        {"groups=10 in Conv3d": ["groups=10)"], "groups=5 in Conv3d": ["groups=5)"]},
    ),
    "groups of a norm": (
        class_of("self.a = Stage(3, 30)\nself.b = Stage(30, 60)", "return self.b(self.a(x))", STAGE), (1, 3, 9, 9),
        [30, 20, "num_groups=15 or 10"],
        {"num_groups=15 in GroupNorm": ["GroupNorm(15, o)"], "num_groups=10 in GroupNorm": ["(10, o)"]},
    ),
    "heads of an attention": (
        class_of("self.att = nn.MultiheadAttention(21, 5, batch_first=True)", "return self.att(x, x, x)[0]"),
        (1, 9, 21), [21, 5, "num_heads=3 or 7"],
        {"num_heads=3 in MultiheadAttention": ["(21, 3, "], "num_heads=7 in MultiheadAttention": ["(21, 7, "]},
    ),
    "heads of a layer with one": (
        class_of("layer = nn.TransformerEncoderLayer(d_model=20, nhead=8, batch_first=True)\n"
                 "self.all = nn.TransformerEncoder(layer, 2)", "return self.all(x)"),
        (1, 9, 20), [20, 8, "nhead=10 or 5"],
        {"nhead=10 in TransformerEncoderLayer": ["nhead=10,"], "nhead=5 in TransformerEncoderLayer": ["nhead=5,"]},
    ),
    "prompts": (
        ">>> " + class_of("self.conv = nn.Conv1d(2, 3, 5, 2, 'same')", "return self.conv(x)").replace("\n", "\n... "),
        (1, 2, 30), ["same", 2, 5],
        {"padding=2 in Conv1d": ["...         self.conv = nn.Conv1d(2, 3, 5, 2, 2)"],
         "stride=1 in Conv1d": ["5, 1, 'same')"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BUILT)
def test_a_layer_that_is_not_built_is_told_by_its_numbers_and_mended_in_the_text(name: str) -> None:
    text, shape, values, right = BUILT[name]
    traced, found = refused(text, shape)
    assert names(traced.error, *values) and traced.mark is not None
    assert [(one.text, one.whole) for one in found] == [(text, True) for text in right]
    for one, written in zip(found, right.values(), strict=True):
        assert all(line in one.network for line in written)


def test_what_is_left_to_mend_is_said() -> None:
    layers = "self.a = nn.Conv2d(3, 6, 3, 2, 'same')\nself.b = nn.Conv2d(6, 6, 3, 2, 'same')"
    traced, found = refused(class_of(layers, "return self.b(self.a(x))"), (1, 3, 16, 16))
    assert traced.mark is not None and not any(one.whole for one in found)
    assert [one.text for one in found] == ["padding=1 in Conv2d", "stride=1 in Conv2d"]


@pytest.mark.parametrize(
    "written",
    ["nn.Conv2d(3, 6, 'three')", "nn.Conv2d(3, 6, 3, padding='sane')", "nn.Conv2d(0, 6, 3, groups=0)",
     "nn.GroupNorm('two', 6)", "nn.Dropout(3.5)", "nn.Conv2d(3, 6, 3, groups=2.0, stride=[1])"],
)  # fmt: skip
def test_what_is_refused_for_another_reason_is_told_as_it_is(written: str) -> None:
    _, found = refused(class_of(f"self.one = {written}", "return self.one(x)"), (1, 3, 16, 16))
    assert found == []


def test_layers_that_are_built_have_nothing_wrong() -> None:
    given = ((nn.Conv2d, (3, 6, 3, 1, "same")), (nn.Conv2d, (6, 9, 3, 2, 1, 1, 3)), (nn.GroupNorm, (3, 9)))
    for layer, arguments in (*given, (nn.MultiheadAttention, (20, 5)), (nn.Linear, (3, 4))):
        layer(*arguments)
        assert unbuilt(layer, arguments, {}) is None

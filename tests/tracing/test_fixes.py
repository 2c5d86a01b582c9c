"""The usual situations by their cause, and what mends them: of texts, of classes by their modules, and of what only the
text of a class can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.networks import notation
from cnnviz.tracing import Fix, ShapeError, Tracer, apply
from cnnviz.tracing.edits import (
    Argument,
    Around,
    Edit,
    Insert,
    Operand,
    Places,
    Remove,
    Replace,
    Set,
    Several,
    Shortcut,
    State,
    Wrap,
    make,
)
from cnnviz.tracing.fixes import MAX_FIXES
from tests.helpers import names, refused
from tests.tracing.nets import Net

Shape = tuple[int, ...]


def error_of(network: nn.Module, shape: Shape, verify: Callable[[Edit], nn.Module | None] | None = None) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        Tracer(network, verify).trace(shape)
    return caught.value


def text_of(body: str) -> nn.Module:
    return notation.parse(f"nn.Sequential({body})").weightless()


ALEXNET = (
    "nn.Conv2d(3, 32, 11, stride=4), nn.MaxPool2d(3, 2), nn.Conv2d(32, 48, 5, padding=2), nn.MaxPool2d(3, 2), "
    "nn.Conv2d(48, 32, 3, padding=1), nn.Conv2d(32, 32, 3, padding=1), nn.MaxPool2d(3, 2), "
)
HALVED = ", ".join(f"nn.Conv2d({a}, {b}, 3, padding=1), nn.MaxPool2d(2)" for a, b in ((3, 4), (4, 4), (4, 8), (8, 8)))

# what is written, its input, what the sentence names, and the fixes in their order
SITUATIONS: dict[str, tuple[str, Shape, list[object], list[str]]] = {
    "the batch is laid in one row, before a linear layer": (
        "nn.Conv2d(1, 4, 5), nn.Flatten(0), nn.Linear(2304, 10)",
        (4, 1, 28, 28),
        ["Flatten 1", "start_dim=0"],
        ["nn.Flatten() in place of Flatten 1"],
    ),
    "before a convolution": (
        "nn.Flatten(0), nn.Conv2d(1, 4, 5)", (1, 1, 12, 12), ["Flatten 0", "start_dim=0"], ["no Flatten 0"]
    ),
    "before a norm": (
        "nn.Flatten(0), nn.BatchNorm1d(144)", (1, 1, 12, 12), ["Flatten 0"], ["nn.Flatten() in place of Flatten 0"]
    ),
    "before a norm of groups": ("nn.Flatten(0), nn.GroupNorm(1, 4)", (1, 4, 5, 5), ["Flatten 0"], ["no Flatten 0"]),
    "before a factor for each channel": (
        "nn.Flatten(0), nn.PReLU(2)", (1, 2, 5, 5), ["Flatten 0"], ["no Flatten 0"]
    ),
    "inside a residual block": (
        "Residual(nn.Flatten(0))", (1, 1, 12, 12), ["Flatten 0.body.0", "start_dim=0"], ["no Flatten 0.body.0"]
    ),
    "all but the last axis in one": (
        "nn.Flatten(0, 2), nn.Linear(144, 10)",
        (4, 1, 12, 12),
        ["start_dim=0", "end_dim=2"],
        ["nn.Flatten() in place of Flatten 0"],
    ),
    "an axis that is not there": ("nn.Flatten(4)", (1, 1, 6, 6), [4, "0 to 3"], ["start_dim=1 in Flatten 0"]),
    "a softmax over an axis that is not there": (
        "nn.Flatten(), nn.Linear(36, 10), nn.Softmax(dim=2)", (1, 1, 6, 6), [2, "0 to 1"], ["dim=1 in Softmax 2"]
    ),
    "output padding": (
        "nn.ConvTranspose2d(1, 1, 3, output_padding=1)", (1, 1, 6, 6), ["output_padding=1", 1],
        ["output_padding=0 in ConvTranspose2d 0"],
    ),
    "a pooling's padding": ("nn.MaxPool2d(2, padding=2)", (1, 1, 6, 6), [2, "2 × 2"], ["padding=1 in MaxPool2d 0"]),
    "channels last, of one channel": (
        "nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 10)",
        (1, 28, 28, 1),
        [1, 28, "28 × 28 × 1", "1 × 28 × 28"],
        ["an input of 1 × 28 × 28: x.permute(0, 3, 1, 2).contiguous()"],
    ),
    "channels last, of three": (
        "nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)",
        (2, 64, 48, 3),
        [3, "64 × 48 × 3", "3 × 64 × 48"],
        ["an input of 3 × 64 × 48: x.permute(0, 3, 1, 2).contiguous()"],
    ),
    "channels last, of a sequence": (
        "nn.Conv1d(3, 24, 5)", (70, 256, 3), [3, 256, "256 × 3"],
        ["an input of 3 × 256: x.permute(0, 2, 1).contiguous()"],
    ),
    "channels before windows": (
        "nn.Conv2d(2, 4, 9)", (1, 5, 4, 4), [2, 5], ["an input of 2 × 9 × 9 or more"]
    ),
    "no batch": (
        "nn.Conv2d(3, 10, 3, padding=1), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(490, 10)",
        (3, 28, 28),
        ["3 × 28 × 28", "Conv2d 0", "no batch dimension"],
        ["an input of 1 × 3 × 28 × 28, with its batch: x.unsqueeze(0)"],
    ),
    "no channels": (
        "nn.Conv2d(1, 4, 3), nn.Flatten()",
        (64, 28, 28),
        ["64 × 28 × 28", "Conv2d 0", "no axis for the channels"],
        ["an input of 64 × 1 × 28 × 28, with its batch: x.unsqueeze(1)"],
    ),
    "no batch, of one channel": (
        "nn.Conv2d(1, 10, 3, padding=1), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(490, 10)",
        (1, 28, 28),
        ["1 × 28 × 28", "Conv2d 0", "no batch dimension"],
        ["an input of 1 × 1 × 28 × 28, with its batch: x.unsqueeze(0)"],
    ),
    "features for a convolution of maps": (
        "nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 5)",
        (1, 64),
        ["Conv2d 0", "a row of 64 numbers"],
        ["nn.Unflatten(1, (1, 8, 8)) before Conv2d 0", "an input of 1 × 8 × 8"],
    ),
    "an image for a convolution along a sequence": (
        "nn.Conv1d(12, 4, 5), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 5)",
        (2, 1, 28, 28),
        ["Conv1d 0", "1 × 28 × 28"],
        ["an input of 12 × 100"],
    ),
    "an image for a convolution along a sequence of a length": (
        "nn.Conv1d(2, 4, 5), nn.MaxPool1d(4), nn.Flatten(), nn.Linear(4 * 700, 5)",
        (1, 1, 28, 28),
        ["Conv1d 0", "1 × 28 × 28"],
        ["an input of 2 × 2,804"],
    ),
    "an image for a convolution of volumes": (
        "nn.Conv3d(3, 4, 3), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(4, 5)",
        (1, 3, 28, 30),
        ["Conv3d 0", "3 × 28 × 30", "depth"],
        ["an input of 3 × 16 × 28 × 30"],
    ),
    "a sequence for a convolution of images": (
        "nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 111 * 111, 5)",
        (1, 3, 100),
        ["Conv2d 0", "3 × 100"],
        ["an input of 3 × 224 × 224"],
    ),
    "a transposed convolution of other channels": (
        "nn.Conv2d(1, 3, 3), nn.ConvTranspose2d(4, 1, 3)",
        (1, 1, 28, 28),
        [4, 3],
        ["ConvTranspose2d(3, 1, 3)", "out_channels=4 in Conv2d 0"],
    ),
    "a dropout between": (
        "nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.ReLU(), nn.Linear(400, 10)",
        (1, 1, 28, 28),
        [400, "6 × 12 × 12 = 864", "MaxPool2d 1"],
        ["Linear(864, 10)"],
    ),
    "thousands": (
        "nn.Flatten(), nn.Linear(1050, 10)", (1, 2, 28, 28), ["1,050", "2 × 28 × 28 = 1,568"], ["Linear(1568, 10)"]
    ),
    "a norm of rows": (
        "nn.Flatten(), nn.BatchNorm1d(400)", (2, 1, 28, 28), ["400 features", "1 × 28 × 28 = 784"],
        ["BatchNorm1d(784)", "an input of 20 × 20"],
    ),
    "AlexNet a little too small": (
        ALEXNET + "nn.Flatten(), nn.Linear(32 * 6 * 6, 10)",
        (1, 3, 224, 224),
        ["1,152", "32 × 5 × 5 = 800"],
        ["Linear(800, 10)", "padding=2 in Conv2d 0", "an input of 227 × 227"],
    ),
    "AlexNet on small pictures": (
        ALEXNET + "nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(32 * 6 * 6, 10)",
        (1, 3, 32, 32),
        ["MaxPool2d 3", "3 × 3", "2 × 2"],
        ["an input of 67 × 67 or more", "kernel_size=2 in MaxPool2d 3", "padding=1 in MaxPool2d 3"],
    ),
    "too many poolings": (
        HALVED + ", nn.MaxPool2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 10)",
        (1, 3, 32, 32),
        ["MaxPool2d 9", "1 × 1", 5, "32 × 32"],
        ["no MaxPool2d 9", "padding=1 in MaxPool2d 9", "an input of 64 × 64"],
    ),
    "a pooling left out": (
        HALVED + ", nn.Flatten(), nn.Linear(8 * 7 * 7, 10)",
        (1, 3, 224, 224),
        ["392", "8 × 14 × 14 = 1,568"],
        ["Linear(1568, 10)", "nn.MaxPool2d(2) before Flatten 8", "an input of 112 × 112"],
    ),
    "an adaptive pooling to another size": (
        "nn.Conv2d(3, 16, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16 * 7 * 7, 10)",
        (1, 3, 64, 64),
        ["784 = 16 × 7 × 7", "16 × 1 × 1 = 16"],
        ["Linear(16, 10)", "output_size=7 in AdaptiveAvgPool2d 1"],
    ),
    "a decoder without its Unflatten": (
        "nn.Flatten(), nn.Linear(784, 8 * 7 * 7), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)",
        (1, 1, 28, 28),
        ["ReLU 2", 392],
        ["nn.Unflatten(1, (8, 7, 7)) before ConvTranspose2d 3"],
    ),
    "an Unflatten to another size": (
        "nn.Flatten(), nn.Linear(784, 100), nn.Unflatten(1, (4, 6, 5))",
        (1, 1, 28, 28),
        ["4 × 6 × 5", "100 numbers", "Linear 1"],
        ["out_features=120 in Linear 1", "Unflatten(1, (4, 5, 5))"],
    ),
    "a LayerNorm of the channels": (
        "nn.Conv2d(1, 8, 3), nn.LayerNorm(8)",
        (1, 1, 28, 28),
        [8, "8 × 26 × 26"],
        ["LayerNorm((8, 26, 26))", "GroupNorm(1, 8) in place of LayerNorm 1"],
    ),
    "maps before a Conv1d": (
        "nn.Conv1d(1, 8, 3)",
        (1, 1, 1, 100),
        ["channels × length", "1 × 1 × 100"],
        ["nn.Flatten(2) before Conv1d 0", "an input of 1 × 100"],
    ),
    "a Flatten and all is well": (
        "nn.Conv2d(1, 2, 3), nn.Linear(32, 10)", (1, 1, 6, 6), ["2 × 4 × 4"], ["nn.Flatten() before Linear 1"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_is_known_by_its_cause_and_mended(name: str) -> None:
    text, shape, said, fixes = SITUATIONS[name]
    network = text_of(text)
    error = error_of(network, shape)
    assert names(error.sentence, *said) and not error.sentence.endswith(".")
    found = [fix.text for fix in error.fixes]
    assert found[:1] == fixes[:1] and set(fixes) <= set(found) and len(found) <= MAX_FIXES
    assert len({fix.kind for fix in error.fixes}) == len(found)
    for fix in error.fixes:
        changed, taken = notation.parse(notation.write(apply(network, fix))).build().eval(), fix.input_shape or shape
        if fix.whole:
            changed(torch.zeros(taken))


def test_a_later_transposed_convolution_is_seen() -> None:
    network = text_of("nn.Conv2d(3, 4, 7, stride=2), nn.BatchNorm2d(3), nn.ConvTranspose2d(4, 8, 1)")
    whole = {fix.text: fix.whole for fix in error_of(network, (2, 3, 16, 16)).fixes}
    assert whole == {"BatchNorm2d(4)": True, "out_channels=3 in Conv2d 0": False}


def test_the_list_is_the_same_each_time_and_counts_its_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    text, shape = SITUATIONS["AlexNet a little too small"][:2]
    first, again = (error_of(text_of(text), shape).fixes for _ in range(2))
    assert [fix.text for fix in first] == [fix.text for fix in again]
    monkeypatch.setattr("cnnviz.tracing.fixes.MAX_TRIES", 1)
    assert [fix.kind for fix in error_of(text_of(text), shape).fixes] == ["layer", "input"]


def test_a_change_is_undone_after_it_was_tried() -> None:
    network = text_of(SITUATIONS["too many poolings"][0])
    before = notation.write(network)
    error = error_of(network, (1, 3, 32, 32))
    assert error.fixes and notation.write(network) == before
    assert error.fixes[0].edit == Remove("9")


# --- classes


class UNet(nn.Module):
    """Three times halved and widened again."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in ((3, 4), (4, 8), (8, 16)))
        self.bottom = nn.Conv2d(16, 32, 3, padding=1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, a // 2, 2, stride=2) for a in (32, 16, 8))
        self.merge = nn.ModuleList(nn.Conv2d(a, a // 2, 3, padding=1) for a in (32, 16, 8))

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for layer in self.down:
            x = F.relu(layer(x))
            kept.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([up(x), kept.pop()], 1))
        return x


def test_height_and_width_are_moved_apart() -> None:
    error = error_of(UNet(), (1, 3, 760, 540))
    assert names(error.sentence, "cat", "16 × 190 × 134", "16 × 190 × 135")
    assert error.fixes[-1].input_shape == (1, 3, 760, 544) and error.fixes[-1].whole


def linear_of_maps(features: int = 32) -> Net:
    return Net(lambda net, x: net.fc(F.relu(net.conv(x))), conv=nn.Conv2d(1, 2, 3), fc=nn.Linear(features, 10))


def test_a_flatten_in_a_class_is_a_call_in_its_forward() -> None:
    flat = Wrap("fc", "torch.flatten({}, 1)")
    assert [fix.edit for fix in error_of(linear_of_maps(), (2, 1, 6, 6)).fixes] == [flat]
    (fix,) = error_of(linear_of_maps(8), (2, 1, 6, 6)).fixes
    assert fix.edit == Several((Set("fc", "in_features", 32), flat)) and fix.whole
    assert apply(linear_of_maps(8), fix)(torch.empty(2, 1, 6, 6, device="meta")).shape == (2, 10)


def of_view(*sizes: int, method: str = "view") -> Net:
    """An axis exchanged with the next, then a view."""

    def forward(net: Any, x: Tensor) -> Any:
        return net.fc(getattr(x.transpose(1, 2), method)(*sizes))

    return Net(forward, fc=nn.Linear(8, 2))


def written(edit: Edit, mends: dict[Edit, nn.Module], asked: list[Edit]) -> nn.Module | None:
    """As who changes a text would: the network after those changes that can be made."""
    asked.append(edit)
    return mends.get(edit)


def by_convolution(after: Callable[[Tensor], Tensor]) -> Net:
    """A convolution and a pooling, then what is done with the maps, then a linear layer for 576 numbers."""
    return Net(
        lambda net, x: net.fc(after(F.max_pool2d(net.conv(x), 2))), conv=nn.Conv2d(1, 4, 5), fc=nn.Linear(576, 10)
    )


def joined(dim: int) -> Net:
    return Net(
        lambda net, x: net.out(torch.cat([net.a(x), net.b(x)], dim)),
        a=nn.Conv2d(3, 8, 3, padding=1), b=nn.Conv2d(3, 8, 1), out=nn.Conv2d(16, 4, 1),
    )  # fmt: skip


def ordered(order: tuple[int, ...] | None) -> Net:
    return Net(lambda net, x: net.conv(x.permute(order) if order else x), conv=nn.Conv2d(3, 4, 3))


KEPT = Argument("view", "sizes", ("{}.size(0)", -1))
IN_TEXT: dict[str, tuple[nn.Module, Shape, list[object], Edit, nn.Module]] = {
    "a view of a transposed tensor": (
        of_view(-1, 8), (1, 2, 4), ["view", "transpose", "reshape"], Wrap("view", "{}.contiguous()"),
        of_view(-1, 8, method="reshape"),
    ),
    "a batch written into view": (
        by_convolution(lambda x: x.view(64, -1)), (16, 1, 28, 28), [64, 16, "x.size(0)"], KEPT,
        by_convolution(lambda x: x.view(x.size(0), -1)),
    ),
    "a batch that does not come out": (
        by_convolution(lambda x: x.view(64, 576)), (16, 1, 28, 28), [64, 16, "x.size(0)"],
        Argument("view", "sizes", ("{}.size(0)", 576)), by_convolution(lambda x: x.view(x.size(0), -1)),
    ),
    "cat without its dim": (joined(0), (2, 3, 9, 9), ["cat", "dim 0", "dim=1"], Argument("cat", "dim", 1), joined(1)),
    "a flatten of the batch": (
        by_convolution(lambda x: x.flatten()), (16, 1, 28, 28), ["flatten", "start_dim=0"],
        Argument("flatten", "start_dim", 1), by_convolution(lambda x: x.flatten(1)),
    ),
    "channels last": (
        ordered(None), (2, 20, 20, 3), ["20 × 20 × 3"], Wrap("conv", "{}.permute(0, 3, 1, 2)"), ordered((0, 3, 1, 2))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_TEXT)
def test_what_only_the_text_of_a_class_can_say_is_verified_by_who_changes_it(name: str) -> None:
    network, shape, said, edit, mended = IN_TEXT[name]
    asked: list[Edit] = []
    error = error_of(network, shape, lambda one: written(one, {edit: mended}, asked))
    assert names(error.sentence, *said)
    assert [fix.whole for fix in error.fixes if fix.edit == edit] == [True] and edit in asked
    refused_by_text = error_of(network, shape, lambda _: None)
    assert not [fix for fix in refused_by_text.fixes if fix.edit]
    assert not [
        fix for fix in error_of(network, shape).fixes if isinstance(fix.edit, Argument)
    ]  # nor by no text at all


def test_a_change_that_the_text_takes_and_that_mends_nothing_is_no_fix() -> None:
    network, shape = IN_TEXT["a batch written into view"][:2]
    assert error_of(network, shape, lambda _: network).fixes == ()


def test_a_view_and_the_linear_layer_behind_it_are_changed_together() -> None:
    network = by_convolution(lambda x: x.view(-1, 576))
    mended = Net(
        lambda net, x: net.fc(F.max_pool2d(net.conv(x), 2).flatten(1)), conv=nn.Conv2d(1, 4, 5), fc=nn.Linear(784, 10)
    )
    edit: Edit = Several((KEPT, Set("fc", "in_features", 784)))
    fixes = error_of(network, (1, 1, 32, 32), lambda one: written(one, {edit: mended}, [])).fixes
    assert fixes[0].edit == edit and fixes[0].whole
    assert fixes[-1].input_shape == (1, 1, 28, 28)


def test_a_network_of_two_inputs_is_mended_for_both() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 4, 3), nn.Conv2d(3, 5, 3)

        def forward(self, left: Tensor, right: Tensor) -> Tensor:
            made: Tensor = self.b(torch.cat([self.a(left), self.a(right)], 1))
            return made

    with pytest.raises(ShapeError) as caught:
        Tracer(Two()).trace((2, 1, 8, 8), (2, 1, 8, 8))
    assert next((fix.edit, fix.whole) for fix in caught.value.fixes) == (Set("b", "in_channels", 8), True)


def test_a_layer_that_is_all_of_the_network_has_a_name() -> None:
    error = error_of(nn.Conv1d(64, 32, 3), (1, 128, 80))
    assert names(error.sentence, "Conv1d", "64", "128")


# --- changes


def test_changes_of_modules() -> None:
    network = text_of("nn.Conv2d(1, 4, 3), Residual(nn.Conv2d(4, 8, 3, padding=1)), nn.ReLU()")
    for edit, layers in (
        (Set("0", "padding", 1), "Conv2d(1, 4, 3, padding=1)"),
        (Insert("2", "nn.MaxPool2d(2)"), "MaxPool2d(2)"),
        (Replace("2", "nn.GELU()"), "GELU()"),
        (Shortcut("1", "nn.Conv2d(4, 8, 1)"), "shortcut=nn.Conv2d(4, 8, 1)"),
    ):
        assert layers in notation.write(apply(network, Fix("", edit=edit)))
    assert "ReLU" not in notation.write(apply(network, Fix("", edit=Remove("2"))))
    assert [key for key, _ in apply(network, Fix("", edit=Insert("0", "nn.ReLU()"))).named_children()] == list("0123")
    named = notation.parse(
        "nn.Sequential(OrderedDict([('flatten', nn.Flatten()), ('fc', nn.Linear(4, 2))]))"
    ).weightless()
    make(named, Insert("fc", "nn.Flatten()"))
    assert [key for key, _ in named.named_children()] == ["flatten", "flatten_2", "fc"]


@pytest.mark.parametrize(
    ("edit", "value"),
    [
        (Wrap("fc", "{}.__class__()"), "{}.__class__()"),
        (Wrap("fc", "torch.load({})"), "torch.load({})"),
        (Wrap("fc", "{}.unsqueeze"), "{}.unsqueeze"),
        (Argument("view", "dim", 1), "view"),
        (Operand(1, "{0}.transpose(-2, -1)"), "{0}.transpose(-2, -1)"),
        (Around(1, ("fc",), 1, "nn.ReLU()"), "fc"),
        (State((1, 2, 4), (1, 3, 4), 0), "(1, 3, 4)"),
        (Places("pos", 36, 37), "pos"),
        (Shortcut("fc", "nn.ReLU()"), "fc"),
        (Insert("fc", "nn.ReLU()"), "fc"),
        (Replace("fc", "open('x')"), "open"),
    ],
)
def test_what_is_no_change_of_modules_is_refused(edit: Edit, value: str) -> None:
    with refused(value):
        make(linear_of_maps(), edit)

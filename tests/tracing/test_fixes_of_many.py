"""Fixes hold for more images than the one that the page takes, and say nothing false: each is run in torch, for batches
of two and of five, and compared with each image alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from cnnviz.networks import OWN_TEXT
from cnnviz.networks.source import read
from cnnviz.server import following
from cnnviz.server.following import Remedy, Traced
from tests.helpers import names

Shape = tuple[int, ...]


def class_of(layers: str, forward: str, before: str = "") -> str:
    """The text of a network of those statements."""
    made = "\n".join(f"        {line}" for line in layers.splitlines())
    done = "\n".join(f"        {line}" for line in forward.splitlines())
    return f"{before}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{made}\n\n" + (
        f"    def forward(self, x):\n{done}\n"
    )


def asked(function: Any, text: str, shape: Shape) -> Any:
    return function(OWN_TEXT, text, shape, "", (), (), lambda _share: None)


def mended(text: str, shape: Shape) -> tuple[Traced, dict[str, Remedy]]:
    """Where the text stops, and what mends it, by its kind of change in words."""
    traced: Traced = asked(following.trace, text, shape)
    assert traced.stopped is not None, traced.error
    found = {one.text: one for one in asked(following.remedies, text, shape)}
    for one in found.values():
        if one.whole:
            holds(one.network or text, one.input_shape or shape)
    return traced, found


def holds(text: str, shape: Shape) -> None:
    """In torch a batch gives each image a row, of the numbers that it has alone."""
    torch.manual_seed(0)
    network: nn.Module = read(text, "", {}).build().eval()
    for number in (2, 5):
        images = torch.rand(number, *shape[1:])
        with torch.no_grad():
            together = network(images)
            assert len(together) == number
            each = [network(image[None]).reshape(together.shape[1:]) for image in images]
            assert torch.allclose(together, torch.stack(each), atol=1e-4)


CONV = "self.conv = nn.Conv2d(1, 4, 3, padding=1)"
ATTENTION = "self.q = nn.Linear(6, 5)\nself.k = nn.Linear(6, 5)"
HELPER = "def block(i, o):\n    return nn.Conv2d(i, o, 3, padding=1)\n\n"
# what is written, its input, values that are told, and fixes that are whole, with what stands in the text then
MENDED: dict[str, tuple[str, Shape, list[object], dict[str, str]]] = {
    "a squeeze of the sequence": (
        class_of("self.fc = nn.Linear(48, 5)", "x = x.squeeze()\nreturn self.fc(x.flatten(1))"), (1, 1, 6, 8),
        ["squeeze", "squeeze(1)"], {"dim=1 in squeeze": "x.squeeze(dim=1)"},
    ),
    "a squeeze of nothing but the image": (
        class_of(f"{CONV}\nself.fc = nn.Linear(144, 5)",
                 "x = torch.squeeze(self.conv(x))\nreturn self.fc(x.flatten(1))"),
        (1, 1, 6, 6), ["squeeze"], {"no squeeze": "x = self.conv(x)"},
    ),
    "a squeeze before a wrong width": (
        class_of(f"{CONV}\nself.fc = nn.Linear(16, 5)", "x = self.conv(x).mean((2, 3), keepdim=True).squeeze()\n"
                 "return self.fc(x)"),
        (2, 1, 6, 6), [16, 4], {"Linear(4, 5)": "nn.Linear(4, 5)"},
    ),
    "a number of images that is none": (
        class_of("self.fc = nn.Linear(784, 5)", "x = x.view(64, -1)\nreturn self.fc(x)"), (1, 1, 28, 28),
        ["view", 64, 1, "x.size(0)"], {"x.size(0), -1 in view": "x.view(x.size(0), -1)"},
    ),
    "the sizes of one image": (
        class_of("self.fc = nn.Linear(48, 18)\nself.up = nn.ConvTranspose2d(2, 1, 3)",
                 "x = self.fc(x.flatten(1)).view(2, 3, 3)\nreturn self.up(x)"),
        (3, 1, 6, 8), ["view", "2 × 3 × 3", "x.size(0)"], {"x.size(0), 2, 3, 3 in view": "view(self.fc"},
    ),
    "a row that is a channel": (
        class_of("self.fc = nn.Linear(48, 20)\nself.conv = nn.Conv1d(1, 3, 3)\nself.out = nn.Linear(54, 5)",
                 "x = self.conv(self.fc(x.flatten(1)))\nreturn self.out(x.flatten(1))"),
        (1, 1, 6, 8), ["conv", "1 × 20"], {"x.unsqueeze(1) before conv": ".unsqueeze(1)"},
    ),
    "a helper that makes several layers": (
        HELPER + class_of("self.a = block(3, 8)\nself.b = block(16, 16)\nself.c = block(16, 4)",
                          "return self.c(self.b(self.a(x)))"),
        (1, 3, 8, 8), [16, 8],
        {"Conv2d(8, 16, 3, padding=1)": "self.b = block(8, 16)", "out_channels=16 in a": "self.a = block(3, 16)"},
    ),
    "a block with a norm of another of its arguments": (
        class_of("self.a = Block(4, 4)\nself.b = Block(4, 6)\nself.stem = nn.Conv2d(1, 4, 1)",
                 "return self.b(self.a(self.stem(x)))",
                 "class Block(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
                 "        self.conv = nn.Conv2d(i, o, 3)\n        self.norm = nn.BatchNorm2d(i)\n\n"
                 "    def forward(self, x):\n        return self.norm(self.conv(x))\n\n"),
        (1, 1, 8, 8), [4, 6], {"BatchNorm2d(6)": "nn.BatchNorm2d(o)"},
    ),
    "noise": (
        class_of("self.up = nn.ConvTranspose2d(10, 4, 4)", "return self.up(x)"), (3, 10), ["up", 10],
        {"nn.Unflatten(1, (10, 1, 1)) before up": "x.view(-1, 10, 1, 1)", "an input of 10 × 1 × 1": ""},
    ),
    "pictures before their channels": (
        class_of("self.conv = nn.Conv3d(3, 2, 3)", "return self.conv(x)"), (1, 9, 3, 8, 8), ["conv", 3, 9],
        {"an input of 3 × 9 × 8 × 8: x.transpose(1, 2)": "", "x.transpose(1, 2) before conv": "x.transpose(1, 2)"},
    ),
    "one channel for a length": (
        class_of("self.conv = nn.Conv1d(20, 2, 3)", "return self.conv(x)"), (2, 1, 20), ["conv", 20, 1],
        {"Conv1d(1, 2, 3)": "nn.Conv1d(1, 2, 3)"},
    ),
    "a missing Flatten": (
        class_of(f"{CONV}\nself.fc = nn.Linear(144, 5)", "return self.fc(self.conv(x).flatten(1, 2))"), (1, 1, 6, 6),
        [144, "24 × 6"], {"nn.Flatten() before fc": ".flatten(1, 2).flatten(1))"},
    ),
    "a cat along the height": (
        class_of("self.a = nn.Conv2d(3, 8, 1)\nself.b = nn.Conv2d(3, 8, 1)\nself.c = nn.Conv2d(16, 2, 1)",
                 "return self.c(torch.cat([self.a(x), self.b(x)], 2))"),
        (1, 3, 6, 6), ["cat", 16, 8, "dim=1"], {"dim=1 in cat": ", 1))"},
    ),
    "a mean over the channels": (
        class_of(f"{CONV}\nself.fc = nn.Linear(4, 5)", "return self.fc(self.conv(x).mean((1, 2)))"), (1, 1, 6, 6),
        ["mean", 4, 6, "dim=(2, 3)"], {"dim=(2, 3) in mean": ".mean((2, 3))"},
    ),
    "channels moved away": (
        class_of("self.conv = nn.Conv2d(3, 4, 3)", "x = x.permute(0, 3, 1, 2)\nreturn self.conv(x)"), (1, 3, 8, 8),
        ["permute", "8 × 3 × 8"], {"no permute": "x = x\n", "an input of 8 × 8 × 3, its channels last": ""},
    ),
    "an attention of maps": (
        class_of("self.conv = nn.Conv2d(1, 8, 1)\nself.attn = nn.MultiheadAttention(8, 2, batch_first=True)",
                 "x = self.conv(x)\nx, _ = self.attn(x, x, x)\nreturn x.mean(1)"),
        (2, 1, 4, 4), ["attn", 8],
        {"x.flatten(2).transpose(1, 2) before attn": ", ".join(["x.flatten(2).transpose(1, 2)"] * 3)},
    ),
    "a norm of a sequence": (
        class_of("self.rnn = nn.GRU(6, 16, batch_first=True)\nself.norm = nn.BatchNorm1d(16)\n"
                 "self.fc = nn.Linear(16, 3)",
                 "x, _ = self.rnn(x)\nreturn self.fc(self.norm(x)[:, -1])"),
        (2, 9, 6), ["norm", 16, 9],
        {"x.transpose(1, 2) before norm and behind it": "self.norm(x.transpose(1, 2)).transpose(1, 2)[:, -1]"},
    ),
    "a sequence of other features": (
        class_of("self.rnn = nn.LSTM(32, 6, batch_first=True)", "x, _ = self.rnn(x.squeeze(1))\nreturn x[:, -1]"),
        (2, 1, 9, 28), ["rnn", 32], {"input_size=28 in rnn": "nn.LSTM(28, 6"},
    ),
    "all that a recurrent layer gives": (
        class_of("self.rnn = nn.GRU(6, 4, batch_first=True)\nself.fc = nn.Linear(4, 2)", "return self.fc(self.rnn(x))"),
        (2, 9, 6), ["rnn", "out, _ = self.rnn(x)"], {"x[0] before fc": "self.rnn(x)[0]"},
    ),
    "a view of a decoder": (
        class_of("self.fc = nn.Linear(36, 32)\nself.up = nn.ConvTranspose2d(2, 1, 3)",
                 "return self.up(self.fc(x.flatten(1)).view(-1, 2, 7, 7))"),
        (1, 1, 6, 6), ["view", "2 × 7 × 7", 32],
        {"out_features=98 in fc": "nn.Linear(36, 98)", "x.size(0), 2, 4, 4 in view": ", 2, 4, 4)"},
    ),
    "branches of other channels": (
        class_of("self.a = nn.Conv2d(1, 8, 1)\nself.b = nn.Conv2d(1, 4, 1)", "return self.a(x) + self.b(x)"),
        (1, 1, 6, 6), ["8 × 6 × 6", "4 × 6 × 6"], {"out_channels=8 in b": "self.b = nn.Conv2d(1, 8, 1)"},
    ),
    "branches of another stride": (
        class_of("self.a = nn.Conv2d(1, 4, 3, stride=2, padding=1)\nself.b = nn.Conv2d(1, 4, 1)",
                 "return self.a(x) + self.b(x)"),
        (1, 1, 8, 8), ["4 × 4 × 4", "4 × 8 × 8"], {"stride=2 in b": "nn.Conv2d(1, 4, 1, stride=2)"},
    ),
    "an axis more": (
        class_of(CONV, "x = x.unsqueeze(0)\nreturn self.conv(x)"), (1, 1, 6, 6), ["unsqueeze", "1 × 1 × 6 × 6"],
        {"no unsqueeze": "x = x\n"},
    ),
    "keys that are not turned": (
        class_of(ATTENTION, "x = x.flatten(2).transpose(1, 2)\nq, k = self.q(x), self.k(x)\n"
                 "return torch.softmax(q @ k, -1).mean(2)"), (1, 6, 3, 4),
        ["12 × 5", "5 × 12", "q", "k"], {"transpose(-2, -1) of the second": "q @ k.transpose(-2, -1)"},
    ),
    "keys that are no names": (
        class_of(ATTENTION, "x = x.flatten(2).transpose(1, 2)\nreturn torch.bmm(self.q(x), self.k(x)).mean(2)"),
        (1, 6, 3, 4), ["12 × 5"], {"transpose(-2, -1) of the second": "self.k(x).transpose(-2, -1)).mean(2)"},
    ),
    "more places than the sequence has": (
        class_of("self.pos = nn.Parameter(torch.zeros(1, 50, 4))", "x = x.flatten(2).transpose(1, 2)\n"
                 "x = x + self.pos\nreturn x.mean(1)"), (1, 4, 6, 6),
        ["36 × 4", "50 × 4"], {"pos[:, :36]": "x + self.pos[:, :x.size(1)]"},
    ),
    "a place too few": (
        class_of("n = 36\nself.first = nn.Parameter(torch.zeros(1, 1, 4))\n"
                 "self.pos = nn.Parameter(torch.zeros(1, n, 4))",
                 "x = torch.cat([self.first.expand(x.size(0), -1, -1), x.flatten(2).transpose(1, 2)], 1)\n"
                 "return (x + self.pos).mean(1)"), (1, 4, 6, 6),
        ["37 × 4", "36 × 4"], {"pos of 1 × 37 × 4": "nn.Parameter(torch.zeros(1, n + 1, 4))"},
    ),
    "places too few, by a number": (
        class_of("self.pos = nn.Parameter(torch.randn((1, 30, 4)) * 0.02)",
                 "return (x.flatten(2).transpose(1, 2) + self.pos).mean(1)"), (1, 4, 6, 6),
        ["36 × 4", "30 × 4"], {"pos of 1 × 36 × 4": "torch.randn((1, 36, 4)) * 0.02"},
    ),
    "places too few, of which the first is left out": (
        class_of("self.pos = nn.Parameter(torch.randn(1, 31, 4))",
                 "x = x.flatten(2).transpose(1, 2)\nreturn (x + self.pos[:, 1:]).mean(1)"), (1, 4, 6, 6),
        ["1 × 36 × 4 from transpose", "1 × 30 × 4 of the parameter pos", "1 × 31 × 4"],
        {"pos of 1 × 37 × 4": "torch.randn(1, 37, 4)"},
    ),
    "places of a picture of another size": (
        class_of("self.cut = nn.Conv2d(3, 4, 16, 16)\nself.pos = nn.Parameter(torch.zeros(1, 196, 4))",
                 "x = self.cut(x).flatten(2).transpose(1, 2)\nreturn (x + self.pos).mean(1)"), (1, 3, 256, 256),
        ["256 × 4", "196 × 4"], {"pos of 1 × 256 × 4": "torch.zeros(1, 256, 4)"},
    ),
    "more places than what has no name": (
        class_of("self.pos = nn.Parameter(torch.zeros(1, 50, 4))",
                 "return (self.pos + x.flatten(2).transpose(1, 2)).mean(1)"), (1, 4, 6, 6),
        ["36 × 4", "50 × 4"], {"pos[:, :36]": "self.pos[:, :36] + x.flatten(2)"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
@pytest.mark.slow
def test_what_mends_one_image_mends_many(name: str) -> None:
    text, shape, said, fixes = MENDED[name]
    traced, found = mended(text, shape)
    assert traced.stopped is not None and names(traced.stopped.sentence, *said)
    for fix, written in fixes.items():
        assert found[fix].whole and written in found[fix].network, found


def test_an_image_of_the_side_that_places_were_made_for_is_offered_too() -> None:
    text, shape, _, _ = MENDED["places of a picture of another size"]
    _, found = mended(text, shape)
    assert [*found] == ["pos of 1 × 256 × 4", "an input of 224 × 224"] and all(fix.whole for fix in found.values())


# what is written, its input, and beginnings of fixes that hid what is wrong
HIDING: dict[str, tuple[str, Shape, list[str]]] = {
    "a squeeze": (MENDED["a squeeze of the sequence"][0], (1, 1, 6, 8), ["Linear"]),
    "one image cut into many": (MENDED["a number of images that is none"][0], (1, 1, 28, 28), ["an input", "padding"]),
    "three rows of an image": (
        class_of("self.fc = nn.Linear(784, 5)", "return self.fc(x.view(-1, 784))"), (1, 3, 32, 32),
        ["an input of 28", "an input of 3"],
    ),
    "a row that is a channel": (MENDED["a row that is a channel"][0], (1, 1, 6, 8), ["Linear"]),
    "a squeeze of the first axis": (
        class_of(f"{CONV}\nself.fc = nn.Linear(4, 5)", "x = self.conv(x).mean((2, 3), keepdim=True)\n"
                 "return self.fc(x.squeeze(0))"),
        (1, 1, 6, 6), ["Linear(1", "nn.Flatten() and"],
    ),
    "a missing Flatten": (MENDED["a missing Flatten"][0], (1, 1, 6, 6), ["Linear(6"]),
    "a cat along the height": (MENDED["a cat along the height"][0], (1, 3, 6, 6), ["Conv2d(8"]),
    "a mean over the channels": (MENDED["a mean over the channels"][0], (1, 1, 6, 6), ["Linear(6", "an input"]),
    "channels moved away": (MENDED["channels moved away"][0], (1, 3, 8, 8), ["Conv2d(8"]),
    "pictures before their channels": (MENDED["pictures before their channels"][0], (1, 9, 3, 8, 8), ["Conv3d(9"]),
    "a pooling for all": (
        class_of("self.pool = nn.MaxPool2d(2)\nself.conv = nn.Conv2d(1, 4, 3)",
                 "x = self.pool(self.pool(self.pool(x)))\nreturn self.conv(x)"),
        (1, 1, 16, 16), ["no pool"],
    ),
    "a layer used twice": (
        class_of("self.fc1 = nn.Linear(36, 8)\nself.fc2 = nn.Linear(8, 2)",
                 "x = self.fc1(x.flatten(1))\nx = self.fc1(x)\nreturn self.fc2(x)"),
        (1, 1, 6, 6), ["out_features=36 in fc1"],
    ),
    "a norm of a sequence": (MENDED["a norm of a sequence"][0], (2, 9, 6), ["BatchNorm1d(9"]),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDING)
def test_what_only_hides_the_cause_is_no_fix(name: str) -> None:
    text, shape, hiding = HIDING[name]
    _, found = mended(text, shape)
    assert not [fix for fix in found if fix.startswith(tuple(hiding))]


LENET = class_of(
    "self.conv1 = nn.Conv2d(3, 6, 5)\nself.conv2 = nn.Conv2d(6, 16, 5)\nself.fc = nn.Linear(400, 10)",
    "x = F.max_pool2d(self.conv1(x), 2)\nx = F.max_pool2d(self.conv2(x), 2)\nreturn self.fc(x.flatten(1))",
)
PERCEPTRON = class_of("self.fc = nn.Linear(784, 5)", "return self.fc(x.flatten(1))")
ALEXNET = (
    "nn.Sequential(nn.Conv2d(3, 8, 11, stride=4, padding=2), nn.MaxPool2d(3, 2), nn.Conv2d(8, 8, 5, padding=2), "
    "nn.MaxPool2d(3, 2), nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(288, 5))"
)


@pytest.mark.parametrize(
    ("text", "shape", "right"),
    [
        (LENET, (1, 1, 28, 28), (3, 32, 32)),
        (PERCEPTRON, (1, 3, 32, 32), (1, 28, 28)),
        (ALEXNET, (1, 3, 64, 64), (3, 224, 224)),
        (class_of("self.rnn = nn.GRU(8, 4, batch_first=True)", "return self.rnn(x)[0][:, -1]"), (4, 8, 50), (50, 8)),
    ],
)
@pytest.mark.slow
def test_the_input_that_a_network_was_made_for_is_offered(text: str, shape: Shape, right: Shape) -> None:
    _, found = mended(text, shape)
    assert [one.input_shape[1:] for one in found.values() if one.input_shape and one.whole] == [right]


@pytest.mark.parametrize(
    ("layers", "forward", "said"),
    [
        (
            "self.pos = nn.Parameter(torch.zeros(1, 35, 4))",
            "return x.flatten(2).transpose(1, 2) + self.pos",
            "1 × 35 × 4",
        ),
        (
            "self.cls = nn.Parameter(torch.zeros(1, 1, 4))",
            "return torch.cat([self.cls, x.flatten(2).transpose(1, 2)], 1)",
            "cls.expand(x.size(0), -1, -1)",
        ),
    ],
)
def test_a_parameter_is_named_with_its_shape(layers: str, forward: str, said: str) -> None:
    traced, _ = mended(class_of(layers, forward), (2, 4, 6, 6))
    assert traced.stopped is not None and names(traced.stopped.sentence, layers[5:8], said, "2 × 36 × 4")


def test_a_way_around_is_told_the_layer_that_it_wants() -> None:
    text = class_of(
        "self.stem = nn.Conv2d(1, 4, 1)\nself.body = nn.Conv2d(4, 6, 3, stride=2, padding=1)",
        "x = self.stem(x)\nreturn self.body(x) + x",
    )
    traced, _ = mended(text, (1, 1, 8, 8))
    assert traced.stopped is not None and names(traced.stopped.sentence, "nn.Conv2d(4, 6, 1, stride=2)", "stem", "body")


def test_a_cat_that_stops_has_its_line() -> None:
    text = class_of(
        "self.a = nn.Conv2d(1, 2, 3)\nself.b = nn.Conv2d(1, 2, 1)",
        "a = self.a(x)\nreturn torch.cat(tensors=[a, self.b(x)], dim=1)",
    )
    for written in (text, text.replace("tensors=", "").replace("dim=1", "1")):
        traced, _ = mended(written, (1, 1, 8, 8))
        assert traced.mark is not None and traced.mark[0] == written[: written.index("torch.cat")].count("\n") + 1


JOINED = """class Pair(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(i, o, 3), nn.ReLU(), nn.Conv2d(o, o, 3), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Pair(1, 4), Pair(4, 8)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.third = Pair(8, 4)

    def forward(self, x):
        left = self.first(x)
        low = self.up(self.second(self.pool(left)))
        return self.third(torch.cat([left, low], 1))
"""
STEM = "self.stem = nn.Conv2d(1, 4, 5)\nself.one = nn.Conv2d(4, 2, 1)\nself.three = nn.Conv2d(4, 2, 3)"
BRANCHES = "x = self.stem(x)\nreturn torch.cat([self.one(x), self.three(x)], dim=1)"


@pytest.mark.parametrize(
    ("text", "side", "sizes", "right", "left_alone"),
    [
        (JOINED, 44, (40, 32), ["nn.Conv2d(i, o, 3, padding=1)", "nn.Conv2d(o, o, 3, padding=1)"], []),
        (class_of(STEM, BRANCHES), 28, (24, 22), ["nn.Conv2d(4, 2, 3, padding=1)"], ["nn.Conv2d(1, 4, 5)"]),
    ],
)
def test_edges_that_convolutions_take_are_kept(
    text: str, side: int, sizes: tuple[int, int], right: list[str], left_alone: list[str]
) -> None:
    """A U-Net's at every join, a branch's in the branch alone."""
    traced, found = mended(text, (1, 1, side, side))
    assert traced.stopped is not None and names(traced.stopped.sentence, *sizes, "padding")
    (fix,) = (one for name, one in found.items() if name.startswith("padding"))
    assert fix.whole and all(part in fix.network for part in [*right, *left_alone])
    assert fix.network.count("padding=1") == len(right)


def test_maps_that_are_joined_are_no_more_than_what_they_are_made_of() -> None:
    """However many images: a large U-Net is followed for seventeen of them, too."""
    text = class_of("self.conv = nn.Conv2d(3, 64, 3, padding=1)", "y = self.conv(x)\nreturn torch.cat([y, y], 1)")
    traced = asked(following.trace, text, (17, 3, 572, 572))
    assert traced.stopped is None and traced.steps[-1].output_shape == (17, 128, 572, 572)


SQUEEZED = """class Excite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.weigh = nn.Sequential(nn.Linear(channels, 4), nn.ReLU(), nn.Linear(4, channels), nn.Sigmoid())

    def forward(self, x):
        weights = {weights}
        {meets}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.excite = Excite(8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(self.excite(self.conv(x)).mean((2, 3)))
"""


@pytest.mark.parametrize(
    "meets", ["return x * weights", "return torch.mul(weights, x)", "x *= weights\n        return x"]
)
@pytest.mark.parametrize(
    "weights", ["self.weigh(self.pool(x).flatten(1))", "torch.sigmoid(self.weigh(self.pool(x).flatten(1)))"]
)
def test_a_number_for_each_channel_is_given_the_axes_of_the_maps(weights: str, meets: str) -> None:
    traced, found = mended(SQUEEZED.format(weights=weights, meets=meets), (1, 1, 12, 12))
    assert traced.stopped is not None and names(traced.stopped.sentence, "8 × 12 × 12", "8 × 1 × 1")
    (fix,) = (one for name, one in found.items() if "unflatten" in name)
    assert fix.whole and fix.network.count(".unflatten(1, (-1, 1, 1))") == 1


def test_maps_that_were_pooled_have_not_lost_their_edges() -> None:
    text = class_of(
        "self.one, self.three = nn.Conv2d(1, 2, 1), nn.Conv2d(1, 2, 3)",
        "return torch.cat([self.one(x), F.max_pool2d(self.three(x), 2)], dim=1)",
    )
    traced = asked(following.trace, text, (1, 1, 28, 28))
    assert traced.stopped is not None and names(traced.stopped.sentence, 28, 13)
    assert "padding" not in traced.stopped.sentence

"""What answers to an error of shapes usually give is the first fix, written where a person would write it; in torch
every fix that mends the whole takes several images."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.networks import OWN_TEXT
from cnnviz.networks.source import read
from cnnviz.server import following
from cnnviz.server.following import Remedy, Traced
from cnnviz.tracing import ShapeError, trace
from tests.tracing.test_fixes_of_many import class_of

Shape = tuple[int, ...]


def mended(text: str, *shapes: Shape) -> tuple[Traced, list[Remedy]]:
    """Where the text stops, and what mends it, each of which takes four images in torch where it mends the whole."""
    more = (OWN_TEXT, text, shapes[0], "", (), shapes[1:], lambda _share: None)
    traced, found = following.trace(*more), list(following.remedies(*more))
    assert traced.stopped is not None, traced.error
    for one in found:
        if one.whole:
            network: nn.Module = read(one.network or text, "", {}).build()
            network(*(torch.rand(4, *shape[1:]) for shape in (one.input_shape or shapes[0], *shapes[1:])))
    return traced, found


MAPS = "self.conv = nn.Conv2d(3, 4, 3, padding=1)"
SQUEEZE = """class Squeeze(nn.Module):
    def __init__(self, channels, ratio=2):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(channels, channels // ratio), nn.Linear(channels // ratio, channels))

    def forward(self, x):
        return x * self.body(x.mean((2, 3)))[:, :, None, None]

"""
HANDS_ON = """class Unit(nn.Module):
    def __init__(self, i, o, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(i, o, bias=False, **kwargs)

    def forward(self, x):
        return self.conv(x)

"""
BLOCK = """class Block(nn.Module):
    def __init__(self, i, o, stride=1):
        super().__init__()
        self.one = nn.Conv2d(i, o, 3, stride, 1)
        self.two = nn.Conv2d(o, o, 3, 1, 1)
        self.down = nn.Sequential()
        if {}:
            self.down = nn.Conv2d(i, o, 1, stride)

    def forward(self, x):
        {}

"""
BLOCKS = class_of(
    "self.row = nn.Sequential(Block(3, 8), Block(8, 8), Block(8, 16, 2))\nself.fc = nn.Linear(16, 10)",
    "return self.fc(self.row(x).mean((2, 3)))",
)
NAMED = "kept = x\n        kept = self.down(x)\n        y = self.two(self.one(x))\n        y += kept\n        return y"
ROW = """class Block(nn.Module):
    def __init__(self, i, o, stride=1, down=None):
        super().__init__()
        self.one = nn.Conv2d(i, o, 3, stride, 1)
        self.down = down

    def forward(self, x):
        y = self.one(x)
        kept = self.down(x) if self.down else x
        return y + kept

"""
OWN_WIDTH = """class Net(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.one = nn.Conv2d(channels, 4, 1)
        self.two = nn.Conv2d(channels, 4, 1)

    def forward(self, x):
        return self.one(x) + self.two(x)
"""
PLACES = """class Net(nn.Module):
    def __init__(self, img_size=8, patch=4):
        super().__init__()
        self.cut = nn.Conv2d(3, 6, patch, patch)
        self.places = nn.Parameter(torch.zeros(1, (img_size // patch) ** 2, 6))

    def forward(self, x):
        return (self.cut(x).flatten(2).transpose(1, 2) + self.places).mean(1)
"""
READY = "import torchvision\nimport torch\nmodel = torchvision.models.resnet18().to('cpu')\n"

# what is written, its inputs, and the fixes of the whole that come first, with what stands in the text then
FIRST: dict[str, tuple[str, list[Shape], dict[str, list[str]]]] = {
    "two heads": (
        class_of(
            "self.mu = nn.Linear(99, 5)\nself.logvar = nn.Linear(99, 5)\nself.up = nn.Linear(5, 99)",
            "x = x.flatten(1)\nreturn self.up(self.mu(x) + self.logvar(x))",
        ),
        [(1, 1, 6, 8)],
        {"in_features=48 in mu and logvar": ["self.mu = nn.Linear(48, 5)", "self.logvar = nn.Linear(48, 5)"]},
    ),
    "four heads, whose layers are counted": (
        class_of(
            "\n".join(f"self.head{n} = nn.Linear(9, 2)" for n in range(4)),
            "x = x.flatten(1)\nreturn self.head0(x) + self.head1(x) + self.head2(x) + self.head3(x)",
        ),
        [(1, 1, 6, 8)],
        {"in_features=48 in 4 layers": ["self.head3 = nn.Linear(48, 2)"]},
    ),
    "two heads of a class": (
        class_of(
            "self.one = Head(9, 5)\nself.two = Head(9, 4)",
            "x = x.flatten(1)\nreturn torch.cat([self.one(x), self.two(x)], 1)",
            "class Head(nn.Module):\n    def __init__(self, i, o):\n"
            "        super().__init__()\n        self.fc = nn.Linear(i, o)\n\n    def forward(self, x):\n"
            "        return self.fc(x)\n\n",
        ),
        [(1, 1, 6, 8)],
        {"one and two made for 48 features": ["Head(48, 5)", "Head(48, 4)", "nn.Linear(i, o)"]},
    ),
    "a linear layer before a recurrent one": (
        class_of(
            "self.fc = nn.Linear(99, 7)\nself.rnn = nn.GRU(7, 5, batch_first=True)\nself.out = nn.Linear(5, 3)",
            "x = x.permute(0, 3, 1, 2)\nx = x.reshape(x.size(0), x.size(1), -1)\n"
            "return self.out(self.rnn(self.fc(x))[0])",
        ),
        [(1, 2, 6, 8)],
        {"Linear(12, 7)": ["nn.Linear(12, 7)"]},
    ),
    "patches": (
        class_of(
            "self.cut = nn.Conv2d(3, 6, 4, 4)\nself.fc = nn.Linear(16, 5)",
            "return self.fc(self.cut(x).flatten(2).transpose(1, 2)).mean(1)",
        ),
        [(1, 3, 16, 16)],
        {"Linear(6, 5)": ["nn.Linear(6, 5)"]},
    ),
    "behind a recurrent layer": (
        class_of(
            "self.rnn = nn.LSTM(6, 4, batch_first=True, bidirectional=True)\nself.fc = nn.Linear(4, 5)",
            "x, _ = self.rnn(x)\nreturn self.fc(x)",
        ),
        [(1, 9, 6)],
        {"Linear(8, 5)": ["nn.Linear(8, 5)"]},
    ),
    "the width of a block": (
        class_of(
            f"{MAPS}\nself.one = Squeeze(4)\nself.next = nn.Conv2d(4, 8, 1)\nself.two = Squeeze(4)",
            "return self.two(self.next(self.one(self.conv(x)))).flatten(1)",
            SQUEEZE,
        ),
        [(1, 3, 8, 8)],
        {"two made for 8 features": ["self.one = Squeeze(4)", "self.two = Squeeze(8)"]},
    ),
    "the width of the network": (
        OWN_WIDTH,
        [(1, 5, 8, 8)],
        {"the network made for 5 channels": ["channels=5"], "an input of 3 channels": []},
    ),
    "padding that is handed on": (
        class_of(
            "self.one = Unit(3, 4, kernel_size=1)\nself.three = Unit(3, 5, kernel_size=3)",
            "return torch.cat([self.one(x), self.three(x)], 1).mean((2, 3))",
            HANDS_ON,
        ),
        [(1, 3, 8, 8)],
        {"padding=1 in three.conv": ["Unit(3, 4, kernel_size=1)", "Unit(3, 5, kernel_size=3, padding=1)"]},
    ),
    "a mean of many maps": (
        class_of(
            "self.conv = nn.Conv2d(3, 512, 3, 2)\nself.fc = nn.Linear(512, 5)",
            "x = self.conv(x)\nx = x.view(x.size(0), -1)\nreturn self.fc(x)",
        ),
        [(1, 3, 9, 9)],
        {
            "nn.AdaptiveAvgPool2d(1) before view": ["nn.functional.adaptive_avg_pool2d(x, 1).view("],
            "Linear(8192, 5)": ["nn.Linear(8192, 5)"],
        },
    ),
    "the first operand": (
        class_of(
            "self.q, self.k, self.v = nn.Conv1d(3, 4, 1), nn.Conv1d(3, 4, 1), nn.Conv1d(3, 4, 1)",
            "a = torch.matmul(self.q(x), self.k(x))\nreturn torch.matmul(a, self.v(x).transpose(1, 2))",
        ),
        [(1, 3, 9)],
        {"transpose(-2, -1) of the first": ["torch.matmul(self.q(x).transpose(-2, -1), self.k(x))"]},
    ),
    "operands of other widths": (
        class_of(
            "self.q, self.k = nn.Linear(6, 8), nn.Linear(6, 7)",
            "return torch.bmm(self.q(x), self.k(x).transpose(1, 2))",
        ),
        [(1, 5, 6)],
        {"out_features=8 in k": ["nn.Linear(6, 8), nn.Linear(6, 8)"]},
    ),
    "a cell": (
        class_of("self.cell = nn.LSTMCell(6, 5)", "h, c = self.cell(x.flatten(1))\nreturn h"),
        [(1, 2, 4)],
        {"input_size=8 in cell": ["nn.LSTMCell(8, 5)"]},
    ),
    "a size that a stride leaves open": (
        class_of(
            "self.down = nn.Conv2d(1, 4, 3, 2, 1)\nself.up = nn.ConvTranspose2d(4, 1, 3, 2, 1)",
            "return self.up(self.down(x)) + x",
        ),
        [(1, 1, 8, 8)],
        {"output_padding=1 in up": ["nn.ConvTranspose2d(4, 1, 3, 2, 1, output_padding=1)"]},
    ),
    "the condition of a shortcut": (
        BLOCK.format("stride != 1", "return self.two(self.one(x)) + self.down(x)") + BLOCKS,
        [(1, 3, 8, 8)],
        {"a Conv2d on the way around": ["if stride != 1 or i != o:"]},
    ),
    "a condition that asks for both": (
        BLOCK.format("stride != 1 and i != o", NAMED) + BLOCKS,
        [(1, 3, 8, 8)],
        {"a Conv2d on the way around": ["if stride != 1 or i != o:"]},
    ),
    "a grey picture for a ready-made network": (
        f"{READY}model.fc = torch.nn.Linear(512, 10)\n",
        [(1, 1, 28, 28)],
        {
            "Conv2d(1, 64, 7, stride=2, padding=3, bias=False)": [
                f"{READY}model.conv1 = torch.nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)\nmodel.fc"
            ],
            "an input of 3 channels": [],
        },
    ),
    "a grey picture for a ready-made network in a class": (
        class_of("self.net = torchvision.models.vgg11().features", "return self.net(x).flatten(1)")
        .replace(".features\n", "\n")
        .replace("self.net(x)", "self.net.features(x)"),
        [(1, 1, 32, 32)],
        {"Conv2d(1, 64, 3, padding=1)": ["vgg11()\n        self.net.features[0] = nn.Conv2d(1, 64, 3, padding=1)\n"]},
    ),
    "a stride of every block of a row": (
        class_of("self.a, self.b = self.row(3, 8, 1), self.row(8, 16, 2)", "return self.b(self.a(x)).mean((2, 3))", ROW)
        + "\n    def row(self, i, o, stride):\n        layers = [Block(i, o, stride, nn.Conv2d(i, o, 1, stride))]\n"
        "        for _ in range(2):\n            layers.append(Block(o, o, stride))\n"
        "        return nn.Sequential(*layers)\n",
        [(1, 3, 16, 16)],
        {"stride=1 in b.1": ["layers.append(Block(o, o))"]},
    ),
    "maps beside numbers": (
        class_of(
            f"{MAPS}\nself.fc = nn.Linear(267, 2)", "a = self.conv(x)\nreturn self.fc(torch.cat((a, y), 1))"
        ).replace("(self, x)", "(self, x, y)"),
        [(1, 3, 8, 8), (1, 11)],
        {"flatten(1) of conv": ["torch.cat((a.flatten(1), y), 1)"]},
    ),
    "an instance norm, though all images end in one row": (
        class_of(f"{MAPS}\nself.norm = nn.InstanceNorm2d(8, affine=True)", "return self.norm(self.conv(x)).view(-1)"),
        [(1, 3, 8, 8)],
        {"InstanceNorm2d(4, affine=True)": ["nn.InstanceNorm2d(4, affine=True)"]},
    ),
    "a flatten of all and a wrong width": (
        class_of(f"{MAPS}\nself.fc = nn.Linear(99, 5)", "return self.fc(torch.flatten(self.conv(x)))"),
        [(1, 3, 8, 8)],
        {
            "torch.flatten(x, 1) in flatten and then Linear(256, 5)": [
                "nn.Linear(256, 5)",
                "torch.flatten(self.conv(x), start_dim=1)",
            ]
        },
    ),
    "features and a state": (
        class_of(
            "self.rnn = nn.GRU(8, 5, 2, batch_first=True)", "h = torch.zeros(1, x.size(0), 5)\nreturn self.rnn(x, h)[0]"
        ),
        [(1, 9, 6)],
        {
            "input_size=6 in rnn and then a state of 2 × N × 5": ["nn.GRU(6, 5, 2", "torch.zeros(2, x.size(0), 5)"],
        },
    ),
    "a join a little too large": (
        class_of(
            "self.pool = nn.MaxPool2d(2)\nself.up = nn.Upsample(scale_factor=2)",
            "y = self.up(self.pool(x))\nreturn torch.cat([y, x], 1)",
        ),
        [(1, 3, 9, 9)],
        {
            "F.interpolate to 9 × 9 of up": ["torch.cat([nn.functional.interpolate(y, size=x.shape[2:]), x], 1)"],
            "an input of 10 × 10": [],
        },
    ),
    "the side of the pictures": (
        PLACES,
        [(1, 3, 16, 16)],
        {"the network made for 16 × 16": ["img_size=16"], "places of 1 × 16 × 6": ["img_size=8"]},
    ),
}


@pytest.mark.parametrize("name", FIRST)
def test_what_is_usually_answered_comes_first(name: str) -> None:
    text, shapes, first = FIRST[name]
    _, found = mended(text, *shapes)
    assert [one.text for one in found[: len(first)]] == list(first)
    for one, written in zip(found, first.values(), strict=False):
        assert one.whole and all(line in one.network for line in written)


def test_a_layer_that_is_built_several_times_is_counted() -> None:
    text = class_of(
        "self.row = nn.Sequential(*[nn.Conv2d(3, 3, 3) for _ in range(3)])\nself.fc = nn.Linear(192, 2)",
        "return self.fc(self.row(x).flatten(1))",
    )
    _, found = mended(text, (1, 3, 8, 8))
    assert [one.text for one in found if "padding" in one.text] == ["padding=1 in 3 layers"]


def test_no_picture_of_a_few_cells_is_offered() -> None:
    text = class_of(
        "self.conv = nn.Conv2d(3, 4, 3, padding=1)\nself.fc = nn.Linear(4, 5)",
        "return self.fc(self.conv(x).flatten(1))",
    )
    _, found = mended(text, (1, 3, 32, 32))
    assert not any(one.input_shape for one in found)


def test_sizes_are_not_tried_where_none_can_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr("cnnviz.tracing.fixes.other_sizes", lambda *given: tried.append(given) or iter(()))
    for width, word in ((7, "mean((2, 3))"), (7, "flatten(1)[:, :9]"), (3, "flatten(1)"), (8, "flatten(1)")):
        layers = f"{MAPS}\nself.fc = nn.Linear({width}, 5)"
        mended(class_of(layers, f"return self.fc(self.conv(x).{word})"), (1, 3, 8, 8))
        assert len(tried) == (width == 8)  # a mean, a part, and no multiple of four maps; then one


def test_a_network_that_returns_nothing_is_mended_in_part() -> None:
    text = class_of("self.fc = nn.Linear(99, 5)", "x = self.fc(x.flatten(1))")
    _, found = mended(text, (1, 1, 6, 8))
    assert [(one.text, one.whole) for one in found] == [("Linear(48, 5)", False)]


def test_a_sequence_is_told_by_its_places() -> None:
    text, shapes, _ = FIRST["behind a recurrent layer"]
    traced, _ = mended(text, *shapes)
    assert traced.stopped is not None
    assert traced.stopped.sentence == "fc expects 4 features, but rnn delivers 8 for each of 9 places"


def test_pictures_of_a_film_one_after_the_other_are_no_fault() -> None:
    forward = (
        "n, t = x.shape[:2]\nx = self.conv(x.view(n * t, *x.shape[2:])).flatten(1)\n"
        "x = self.fc(x)\nreturn x.view(n, t, -1).mean(1)"
    )
    traced, found = mended(class_of(f"{MAPS}\nself.fc = nn.Linear(99, 5)", forward), (1, 6, 3, 8, 8))
    assert traced.stopped is not None and traced.stopped.sentence.startswith("fc expects 99 features")
    assert [(one.text, one.whole) for one in found[:1]] == [("Linear(256, 5)", True)]


def test_a_text_without_torch_is_given_its_nn() -> None:
    text = "from torchvision import models\nmodel = models.resnet18()\n"
    _, found = mended(text, (1, 1, 64, 64))
    assert [one.input_shape for one in found] == [(), (1, 3, 64, 64)]
    assert f"{text}from torch import nn\nmodel.conv1 = nn.Conv2d(1, 64, 7, stride=2" in found[0].network


def test_a_helper_is_given_the_width_of_the_layer_that_is_meant() -> None:
    before = "def block(i, o):\n    return nn.Sequential(nn.Conv2d(i, o, 3), nn.ReLU())\n\n"
    layers = "self.one = block(3, 8)\nself.two = block(16, 16)\nself.fc = nn.Linear(9, 5)"
    text = class_of(layers, "return self.fc(self.two(self.one(x)).mean((2, 3)))", before)
    _, found = mended(text, (1, 3, 8, 8))
    assert any("self.one = block(3, 8)\n        self.two = block(8, 16)" in one.network for one in found)


def test_an_attention_is_changed_with_the_layer_that_it_has_within() -> None:
    layers = "self.att = nn.MultiheadAttention(8, 2, batch_first=True)\nself.fc = nn.Linear(6, 2)"
    _, found = mended(class_of(layers, "return self.fc(self.att(x, x, x)[0])"), (1, 9, 6))
    assert [one.text for one in found if one.whole and one.network] == ["embed_dim=6 in att"]


def test_a_window_that_is_larger_than_its_maps_wants_a_larger_picture():
    network = nn.Sequential(nn.Conv2d(1, 8, 3, 2), nn.Conv2d(8, 8, 15), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(ShapeError) as stopped:
        trace(network, (1, 1, 8, 8))
    assert (1, 1, 31, 31) in [fix.input_shape for fix in stopped.value.fixes]


LEAST = {  # the input that is offered where a window is larger than its maps, and whether larger ones do, too
    "one size alone, for a view of others": (
        ("self.pool = nn.MaxPool2d(5)\nself.fc = nn.Linear(3, 4)", "return self.fc(self.pool(x).view(-1, 3))"),
        (1, 3, 4, 4), (1, 3, 5, 5), False,
    ),
    "any from there on": (
        ("self.conv = nn.Conv2d(3, 4, 9)", "return self.conv(x).mean((2, 3))"), (1, 3, 6, 6), (1, 3, 9, 9), True,
    ),
    "more pictures, of sides that fit": (
        ("self.conv = nn.Conv3d(3, 2, (7, 3, 3))", "return self.conv(x).mean((2, 3, 4))"),
        (1, 3, 4, 20, 20), (1, 3, 7, 20, 20), True,
    ),
    "a greater height, of a width that fits": (
        ("self.conv = nn.Conv2d(3, 2, 7)", "return self.conv(x).mean((2, 3))"), (1, 3, 5, 40), (1, 3, 7, 40), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAST)
def test_an_input_that_is_too_small_grows_where_it_has_to(name: str) -> None:
    parts, shape, wanted, is_least = LEAST[name]
    _, found = mended(class_of(*parts), shape)
    offered = [one for one in found if one.input_shape]
    assert [one.input_shape for one in offered] == [wanted] and offered[0].text.endswith("or more") is is_least


def test_pictures_whose_channels_stand_last_are_copied_for_a_view() -> None:
    layers = "self.conv = nn.Conv2d(3, 4, 3)\nself.fc = nn.Linear(4 * 6 * 6, 5)"
    for rows, method in (
        ("view(-1, 4 * 6 * 6)", "permute(0, 3, 1, 2).contiguous()"),
        ("flatten(1)", "permute(0, 3, 1, 2)"),
    ):
        _, found = mended(class_of(layers, f"x = self.conv(x)\nreturn self.fc(x.{rows})"), (1, 8, 8, 3))
        assert [one.text for one in found if one.network and one.whole][:1] == [f"x.{method} before conv"]

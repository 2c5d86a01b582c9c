"""What a call gives in other parts, axes or channels than what follows wants: a tuple of values and places, a mean
without its axis, a stack in place of a cat, channels that a shuffle cannot part. What is said names step and sizes, and
the usual answer comes first, which torch takes for several images."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.tracing import ShapeError, trace
from tests.tracing.nets import Net
from tests.tracing.test_fixes_of_kinds import Shape, mended
from tests.tracing.test_fixes_of_many import class_of


def net(layers: str, body: str, inputs: str = "x") -> str:
    return class_of(layers, body).replace("(self, x)", f"(self, {inputs})")


LINES = "self.rnn = nn.LSTM(6, 5, batch_first=True)\nself.fc = nn.Linear(5, 3)"
CONV = "self.conv = nn.Conv2d(2, 4, 3)\nself.fc = nn.Linear(4, 3)"
ATTENTION = """class Where(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 5, padding=2)

    def forward(self, x):
        mean = x.mean(dim=1{})
        top, _ = torch.max(x, dim=1{})
        return x * torch.sigmoid(self.conv(torch.cat([mean, top], dim=1)))

"""
GATES = "self.what = nn.Linear(6, 6)\nself.where = Where()\nself.fc = nn.Linear(6, 2)"
GATED = (
    "x = x * self.what(x.mean((2, 3)))[:, :, None, None]\nx = self.where(x)\nreturn self.fc(x.mean(dim=3).mean(dim=2))"
)
TURNED = (
    "theta = self.fc(x.flatten(1)){}\nreturn F.grid_sample(x, F.affine_grid(theta{}, x.size()), align_corners=False)"
)
TWO = "self.one = nn.Conv2d(2, 3, 3)\nself.two = nn.Conv2d(2, 3, 3)\nself.mix = nn.Conv2d(6, 4, 1)"
POOLS = "self.pool = nn.MaxPool2d(2, return_indices=True)\nself.up = nn.MaxUnpool2d(2)"

# what is written, its inputs, values in what is said, the first fix, and what stands in the text then
FIRST: dict[str, tuple[str, list[Shape], list[object], str, list[str]]] = {
    "values and places for a linear layer": (
        net("self.fc = nn.Linear(5, 2)", "return self.fc(x.max(1))"), [(1, 7, 5)],
        ["fc", "max", "[0]"], "[0] behind max", ["self.fc(x.max(1)[0])"],
    ),
    "values and places for a function": (
        net(CONV, "y = torch.min(self.conv(x), dim=3)\nreturn self.fc(F.relu(y).mean(2))"), [(1, 2, 9, 7)],
        ["relu", "min", "[0]"], "[0] behind min", ["y = torch.min(self.conv(x), dim=3)[0]"],
    ),
    "values and places twice": (
        net(CONV, "y = torch.max(self.conv(x), dim=3)\ny = torch.max(y, dim=2)\nreturn self.fc(y)"), [(1, 2, 9, 7)],
        ["max", "[0]"], "[0] behind max", ["max(self.conv(x), dim=3)[0]", "max(y, dim=2)[0]"],
    ),
    "values and places of which one is taken already": (
        net(CONV, "y = self.conv(x).max(3)[0]\nz = y.max(2)\nreturn self.fc(z.view(z.size(0), -1))"), [(1, 2, 9, 7)],
        ["view", "max", "[0]"], "[0] behind max_2", ["z = y.max(2)[0]", "self.conv(x).max(3)[0]\n"],
    ),
    "values and places in a sum": (
        net("self.fc = nn.Linear(15, 2)", "x = x.mean(2) + x.max(2)\nreturn self.fc(x.flatten(1))"), [(1, 3, 4, 5)],
        ["add", "max", "[0]"], "[0] behind max", ["x.mean(2) + x.max(2)[0]"],
    ),
    "values and places in a cat": (
        net("self.conv = nn.Conv2d(2, 1, 3)",
            "a = x.amin(1, keepdim=True)\nb = torch.max(x, 1, keepdim=True)\nreturn self.conv(torch.cat([a, b], 1))"),
        [(1, 5, 6, 7)], ["cat", "max", "[0]"], "[0] behind max", ["b = torch.max(x, 1, keepdim=True)[0]"],
    ),
    "the greatest, in order": (
        net("self.fc = nn.Linear(3, 2)", "return self.fc(x.topk(3, dim=1))"), [(1, 8)],
        ["fc", "topk", "[0]"], "[0] behind topk", ["x.topk(3, dim=1)[0]"],
    ),
    "an output and its state, reshaped": (
        net(LINES.replace("Linear(5", "Linear(40"), "x = self.rnn(x)\nreturn self.fc(x.reshape(x.size(0), -1))"),
        [(1, 8, 6)], ["reshape", "rnn", "out, _ = self.rnn(x)"], "[0] behind rnn", ["x = self.rnn(x)[0]"],
    ),
    "an output and its state, of which a step is taken": (
        net(LINES, "x = self.rnn(x)\nreturn self.fc(x[:, -1, :])"), [(1, 8, 6)],
        ["rnn", "out, _ = self.rnn(x)"], "[0] behind rnn", ["x = self.rnn(x)[0]"],
    ),
    "an output and its state, of which a view is taken": (
        net(LINES.replace("Linear(5", "Linear(40"), "x = self.rnn(x)\nreturn self.fc(x.view(x.size(0), -1))"),
        [(1, 8, 6)], ["view", "rnn", "out, _ = self.rnn(x)"], "[0] behind rnn and x.contiguous() before view",
        ["x = self.rnn(x)[0]", "x.contiguous().view(x.size(0), -1)"],
    ),
    "an output and its state, twice": (
        net("self.one = nn.GRU(6, 5, batch_first=True)\nself.two = nn.GRU(5, 4, batch_first=True)",
            "x = self.one(x)\nx = self.two(x)\nreturn x[:, -1]"),
        [(1, 8, 6)], ["two", "one"], "x[0] before two and then [0] behind two", ["self.two(x[0])[0]"],
    ),
    "an output and its state, in a list of layers": (
        net("self.rows = nn.ModuleList(nn.GRU(6, 6, batch_first=True) for _ in range(3))",
            "for row in self.rows:\n    x = row(x)\nreturn x[:, -1]"),
        [(1, 8, 6)], ["rows.1", "rows.0"], "[0] behind GRU rows.0", ["x = row(x)[0]"],
    ),
    "values and places added in place": (
        net("self.fc = nn.Linear(5, 2)", "y = x.mean(1)\ny += x.max(1)\nreturn self.fc(y)"), [(1, 7, 5)],
        ["add", "max"], "[0] behind max", ["y += x.max(1)[0]"],
    ),
    "values and places divided": (
        net("self.fc = nn.Linear(5, 2)", "return self.fc(x.max(1) / 3)"), [(1, 7, 5)],
        ["div", "max"], "[0] behind max", ["x.max(1)[0] / 3"],
    ),
    "values and places with a sign": (
        net("self.fc = nn.Linear(5, 2)", "return self.fc(-x.max(1))"), [(1, 7, 5)],
        ["neg", "max"], "[0] behind max", ["-x.max(1)[0]"],
    ),
    "both parts of a state": (
        net(LINES, "_, kept = self.rnn(x)\nreturn self.fc(kept)"), [(1, 8, 6)],
        ["fc", "rnn", "h and c"], "x[0][-1] before fc", ["self.fc(kept[0][-1])"],
    ),
    "an attention and its weights, added": (
        net("self.look = nn.MultiheadAttention(6, 2, batch_first=True)",
            "x = x + self.look(x, x, x)\nreturn x.mean(1)"),
        [(1, 8, 6)], ["add", "look"], "[0] behind look", ["x + self.look(x, x, x)[0]"],
    ),
    "maps and the places of their numbers": (
        net("self.pool = nn.MaxPool2d(3, return_indices=True)\nself.fc = nn.Linear(8, 2)",
            "y = self.pool(x)\nreturn self.fc(y.flatten(1))"),
        [(1, 2, 7, 8)], ["flatten", "pool", "return_indices"], "x[0] before flatten", ["y[0].flatten(1)"],
    ),
    "channels for a shuffle": (
        net("self.conv = nn.Conv2d(2, 30, 3)\nself.up = nn.PixelShuffle(3)\nself.out = nn.Conv2d(4, 1, 1)",
            "return self.out(self.up(self.conv(x)))"),
        [(1, 2, 8, 7)], ["up", 30, "3 × 3 = 9"], "out_channels=36 in conv", ["nn.Conv2d(2, 36, 3)"],
    ),
    "channels for a shuffle, as the layer behind wants them": (
        net("self.conv = nn.Conv2d(2, 30, 3)\nself.norm = nn.BatchNorm2d(30)\nself.out = nn.Conv2d(7, 1, 1)",
            "return self.out(F.pixel_shuffle(self.norm(self.conv(x)).relu(), 2))"),
        [(1, 2, 8, 7)], ["pixel_shuffle", 30, "2 × 2 = 4"], "out_channels=28 in conv and num_features=28 in norm",
        ["nn.Conv2d(2, 28, 3)", "nn.BatchNorm2d(28)"],
    ),
    "channels for a shuffle in a row": (
        "nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.PixelShuffle(2), nn.Conv2d(2, 1, 1))", [(1, 1, 9, 9)],
        ["PixelShuffle 2", 6, "2 × 2 = 4"], "out_channels=8 in Conv2d 0 and num_features=8 in 1", ["BatchNorm2d(8)"],
    ),
    "channels in groups": (
        net("self.conv = nn.Conv2d(2, 10, 3)\nself.mix = nn.ChannelShuffle(4)", "return self.mix(self.conv(x))"),
        [(1, 2, 8, 7)], ["mix", 10, 4], "out_channels=12 in conv", ["nn.Conv2d(2, 12, 3)"],
    ),
    "sides for an unshuffle": (
        net("self.down = nn.PixelUnshuffle(3)\nself.out = nn.Conv2d(9, 1, 1)", "return self.out(self.down(x))"),
        [(1, 1, 10, 10)], ["down", "3 × 3", "9 × 9", "10 × 10"], "an input of 9 × 9", [],
    ),
    "a matrix on its side": (
        net("self.fc = nn.Linear(30, 6)", TURNED.format(".view(-1, 3, 2)", "")), [(1, 1, 5, 6)],
        ["affine_grid", "2 × 3", "3 × 2"], "-1, 2, 3 in view", [".view(-1, 2, 3)"],
    ),
    "a matrix in a row": (
        net("self.fc = nn.Linear(30, 6)", TURNED.format("", "")), [(1, 1, 5, 6)],
        ["affine_grid", "2 × 3", 6], "x.view(-1, 2, 3) before affine_grid", ["affine_grid(theta.view(-1, 2, 3), "],
    ),
    "a matrix of too many numbers": (
        net("self.fc = nn.Linear(30, 9)", TURNED.format(".view(-1, 3, 3)", "")), [(1, 1, 5, 6)],
        ["affine_grid", "2 × 3", "3 × 3"], "-1, 2, 3 in view and out_features=6 in fc", ["nn.Linear(30, 6)"],
    ),
    "maps that are laid back into fewer places": (
        net(POOLS, "y, places = self.pool(x)\nreturn self.up(y, places)"), [(1, 2, 7, 11)],
        ["up", "6 × 10", "7 × 11"], "output_size=(7, 11) in up", ["self.up(y, places, output_size=(7, 11))"],
    ),
    "a mirror of one cell": (
        net("self.pool = nn.MaxPool2d(6)\nself.conv = nn.Conv2d(2, 3, 5, padding=2, padding_mode='reflect')",
            "return self.conv(self.pool(x))"),
        [(1, 2, 6, 12)], ["conv", 2, 3, "1 × 2"], "padding_mode='zeros' in conv", ["padding_mode='zeros'"],
    ),
    "a mirror wider than the picture": (
        net("self.pad = nn.ReflectionPad2d(7)", "return self.pad(x)"), [(1, 2, 6, 5)],
        ["pad", 7, 8, "6 × 5"], "padding=4 in pad", ["nn.ReflectionPad2d(4)"],
    ),
    "a mirror by a function": (
        net("self.conv = nn.Conv2d(2, 3, 3)", "return self.conv(F.pad(x, (0, 0, 6, 6), mode='reflect'))"),
        [(1, 2, 6, 9)], ["pad", 6, 7, "6 × 9"], "mode='constant' in pad", ["mode='constant'"],
    ),
    "a mean without its axis": (
        net("self.conv = nn.Conv2d(6, 3, 3)", "return self.conv(torch.cat([x, x.mean(1)], 1))"), [(1, 5, 6, 7)],
        ["cat", "mean", "channels", "keepdim=True"], "keepdim=True in mean", ["x.mean(1, keepdim=True)"],
    ),
    "a maximum without its axis, in a block": (
        net(GATES, GATED).replace("class Net", ATTENTION.format(", keepdim=True", "") + "class Net"), [(1, 6, 8, 8)],
        ["where.cat", "where.max", "channels"], "keepdim=True in where.max", ["torch.max(x, dim=1, keepdim=True)"],
    ),
    "both without their axis, in a block": (
        net(GATES, GATED).replace("class Net", ATTENTION.format("", "") + "class Net"), [(1, 6, 8, 7)],
        ["where.conv", "where.mean", "where.max", "channels"], "keepdim=True in where.mean and where.max",
        ["x.mean(dim=1, keepdim=True)", "torch.max(x, dim=1, keepdim=True)", "x.mean((2, 3)))["],
    ),
    "a product with means without their axes": (
        net("self.conv = nn.Conv2d(5, 3, 3)", "return self.conv(x * torch.mean(x, (2, 3)).sigmoid())"), [(1, 5, 6, 7)],
        ["mul", "mean", "height", "width"], "keepdim=True in mean", ["torch.mean(x, (2, 3), keepdim=True)"],
    ),
    "means for a convolution": (
        net("self.conv = nn.Conv2d(5, 5, 1)", "return x * self.conv(x.amax(dim=(2, 3)))"), [(1, 5, 6, 7)],
        ["conv", "amax", "height", "width"], "keepdim=True in amax", ["x.amax(dim=(2, 3), keepdim=True)"],
    ),
    "a mean and a spread without their axes": (
        net("self.conv = nn.Conv2d(5, 3, 3)",
            "mean, spread = x.mean([2, 3]), x.std([2, 3])\nreturn self.conv((x - mean) / spread)"),
        [(1, 5, 6, 7)], ["sub", "mean", "height", "width"], "keepdim=True in mean and then keepdim=True in std",
        ["x.mean([2, 3], keepdim=True), x.std([2, 3], keepdim=True)"],
    ),
    "a mean that is told to lose its axis": (
        net("self.conv = nn.Conv2d(6, 3, 3)", "return self.conv(torch.cat([x, torch.mean(x, 1, False)], 1))"),
        [(1, 5, 6, 7)], ["cat", "mean"], "keepdim=True in mean", ["torch.mean(x, 1, True)"],
    ),
    "a stack of sequences": (
        net("self.one = nn.Linear(4, 3)\nself.rnn = nn.GRU(6, 2, batch_first=True)",
            "y = torch.stack([self.one(x), self.one(x.flip(1))], 2)\nreturn self.rnn(y)[0][:, -1]"
        ),
        [(1, 5, 4)], ["rnn", "stack", "features"], "torch.cat in place of stack", ["self.one(x.flip(1))], -1)"],
    ),
    "a stack in place of a cat": (
        net(TWO, "return self.mix(torch.stack([self.one(x), self.two(x)], dim=1))"), [(1, 2, 7, 8)],
        ["mix", "stack", "3 × 5 × 6", "torch.cat"], "torch.cat in place of stack", ["torch.cat([", "], dim=1)"],
    ),
    "a stack along the batch": (
        net(TWO, "y = torch.stack((self.one(x), self.two(x)))\nreturn self.mix(y.relu())"), [(1, 2, 7, 8)],
        ["mix", "stack", "torch.cat"], "torch.cat in place of stack", ["torch.cat((self.one(x), self.two(x)), dim=1)"],
    ),
    "a stack of rows": (
        net("self.one = nn.Linear(4, 3)\nself.fc = nn.Linear(6, 2)",
            "y = torch.stack([self.one(x), x[:, :3]], 1)\nreturn self.fc(y)"),
        [(1, 4)], ["fc", "stack", "features"], "torch.cat in place of stack", ["torch.cat([self.one(x), x[:, :3]], 1)"],
    ),
    "a stack of other channels": (
        net(TWO.replace("two = nn.Conv2d(2, 3", "two = nn.Conv2d(2, 1").replace("Conv2d(6", "Conv2d(4"),
            "return self.mix(torch.stack([self.one(x), self.two(x)], 1))"), [(1, 2, 7, 8)],
        ["stack", "3 × 5 × 6", "1 × 5 × 6"], "torch.cat in place of stack", ["torch.cat(["],
    ),
    "numbers beside maps": (
        net("self.conv = nn.Conv2d(5, 4, 3)", "return self.conv(torch.cat([image, label], 1))", "image, label"),
        [(1, 2, 6, 7), (1, 3)], ["cat", "2 × 6 × 7", 3, "6 × 7"], "label at each place",
        ["label[:, :, None, None].expand(-1, -1, image.size(2), image.size(3))"],
    ),
    "numbers beside maps that have no name": (
        net("self.conv = nn.Conv2d(2, 4, 3)\nself.mix = nn.Conv2d(7, 1, 1)",
            "return self.mix(torch.cat([label, self.conv(image)], dim=1))", "image, label"),
        [(1, 2, 6, 7), (1, 3)], ["cat", "4 × 4 × 5", 3], "label at each place",
        ["label[:, :, None, None].expand(-1, -1, 4, 5)"],
    ),
    "a row of as many numbers as a map": (
        net("self.up = nn.Linear(3, 42)\nself.conv = nn.Conv2d(3, 4, 3)",
            "return self.conv(torch.cat([self.up(label), image], 1))", "image, label"),
        [(1, 2, 6, 7), (1, 3)], ["cat", "up", "view(-1, 1, 6, 7)"], "view(-1, 1, 6, 7) of up",
        ["self.up(label).view(-1, 1, 6, 7)"],
    ),
    "numbers beside a sequence": (
        net("self.rnn = nn.GRU(9, 4, batch_first=True)",
            "return self.rnn(torch.cat([words, label], dim=-1))[0][:, -1]", "words, label"),
        [(1, 5, 6), (1, 3)], ["cat", "5 × 6", 3], "label at each place",
        ["label[:, None, :].expand(-1, words.size(1), -1)"],
    ),
    "maps beside numbers, for a linear layer": (
        net("self.fc = nn.Linear(87, 4)", "return self.fc(torch.cat([image, label], 1))", "image, label"),
        [(1, 2, 6, 7), (1, 3)], ["cat", "2 × 6 × 7 = 84"], "flatten(1) of image", ["image.flatten(1), label"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST)
def test_the_usual_answer_comes_first(case: str) -> None:
    text, shapes, said, name, now = FIRST[case]
    traced, found = mended(text, *shapes)
    assert traced.stopped is not None and traced.mark is not None
    for value in said:
        assert str(value) in traced.stopped.sentence
    assert "torch.Size" not in traced.stopped.sentence and "tuple" not in traced.stopped.sentence
    assert (found[0].text, found[0].whole) == (name, True)
    assert all(one in found[0].network for one in now)


# what is written, its inputs, and values in what is said where no fix is right for all
SAID: dict[str, tuple[str, list[Shape], list[object]]] = {
    "parts of which any may be meant": (
        net("self.fc = nn.Linear(6, 2)", "return self.fc(x.chunk(3, 1))"), [(1, 12)], ["fc", 3, "chunk"]
    ),
    "what two layers give": (
        net("self.mu = nn.Linear(9, 4)\nself.var = nn.Linear(9, 4)\nself.up = nn.Linear(4, 9)",
            "code = self.mu(x), self.var(x)\nreturn self.up(code)"), [(1, 9)], ["up", "mu", "var"],
    ),
    "a matrix for a grid": (
        net("self.fc = nn.Linear(30, 6)",
            "return F.grid_sample(x, self.fc(x.flatten(1)).view(-1, 2, 3), align_corners=False)"),
        [(1, 1, 5, 6)], ["grid_sample", "height × width × 2", "2 × 3", "affine_grid"],
    ),
    "the size of one image": (
        net("self.fc = nn.Linear(30, 6)",
            "t = self.fc(x.flatten(1)).view(-1, 2, 3)\nreturn F.grid_sample(x, F.affine_grid(t, x.shape[1:]))"),
        [(1, 1, 5, 6)], ["affine_grid", "N × C × H × W", "1 × 5 × 6"],
    ),
    "numbers without places": (
        net(POOLS + "\nself.conv = nn.Conv2d(2, 2, 3)",
            "y, places = self.pool(x)\nreturn self.up(self.conv(y), places)"),
        [(1, 2, 8, 12)], ["up", "2 × 2 × 4", "2 × 4 × 6"],
    ),
    "another size than can be laid back": (
        net(POOLS, "y, places = self.pool(x)\nreturn self.up(y, places, output_size=(9, 9))"), [(1, 2, 6, 6)],
        ["up", "5 × 5", "7 × 7", "2 × 3 × 3"],
    ),
    "padding along more axes than there are": (
        net("self.fc = nn.Linear(9, 2)", "return self.fc(F.pad(x, (1, 1, 0, 0, 2, 2)))"), [(1, 7)], ["pad", 6, 3, 2]
    ),
    "edges that are more than all": (
        net("self.conv = nn.Conv2d(2, 1, 1)", "return self.conv(F.pad(x, (-4, -5)))"), [(1, 2, 9, 7)], ["pad", 4, 5, 7]
    ),
    "edges that are all there is": (
        net("self.conv = nn.Conv2d(2, 1, 1)", "return self.conv(F.pad(x, (-4, -3)))"), [(1, 2, 9, 7)], ["conv", "9 × 0"]
    ),
    "values of a state in a row": (
        "nn.Sequential(nn.GRU(6, 4, batch_first=True), nn.Linear(4, 2))", [(1, 9, 6)], ["Linear 1", "GRU 0"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_what_has_no_one_answer_is_said_in_numbers(case: str) -> None:
    text, shapes, said = SAID[case]
    traced, _ = mended(text, *shapes)
    assert traced.stopped is not None
    for value in said:
        assert str(value) in traced.stopped.sentence
    assert "torch.Size" not in traced.stopped.sentence and "Expected" not in traced.stopped.sentence


def test_a_class_in_python_is_told_the_same_of_its_tuples() -> None:
    network = Net(lambda net, x: net.fc(net.rnn(x).flatten(1)), rnn=nn.GRU(6, 4), fc=nn.Linear(20, 2))
    with pytest.raises(ShapeError) as raised:
        trace(network, (1, 5, 6))
    assert (raised.value.layer, raised.value.sources[0]) == ("flatten", "rnn")
    assert "out, _ = self.rnn(x)" in raised.value.sentence


@pytest.mark.parametrize("side", [6, 7, 8, 9])
@pytest.mark.parametrize("given", [False, True])
def test_places_are_laid_back_as_torch_lays_them_back(side: int, given: bool) -> None:
    def forward(net: Any, x: Tensor) -> Tensor:
        y, places = net.pool(x)
        return F.max_unpool2d(y, places, (2, 2), output_size=x.shape[2:] if given else None)

    network = Net(forward, pool=nn.MaxPool2d(2, return_indices=True))
    rising = torch.arange(2.0 * side * side).view(1, 2, side, side)  # of which the last cell of each window is kept
    try:
        expected = tuple(network(rising).shape)
    except RuntimeError:
        with pytest.raises(ShapeError):
            trace(network, (1, 2, side, side))
    else:
        assert trace(network, (1, 2, side, side))[-1].output_shape == expected

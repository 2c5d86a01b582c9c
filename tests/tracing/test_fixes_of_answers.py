"""Situations in which several things are wrong at once, or the wrong thing is not what the network stops at: what
answers give is the first fix, and runs to its end in torch for several images."""

from __future__ import annotations

import pytest

from tests.tracing.test_fixes_of_kinds import MAPS, Shape, mended
from tests.tracing.test_fixes_of_many import class_of

# what is written, its input, the fixes that come first, each of the whole, and what stands in the text then
FIRST: dict[str, tuple[str, Shape, dict[str, list[str]]]] = {
    "colours, and another size than the linear layer was made for": (
        class_of(
            "self.conv = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(784, 5)",
            "x = F.max_pool2d(self.conv(x), 2)\nreturn self.fc(torch.flatten(x, 1))",
        ),
        (1, 3, 16, 16),
        {"Conv2d(3, 4, 3) and then Linear(196, 5)": ["nn.Conv2d(3, 4, 3)", "nn.Linear(196, 5)"]},
    ),
    "no colours, in a row of layers": (
        "nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(3136, 5))",
        (1, 1, 12, 12),
        {"Conv2d(1, 4, 5) and then Linear(256, 5)": ["nn.Conv2d(1, 4, 5)", "nn.Linear(256, 5)"]},
    ),
    "colours, and a view of another size": (
        class_of(
            "self.conv = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(99, 5)",
            "x = self.conv(x)\nx = x.view(-1, 99)\nreturn self.fc(x)",
        ),
        (1, 3, 8, 8),
        {
            "Conv2d(3, 4, 3) and then x.size(0), -1 in view and then Linear(144, 5)": [
                "nn.Conv2d(3, 4, 3)",
                "x.view(x.size(0), -1)",
                "nn.Linear(144, 5)",
            ]
        },
    ),
    "colours, and two heads of another size": (
        class_of(
            "self.conv = nn.Conv2d(1, 4, 3)\nself.a = nn.Linear(100, 5)\nself.b = nn.Linear(100, 2)",
            "x = self.conv(x).flatten(1)\nreturn torch.cat((self.a(x), self.b(x)), 1)",
        ),
        (1, 3, 8, 8),
        {
            "Conv2d(3, 4, 3) and then Linear(144, 5) and then Linear(144, 2)": [
                "nn.Conv2d(3, 4, 3)",
                "nn.Linear(144, 5)",
                "nn.Linear(144, 2)",
            ]
        },
    ),
    "a convolution of volumes among maps": (
        class_of(
            f"{MAPS}\nself.next = nn.Conv3d(\n    4, 6,\n    kernel_size=3,  # all sides\n    padding=1)\n"
            "self.fc = nn.Linear(384, 5)",
            "return self.fc(self.next(self.conv(x)).flatten(1))",
        ),
        (1, 3, 8, 8),
        {
            "Conv2d(4, 6, 3, padding=1) in place of next": [
                "self.next = nn.Conv2d(\n            4, 6,\n",
                "            kernel_size=3,  # all sides\n            padding=1)",
            ]
        },
    ),
    "a transposed convolution of sequences among maps": (
        class_of(
            "self.fc = nn.Linear(9, 64)\nself.up = nn.ConvTranspose1d(4, 2, 4, 2, 1)",
            "return self.up(self.fc(x).view(-1, 4, 4, 4))",
        ),
        (1, 9),
        {"ConvTranspose2d(4, 2, 4, stride=2, padding=1) in place of up": ["nn.ConvTranspose2d(4, 2, 4, 2, 1)"]},
    ),
    "a pooling of sequences in a row of layers": (
        "nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(36, 5))",
        (1, 3, 8, 8),
        {"MaxPool2d(2) in place of MaxPool1d 1": ["nn.MaxPool2d(2)"]},
    ),
    "a pooling of maps behind a convolution of sequences": (
        class_of(
            "self.conv = nn.Conv1d(3, 8, 3)\nself.pool = nn.MaxPool2d(2)\nself.fc = nn.Linear(72, 5)",
            "return self.fc(torch.flatten(self.pool(self.conv(x)), 1))",
        ),
        (1, 3, 20),
        {"MaxPool1d(2) in place of pool": ["self.pool = nn.MaxPool1d(2)"]},
    ),
    "the function that pools maps, behind convolutions of sequences": (
        class_of(
            "self.one = nn.Conv1d(3, 8, 3)\nself.two = nn.Conv1d(8, 4, 3)\nself.fc = nn.Linear(12, 5)",
            "x = F.max_pool2d(self.one(x), 2)\nx = F.max_pool2d(self.two(x), 2)\nreturn self.fc(x.flatten(1))",
        ),
        (1, 3, 20),
        {"max_pool1d in place of max_pool2d": ["F.max_pool1d(self.one(x), 2)", "F.max_pool1d(self.two(x), 2)"]},
    ),
    "a view of more channels than there are numbers for": (
        class_of(
            "self.fc = nn.Linear(9, 4 * 3 * 3)\nself.up = nn.ConvTranspose2d(4, 2, 4, 2, 1)",
            "return self.up(self.fc(x).view(-1, 8, 3, 3))",
        ),
        (1, 9),
        {"4 channels in view: 4 × 3 × 3": ["self.fc(x).view(-1, 4, 3, 3)"]},
    ),
    "a reshape of fewer channels, which makes more images": (
        class_of(
            "self.fc = nn.Linear(9, 4 * 3 * 3)\nself.side = 3\nself.up = nn.Conv2d(4, 2, 3)",
            "return self.up(torch.reshape(self.fc(x), (-1, 2, self.side, self.side)))",
        ),
        (1, 9),
        {"4 channels in reshape: 4 × 3 × 3": ["torch.reshape(self.fc(x), (-1, 4, self.side, self.side))"]},
    ),
    "fewer channels, with the number of images": (
        class_of(
            "self.fc = nn.Linear(9, 4 * 3 * 3)\nself.up = nn.ConvTranspose2d(4, 2, 4, 2, 1)",
            "return self.up(self.fc(x).view(x.size(0), 2, 3, 3))",
        ),
        (1, 9),
        {"4 channels in view: 4 × 3 × 3": [".view(x.size(0), 4, 3, 3)"]},
    ),
    "an Unflatten of other channels": (
        "nn.Sequential(nn.Linear(9, 36), nn.Unflatten(1, (8, 3, 3)), nn.ConvTranspose2d(4, 2, 4, 2, 1))",
        (1, 9),
        {"Unflatten(1, (4, 3, 3))": ["nn.Unflatten(1, (4, 3, 3))"]},
    ),
    "a squeeze where a row is wanted": (
        class_of(f"{MAPS}\nself.fc = nn.Linear(4 * 64, 5)", "x = torch.squeeze(self.conv(x))\nreturn self.fc(x)"),
        (1, 3, 8, 8),
        {"flatten(1) in place of squeeze": ["x = self.conv(x).flatten(1)", "nn.Linear(4 * 64, 5)"]},
    ),
    "a squeeze where a row of another size is wanted": (
        class_of(f"{MAPS}\nself.fc = nn.Linear(99, 5)", "x = (self.conv(x) + 1).squeeze()\nreturn self.fc(F.relu(x))"),
        (1, 3, 8, 8),
        {"flatten(1) in place of squeeze and then Linear(256, 5)": ["x = (self.conv(x) + 1).flatten(1)", "256, 5"]},
    ),
    "a view whose result is not kept": (
        class_of(f"{MAPS}\nself.fc = nn.Linear(256, 5)", "y = self.conv(x)\ny.view(-1, 256)\nreturn self.fc(y)"),
        (1, 3, 8, 8),
        {"the result of view kept, as in x = ...": ["\n        y = y.view(-1, 256)\n"]},
    ),
    "a layer whose result is not kept": (
        class_of(
            f"{MAPS}\nself.pool2 = nn.MaxPool2d(2)\nself.fc = nn.Linear(64, 5)",
            "x = self.conv(x)\nself.pool2(x)\nreturn self.fc(x.flatten(1))",
        ),
        (1, 3, 8, 8),
        {"the result of pool2 kept, as in x = ...": ["\n        x = self.pool2(x)\n"]},
    ),
    "a minus for an equals sign": (
        class_of(f"{MAPS}\nself.fc = nn.Linear(256, 5)", "x = self.conv(x).flatten(1)\nx - self.fc(x)\nreturn x"),
        (1, 3, 8, 8),
        {"= in place of -, as in x = ...": ["\n        x = self.fc(x)\n"]},
    ),
    "a convolution of maps that took the length of a sequence for its width": (
        class_of(
            "self.conv = nn.Conv2d(1, 4, 3, padding=1)\nself.fc = nn.Linear(80, 5)",
            "return self.fc(self.conv(x).flatten(1))",
        ),
        (1, 1, 20),
        {"Conv1d(1, 4, 3, padding=1) in place of conv": ["self.conv = nn.Conv1d(1, 4, 3, padding=1)"]},
    ),
    "a helper of two convolutions, the second of which takes the wrong parameter": (
        "def twice(i, o):\n    return nn.Sequential(nn.Conv2d(i, o, 3), nn.ReLU(), nn.Conv2d(i, o, 3))\n\n"
        + class_of("self.one = twice(3, 8)", "return self.one(x).mean((2, 3))"),
        (1, 3, 8, 8),
        {"Conv2d(8, 8, 3)": ["nn.Sequential(nn.Conv2d(i, o, 3), nn.ReLU(), nn.Conv2d(o, o, 3))"]},
    ),
    "no Flatten in an ordered dictionary": (
        "nn.Sequential(OrderedDict([\n    ('conv', nn.Conv2d(1, 4, 3)),\n    ('fc', nn.Linear(144, 5))\n]))\n",
        (1, 1, 8, 8),
        {"nn.Flatten() before fc": ["('flatten', nn.Flatten()),\n    ('fc', nn.Linear(144, 5))"]},
    ),
    "no Flatten among modules that are added": (
        "model = nn.Sequential()\nmodel.add_module('conv', nn.Conv2d(1, 4, 3))\n"
        "model.add_module('fc', nn.Linear(144, 5))\n",
        (1, 1, 8, 8),
        {"nn.Flatten() before fc": ["model.add_module('flatten', nn.Flatten())\nmodel.add_module('fc'"]},
    ),
    "no Flatten in a list that is filled, and another size": (
        "layers = []\nlayers.append(nn.Conv2d(1, 4, 3))\nlayers.append(nn.Linear(99, 5))\n"
        "model = nn.Sequential(*layers)\n",
        (1, 1, 8, 8),
        {"nn.Flatten() and then Linear(144, 5)": ["layers.append(nn.Flatten())\nlayers.append(nn.Linear(144, 5))"]},
    ),
    "a network of maps for sequences": (
        class_of(
            "self.one = nn.Conv2d(3, 8, 3)\nself.norm = nn.BatchNorm2d(8)\nself.pool = nn.MaxPool2d(2)\n"
            "self.two = nn.Conv2d(8, 4, 3)\nself.fc = nn.Linear(28, 5)",
            "x = self.pool(self.norm(self.one(x)))\nreturn self.fc(self.two(x).flatten(1))",
        ),
        (1, 3, 20),
        {
            "Conv1d, BatchNorm1d and MaxPool1d in place of 4 layers": [
                "nn.Conv1d(3, 8, 3)",
                "nn.BatchNorm1d(8)",
                "nn.MaxPool1d(2)",
                "nn.Conv1d(8, 4, 3)",
            ]
        },
    ),
}


@pytest.mark.parametrize("name", FIRST)
def test_what_answers_give_comes_first(name: str) -> None:
    text, shape, first = FIRST[name]
    _, found = mended(text, shape)
    assert [one.text for one in found[: len(first)]] == list(first)
    for one, written in zip(found, first.values(), strict=False):
        assert one.whole and all(line in one.network for line in written), one.network


def test_a_network_for_grey_pictures_is_still_given_one() -> None:
    text, shape, _ = FIRST["colours, and another size than the linear layer was made for"]
    _, found = mended(text, shape)
    assert [one.input_shape for one in found if one.input_shape and one.whole] == [(1, 1, 30, 30)]


def test_a_pooling_that_took_the_channels_is_named() -> None:
    text, shape, _ = FIRST["a pooling of maps behind a convolution of sequences"]
    traced, _ = mended(text, shape)
    sentence = "pool, a MaxPool2d, takes the channels of 8 × 18 as their height; a MaxPool1d leaves them"
    assert traced.stopped is not None and traced.stopped.sentence == sentence


def test_another_width_of_a_layer_in_the_middle_is_no_matter_of_the_pictures() -> None:
    text = class_of(
        f"{MAPS}\nself.next = nn.Conv2d(8, 6, 3)\nself.fc = nn.Linear(99, 5)",
        "return self.fc(self.next(self.conv(x)).flatten(1))",
    )
    _, found = mended(text, (1, 3, 8, 8))
    assert ("Conv2d(4, 6, 3)", False) in [(one.text, one.whole) for one in found]


def test_a_branch_that_is_used_later_is_no_dropped_result() -> None:
    text = class_of(
        f"{MAPS}\nself.wide = nn.Conv2d(3, 4, 3, padding=1)\nself.next = nn.Conv2d(8, 4, 1)",
        "a = self.wide(x)\nb = self.next(self.conv(x))\nreturn (a + b).mean((2, 3))",
    )
    _, found = mended(text, (1, 3, 8, 8))
    assert "Conv2d(4, 4, 1)" in [one.text for one in found] and not any("kept" in one.text for one in found)

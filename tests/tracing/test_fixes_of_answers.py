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


def test_another_width_of_a_layer_in_the_middle_is_no_matter_of_the_pictures() -> None:
    text = class_of(
        f"{MAPS}\nself.next = nn.Conv2d(8, 6, 3)\nself.fc = nn.Linear(99, 5)",
        "return self.fc(self.next(self.conv(x)).flatten(1))",
    )
    _, found = mended(text, (1, 3, 8, 8))
    assert ("Conv2d(4, 6, 3)", False) in [(one.text, one.whole) for one in found]

"""Texts that are followed and mended, as a helper answers for them."""

import pytest

from cnnviz.networks import OWN_TEXT
from cnnviz.server import following

LAZY = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 5)
        self.fc = nn.LazyLinear(10)

    def forward(self, x):
        x = self.conv(x)
        return self.fc(x.flatten(1))
"""
PAIR = """class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear({features}, 2)

    def forward(self, anchor, other):
        both = torch.cat([self.conv(anchor), self.conv(other)], 1)
        return self.fc(both.flatten(1))
"""


def asked(function, text, shape, further=()):
    return function(OWN_TEXT, text, shape, "", (), further, lambda _share: None)


def test_a_network_that_stops_before_a_lazy_layer_is_told_and_mended_as_any_other():
    traced = asked(following.trace, LAZY, (1, 1, 28, 28))
    assert (traced.error, traced.stopped.layer, traced.mark[0]) == ("", "conv", 8)
    found = asked(following.remedies, LAZY, (1, 1, 28, 28))
    assert {(one.network != "", one.input_shape) for one in found} == {(True, ()), (False, (1, 3, 28, 28))}
    assert all(one.whole for one in found)
    for one in found:
        mended = asked(following.trace, one.network or LAZY, one.input_shape or (1, 1, 28, 28))
        assert mended.stopped is None and mended.steps[-1].output_shape == (1, 10)


@pytest.mark.parametrize(("features", "right"), [(5408, (1, 1, 28, 28)), (5408, (1, 3, 28, 28)), (10, (1, 1, 28, 28))])
def test_several_inputs_are_sources_by_the_names_that_forward_gives_them(features, right):
    traced = asked(following.trace, PAIR.format(features=features), (1, 1, 28, 28), (right,))
    assert traced.steps[0].sources == ("anchor",)
    fits = right[1] == 1
    assert (traced.steps[1].sources if fits else traced.stopped.sources) == ("other",)
    assert traced.reading.inputs == ("anchor", "other")

"""Texts that are followed and mended, as a helper answers for them."""

import pytest

from cnnviz.networks import OWN_TEXT
from cnnviz.server import following
from tests.helpers import names

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
READ = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(28, 16, {first})
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = {before}
        x, _ = self.rnn(x)
        return self.fc(x[:, -1])
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


@pytest.mark.parametrize(
    ("text", "shape", "methods", "sizes"),
    [
        (READ.format(before="x", first="batch_first=True"), (2, 1, 40, 28), ["squeeze(1)"], (40, 28)),
        (
            READ.format(before="x", first="").replace("x[:, -1]", "x[-1]"),
            (2, 1, 40, 28),
            ["squeeze(1).transpose(0, 1)"],
            (),  # a sequence as it is, whose first axis is that of the images, would be read for time
        ),
        (READ.format(before="x", first="batch_first=True"), (2, 28, 40), ["transpose(1, 2)"], (40, 28)),
        (
            READ.format(before="x[:, :1].repeat(1, 28, 1, 1)", first="batch_first=True"),
            (2, 1, 3, 8),
            ["flatten(2)"],
            (),
        ),
        (
            READ.format(before="x[:, :1].repeat(1, 4, 1, 1)", first="batch_first=True"),
            (2, 1, 7, 8),
            ["flatten(1, 2)"],
            (),
        ),
        (
            READ.format(before="x[:, :1].repeat(1, 4, 1, 1)", first="batch_first=True"),
            (2, 1, 8, 7),
            ["flatten(2)"],
            (),
        ),
    ],
)
@pytest.mark.slow
def test_maps_come_into_a_recurrent_layer_as_a_sequence(text, shape, methods, sizes):
    """Images stay apart: what mends it is held to that, too."""
    traced = asked(following.trace, text, shape)
    assert names(traced.stopped.sentence, "rnn", 28)
    found = asked(following.remedies, text, shape)
    assert [one for one in found if one.network], "the text is changed"
    assert {one.input_shape[1:] for one in found if one.input_shape} == ({sizes} if sizes else set())
    for one in found:
        mended = asked(following.trace, one.network or text, one.input_shape or shape)
        assert mended.stopped is None and one.whole
        if one.network:
            assert all(method in one.network for method in methods)
            assert mended.steps[-1].output_shape == (2, 5)
            assert asked(following.mixed, one.network, shape) == ()


def test_a_network_of_several_inputs_is_mended_for_all_that_are_alike():
    text = PAIR.format(features=5408)
    asked_of = {"channels": ((1, 3, 28, 28), (1, 3, 28, 28)), "sizes": ((1, 1, 32, 32), (1, 1, 32, 32))}
    for first, second in asked_of.values():
        found = asked(following.remedies, text, first, (second,))
        assert all(one.whole for one in found) and {bool(one.network) for one in found} == {True, False}
        for one in found:
            shapes = (one.input_shape,) * 2 if one.input_shape else (first, second)
            assert asked(following.trace, one.network or text, shapes[0], shapes[1:]).stopped is None
    assert "anchor has 3" in asked(following.trace, text, (1, 3, 28, 28), ((1, 3, 28, 28),)).stopped.sentence
    apart = asked(following.remedies, text, (1, 3, 28, 28), ((1, 1, 28, 28),))
    assert [one.input_shape for one in apart if one.whole] == [(1, 1, 28, 28)]


@pytest.mark.parametrize(("features", "right"), [(5408, (1, 1, 28, 28)), (5408, (1, 3, 28, 28)), (10, (1, 1, 28, 28))])
def test_several_inputs_are_sources_by_the_names_that_forward_gives_them(features, right):
    traced = asked(following.trace, PAIR.format(features=features), (1, 1, 28, 28), (right,))
    assert traced.steps[0].sources == ("anchor",)
    fits = right[1] == 1
    assert (traced.steps[1].sources if fits else traced.stopped.sources) == ("other",)
    assert traced.reading.inputs == ("anchor", "other")


@pytest.mark.parametrize("taken", ["out[:, -1]", "out.mean(1)", "out[:out.shape[0], 0]"])
def test_what_a_recurrent_layer_gives_is_not_taken_for_its_output(taken):
    text = READ.format(before="x", first="batch_first=True").replace("x, _ = self", "out = self")
    text = text.replace("x[:, -1]", taken)
    traced = asked(following.trace, text, (1, 40, 28))
    assert traced.stopped.sources[0] == "rnn" and traced.mark[0] == 10
    assert names(traced.stopped.sentence, "rnn", "its output and its state", "out, _ = self.rnn(x)")
    first = asked(following.remedies, text, (1, 40, 28))[0]
    assert first.whole and "[0]" in first.network

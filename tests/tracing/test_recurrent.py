"""Recurrent layers, which are followed without a look at each place of a sequence."""

import pytest
import torch
from torch import nn

from cnnviz.tracing import ShapeError, trace
from tests.pace import within


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("options", [{}, {"batch_first": True}, {"bidirectional": True, "num_layers": 2}])
def test_what_they_give_has_the_shapes_of_torch_s(kind, options):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = kind(5, 7, **options)

        def forward(self, x):
            y, state = self.inner(x)
            last = state[0] if isinstance(state, tuple) else state
            return y.flatten(1), last.flatten(1)

    network = Net().eval()
    expected = [tuple(one.shape) for one in network(torch.rand(3, 4, 5))]
    steps = trace(network, (3, 4, 5))
    found = [step.output_shape for step in steps if step.name.startswith("flatten")]
    assert found == expected


@pytest.mark.parametrize("options", [{"proj_size": 3}, {"proj_size": 3, "bidirectional": True}])
def test_an_lstm_that_projects(options):
    lstm = nn.LSTM(5, 7, batch_first=True, **options)
    assert trace(lstm, (2, 4, 5))[-1].output_shape == lstm(torch.rand(2, 4, 5))[0].shape


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_view_of_its_output_is_refused_as_torch_refuses_it(kind, batch_first):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = kind(5, 7, batch_first=batch_first)

        def forward(self, x):
            return self.inner(x)[0].view(-1, 7 * x.shape[1])

    network = Net().eval()
    if batch_first:  # whose numbers lie in the order of the steps
        with pytest.raises(RuntimeError):
            network(torch.rand(3, 4, 5))
        with pytest.raises(ShapeError) as raised:
            trace(network, (3, 4, 5))
        assert raised.value.layer == "view"
    else:
        assert trace(network, (3, 4, 5))[-1].output_shape == network(torch.rand(3, 4, 5)).shape


def test_rows_without_a_batch_and_rows_that_do_not_fit():
    lstm = nn.LSTM(5, 7)
    assert trace(lstm, (4, 5))[-1].output_shape == (4, 7)
    with pytest.raises(ShapeError):
        trace(lstm, (4, 3, 6))


def test_a_long_sequence_takes_no_longer_than_a_short_one():
    lstm = nn.LSTM(8, 12, 2, batch_first=True)
    trace(lstm, (1, 8, 8))
    with within(1):  # it took five milliseconds a place
        last = trace(lstm, (1, 20_000, 8))[-1]
    assert last.output_shape == (1, 20_000, 12) and last.macs == 20_000 * 4 * 12 * (8 + 12 + 12 + 12)

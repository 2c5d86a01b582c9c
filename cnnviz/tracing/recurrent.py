"""Recurrent layers on the meta device, where torch takes milliseconds for each place of a sequence."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

_LSTM = torch.lstm
_OTHERS = (torch.gru, torch.rnn_tanh, torch.rnn_relu)


def without_numbers(function: Callable[..., Any], args: Sequence[Any]) -> tuple[Tensor, ...] | None:
    """What torch's function for an LSTM, GRU or RNN gives, without numbers: the output (N, L, directions x H), or
    (L, N, directions x H), and the states as they came. None for another function, for packed sequences, and where
    anything is on a real device. The layer itself has checked that its input fits."""
    if function != _LSTM and function not in _OTHERS:
        return None
    x, state, weights = args[0], args[1], args[2]
    states: tuple[Tensor, ...] = tuple(state) if function == _LSTM else (state,)
    if not isinstance(weights, list) or not all(one.is_meta for one in (x, *states, *weights)):
        return None
    directions = 2 if args[7] else 1  # after has_biases, num_layers, dropout and train
    images, length = x.shape[:2]
    if args[8]:  # batch_first: torch lays what it gives by the steps, so that a view of it may be refused
        output = x.new_empty(length, images, directions * states[0].shape[-1]).transpose(0, 1)
    else:
        output = x.new_empty(images, length, directions * states[0].shape[-1])
    return output, *map(torch.empty_like, states)

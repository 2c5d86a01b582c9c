"""Masks of transformers: whether one is causal, for which torch looks at its numbers, changes no shape."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz.tracing import mixing, result_shape, trace
from tests.tracing.nets import Net
from tests.tracing.test_batch_across import mixes

SIZES = {"nhead": 2, "dim_feedforward": 8, "batch_first": True}
MASKS: dict[str, Callable[[], Tensor]] = {
    "torch's own": lambda: nn.Transformer.generate_square_subsequent_mask(5),
    "of minus infinity": lambda: torch.triu(torch.full((5, 5), float("-inf")), diagonal=1),
    "of truth values": lambda: torch.triu(torch.ones(5, 5), 1).bool(),
}
STACKS: dict[str, tuple[nn.Module, Callable[[Any, Tensor, Tensor], Tensor]]] = {
    "an encoder": (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(16, **SIZES), 2), lambda net, x, mask: net.a(x, mask)
    ),
    "by name": (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(16, **SIZES), 2), lambda net, x, mask: net.a(x, mask=mask)
    ),
    "all that it takes": (
        nn.TransformerEncoder(nn.TransformerEncoderLayer(16, **SIZES), 2),
        lambda net, x, mask: net.a(x, mask, None, None),
    ),
    "a decoder": (
        nn.TransformerDecoder(nn.TransformerDecoderLayer(16, **SIZES), 2),
        lambda net, x, mask: net.a(x, x, tgt_mask=mask),
    ),
    "both": (
        nn.Transformer(16, num_encoder_layers=1, num_decoder_layers=1, **SIZES),
        lambda net, x, mask: net.a(x, x, tgt_mask=mask),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("stack", STACKS)
def test_a_mask_is_followed(stack: str, mask: str) -> None:
    layer, forward = STACKS[stack]
    network = Net(lambda net, x: forward(net, x, MASKS[mask]()), a=layer)
    assert not mixes(network, (1, 5, 16))
    assert result_shape(trace(network, (3, 5, 16)), ()) == (3, 5, 16) and mixing(network, (1, 5, 16)) == ()


def test_masks_of_heads_and_one_that_is_said_to_be_causal() -> None:
    layer, forward = STACKS["an encoder"]
    heads = Net(lambda net, x: forward(net, x, torch.zeros(2 * x.size(0), 5, 5)), a=layer)
    told = Net(lambda net, x: net.a(x, MASKS["torch's own"](), is_causal=True), a=layer)
    assert [result_shape(trace(one, (3, 5, 16)), ()) for one in (heads, told)] == [(3, 5, 16)] * 2

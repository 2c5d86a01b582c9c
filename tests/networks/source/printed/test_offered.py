"""What is said of prints, lists and tables as a whole, and what is offered in their place."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz.networks import own
from cnnviz.networks.source.printed.quantized import SCRIPTED
from tests.helpers import names

LINEAR = "Linear(in_features=7, out_features=3, bias=True)"


def offer(text: str) -> own.Offer:
    with pytest.raises(own.Offer) as refused:
        own.read(text)
    return refused.value


def test_a_print_with_its_forward_is_offered_as_a_class() -> None:
    found = offer(f"Net(\n  (fc): {LINEAR}\n)\n\ndef forward(self, x):\n    return torch.tanh(self.fc(x))\n")
    assert str(found) == own.JOINED
    network = own.read(found.offered).build(((7,),))
    assert network(torch.full((2, 7), 1e9)).abs().max() <= 1 and sum(one.numel() for one in network.parameters()) == 24


def test_what_a_printed_sequential_cannot_have_is_named() -> None:
    found = offer(f"Sequential(\n  (0): {LINEAR}\n  (1): Gate()\n)")
    assert not found.offered and names(str(found), "Gate", 24) and "order" not in str(found)


def test_a_scripted_network_and_sizes_of_weights_are_said_to_be_such() -> None:
    assert str(offer("RecursiveScriptModule(\n  (a): RecursiveScriptModule(original_name=Linear)\n)")) == SCRIPTED
    sizes = "\n".join(f"{name} {one.shape}" for name, one in nn.Linear(7, 3).state_dict(prefix="fc.").items())
    assert names(str(offer(sizes)), 24)


def test_a_table_that_lacks_rows_is_not_said_to_be_the_same() -> None:
    rows = " a (InputLayer)  (None, 7)  0\n b (Dense)  (None, 3)  24"
    text = f"Layer (type)  Output Shape  Param #\n{rows}\nTotal params: {{}}\n"
    whole, part = offer(text.format(24)), offer(text.format(36))
    assert whole.offered == part.offered and "is the same" in str(whole) and "is the same" not in str(part)


@pytest.mark.parametrize("layer", [nn.ZeroPad2d((1, 2, 0, -1)), nn.Unflatten(-1, (3, -1)), nn.ConstantPad2d(-1, 0.5)])
def test_what_torch_cuts_off_and_works_out_itself(layer: nn.Module) -> None:
    assert repr(own.read(repr(nn.Sequential(nn.ReLU(), layer))).build()[1]) == repr(layer)  # type: ignore[index]


def test_a_crop_of_keras() -> None:
    found = offer("m = Sequential([Input((9, 8, 2)), Cropping2D(((1, 2), (0, 3))), Conv2D(3, 3)])")
    assert own.read(found.offered).build()(torch.zeros(1, 2, 9, 8)).shape == (1, 3, 4, 3)

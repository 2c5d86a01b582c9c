"""Quantized networks are counted by their float counterparts, and scripted ones say no sizes."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn

from cnnviz.networks import notation
from cnnviz.networks.source.printed.layers import Layer
from cnnviz.networks.source.printed.quantized import SCRIPTED, floating
from cnnviz.networks.source.printed.reading import Printed, read
from tests.helpers import names

CONVERTED = """Net(
  (quant): Quantize(scale=tensor([0.0157]), zero_point=tensor([60]), dtype=torch.quint8)
  (conv): QuantizedConvReLU2d(3, 8, kernel_size=(3, 3), stride=(2, 2), scale=0.0136, zero_point=0, padding=(1, 1))
  (bn): Identity()
  (deep): QuantizedConv2d(8, 5, kernel_size=(1, 1), stride=(1, 1), scale=0.72, zero_point=-4, bias=False)
  (fc): QuantizedLinearReLU(in_features=45, out_features=6, scale=0.04, zero_point=0, qscheme=torch.per_channel_affine)
  (out): QuantizedLinear(in_features=6, out_features=2, scale=1e-05, zero_point=64, qscheme=torch.per_tensor_affine)
  (dequant): DeQuantize()
)"""


def found(text: str) -> Printed:
    printed = read(text)
    assert printed is not None
    return printed


def test_a_dynamic_one_is_read_as_the_linear_that_it_was() -> None:
    row = "DynamicQuantizedLinear(in_features=50, out_features=7, dtype=torch.qint8, qscheme=torch.per_tensor_affine)"
    older = row.replace("per_tensor_affine)", "per_tensor_affine\n    (_packed_params): LinearPackedParams()\n  )")
    for shown in (row, older):
        printed = found(f"Sequential(\n  (0): {shown}\n  (1): Tanh()\n)")
        assert repr(notation.parse(printed.text).build()) == repr(nn.Sequential(nn.Linear(50, 7), nn.Tanh()))
        assert printed.parameters == 357 and names(printed.notes[0], "DynamicQuantizedLinear", "quantized")


def test_what_torch_prints_of_one() -> None:
    if "none" in torch.backends.quantized.supported_engines[-1:]:
        pytest.skip("torch was built without integers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.backends.quantized.engine = torch.backends.quantized.supported_engines[-1]
        model = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.ReLU(), nn.Linear(5, 3))
        quantized = torch.ao.quantization.quantize_dynamic(model, {nn.Linear})
    assert repr(notation.parse(found(repr(quantized)).text).build()) == repr(model)


def test_converted_layers_are_counted_and_what_was_put_around_them_is_not() -> None:
    printed = found(CONVERTED)
    assert printed.parameters == (3 * 8 * 9 + 8) + 8 * 5 + (45 * 6 + 6) + (6 * 2 + 2)
    assert not any("not counted" in note for note in printed.notes)
    assert any(names(note, "QuantizedConvReLU2d", "quantized") for note in printed.notes)
    kinds = [one.kind for one in printed.tree.children]
    assert kinds == ["Identity", "Sequential", "Identity", "Conv2d", "Sequential", "Linear", "Identity"]
    assert [one.kind for one in printed.tree.children[1].children] == ["Conv2d", "ReLU"]


def test_what_watches_a_layer_is_left_out() -> None:
    text = (
        "Net(\n  (conv): ConvReLU2d(\n    (0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n    (1): ReLU()\n"
        "    (activation_post_process): HistogramObserver(min_val=0.0, max_val=1.7)\n  )\n  (fc): Linear(\n"
        "    in_features=6, out_features=2, bias=True\n    (activation_post_process): MinMaxObserver(min_val=0)\n  )\n)"
    )
    printed = found(text)
    assert printed.parameters == 20 + 14 and not any("Observer" in note for note in printed.notes)


def test_a_class_of_the_same_name_whose_layers_have_names_is_left_as_it_is() -> None:
    own = Layer("a", "ConvReLU2d", "", (Layer("conv", "ReLU"),))
    assert floating(own) == own


@pytest.mark.parametrize("trace", [False, True])
def test_a_scripted_network_says_no_sizes(trace: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = torch.jit.trace(model, torch.zeros(1, 3)) if trace else torch.jit.script(model)
    printed = found(repr(scripted))
    assert printed.is_scripted and not printed.exact and printed.notes == (SCRIPTED,)

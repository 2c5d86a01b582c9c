import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz import zoo
from cnnviz.tracing import outputs, trace


def shapes(name):
    return [step.output_shape for step in trace(zoo.build(name), (1, *zoo.entry(name).input_shape))]


def test_the_shapes_that_the_notebooks_print():
    assert [s for s in shapes("simple_cnn") if len(s) == 4][::2] == [(1, 3, 26, 26), (1, 5, 24, 24)]
    pooled = [(1, 6, 26, 26), (1, 6, 13, 13), (1, 16, 11, 11), (1, 16, 5, 5), (1, 400)]
    assert list(dict.fromkeys(shapes("conv_mnist")))[:5] == pooled
    assert list(dict.fromkeys(shapes("lenet5"))) == [
        (1, 6, 28, 28), (1, 6, 14, 14), (1, 16, 10, 10), (1, 16, 5, 5), (1, 400), (1, 120), (1, 84), (1, 10),
    ]  # fmt: skip


@pytest.mark.parametrize("name", zoo.names())
def test_against_a_real_forward_pass(name):
    network, seen = zoo.build(name).eval(), {}
    for layer, module in network.named_children():
        module.register_forward_hook(lambda _m, _i, out, layer=layer: seen.update({layer: tuple(out.shape)}))
    x = torch.zeros(3, *zoo.entry(name).input_shape)
    with FlopCounterMode(display=False) as counter:
        network(x)
    steps = trace(network, tuple(x.shape))
    assert {step.name: step.output_shape for step in steps} == seen
    assert 3 * 2 * sum(step.macs for step in steps) == counter.get_total_flops()
    assert sum(step.parameters for step in steps) == sum(p.numel() for p in network.parameters())


def test_the_arithmetic_written_out():
    steps = {step.name: step for step in trace(zoo.build("lenet5"), (1, 1, 32, 32))}
    assert steps["conv2"].arithmetic == "(5 x 5 x 6 + 1) x 16" and steps["conv2"].parameters == 2_416
    assert steps["fc1"].arithmetic == "(400 + 1) x 120" and steps["fc1"].parameters == 48_120
    assert steps["pool1"].kernel == steps["pool1"].stride == (2, 2) and steps["pool1"].padding == (0, 0)
    assert (steps["conv2"].inputs == ("pool1",) and steps["conv1"].inputs == ("x",)) or steps["conv1"].inputs


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding="same", groups=2, bias=False)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x):
        return torch.relu(x + self.norm(self.conv(x))).flatten(1)


def test_functions_methods_and_two_sources():
    network = Residual()
    before = network.norm.running_mean.clone()
    conv, norm, add, relu, flatten = trace(network, (2, 4, 7, 5))
    assert conv.padding == (1, 1) and conv.parameters == 72 and conv.arithmetic == "3 x 3 x 2 x 4"
    assert conv.macs == 72 * 35 and norm.parameters == 8
    assert add.operation == "add" and add.inputs == ("x", "norm")
    assert (relu.operation, flatten.operation) == ("relu", "flatten") and flatten.output_shape == (2, 140)
    assert network.training and torch.equal(network.norm.running_mean, before)


def test_nothing_is_allocated():
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.LazyLinear(1))[:2]
    assert trace(network, (1_000_000, 3, 1000, 1000))[0].output_shape == (1_000_000, 8, 998, 998)


def test_the_layer_that_breaks_is_named():
    with pytest.raises(ValueError, match=r"fc1 does not take an input of shape \(1, 256\)"):
        trace(zoo.build("lenet5"), (1, 1, 28, 28))
    with pytest.raises(ValueError, match=r"conv1 does not take an input of shape \(1, 3, 32, 32\)"):
        trace(zoo.build("lenet5"), (1, 3, 32, 32))


def test_outputs():
    assert outputs(zoo.build("lenet5"), (1, 32, 32)) == 10

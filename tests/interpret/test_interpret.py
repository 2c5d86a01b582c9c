"""What is seen inside a network is what torch computes: activations, fields, and the arithmetic of single units."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.interpret import SOFTMAX, arithmetic, examine, exciting, spans, windows
from cnnviz.interpret.activations import watch
from cnnviz.networks import zoo
from cnnviz.tracing import INPUT
from tests.helpers import refused

SHIPPED = sorted(checkpoints.shipped())


def inputs_of(name, seed=0):
    torch.manual_seed(seed)
    return torch.randn(1, *checkpoints.load(checkpoints.shipped()[name]).card.input_shape)


def network_of(name):
    return checkpoints.load(checkpoints.shipped()[name]).network


def odd():
    """Groups, dilation, padding that reflects, uneven strides, 'same', ceil mode, batch norm, an average."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect"),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), dilation=(1, 2), padding=(2, 1), groups=2, bias=False),
        nn.MaxPool2d(3, 2, padding=1, ceil_mode=True),
        nn.Conv2d(6, 4, 4, padding="same"),
        nn.AvgPool2d(2, 2, padding=1, count_include_pad=False),
        nn.AdaptiveAvgPool2d((2, 3)),
        nn.Flatten(),
        nn.Linear(24, 5),
    )


def trained_like(network):
    """Batch norm with statistics of its own."""
    torch.manual_seed(3)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = torch.randn_like(layer.running_mean)
            layer.running_var = torch.rand_like(layer.running_var) + 0.5
    return network.eval().requires_grad_(False)


@pytest.fixture(params=[*SHIPPED, "odd", "resnet20"])
def case(request):
    """A network and what it sees."""
    torch.manual_seed(1)
    if request.param == "odd":
        return trained_like(odd()), torch.randn(1, 2, 17, 15)
    if request.param == "resnet20":
        return trained_like(zoo.build("resnet20")), torch.randn(1, 3, 32, 32)
    return network_of(request.param), inputs_of(request.param)


def test_every_layers_values_are_those_of_a_plain_pass(case):
    network, seen = case
    caught, handles = {}, []
    for path, module in network.named_modules():
        if not list(module.children()):

            def keep(_module, _inputs, output, path=path):
                caught[path] = output[0].clone()

            handles.append(module.register_forward_hook(keep))
    plain = network(seen)[0]
    for handle in handles:
        handle.remove()
    anatomy = examine(network, seen)
    layers = [step for step in anatomy.steps if step.module]
    assert len(layers) >= 9 and torch.equal(anatomy.logits, plain)
    assert all(torch.equal(anatomy.values[step.name], caught[step.module]) for step in layers)
    assert torch.allclose(anatomy.values[SOFTMAX], plain.softmax(0))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def recomputed(found):
    """The unit's value from what is shown of it, by plain arithmetic."""
    numbers = dict(found.constants)
    inputs = [one.inputs.astype(float) for one in found.terms]
    if found.kind in ("convolution", "linear"):
        return sum((x * one.weights).sum() for x, one in zip(inputs, found.terms)) + (found.bias or 0)
    if found.kind == "maximum":
        return inputs[0][found.terms[0].inside].max()
    if found.kind == "average":
        return inputs[0][found.terms[0].inside].mean()
    if found.kind == "softmax":
        return found.terms[0].weights[0, found.at[-1]] / numbers["sum"]
    if found.kind == "log softmax":
        return inputs[0][0, found.at[-1]] - numbers["largest"] - np.log(numbers["sum"])
    if found.kind == "normalisation":
        return (inputs[0][0, 0] - numbers["mean"]) / numbers["deviation"] * numbers["weight"] + found.bias
    return sum(x[0, 0] for x in inputs)


def test_the_arithmetic_of_a_unit_gives_its_value(case):
    network, seen = case
    anatomy, draw = examine(network, seen), np.random.default_rng(0)
    kinds = set()
    for step in anatomy.steps:
        shape = anatomy.values[step.name].shape
        corners = [(0,) * len(shape), tuple(size - 1 for size in shape)]
        for at in [*corners, *(tuple(int(draw.integers(size)) for size in shape) for _ in range(6))]:
            found = arithmetic(anatomy, step.name, at)
            value = float(anatomy.values[step.name][at])
            expected = max(recomputed(found), 0) if step.operation == "ReLU" else recomputed(found)
            assert found.value == value
            assert expected == pytest.approx(value, rel=1e-4, abs=2e-4), (step.name, at)
            kinds.add(found.kind)
    assert {"convolution", "softmax", "passed"} <= kinds


@pytest.mark.parametrize(("step", "at"), [("conv1", (6, 0, 0)), ("conv1", (0, 0)), ("fc3", (-1,)), ("conv9", (0,))])
def test_what_is_no_unit_is_refused_with_its_numbers(step, at):
    anatomy = examine(network_of("lenet5"), inputs_of("lenet5"))
    with refused(step, "conv1" if step == "conv9" else at):
        arithmetic(anatomy, step, at)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_gradient_reaches_a_unit_from_outside_its_field_and_some_from_its_edges(name):
    network, seen = network_of(name), inputs_of(name).double()
    for module in network.modules():
        for parameter in module.parameters(recurse=False):
            parameter.data = torch.rand_like(parameter, dtype=torch.double)  # positive: nothing cancels, no ReLU cuts
    smooth = pooled_by_average(network).double()
    anatomy = examine(smooth, seen)
    fields, pixels = spans(anatomy.steps), seen.abs().requires_grad_()
    values = watch(smooth, pixels).values
    for step in [one for one in anatomy.steps if len(one.output_shape) == 4][:14]:
        channels, rows, cols = step.output_shape[1:]
        for at in [(0, 0, 0), (channels - 1, rows - 1, cols - 1), (0, rows // 2, cols // 3)]:
            reached = torch.autograd.grad(values[step.name][0][at], pixels, retain_graph=True)[0][0].abs().sum(0) > 0
            field = fields[step.name]
            (top, bottom), (left, right) = field[0][at[1]], field[1][at[2]]
            found = np.argwhere(reached.numpy())
            assert found.min(0).tolist() == [top, left] and (found.max(0) + 1).tolist() == [bottom, right]


def pooled_by_average(network):
    """A maximum lets one gradient through, an average all of them; the inputs stay positive as the weights do."""
    for path, module in list(network.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            parent = network.get_submodule(path.rpartition(".")[0])
            setattr(parent, path.rpartition(".")[2], nn.AvgPool2d(module.kernel_size, module.stride, module.padding))
    return network


def test_windows_of_lenet5():
    steps = {step.name: step for step in examine(network_of("lenet5"), inputs_of("lenet5")).steps}
    rows, cols = windows(steps["conv2"])
    assert rows == cols and rows[9] == (9, 14) and windows(steps["pool1"])[0][13] == (26, 28)
    assert windows(steps["fc1"]) is None and spans(steps.values())["fc1"] is None
    assert spans(steps.values())[INPUT][0][3] == (3, 4)
    assert spans(steps.values())["conv2"][0][9] == (18, 32)  # 14 cells: 5 + 1 + 4 x 2


def test_the_most_exciting_pictures_are_those_of_a_plain_search():
    one = checkpoints.load(checkpoints.shipped()["lenet5"])
    seen = one.card.preprocessing(datasets.load("mnist").x_test[:600])
    found = exciting(one.network, seen, "relu2", k=5)
    maps = one.network[:5](seen)  # conv1, relu1, pool1, conv2, relu2
    for channel in range(16):
        best = maps[:, channel].flatten(1).amax(1)
        assert np.allclose(found.values[channel], best.topk(5).values)
        for image, (row, col), value in zip(found.images[channel], found.places[channel], found.values[channel]):
            assert float(maps[image, channel, row, col]) == pytest.approx(value, rel=1e-5)
    last = exciting(one.network, seen, "fc3", k=3)
    assert last.images.tolist() == one.network(seen).topk(3, dim=0).indices.T.tolist()
    with refused("'conv9'"):
        exciting(one.network, seen[:2], "conv9")

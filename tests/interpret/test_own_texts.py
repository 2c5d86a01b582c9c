"""Every text of one's own that gives one score a class can be looked into: what is claimed of its units is so."""

from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.data import datasets
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.inference.checkpoints import Checkpoint, card_for
from cnnviz.interpret import UNSHOWN, arithmetic, examine, exciting, on_maps, spans, unit_of, windows
from cnnviz.interpret.attributions import grad_cam, integrated_gradients, occlusion, saliency
from cnnviz.interpret.units import FUNCTIONS
from cnnviz.networks import notation
from tests.helpers import refused
from tests.own_texts import TEXTS

ALONE = "batch norm of one number"  # which one picture does not give it
TAKEN_APART = {
    "Conv1d",
    "Conv2d",
    "Linear",
    "ReLU",
    "Flatten",
    "Softmax",
    "LogSoftmax",
    "BatchNorm2d",
    "LayerNorm",
    "Add",
}


@cache
def checkpoint_of(name):
    torch.manual_seed(5)
    network = notation.parse(TEXTS[name]).build().eval().requires_grad_(False)
    for layer in network.modules():
        if getattr(layer, "running_mean", None) is not None:
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
        if isinstance(layer, nn.LayerNorm | nn.GroupNorm | nn.BatchNorm2d) and layer.weight is not None:
            layer.weight.uniform_(0.5, 2)
    mnist = datasets.load("mnist")
    return Checkpoint(
        network, card_for("own text", mnist, accuracy=None, epochs=0, seed=0, command="", text=TEXTS[name])
    )


def picture(index=0):
    mnist = datasets.load("mnist")
    return Preprocessing(mnist.mean, mnist.std, (28, 28))(mnist.x_test[index : index + 1])


@pytest.mark.parametrize("name", [name for name in TEXTS if name != ALONE])
def test_what_is_claimed_of_a_unit_is_so(name):
    one, inputs = checkpoint_of(name), picture()
    before, plain = inputs.clone(), one.network(inputs.clone())
    anatomy, draw = examine(one.network, inputs, one.cost), np.random.default_rng(0)
    assert torch.equal(inputs, before) and torch.equal(anatomy.values["input"], before[0])
    ends = [step.name for step in anatomy.steps if step.name != "softmax"]
    assert torch.equal(anatomy.values[ends[-1]].flatten(), plain[0])
    for step in anatomy.steps:
        value = anatomy.values[step.name]
        shape = tuple(value.shape)
        drawn = on_maps(shape)
        corners = [(0,) * len(drawn), tuple(size - 1 for size in drawn)]
        kinds = set()
        for at in [*corners, *(tuple(int(draw.integers(size)) for size in drawn) for _ in range(8))]:
            unit = unit_of(shape, at)
            found = arithmetic(anatomy, step.name, unit)
            assert found.value == float(value[unit]) == float(value.reshape(drawn)[at])
            kinds.add(found.kind)
            if found.kind == UNSHOWN:
                continue
            if step.operation in FUNCTIONS:
                assert found.kind == "function" and found.result in anatomy.values[step.sources[0]]
                continue
            claimed = max(found.result, 0) if step.operation == "ReLU" else found.result
            assert claimed == pytest.approx(found.value, rel=1e-3, abs=2e-3), (step.name, step.operation, unit)
        assert step.operation not in TAKEN_APART or UNSHOWN not in kinds, (step.name, step.operation)
        own = windows(step)
        assert own is None or [len(axis) for axis in own] == list(shape[1:])
    assert set(spans(anatomy.steps)) == {"input", *(step.name for step in anatomy.steps)}


def recorded_alone(network, inputs):
    """What each layer gives, by hooks on a network of its own that copy at once."""
    caught, handles = {}, []
    for path, module in network.named_modules():
        if not list(module.children()):
            handles.append(module.register_forward_hook(lambda m, i, o, path=path: caught.update({path: o[0].clone()})))
    network(inputs.clone())
    for handle in handles:
        handle.remove()
    return caught


@pytest.mark.parametrize("name", [name for name in TEXTS if name != ALONE])
def test_what_is_kept_is_what_each_layer_gave(name):
    one, inputs = checkpoint_of(name), picture(3)
    caught, anatomy = recorded_alone(one.network, inputs), examine(one.network, inputs)
    for step in anatomy.steps:
        if step.module:
            assert torch.equal(anatomy.values[step.name], caught[step.module]), step.name


def slope(network, inputs, target, at):
    """d logit / d pixel by a small step."""
    step = torch.zeros_like(inputs)
    step[at] = 1e-5
    up, down = (network(inputs + sign * step)[0, target] for sign in (1, -1))
    return float(up - down) / 2e-5


@pytest.mark.parametrize("name", [name for name in TEXTS if name != ALONE])
def test_attributions_of_every_text(name):
    one, inputs = checkpoint_of(name), picture()
    network, cost = one.network, one.cost
    before, scores = inputs.clone(), network(inputs.clone())
    assert saliency(network, inputs, 3, cost).shape == (28, 28)
    whole = integrated_gradients(network, inputs, 3, torch.zeros_like(inputs), cost=cost)
    fallen = occlusion(network, inputs, 3, cost=cost)
    assert whole.isfinite().all() and fallen.isfinite().all() and torch.equal(inputs, before)
    layers = [step.name for step in examine(network, inputs, cost).steps if len(step.output_shape) == 4]
    for layer in layers:
        assert (grad_cam(network, inputs, 3, layer, cost) >= 0).all()
    if not layers:
        with refused("Grad-CAM"):
            grad_cam(network, inputs, 3, "", cost)
    assert torch.equal(network(inputs.clone()), scores)


@pytest.mark.parametrize("name", ["linear", "ReLU in place first", "in place after what is kept", "residual in place"])
def test_saliency_is_the_slope_where_layers_write_in_place(name):
    network = notation.parse(TEXTS[name]).build().double().eval().requires_grad_(False)
    inputs = torch.randn(1, 1, 28, 28, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    found = saliency(network, inputs, 2)
    for row, col in [(4, 5), (13, 14), (20, 9)]:
        assert abs(slope(network, inputs, 2, (0, 0, row, col))) == pytest.approx(float(found[row, col]), abs=1e-7)


@pytest.mark.parametrize("name", ["four axes", "conv1d", "rows", "ReLU in place", "residual in place", "many channels"])
def test_the_strongest_are_those_of_a_plain_search_however_many_are_taken_at_a_time(name, monkeypatch):
    one, images = checkpoint_of(name), datasets.load("mnist").x_test[:40]
    mean, std = one.card.mean, one.card.std
    inputs = Preprocessing(mean, std, (28, 28))(images)
    anatomies = [examine(one.network, inputs[n : n + 1], one.cost) for n in range(40)]
    for step in anatomies[0].steps[:-1]:
        found = exciting(one.network, inputs, step.name, 3)
        values = [anatomy.values[step.name] for anatomy in anatomies]
        maps = torch.stack([value.reshape(on_maps(tuple(value.shape))) for value in values])
        best = (maps.flatten(2).amax(2) if maps.dim() > 2 else maps).topk(3, dim=0).values
        assert np.allclose(found.values, best.T, atol=1e-5)
        for channel in (0, len(found.images) - 1):
            for image, (row, col), value in zip(found.images[channel], found.places[channel], found.values[channel]):
                unit = (channel, row, col) if maps.dim() > 2 else (channel,)
                assert float(maps[(image, *unit)]) == pytest.approx(float(value), abs=1e-5)
    monkeypatch.setattr("cnnviz.interpret.top_images.BATCH", 7)
    few = exciting(one.network, images, step.name, 3, preprocess=lambda part: Preprocessing(mean, std, (28, 28))(part))
    assert np.allclose(few.values, found.values, atol=1e-5)


def test_what_one_picture_does_not_give_is_said():
    one = checkpoint_of(ALONE)
    with refused("BatchNorm1d", "one picture", "track_running_stats=True"):
        examine(one.network, picture())


def test_where_there_is_nothing_to_be_seen_a_sentence_says_so():
    with refused("no step"):
        examine(notation.parse("nn.Sequential(nn.Identity())").build().eval(), picture())
    network = notation.parse("nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.Linear(10, 10))").build().eval()
    network[1].weight.data.fill_(1e38)
    network[2].weight.data.fill_(1e38)
    with refused("Linear", "finite"):
        examine(network, picture())

"""Attributions against Captum, and against what defines them."""

import pytest
import torch

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.interpret.attributions import grad_cam, integrated_gradients, occlusion, saliency, starts
from tests.helpers import refused

LAST = {"lenet5": "conv2", "mnist_cnn": "conv2"}


def case(name, index=0):
    one = checkpoints.load(checkpoints.shipped()[name])
    picture = datasets.load("mnist").x_test[index : index + 1]
    return one.network, one.card.preprocessing(picture)


@pytest.mark.parametrize("name", LAST)
@pytest.mark.parametrize(("index", "target"), [(0, 7), (1, 2), (18, 3)])
def test_against_captum(name, index, target):
    from captum import attr  # it takes two seconds to load, and no other test needs it

    network, seen = case(name, index)
    assert torch.allclose(
        saliency(network, seen, target),
        attr.Saliency(network).attribute(seen.clone().requires_grad_(), target=target)[0].amax(0),
    )
    theirs = attr.IntegratedGradients(network).attribute(seen, target=target, n_steps=32)[0].sum(0)
    assert torch.allclose(integrated_gradients(network, seen, target), theirs, atol=1e-5)
    cam = attr.LayerGradCam(network, network.get_submodule(LAST[name]))
    theirs = cam.attribute(seen.clone().requires_grad_(), target=target, relu_attributions=True)
    wide = torch.nn.functional.interpolate(theirs, seen.shape[2:], mode="bilinear", align_corners=False)[0, 0]
    assert torch.allclose(grad_cam(network, seen, target, LAST[name]), wide.detach(), atol=1e-5)
    theirs = attr.Occlusion(network).attribute(seen, (1, 4, 4), strides=(1, 4, 4), target=target)[0, 0]
    assert torch.allclose(occlusion(network, seen, target, 4, 4), theirs, atol=1e-4)


@pytest.mark.parametrize("name", LAST)
def test_integrated_gradients_add_up_to_the_difference_of_the_logits(name):
    for index in range(4):
        network, seen = case(name, index)
        base = torch.full_like(seen, float(seen.min()))
        target = int(network(seen).argmax())
        total = float(integrated_gradients(network, seen, target, base, steps=200).sum())
        assert total == pytest.approx(float((network(seen) - network(base))[0, target]), rel=0.02)


def test_saliency_is_the_slope_of_the_logit():
    network, seen = case("lenet5")
    torch.manual_seed(0)
    network, seen = network.double(), torch.randn_like(seen).double()  # paper ties in a maximum, noise does not
    slope = saliency(network, seen, 7)
    for row, col in [(10, 12), (16, 16), (20, 14)]:
        step = torch.zeros_like(seen)
        step[..., row, col] = 1e-6
        change = (network(seen + step) - network(seen - step))[0, 7] / 2e-6
        assert abs(float(change)) == pytest.approx(float(slope[row, col]), rel=1e-3, abs=1e-6)


def test_an_occluded_network_that_looks_at_one_pixel_only():
    class OnePixel(torch.nn.Module):
        def forward(self, x):
            return torch.stack([x[:, 0, 4, 5], -x[:, 0, 4, 5]], 1)

    found = occlusion(OnePixel(), torch.ones(1, 1, 9, 9), 0, window=3, stride=1)
    assert float(found[4, 5]) == 1 and float(found[0, 0]) == 0 and float(found[4, 8]) == 0
    assert starts(9, 4, 3) == [0, 3, 5] and starts(3, 5, 2) == [0]


def test_grad_cam_wants_maps():
    network, seen = case("lenet5")
    with refused("'fc1'"):
        grad_cam(network, seen, 0, "fc1")

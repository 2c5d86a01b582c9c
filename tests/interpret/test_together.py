"""Many readers of one network at once: each sees what a lone one sees."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Checkpoint, card_for
from cnnviz.inference.evaluate import evaluate
from cnnviz.inference.predict import read
from cnnviz.interpret import examine, exciting
from cnnviz.interpret.attributions import grad_cam, integrated_gradients, occlusion, saliency
from cnnviz.networks import notation, zoo
from cnnviz.tracing.meta import twin

THREADS = 8
IN_PLACE = (
    "nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(inplace=True), "
    "Residual(nn.ReLU(inplace=True), nn.Conv2d(6, 6, 3, padding=1)), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(), "
    "nn.Linear(1014, 10))"
)


def in_place():
    torch.manual_seed(0)
    network = notation.parse(IN_PLACE).build().eval().requires_grad_(False)
    mnist = datasets.load("mnist")
    return Checkpoint(network, card_for("own text", mnist, accuracy=None, epochs=0, seed=0, command="", text=IN_PLACE))


@pytest.fixture(scope="module")
def networks():
    return [checkpoints.load(checkpoints.shipped()["lenet5"]), in_place()]


def inputs_of(one, index):
    images = datasets.load("mnist").x_test[index : index + 1]
    return one.card.preprocessing(images)


def looked(one, kind, index):
    """What a reader sees who asks for that, of test image `index`."""
    network, inputs, mnist = one.network, inputs_of(one, index), datasets.load("mnist")
    first = "conv1" if one.card.network == "lenet5" else "1"
    match kind:
        case "examine":
            anatomy = examine(network, inputs, one.cost)
            return [np.array([step.name for step in anatomy.steps]), *(v.numpy() for v in anatomy.values.values())]
        case "exciting":
            found = exciting(network, inputs_of(one, index).repeat(3, 1, 1, 1), first, 2, cost=one.cost)
            return [found.values, found.images, found.places]
        case "grad_cam":
            return [grad_cam(network, inputs, 3, first, one.cost).numpy()]
        case "saliency":
            return [saliency(network, inputs, 3, one.cost).numpy()]
        case "integrated_gradients":
            return [integrated_gradients(network, inputs, 3, steps=8, cost=one.cost).numpy()]
        case "occlusion":
            return [occlusion(network, inputs, 3, 8, 8, cost=one.cost).numpy()]
        case "evaluate":
            part = replace(mnist, x_test=mnist.x_test[index : index + 40], y_test=mnist.y_test[index : index + 40])
            return [evaluate(one, part).logits]
    return [read(one, mnist.x_test[index, 0].numpy()).logits]


KINDS = ("examine", "exciting", "grad_cam", "saliency", "integrated_gradients", "occlusion", "evaluate", "read")


@pytest.mark.slow
def test_a_thousand_looks_of_eight_readers_agree_with_a_lone_one(networks, tries):
    asked = [(rng.randrange(2), rng.choice(KINDS), rng.randrange(6)) for rng in tries(1000, sample=200)]

    def ask(one):
        return looked(networks[one[0]], *one[1:])

    with ThreadPoolExecutor(1) as lone:  # in a thread, too: torch's settings are of each thread
        alone = dict(zip(dict.fromkeys(asked), lone.map(ask, dict.fromkeys(asked))))
    with ThreadPoolExecutor(THREADS) as many:
        together = list(many.map(ask, asked))
    wrong = Counter()
    for one, found in zip(asked, together, strict=True):
        wrong[one] += [a.tobytes() for a in found] != [b.tobytes() for b in alone[one]]
    assert not +wrong and len(together) == len(asked)
    for one in networks:
        modules = list(one.network.modules())
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)
        assert not any(module.training for module in modules)
        assert all(p.grad is None and not p.requires_grad for p in one.network.parameters())


def test_looks_draw_on_no_random_number(networks):
    before = torch.random.get_rng_state()
    for kind in KINDS:
        looked(networks[1], kind, 0)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", ["lenet5", "resnet20"])
def test_a_twin_shares_every_weight_and_no_hook(name):
    network = zoo.build(name)
    handle = network.register_forward_hook(lambda *_: pytest.fail("a hook of the network ran in its twin"))
    own = twin(network)
    pairs = [*zip(network.parameters(), own.parameters()), *zip(network.buffers(), own.buffers())]
    assert pairs and all(a is b for a, b in pairs)
    assert not {id(module) for module in own.modules()} & {id(module) for module in network.modules()}
    own.register_forward_hook(lambda *_: None)
    assert len(network._forward_hooks) == 1
    handle.remove()
    seen = torch.randn(2, *zoo.entry(name).input_shape)
    assert torch.equal(own.eval()(seen), network.eval()(seen)) and own.training is False

"""What a network costs is known before it runs, within what it then takes; what is too dear is refused with figures."""

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
from cnnviz.tracing import scores
from cnnviz.tracing.cost import GIGA, MB, Bounds, cost_of
from tests.helpers import refused
from tests.own_texts import LABORIOUS, LARGE, REFUSED, TEXTS

PICTURE = (1, 28, 28)
ENDS_WRONG = ("maps", "rows at the end", "a linear layer on maps", "nothing at all", "an activation")


def checkpoint_of(text):
    mnist = datasets.load("mnist")
    card = card_for("own text", mnist, accuracy=None, epochs=0, seed=0, command="", text=text)
    return Checkpoint(notation.parse(text).build().eval().requires_grad_(False), card)


def test_the_figures_of_a_small_network_are_those_of_paper():
    cost = cost_of(notation.parse("nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.ReLU())").build(), PICTURE)
    assert cost.kept == 4 * (784 + 784 + 10 + 10) + 4 * 784  # the outputs, and beside the largest as much again
    assert cost.work == 784 * 10 + (8 + 1) * (784 + 10 + 10) - 10
    assert cost.plain == 4 * (784 + 784) + 4 * 784  # the fold beside the picture


@pytest.mark.parametrize("name", zoo.trainable(1, 28, 28) + zoo.trainable(3, 32, 32))
def test_every_network_that_can_be_trained_is_within_the_bounds_on_ten_thousand_images(name):
    cost = cost_of(zoo.weightless(name), zoo.entry(name).input_shape)
    cost.check_work(10_000)
    assert cost.batch(500) >= 32 and cost.batch_kept(1) == 1 and cost.batch_with_gradients(32) >= 1


def test_a_branch_is_alive_until_the_branches_meet():
    plain, branched = (
        cost_of(notation.parse(f"nn.Sequential(nn.Conv2d(1, 64, 1), {body}, nn.Flatten())").build(), PICTURE).plain
        for body in ("nn.ReLU(), nn.ReLU()", "Residual(nn.ReLU(), nn.ReLU())")
    )
    assert branched - plain == 4 * 64 * 784


def test_what_is_too_large_is_refused_everywhere_before_it_runs():
    one, inputs = checkpoint_of(LARGE), torch.zeros(1, *PICTURE)
    mnist = datasets.load("mnist")
    asked = [
        lambda: examine(one.network, inputs),
        lambda: exciting(one.network, inputs, "0"),
        lambda: saliency(one.network, inputs, 0),
        lambda: integrated_gradients(one.network, inputs, 0),
        lambda: grad_cam(one.network, inputs, 0, "0"),
        lambda: occlusion(one.network, inputs, 0),
        lambda: evaluate(one, mnist),
        lambda: read(one, mnist.x_test[0, 0].numpy()),
    ]
    for ask in asked:
        with refused("MB", "256", "65,536 × 28 × 28"):
            ask()


def test_what_takes_too_long_is_refused_with_what_would_fit():
    one = checkpoint_of(LABORIOUS)
    with refused("10,000", "1,000", "1/71"):
        evaluate(one, datasets.load("mnist"))
    assert one.cost.pictures(2000) == 1000 * GIGA // one.cost.work < 200


@pytest.mark.parametrize("text", list(TEXTS.values()))
def test_no_ordinary_text_is_refused(text):
    cost = cost_of(notation.parse(text).weightless(), PICTURE)
    cost.check_work(10_000)
    assert cost.batch_with_gradients(32) >= 8 and cost.batch(500) >= 16
    assert scores(notation.parse(text).weightless(), PICTURE) >= 10


@pytest.mark.parametrize("name", [name for name in REFUSED if name not in ("too few", "what does not fit")])
def test_what_gives_no_row_of_scores_a_picture(name):
    with refused("nn.Linear" if name in ENDS_WRONG else "axis"):
        scores(notation.parse(REFUSED[name]).weightless(), PICTURE)


def test_an_operator_sets_the_bounds(monkeypatch):
    monkeypatch.setenv("CNNVIZ_MAX_LOOK_MB", "16")
    monkeypatch.setenv("CNNVIZ_MAX_GMACS", "2")
    assert Bounds.from_environment() == Bounds(16, 2)
    lenet5 = checkpoints.load(checkpoints.shipped()["lenet5"])
    assert lenet5.cost.batch(500) == 16 * MB // lenet5.cost.plain < 500
    with refused("10,000", "2"):
        lenet5.cost.check_work(10_000)
    for wrong in ("0", "many", "1e3", "-5"):
        monkeypatch.setenv("CNNVIZ_MAX_GMACS", wrong)
        with refused("CNNVIZ_MAX_GMACS", repr(wrong)):
            Bounds.from_environment()


def test_fewer_at_a_time_say_the_same(monkeypatch, small_mnist):
    lenet5, mnist = checkpoints.load(checkpoints.shipped()["lenet5"]), datasets.load("mnist")
    whole = evaluate(lenet5, mnist)
    inputs = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    many = inputs + torch.arange(40).view(-1, 1, 1, 1) / 40

    def shown():
        return [
            integrated_gradients(lenet5.network, inputs, 3),
            occlusion(lenet5.network, inputs, 3),
            torch.from_numpy(exciting(lenet5.network, many, "conv2").values),
        ]

    usual = shown()
    monkeypatch.setattr("cnnviz.tracing.cost.MB", 4000)  # a 262nd of the memory
    assert lenet5.cost.batch(500) < 30
    few = evaluate(lenet5, mnist)
    assert few.accuracy == whole.accuracy and abs(few.logits - whole.logits).max() < 1e-4
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(usual, shown(), strict=True))

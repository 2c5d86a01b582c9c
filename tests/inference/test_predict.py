"""One picture read by a network: against torch, and against what its whole test set says."""

import numpy as np
import pytest
import torch

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import Evaluation, evaluate
from cnnviz.inference.predict import DOUBTED, Prediction, entropy, limit_of_doubt, logits, read, softmax

NETWORKS = ("lenet5", "conv_mnist", "mnist_cnn")


@pytest.fixture(scope="module")
def mnist():
    return datasets.load("mnist")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_reading_is_torchs(name, mnist):
    one = checkpoints.load(checkpoints.shipped()[name])
    for image in mnist.x_test[:20, 0].numpy():
        reading = read(one, image)
        expected = torch.from_numpy(reading.logits.copy()).double()
        assert np.allclose(reading.logits, logits(one, image[None, ..., None])[0]) and reading.milliseconds > 0
        assert np.allclose(reading.probabilities, expected.softmax(0), atol=1e-12)
        assert reading.guesses == sorted(range(10), key=lambda place: -reading.probabilities[place])
        bits = torch.distributions.Categorical(logits=expected).entropy().item() / np.log(2)
        assert reading.entropy == pytest.approx(bits, abs=1e-9)


def test_entropy_of_what_is_known():
    assert entropy(np.array([1.0, 0.0])) == 0 and entropy(np.full(8, 1 / 8)) == pytest.approx(3)
    assert entropy(softmax(np.array([[0, 0], [1000, -1000]], np.float32))) == pytest.approx([1, 0])
    reading = Prediction(("a", "b"), np.zeros(2, np.float32), 1.0)
    assert reading.guesses == [0, 1] and reading.doubtful(0.9) and not reading.doubtful(1.1)


def test_without_normalisation_it_sees_brightness(mnist):
    one = checkpoints.load(checkpoints.shipped()["lenet5"])
    image = mnist.x_test[0]
    seen = torch.nn.functional.pad(image[None].float() / 255, (2, 2, 2, 2))
    assert np.allclose(
        logits(one, image.numpy()[..., None], normalised=False)[0], one.network(seen)[0].numpy(), atol=1e-5
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_limit_of_doubt_is_exceeded_on_two_of_a_hundred_test_images(name, mnist):
    one = checkpoints.load(checkpoints.shipped()[name])
    measured = evaluate(one, mnist)
    limit = limit_of_doubt(measured)
    doubtful = [Prediction(measured.classes, row, 0.0).doubtful(limit) for row in measured.logits[:2000]]
    assert 0.005 < np.mean(doubtful) < 0.05
    whole = entropy(softmax(measured.logits)) > limit
    assert whole.mean() == pytest.approx(DOUBTED, abs=1e-3)
    assert (~measured.right)[whole].mean() > 5 * (~measured.right).mean()  # what it doubts is wrong more often


def test_a_limit_of_another_share():
    rows = np.stack([np.array([0, scale], np.float32) for scale in np.linspace(0, 8, 101)])
    one = Evaluation(rows, np.ones(101, np.int64), ("a", "b"))
    assert limit_of_doubt(one, 0.5) == pytest.approx(entropy(softmax(rows[50])))

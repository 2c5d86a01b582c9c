import numpy as np
import pytest
import torch

from cnnviz.data import datasets
from cnnviz.data.drawing import to_mnist
from cnnviz.inference import checkpoints
from cnnviz.inference.predict import read
from tests.helpers import refused


@pytest.fixture(scope="module")
def lenet5():
    return checkpoints.load(checkpoints.shipped()["lenet5"])


def test_probabilities_are_those_of_the_network(lenet5):
    data = datasets.load("mnist")
    for image in data.x_test[:20]:
        probabilities = read(lenet5, image[0].numpy()).probabilities
        seen = datasets.normalise(image[None], data.mean, data.std, (32, 32))
        expected = lenet5.network(seen).softmax(1)[0]
        assert np.allclose(probabilities, expected.numpy(), atol=1e-6)
        assert probabilities.shape == (10,) and probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_digits_through_the_drawing_pipeline(lenet5):
    data = datasets.load("mnist")
    images, labels = data.x_test[:500, 0].numpy(), data.y_test[:500]
    guesses = torch.tensor([read(lenet5, to_mnist(image)).guesses[0] for image in images])
    assert (guesses == labels).float().mean() > 0.97


def test_a_picture_that_does_not_fit(lenet5):
    with refused("1 × 40 × 40", "1 × 32 × 32"):
        read(lenet5, np.zeros((40, 40), np.uint8))

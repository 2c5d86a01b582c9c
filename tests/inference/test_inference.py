import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from bench.strokes import DIGITS, styled
from cnnviz.data import datasets
from cnnviz.data.datasets import preprocessing
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
        seen = preprocessing.Preprocessing(data.mean, data.std, (32, 32))(image[None])
        expected = lenet5.network(seen).softmax(1)[0]
        assert np.allclose(probabilities, expected.numpy(), atol=1e-6)
        assert probabilities.shape == (10,) and probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_digits_through_the_drawing_pipeline(lenet5):
    data = datasets.load("mnist")
    images, labels = data.x_test[:500, 0].numpy(), data.y_test[:500]
    guesses = torch.tensor([read(lenet5, to_mnist(image)).guesses[0] for image in images])
    assert (guesses == labels).float().mean() > 0.97


@pytest.mark.parametrize("style", ["plain", "in a corner", "slanted"])
def test_strokes_of_a_pen_are_read(lenet5, style):
    side = 112
    for digit in DIGITS:
        pad = Image.new("L", (side, side))
        for stroke in styled(digit, style):
            ImageDraw.Draw(pad).line([(side * x, side * y) for x, y in stroke], fill=255, width=7, joint="curve")
        assert read(lenet5, to_mnist(np.asarray(pad))).guesses[0] == digit


def test_a_picture_that_does_not_fit(lenet5):
    with refused("1 × 40 × 40", "1 × 32 × 32"):
        read(lenet5, np.zeros((40, 40), np.uint8))

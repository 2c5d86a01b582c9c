import numpy as np
import pytest
from PIL import Image

from cnnviz import datasets
from cnnviz.drawing import has_ink, to_mnist


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist").x_test[:200, 0].numpy()


def middle(picture):
    rows, columns = np.indices(picture.shape) + 0.5
    return np.array([(picture * rows).sum(), (picture * columns).sum()]) / picture.sum()


def test_a_test_digit_pasted_anywhere_comes_back(digits):
    rng = np.random.default_rng(0)
    for digit in digits:
        canvas = np.zeros((120, 100), np.uint8)
        top, left = rng.integers(0, 92), rng.integers(0, 72)
        canvas[top : top + 28, left : left + 28] = digit
        back = to_mnist(canvas)
        assert back.shape == (28, 28) and back.dtype == np.uint8
        assert np.abs(middle(back) - middle(digit)).max() <= 1


def test_a_large_drawing_is_scaled_down(digits):
    likeness = []
    for digit in digits:
        large = np.asarray(Image.fromarray(digit).resize((280, 280), Image.Resampling.BICUBIC))
        back = to_mnist(large).astype(float)
        assert np.abs(middle(back) - middle(digit)).max() <= 1
        likeness.append(np.corrcoef(back.ravel(), digit.ravel().astype(float))[0, 1])
    assert np.mean(likeness) > 0.92


def test_the_longer_side_is_twenty():
    canvas = np.zeros((200, 200), np.uint8)
    canvas[10:110, 30:50] = 255
    rows, columns = np.nonzero(to_mnist(canvas))
    assert np.ptp(rows) + 1 == 20 and np.ptp(columns) + 1 == 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1)])
def test_the_smallest_and_the_thinnest(shape):
    assert has_ink(to_mnist(np.full(shape, 255, np.uint8)))


def test_what_is_no_drawing():
    with pytest.raises(ValueError, match="nothing on the pad"):
        to_mnist(np.zeros((28, 28), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        to_mnist(np.zeros((28, 28)))
    with pytest.raises(ValueError, match=r"\(28, 28, 3\)"):
        to_mnist(np.zeros((28, 28, 3), np.uint8))

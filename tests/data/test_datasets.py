import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.datasets import keras, preprocessing
from tests.helpers import refused


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


def arrays(**changes):
    images, labels = np.zeros((6, 5, 4), np.uint8), np.arange(6, dtype=np.int64) % 3
    return {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels, **changes}


def test_embedded_mnist(folder):
    data = datasets.load("mnist")
    assert data.x_train.shape == (60_000, 1, 28, 28) and data.x_test.shape == (10_000, 1, 28, 28)
    assert data.x_train.dtype == torch.uint8 and data.y_train.dtype == torch.int64
    assert data.classes == tuple("0123456789")
    assert data.mean == pytest.approx((0.1307,), abs=5e-5) and data.std == pytest.approx((0.3081,), abs=5e-5)
    assert data.y_test[2019] == 9
    assert datasets.load("mnist") is data
    assert datasets.names() == ["mnist"]


def test_own_data_set_in_colour(folder):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (6, 5, 4, 3), dtype=np.uint8)
    names = np.array(["cat", "dog", "elk"])
    np.savez(folder / "pets.npz", **arrays(x_train=colour, x_test=colour, classes=names))
    data = datasets.load("pets")
    assert data.x_train.shape == (6, 3, 5, 4) and data.classes == ("cat", "dog", "elk")
    assert torch.equal(data.x_train.permute(0, 2, 3, 1), torch.from_numpy(colour))
    assert np.allclose(data.mean, colour.reshape(-1, 3).mean(0) / 255)
    assert np.allclose(data.std, colour.reshape(-1, 3).std(0) / 255)


def test_a_changed_file_is_read_again(folder):
    np.savez(folder / "own.npz", **arrays())
    assert len(datasets.load("own").x_train) == 6
    np.savez(folder / "own.npz", **arrays(x_train=np.zeros((9, 5, 4), np.uint8), y_train=np.zeros(9, int)))
    assert len(datasets.load("own").x_train) == 9


BAD = {
    "missing": ({"y_train": None, "y_test": None}, ["y_train"]),
    "normalised": ({"x_train": np.zeros((6, 5, 4)) - 2}, [-2, 0]),
    "flat": ({"x_train": np.zeros((6, 20), np.uint8)}, ["x_train", (6, 20)]),
    "five channels": ({"x_train": np.zeros((6, 5, 4, 5), np.uint8)}, ["x_train", (6, 5, 4, 5)]),
    "empty": ({"x_train": np.zeros((0, 5, 4), np.uint8), "y_train": np.zeros(0, int)}, ["x_train", (0, 5, 4)]),
    "count": ({"y_train": np.zeros(5, int)}, ["y_train", 6, (5,)]),
    "negative label": ({"y_train": np.array([0, 1, 2, 0, 1, -1])}, [-1, 2, 999]),
    "broken label": ({"y_train": np.array([0, 1, 2, 0, 1, 0.5])}, ["y_train", 0.5]),
    "two sizes": ({"x_test": np.zeros((6, 4, 4), np.uint8)}, [(5, 4), (4, 4)]),
    "few classes": ({"classes": np.array(["cat"])}, [1, 2]),
    "pickle": ({"x_train": np.array([{}] * 6, object)}, ["x_train", "object"]),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_gets_a_sentence(folder, case):
    changes, values = BAD[case]
    np.savez(folder / "own.npz", **{key: value for key, value in arrays(**changes).items() if value is not None})
    with refused("own.npz", *values):
        datasets.load("own")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 truncated", b"not a zip at all"])
def test_foreign_files(folder, content):
    (folder / "own.npz").write_bytes(content)
    with refused("own.npz"):
        datasets.load("own")


def test_truncated_file(folder):
    np.savez_compressed(folder / "own.npz", **arrays())
    whole = (folder / "own.npz").read_bytes()
    (folder / "own.npz").write_bytes(whole[: len(whole) // 2])
    with refused("own.npz"):
        datasets.load("own")


def test_a_file_that_unpacks_to_too_much(folder, monkeypatch):
    np.savez(folder / "own.npz", **arrays())
    monkeypatch.setattr(keras, "LARGEST", 100)
    with refused("own.npz", 100):
        datasets.load("own")


@pytest.mark.parametrize("name", ["nothing", "../mnist", "/etc/passwd", "", "a/b", "mnist.npz"])
def test_a_name_is_not_a_path(folder, name):
    with refused(repr(name), "mnist"):
        datasets.load(name)


def test_normalise_frames_and_scales():
    images = torch.randint(0, 256, (3, 2, 5, 4), dtype=torch.uint8)
    seen = preprocessing.Preprocessing((0.2, 0.4), (0.5, 0.25), (8, 8))(images)
    assert seen.shape == (3, 2, 8, 8) and seen.dtype == torch.float32
    inside = images.float() / 255
    inside = torch.stack([(inside[:, 0] - 0.2) / 0.5, (inside[:, 1] - 0.4) / 0.25], 1)
    assert torch.allclose(seen[:, :, 1:6, 2:6], inside, atol=1e-6)
    assert torch.allclose(seen[:, 0, 0], torch.tensor(-0.4)) and torch.allclose(seen[:, 1, 7], torch.tensor(-1.6))


@pytest.mark.parametrize("size", [(32, 32), (10, 14)])
def test_pictures_may_be_resized(size):
    """Up as torch interpolates between the middles of pixels, down with each pixel's part in it, as Pillow does."""
    images = torch.randint(0, 256, (2, 1, 28, 28), dtype=torch.uint8)
    resized = preprocessing.Preprocessing((0.5,), (0.25,), size, "resized")
    kind = Image.Resampling.BILINEAR
    pictures = [Image.fromarray(one[0].numpy()).resize(size[::-1], kind) for one in images]
    expected = torch.stack([torch.from_numpy(np.array(one)) for one in pictures])[:, None] / 255
    assert torch.allclose(resized.placed(images), expected, atol=1.01 / 255)  # Pillow rounds
    assert torch.allclose(resized(images), (resized.placed(images) - 0.5) / 0.25, atol=1e-6)


def test_the_pixels_that_lie_on_the_input_are_the_pictures_own():
    images = torch.randint(0, 256, (2, 3, 28, 28), dtype=torch.uint8)
    framed = preprocessing.Preprocessing((0.2,) * 3, (0.3,) * 3, (32, 32))
    assert torch.equal(framed.pixels(images)[:, :, 2:30, 2:30], images) and not framed.pixels(images)[:, :, :2].any()
    assert framed.without_normalisation()(images).max() <= 1 and framed.without_normalisation()(images).min() == 0


def test_normalise_refuses_what_does_not_fit():
    with refused("1 × 33 × 28", "1 × 32 × 32"):
        preprocessing.Preprocessing((0.0,), (1.0,), (32, 32))(torch.zeros(1, 1, 33, 28, dtype=torch.uint8))
    with refused("3 × 28 × 28", "1 × 32 × 32"):
        preprocessing.Preprocessing((0.0,), (1.0,), (32, 32))(torch.zeros(1, 3, 28, 28, dtype=torch.uint8))

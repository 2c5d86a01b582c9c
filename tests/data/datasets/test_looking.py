"""What there is to see of a data set: orders, sheets, figures, images that are there twice; and previews."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz.data import datasets
from cnnviz.data.datasets import looking, previews
from cnnviz.data.datasets.archives import no_progress
from cnnviz.data.datasets.packing import as_zip
from tests.data.datasets.brought_files import arrays, coloured, images, labels


def named(**others: np.ndarray) -> dict[str, np.ndarray]:
    return arrays(classes=np.array(["ant", "bee", "cat"]), **others)


def test_orders() -> None:
    own = labels(7)
    assert looking.by_class(own).tolist() == [0, 3, 6, 1, 4, 2, 5]
    assert looking.of_class(own, 1).tolist() == [1, 4] and not len(looking.of_class(own, 9))


@pytest.mark.parametrize("pixels", [images(5), coloured(5)])
def test_a_sheet_has_the_images_side_by_side(pixels: np.ndarray) -> None:
    laid = np.asarray(looking.sheet(pixels, 3, 48))
    assert laid.shape[:2] == (16, 24)
    assert np.array_equal(laid[:8, 8:16], pixels[1]) and np.array_equal(laid[8:, 8:16], pixels[4])
    assert not laid[8:, 16:].any(), "the last row is filled with black"


def test_a_sheet_of_large_images_has_small_ones() -> None:
    large = coloured(2, side=100)
    assert looking.thumbnail(100, 100, 48) == (48, 48) and looking.thumbnail(100, 50, 48) == (48, 24)
    assert looking.sheet(large, 16, 48).size == (16 * 48, 48)


@pytest.mark.parametrize("colour", [False, True])
def test_figures_are_numpys(colour: bool) -> None:
    pixels = coloured(12) if colour else images(12)
    pixels[3] = 7
    found = looking.figures(named(x_train=pixels), "train", no_progress)
    scaled = pixels.reshape(12, 8, 8, -1) / 255
    assert np.allclose(found.mean, scaled.mean((0, 1, 2))) and np.allclose(found.std, scaled.std((0, 1, 2)))
    assert found.counts == (4, 4, 4) and found.empty == 1
    assert np.array_equal(found.mean_image, np.rint(pixels.reshape(12, 8, 8, -1).mean(0)))
    assert np.array_equal(found.class_means[1], np.rint(pixels.reshape(12, 8, 8, -1)[1::3].mean(0)))


def test_of_what_is_there_twice_equal_and_alike_are_told_apart() -> None:
    train, test = images(12), images(6, 1)
    train[5] = train[2]
    test[0] = train[7]
    test[3] = train[7]
    nearly = np.zeros((2, 32, 32), np.uint8)
    nearly[:, 8:16] = 200
    nearly[1, 8, 8], nearly[1, 8, 9] = 201, 199  # equal in the mean of 2x2
    assert looking.repeats(named(x_train=train, x_test=test), no_progress) == looking.Repeats(
        3, 0, 2, ((7, 12, 15), (2, 5)), ()
    )
    alike = looking.repeats({"x_train": nearly[:1], "x_test": nearly[1:]}, no_progress)
    assert (alike.equal, alike.alike, alike.leaked, alike.alike_groups) == (0, 1, 0, ((0, 1),))
    assert looking.repeats(named(), no_progress) == looking.Repeats(0, 0, 0, (), ())


def test_the_preview_of_cifar10_is_a_part_of_it() -> None:
    found, whole = previews.arrays("cifar10"), previews.of("cifar10")
    assert found["x_train"].shape == found["x_test"].shape == (200, 32, 32, 3)
    assert np.bincount(found["y_train"]).tolist() == np.bincount(found["y_test"]).tolist() == [20] * 10
    assert whole.counts == (50_000, 10_000) and "Krizhevsky" in whole.origin
    for part, count in zip(("train", "test"), whole.counts, strict=True):
        places = previews.places("cifar10", part)
        assert len(set(places)) == 200 and sorted(places) == list(places) and places[-1] < count
    size = sum(path.stat().st_size for path in previews.FOLDER.glob("cifar10.*"))
    assert size < 750_000


def test_a_preview_stands_in_until_the_set_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    assert datasets.is_preview("cifar10") and "cifar10" not in datasets.names()
    data = datasets.at_hand("cifar10")
    assert data.whole == (50_000, 10_000) and data.x_test.shape == (200, 3, 32, 32)
    assert data.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=1e-4), "of the whole set"
    small = {
        f"{kind}_{part}": array
        for part in ("train", "test")
        for kind, array in (("x", coloured(12, side=32)), ("y", labels(12)))
    }
    np.savez(tmp_path / "cifar10.npz", **small)
    assert not datasets.is_preview("cifar10") and datasets.at_hand("cifar10").whole is None
    assert len(datasets.at_hand("cifar10").x_train) == 12


def test_a_preview_is_cut_without_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "FOLDER", tmp_path)
    previews.arrays.cache_clear()
    whole = named(x_train=coloured(90, side=16), y_train=labels(90), x_test=coloured(60, 1, 16), y_test=labels(60))
    previews.write("tiny", whole, (0.1,) * 3, (0.2,) * 3, "nobody's", 20)
    found = previews.arrays("tiny")
    for part in ("train", "test"):
        places = list(previews.places("tiny", part))
        assert np.array_equal(found[f"x_{part}"], whole[f"x_{part}"][places])
        assert np.array_equal(found[f"y_{part}"], whole[f"y_{part}"][places])
        assert sorted(np.bincount(found[f"y_{part}"])) == [6, 7, 7]
    assert previews.of("tiny") == previews.Whole((90, 60), (0.1,) * 3, (0.2,) * 3, "nobody's")


def test_a_saved_zip_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    given = {**named(), "classes": np.array(["a/b", "a\\b", "ünï"])}
    content = as_zip(given)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first = Image.open(io.BytesIO(archive.read("train/a_b 0/00000.png")))
        assert np.array_equal(np.asarray(first), images(12)[0])
    data = datasets.load(datasets.keep("again.zip", content))
    assert data.classes == ("a_b 0", "a_b 1", "ünï")
    order = np.argsort(labels(12), kind="stable")
    assert np.array_equal(data.x_train[:, 0].numpy(), images(12)[order])

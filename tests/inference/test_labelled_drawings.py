"""Drawings that were named by whoever drew them."""

import numpy as np
import pytest

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.labelled_drawings import MAX_DRAWINGS, added, as_npz, guesses
from cnnviz.training import TrainConfig
from tests.helpers import refused


@pytest.fixture(scope="module")
def named():
    mnist = datasets.load("mnist")
    collected = []
    for picture, label in zip(mnist.x_test[:30, 0].numpy(), mnist.y_test.tolist()):
        collected = added(collected, picture, label)
    return collected


def test_the_same_drawing_is_kept_once(named):
    again = added(named, named[3].picture.copy(), 8)
    assert len(again) == len(named) and again[-1].label == 8
    assert [one.label for one in again[:-1]] == [one.label for place, one in enumerate(named) if place != 3]


def test_there_is_a_bound():
    collected = []
    for number in range(MAX_DRAWINGS + 5):
        picture = np.zeros((28, 28), np.uint8)
        picture[number // 28, number % 28] = 255
        collected = added(collected, picture, number % 10)
    assert len(collected) == MAX_DRAWINGS
    assert [one.label for one in collected[:3]] == [5, 6, 7] and collected[0].picture[0, 5] == 255


def test_what_a_network_takes_them_for(named):
    one = checkpoints.load(checkpoints.shipped()["conv_mnist"])
    assert np.mean(np.equal(guesses(one, named), [each.label for each in named])) > 0.95


def test_the_data_set_holds_each_once_and_a_run_trains_on_it(named, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    (tmp_path / "our_digits.npz").write_bytes(as_npz(named))
    data = datasets.load("our_digits")
    assert data.classes == tuple("0123456789") and data.picture == (1, 28, 28)
    assert len(data.y_test) == 6 and len(data.y_train) == 24
    both = {picture.numpy().tobytes() for part in (data.x_train, data.x_test) for picture in part}
    assert both == {one.picture.tobytes() for one in named}
    run = runs.create(TrainConfig(dataset="our_digits", epochs=1, batch_size=8, device="cpu"))
    list(runs.execute(run))
    assert run.state() == "done" and checkpoints.read_card(run.weights).dataset == "our_digits"


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_for_a_data_set(named, count):
    with refused(count):
        as_npz(named[:count])

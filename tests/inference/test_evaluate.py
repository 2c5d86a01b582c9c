"""Figures of an evaluation: against plain loops over random logits, and of the network that ships on MNIST."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnviz.cli import main
from cnnviz.data import datasets
from cnnviz.data.datasets import preprocessing
from cnnviz.inference import checkpoints, evaluate
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.evaluate import Evaluation
from cnnviz.inference.predict import read
from tests.helpers import refused


@pytest.fixture(scope="module")
def lenet5():
    return checkpoints.load(checkpoints.shipped()["lenet5"])


@pytest.fixture(scope="module")
def mnist():
    return datasets.load("mnist")


@pytest.fixture(scope="module")
def measured(lenet5, mnist):
    return evaluate.evaluate(lenet5, mnist)


def some(seed):
    """Random logits with ties, of a random number of images and classes; some classes stay empty."""
    draw = np.random.default_rng(seed)
    images, classes = int(draw.integers(1, 60)), int(draw.integers(1, 13))
    logits = draw.integers(-4, 5, (images, classes)).astype(np.float32) / draw.choice([1, 3])
    return Evaluation(logits, draw.integers(0, classes, images), tuple(f"class {n}" for n in range(classes)))


RANDOM = [some(seed) for seed in range(40)]


@pytest.mark.parametrize("one", RANDOM)
def test_counts_are_those_of_a_loop(one):
    classes = len(one.classes)
    confusion = np.zeros((classes, classes), int)
    for logits, label in zip(one.logits, one.labels):
        confusion[label, max(range(classes), key=lambda n: logits[n])] += 1
    assert (one.confusion == confusion).all() and one.confusion.sum() == len(one.labels)
    assert one.accuracy == pytest.approx(np.trace(confusion) / len(one.labels))
    for n, row in enumerate(one.per_class()):
        assert (row.name, row.right) == (f"class {n}", confusion[n, n])
        assert row.recall == (confusion[n, n] / confusion[n].sum() if confusion[n].any() else None)
        assert row.precision == (confusion[n, n] / confusion[:, n].sum() if confusion[:, n].any() else None)


@pytest.mark.parametrize("one", RANDOM)
def test_top_k_is_that_of_a_sort(one):
    orders = [sorted(range(len(one.classes)), key=lambda n: -logits[n]) for logits in one.logits]
    for k in range(1, len(one.classes) + 3):
        share = np.mean([label in order[:k] for order, label in zip(orders, one.labels)])
        assert one.top_k(k) == pytest.approx(share)
    assert one.top_k(1) == one.accuracy and one.top_k(len(one.classes)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_top_k_is_that_of_torch_where_no_two_are_equal(seed):
    torch.manual_seed(seed)
    logits, labels = torch.randn(300, 20), torch.randint(0, 20, (300,))
    one = Evaluation(logits.numpy(), labels.numpy(), tuple(map(str, range(20))))
    for k in (1, 3, 5, 20):
        assert one.top_k(k) == pytest.approx((logits.topk(k).indices == labels[:, None]).any(1).float().mean().item())


@pytest.mark.parametrize("one", RANDOM)
def test_the_misclassified_come_most_confident_first(one):
    guesses = [int(np.argmax(logits)) for logits in one.logits]
    wrong = [n for n, guess in enumerate(guesses) if guess != one.labels[n]]
    confidence = [float(torch.tensor(one.logits[n]).softmax(0)[guess]) for n, guess in enumerate(guesses)]
    assert sorted(one.misclassified()) == wrong
    shown = [confidence[n] for n in one.misclassified()]
    assert all(a >= b - 1e-6 for a, b in pairwise(shown))
    cells = {(int(one.labels[n]), guesses[n]) for n in range(len(guesses))}
    for label, guess in cells:
        members = [n for n in range(len(guesses)) if (one.labels[n], guesses[n]) == (label, guess)]
        assert sorted(one.of_cell(label, guess)) == members
    assert sum(len(one.of_cell(*cell)) for cell in cells) == len(guesses)


@pytest.mark.parametrize("one", RANDOM)
@pytest.mark.parametrize("bins", [1, 5, 10, 15])
def test_reliability_is_that_of_a_loop(one, bins):
    groups = {}
    for confidence, right in zip(one.confidence, one.right):
        groups.setdefault(min(int(confidence * np.float32(bins)), bins - 1), []).append(
            (float(confidence), bool(right))
        )
    found = one.reliability(bins)
    assert [round(each.low * bins) for each in found] == sorted(groups)
    for each, number in zip(found, sorted(groups)):
        confidence, right = np.mean(groups[number], axis=0)
        assert each.count == len(groups[number]) and each.high - each.low == pytest.approx(1 / bins)
        assert each.confidence == pytest.approx(confidence, abs=1e-5) and each.accuracy == pytest.approx(right)
    error = sum(each.count / len(one.labels) * abs(each.accuracy - each.confidence) for each in found)
    assert one.calibration_error(bins) == pytest.approx(error)


def test_a_network_that_is_as_sure_as_it_is_right_has_no_calibration_error():
    logits = np.log(np.array([[0.75, 0.25]] * 4, np.float32))
    assert Evaluation(logits, np.array([0, 0, 0, 1]), ("a", "b")).calibration_error() == pytest.approx(0, abs=1e-6)
    assert Evaluation(logits, np.array([1, 1, 1, 1]), ("a", "b")).calibration_error() == pytest.approx(0.75)


# --- lenet5 on MNIST


def test_lenet5_names_what_its_card_says(lenet5, mnist, measured):
    assert measured.accuracy == evaluate.accuracy(lenet5, mnist) == lenet5.card.accuracy == 0.9953
    assert len(measured.misclassified()) == 47 and measured.top_k(5) > 0.999
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # of the test images, as in MNIST
    assert [row.count for row in measured.per_class()] == counts


def test_image_2019_is_a_nine(measured):
    assert measured.labels[2019] == 9 and measured.guesses[2019] == 9


def test_probabilities_are_those_of_one_image_at_a_time(lenet5, mnist, measured):
    for index in (0, 499, 500, 2019, 9999, *measured.misclassified()[:10]):
        expected = read(lenet5, mnist.x_test[index, 0].numpy()).probabilities
        assert np.allclose(measured.probabilities[index], expected, atol=1e-5)
        assert measured.probabilities[index].sum() == pytest.approx(1, abs=1e-5)


def test_all_test_images_are_measured_also_where_batches_do_not_come_out_even(lenet5, mnist):
    few = replace(mnist, x_test=mnist.x_test[:1203], y_test=mnist.y_test[:1203])
    one = evaluate.evaluate(lenet5, few)
    seen = preprocessing.Preprocessing(mnist.mean, mnist.std, (32, 32))(few.x_test)
    assert one.logits.shape == (1203, 10)
    assert np.allclose(one.logits, lenet5.network(seen).numpy(), atol=1e-4)
    loss = F.cross_entropy(torch.from_numpy(one.logits), few.y_test)
    own = -np.log(one.probabilities[np.arange(1203), one.labels]).mean()
    assert loss.item() == pytest.approx(own, rel=1e-3)


def test_other_classes_than_those_of_the_data(lenet5, mnist):
    other = replace(mnist, classes=tuple("abcdefghij"))
    with refused("lenet5", 10, "0, 1, 2, 3", "mnist", "a, b, c, d"):
        evaluate.evaluate(lenet5, other)


def test_a_network_that_diverged(lenet5, mnist):
    network = checkpoints.load(checkpoints.shipped()["lenet5"]).network
    next(network.parameters()).fill_(float("nan"))
    few = replace(mnist, x_test=mnist.x_test[:20], y_test=mnist.y_test[:20])
    with refused("lenet5", "20 of 20"):
        evaluate.evaluate(Checkpoint(network, lenet5.card), few)


def test_the_command_line_prints_a_row_for_each_class(capsys):
    assert main(["evaluate", "lenet5", "--per-class"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "lenet5: 99.53 % on the test images of mnist; its card says 99.53 %"
    assert lines[1].startswith("top-5: ") and len(lines) == 3 + 10
    assert lines[3 + 7].split() == ["7", "1,028", "1,031", "1,023", "99.22", "%", "99.51", "%"]

"""What sets runs apart, in words; and the Train page's settings against TrainConfig."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from cnnviz import links, runs
from cnnviz.data import datasets
from cnnviz.lessons.train.settings import NETWORKS, Train, fits, networks_for, shown
from cnnviz.runs import comparison
from cnnviz.runs.comparison import describe, labels
from cnnviz.training import TrainConfig, experiments
from cnnviz.training.experiments import EXPERIMENTS
from tests.helpers import names, refused

USUAL = TrainConfig()
SMALL = TrainConfig(subset=600, epochs=2, batch_size=200, device="cpu")


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path


def test_labels_say_what_differs_and_nothing_else():
    fast = replace(USUAL, learning_rate=0.01)
    assert labels([USUAL]) == ["LeNet-5"]
    assert labels([USUAL, fast]) == ["learning rate 0.001", "learning rate 0.01"]
    assert labels([USUAL, replace(fast, network="cnn_max")]) == ["LeNet-5", "Max pooling, same padding"]
    other = replace(fast, network="cnn_max", label_smoothing=0.1)
    assert labels([USUAL, other, fast]) == ["run A", "run B", "run C"]
    assert labels([USUAL, USUAL, USUAL]) == ["LeNet-5", "LeNet-5 (2)", "LeNet-5 (3)"]
    assert labels([USUAL, fast, fast])[1:] == ["learning rate 0.01", "learning rate 0.01 (2)"]


def test_a_run_in_one_line():
    assert describe(USUAL) == "LeNet-5 on mnist, adam, learning rate 0.001, batches of 128"
    config = replace(USUAL, schedule="one_cycle", weight_decay=1e-4, augmentation="shift_rotate", device="cpu")
    assert describe(config).endswith(
        "batches of 128, schedule one cycle, weight decay 0.0001, augmentation shift rotate"
    )


@pytest.mark.slow
def test_the_result_and_the_row_of_a_run():
    run = runs.create(SMALL)
    assert comparison.result(run).accuracy is None and comparison.row(comparison.result(run))["State"].startswith(
        "wait"
    )
    events = list(runs.execute(run))
    found = comparison.result(run)
    measured = [event["test_accuracy"] for event in events if event["event"] == "epoch"]
    assert (found.state, found.epoch, found.accuracy, found.best) == ("done", 2, measured[-1], max(measured))
    row = comparison.row(found)
    assert row["Test accuracy, %"] == round(100 * measured[-1], 2) and row["Otherwise"] == "subset 600"


@pytest.mark.slow
def test_csv_has_every_figure_of_every_event():
    events = list(runs.execute(runs.create(SMALL)))
    read = list(csv.DictReader(io.StringIO(comparison.as_csv(events))))
    assert len(read) == len(events)
    for event, line in zip(events, read, strict=True):
        assert {key: text for key, text in line.items() if text} == {key: str(value) for key, value in event.items()}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_is_one_setting_of_the_page(name):
    config = EXPERIMENTS[name].config
    settings = Train(**shown(config))
    assert settings.config() == config and settings.validated([]) == (settings, [])
    assert links.decode(Train, links.encode(settings)) == (settings, [])
    assert experiments.matching(replace(config, device="cpu")).name == name
    assert experiments.matching(replace(config, seed=77)) is None


def test_the_page_begins_with_the_usual_run():
    assert Train().config() == USUAL and links.encode(Train()) == {}


@pytest.mark.parametrize(
    ("settings", "values"),
    [
        ({"learning_rate": "fast"}, ["learning rate", "“fast”"]),
        ({"learning_rate": "0"}, ["learning_rate", 0.0, 1e-07, 100]),
        ({"weight_decay": "1e9"}, ["weight decay", "1e9", "1,000,000"]),
        ({"network": "own text", "text": " "}, ["'own text'", "text"]),
    ],
)
def test_what_is_no_run_has_a_sentence(settings, values):
    with refused(*values):
        Train(**settings).config()


def test_a_decimal_comma_is_a_learning_rate():
    assert Train(learning_rate="0,02").config().learning_rate == 0.02


def test_network_and_data_set_fit_one_another():
    chosen, notes = Train(network="resnet20").validated(["network"])
    assert (chosen.network, chosen.dataset) == ("resnet20", "cifar10") and names(notes[0], "resnet20", "cifar10")
    chosen, notes = Train(dataset="cifar10").validated(["dataset"])
    assert chosen.network == "conv_cifar10" and names(notes[0], "lenet5", "cifar10", "conv_cifar10")
    chosen, _ = Train(network="resnet_cifar100").validated(["network"])
    assert chosen.dataset == "cifar100"
    assert Train(network="own text", dataset="cifar10").validated([])[1] == []
    assert Train(dataset="nowhere").validated([])[1] == []


def test_networks_for_a_data_set_of_ones_own(folders):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (20, 64, 64), dtype=np.uint8),
        "y_train": np.arange(20) % 4,
        "x_test": rng.integers(0, 256, (8, 64, 64), dtype=np.uint8),
        "y_test": np.arange(8) % 4,
    }
    np.savez(folders / "data" / "shapes.npz", **arrays)
    assert datasets.form("shapes") == datasets.Form((1, 64, 64), 4)
    assert networks_for("shapes") == ["cnn_64", "own text"] and fits("cnn_64", "shapes")
    (folders / "data" / "broken.npz").write_bytes(b"no zip")
    with refused("broken.npz"):
        datasets.form("broken")
    assert networks_for("broken") == list(NETWORKS)


def test_the_form_of_what_ships_and_of_what_is_to_come():
    assert datasets.form("mnist") == datasets.Form((1, 28, 28), 10)
    assert datasets.form("cifar100") == datasets.Form((3, 32, 32), 100)
    data = datasets.load("mnist")
    assert datasets.form("mnist") == datasets.Form(data.picture, len(data.classes))
    with refused("'nowhere'", "mnist"):
        datasets.form("nowhere")


def test_names_in_a_link():
    ids = ("lenet5-20260101-000000-00000000", "own_text-20260101-000000-00000001")
    written = links.encode(Train(beside=ids))
    assert links.decode(Train, written)[0].beside == ids
    _, notes = links.decode(Train, {"beside": "a.b.c.d.e", "momentum": "2", "learning_rate": "x" * 40})
    assert len(notes) == 3

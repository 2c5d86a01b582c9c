"""Weights by their names: the last, the best, the early ones; and a run that goes on from some."""

import hashlib
import json
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from cnnviz import runs
from cnnviz.cli import main
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT
from cnnviz.runs import weights
from cnnviz.training import TrainConfig, new_network
from cnnviz.training.batches import OnDevice, held_out
from tests.helpers import refused

FLAT = "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))"
CONFIG = TrainConfig(subset=600, epochs=2, batch_size=50, learning_rate=0.01, device="cpu")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, small_mnist):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path


def trained(config):
    run = runs.create(config)
    list(runs.execute(run))
    assert run.state() == "done", run.events()[-1]
    return run


def state(path):
    return safetensors.torch.load_file(path)


def alike(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


# --- the best of them


@pytest.mark.parametrize(
    ("best", "figure"),
    [("training", "train_accuracy"), ("validation", "validation_accuracy"), ("test", "test_accuracy")],
)
@pytest.mark.slow
def test_the_best_weights_are_those_of_the_best_measurement(best, figure):
    """At a rate that is too large, so that the last are not the best."""
    run = runs.create(
        replace(CONFIG, best=best, validation=0.2, evaluate_every=2, learning_rate=0.03, optimizer="adam")
    )
    kept = []
    for event in runs.execute(run):
        if event["event"] == "epoch":
            kept.append((event[figure], event["epoch"], state(run.weights)))
    top = max(share for share, _, _ in kept)
    _, epoch, expected = next(one for one in kept if one[0] == top)  # of equals the first
    assert alike(state(run.best), expected)
    card = checkpoints.read_card(run.best)
    assert card.epochs == epoch and card.accuracy is not None
    assert weights.of_run(run) == [run.id, f"{run.id}--best"]
    assert weights.path(f"{run.id}--best") == run.best and "best" in weights.title(f"{run.id}--best")


def test_none_are_kept_where_nobody_asks():
    run = trained(replace(CONFIG, epochs=1))
    assert not run.best.exists() and weights.of_run(run) == [run.id]
    with refused(run.id, "best"):
        weights.path(f"{run.id}--best")


def test_a_share_is_held_out_of_training():
    data = datasets.load("mnist")
    held = held_out(600, replace(CONFIG, validation=0.25))
    assert held.sum() == 150 and not torch.equal(held, held_out(600, replace(CONFIG, validation=0.25, seed=1)))
    cut = OnDevice(data, replace(CONFIG, validation=0.25), torch.device("cpu"))
    assert torch.equal(cut.x_train, data.x_train[:600][~held]) and torch.equal(
        cut.x_validation, data.x_train[:600][held]
    )
    assert torch.equal(cut.y_validation, data.y_train[:600][held]) and len(cut.y_train) == 450
    assert held_out(1, replace(CONFIG, validation=0.5)).sum() == 0  # something is left to learn from


def test_validation_images_are_measured_with_the_test_images():
    run = trained(replace(CONFIG, validation=0.25))
    *_, last = (event for event in run.events() if event["event"] == "epoch")
    data, loaded = datasets.load("mnist"), checkpoints.load(run.weights)
    held = held_out(600, run.config())
    with torch.inference_mode():
        right = (
            loaded.network(loaded.card.preprocessing(data.x_train[:600][held])).argmax(1) == data.y_train[:600][held]
        )
    assert last["validation_accuracy"] == pytest.approx(float(right.float().mean()), abs=1e-6)
    assert all("validation_accuracy" not in event for event in trained(CONFIG).events())


def test_the_best_by_validation_need_images_for_it():
    with refused("validation", 0.1):
        TrainConfig(best="validation")


# --- going on


@pytest.mark.slow
def test_a_run_goes_on_from_the_weights_of_another():
    first = trained(CONFIG)
    run = runs.create(replace(CONFIG, start=first.id, epochs=1, seed=5))
    assert run.start.read_bytes() == first.weights.read_bytes()
    assert run.config().start_sha256 == hashlib.sha256(first.weights.read_bytes()).hexdigest()
    step, *_ = runs.execute(run)
    last = [event for event in first.events() if event["event"] == "step"][-1]
    fresh = next(event for event in trained(replace(CONFIG, epochs=1, seed=5)).events())
    assert step["loss"] < (last["loss"] + fresh["loss"]) / 2
    assert alike(state(run.early(0)), state(first.weights))


def test_it_repeats_when_the_first_one_is_gone():
    first = trained(replace(CONFIG, best="training"))
    run = trained(replace(CONFIG, start=f"{first.id}--best", epochs=1))
    for path in first.folder.iterdir():
        path.unlink()
    first.folder.rmdir()
    again = runs.create(run.config(), start=run.start)
    list(runs.execute(again))
    assert alike(state(again.weights), state(run.weights))
    with refused(first.id):
        runs.create(run.config())


def test_a_checkpoint_that_ships_is_gone_on_from(capsys):
    assert main(["train", "--start", "lenet5", "--subset", "100", "--epochs", "1", "--device", "cpu"]) == 0
    (run,) = runs.all()
    config = run.config()
    assert config.start == "lenet5" and len(config.start_sha256) == 64
    measured = next(event for event in run.events() if event["event"] == "epoch")
    assert measured["test_accuracy"] > 0.9
    assert "--start lenet5" in config.command() and config.start_sha256 in config.command()


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"start": "mnist_cnn"}, ["mnist_cnn", "lenet5"]),
        ({"start": "conv_cifar10"}, ["conv_cifar10", "lenet5"]),
        ({"start": "nothing"}, ["'nothing'"]),
        ({"start": "../../etc/passwd"}, ["'../../etc/passwd'"]),
        ({"start": "lenet5", "start_sha256": "0" * 64}, ["lenet5", "SHA-256", "0" * 12]),
        (
            {"network": OWN_TEXT, "text": "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", "start": "lenet5"},
            [OWN_TEXT],
        ),
    ],
)
def test_other_weights_are_refused_and_nothing_is_left(changes, values, folder):
    with refused(*values):
        runs.create(replace(CONFIG, **changes))
    assert not list((folder / "runs").glob("*"))


def test_a_text_may_be_typed_in_another_way():
    config = replace(CONFIG, network=OWN_TEXT, text=FLAT, epochs=1)
    first = trained(config)
    trained(replace(config, text=FLAT.replace("(784, 10)", "( 784,10 )"), start=first.id))
    with refused("another text"):
        runs.create(replace(config, text=FLAT.replace("784, 10", "784, 11"), start=first.id))


def test_a_copy_that_was_changed_ends_the_run():
    run = runs.create(replace(CONFIG, start="lenet5"))
    loaded = checkpoints.load(run.start)
    checkpoints.save(run.start, new_network(CONFIG), loaded.card)
    *_, last = runs.execute(run)
    assert last["event"] == "failed" and "SHA-256" in last["reason"]


def test_configs_of_before_say_nothing_of_it():
    values = json.loads(CONFIG.to_json())
    for name in ("start", "start_sha256", "best", "validation"):
        del values[name]
    assert TrainConfig.from_json(json.dumps(values)) == CONFIG

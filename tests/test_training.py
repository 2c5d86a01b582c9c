import pytest
import torch

from cnnviz import training
from cnnviz.training import TrainConfig, new_network, pick_device, train

SHORT = {"subset": 2000, "epochs": 1, "device": "cpu"}


def figures(events):
    timed = ("seconds", "images_per_second")
    return [{key: value for key, value in event.items() if key not in timed} for event in events]


def test_it_learns():
    *steps, epoch, done = train(TrainConfig(**SHORT, learning_rate=0.003))
    assert [event["event"] for event in steps] == ["step"] * len(steps)
    assert steps[0]["step"] == 1 and steps[-1]["step"] == epoch["step"] == done["step"] == 16
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert epoch["event"] == "epoch" and epoch["epoch"] == 1.0
    assert done["event"] == "done" and done["test_accuracy"] == epoch["test_accuracy"] > 0.6


@pytest.mark.parametrize("optimizer", training.OPTIMIZERS)
def test_same_seed_same_numbers(optimizer):
    config = TrainConfig(**SHORT, optimizer=optimizer, learning_rate=0.01, seed=7)
    assert figures(train(config)) == figures(train(config))


def test_another_seed_other_numbers():
    first, second = (next(iter(train(TrainConfig(**SHORT, seed=seed))))["loss"] for seed in (0, 1))
    assert first != second


def test_steps_limit_the_run():
    *_, epoch, done = train(TrainConfig(**SHORT, steps=3))
    assert done["step"] == epoch["step"] == 3 and epoch["epoch"] == pytest.approx(3 / 16)


def test_train_accuracy_is_of_every_image_once():
    events = list(train(TrainConfig(**{**SHORT, "subset": 1000}, batch_size=300)))
    steps, epoch = [event for event in events if event["event"] == "step"], events[-2]
    assert [event["step"] for event in steps] == [1, 3, 4]
    weights = (300, 600, 100)
    mean = sum(w * event["accuracy"] for w, event in zip(weights, steps, strict=True)) / 1000
    assert epoch["train_accuracy"] == pytest.approx(mean)


def test_the_network_given_is_trained():
    config = TrainConfig(**SHORT, steps=2)
    network = new_network(config)
    before = network.conv1.weight.clone()
    list(train(config, network))
    assert not torch.equal(network.conv1.weight, before)
    assert torch.equal(new_network(config).conv1.weight, before)


def test_a_loss_that_explodes_ends_the_run_with_a_sentence():
    *_, last = train(TrainConfig(**SHORT, optimizer="sgd", learning_rate=100, weight_decay=10))
    assert last["event"] == "failed" and "try 10" in last["reason"]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"epochs": 0}, "epochs = 0 is not between 1 and 1000"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"),
        ({"batch_size": 2.5}, "batch_size = 2.5 is not of type int"),
        ({"optimizer": "adagrad"}, "'adagrad' is not one of sgd, momentum, nesterov, adam, adamw"),
        ({"network": "../../etc"}, "no network '../../etc'"),
        ({"seed": True}, "seed = True"),
    ],
)
def test_settings_that_cannot_be(setting, sentence):
    with pytest.raises(ValueError, match=sentence):
        TrainConfig(**setting)


def test_what_is_not_there():
    with pytest.raises(ValueError, match="no data set 'fashion'"):
        train(TrainConfig(dataset="fashion"))
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="'cuda' is not on this machine"):
            train(TrainConfig(device="cuda"))
    assert pick_device("cpu").type == "cpu"


def test_the_command_repeats_the_config():
    config = TrainConfig(learning_rate=0.02, optimizer="sgd", seed=3)
    assert config.command() == (
        "python -m cnnviz train --network lenet5 --dataset mnist --epochs 3 "
        "--optimizer sgd --learning-rate 0.02 --seed 3"
    )

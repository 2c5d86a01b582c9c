import json
import math
import re

import pytest
import safetensors.torch
import torch

from cnnviz import networks, runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Card, card_for, load, read_card, save, shipped
from cnnviz.inference.evaluate import accuracy
from cnnviz.networks import zoo
from tests.helpers import refused


@pytest.fixture(scope="module")
def mnist():
    return datasets.load("mnist")


@pytest.fixture
def saved(tmp_path, mnist):
    network = zoo.build("lenet5").to(memory_format=torch.channels_last)
    card = card_for("lenet5", mnist, accuracy=0.5, epochs=1.0, seed=0, command="none")
    save(tmp_path / "model.safetensors", network, card)
    return tmp_path / "model.safetensors", network, card


def test_what_is_saved_comes_back(saved):
    path, network, card = saved
    checkpoint = load(path)
    assert checkpoint.card == read_card(path) == card and not checkpoint.network.training
    x = torch.randn(4, 1, 32, 32)
    assert torch.allclose(checkpoint.network(x), network(x), atol=1e-6)
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("is_tied", [False, True])
def test_layers_that_share_their_numbers_are_saved_under_both_names(tmp_path, is_tied):
    network = torch.nn.Sequential(*(torch.nn.Conv2d(3, 3, 3, padding=1) for _ in range(2)))
    if is_tied:
        network[1].weight = network[0].weight
    else:
        network[1] = network[0]
    save(tmp_path / "m.safetensors", network, Card("x", "mnist", (3, 8, 8), (0.0,), (1.0,), ("a",), None, 0, 0, "", ""))
    found = safetensors.torch.load_file(tmp_path / "m.safetensors")
    assert found.keys() == network.state_dict().keys()
    assert all(torch.equal(found[name], one) for name, one in network.state_dict().items())


def rewrite(path, weights=None, **card):
    values = json.loads(safetensors.safe_open(path, "pt").metadata()["card"])
    kept = {key: value for key, value in {**values, **card}.items() if value is not ...}
    safetensors.torch.save_file(weights or safetensors.torch.load_file(path), path, {"card": json.dumps(kept)})


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ({"network": "mnist_cnn"}, ["mnist_cnn", (1, 32, 32)]),
        ({"network": "conv_mnist", "input_shape": [1, 28, 28]}, ["conv1.weight", (6, 1, 3, 3), (6, 1, 5, 5)]),
        ({"network": "gpt"}, ["'gpt'", "lenet5"]),
        ({"network": ["lenet5"]}, ["card"]),
        ({"std": [0]}, ["std", "channel"]),
        ({"std": ["a"]}, ["card"]),
        ({"mean": 3}, ["card"]),
        ({"mean": [0.1, 0.2]}, ["mean", (0.1, 0.2), "channel"]),
        ({"seed": ...}, ["seed"]),
        ({"surprise": 1}, ["surprise"]),
        ({"classes": list("abcdefghijk")}, [11, "lenet5"]),
    ],
)
def test_a_card_that_does_not_match(saved, change, values):
    rewrite(saved[0], **change)
    with refused("model.safetensors", *values):
        load(saved[0])


def test_weights_that_do_not_match(saved):
    weights = safetensors.torch.load_file(saved[0])
    rewrite(saved[0], {**weights, "fc3.bias": torch.zeros(11)})
    with refused("fc3.bias", (10,), (11,)):
        load(saved[0])
    rewrite(saved[0], {**weights, "fc3.bias": torch.zeros(10, dtype=torch.int64)})
    with refused("model.safetensors", "number type", "lenet5"):
        load(saved[0])
    del weights["fc3.bias"]
    rewrite(saved[0], weights)
    with refused("fc3.bias", "missing"):
        load(saved[0])


OWN_TEXTS = (
    "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))",
    """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(784, 10)

    def forward(self, x):
        return self.out(x.flatten(1))
""",
)


@pytest.mark.parametrize("text", OWN_TEXTS, ids=["sequential", "class"])
def test_an_older_run_of_more_parameters_than_may_predict_is_not_opened(tmp_path, monkeypatch, mnist, text):
    card = card_for(networks.OWN_TEXT, mnist, accuracy=None, epochs=0, seed=0, command="", text=text)
    save(tmp_path / "m.safetensors", networks.build(networks.OWN_TEXT, text), card)
    monkeypatch.setenv("CNNVIZ_MAX_PARAMETERS", "7850")
    assert load(tmp_path / "m.safetensors").card == card
    monkeypatch.setenv("CNNVIZ_MAX_PARAMETERS", "7849")
    with refused("7,850", "7,849"):
        load(tmp_path / "m.safetensors")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("at", [(0, 0), (2, 1), (4, 2)])
def test_numbers_that_are_none_are_found_wherever_they_stand(number, at):
    weights = torch.rand(5, 3) - 0.5
    checkpoints.check_finite("m", "w", weights)
    checkpoints.check_finite("m", "w", torch.empty(0))
    weights[at] = number
    with refused(str(number), str([*at]), "1"):
        checkpoints.check_finite("m", "w", weights)


def test_foreign_files(saved, tmp_path):
    whole = saved[0].read_bytes()
    for content in (b"", b"\x80\x04K\x01.", whole[:1000], whole[:-1]):
        (tmp_path / "foreign.safetensors").write_bytes(content)
        with refused("foreign.safetensors"):
            load(tmp_path / "foreign.safetensors")
    safetensors.torch.save_file({"a": torch.zeros(1)}, tmp_path / "bare.safetensors")
    with refused("bare.safetensors", "card"):
        load(tmp_path / "bare.safetensors")
    with refused("absent.safetensors"):
        load(tmp_path / "absent.safetensors")


MIN_ACCURACY = {"mnist": 0.985, "cifar10": 0.7}  # accuracy on the test images


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_shipped_checkpoints_do_what_their_cards_say(name):
    checkpoint = load(shipped()[name])
    card = checkpoint.card
    assert card.network == name and card.accuracy > MIN_ACCURACY[card.dataset]
    readme = (checkpoints.SHIPPED / "README.md").read_text()
    measured = re.search(rf"\| {name} \| {card.dataset} \| ([\d.]+)% \|", readme)
    assert measured and float(measured[1]) / 100 == pytest.approx(card.accuracy, abs=0.0005)
    assert f"`{card.command}`" in readme
    pictures = torch.randn(3, *card.input_shape)
    assert checkpoint.network(pictures).shape == (3, len(card.classes))
    if card.dataset in datasets.names():  # CIFAR-10 is where it has been downloaded
        assert accuracy(checkpoint, datasets.load(card.dataset)) == pytest.approx(card.accuracy, abs=0.0005)


def test_what_ships_is_small():
    assert {load(path).card.dataset for path in shipped().values()} == {"mnist", "cifar10"}
    assert sum(path.stat().st_size for path in checkpoints.SHIPPED.rglob("*") if path.is_file()) < 6e6


def test_the_example_is_the_run_of_the_lenet5_that_ships():
    card, run = load(shipped()["lenet5"]).card, runs.EXAMPLE
    assert run.config().command() == card.command and run.state() == "done"
    assert run.events()[-1]["test_accuracy"] == card.accuracy and run.snapshot.step == run.events()[-1]["step"]

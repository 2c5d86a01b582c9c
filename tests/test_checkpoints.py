import json

import pytest
import safetensors.torch
import torch

from cnnviz import checkpoints, datasets, zoo
from cnnviz.checkpoints import card_for, load, read_card, save, shipped
from cnnviz.evaluation import accuracy


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


def rewrite(path, weights=None, **card):
    values = json.loads(safetensors.safe_open(path, "pt").metadata()["card"])
    kept = {key: value for key, value in {**values, **card}.items() if value is not ...}
    safetensors.torch.save_file(weights or safetensors.torch.load_file(path), path, {"card": json.dumps(kept)})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"network": "mnist_cnn"}, "mnist_cnn takes"),
        ({"network": "conv_mnist", "input_shape": [1, 28, 28]}, "conv1.weight should be"),
        ({"network": "gpt"}, "no network 'gpt'"),
        ({"network": ["lenet5"]}, "card"),
        ({"std": [0]}, "not one for each channel"),
        ({"std": ["a"]}, "card"),
        ({"mean": 3}, "card"),
        ({"mean": [0.1, 0.2]}, "not one for each channel"),
        ({"seed": ...}, "seed"),
        ({"surprise": 1}, "surprise"),
        ({"classes": list("abcdefghijk")}, "11 classes"),
    ],
)
def test_a_card_that_does_not_match(saved, change, sentence):
    rewrite(saved[0], **change)
    with pytest.raises(ValueError, match=sentence):
        load(saved[0])


def test_weights_that_do_not_match(saved):
    weights = safetensors.torch.load_file(saved[0])
    rewrite(saved[0], {**weights, "fc3.bias": torch.zeros(11)})
    with pytest.raises(ValueError, match=r"fc3.bias should be \(10,\) and is \(11,\)"):
        load(saved[0])
    rewrite(saved[0], {**weights, "fc3.bias": torch.zeros(10, dtype=torch.int64)})
    with pytest.raises(ValueError, match="number type"):
        load(saved[0])
    del weights["fc3.bias"]
    rewrite(saved[0], weights)
    with pytest.raises(ValueError, match=r"fc3\.bias.*missing"):
        load(saved[0])


def test_foreign_files(saved, tmp_path):
    whole = saved[0].read_bytes()
    for content in (b"", b"\x80\x04K\x01.", whole[:1000], whole[:-1]):
        (tmp_path / "foreign.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match="not a readable"):
            load(tmp_path / "foreign.safetensors")
    safetensors.torch.save_file({"a": torch.zeros(1)}, tmp_path / "bare.safetensors")
    with pytest.raises(ValueError, match="no card"):
        load(tmp_path / "bare.safetensors")
    with pytest.raises(ValueError, match="not a readable"):
        load(tmp_path / "absent.safetensors")


@pytest.mark.parametrize("name", shipped())
def test_shipped_checkpoints_do_what_their_cards_say(name, mnist):
    checkpoint = load(shipped()[name])
    assert accuracy(checkpoint, mnist) == pytest.approx(checkpoint.card.accuracy, abs=0.0005)
    assert checkpoint.card.accuracy > 0.985
    readme = (checkpoints.SHIPPED / "README.md").read_text()
    assert f"| {name} | mnist | {checkpoint.card.accuracy:.2%} |" in readme

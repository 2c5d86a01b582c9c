"""The zoo: published figures, shapes that the sources print, and claims of theirs that are wrong."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cnnviz import networks
from cnnviz.networks import zoo
from tests.helpers import refused

PARAMETERS = {  # as published, or as torchvision has them
    "simple_cnn": 86_910,
    "cnn_64": 2_148,
    "mnist_cnn": 46_730,
    "cifar100_cnn": 1_194_084,
    "resnet_cifar100": 1_106_948,
    "resnet_cifar100_wide": 1_107_716,
    "lenet5": 61_706,
    "lenet5_padded": 61_706,
    "alexnet_2012": 62_378_344,
    "vgg16": 138_357_544,
    "googlenet": 6_624_904,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet152": 60_192_808,
    "resnet20": 272_474,
    "residual_8": 25_288,
    "residual_8_batch_norm": 25_608,
    "conv_mnist": 60_074,
    "conv_cifar10": 81_302,
    "cnn_max": 28_938,
    "cnn_avg": 28_938,
    "cnn_valid": 18_378,
}
LARGE = {"alexnet_2012", "vgg16", "googlenet", "resnet18", "resnet50", "resnet152"}


def test_every_network_is_named_here() -> None:
    assert set(zoo.names()) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_published_parameters(name: str) -> None:
    network, entry = zoo.weightless(name), zoo.entry(name)
    assert all(parameter.is_meta for parameter in network.parameters())
    assert sum(p.numel() for p in network.parameters()) == entry.parameters == PARAMETERS[name]


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - LARGE))
def test_a_small_network_runs_on_its_input(name: str) -> None:
    entry = zoo.entry(name)
    assert entry.source and entry.title and entry.teaches.endswith(".")
    if entry.runs:
        assert zoo.build(name).eval()(torch.zeros(2, *entry.input_shape)).shape == (2, entry.classes)


@pytest.mark.slow
@pytest.mark.long(sample=1)
@pytest.mark.parametrize("name", sorted(LARGE))
def test_a_large_network_runs_on_its_input(name: str) -> None:
    entry = zoo.entry(name)
    with torch.no_grad():
        result = zoo.build(name).eval()(torch.zeros(2, *entry.input_shape))
    assert result.shape == (2, entry.classes) == (2, 1000) and result.isfinite().all() and entry.year


def test_no_accuracy_is_claimed_for_what_its_source_never_trained() -> None:
    assert not zoo.entry("residual_8_batch_norm").accuracy and not zoo.entry("resnet_cifar100_wide").accuracy
    assert "never trained" in zoo.entry("cnn_valid").accuracy


def test_the_padded_lenet_breaks_where_its_source_does() -> None:
    with pytest.raises(RuntimeError, match="2x1024 and 400x120"):
        zoo.build("lenet5_padded")(torch.zeros(2, 1, 32, 32))
    assert [name for name in zoo.names() if not zoo.entry(name).runs] == ["lenet5_padded"]


def printed(name: str, layers: list[str], size: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The shapes behind some layers, as the sources print them."""
    network, seen = zoo.build(name).eval(), {}
    for layer in layers:
        module: nn.Module = network.get_submodule(layer)
        module.register_forward_hook(lambda _m, _i, out, layer=layer: seen.update({layer: tuple(out.shape)}))
    network(torch.zeros(size))
    return [seen[layer] for layer in layers]


def test_the_shapes_that_the_sources_print() -> None:
    simple = printed("simple_cnn", ["relu1", "relu2", "flatten", "relu3", "relu4"], (1, 1, 28, 28))
    assert simple == [(1, 3, 26, 26), (1, 5, 24, 24), (1, 2880), (1, 30), (1, 10)]
    layers = ["relu1", "max_pool1", "relu2", "max_pool2", "flatten", "relu3", "relu4"]
    assert printed("cnn_64", layers, (1, 1, 64, 64)) == [
        (1, 3, 30, 30), (1, 3, 15, 15), (1, 5, 6, 6), (1, 5, 3, 3), (1, 45), (1, 30), (1, 10),
    ]  # fmt: skip
    stepwise = printed("conv_mnist", ["conv1", "pool1", "conv2", "pool2", "flatten"], (1, 1, 28, 28))
    assert stepwise == [(1, 6, 26, 26), (1, 6, 13, 13), (1, 16, 11, 11), (1, 16, 5, 5), (1, 400)]
    assert printed("conv_cifar10", ["pool1", "pool2"], (1, 3, 32, 32)) == [(1, 6, 15, 15), (1, 16, 6, 6)]
    assert printed("resnet_cifar100_wide", ["conv1"], (1, 3, 32, 32)) == [(1, 16, 30, 30)]


def test_what_can_be_trained_on_which_pictures() -> None:
    digits = zoo.trainable(1, 28, 28)
    assert digits[0] == "lenet5" and "lenet5_padded" not in digits and "cnn_64" not in digits
    assert set(zoo.trainable(3, 32, 32)) >= {"conv_cifar10", "resnet_cifar100", "residual_8_batch_norm"}
    assert not LARGE & set(zoo.trainable(3, 32, 32))


def test_what_can_tell_so_many_classes_apart() -> None:
    outputs = [zoo.entry(name).classes for name in zoo.trainable(3, 32, 32, classes=10)]
    assert outputs[0] == 10 and outputs == sorted(outputs) and outputs[-1] == 100
    assert all(zoo.entry(name).classes == 100 for name in zoo.trainable(3, 32, 32, classes=100))
    assert zoo.trainable(3, 32, 32, classes=101) == []


def test_titles() -> None:
    assert networks.titles() == {**zoo.titles(), "own text": "Your own text"}
    assert list(zoo.titles()) == zoo.names() and zoo.titles()["lenet5"] == zoo.entry("lenet5").title


def test_unknown_name() -> None:
    with refused("'lenet6'", "lenet5"):
        zoo.build("lenet6")

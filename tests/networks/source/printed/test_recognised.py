"""Printed networks of torchvision are made by its own calls: exactly, whatever head or first layer they have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models import densenet, resnet

from cnnviz.networks import own
from cnnviz.networks.source import ready_made
from cnnviz.networks.source.printed.reading import tree_of
from cnnviz.networks.source.printed.recognised import recognised
from cnnviz.networks.source.printed.torchvision import FUNCTIONS, made
from tests.networks.source.printed.test_guessing import weightless

NAMES = sorted(ready_made.NAMES)


def test_what_prints_just_so_is_compared_with_nothing_else():
    made.cache_clear()
    found = recognised(tree_of(repr(weightless("mobilenet_v2"))))
    assert found is not None and not found.changes
    assert made.cache_info().misses == 1  # of the six widths that a MobileNetV2 may have


def offered(network: nn.Module) -> own.Offer:
    with pytest.raises(own.Offer) as refused:
        own.read(repr(network))
    return refused.value


def parameters(network: nn.Module) -> int:
    return sum(one.numel() for one in network.parameters())


def with_head(network: nn.Module, path: str, layer: nn.Module) -> nn.Module:
    network.set_submodule(path, layer)
    return network


def same_numbers(network: nn.Module, text: str, *shape: int) -> bool:
    """Whether the network of a text, with the weights of another, gives the same."""
    again = own.read(text).build().eval()
    for theirs, ours in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        ours.copy_(theirs)
    x = torch.rand(2, *shape)
    return torch.equal(network.eval()(x), again(x))


@pytest.mark.long(sample=5)
@pytest.mark.parametrize("name", NAMES)
def test_every_network_of_torchvision_is_known_by_its_class_and_its_layers(name: str) -> None:
    network = weightless(name)
    count = sum(1 for _ in network.modules())
    assert name in FUNCTIONS[type(network).__name__][count].split()
    found = offered(network)
    assert repr(own.read(found.offered).weightless()) == repr(network)
    assert f"torchvision.models.{name}()" in str(found)


def test_no_other_function_is_named() -> None:
    named = {name for functions in FUNCTIONS.values() for names in functions.values() for name in names.split()}
    assert named == set(NAMES) and set(FUNCTIONS) == set(ready_made.CLASSES)


CHANGED: dict[str, tuple[Callable[[], nn.Module], list[str]]] = {
    "classes": (lambda: with_head(models.resnet18(), "fc", nn.Linear(512, 4)), ["net.fc = nn.Linear(512, 4)"]),
    "grey pictures": (
        lambda: with_head(models.shufflenet_v2_x0_5(), "conv1.0", nn.Conv2d(1, 24, 3, 2, 1, bias=False)),
        ["net.conv1[0] = nn.Conv2d(1, 24, 3, stride=2, padding=1, bias=False)"],
    ),
    "a head of several layers": (
        lambda: with_head(models.mobilenet_v2(), "classifier", nn.Sequential(nn.Dropout(0.4), nn.Linear(1280, 3))),
        ["torchvision.models.mobilenet_v2()", "net.classifier[0] = nn.Dropout(p=0.4)", "nn.Linear(1280, 3)"],
    ),
    "narrower": (lambda: models.mobilenet_v2(width_mult=0.35, num_classes=5), ["mobilenet_v2(width_mult=0.35)"]),
    "without its side heads": (lambda: models.googlenet(aux_logits=False, init_weights=False), ["aux_logits=False"]),
    "other depths": (
        lambda: resnet.ResNet(resnet.BasicBlock, [1, 2, 1, 1], num_classes=6),
        ["resnet.ResNet(resnet.BasicBlock, (1, 2, 1, 1))", "net.fc = nn.Linear(512, 6)"],
    ),
    "other groups": (
        lambda: resnet.ResNet(resnet.Bottleneck, [1, 1, 1, 2], groups=4, width_per_group=8),
        ["resnet.Bottleneck, (1, 1, 1, 2), groups=4, width_per_group=8"],
    ),
    "other growth": (
        lambda: densenet.DenseNet(8, (2, 3), 12, 3, num_classes=7),
        ["densenet.DenseNet(8, (2, 3), 12, 3)", "net.classifier = nn.Linear(38, 7)"],
    ),
    "patches of another size": (
        lambda: with_head(models.vit_b_32(), "heads", nn.Linear(768, 4)),
        ["torchvision.models.vit_b_32()", "net.heads = nn.Linear(768, 4)"],
    ),
    "an activation deep inside": (
        lambda: with_head(models.squeezenet1_1(), "features.3.squeeze_activation", nn.ELU()),
        ["net.features[3].squeeze_activation = nn.ELU()"],
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_layers_that_are_others_stand_below_the_call(case: str) -> None:
    make, lines = CHANGED[case]
    with torch.device("meta"):
        network = make()
    found = offered(network)
    again = own.read(found.offered).weightless()
    assert all(line in found.offered for line in lines)
    assert repr(again) == repr(network) and parameters(again) == parameters(network)
    with torch.device("meta"):
        x = torch.zeros(2, *found.input_shape)
        assert again.eval()(x).shape == network.eval()(x).shape


def test_what_is_found_computes_the_same() -> None:
    network = with_head(models.resnet18(), "fc", nn.Linear(512, 3))
    assert same_numbers(network, offered(network).offered, 3, 32, 32)


def test_what_an_older_torchvision_has_printed() -> None:
    network = weightless("mobilenet_v2")
    text = repr(network).replace("Conv2dNormActivation", "ConvBNReLU").replace("(p=0.2, inplace=False)", "(p=0.2)")
    with pytest.raises(own.Offer) as refused:
        own.read(text)
    assert repr(own.read(refused.value.offered).weightless()) == repr(network)


def test_one_whose_first_line_is_missing_is_told_by_its_blocks() -> None:
    network = with_head(weightless("resnet18"), "fc", nn.Linear(512, 4))
    with pytest.raises(own.Offer, match=r"The first line is missing.*torchvision\.models\.resnet18\(\)") as refused:
        own.read(repr(network).partition("\n")[2])
    assert repr(own.read(refused.value.offered).weightless()) == repr(network)


def renamed(name: str, *layers: tuple[str, nn.Module]) -> nn.Module:
    """A network of a class of that name with those layers."""
    network = type(name, (nn.Module,), {})()
    for key, layer in layers:
        network.add_module(key, layer)
    return network


@pytest.mark.parametrize(
    "network",
    [
        renamed("ResNet", ("conv1", nn.Conv2d(3, 8, 3)), ("fc", nn.Linear(8, 2))),
        renamed("VGG", ("features", nn.Sequential(nn.Conv2d(3, 8, 3))), ("classifier", nn.Linear(8, 2))),
        renamed("DenseNet", ("features", nn.Sequential()), ("classifier", nn.Linear(8, 2))),
        renamed("MaxVit"),
        renamed("Net", ("body", nn.Linear(2, 2))),
    ],
)
def test_a_class_of_the_same_name_with_other_layers_is_none_of_torchvision_s(network: nn.Module) -> None:
    tree = tree_of(repr(network))
    assert tree is None or recognised(tree) is None


PARTS: dict[str, tuple[Callable[[], nn.Module], list[str]]] = {
    "a class around one": (
        lambda: renamed("Net", ("model", with_head(models.resnet18(), "fc", nn.Linear(512, 2)))),
        ["model = torchvision.models.resnet18()", "model.fc = nn.Linear(512, 2)"],
    ),
    "a loss beside one": (
        lambda: renamed("Lit", ("net", models.squeezenet1_1(num_classes=3)), ("criterion", nn.CrossEntropyLoss())),
        ["net = torchvision.models.squeezenet1_1()", "net.classifier[1] = nn.Conv2d(512, 3, 1)"],
    ),
    "a head behind one": (
        lambda: renamed(
            "Net", ("base", with_head(models.resnet34(), "fc", nn.Identity())), ("head", nn.Linear(512, 6))
        ),
        ["base.fc = nn.Identity()", "('base', base), ('head', nn.Linear(512, 6))"],
    ),
    "its features": (
        lambda: renamed("Net", ("features", models.mobilenet_v2().features), ("fc", nn.Linear(1280, 2))),
        ["features_whole.features", "nn.AdaptiveAvgPool2d(1)", "nn.Flatten()"],
    ),
    "its first children in a class": (
        lambda: renamed(
            "Net", ("body", nn.Sequential(*list(models.resnet50().children())[:-1])), ("out", nn.Linear(2048, 9))
        ),
        ["*list(body_whole.children())[:9]", "('flatten', nn.Flatten()), ('out', nn.Linear(2048, 9))"],
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_class_around_a_network_of_torchvision_is_guessed(case: str) -> None:
    make, lines = PARTS[case]
    with torch.device("meta"):
        network = make()
    found = offered(network)
    assert all(line in found.offered for line in lines) and "guess" in str(found) and "not printed" in str(found)
    again = own.read(found.offered).weightless()
    assert parameters(again) == parameters(network)
    with torch.device("meta"):
        assert len(again.eval()(torch.zeros(2, *found.input_shape)).shape) == 2


def test_a_sequential_of_its_children_computes_the_same() -> None:
    network = nn.Sequential(*list(models.resnet18().children())[:-1], nn.Flatten(), nn.Linear(512, 3))
    found = offered(network)
    assert "guess" not in str(found) and "*list(whole.children())[:9], nn.Flatten()" in found.offered
    assert same_numbers(network, found.offered, 3, 32, 32)


def test_layers_that_stand_beside_one_another_are_guessed_no_chain_of() -> None:
    block = renamed("Block", ("conv", nn.Conv2d(4, 4, 3, padding=1)), ("shortcut", nn.Sequential()))
    named = renamed("ResidualUnit", ("conv", nn.Conv2d(4, 4, 3, padding=1)))
    for one in (block, named):
        network = renamed("Net", ("first", nn.Conv2d(3, 4, 3)), ("unit", one))
        found = offered(network)
        assert not found.offered and f"{type(one).__name__} has layers that stand beside the others" in str(found)
    assert offered(renamed("Net", ("first", nn.Conv2d(3, 4, 3)))).offered

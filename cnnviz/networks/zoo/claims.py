"""Figures of our sources that differ from the truth: both computed from the layers, and why they differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import nn

from cnnviz.networks.zoo.registry import weightless
from cnnviz.ops.arithmetic import convolution_parameters

LAB8, NOTEBOOK = "J. Yanhong's LAB8 tutorial", "the notebook 'Convolutional Neural Networks (CNNs)'"


@dataclass(frozen=True)
class Claim:
    """What a source says, what is true, and why it says so."""

    about: str
    source: str
    said: str
    true: str
    why: str


@dataclass(frozen=True)
class Stacked:
    """A stack of 3x3 kernels against one large kernel that sees as much, in weights for one pair of channels."""

    kernel: int
    layers: int

    @property
    def stacked(self) -> int:
        """Weights of the stack."""
        return 9 * self.layers

    @property
    def single(self) -> int:
        """Weights of the one kernel."""
        return self.kernel**2

    @property
    def saved(self) -> float:
        """The share of the weights that the stack saves."""
        return 1 - self.stacked / self.single


STACKED = tuple(Stacked(kernel, (kernel - 1) // 2) for kernel in (5, 7, 11))


def parameters(network: nn.Module) -> int:
    """All that is learnt."""
    return sum(parameter.numel() for parameter in network.parameters())


def with_biases(layers: Iterable[nn.Module]) -> int:
    """The parameters of convolutions and linear layers, as if each had a bias."""
    total = 0
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            height, width = layer.kernel_size
            total += convolution_parameters(layer.in_channels, layer.out_channels, height, width, layer.groups)
        elif isinstance(layer, nn.Linear):
            total += (layer.in_features + 1) * layer.out_features
    return total


def vgg16() -> Claim:
    """Parameters on a pooling layer."""
    true, channels, window = parameters(weightless("vgg16")), 128, 2
    booked = convolution_parameters(channels, channels, window, window)
    return Claim(
        "VGG-16, parameters",
        LAB8,
        f"{true + booked:,}",
        f"{true:,}",
        f"The table books {booked:,} parameters on the second max pooling: those of a convolution of its window, "
        f"({window} × {window} × {channels} + 1) × {channels}. A pooling has none.",
    )


def resnet18() -> Claim:
    """Biases counted, batch norm and the shortcuts' convolutions left out."""
    network = weightless("resnet18")
    counted = with_biases(layer for path, layer in network.named_modules() if "downsample" not in path)
    norms = sum(parameters(m) for p, m in network.named_modules() if isinstance(m, nn.BatchNorm2d) and "down" not in p)
    downs = sum(parameters(module) for path, module in network.named_modules() if path.endswith("downsample"))
    biases = sum(m.out_channels for p, m in network.named_modules() if isinstance(m, nn.Conv2d) and "down" not in p)
    return Claim(
        "ResNet-18, parameters",
        LAB8,
        f"{counted:,}",
        f"{parameters(network):,}",
        f"The table gives every convolution a bias ({biases:,} in all), which ResNet leaves to batch norm; it leaves "
        f"out batch norm ({norms:,}) and the convolutions in three shortcuts with theirs ({downs:,}).",
    )


def alexnet() -> Claim:
    """One tower, and its cousin."""
    import torch
    from torchvision import models

    with torch.device("meta"):
        cousin = models.alexnet(weights=None)
    channels = "-".join(str(layer.out_channels) for layer in cousin.modules() if isinstance(layer, nn.Conv2d))
    return Claim(
        "AlexNet, parameters",
        LAB8,
        f"{parameters(weightless('alexnet_2012')):,}",
        f"{parameters(cousin):,} in torchvision",
        f"Both are right: torchvision's is the later one-tower variant with {channels} channels; the table's is the "
        "network of 2012 drawn as one tower. On its two graphics cards it was cut in two and had fewer.",
    )


def inception() -> Claim:
    """A rounded figure."""
    true = parameters(weightless("googlenet"))
    return Claim(
        "GoogLeNet, parameters",
        LAB8,
        "6.4M",
        f"{true:,}",
        "torchvision's network, without the two auxiliary heads that only help in training. No way of counting that we "
        "tried gives 6.4 million.",
    )


def receptive_field() -> Claim:
    """An area for a width."""
    kernel = 5
    return Claim(
        "A 5 × 5 kernel's receptive field",
        NOTEBOOK,
        f"{kernel * kernel} pixels",
        f"{kernel} pixels wide",
        f"It meets {kernel} × {kernel} = {kernel * kernel} input cells; a receptive field is given by its width, as "
        "kernels are.",
    )


CLAIMS: tuple[Callable[[], Claim], ...] = (vgg16, resnet18, alexnet, inception, receptive_field)

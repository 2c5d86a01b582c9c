"""Figures of our sources that differ from the truth, both as far as layers tell computed from them, and why they
differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import nn

from cnnviz.networks.zoo.registry import weightless
from cnnviz.ops.arithmetic import convolution_parameters, output_size

LAB8, NOTEBOOK = "J. Yanhong's LAB8 tutorial", "the notebook 'Convolutional Neural Networks (CNNs)'"
NOROUZI, POOLING = "A. Norouzi, 'Convolutional Neural Networks with Pytorch'", "the notebook on max and average pooling"


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


def half_padding() -> Claim:
    """Half a cell of padding, which is one on one side alone."""
    first = weightless("resnet18").get_submodule("conv1")
    assert isinstance(first, nn.Conv2d) and isinstance(first.padding[0], int)
    side, kernel, stride, padding = 224, first.kernel_size[0], first.stride[0], first.padding[0]
    out = output_size(side, kernel, stride, padding)
    return Claim(
        "ResNet-18, picture and padding",
        LAB8,
        "227 × 227, padding 1, then 0.5",
        f"{side} × {side}, padding {padding}, then 1",
        f"Both come to {out}: the table chooses picture and padding so that the size is a whole number, (227 + 2 · 1 - "
        f"7) / 2 + 1 = {out}, and by 0.5 (112 + 2 · 0.5 - 3) / 2 + 1 = 56. Half a cell on either side is one cell on "
        f"one side; PyTorch pads both sides and rounds down: ({side} + 2 · {padding} - {kernel}) / {stride} + 1 = "
        f"{(side + 2 * padding - kernel) / stride + 1:g}.",
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
    """A rounded figure, and a window of another size."""
    network = weightless("googlenet")
    true = parameters(network)
    thirds = [module for path, module in network.named_modules() if path.endswith("branch3.1.conv")]
    larger = sum((5 * 5 - 3 * 3) * conv.in_channels * conv.out_channels for conv in thirds)
    return Claim(
        "GoogLeNet, parameters",
        LAB8,
        "6.4M",
        f"{true:,}",
        "torchvision's network, without the two auxiliary heads that only help in training. Its third branch has 3 × 3 "
        "windows where the paper and the tutorial have 5 × 5, a deviation that is known and kept for old weights. With "
        f"5 × 5 there are {true + larger:,}, with batch norm; with biases in its place, as in the paper, "
        f"{with_biases(network.modules()) + larger:,}. No way of counting that we tried gives 6.4 million.",
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


def relative_losses() -> Claim:
    """Shares of shares, printed as if they were points."""
    before = (0.8227, 0.897, 0.8227, 0.897)  # accuracy in training and top-5 on the test images, both times
    after = (0.4549, 0.7859, 0.4427, 0.7459)
    points = [100 * (was - now) for was, now in zip(before, after)]
    shares = [100 * (1 - now / was) for was, now in zip(before, after)]
    return Claim(
        "ResNet, what a larger decay or rate costs",
        NOTEBOOK,
        "accuracy -45 % and -47 %, top-5 -12 % and -17 %",
        f"{points[0]:.1f} and {points[2]:.1f} points, top-5 {points[1]:.1f} and {points[3]:.1f}",
        f"The text gives the loss as a share of the baseline ({shares[0]:.1f}, {shares[2]:.1f}, {shares[1]:.1f} and "
        f"{shares[3]:.1f} %): from {100 * before[0]:.1f} % to {100 * after[0]:.1f} % are fewer points than that.",
    )


def batches_counted() -> Claim:
    """A counter that takes another batch size for its own."""
    batch, batches = 16, 1000
    return Claim(
        "Images that were seen after 1,000 batches",
        NOROUZI,
        "[10000/60000]",
        f"{batch * batches:,} of 60,000",
        f"Its loader makes batches of {batch}, and its counter multiplies by ten, as in the CIFAR-10 part, whose "
        "batches have ten images and whose total of 60,000 is that of MNIST.",
    )


def sixth_too_low() -> Claim:
    """A share of the wrong number of images."""
    images, divided = 50_000, 60_000
    return Claim(
        "Training accuracy on CIFAR-10, plotted",
        NOROUZI,
        "hits / 600",
        f"hits / {images // 100}",
        f"CIFAR-10 has {images:,} training images and MNIST {divided:,}, for which the line was written: the curve "
        f"lies at {images / divided:.3f} of its height, a sixth too low.",
    )


def turned_confusion() -> Claim:
    """A matrix by its columns."""
    return Claim(
        "Confusion matrix, its rows",
        NOROUZI,
        "labels",
        "predictions",
        "The function is given the predictions first, so that its rows are what the network said; in the CIFAR-10 part "
        "it is given the labels first. Here rows are labels always.",
    )


def twice_trained() -> Claim:
    """A cell that was run twice."""
    return Claim(
        "Max pooling after 3,000 steps",
        POOLING,
        "98.25 %",
        "96.5 %",
        "By its own code, run once: 88.3 % after 500 steps, where it prints 97.92 %. By all signs the cell was run "
        "again on the network that it had trained, which after 6,000 steps has 98.1 %. Its average pooling is as "
        "printed.",
    )


CLAIMS: tuple[Callable[[], Claim], ...] = (
    vgg16,
    resnet18,
    half_padding,
    alexnet,
    inception,
    receptive_field,
    relative_losses,
    batches_counted,
    sixth_too_low,
    turned_confusion,
    twice_trained,
)

"""From LeNet-5 to today: the idea of each network, its block, and what a source of ours publishes about it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.networks.zoo.registry import weightless

Stack = nn.Sequential


@dataclass(frozen=True)
class Published:
    """A row of the summary of J. Yanhong's LAB8 tutorial, 2022: top-5 accuracy on ImageNet, and figures as printed."""

    feature: str
    top5: float
    parameters: str
    flop: str


@dataclass(frozen=True)
class Milestone:
    """A network of the zoo, or one that came later (`network` is then ''), its idea, and its block: a module and the
    shape (N, C, H, W) that it takes."""

    key: str
    year: int
    network: str
    idea: str
    block: Callable[[], nn.Module]
    input_shape: tuple[int, int, int, int]
    published: Published | None = None


def conv_norm(c_in: int, c_out: int, kernel: int, groups: int = 1) -> list[nn.Module]:
    """A convolution that keeps the size, batch norm, ReLU6."""
    convolution = nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(c_out), nn.ReLU6()]


def inception_block() -> nn.Module:
    """The first Inception module as the paper has it: torchvision's has 3x3 windows in the third branch, for 5x5."""
    module = weightless("googlenet").get_submodule("inception3a")
    third = module.get_submodule("branch3.1.conv")
    assert isinstance(third, nn.Conv2d)
    channels = third.in_channels, third.out_channels
    module.get_submodule("branch3.1").conv = nn.Conv2d(*channels, 5, padding=2, bias=False, device="meta")
    return module


MILESTONES: dict[str, Milestone] = {
    milestone.key: milestone
    for milestone in (
        Milestone(
            "LeNet-5",
            1998,
            "lenet5",
            "Small kernels that are learnt and shared by all places of the picture, and pooling between them: a "
            "network that read the amounts on bank cheques.",
            lambda: Stack(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            (1, 1, 32, 32),
        ),
        Milestone(
            "AlexNet",
            2012,
            "alexnet_2012",
            "The same, deeper and wider, on two graphics cards: ReLU, dropout and data augmentation made a network of "
            "62 million parameters learn a thousand classes. It won ILSVRC, ImageNet's yearly challenge with over a "
            "million pictures, by 84.7 % top-5 against 73.8 %. With ReLU it came to a training error of 25 % six times "
            "as fast as with tanh, poolings that overlap were worth 0.4 points top-1 and 0.3 top-5, local response "
            "normalisation dampens what stands beside a strong response, and dropout doubled the steps.",
            lambda: Stack(nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2)),
            (1, 3, 227, 227),
            Published("Deeper", 84.7, "62M", "1.5B"),
        ),
        Milestone(
            "VGG-16",
            2014,
            "vgg16",
            "Nothing but 3 × 3 kernels, in stacks: two see as much as one of 5 × 5, with fewer weights and one more "
            "nonlinearity between them. Runner-up of ILSVRC 2014; it is heavy and slow to train, for its dense layers.",
            lambda: Stack(
                nn.Conv2d(64, 128, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(128, 128, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ),
            (1, 64, 112, 112),
            Published("Fixed-size kernels", 92.3, "138M", "19.6B"),
        ),
        Milestone(
            "GoogLeNet",
            2014,
            "googlenet",
            "Inception: four branches with windows of different sizes look at the same maps, and their channels are "
            "stacked. 1 × 1 kernels thin the maps out first, which makes it cheap. Winner of ILSVRC 2014. The block is "
            "the paper's, with 5 × 5 in its third branch; torchvision's network, which is counted and which Shapes "
            "shows, has 3 × 3 there.",
            inception_block,
            (1, 192, 28, 28),
            Published("Wider - parallel kernels", 93.3, "6.4M", "2B"),
        ),
        Milestone(
            "ResNet-18",
            2015,
            "resnet18",
            "A shortcut around every two layers: the block only learns what to add to its input, so that depth no "
            "longer hurts. Deeper ones of the kind won ILSVRC 2015.",
            lambda: weightless("resnet18").get_submodule("layer1.1"),
            (1, 64, 56, 56),
        ),
        Milestone(
            "ResNet-152",
            2015,
            "resnet152",
            "The bottleneck: a 1 × 1 kernel makes the channels few, 3 × 3 works on the few, 1 × 1 makes them many "
            "again. So 152 layers cost less than VGG's 16.",
            lambda: weightless("resnet152").get_submodule("layer1.1"),
            (1, 256, 56, 56),
            Published("Shortcut connections", 95.51, "60.3M", "11B"),
        ),
        Milestone(
            "MobileNet and after",
            2017,
            "",
            "A depthwise kernel looks at each channel alone, a 1 × 1 kernel mixes them: nearly the same for a ninth "
            "of the work. EfficientNet scales such blocks in depth, width and picture size at once; ConvNeXt (2022) "
            "brings them up to the accuracy of vision transformers, which cut the picture into patches and let each "
            "look at all others.",
            lambda: Stack(*conv_norm(64, 64, 3, groups=64), *conv_norm(64, 128, 1)),
            (1, 64, 56, 56),
        ),
    )
}


def block(key: str) -> nn.Module:
    """The block of a milestone, without weights."""
    with torch.device("meta"):
        return MILESTONES[key].block()


def flat(side: int, channels: int = 3, classes: int = 10) -> nn.Module:
    """The network before all these, f(x) = Wx + b: one dense layer that sees every pixel at once. Without weights."""
    with torch.device("meta"):
        return nn.Sequential(nn.Flatten(), nn.Linear(channels * side * side, classes))

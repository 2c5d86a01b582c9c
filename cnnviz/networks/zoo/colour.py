"""Networks for small colour pictures (CIFAR). Each reads like its diagram."""

from torch import nn

from cnnviz.networks.zoo.blocks import Residual, stack
from cnnviz.networks.zoo.registry import register

NOTEBOOK = "the notebook 'Convolutional Neural Networks (CNNs)'"


@register(
    title="Conv CIFAR-10",
    input_shape=(3, 32, 32),
    source="A. Norouzi, 'Convolutional Neural Networks with Pytorch', 2023",
    parameters=81_302,
    accuracy="62.5 % on CIFAR-10 after 10 epochs",
    teaches="Three channels come in, and 6.5 rounds down to 6: otherwise it is the network for digits.",
)
def conv_cifar10() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(3, 6, 3),  # 6 x 30 x 30
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 6 x 15 x 15
        conv2=nn.Conv2d(6, 16, 3),  # 16 x 13 x 13
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 16 x 6 x 6
        flatten=nn.Flatten(),  # 576
        fc1=nn.Linear(16 * 6 * 6, 120),
        relu3=nn.ReLU(),
        fc2=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        fc3=nn.Linear(84, 10),
        log_softmax=nn.LogSoftmax(dim=1),
    )


@register(
    title="CIFAR-100 CNN",
    input_shape=(3, 32, 32),
    source=f"the CIFAR100_CNN of {NOTEBOOK}",
    parameters=1_194_084,
    accuracy="41.0 % on the training pictures of CIFAR-100 after 20 epochs",
    teaches="Seven of eight parameters sit in one fully connected layer, behind which half of the numbers drop out.",
    classes=100,
)
def cifar100_cnn() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(3, 32, 3, padding=1),  # 32 x 32 x 32
        bn1=nn.BatchNorm2d(32),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 32 x 16 x 16
        conv2=nn.Conv2d(32, 64, 3, padding=1),
        bn2=nn.BatchNorm2d(64),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 64 x 8 x 8
        conv3=nn.Conv2d(64, 128, 3, padding=1),
        bn3=nn.BatchNorm2d(128),
        relu3=nn.ReLU(),
        pool3=nn.MaxPool2d(2),  # 128 x 4 x 4
        flatten=nn.Flatten(),  # 2,048
        fc1=nn.Linear(128 * 4 * 4, 512),
        relu4=nn.ReLU(),
        dropout=nn.Dropout(0.5),
        fc2=nn.Linear(512, 100),
    )


def block(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """A residual block; where it halves the maps, a 1x1 convolution brings its input to the same shape."""
    body = (
        nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
        nn.Conv2d(c_out, c_out, 3, padding=1),
        nn.BatchNorm2d(c_out),
    )
    shortcut = nn.Conv2d(c_in, c_out, 1, stride=stride) if stride > 1 else None
    return nn.Sequential(Residual(*body, shortcut=shortcut), nn.ReLU())


def resnet(first_kernel: int) -> nn.Sequential:
    """Four stages of three residual blocks; each stage but the first halves the maps and doubles the channels."""
    return stack(
        conv1=nn.Conv2d(3, 16, first_kernel, padding=1),  # 16 x 32 x 32
        bn1=nn.BatchNorm2d(16),
        relu1=nn.ReLU(),
        layer1=nn.Sequential(block(16, 16), block(16, 16), block(16, 16)),
        layer2=nn.Sequential(block(16, 32, stride=2), block(32, 32), block(32, 32)),  # 32 x 16 x 16
        layer3=nn.Sequential(block(32, 64, stride=2), block(64, 64), block(64, 64)),  # 64 x 8 x 8
        layer4=nn.Sequential(block(64, 128, stride=2), block(128, 128), block(128, 128)),  # 128 x 4 x 4
        avgpool=nn.AvgPool2d(4),  # 128 x 1 x 1
        flatten=nn.Flatten(),
        fc1=nn.Linear(128, 100),
    )


@register(
    title="ResNet for CIFAR-100",
    input_shape=(3, 32, 32),
    source=f"the ResNet of {NOTEBOOK}",
    parameters=1_106_948,
    accuracy="82.3 % on CIFAR-100's training pictures after 40 epochs; the 89.7 % top-5 beside it are of another file",
    teaches="Shortcuts carry the gradient past every pair of layers, so that 25 of them learn as easily as a few.",
    classes=100,
)
def resnet_cifar100() -> nn.Sequential:
    return resnet(first_kernel=3)


@register(
    title="ResNet for CIFAR-100, wide first kernel",
    input_shape=(3, 32, 32),
    source=f"the ResNet_wide of {NOTEBOOK}, whose training function builds the narrow network instead",
    parameters=1_107_716,
    teaches="A 5 × 5 first kernel with padding 1 loses a ring of cells: 30 × 30 instead of 32 × 32.",
    classes=100,
)
def resnet_cifar100_wide() -> nn.Sequential:
    return resnet(first_kernel=5)


@register(
    title="ResNet-20 for CIFAR-10",
    input_shape=(3, 32, 32),
    source="K. He, X. Zhang, S. Ren, J. Sun, 'Deep Residual Learning for Image Recognition', 2015",
    parameters=272_474,
    accuracy="91.25 % on CIFAR-10 after 64,000 steps, for shortcuts without weights (269,722 parameters)",
    teaches="Batch norm shifts by itself, so that the convolutions before it need no bias.",
    year=2015,
)
def resnet20() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(3, 16, 3, padding=1, bias=False),  # 16 x 32 x 32
        bn1=nn.BatchNorm2d(16),
        relu1=nn.ReLU(),
        layer1=nn.Sequential(unbiased(16, 16), unbiased(16, 16), unbiased(16, 16)),
        layer2=nn.Sequential(unbiased(16, 32, stride=2), unbiased(32, 32), unbiased(32, 32)),  # 32 x 16 x 16
        layer3=nn.Sequential(unbiased(32, 64, stride=2), unbiased(64, 64), unbiased(64, 64)),  # 64 x 8 x 8
        avgpool=nn.AdaptiveAvgPool2d(1),  # 64 x 1 x 1
        flatten=nn.Flatten(),
        fc=nn.Linear(64, 10),
    )


def unbiased(c_in: int, c_out: int, stride: int = 1) -> nn.Sequential:
    """A residual block of convolutions without bias, since batch norm would take it off again."""
    body = (
        nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(),
        nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
    )
    projection = nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out)
    return nn.Sequential(Residual(*body, shortcut=nn.Sequential(*projection) if stride > 1 else None), nn.ReLU())


def residual(batch_norm: bool) -> nn.Sequential:
    """Ten residual blocks that keep 8 maps of 12 × 12 as they are."""
    return stack(
        conv1=nn.Conv2d(3, 8, 5),  # 8 x 28 x 28
        conv2=nn.Conv2d(8, 8, 5, stride=2),  # 8 x 12 x 12
        blocks=nn.Sequential(*(same(batch_norm) for _ in range(10))),
        conv3=nn.Conv2d(8, 4, 3, stride=2),  # 4 x 5 x 5
        flatten=nn.Flatten(),  # 100
        fc1=nn.Linear(4 * 5 * 5, 100),
        relu1=nn.ReLU(),
        fc2=nn.Linear(100, 10, bias=False),
    )


def same(batch_norm: bool) -> nn.Sequential:
    """A residual block of 8 channels; its activation comes after the sum."""

    def convolution() -> list[nn.Module]:
        return [nn.Conv2d(8, 8, 3, padding=1), *([nn.BatchNorm2d(8)] if batch_norm else [])]

    return nn.Sequential(Residual(*convolution(), nn.ReLU(), *convolution()), nn.ReLU())


@register(
    title="Residual network of 8 channels",
    input_shape=(3, 32, 32),
    source="a course's exercise on residual networks",
    parameters=25_288,
    accuracy="53.1 % on CIFAR-10 after 25 epochs, 60.4 % after 51",
    teaches="Padding 1 keeps 12 × 12 under every 3 × 3 kernel: a sum needs two tensors of one shape.",
)
def residual_8() -> nn.Sequential:
    return residual(batch_norm=False)


@register(
    title="Residual network of 8 channels, batch norm",
    input_shape=(3, 32, 32),
    source="a course's exercise on residual networks, which defines it and trains the one without batch norm",
    parameters=25_608,
    teaches="Batch norm adds two parameters a channel: 20 layers of 8 channels make 320 more.",
)
def residual_8_batch_norm() -> nn.Sequential:
    return residual(batch_norm=True)

"""Networks for handwritten digits. Each reads like its diagram."""

from collections import OrderedDict

from torch import nn

from cnnviz.zoo.registry import register


def stack(**layers: nn.Module) -> nn.Sequential:
    """Named layers, one after the other."""
    return nn.Sequential(OrderedDict(layers))


@register(
    input_shape=(1, 32, 32),
    source="LeCun et al., 1998, in today's form: max pooling and ReLU (J. Yanhong's LAB8 tutorial, 2022)",
    parameters=61_706,
    accuracy="98.36 % on MNIST after 5 epochs",
    teaches="Convolution and pooling shrink the picture while its channels grow; three layers then decide.",
)
def lenet5() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 6, 5),  # 6 x 28 x 28
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 6 x 14 x 14
        conv2=nn.Conv2d(6, 16, 5),  # 16 x 10 x 10
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 16 x 5 x 5
        flatten=nn.Flatten(),  # 400
        fc1=nn.Linear(16 * 5 * 5, 120),
        relu3=nn.ReLU(),
        fc2=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        fc3=nn.Linear(84, 10),
    )


@register(
    input_shape=(1, 28, 28),
    source="the MNIST_CNN of the notebook 'Convolutional Neural Networks (CNNs)'",
    parameters=46_730,
    accuracy="98.9 % on MNIST after 10 epochs",
    teaches="Its last ReLU cuts off negative scores: a class that falls silent early never speaks again.",
)
def mnist_cnn() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 16, 5),  # 16 x 24 x 24
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 16 x 12 x 12
        conv2=nn.Conv2d(16, 32, 5),  # 32 x 8 x 8
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 32 x 4 x 4
        flatten=nn.Flatten(),  # 512
        fc1=nn.Linear(32 * 4 * 4, 64),
        relu3=nn.ReLU(),
        fc2=nn.Linear(64, 10),
        relu4=nn.ReLU(),
    )


@register(
    input_shape=(1, 28, 28),
    source="A. Norouzi, 'Convolutional Neural Networks with Pytorch', 2023",
    parameters=60_074,
    accuracy="98.99 % on MNIST after 10 epochs",
    teaches="11 rows and columns do not divide by two: the second pooling rounds 5.5 down and drops one.",
)
def conv_mnist() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 6, 3),  # 6 x 26 x 26
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 6 x 13 x 13
        conv2=nn.Conv2d(6, 16, 3),  # 16 x 11 x 11
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 16 x 5 x 5
        flatten=nn.Flatten(),  # 400
        fc1=nn.Linear(16 * 5 * 5, 120),
        relu3=nn.ReLU(),
        fc2=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        fc3=nn.Linear(84, 10),
        log_softmax=nn.LogSoftmax(dim=1),
    )


@register(
    input_shape=(1, 28, 28),
    source="the SIMPLE_CNN of the notebook 'Convolutional Neural Networks (CNNs)'",
    parameters=86_910,
    teaches="Without pooling the maps stay large: one layer holds 86,430 of its 86,910 parameters.",
)
def simple_cnn() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 3, 3),  # 3 x 26 x 26
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(3, 5, 3),  # 5 x 24 x 24
        relu2=nn.ReLU(),
        flatten=nn.Flatten(),  # 2,880
        fc1=nn.Linear(5 * 24 * 24, 30),
        relu3=nn.ReLU(),
        fc2=nn.Linear(30, 10),
        relu4=nn.ReLU(),
    )

"""Networks for handwritten digits. Each reads like its diagram."""

from torch import nn

from cnnviz.networks.zoo.blocks import stack
from cnnviz.networks.zoo.registry import register


@register(
    title="LeNet-5",
    year=1998,
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
    title="LeNet-5, padded twice",
    input_shape=(1, 32, 32),
    source="the first listing of J. Yanhong's LAB8 tutorial, 2022",
    parameters=61_706,
    teaches="It does not run: with padding 2 in both convolutions 16 maps of 8 × 8 arrive where fc1 expects 5 × 5.",
    runs=False,
)
def lenet5_padded() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 6, 5, padding=2),  # 6 x 32 x 32
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),  # 6 x 16 x 16
        conv2=nn.Conv2d(6, 16, 5, padding=2),  # 16 x 16 x 16
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),  # 16 x 8 x 8
        flatten=nn.Flatten(),  # 1,024, and not 400
        fc1=nn.Linear(5 * 5 * 16, 120),
        relu3=nn.ReLU(),
        fc2=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        fc3=nn.Linear(84, 10),
    )


@register(
    title="MNIST CNN",
    input_shape=(1, 28, 28),
    source="the MNIST_CNN of the notebook 'Convolutional Neural Networks (CNNs)'",
    parameters=46_730,
    accuracy="98.9 % on MNIST after 10 epochs",
    teaches="Its last ReLU cuts off negative scores: a class may fall silent in training, for some epochs or for good.",
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
    title="Conv MNIST",
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
    title="Simple CNN",
    input_shape=(1, 28, 28),
    source="the SIMPLE_CNN of the notebook 'Convolutional Neural Networks (CNNs)'",
    parameters=86_910,
    teaches="Without pooling the maps stay large: one layer holds 86,430 of its 86,910 parameters. It ends in a ReLU, "
    "which cuts off negative scores.",
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


@register(
    title="CNN for 64 × 64",
    input_shape=(1, 64, 64),
    source="the CNN of the notebook 'Convolutional Neural Networks (CNNs)'",
    parameters=2_148,
    teaches="Strides and pooling bring 64 × 64 down to 3 × 3, and 86,910 parameters down to 2,148. It ends in a ReLU, "
    "which cuts off negative scores.",
)
def cnn_64() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(1, 3, 5, stride=2),  # 3 x 30 x 30
        relu1=nn.ReLU(),
        max_pool1=nn.MaxPool2d(2),  # 3 x 15 x 15
        conv2=nn.Conv2d(3, 5, 5, stride=2),  # 5 x 6 x 6
        relu2=nn.ReLU(),
        max_pool2=nn.MaxPool2d(2),  # 5 x 3 x 3
        flatten=nn.Flatten(),  # 45
        fc1=nn.Linear(5 * 3 * 3, 30),
        relu3=nn.ReLU(),
        fc2=nn.Linear(30, 10),
        relu4=nn.ReLU(),
    )


POOLING = "the notebook on max and average pooling, valid and same padding"


@register(
    title="Max pooling, same padding",
    input_shape=(1, 28, 28),
    source=POOLING,
    parameters=28_938,
    accuracy="98.25 % on MNIST after 5 epochs",
    teaches="Padding 2 keeps the size under a 5 × 5 kernel, so that only pooling halves the maps: 28, 14, 7.",
)
def cnn_max() -> nn.Sequential:
    return pooled(nn.MaxPool2d, padding=2)


@register(
    title="Average pooling, same padding",
    input_shape=(1, 28, 28),
    source=POOLING,
    parameters=28_938,
    accuracy="93.01 % on MNIST after 5 epochs",
    teaches="The same network with averages in place of maxima: the same number of parameters.",
)
def cnn_avg() -> nn.Sequential:
    return pooled(nn.AvgPool2d, padding=2)


@register(
    title="Max pooling, valid padding",
    input_shape=(1, 28, 28),
    source=POOLING,
    parameters=18_378,
    accuracy="93.01 % on MNIST, measured on the network with averages; this one was never trained",
    teaches="Without padding 4 × 4 maps are left, and the last layer needs a third of the weights.",
)
def cnn_valid() -> nn.Sequential:
    return pooled(nn.MaxPool2d, padding=0)


def pooled(pool: type[nn.MaxPool2d] | type[nn.AvgPool2d], padding: int) -> nn.Sequential:
    """Two 5x5 convolutions with a pooling each; a side of 28 becomes 7 with padding 2, and 4 without."""
    side = 7 if padding else 4
    return stack(
        conv1=nn.Conv2d(1, 16, 5, padding=padding),
        relu1=nn.ReLU(),
        pool1=pool(2),
        conv2=nn.Conv2d(16, 32, 5, padding=padding),
        relu2=nn.ReLU(),
        pool2=pool(2),
        flatten=nn.Flatten(),
        fc1=nn.Linear(32 * side * side, 10),
    )

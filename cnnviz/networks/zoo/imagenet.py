"""Networks for ImageNet. What torchvision has is taken from there; it is imported only when one is built."""

from torch import nn

from cnnviz.networks.zoo.blocks import stack
from cnnviz.networks.zoo.registry import register

LAB8 = "J. Yanhong's LAB8 tutorial, 2022"


@register(
    title="AlexNet",
    year=2012,
    input_shape=(3, 227, 227),
    source=f"Krizhevsky, Sutskever and Hinton, 2012, as one tower: the table of {LAB8}",
    parameters=62_378_344,
    accuracy="84.7 % top-5 on ImageNet",
    teaches="Three fully connected layers hold 94 % of its parameters, five convolutions do 95 % of its work.",
    classes=1000,
)
def alexnet_2012() -> nn.Sequential:
    return stack(
        conv1=nn.Conv2d(3, 96, 11, stride=4),  # 96 x 55 x 55
        relu1=nn.ReLU(),
        norm1=nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
        pool1=nn.MaxPool2d(3, stride=2),  # 96 x 27 x 27
        conv2=nn.Conv2d(96, 256, 5, padding=2),
        relu2=nn.ReLU(),
        norm2=nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
        pool2=nn.MaxPool2d(3, stride=2),  # 256 x 13 x 13
        conv3=nn.Conv2d(256, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 384, 3, padding=1),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(384, 256, 3, padding=1),
        relu5=nn.ReLU(),
        pool5=nn.MaxPool2d(3, stride=2),  # 256 x 6 x 6
        flatten=nn.Flatten(),  # 9,216
        dropout6=nn.Dropout(0.5),
        fc6=nn.Linear(256 * 6 * 6, 4096),
        relu6=nn.ReLU(),
        dropout7=nn.Dropout(0.5),
        fc7=nn.Linear(4096, 4096),
        relu7=nn.ReLU(),
        fc8=nn.Linear(4096, 1000),
    )


@register(
    title="VGG-16",
    year=2014,
    input_shape=(3, 224, 224),
    source=f"Simonyan and Zisserman, 2014, from torchvision; in {LAB8}",
    parameters=138_357_544,
    accuracy="92.3 % top-5 on ImageNet",
    teaches="Nothing but 3 × 3 kernels: two of them see what one of 5 × 5 sees, with 28 % fewer weights.",
    classes=1000,
)
def vgg16() -> nn.Module:
    from torchvision import models

    network: nn.Module = models.vgg16(weights=None, init_weights=False)
    return network


@register(
    title="GoogLeNet (Inception)",
    year=2014,
    input_shape=(3, 224, 224),
    source=f"Szegedy et al., 2014, from torchvision, without the auxiliary heads; in {LAB8}",
    parameters=6_624_904,
    accuracy="93.3 % top-5 on ImageNet",
    teaches="Four branches look at the same input with windows of different sizes; 1 × 1 kernels make it cheap.",
    classes=1000,
)
def googlenet() -> nn.Module:
    from torchvision import models

    network: nn.Module = models.googlenet(weights=None, aux_logits=False, init_weights=False)
    return network


@register(
    title="ResNet-18",
    year=2015,
    input_shape=(3, 224, 224),
    source=f"He et al., 2015, from torchvision; in {LAB8}",
    parameters=11_689_512,
    teaches="Every block adds its input to its output: what it has to learn is only the difference.",
    classes=1000,
)
def resnet18() -> nn.Module:
    from torchvision import models

    network: nn.Module = models.resnet18(weights=None)
    return network


@register(
    title="ResNet-50",
    year=2015,
    input_shape=(3, 224, 224),
    source="He et al., 2015, from torchvision",
    parameters=25_557_032,
    teaches="Bottlenecks: 1 × 1 kernels make the channels few before the 3 × 3 kernel and many behind it.",
    classes=1000,
)
def resnet50() -> nn.Module:
    from torchvision import models

    network: nn.Module = models.resnet50(weights=None)
    return network


@register(
    title="ResNet-152",
    year=2015,
    input_shape=(3, 224, 224),
    source=f"He et al., 2015, from torchvision; in {LAB8}",
    parameters=60_192_808,
    accuracy="95.51 % top-5 on ImageNet",
    teaches="152 layers and fewer parameters than AlexNet with eight.",
    classes=1000,
)
def resnet152() -> nn.Module:
    from torchvision import models

    network: nn.Module = models.resnet152(weights=None)
    return network

"""Networks that torchvision makes, from which a text goes on: another last layer, all but the last one, a part of a
class. They have fresh weights, for nothing is downloaded."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from torch import nn

from cnnviz.networks.source import bounds, calls, packages
from cnnviz.networks.source.functions import Called
from cnnviz.networks.source.tables import words
from cnnviz.networks.source.values import Known, Opaque

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

MAX_OPTION = 100_000  # of a number that is given: classes, channels of a group
MAX_PARTS = 8  # of a row that is given: replace_stride_with_dilation
_OF_WEIGHTS = ("weights", "pretrained", "progress")
_WITH_WEIGHTS = {  # what torchvision sets where it loads weights
    "googlenet": {"transform_input": True, "aux_logits": False},
    "inception_v3": {"transform_input": True},
}
NAMES = words(  # all that tell classes apart, but for regnet_...: torchvision works out their widths with tensors
    """
    alexnet convnext_base convnext_large convnext_small convnext_tiny densenet121 densenet161 densenet169 densenet201
    efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6
    efficientnet_b7 efficientnet_v2_l efficientnet_v2_m efficientnet_v2_s googlenet inception_v3 maxvit_t mnasnet0_5
    mnasnet0_75 mnasnet1_0 mnasnet1_3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small resnet101 resnet152 resnet18
    resnet34 resnet50 resnext101_32x8d resnext101_64x4d resnext50_32x4d shufflenet_v2_x0_5 shufflenet_v2_x1_0
    shufflenet_v2_x1_5 shufflenet_v2_x2_0 squeezenet1_0 squeezenet1_1 swin_b swin_s swin_t swin_v2_b swin_v2_s
    swin_v2_t vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn vit_b_16 vit_b_32 vit_h_14 vit_l_16 vit_l_32
    wide_resnet101_2 wide_resnet50_2
    """
)
_WEIGHTS = words(
    """
    AlexNet ConvNeXt_Base ConvNeXt_Large ConvNeXt_Small ConvNeXt_Tiny DenseNet121 DenseNet161 DenseNet169 DenseNet201
    EfficientNet_B0 EfficientNet_B1 EfficientNet_B2 EfficientNet_B3 EfficientNet_B4 EfficientNet_B5 EfficientNet_B6
    EfficientNet_B7 EfficientNet_V2_L EfficientNet_V2_M EfficientNet_V2_S GoogLeNet Inception_V3 MNASNet0_5
    MNASNet0_75 MNASNet1_0 MNASNet1_3 MaxVit_T MobileNet_V2 MobileNet_V3_Large MobileNet_V3_Small ResNeXt101_32X8D
    ResNeXt101_64X4D ResNeXt50_32X4D ResNet101 ResNet152 ResNet18 ResNet34 ResNet50 ShuffleNet_V2_X0_5
    ShuffleNet_V2_X1_0 ShuffleNet_V2_X1_5 ShuffleNet_V2_X2_0 SqueezeNet1_0 SqueezeNet1_1 Swin_B Swin_S Swin_T
    Swin_V2_B Swin_V2_S Swin_V2_T VGG11 VGG11_BN VGG13 VGG13_BN VGG16 VGG16_BN VGG19 VGG19_BN ViT_B_16 ViT_B_32
    ViT_H_14 ViT_L_16 ViT_L_32 Wide_ResNet101_2 Wide_ResNet50_2
    """
)
CLASSES = {  # of torchvision, each with one of the functions that make it
    "AlexNet": "alexnet",
    "ConvNeXt": "convnext_tiny",
    "DenseNet": "densenet121",
    "EfficientNet": "efficientnet_b0",
    "GoogLeNet": "googlenet",
    "Inception3": "inception_v3",
    "MNASNet": "mnasnet1_0",
    "MaxVit": "maxvit_t",
    "MobileNetV2": "mobilenet_v2",
    "MobileNetV3": "mobilenet_v3_small",
    "ResNet": "resnet18",
    "ShuffleNetV2": "shufflenet_v2_x1_0",
    "SqueezeNet": "squeezenet1_0",
    "SwinTransformer": "swin_t",
    "VGG": "vgg16",
    "VisionTransformer": "vit_b_16",
}


def is_ready_made(network: nn.Module) -> bool:
    """Whether torchvision has made the network, or it is a part of one."""
    return "ready_made" in network.__dict__


def without_weights(node: ast.Call) -> list[ast.keyword]:
    """The keywords of a call of such a function, but for those that ask for weights."""
    return [one for one in node.keywords if one.arg not in _OF_WEIGHTS]


def is_of_weights(function: object, keyword: ast.keyword) -> bool:
    """Whether a keyword says whether such a function loads weights."""
    return keyword.arg in _OF_WEIGHTS and isinstance(function, Known) and function.ours and function.name in NAMES


def calls_in(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    """The calls among nodes of a tree that have the name of such a function."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in NAMES:
                yield node, name


def asks_for_weights(node: ast.Call) -> bool:
    """Whether such a call asks for weights to be downloaded."""
    given = [*node.args[:1], *(one.value for one in node.keywords if one.arg in ("weights", "pretrained"))]
    return any(not isinstance(one, ast.Constant) or bool(one.value) for one in given)


def _maker(name: str) -> Called:
    def make(
        interpreter: Interpreter, node: ast.AST, pretrained: Any = None, progress: Any = True, **options: Any
    ) -> nn.Module:
        if interpreter.state.device is not None:
            raise interpreter.wrong(node, f"{name} is made in __init__, and not each time that forward runs")
        weights = options.pop("weights", pretrained)
        wanted = interpreter.true(weights, node)
        options = {**(_WITH_WEIGHTS.get(name, {}) if wanted else {}), **options}
        for key, value in options.items():
            _check(interpreter, name, key, value, node)
        from torchvision import models  # takes a second, and few texts ask for it

        try:
            made: nn.Module = getattr(models, name)(weights=None, **options)
        except Exception as error:  # torchvision raises nearly anything
            raise interpreter.failed(node, f"{name} does not take this", error) from None
        return calls.kept(interpreter, made, node)

    return make


def _check(interpreter: Interpreter, name: str, key: str, value: Any, node: ast.AST) -> None:
    """Refuses what is given beside plain numbers, words and short rows of them."""
    for one in value if isinstance(value, list | tuple) and len(value) <= MAX_PARTS else [value]:
        if one is not None and not isinstance(one, bool | int | float | str):
            raise interpreter.wrong(node, f"{name} takes {bounds.describe(value)} for {key[:40]} in torchvision alone")
        if isinstance(one, int | float) and not abs(one) <= MAX_OPTION:
            raise interpreter.wrong(node, f"{key[:40]}={one} is more than {MAX_OPTION:,}")


def members() -> dict[str, Any]:
    """What a text may take of torchvision.models."""
    made = {name: Known(name, _maker(name), ours=True) for name in NAMES}
    classes = {name: packages.CLASSES.get(name, Opaque(name)) for name in CLASSES}
    return {**made, **classes, **{f"{name}_Weights": Opaque(f"{name}_Weights") for name in _WEIGHTS}}

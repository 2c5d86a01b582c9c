"""Calls that make networks of torchvision's classes: its functions, and its classes with other sizes. Which of them may
have made a printed network follows from how many layers it has."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from cnnviz.networks.source.printed.layers import Layer, all_of
from cnnviz.networks.source.printed.reading import tree_of

_NEAREST = 2  # numbers of layers that are tried
_MAX_BLOCKS = 200
_WIDTHS = (0.25, 0.35, 0.5, 0.75, 1.4)  # of a MobileNetV2, besides 1
_OPTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    **dict.fromkeys(("googlenet", "inception_v3"), ({}, {"aux_logits": False})),
    "mobilenet_v2": ({}, *({"width_mult": width} for width in _WIDTHS)),
}
_UNSEEN = {name: {"init_weights": False} for name in ("googlenet", "inception_v3")}  # which takes long, and warns
FUNCTIONS = {  # of torchvision, by the class that they make and the number of its modules
    "AlexNet": {24: "alexnet"},
    "ConvNeXt": {203: "convnext_tiny", 383: "convnext_small convnext_base convnext_large"},
    "DenseNet": {433: "densenet121", 573: "densenet161", 601: "densenet169", 713: "densenet201"},
    "EfficientNet": {
        337: "efficientnet_b0",
        473: "efficientnet_b1 efficientnet_b2",
        533: "efficientnet_b3",
        653: "efficientnet_b4",
        714: "efficientnet_v2_s",
        789: "efficientnet_b5",
        909: "efficientnet_b6",
        1022: "efficientnet_v2_m",
        1105: "efficientnet_b7",
        1409: "efficientnet_v2_l",
    },
    "GoogLeNet": {238: "googlenet"},
    "Inception3": {307: "inception_v3"},
    "MNASNet": {182: "mnasnet0_5 mnasnet0_75 mnasnet1_0 mnasnet1_3"},
    "MaxVit": {670: "maxvit_t"},
    "MobileNetV2": {213: "mobilenet_v2"},
    "MobileNetV3": {209: "mobilenet_v3_small", 255: "mobilenet_v3_large"},
    "ResNet": {
        68: "resnet18",
        116: "resnet34",
        151: "resnet50 resnext50_32x4d wide_resnet50_2",
        423: "resnet152",
        287: "resnet101 resnext101_32x8d resnext101_64x4d wide_resnet101_2",
    },
    "ShuffleNetV2": {205: "shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0"},
    "SqueezeNet": {68: "squeezenet1_0 squeezenet1_1"},
    "SwinTransformer": {180: "swin_t", 228: "swin_v2_t", 336: "swin_s swin_b", 432: "swin_v2_s swin_v2_b"},
    "VGG": {
        32: "vgg11",
        36: "vgg13",
        40: "vgg11_bn",
        42: "vgg16",
        46: "vgg13_bn",
        48: "vgg19",
        55: "vgg16_bn",
        64: "vgg19_bn",
    },
    "VisionTransformer": {152: "vit_b_16 vit_b_32", 296: "vit_l_16 vit_l_32", 392: "vit_h_14"},
}

_BLOCKS = {  # which classes are told by the layers in them alone
    **dict.fromkeys(("BasicBlock", "Bottleneck"), ("ResNet",)),
    "_DenseBlock": ("DenseNet",),
    "InvertedResidual": ("MobileNetV2", "MobileNetV3", "ShuffleNetV2"),
    "_InvertedResidual": ("MNASNet",),
    "MBConv": ("EfficientNet",),
    "Inception": ("GoogLeNet",),
    "InceptionA": ("Inception3",),
    "Fire": ("SqueezeNet",),
    "CNBlock": ("ConvNeXt",),
}


@dataclass(frozen=True)
class Call:
    """A call that makes a network: of a function of torchvision.models, or of a class in one of its files."""

    name: str
    file: str = ""
    block: str = ""
    values: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """As it is written below the import."""
        of = self.file or "torchvision.models"
        given = [*([f"{of}.{self.block}"] if self.block else []), *map(str, self.values)]
        return f"{of}.{self.name}({', '.join([*given, *(f'{key}={value}' for key, value in self.options)])})"

    @property
    def imported(self) -> str:
        """The import that it needs."""
        return f"from torchvision.models import {self.file}" if self.file else "import torchvision"

    def make(self) -> nn.Module:
        """The network, on torch's current device. Raises nearly anything."""
        from torchvision import models  # takes a second, and few texts ask for it

        module = getattr(models, self.file) if self.file else models
        values = [*([getattr(module, self.block)] if self.block else []), *self.values]
        made: nn.Module = getattr(module, self.name)(*values, **dict(self.options), **_UNSEEN.get(self.name, {}))
        return made


def calls(kind: str, tree: Layer) -> Iterator[list[Call]]:
    """The calls that may make a network of this class, or one of which `tree` is a part: those of about as many layers,
    the nearest first and those of as many together, and the class with sizes as they are printed."""
    functions, count = FUNCTIONS.get(kind, {}), sum(one.times for one in all_of(tree))
    for near in sorted(functions, key=lambda number: abs(number - count))[:_NEAREST]:
        options = ((name, one) for name in functions[near].split() for one in _OPTIONS.get(name, ({},)))
        yield [Call(name, options=tuple(one.items())) for name, one in options]
    if kind in _CUSTOM:
        yield [*_CUSTOM[kind](tree)]


def classes_of(tree: Layer) -> list[str]:
    """The classes whose blocks stand in a printed network."""
    kinds = {one.kind for one in all_of(tree)}
    return list(dict.fromkeys(name for block, found in _BLOCKS.items() if block in kinds for name in found))


def _resnets(tree: Layer) -> Iterator[Call]:
    """A ResNet of other depths, groups and widths."""
    stages = [one for one in tree.children if one.kind == "Sequential" and one.children][:4]
    depths = [len(one.children) for one in stages]
    block = stages[0].children[0].kind if stages else ""
    if len(stages) < 4 or sum(depths) > _MAX_BLOCKS or block not in ("BasicBlock", "Bottleneck"):
        return
    groups = max(_numbers(stages[0], r".*groups=(\d{1,4})"), default=1)
    width = channels(stages[0])[1] // max(groups, 1)
    wider = (("groups", groups), ("width_per_group", width)) if (groups, width) != (1, 64) else ()
    yield Call("ResNet", "resnet", block, (tuple(depths),), wider if block == "Bottleneck" else ())


def _densenets(tree: Layer) -> Iterator[Call]:
    """A DenseNet of other growth and other blocks."""
    first = {one.name: channels(one)[1] for one in reversed([*all_of(tree)]) if one.kind == "Conv2d"}
    growth, start, between = (first.get(name, 0) for name in ("conv2", "conv0", "conv1"))
    blocks = [len(one.children) for one in all_of(tree) if one.kind == "_DenseBlock"]
    if growth and start and blocks and sum(blocks) <= _MAX_BLOCKS:
        yield Call("DenseNet", "densenet", "", (growth, tuple(blocks), start, between // growth))


_CUSTOM: dict[str, Callable[[Layer], Iterator[Call]]] = {"ResNet": _resnets, "DenseNet": _densenets}


def channels(layer: Layer) -> tuple[int, int]:
    """What the first convolution takes and gives; zeros where there is none."""
    taken, given = (_numbers(layer, pattern) for pattern in (r"(\d{1,6}), \d", r"\d{1,6}, (\d{1,6}),"))
    return next(taken, 0), next(given, 0)


def _numbers(layer: Layer, pattern: str) -> Iterator[int]:
    """A number that its convolutions print."""
    for one in all_of(layer):
        if one.kind == "Conv2d" and (found := re.match(pattern, one.arguments)):
            yield int(found[1])


@lru_cache(maxsize=16)  # as many as one print may be compared with: a large one takes a megabyte
def made(call: Call) -> Layer | None:
    """The network of a call as it is printed; None where torchvision does not take that."""
    try:
        with torch.device("meta"):
            return tree_of(repr(call.make()))
    except Exception:  # torchvision raises nearly anything
        return None

"""In which order the layers of a printed class probably run, where they are not printed in it: a norm behind the
convolution of its number, a dropout before a fully connected layer; and which classes run none of their layers in a
row."""

import re
from dataclasses import replace

from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.source.printed.layers import Layer, all_of, in_torch

_NORM = re.compile(r"(?:Batch|Instance)Norm([123])d")
_NUMBER = re.compile(r"\d+$")
_BRANCHING = re.compile(  # what classes are called whose layers stand beside one another
    r"(?:Basic|Bottleneck|Identity|Inverted)_?Block|Bottle_?[nN]eck|Fire|MBConv|\w{0,40}(?:Resid|ResBlock|ResUnit"
    r"|Inception|DenseBlock|DenseLayer|SqueezeEx|SEBlock|SELayer|SEModule)\w{0,40}"
)
_HOLDING = ("Sequential", "ModuleList", "ModuleDict")
_BESIDE = re.compile(r"(?i)(?:shortcut|skip|resid|branch)\w{0,40}")  # and what their layers are called
_DOWN = re.compile(r"(?i)down_?sample")  # beside layers; before blocks it stands in their row
_OUT = re.compile(r"\d+, (\d+)\b|.*out_features=(\d+)")


def ordered(tree: Layer) -> Layer:
    """The class with its own layers in the order in which they probably run; those in a Sequential are in theirs."""
    if tree.kind == "Sequential":
        return tree
    return replace(tree, children=tuple(_dropped(_normed([*tree.children]))))


def branching(tree: Layer) -> str:
    """The first class in a printed network whose layers do not run one behind the other, as those of a residual block;
    '' where none is known to be such a one."""
    for one in all_of(tree):
        if one.children and one.kind not in _HOLDING and one.kind not in LAYERS:
            bare = any(child.arguments and not child.children for child in one.children)
            beside = any(
                _BESIDE.fullmatch(child.name) or (bare and _DOWN.fullmatch(child.name)) for child in one.children
            )
            if beside or _BRANCHING.fullmatch(one.kind):
                return one.kind
    return ""


def _normed(layers: list[Layer]) -> list[Layer]:
    """conv1, bn1, conv2, bn2 for conv1, conv2, bn1, bn2: a norm stands behind the layer of its number that is printed
    before it and gives as many channels."""
    result: list[Layer] = []
    for one in layers:
        at = next((index for index, other in enumerate(result) if _belongs(one, other)), None)
        result.insert(len(result) if at is None else at + 1, one)
    return result


def _belongs(norm: Layer, weighted: Layer) -> bool:
    """Whether a norm has the number, the axes and the channels of a layer with weights."""
    found, out = _NORM.fullmatch(norm.kind), _OUT.match(weighted.arguments)
    number, own = _NUMBER.search(norm.name), _NUMBER.search(weighted.name)
    if found is None or out is None or number is None or own is None or int(number[0]) != int(own[0]):
        return False
    kinds = (f"Conv{found[1]}d", f"ConvTranspose{found[1]}d", *(("Linear",) if found[1] == "1" else ()))
    features = re.match(r"(?:num_features=)?(\d+)", norm.arguments)
    return in_torch(weighted).kind in kinds and features is not None and features[1] == (out[1] or out[2])


def _dropped(layers: list[Layer]) -> list[Layer]:
    """One dropout that is printed first or last stands before the last Linear; two in a row stand before the last two,
    one before each."""
    at = [index for index, one in enumerate(layers) if one.kind == "Dropout" and one.times == 1]
    linear = [index for index, one in enumerate(layers) if one.kind == "Linear"]
    if not 1 <= len(at) <= min(2, len(linear)) or at[-1] - at[0] >= 2:
        return layers
    if at[0] != 0 and at[-1] != len(layers) - 1 and (len(at) == 1 or at[-1] > linear[0]):
        return layers
    before = dict(zip(linear[-len(at) :], at, strict=True))
    kept = [index for index in range(len(layers)) if index not in at]
    return [layers[part] for index in kept for part in (*((before[index],) if index in before else ()), index)]

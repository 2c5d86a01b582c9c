"""The Receptive field page: a stack of convolutions and poolings, and the unit whose field is shown."""

import re
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from PIL import Image

from cnnviz import links
from cnnviz.data.pictures import built_in
from cnnviz.lessons.common.settings import WithTask
from cnnviz.ops.receptive_field import Kind, Layer, Stack
from cnnviz.ops.windows import Array

KINDS: dict[str, Kind] = {kind[0]: kind for kind in get_args(Kind)}  # c, m and a in links
MAX_LAYERS = 12
BOUNDS = {"kernel": (1, 11), "stride": (1, 4), "padding": (0, 5), "dilation": (1, 4)}
SIZES = (8, 64)  # of the input
MAX_CELLS = 200  # of a map: 12 layers that pad by 5 make 64 cells 184
OWN = "own stack"
NETWORKS = (  # the zoo's plain stacks of layers, named here without torch
    *("lenet5", "mnist_cnn", "conv_mnist", "simple_cnn", "cnn_64", "cnn_max", "cnn_avg", "cnn_valid"),
    *("conv_cifar10", "cifar100_cnn"),
)
MIDDLE = -1  # as row or column: the middle of the map
ADDED = Layer("convolution", 3, padding=1)  # fits after every layer


# --- a stack as text: c3s1p1d1-m2s2p0d1


def write_stack(layers: tuple[Layer, ...]) -> str:
    """One part a layer: kind, kernel, stride, padding, dilation."""
    return "-".join(f"{one.kind[0]}{one.kernel}s{one.stride}p{one.padding}d{one.dilation}" for one in layers)


def read_stack(text: str) -> tuple[Layer, ...]:
    """The layers that `write_stack` wrote. Raises ValueError on any other text, and on numbers beyond BOUNDS."""
    parts = text.split("-")
    if len(parts) > MAX_LAYERS:
        raise ValueError(f"it has {len(parts)} layers and {MAX_LAYERS} are the most")
    return tuple(_read_layer(part, number) for number, part in enumerate(parts, 1))


def _read_layer(part: str, number: int) -> Layer:
    """Layer `number` of a stack, for example m2s2p0d1."""
    found = re.fullmatch(r"([cma])([0-9]{1,2})s([0-9])p([0-9])d([0-9])", part)
    if not found:
        raise ValueError(f"its layer {number} has to be like c3s1p1d1 (c, m or a; kernel, stride, padding, dilation)")
    values = dict(zip(BOUNDS, map(int, found.groups()[1:]), strict=True))
    for name, (low, high) in BOUNDS.items():
        if not low <= values[name] <= high:
            raise ValueError(f"in its layer {number} the {name} is {values[name]}; it has to be {low} to {high}")
    return Layer(KINDS[found[1]], **values)


VGG_BLOCK = read_stack("c3s1p1d1-c3s1p1d1-m2s2p0d1-c3s1p1d1-c3s1p1d1-m2s2p0d1")


# --- the settings


@dataclass(frozen=True)
class Receptive(WithTask):
    """The settings. `stack` and `size` count for an own stack; a network brings its own. `layer`, counted from 1, is
    brought inside where the stack is shorter, `row` and `col` where its map is smaller."""

    LOOKING = ("layer", "row", "col")

    network: str = links.choice(OWN, (OWN, *NETWORKS))
    stack: tuple[Layer, ...] = links.setting(VGG_BLOCK, write_stack, read_stack)
    size: int = links.integer(28, *SIZES)
    layer: int = links.integer(MAX_LAYERS, 1, MAX_LAYERS)
    row: int = links.integer(MIDDLE, MIDDLE, MAX_CELLS)
    col: int = links.integer(MIDDLE, MIDDLE, MAX_CELLS)

    @property
    def whole(self) -> Stack:
        """What is shown. For a network torch is imported, here and only then."""
        if self.network == OWN:
            return Stack(self.stack, self.size)
        from cnnviz.interpret import effective_field

        return effective_field.stack_of(self.network)

    @property
    def unit(self) -> tuple[int, int, int]:
        """Layer (from 1), row and column (from 0) of the unit that is shown."""
        sizes = self.whole.sizes()
        layer = min(self.layer, len(sizes) - 1)
        row, col = (sizes[layer] // 2 if at == MIDDLE else min(at, sizes[layer] - 1) for at in (self.row, self.col))
        return layer, row, col

    def picture(self) -> Array:
        """The digit at the size of the input, (size, size), from 0 to 255."""
        size = self.whole.size
        small = Image.fromarray(built_in("Digit").astype(np.uint8)).resize((size, size), Image.Resampling.BOX)
        return np.asarray(small, dtype=float)

    def with_layer(self, **values: Any) -> dict[str, Any]:
        """The settings to change for another kernel, stride ... of the unit's layer: from now on an own stack."""
        index = self.unit[0] - 1
        layers = self.whole.layers
        return self.with_layers((*layers[:index], replace(layers[index], **values), *layers[index + 1 :]), index)

    def with_added(self) -> dict[str, Any]:
        """The settings to change for one more layer after the unit's; there has to be room for it."""
        index, layers = self.unit[0], self.whole.layers
        return self.with_layers((*layers[:index], ADDED, *layers[index:]), index)

    def without_layer(self) -> dict[str, Any]:
        """The settings to change to leave the unit's layer out; there has to be another."""
        index, layers = self.unit[0] - 1, self.whole.layers
        return self.with_layers((*layers[:index], *layers[index + 1 :]), max(0, index - 1))

    def with_layers(self, layers: tuple[Layer, ...], index: int) -> dict[str, Any]:
        """The settings to change for other layers, of which number `index` (from 0) is shown."""
        return {"network": OWN, "stack": layers, "size": self.whole.size, "layer": index + 1}

    def bounds(self, name: str) -> tuple[int, int]:
        """The least and the most that `name` of the unit's layer may be so that this and all later layers fit."""
        low, high = BOUNDS[name]
        layer = self.whole.layers[self.unit[0] - 1]
        if name == "padding" and layer.kind != "convolution":
            high = min(high, layer.kernel // 2)
        if name == "dilation" and layer.kind == "average pooling":
            high = 1
        if name == "kernel" and layer.kind != "convolution":
            low = max(low, 2 * layer.padding)
        possible = [value for value in range(low, high + 1) if fits(self.with_layer(**{name: value}))]
        return min(possible), max(possible)

    def size_bounds(self) -> tuple[int, int]:
        """The least and the most that the input may be so that all layers fit."""
        low, high = SIZES
        return min(n for n in range(low, high + 1) if fits({"stack": self.whole.layers, "size": n})), high

    def validated(self, changed: list[str]) -> tuple["Receptive", list[str]]:
        """These settings with what cannot be made possible, and a sentence for each layer. A stack that came as a
        whole, without a unit, shows its last layer."""
        settings = self
        if {"stack", "network"} & set(changed) and "layer" not in changed:
            settings = replace(settings, layer=MAX_LAYERS, row=MIDDLE, col=MIDDLE)
        layers, notes = _validated_layers(settings.stack, settings.size)
        return replace(settings, stack=layers), notes


def fits(settings: dict[str, Any]) -> bool:
    """Whether every window fits into its map."""
    try:
        Stack(settings["stack"], settings["size"]).sizes()
    except ValueError:
        return False
    return True


def _validated_layers(layers: tuple[Layer, ...], size: int) -> tuple[tuple[Layer, ...], list[str]]:
    """Layers that are possible on an input of `size`, and a sentence for each that was not."""
    validated: list[Layer] = []
    notes: list[str] = []
    for number, layer in enumerate(layers, 1):
        cells, possible = Stack(tuple(validated), size).sizes()[-1], layer
        for rule in (_one_dilation, _within, _half_padding):
            possible, note = rule(possible, cells)
            notes += [f"Layer {number}, {named(layer)}: {note}"] if note else []
        validated.append(possible)
    return tuple(validated), notes


def _one_dilation(layer: Layer, cells: int) -> tuple[Layer, str]:
    """An average pooling without dilation."""
    if layer.kind != "average pooling" or layer.dilation == 1:
        return layer, ""
    note = f"its dilation is now 1 instead of {layer.dilation}; PyTorch's average pooling has none."
    return replace(layer, dilation=1), note


def _half_padding(layer: Layer, cells: int) -> tuple[Layer, str]:
    """A pooling that pads by at most half its window."""
    max_padding = layer.kernel // 2
    if layer.kind == "convolution" or layer.padding <= max_padding:
        return layer, ""
    note = f"its padding is now {max_padding} instead of {layer.padding}; PyTorch takes at most half the window."
    return replace(layer, padding=max_padding), note


def _within(layer: Layer, cells: int) -> tuple[Layer, str]:
    """A layer whose window fits into a map of `cells`."""
    padded_size = _padded(layer, cells)
    if layer.extent <= padded_size:
        return layer, ""
    smaller = (replace(layer, kernel=kernel) for kernel in range(layer.kernel - 1, 0, -1))
    fitting = next(one for one in smaller if one.extent <= _padded(one, cells))
    note = (
        f"its kernel is now {fitting.kernel} instead of {layer.kernel}, since it spanned {layer.extent} cells and its "
        f"padded map has {padded_size}. A larger input or smaller strides before it make room."
    )
    return fitting, note


def _padded(layer: Layer, cells: int) -> int:
    """A map of `cells` with the padding of the layer, of which a pooling takes at most half its window."""
    return cells + 2 * (layer.padding if layer.kind == "convolution" else min(layer.padding, layer.kernel // 2))


def named(layer: Layer) -> str:
    """The layer in two words: max pooling 2 × 2."""
    return f"{layer.kind} {layer.kernel} × {layer.kernel}"

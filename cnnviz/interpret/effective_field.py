"""The effective receptive field: how much each input cell really moves one unit.

It is the gradient of the unit with respect to the input, its absolute value averaged over inputs (Luo, Li, Urtasun
and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", 2016).
"""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.networks import zoo
from cnnviz.ops import arithmetic
from cnnviz.ops.receptive_field import Kind, Layer, Span, Stack
from cnnviz.ops.windows import Array

CHANNELS = 8
BUDGET = 1e10  # MACs of all forward passes through a random stack: about a second on two slow cores
LAYERS: dict[type[nn.Module], Kind] = {
    nn.Conv2d: "convolution",
    nn.MaxPool2d: "max pooling",
    nn.AvgPool2d: "average pooling",
}
CELL_BY_CELL = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.BatchNorm2d, nn.Dropout, nn.Dropout2d, nn.Identity)
POOLINGS: dict[str, type[nn.Module]] = {"max pooling": nn.MaxPool2d, "average pooling": nn.AvgPool2d}


# --- from modules to layers, and back


@lru_cache(maxsize=32)
def stack_of(name: str) -> Stack:
    """The convolutions and poolings of a network of the zoo, up to its Flatten. Raises ValueError where it is not a
    plain stack of them."""
    with torch.device("meta"):
        network = zoo.build(name)
    if not isinstance(network, nn.Sequential):
        raise ValueError(f"{name} is a {type(network).__name__}, not one layer after the other")
    modules = spatial(network)
    for module in modules:
        if not isinstance(module, (*LAYERS, *CELL_BY_CELL)):
            raise ValueError(f"{name} has a {type(module).__name__}, which is no plain convolution or pooling")
    return Stack(tuple(layer_of(module) for module in modules if is_layer(module)), zoo.entry(name).input_shape[1])


def spatial(network: nn.Sequential) -> list[nn.Module]:
    """The modules before the Flatten."""
    modules = list(network)
    flat = [index for index, module in enumerate(modules) if isinstance(module, nn.Flatten)]
    return modules[: flat[0]] if flat else modules


def is_layer(module: nn.Module) -> bool:
    """Whether a unit after the module sees more than one cell before it."""
    return isinstance(module, tuple(LAYERS))


def layer_of(module: Any) -> Layer:
    """Kernel, stride, padding and dilation of a Conv2d, MaxPool2d or AvgPool2d. Raises ValueError where they differ
    along the axes or have names instead of numbers."""
    pairs = [module.kernel_size, module.stride, module.padding, getattr(module, "dilation", 1)]
    if isinstance(module.padding, str) or getattr(module, "ceil_mode", False):
        raise ValueError(f"{module}: its padding has to be a number, and its size rounded down")
    values = [pair if isinstance(pair, int) else pair[0] for pair in pairs]
    if any(pair not in (value, (value, value)) for pair, value in zip(pairs, values, strict=True)):
        raise ValueError(f"{module} is not the same along both axes")
    return Layer(LAYERS[type(module)], *values)


def random_network(stack: Stack, seed: int) -> nn.Sequential:
    """The stack with CHANNELS channels, ReLU after every convolution, and He's random weights."""
    generator = torch.Generator().manual_seed(seed)
    modules: list[nn.Module] = []
    channels = 1
    for layer in stack.layers:
        if layer.kind == "convolution":
            modules += [_convolution(layer, channels, generator), nn.ReLU()]
            channels = CHANNELS
        else:
            dilation = {} if layer.kind == "average pooling" else {"dilation": layer.dilation}
            modules.append(POOLINGS[layer.kind](layer.kernel, layer.stride, layer.padding, **dilation))
    return nn.Sequential(*modules).requires_grad_(False)


def _convolution(layer: Layer, channels: int, generator: torch.Generator) -> nn.Conv2d:
    """A convolution from `channels` to CHANNELS, initialised after He et al., 2015: variance 2 / inputs of a unit."""
    made = nn.Conv2d(channels, CHANNELS, layer.kernel, layer.stride, layer.padding, layer.dilation, bias=False)
    nn.init.kaiming_normal_(made.weight, nonlinearity="relu", generator=generator)
    return made


# --- gradients


def cut(network: nn.Sequential, depth: int) -> nn.Sequential:
    """The modules up to and with layer `depth`, counted from 1 as in Stack."""
    layers = [index for index, module in enumerate(network) if is_layer(module)]
    return network[: layers[depth - 1] + 1]


def gradient(network: nn.Module, inputs: Tensor, row: int, col: int) -> Array:
    """|d unit / d input|, averaged over `inputs` (N, C, H, W) and summed over their channels: (H, W).

    The unit is cell (row, col) of the output, summed over its channels. Raises ValueError where there is none.
    """
    inputs = inputs.detach().clone().requires_grad_()
    with torch.enable_grad():
        outputs = network(inputs)  # (N, C_out, H_out, W_out)
        if not (0 <= row < outputs.shape[2] and 0 <= col < outputs.shape[3]):
            raise ValueError(f"the output of {arithmetic.times(outputs.shape[2:])} cells has no cell ({row}, {col})")
        (slope,) = torch.autograd.grad(outputs[:, :, row, col].sum(), inputs)
    return slope.abs().sum(1).mean(0).double().numpy()


def random_gradient(stack: Stack, row: int, col: int) -> Array:
    """`gradient` of a unit of the last layer with random weights, averaged over networks and normal inputs: (H, W)."""
    networks, inputs = sample(stack)
    total = np.zeros((stack.size, stack.size))
    for seed in range(networks):
        noise = torch.randn(inputs, 1, stack.size, stack.size, generator=torch.Generator().manual_seed(seed))
        total += gradient(cut(random_network(stack, seed), len(stack.layers)), noise, row, col)
    return total / networks


def sample(stack: Stack) -> tuple[int, int]:
    """How many networks, and inputs for each, the budget allows: 32 x 4 for small stacks, 4 x 1 for the largest."""
    macs = 1
    for layer, size in zip(stack.layers, stack.sizes()[1:], strict=True):
        macs += arithmetic.convolution_macs(CHANNELS, CHANNELS, layer.kernel, layer.kernel, size, size)
    inputs = int(min(4, max(1, BUDGET / macs / 32)))
    return int(min(32, max(4, BUDGET / macs / inputs))), inputs


# --- how much of it lies in the middle


def middle(span: Span, unit: int) -> range:
    """The middle half of a unit's field, rounded up to whole cells."""
    field = span.cells(unit)
    half = -(-span.size // 2)
    first = field.start + (span.size - half) // 2
    return range(first, first + half)


def share_in_the_middle(field: Array, span: Span, row: int, col: int) -> float:
    """The part of `field` (H, W) that lies in the middle half of the unit's receptive field, both ways; 0 where the
    field is 0 everywhere."""
    rows, cols = (np.isin(np.arange(n), middle(span, unit)) for n, unit in zip(field.shape, (row, col), strict=True))
    total = float(field.sum())
    return float(field[np.ix_(rows, cols)].sum()) / total if total else 0.0

"""Exercises of the Architectures page: parameters and multiply-accumulates of a milestone's layers."""

from functools import lru_cache
from math import prod

from torch import nn

from cnnviz.lessons.architectures.settings import Architectures
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.networks.zoo import history
from cnnviz.networks.zoo.history import MILESTONES
from cnnviz.ops.arithmetic import convolution_macs, convolution_parameters, times
from cnnviz.tracing import Step, trace


@lru_cache(maxsize=len(MILESTONES))
def _convolutions(milestone: str) -> tuple[tuple[Step, nn.Conv2d], ...]:
    """The convolutions of a milestone's block with their steps."""
    block = history.block(milestone)
    found = []
    for step in trace(block, MILESTONES[milestone].input_shape):
        module = block.get_submodule(step.module) if step.module else None
        if isinstance(module, nn.Conv2d):
            found.append((step, module))
    return tuple(found)


def _parameters(layer: nn.Conv2d, bias: bool = True) -> int:
    """Weights, and biases where the layer has them and they are asked for."""
    k_h, k_w = layer.kernel_size
    with_bias = bias and layer.bias is not None
    return convolution_parameters(layer.in_channels, layer.out_channels, k_h, k_w, layer.groups, with_bias)


def _first(settings: Architectures) -> tuple[Step, nn.Conv2d]:
    """The first convolution of the block."""
    return _convolutions(settings.milestone)[0]


def _describe_layer(layer: nn.Conv2d) -> str:
    """from 3 to 96 channels with kernels of 11 × 11 and stride 4."""
    k_h, k_w = layer.kernel_size
    stride = f" and stride {layer.stride[0]}" if layer.stride[0] > 1 else ""
    return f"from {layer.in_channels} to {layer.out_channels} channels with kernels of {k_h} × {k_w}{stride}"


# --- parameters of the first layer


def _asks_parameters(settings: Architectures) -> str:
    """The question, with the layer in it."""
    _, layer = _first(settings)
    biases = "weights and biases" if layer.bias is not None else "weights; it has no biases"
    return (
        f"{settings.milestone} begins with a convolution {_describe_layer(layer)}. How many parameters "
        f"has this layer ({biases})?"
    )


def _explain_parameters(settings: Architectures) -> str:
    """The parameters written out."""
    return _first(settings)[0].arithmetic + f" = {_parameters(_first(settings)[1]):,}."


# --- multiply-accumulates


def _macs(settings: Architectures, side: tuple[int, ...] = ()) -> int:
    """Multiply-accumulates of the first convolution, for an output of that size or of its own."""
    step, layer = _first(settings)
    rows, cols = side or step.output_shape[2:]
    k_h, k_w = layer.kernel_size
    return convolution_macs(layer.in_channels, layer.out_channels, k_h, k_w, rows, cols, layer.groups)


def _asks_macs(settings: Architectures) -> str:
    """The question, with the layer and its input in it."""
    step, layer = _first(settings)
    shape = times(step.input_shape[1:])
    pads = f", padding {layer.padding[0]}" if layer.padding[0] else ", no padding"
    return (
        f"{settings.milestone}: an input of {shape}, a convolution {_describe_layer(layer)}{pads}. How many "
        "multiply-accumulates does it take for one picture (biases not counted)?"
    )


# --- the whole block


def _weights(settings: Architectures) -> int:
    """Weights of all convolutions of the block."""
    return sum(_parameters(layer, bias=False) for _, layer in _convolutions(settings.milestone))


def _without_groups(settings: Architectures) -> int:
    """As if every kernel saw all channels."""
    return sum(
        prod(layer.kernel_size) * layer.in_channels * layer.out_channels
        for _, layer in _convolutions(settings.milestone)
    )


def _in_one(settings: Architectures) -> int:
    """One plain convolution in place of the block."""
    layers = [layer for _, layer in _convolutions(settings.milestone)]
    return prod(max(layer.kernel_size for layer in layers)) * layers[0].in_channels * layers[-1].out_channels


def _asks_weights(settings: Architectures) -> str:
    """The question, with the block in it."""

    def one(layer: nn.Conv2d) -> str:
        alone = ", each channel by itself (depthwise)" if layer.groups == layer.in_channels > 1 else ""
        return f"a convolution {_describe_layer(layer)}{alone}"

    block = ", then ".join(one(layer) for _, layer in _convolutions(settings.milestone))
    return f"A block: {block}. How many weights have its convolutions together, without biases?"


EXERCISES = (
    Exercise(
        "first-layer",
        "AlexNet's first layer",
        _asks_parameters,
        Architectures(milestone="AlexNet"),
        lambda settings: _parameters(_first(settings)[1]),
        (
            "One filter has a kernel for each of the picture's channels, and one bias.",
            "(kernel rows × kernel columns × channels in + 1) × channels out; the stride does not count.",
        ),
        (
            Mistake("This leaves the biases out.", lambda settings: _parameters(_first(settings)[1], bias=False)),
            Mistake(
                "This takes one channel in: the picture has more, and every filter a kernel for each.",
                lambda settings: (prod(_first(settings)[1].kernel_size) + 1) * _first(settings)[1].out_channels,
            ),
        ),
        hides="stage",
        solution=_explain_parameters,
    ),
    Exercise(
        "macs",
        "The work of a layer",
        _asks_macs,
        Architectures(milestone="LeNet-5"),
        _macs,
        (
            "Every output cell takes as many multiply-accumulates as a filter has weights.",
            "Weights of the layer × rows × columns of its output; the output is smaller than the input here.",
        ),
        (
            Mistake(
                "This takes an output as large as the input; without padding it is smaller.",
                lambda settings: _macs(settings, _first(settings)[0].input_shape[2:]),
            ),
            Mistake("These are FLOPs: two for each multiply-accumulate.", lambda settings: 2 * _macs(settings)),
            Mistake("These are the weights: each is used at every place.", lambda settings: _macs(settings, (1, 1))),
            Mistake(
                "This counts the biases, too.",
                lambda settings: _macs(settings) + prod(_first(settings)[0].output_shape[1:]),
            ),
        ),
        hides="stage",
        solution=lambda settings: (
            f"{_parameters(_first(settings)[1], bias=False):,} weights at "
            f"{times(_first(settings)[0].output_shape[2:])} places."
        ),
    ),
    Exercise(
        "separable",
        "Depthwise, then 1 × 1",
        _asks_weights,
        Architectures(milestone="MobileNet and after"),
        _weights,
        (
            "A depthwise layer has one kernel for each channel.",
            "A 1 × 1 layer has one weight for every pair of channels. Add the two layers up.",
        ),
        (
            Mistake("This takes every kernel of the first layer through all channels.", _without_groups),
            Mistake("This is one plain convolution in place of the two: that is what is saved.", _in_one),
            Mistake(
                "This is the second layer alone.",
                lambda settings: _parameters(_convolutions(settings.milestone)[-1][1], bias=False),
            ),
        ),
        hides="stage",
        solution=lambda settings: f"One plain convolution would have {_in_one(settings):,}.",
    ),
)

"""A model and an input shape give one row a step: names, shapes, parameters, MACs. Nothing is computed.

The model is followed by torch.fx, on a copy whose tensors lie on the meta device: shapes without numbers.
"""

import copy
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import fx, nn

from cnnviz.arithmetic import convolution_macs, convolution_parameters, linear_parameters

Shape = tuple[int, ...]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Step:
    """One operation. Shapes are (N, ...); kernel, stride and padding are (vertical, horizontal).

    `arithmetic` writes the parameter count out, as in '(5 x 5 x 6 + 1) x 16'. `macs` counts
    multiply-accumulates for one image, bias not counted; FLOPs are twice as many.
    """

    name: str
    operation: str
    inputs: tuple[str, ...]
    input_shape: Shape
    output_shape: Shape
    kernel: Pair | None = None
    stride: Pair | None = None
    padding: Pair | None = None
    parameters: int = 0
    arithmetic: str = ""
    macs: int = 0


def trace(model: nn.Module, input_shape: tuple[int, ...]) -> list[Step]:
    """One row a step of `model` for an input of `input_shape` = (N, C, H, W).

    The model is left as it was. Raises ValueError with the layer and the shapes where a layer does not take
    its input.
    """
    graph = fx.symbolic_trace(_weightless(model).eval())
    follower = _Follower(graph)
    follower.run(torch.empty(input_shape, device="meta"))
    return follower.steps


def outputs(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """How many numbers the model gives for one input, without computing them."""
    return prod(trace(model, (1, *input_shape))[-1].output_shape[1:])


def _weightless(model: nn.Module) -> nn.Module:
    """A copy of the model on the meta device, made without copying a single weight."""
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(t): _shape_of(t) for t in tensors})


def _shape_of(tensor: torch.Tensor) -> torch.Tensor:
    empty = torch.empty_like(tensor, device="meta")
    return nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty


class _Follower(fx.Interpreter):
    """Runs a graph node by node and writes down a step for each."""

    def __init__(self, graph: fx.GraphModule):
        super().__init__(graph)
        self.steps: list[Step] = []
        self.extra_traceback = False  # it would be written into our sentence

    def run_node(self, n: fx.Node) -> Any:
        sources = [self.env[source] for source in n.all_input_nodes]
        shapes = [tuple(s.shape) for s in sources if isinstance(s, torch.Tensor)]
        try:
            result = super().run_node(n)
        except (RuntimeError, ValueError) as error:
            arrived = " and ".join(str(shape) for shape in shapes)
            raise ValueError(f"{_name(n)} does not take an input of shape {arrived}: {_first_line(error)}") from error
        if n.op in ("call_module", "call_function", "call_method") and isinstance(result, torch.Tensor):
            layer = self.fetch_attr(str(n.target)) if n.op == "call_module" else None
            self.steps.append(_step(n, layer, shapes[0], tuple(result.shape)))
        return result


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _name(node: fx.Node) -> str:
    return str(node.target) if node.op == "call_module" else node.name


def _step(node: fx.Node, layer: nn.Module | None, input_shape: Shape, output_shape: Shape) -> Step:
    operation = type(layer).__name__ if layer is not None else getattr(node.target, "__name__", str(node.target))
    inputs = tuple(_name(source) for source in node.all_input_nodes)
    numbers = _figures(layer, output_shape) if layer is not None else {}
    return Step(_name(node), operation, inputs, input_shape, output_shape, **numbers)


def _figures(layer: nn.Module, output_shape: Shape) -> dict[str, Any]:
    """Kernel, stride, padding, parameters and MACs of a layer, as far as it has them."""
    if isinstance(layer, nn.Conv2d):
        return _convolution(layer, output_shape)
    if isinstance(layer, nn.Linear):
        return _linear(layer, output_shape)
    if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
        return {
            "kernel": _pair(layer.kernel_size),
            "stride": _pair(layer.stride),
            "padding": _pair(layer.padding),
        }
    return {"parameters": sum(parameter.numel() for parameter in layer.parameters())}


def _convolution(layer: nn.Conv2d, output_shape: Shape) -> dict[str, Any]:
    c_in, c_out, groups, bias = layer.in_channels, layer.out_channels, layer.groups, layer.bias is not None
    (height, width), output_hw = _pair(layer.kernel_size), (output_shape[-2], output_shape[-1])
    return {
        "kernel": (height, width),
        "stride": _pair(layer.stride),
        "padding": _conv_padding(layer),
        "parameters": convolution_parameters(c_in, c_out, height, width, groups, bias),
        "arithmetic": _written(f"{height} x {width} x {c_in // groups}", c_out, bias),
        "macs": convolution_macs(c_in, c_out, height, width, *output_hw, groups=groups),
    }


def _linear(layer: nn.Linear, output_shape: Shape) -> dict[str, Any]:
    n_in, n_out, bias = layer.in_features, layer.out_features, layer.bias is not None
    return {
        "parameters": linear_parameters(n_in, n_out, bias),
        "arithmetic": _written(str(n_in), n_out, bias),
        "macs": linear_parameters(n_in, n_out, bias=False) * prod(output_shape[1:-1]),
    }


def _written(inputs: str, outputs: int, bias: bool) -> str:
    return f"({inputs} + 1) x {outputs}" if bias else f"{inputs} x {outputs}"


def _conv_padding(layer: nn.Conv2d) -> Pair:
    """The padding in cells; 'same' and 'valid' are resolved (the leading side, where 'same' is uneven)."""
    if layer.padding == "valid":
        return (0, 0)
    if layer.padding == "same":
        vertical, horizontal = (d * (k - 1) // 2 for d, k in zip(layer.dilation, layer.kernel_size, strict=True))
        return (vertical, horizontal)
    return _pair(layer.padding)


def _pair(value: Any) -> Pair:
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))

"""From a module to the text that describes it, and to a file that runs."""

import inspect
from typing import Any

from torch import nn

from cnnviz.networks.notation.layers import LAYERS, SIGNATURES
from cnnviz.networks.notation.parser import Network
from cnnviz.networks.zoo.blocks import Residual

INDENT = "    "
WINDOW = ("kernel_size", "stride", "padding", "dilation", "output_padding")  # one number where all axes are alike


def write(module: nn.Module) -> str:
    """The text of a Sequential of known layers, as one would write it; arguments at their defaults are left out. Raises
    ValueError with the layer's name where it is made of anything else."""
    if not isinstance(module, nn.Sequential):
        raise ValueError(f"{type(module).__name__} is no nn.Sequential, so it has no text")
    return _written(module, "")


def _written(module: nn.Module, indent: str) -> str:
    if type(module) is Residual:
        body = [_written(layer, indent + INDENT) for layer in module.body]
        if not isinstance(module.shortcut, nn.Identity):
            body.append(f"shortcut={_written(module.shortcut, indent + INDENT)}")
        return _call("Residual", body, indent)
    if type(module) is nn.Sequential:
        names, layers = list(module._modules), list(module)
        if names == [str(index) for index in range(len(names))]:
            return _call("nn.Sequential", [_written(layer, indent + INDENT) for layer in layers], indent)
        pairs = [f'("{name}", {_written(layer, indent + INDENT)})' for name, layer in zip(names, layers, strict=True)]
        inside = "".join(f"{indent}{INDENT}{pair},\n" for pair in pairs)
        return f"nn.Sequential(OrderedDict([\n{inside}{indent}]))"
    name = type(module).__name__
    if LAYERS.get(name) is not type(module):
        raise ValueError(f"{name} is none of the layers that a text may name")
    return f"nn.{described(module)}"


def _call(name: str, parts: list[str], indent: str) -> str:
    inside = "".join(f"{indent}{INDENT}{part},\n" for part in parts)
    return f"{name}(\n{inside}{indent})"


def arguments(layer: nn.Module) -> dict[str, Any]:
    """What a known layer's constructor was given, defaults included, so that one like it can be built."""
    return {name: _attribute(layer, name) for name in SIGNATURES[type(layer)]}


def described(layer: nn.Module) -> str:
    """Conv2d(1, 6, 5, padding=2): required values in their order, then those that differ from their defaults."""
    parts = []
    for name, parameter in SIGNATURES[type(layer)].items():
        value = _attribute(layer, name)
        if parameter.default is parameter.empty:
            parts.append(_literal(value))
        elif value != parameter.default and not _follows(layer, name, value):
            parts.append(f"{name}={_literal(value)}")
    return f"{type(layer).__name__}({', '.join(parts)})"


def _attribute(layer: nn.Module, name: str) -> Any:
    """A constructor's argument, from the attribute that keeps it."""
    if name == "bias":
        return layer.bias is not None
    value = getattr(layer, name)
    alike = isinstance(value, tuple) and len(set(value)) == 1 and name in WINDOW
    return value[0] if alike else value


def _follows(layer: nn.Module, name: str, value: Any) -> bool:
    """Whether torch works the value out from another one: a pooling's stride is its window, and a norm without weights
    has no bias."""
    if name == "bias":
        return not getattr(layer, "affine", getattr(layer, "elementwise_affine", True))
    return name == "stride" and "Pool" in type(layer).__name__ and value == _attribute(layer, "kernel_size")


def _literal(value: Any) -> str:
    return repr(tuple(value)) if isinstance(value, list | tuple) else repr(value)


def export(network: Network, input_shape: tuple[int, ...]) -> str:
    """A Python file that builds the network and shows that it takes an image of `input_shape` (C, H, W)."""
    text = write(network.weightless())
    ordered = "from collections import OrderedDict\n\n" if "OrderedDict" in text else ""
    block = "\n\n" + inspect.getsource(Residual).replace("Tensor", "torch.Tensor") if "Residual(" in text else ""
    size = ", ".join(map(str, (1, *input_shape)))
    return (
        f"{ordered}import torch\nfrom torch import nn\n{block}\n\nmodel = {text}\n\n\n"
        'if __name__ == "__main__":\n'
        f"    print(tuple(model(torch.zeros({size})).shape))\n"
        '    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")\n'
    )

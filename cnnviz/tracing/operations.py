"""One vocabulary for layers, functions and methods, and the settings that each was called with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from torch import Tensor, nn

from cnnviz.tracing.steps import Shape

# functions whose name, without its underscores, is that of a class: max_pool2d and MaxPool2d
CLASSES = {name.lower(): name for name in dir(nn) if isinstance(getattr(nn, name), type)}
WORDS = {
    "sub": "Subtract",
    "rsub": "Subtract",
    "mul": "Multiply",
    "div": "Divide",
    "rdiv": "Divide",
    "rpow": "Pow",
    "cat": "Concatenate",
    "concat": "Concatenate",
    "concatenate": "Concatenate",
    "getitem": "Slice",
    "setitem": "Assign",
    **dict.fromkeys(("mm", "bmm", "mv", "dot", "vdot", "inner", "linalg_matmul"), "Matmul"),
    **dict.fromkeys(("addmm", "addbmm", "baddbmm", "addmv", "imatmul"), "Matmul"),
    "multi_head_attention_forward": "MultiheadAttention",
    "interpolate": "Upsample",
    "max_pool1d_with_indices": "MaxPool1d",
    "max_pool2d_with_indices": "MaxPool2d",
    "max_pool3d_with_indices": "MaxPool3d",
}
RESHAPING = {"view", "reshape", "flatten", "Flatten"}
# no step at all
STORAGE = {"contiguous", "detach", "clone", "to", "type", "type_as", "cpu", "cuda", "float", "half", "double", "data"}
VALUES = {
    "bool",
    "item",
    "tolist",
    "int",
    "float",
    "index",
    "numpy",
    "array",
    "nonzero",
    "complex",
}  # they need numbers
VALUES |= {"equal", "allclose", "is_nonzero", "contains"}

# what the functions with a window take, in their order
ARGUMENTS = {
    "ConvTranspose": ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation"),
    "Conv": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "Linear": ("input", "weight", "bias"),
    "Bilinear": ("input1", "input2", "weight", "bias"),
    "Einsum": ("equation",),
    "MultiheadAttention": (
        *("query", "key", "value", "embed_dim_to_check", "num_heads", "in_proj_weight", "in_proj_bias"),
        *("bias_k", "bias_v", "add_zero_attn"),
    ),
    "MaxPool": ("input", "kernel_size", "stride", "padding", "dilation"),
    "AvgPool": ("input", "kernel_size", "stride", "padding"),
    "LPPool": ("input", "norm_type", "kernel_size", "stride"),
    "Adaptive": ("input", "output_size"),
    "Transpose": ("input", "dim0", "dim1"),
}
SETTINGS = (
    *("weight", "bias", "kernel_size", "stride", "padding", "dilation", "groups", "output_size", "output_padding"),
    *("all_weights", "weight_ih", "weight_hh", "batch_first", "bias_k", "add_zero_attn"),
)
BLOCKS = (".container", ".transformer")  # modules of torch.nn whose classes put layers together


@dataclass(frozen=True)
class Operation:
    """What was done: its word, such as Conv2d or Add, what it was called with, the shapes that came in, and what came
    out; () where it stopped. `operands` are the shapes of all its tensors, also of those not from the input."""

    name: str
    settings: Mapping[str, Any]
    inputs: tuple[Shape, ...]
    output: Shape = ()
    operands: tuple[Shape, ...] = ()

    def is_a(self, *names: str) -> bool:
        """Whether its name begins so: Conv2d is a Conv."""
        return self.name.startswith(names)

    @property
    def dimensions(self) -> int:
        """2 for Conv2d; 0 for what has no window."""
        return int(self.name[-2]) if self.name[-2:] in ("1d", "2d", "3d") else 0


def layer_name(module: nn.Module) -> str:
    """The name of the class of torch.nn that a layer is, or was derived from; '' for a module that is not one step:
    its forward is its own, or it is a container or a transformer's block."""
    forward = getattr(type(module).forward, "__module__", "") or ""  # that of torch.fx's GraphModule is None
    if not forward.startswith("torch.nn.modules.") or forward.endswith(BLOCKS) or lacks_forward(module):
        return ""
    return next(kind.__name__ for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn.modules."))


def lacks_forward(module: nn.Module) -> bool:
    """Whether a module cannot be called, such as an nn.ModuleList, or one whose forward is misspelt."""
    return type(module).forward is nn.Module.forward and "forward" not in vars(module)


def function_name(function: Callable[..., Any]) -> str:
    """relu for F.relu, torch.relu_ and Tensor.relu; the attribute's name for x.T and its like."""
    name = getattr(function, "__name__", type(function).__name__)
    owner = getattr(function, "__self__", None)
    return str(getattr(owner, "__name__", name) if name == "__get__" else name).strip("_").lower()


def makes_anew(name: str) -> bool:
    """Whether the function or method of that name takes nothing of its tensor but the shape: zeros_like, new_ones."""
    return name.endswith("_like") or name.startswith("new_")


def operation_of(name: str, input_shape: Shape, output_shape: Shape) -> str:
    """The word for what a function or a layer of that name did."""
    if name in RESHAPING:
        return "Flatten" if len(output_shape) == 2 and output_shape[0] == input_shape[0] else "Reshape"
    if name == "batch_norm":
        return f"BatchNorm{max(1, len(input_shape) - 2)}d"
    return WORDS.get(name) or CLASSES.get(name.replace("_", "").lower()) or name.replace("_", " ").capitalize()


def settings_of(operation: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a function by their names; without names, for what has no window, under 'positional'."""
    found = next((names for start, names in ARGUMENTS.items() if operation.startswith(start)), None)
    named = dict(zip(found, args)) if found else {"positional": args[1:]}
    return {**named, **kwargs}


def layer_settings(layer: nn.Module) -> dict[str, Any]:
    """The same of a layer, from its attributes."""
    held = {*vars(layer), *layer._parameters, *layer._buffers, *layer._modules}
    held.update(_settings_of_class(type(layer)))  # type: ignore[arg-type]
    found = {name: getattr(layer, name, held) for name in SETTINGS if name in held}
    return {name: value for name, value in found.items() if value is not held}


@lru_cache(maxsize=1024)
def _settings_of_class(kind: type[nn.Module]) -> tuple[str, ...]:
    """Settings that a layer has of its class. To ask a layer for what it has not takes it as long as a small step."""
    return tuple(name for name in SETTINGS if hasattr(kind, name))


def tensors(value: Any) -> list[Tensor]:
    """The tensors in nested tuples, lists and dictionaries, of which each is gone through once."""
    found: list[Tensor] = []
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Tensor):
            found.append(one)
        elif isinstance(one, dict | list | tuple) and id(one) not in seen:
            seen.add(id(one))
            waiting += reversed([*one.values()] if isinstance(one, dict) else one)
    return found


def writes_in_place(network: nn.Module) -> bool:
    """Whether a layer of the network writes its output over its input."""
    return any(getattr(module, "inplace", False) for module in network.modules())

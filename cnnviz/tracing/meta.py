"""A copy of a network on the meta device: its shapes without its numbers."""

import copy
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parameter import is_lazy


def weightless(model: nn.Module) -> nn.Module:
    """A copy in evaluation mode without weights, gradients and hooks; the model is left as it was.

    Raises ValueError for lazy layers, whose sizes nobody knows yet, and for what cannot be copied.
    """
    replaced: dict[int, Any] = {}
    for path, module in model.named_modules():
        if any(is_lazy(parameter) for parameter in module.parameters(recurse=False)):
            raise ValueError(f"{path or 'the network'} is lazy: it has no sizes before it has met its first batch")
        for name, value in vars(module).items():
            if isinstance(value, Tensor):  # left there by weight_norm and its like
                replaced[id(value)] = _shape_of(value)
            elif name.endswith("_hooks"):
                replaced[id(value)] = OrderedDict()
    replaced |= {id(tensor): _shape_of(tensor) for tensor in (*model.parameters(), *model.buffers())}
    try:
        copied = copy.deepcopy(model, replaced).eval()
    except Exception as error:  # whatever a network holds besides its layers
        raise ValueError(f"the network cannot be copied: {first_line(error)}") from error

    for module in copied.modules():
        if isinstance(module, _BatchNorm):
            module.forward = partial(_normalised, module, module.forward)  # type: ignore[method-assign]
    return copied


def _normalised(norm: _BatchNorm, forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What batch norm does to a shape, which takes torch most of a trace's time: nothing, or raise."""
    norm._check_input_dim(x)
    return torch.empty_like(x) if x.shape[1] == norm.num_features else forward(x)


def _shape_of(tensor: Tensor) -> Tensor:
    empty = torch.empty_like(tensor, device="meta", requires_grad=False)
    return nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty


def first_line(error: BaseException) -> str:
    """What an error says, without the rest."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

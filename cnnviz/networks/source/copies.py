"""Copies of networks of a text, whose lazy layers may have no sizes yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

_UNCHANGING = (bool, int, float, str, type(None))
_GROUPS = (dict, OrderedDict, set)
_TENSORS = ("_parameters", "_buffers")


def settled(network: nn.Module, shapes: Sequence[tuple[int, ...]]) -> nn.Module:
    """The network, its lazy layers with the sizes that inputs of those shapes give them."""
    if shapes and any(isinstance(module, LazyModuleMixin) for module in network.modules()):
        training = network.training
        with torch.no_grad(), suppress(RuntimeError, TypeError, IndexError):  # what torch raises where it does not fit
            network.eval()(*(torch.zeros(2, *shape) for shape in shapes))
        network.train(training)
    return network


def copied(network: nn.Module) -> nn.Module:
    """A copy; torch cannot copy a buffer that has no size yet, and takes long over what most layers are made of: empty
    dictionaries of hooks, settings that are no objects of their own, and tensors without numbers."""
    known: dict[int, Any] = {}
    for module in network.modules():
        for tensor in (*module._parameters.values(), *module._buffers.values()):
            if tensor is not None and id(tensor) not in known and (twin := _twin(tensor)) is not None:
                known[id(tensor)] = twin
        parts = {name: value for name, value in vars(module).items() if not never_changes(value)}
        tensors = {name: parts.pop(name) for name in _TENSORS if parts.get(name)}
        if any(value or type(value) not in _GROUPS for value in parts.values()):
            continue
        layer = known[id(module)] = type(module).__new__(type(module))
        own = vars(layer)
        own.update(vars(module))
        for name, value in parts.items():
            own[name] = known.setdefault(id(value), type(value)())
        for name, value in tensors.items():
            own[name] = type(value)((of, _copy(one, known)) for of, one in value.items())
    return deepcopy(network, known)


def _twin(tensor: torch.Tensor) -> torch.Tensor | None:
    """A tensor without numbers, anew; None for any other."""
    if isinstance(tensor, UninitializedBuffer):
        return UninitializedBuffer()
    if not tensor.is_meta or type(tensor) not in (torch.Tensor, nn.Parameter):
        return None
    return nn.Parameter(tensor.detach(), tensor.requires_grad) if type(tensor) is nn.Parameter else tensor.detach()


def _copy(tensor: torch.Tensor | None, known: dict[int, Any]) -> torch.Tensor | None:
    return known[id(tensor)] if id(tensor) in known else deepcopy(tensor, known)


def never_changes(value: object) -> bool:
    """Whether a value is a number, a word, or a row of such that cannot be another one."""
    return type(value) in _UNCHANGING or (type(value) is tuple and all(type(one) in _UNCHANGING for one in value))


def is_lazy(parameter: torch.Tensor) -> bool:
    return isinstance(parameter, UninitializedParameter)

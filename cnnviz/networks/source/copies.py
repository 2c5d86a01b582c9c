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
    known: dict[int, Any] = {id(one): UninitializedBuffer() for one in network.buffers() if _is_sizeless(one)}
    known |= {id(one): one.detach() for one in network.buffers() if one.is_meta and type(one) is torch.Tensor}
    for parameter in network.parameters():
        if parameter.is_meta and type(parameter) is nn.Parameter:
            known[id(parameter)] = nn.Parameter(parameter.detach(), parameter.requires_grad)
    for module in network.modules():
        parts = {name: value for name, value in vars(module).items() if not _never_changes(value)}
        empty = [name for name, value in parts.items() if type(value) in _GROUPS and not value]
        for name in empty:
            known.setdefault(id(parts[name]), type(parts[name])())
        if parts.keys() - {*empty, "_parameters", "_buffers"}:
            continue
        twin = known[id(module)] = type(module).__new__(type(module))
        vars(twin).update(vars(module), **{name: deepcopy(value, known) for name, value in parts.items()})
    return deepcopy(network, known)


def _never_changes(value: object) -> bool:
    return type(value) in _UNCHANGING or (type(value) is tuple and all(type(one) in _UNCHANGING for one in value))


def _is_sizeless(buffer: torch.Tensor) -> bool:
    return isinstance(buffer, UninitializedBuffer)


def is_lazy(parameter: torch.Tensor) -> bool:
    return isinstance(parameter, UninitializedParameter)

"""A copy of a network on the meta device: its shapes without its numbers."""

import copy
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import is_lazy

from cnnviz.tracing.memory_order import normalised
from cnnviz.tracing.operations import lacks_forward, tensors

ONE_BY_ONE = {
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus),
    *(nn.Sigmoid, nn.Tanh, nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid, nn.Dropout),
}
_IS_CAUSAL: dict[Any, tuple[str, int]] = {  # what says so, and where it stands among the arguments
    nn.TransformerEncoder.forward: ("is_causal", 3),
    nn.TransformerDecoder.forward: ("tgt_is_causal", 6),
}


def weightless(model: nn.Module, lazy: bool = False) -> nn.Module:
    """A copy in evaluation mode without weights, gradients and hooks; the model is left as it was. Where it may be
    `lazy`, its lazy layers take their sizes from what comes as far as that. Of what torch.compile gave, that
    of which it was made, also inside.

    Raises ValueError for lazy layers, whose sizes nobody knows yet, for TorchScript, which has no forward that could be
    followed, for what has no forward at all or was never set up, and for what cannot be copied.
    """
    _check_whole(model)
    if not lazy:
        _check_sizes(model)
    copied = bare(_uncompiled(_copied(model, _shape_of)))
    for module in copied.modules():
        if isinstance(module, LazyModuleMixin) and any(map(is_lazy, module.parameters(recurse=False))):
            hook = module.register_forward_pre_hook(module._infer_parameters, with_kwargs=True)
            module._initialize_hook = hook  # with which it takes its sizes, once
    return copied


def bare(network: nn.Module) -> nn.Module:
    """A network on the meta device that is nobody else's, from now on for shapes alone: what does nothing to them is
    left out. It is given back."""
    for module in network.eval().modules():
        if isinstance(module, _BatchNorm) and type(module).forward is _BatchNorm.forward:  # not one of their own
            module.forward = partial(_normalised, module, module.forward)  # type: ignore[method-assign]
        elif type(module) in ONE_BY_ONE:
            module.forward = partial(_alike, module)
        elif type(module).forward in _IS_CAUSAL:
            module.forward = partial(_not_causal, module)
    return network


def _check_whole(network: nn.Module) -> None:
    """Raises ValueError where a network cannot be called."""
    try:
        modules = list(network.modules())
    except AttributeError as error:  # torch's own, which names the class
        raise ValueError(
            f"a module was never set up, for its __init__ does not call super().__init__(): {first_line(error)}"
        ) from error
    if any(isinstance(module, torch.jit.ScriptModule) for module in modules):
        raise ValueError("the network is compiled by TorchScript; follow the one that it was made of")
    if lacks_forward(network):
        raise ValueError(f"{type(network).__name__} has no forward, with which a network says what it does")


def _uncompiled(network: nn.Module) -> nn.Module:
    """The network with what torch.compile was given, in place of what it gave."""
    network = getattr(network, "_orig_mod", network)
    for module in list(network.modules()):
        for name, inner in module._modules.items():
            while hasattr(inner, "_orig_mod"):
                inner = module._modules[name] = inner._orig_mod
    return network


def number_type(network: nn.Module) -> torch.dtype:
    """The type of number that a network computes in: that of its first parameter of such a type, float32 without."""
    return next((one.dtype for one in network.parameters() if one.is_floating_point()), torch.float32)


def _check_sizes(network: nn.Module) -> None:
    for path, module in network.named_modules():
        if any(is_lazy(parameter) for parameter in module.parameters(recurse=False)):
            raise ValueError(f"{path or 'the network'} is lazy: it has no sizes before it has met its first batch")


def twin(model: nn.Module) -> nn.Module:
    """A copy of the tree of modules that shares the model's weights and buffers, without its hooks: what is hung on the
    twin, nobody meets who runs the model in another thread.

    Every pass makes its own and throws it away. Raises ValueError for what cannot be copied.
    """
    return _copied(model, lambda tensor: tensor)


def _copied(model: nn.Module, tensor: Callable[[Tensor], Tensor]) -> nn.Module:
    """A copy without hooks whose tensors are those that `tensor` gives for the model's. Raises ValueError for what
    cannot be copied."""
    replaced: dict[int, Any] = {}
    try:
        for module in model.modules():
            for name, value in vars(module).items():
                if "_hooks" in name and isinstance(value, dict):
                    replaced[id(value)] = OrderedDict()
                elif name not in ("_parameters", "_buffers"):  # left there by weight_norm, or kept by a forward
                    replaced |= {id(one): tensor(one) for one in tensors(value)}
        replaced |= {id(one): tensor(one) for one in (*model.parameters(), *model.buffers())}
        return copy.deepcopy(model, replaced)
    except Exception as error:  # whatever a network holds besides its layers
        raise ValueError(f"the network cannot be copied: {first_line(error)}") from error


def _alike(layer: nn.Module, x: Tensor) -> Tensor:
    """What a layer that takes every number by itself does to a shape, for which torch takes its time too."""
    if not x.is_floating_point():
        return type(layer).forward(layer, x)  # type: ignore[no-any-return]
    if getattr(layer, "inplace", False):
        return x
    shared = x.is_contiguous() or isinstance(layer, nn.Dropout)  # to make one takes ten times as long
    return x.detach() if shared else torch.empty_like(x)


def _normalised(norm: _BatchNorm, forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What batch norm does to a shape, which takes torch most of a trace's time: nothing, or raise."""
    norm._check_input_dim(x)
    return normalised(x) if x.shape[1] == norm.num_features else forward(x)


def _not_causal(stack: nn.Module, *args: Any, **kwargs: Any) -> Tensor:
    """What a transformer's stack of layers does to a shape: the same whether its mask is causal, for which torch looks
    at the mask's values where it is not told."""
    name, place = _IS_CAUSAL[type(stack).forward]
    if len(args) > place:
        args = (*args[:place], bool(args[place]), *args[place + 1 :])
    else:
        kwargs = {**kwargs, name: bool(kwargs.get(name))}
    return type(stack).forward(stack, *args, **kwargs)  # type: ignore[no-any-return]


def _shape_of(tensor: Tensor) -> Tensor:
    if is_lazy(tensor):
        kind: Any = type(tensor)
        return kind(device="meta", requires_grad=False)  # type: ignore[no-any-return]
    empty = torch.empty_like(tensor, device="meta", requires_grad=False)
    return nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty


def first_line(error: BaseException) -> str:
    """What an error says, without the rest."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

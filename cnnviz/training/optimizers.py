"""The optimisers by name, fused: one call of the device for all parameters."""

from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.training.config import TrainConfig


def new_optimizer(config: TrainConfig, network: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of the config for the parameters of a network.

    On cuda its learning rate is a tensor there and its steps can be recorded as a graph.
    """
    on_cuda = any(parameter.is_cuda for parameter in network.parameters())
    rate: Any = config.learning_rate
    if on_cuda:
        rate = torch.full((1,), rate, device=next(network.parameters()).device)
    common: dict[str, Any] = {"lr": rate, "weight_decay": config.weight_decay, "fused": True}
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(network.parameters(), **common)
        case "momentum" | "nesterov" as name:
            nesterov = name == "nesterov" and config.momentum > 0  # without momentum the two are plain sgd
            return torch.optim.SGD(network.parameters(), momentum=config.momentum, nesterov=nesterov, **common)
        case "adam":
            return torch.optim.Adam(network.parameters(), capturable=on_cuda, **common)
        case _:
            return torch.optim.AdamW(network.parameters(), capturable=on_cuda, **common)


def set_rate(optimizer: torch.optim.Optimizer, rate: float | Tensor) -> None:
    """The learning rate of the next step; into the tensor that holds it, where the optimiser has one."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].copy_(rate) if isinstance(rate, Tensor) else group["lr"].fill_(rate)
        else:
            group["lr"] = rate

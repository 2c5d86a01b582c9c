"""The optimisers by name, fused: one call of the device for all parameters."""

from typing import Any

import torch
from torch import nn

from cnnviz.training.config import TrainConfig


def new_optimizer(config: TrainConfig, network: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of the config for the parameters of a network."""
    common: dict[str, Any] = {"lr": config.learning_rate, "weight_decay": config.weight_decay, "fused": True}
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(network.parameters(), **common)
        case "momentum" | "nesterov" as name:
            nesterov = name == "nesterov" and config.momentum > 0  # without momentum the two are plain sgd
            return torch.optim.SGD(network.parameters(), momentum=config.momentum, nesterov=nesterov, **common)
        case "adam":
            return torch.optim.Adam(network.parameters(), **common)
        case _:
            return torch.optim.AdamW(network.parameters(), **common)

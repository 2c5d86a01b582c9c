"""What ends a run early, as one sentence that says what to try."""

import copy

import torch
from torch import nn

from cnnviz.training.config import TrainConfig

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")  # mps; the CPU on Linux, on Windows


class Diverged(ArithmeticError):
    """The loss is no longer a number."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device had no room. Only cuda has a type for it; elsewhere the words tell."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)


def diverged(loss: float, step: int, config: TrainConfig) -> Diverged:
    """What is raised where the loss is infinite or not a number."""
    rate = config.learning_rate
    if config.schedule == "sweep":
        return Diverged(f"the loss became {loss} at step {step}: the sweep is beyond what this network bears")
    return Diverged(f"the loss became {loss} at step {step}: learning rate {rate:g} is too large, try {rate / 10:g}")


def out_of_memory_hint(config: TrainConfig) -> str:
    """What to try where the device had no room for a batch."""
    if config.batch_size == 1:
        return "the device has no room even for single images; try a smaller network"
    smaller = config.batch_size // 2
    return f"the device has no room for batches of {config.batch_size}; try a batch size of {smaller}"


def check_last_batch(network: nn.Module, images: int, config: TrainConfig, shape: tuple[int, int, int]) -> None:
    """Raises ValueError where an epoch's last batch is one image of `shape` (C, H, W) alone and the network cannot
    learn from one: batch norm has then one number a channel to normalise, where its maps are 1 x 1."""
    if images % config.batch_size != 1 or config.batch_size == 1:
        return
    shapes = {
        id(one): nn.Parameter(one.to("meta"), one.requires_grad) if isinstance(one, nn.Parameter) else one.to("meta")
        for one in (*network.parameters(), *network.buffers())
    }
    alone = copy.deepcopy(network, shapes).train()  # without a second copy of the weights
    try:
        alone(torch.empty(1, *shape, device="meta"))
    except RuntimeError:
        return  # what the meta device cannot do says nothing of one image
    except ValueError as error:
        raise ValueError(
            f"{images:,} images in batches of {config.batch_size} leave one alone at the end of an epoch, and batch "
            f"norm cannot learn from a single number a channel; take batches of {config.batch_size + 1} or of "
            f"{config.batch_size - 1}"
        ) from error

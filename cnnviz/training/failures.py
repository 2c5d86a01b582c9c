"""What ends a run early, as one sentence that says what to try."""

import copy

import torch
from torch import nn

from cnnviz.training.config import BOUNDS, TrainConfig

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
    """Raises ValueError where a batch is one image of `shape` (C, H, W) alone, the last of an epoch or each, and the
    network cannot learn from one but from several: batch norm has then one number a channel to normalise, where its
    maps are 1 x 1."""
    size = config.batch_size
    if images > 1 and not _leaves_one(images, size):
        return
    shapes = {
        id(one): nn.Parameter(one.to("meta"), one.requires_grad) if isinstance(one, nn.Parameter) else one.to("meta")
        for one in (*network.parameters(), *network.buffers())
    }
    network = copy.deepcopy(network, shapes).train()  # without a second copy of the weights
    try:
        network(torch.empty(2, *shape, device="meta"))
    except (RuntimeError, ValueError):
        return  # more images are no remedy, and what the meta device cannot do says nothing of one
    try:
        network(torch.empty(1, *shape, device="meta"))
    except RuntimeError:
        return
    except ValueError as error:
        why = "batch norm cannot learn from a single number a channel"
        if images < 2:
            raise ValueError(f"there is {images:,} image to learn from, and {why}; take at least 2 images") from error
        left = "are one image each" if size == 1 else "leave one alone at the end of an epoch"
        others = " or of ".join(map(str, _other_sizes(images, size)))
        raise ValueError(
            f"{images:,} images in batches of {size} {left}, and {why}; take batches of {others}"
        ) from error


def _leaves_one(images: int, size: int) -> bool:
    """Whether batches of that size have one of them with a single image."""
    return size == 1 or images % size == 1


def _other_sizes(images: int, size: int) -> list[int]:
    """The next larger and the next smaller size of batches of which none is one image alone."""
    low, high = (int(bound) for bound in BOUNDS["batch_size"])
    sides = (range(size + 1, high + 1), range(size - 1, low - 1, -1))
    found = (next((other for other in side if not _leaves_one(images, other)), 0) for side in sides)
    return [other for other in found if other]

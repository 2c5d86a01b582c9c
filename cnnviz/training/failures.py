"""What ends a run early, as one sentence that says what to try."""

import torch

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

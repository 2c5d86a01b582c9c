"""The config of a run, and the device and number type that it asks for."""

from contextlib import suppress
from functools import cache

import torch

from cnnviz.train_config import BOUNDS, DEVICES, OPTIMIZERS, OPTIONS, PRECISIONS, TrainConfig

__all__ = [
    "BOUNDS",
    "DEVICES",
    "OPTIMIZERS",
    "OPTIONS",
    "PRECISIONS",
    "TrainConfig",
    "pick_device",
    "pick_precision",
]

PREFERRED = ("cuda", "mps", "cpu")


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; for auto the first of cuda, mps, cpu. Raises ValueError where it is absent, or where
    torch sees a GPU that it has no kernels for."""
    if name == "auto":
        return torch.device(next(kind for kind in PREFERRED if is_usable(kind)))
    if not is_usable(name):
        at_hand = ", ".join(kind for kind in PREFERRED if is_usable(kind))
        seen = name == "cuda" and torch.cuda.is_available()
        why = "is here, but this torch cannot compute on it" if seen else "is not on this machine"
        raise ValueError(f"device {name!r} {why}; at hand are {at_hand}")
    return torch.device(name)


@cache
def is_usable(kind: str) -> bool:
    """Whether torch computes on such a device. Its wheels have no kernels for old GPUs, which they see all the same."""
    if kind == "cuda" and torch.cuda.is_available():
        with suppress(RuntimeError):
            return int(torch.ones(1, device="cuda").add(1).item()) == 2
    return kind == "cpu" or (kind == "mps" and torch.backends.mps.is_available())


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """The number type of that name; for auto bfloat16 on a cuda device that is made for it, otherwise float32.

    On cuda the convolutions of float32 round their inputs to TF32 (10 bits behind the point), which is torch's default.
    """
    if name == "auto":
        made_for_it = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        name = "bfloat16" if made_for_it else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32

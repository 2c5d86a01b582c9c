"""The config of a run, and the device and number type that it asks for."""

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


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; for auto the first of cuda, mps, cpu. Raises ValueError where it is absent."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, there in present.items() if there))
    if not present.get(name, False):
        at_hand = ", ".join(kind for kind, there in present.items() if there)
        raise ValueError(f"device {name!r} is not on this machine; at hand are {at_hand}")
    return torch.device(name)


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """The number type of that name; for auto bfloat16 on a cuda device that is made for it, otherwise float32."""
    if name == "auto":
        made_for_it = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        name = "bfloat16" if made_for_it else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32

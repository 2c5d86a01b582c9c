"""The pictures that excite the units of a step most."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnviz.interpret.activations import watch

BATCH = 250


@dataclass(frozen=True, eq=False)
class Excited:
    """For each channel of a step its strongest `values` (channels, k), falling, with the `images` that gave them, and
    the `places` (channels, k, 2), row and column, where on the map; (0, 0) for a step without maps."""

    values: NDArray[np.float32]
    images: NDArray[np.intp]
    places: NDArray[np.intp]


@torch.no_grad()
def exciting(network: nn.Module, inputs: Tensor, step: str, k: int = 8) -> Excited:
    """One pass over `inputs`, float32 (N, C, H, W): the `k` inputs that excite each channel of `step` most, each
    counted once, by its strongest unit. Raises ValueError where the network has no such step."""
    parts = [_strongest(network, batch, step) for batch in inputs.split(BATCH)]
    maxima, where, widths = (torch.cat(part) if n < 2 else part for n, part in enumerate(zip(*parts)))
    values, images = maxima.topk(min(k, len(maxima)), dim=0)  # type: ignore[union-attr]
    at = where.gather(0, images).T.numpy()  # type: ignore[union-attr]
    places = np.stack([at // widths[0], at % widths[0]], -1)
    return Excited(values.T.numpy(), images.T.numpy(), places)


def _strongest(network: nn.Module, batch: Tensor, step: str) -> tuple[Tensor, Tensor, int]:
    """For each picture and channel the largest value (N, C), its place on the flattened map, and the map's width."""
    values = watch(network, batch).values
    if step not in values:
        raise ValueError(f"the network has no step {step[:80]!r}")
    found = values[step]
    maxima, where = found.flatten(2).max(2) if found.dim() > 2 else (found, torch.zeros_like(found, dtype=torch.long))
    return maxima, where, found.shape[-1] if found.dim() > 2 else 1

"""The pictures that excite the units of a step most."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cnnviz.interpret.activations import watch
from cnnviz.interpret.units import on_maps
from cnnviz.tracing.cost import Cost, cost_of

BATCH = 250


@dataclass(frozen=True, eq=False)
class Excited:
    """For each channel of a step its strongest `values` (channels, k), falling, with the `images` that gave them, and
    the `places` (channels, k, 2), row and column, where on the map; (0, 0) for a step without maps."""

    values: NDArray[np.float32]
    images: NDArray[np.intp]
    places: NDArray[np.intp]

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.values.nbytes + self.images.nbytes + self.places.nbytes


Strongest = tuple[Tensor, Tensor, Tensor]  # values, images and places on the flattened map, each (n, channels)


@torch.no_grad()
def exciting(
    network: nn.Module,
    images: Tensor,
    step: str,
    k: int = 8,
    *,
    preprocess: Callable[[Tensor], Tensor] | None = None,
    cost: Cost | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> Excited:
    """One pass over `images` (N, ...), from which `preprocess` makes what the network takes, float32 (N, C, H, W): the
    `k` that excite each channel of `step` most, each counted once, by its strongest unit; of equals the first.

    `progress` hears the share that is done. As many are taken at a time as their outputs have memory for; `cost` is
    worked out where it is not given. Raises ValueError where the network has no such step, does not run, or costs more
    than is allowed.
    """
    prepared = preprocess or (lambda batch: batch)
    cost = cost or cost_of(network, tuple(prepared(images[:1]).shape[1:]))
    size = cost.batch_kept(BATCH)
    cost.check_work(len(images))
    best: Strongest | None = None
    first, width = 0, 1
    for batch in images.split(size):
        progress(first / len(images))
        found, width = _strongest(network, prepared(batch), step, first)
        best = _merged(best, found, k)
        first += len(batch)
    assert best is not None
    values, numbers, at = (one.T.numpy() for one in best)
    return Excited(values, numbers, np.stack([at // width, at % width], -1))


def _strongest(network: nn.Module, batch: Tensor, step: str, first: int) -> tuple[Strongest, int]:
    """For each picture and channel the largest value, the number of the picture, counted from `first`, and the place on
    the flattened map; and the map's width."""
    values = watch(network, batch).values
    if step not in values:
        raise ValueError(f"the network has no step {step[:80]!r}")
    found = values[step]
    if not found.isfinite().all():
        raise ValueError(f"{step} gives numbers that are not finite for some of the images")
    found = found.reshape(len(found), *on_maps(tuple(found.shape[1:])))
    maxima, where = found.flatten(2).max(2) if found.dim() > 2 else (found, torch.zeros_like(found, dtype=torch.long))
    numbers = torch.arange(first, first + len(found))[:, None].expand_as(maxima)
    return (maxima, numbers, where), found.shape[-1] if found.dim() > 2 else 1


def _merged(best: Strongest | None, found: Strongest, k: int) -> Strongest:
    """The `k` strongest of both."""
    values, numbers, places = found if best is None else (torch.cat(pair) for pair in zip(best, found))
    order = torch.sort(values, dim=0, descending=True, stable=True).indices[:k]
    return values.gather(0, order), numbers.gather(0, order), places.gather(0, order)

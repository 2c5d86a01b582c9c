"""From uint8 pictures to what a network sees."""

from dataclasses import dataclass, replace
from functools import lru_cache

import torch
import torch.nn.functional as F

from cnnviz.ops.arithmetic import times

FITS = ("framed", "resized")  # how a picture gets the size that a network takes
PART = 2**22  # numbers that are widened to float32 at a time


def statistics(images: torch.Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 (N, C, H, W), on the scale from 0 to 1."""
    sums = torch.zeros(2, images.shape[1], dtype=torch.float64)
    for part in images.split(max(1, PART // images[0].numel())):
        scaled = part.to(torch.float32) / 255
        sums += torch.stack([x.sum((0, 2, 3), dtype=torch.float64) for x in (scaled, scaled.square())])
    mean, square = sums * images.shape[1] / images.numel()
    std = (square - mean.square()).clamp(min=1e-12).sqrt()
    return tuple(mean.tolist()), tuple(std.tolist())


@dataclass(frozen=True)
class Preprocessing:
    """The one way from a picture to what a network sees, in training and in prediction: placed into `size` = (H, W),
    scaled to 0..1, less `mean` and divided by `std`, one number a channel each.

    `fit` is 'framed', with zeros, as LeCun framed 28x28 to 32x32, or 'resized', by bilinear interpolation.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: tuple[int, int]
    fit: str = FITS[0]

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, C, H, W) -> float32 (N, C, *size) on the same device. Raises ValueError as `placed` does."""
        placed = self.placed(images)
        shift, scale = _on_device(self.mean, images.device), _on_device(self.std, images.device)
        return placed.sub_(shift).div_(scale)

    def placed(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, C, H, W) -> float32 (N, C, *size) from 0 to 1: what there is before the mean is taken off. Raises
        ValueError where the channels differ, or the picture is larger than `size` and is not resized."""
        channels, height, width = images.shape[1:]
        larger = height > self.size[0] or width > self.size[1]
        if channels != len(self.mean) or (larger and self.fit == "framed"):
            raise ValueError(
                f"a picture of {times((channels, height, width))} does not fit into "
                f"{times((len(self.mean), *self.size))}, which the network takes"
            )
        if self.fit == "resized":
            return F.interpolate(images.to(torch.float32).div_(255), self.size, mode="bilinear", antialias=True)
        top, left = (self.size[0] - height) // 2, (self.size[1] - width) // 2
        framed = F.pad(images, (left, self.size[1] - width - left, top, self.size[0] - height - top))
        return framed.to(torch.float32).div_(255)

    def pixels(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (N, C, H, W) -> uint8 (N, C, *size): the pictures as they lie on the network's input, to be shown.
        Raises ValueError as `placed` does."""
        return self.placed(images).mul_(255).round_().to(torch.uint8)

    def without_normalisation(self) -> "Preprocessing":
        """The same up to brightness from 0 to 1."""
        channels = len(self.mean)
        return replace(self, mean=(0.0,) * channels, std=(1.0,) * channels)


@lru_cache(maxsize=32)
def _on_device(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """One number a channel, (1, C, 1, 1). Kept, since a GPU would wait for every copy from the interpreter."""
    with torch.inference_mode(False):
        return torch.tensor(values, device=device).view(1, -1, 1, 1)

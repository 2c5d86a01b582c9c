"""From uint8 pictures to what a network sees."""

from functools import lru_cache

import torch
import torch.nn.functional as F

from cnnviz.ops.arithmetic import times

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


def normalise(
    images: torch.Tensor, mean: tuple[float, ...], std: tuple[float, ...], size: tuple[int, int]
) -> torch.Tensor:
    """The one way from a picture to what a network sees, in training and in prediction.

    uint8 (N, C, H, W) is framed with zeros to `size` = (H, W) as LeCun framed 28x28 to 32x32, scaled to 0..1,
    less the mean and divided by the standard deviation: float32 (N, C, *size) on the same device. Raises
    ValueError where the channels differ or the picture is larger than `size`.
    """
    channels, height, width = images.shape[1:]
    if channels != len(mean) or height > size[0] or width > size[1]:
        raise ValueError(
            f"a picture of {times((channels, height, width))} does not fit into {times((len(mean), *size))}, "
            "which the network takes"
        )
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    framed = F.pad(images, (left, size[1] - width - left, top, size[0] - height - top))
    shift, scale = _on_device(mean, images.device), _on_device(std, images.device)
    return framed.to(torch.float32).div_(255).sub_(shift).div_(scale)


@lru_cache(maxsize=32)
def _on_device(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """One number a channel, (1, C, 1, 1). Kept, since a GPU would wait for every copy from the interpreter."""
    with torch.inference_mode(False):
        return torch.tensor(values, device=device).view(1, -1, 1, 1)

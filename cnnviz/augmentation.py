"""Augmentation: pictures that are changed a little each time they are seen, a whole batch at once on its device.

uint8 (N, C, H, W) in, uint8 of the same shape out; what comes in from outside a picture is black. All chance comes
from the generator, which lies on the device of the pictures.
"""

from collections.abc import Callable
from math import pi

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

PADDING = 4  # pixels on each side of which a crop of the old size is taken, as is usual for CIFAR
ANGLE = 10  # degrees, the largest turn of a digit either way
SHIFT = 2  # pixels, the largest shift of a digit along each axis


def none(images: Tensor, _generator: Generator) -> Tensor:
    """As they are."""
    return images


def flip(images: Tensor, generator: Generator) -> Tensor:
    """Every other picture, by chance, mirrored left to right."""
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) < 0.5
    return torch.where(mirrored, images.flip(3), images)


def crop(images: Tensor, generator: Generator) -> Tensor:
    """A window of the old size anywhere in the picture with PADDING pixels of black around it."""
    count, _, height, width = images.shape
    padded = F.pad(images, (PADDING,) * 4)
    corners = torch.randint(2 * PADDING + 1, (2, count, 1), generator=generator, device=images.device)
    rows = corners[0] + torch.arange(height, device=images.device)  # (N, H)
    columns = corners[1] + torch.arange(width, device=images.device)  # (N, W)
    each = torch.arange(count, device=images.device)
    return padded[each[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def flip_crop(images: Tensor, generator: Generator) -> Tensor:
    """Mirrored by chance, then cropped."""
    return crop(flip(images, generator), generator)


def shift_rotate(images: Tensor, generator: Generator) -> Tensor:
    """Turned by up to ANGLE degrees about the middle and shifted by up to SHIFT pixels, values in between bilinear."""
    count, _, height, width = images.shape
    chance = 2 * torch.rand(3, count, generator=generator, device=images.device) - 1
    turns = affine(chance[0] * ANGLE * pi / 180, chance[1] * SHIFT, chance[2] * SHIFT, height, width)
    grid = F.affine_grid(turns, list(images.shape), align_corners=False)
    return F.grid_sample(images.float(), grid, align_corners=False).round_().to(torch.uint8)


def affine(angle: Tensor, down: Tensor, right: Tensor, height: int, width: int) -> Tensor:
    """Angles in radians and shifts in pixels, (N,) each -> the matrices (N, 2, 3) that affine_grid takes.

    They lead from a pixel of the new picture to its place in the old one, on axes from -1 to 1: so the shift is
    taken back first, and the turn is made on axes of pixels.
    """
    sin, cos, aspect = angle.sin(), angle.cos(), height / width
    x, y = -2 * right / width, -2 * down / height
    across = torch.stack((cos, sin * aspect, cos * x + sin * aspect * y), 1)
    along = torch.stack((-sin / aspect, cos, cos * y - sin / aspect * x), 1)
    return torch.stack((across, along), 1)


AUGMENTATIONS: dict[str, Callable[[Tensor, Generator], Tensor]] = {
    "none": none,
    "flip": flip,
    "crop": crop,
    "flip_crop": flip_crop,
    "shift_rotate": shift_rotate,
}


def augment(name: str, images: Tensor, generator: Generator) -> Tensor:
    """The batch as the augmentation of that name lets it be seen this time: uint8 (N, C, H, W) as before."""
    return AUGMENTATIONS[name](images, generator)

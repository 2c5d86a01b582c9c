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
SLANT = 15  # degrees, the largest turn of handwriting either way
STRETCH = 0.15  # of the size of handwriting
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
    draws = 2 * torch.rand(3, len(images), generator=generator, device=images.device) - 1
    return moved(images, draws[0] * ANGLE * pi / 180, draws[1] * SHIFT, draws[2] * SHIFT)


def handwriting(images: Tensor, generator: Generator) -> Tensor:
    """Digits as other hands and pens write them: a stroke up to a pixel wider or narrower, turned by up to SLANT
    degrees, up to a part of STRETCH larger or smaller, shifted by up to a pixel."""
    draws = 2 * torch.rand(5, len(images), generator=generator, device=images.device) - 1
    written = pen(images.float(), draws[0])
    return moved(written, draws[1] * SLANT * pi / 180, draws[2], draws[3], 1 + STRETCH * draws[4])


def pen(images: Tensor, width: Tensor) -> Tensor:
    """Strokes (N, C, H, W) drawn by pens of `width` (N,), from -1, a pixel narrower all around, to 1, a pixel wider."""
    share = width.abs()[:, None, None, None]
    wider, narrower = F.max_pool2d(images, 3, 1, 1), -F.max_pool2d(-images, 3, 1, 1)
    other = torch.where((width > 0)[:, None, None, None], wider, narrower)
    return images + share * (other - images)


def moved(images: Tensor, angles: Tensor, down: Tensor, right: Tensor, sizes: Tensor | None = None) -> Tensor:
    """Each image turned by its angle in radians, shifted by its pixels and brought to so many times its size, values in
    between bilinear: uint8."""
    matrices = affine(angles, down, right, *images.shape[2:])
    if sizes is not None:
        matrices[:, :, :2] /= sizes[:, None, None]
    grid = F.affine_grid(matrices, list(images.shape), align_corners=False)
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
    "handwriting": handwriting,
}


def augment(name: str, images: Tensor, generator: Generator) -> Tensor:
    """The batch as the augmentation of that name lets it be seen this time: uint8 (N, C, H, W) as before."""
    return AUGMENTATIONS[name](images, generator)

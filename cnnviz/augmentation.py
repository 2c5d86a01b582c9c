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
SLANT, NUDGE, STRETCH = 15, 1, 0.12  # degrees, pixels, share of the size: what still differs once a drawing is centred


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


def handwriting(images: Tensor, generator: Generator) -> Tensor:
    """Another hand: a pen up to two pixels wider or one thinner, turned by up to SLANT degrees, up to STRETCH larger or
    smaller, and shifted by up to NUDGE pixels."""
    count, _, height, width = images.shape
    chance = 2 * torch.rand(5, count, generator=generator, device=images.device) - 1
    inked = pen(images.float(), (3 * chance[0] + 1) / 4)  # from -0.5 to 1
    turns = affine(chance[1] * SLANT * pi / 180, chance[2] * NUDGE, chance[3] * NUDGE, height, width)
    turns = turns / (1 + STRETCH * chance[4]).view(-1, 1, 1)
    grid = F.affine_grid(turns, list(images.shape), align_corners=False)
    return F.grid_sample(inked, grid, align_corners=False).round_().to(torch.uint8)


def pen(images: Tensor, width: Tensor) -> Tensor:
    """White strokes (N, C, H, W) with another pen: a `width` (N,) of 1 puts one pixel on every edge, -1 takes one off,
    and what lies between is a mixture with the strokes as they are."""
    thick = F.max_pool2d(images, 3, 1, 1)
    thin = -F.max_pool2d(-images, 3, 1, 1)
    share = width.view(-1, 1, 1, 1)
    return images + share.clamp(min=0) * (thick - images) - share.clamp(max=0) * (thin - images)


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

"""MNIST's digits as people draw them: anywhere on a large pad, large or small, slanted, thick or thin, on any paper."""

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

SIDE = 280  # pixels of the canvas: ten to a pixel of MNIST's
SHIFT = 8.0  # pixels of 28, the largest along each axis
SCALES = (0.5, 1.5)
ANGLE = 15.0  # degrees
MARGIN = 1.0  # pixels of 28 that stay free at the edge
PENS = (-1, 4)  # quarters of a pixel of 28 that are taken off every edge of a stroke, or put on
FINE = 4
FAINT = 10  # grey levels that do not count as part of a digit when it is made to fit
BATCH = 100


def canvases(images: Tensor, seed: int = 0) -> Iterator[Tensor]:
    """uint8 (N, 1, 28, 28) -> batches of canvases, uint8 (n, SIDE, SIDE), in the same order.

    Each digit gets another pen, is turned, scaled and shifted by chance; every other one is dark on light paper. No
    digit leaves the canvas: one that is too large is drawn as large as it can be, and shifts end at the edge.
    """
    generator = torch.Generator().manual_seed(seed)
    for batch in images.split(BATCH):
        ink = placed(pen(batch, generator), generator)
        dark = torch.rand(len(ink), 1, 1, generator=generator) < 0.5
        yield torch.where(dark, 255 - ink, ink)


def pen(images: Tensor, generator: Generator) -> Tensor:
    """Each digit with a thinner or a thicker pen: uint8 (N, 1, H, W) -> float (N, 1, FINE H, FINE W)."""
    fine = F.interpolate(images.float(), scale_factor=FINE, mode="bicubic", align_corners=False).clamp(0, 255)
    radii = torch.randint(PENS[0], PENS[1] + 1, (len(images),), generator=generator)
    for radius in radii.unique().tolist():
        which, size = radii == radius, 2 * abs(radius) + 1
        ink = fine[which] if radius > 0 else -fine[which]
        fine[which] = F.max_pool2d(ink, size, 1, abs(radius)) * (1 if radius > 0 else -1)
    return fine


def placed(images: Tensor, generator: Generator) -> Tensor:
    """Each digit turned, scaled and shifted on a canvas: (N, 1, H, H) -> uint8 (N, SIDE, SIDE)."""
    uniform = 2 * torch.rand(4, len(images), generator=generator) - 1
    angle = torch.deg2rad(uniform[0] * ANGLE)
    middle, half_size = boxes(images)
    turned = angle.cos() * half_size + angle.sin().abs() * half_size.flip(0)  # how far the box reaches then
    room = 1 - MARGIN / 14
    scale = SCALES[0] + (uniform[1] + 1) / 2 * (SCALES[1] - SCALES[0])
    scale = torch.minimum(scale, room / turned.amax(0))
    free = room - turned * scale
    shift = torch.maximum(torch.minimum(uniform[2:] * SHIFT / 14, free), -free)
    grid = F.affine_grid(lookup(angle, scale, shift, middle), [len(images), 1, SIDE, SIDE], align_corners=False)
    drawn = F.grid_sample(images, grid, align_corners=False)
    return drawn[:, 0].round().to(torch.uint8)


def boxes(images: Tensor) -> tuple[Tensor, Tensor]:
    """The middle of each digit's bounding box and half its sides, (2, N) each, x first, on axes from -1 to 1."""
    middle, half_size = [], []
    for across in (1, 2):  # over the rows there is x, over the columns y
        inked = images[:, 0].amax(across) > FAINT  # (N, W), then (N, H)
        half, places = inked.shape[1] / 2, torch.arange(inked.shape[1])
        first = torch.where(inked, places, len(places)).amin(1)
        end = torch.where(inked, places + 1, 0).amax(1)
        middle.append((first + end) / 2 / half - 1)
        half_size.append((end - first) / 2 / half)
    return torch.stack(middle), torch.stack(half_size)


def lookup(angle: Tensor, scale: Tensor, shift: Tensor, middle: Tensor) -> Tensor:
    """From a place on the canvas to one in the picture, both on axes from -1 to 1: (N, 2, 3), as affine_grid takes
    it. The shift is taken back, then the turn and the scale about the digit's own middle."""
    sin, cos = angle.sin() / scale, angle.cos() / scale
    across = torch.stack((cos, sin, middle[0] - cos * shift[0] - sin * shift[1]), 1)
    along = torch.stack((-sin, cos, middle[1] + sin * shift[0] - cos * shift[1]), 1)
    return torch.stack((across, along), 1)


def as_arrays(images: Tensor, seed: int = 0) -> Iterator[np.ndarray]:
    """The canvases one by one, as the pipeline takes them."""
    for batch in canvases(images, seed):
        yield from batch.numpy()

"""Settings of the lessons on windows, at random."""

import random
from collections.abc import Sequence
from typing import Any

from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.convolution.settings import MODES, OPERATIONS, Convolution
from cnnviz.lessons.pooling.settings import KINDS, WINDOWS, Pool
from cnnviz.links import Axes
from cnnviz.ops.activations import ACTIVATIONS


def random_cells(pick: random.Random, rows: int, cols: int) -> Any:
    return tuple(tuple(float(pick.randint(-9, 9)) for _ in range(cols)) for _ in range(rows))


def random_axes(pick: random.Random, options: Sequence[int]) -> Axes:
    return Axes(pick.choice(options), pick.choice(options))


def random_convolution(pick: random.Random) -> Convolution:
    """Any settings that a link could hold, most of them impossible before they are mended."""
    return Convolution(
        x=random_cells(pick, pick.randint(1, 9), pick.randint(1, 9)),
        w=random_cells(pick, pick.randint(1, 7), pick.randint(1, 7)),
        b=random_cells(pick, 1, 1),
        op=pick.choice(OPERATIONS),
        per_axis=pick.random() < 0.5,
        same=pick.random() < 0.2,
        mode=pick.choice(MODES),
        activation=pick.choice(["none", *ACTIVATIONS]),
        stride=random_axes(pick, range(1, 17)),
        padding=random_axes(pick, [0, 0, 1, 2, 16]),
        output_padding=random_axes(pick, [0, 0, 1, 2, 16]),
        dilation=random_axes(pick, [1, 1, 2, 3, 15]),
    )


def random_pool(pick: random.Random) -> Pool:
    return Pool(
        x=random_cells(pick, pick.randint(1, 12), pick.randint(1, 12)),
        kind=pick.choice(list(KINDS)),
        reach=pick.choice(list(WINDOWS)),
        per_axis=pick.random() < 0.5,
        ceil_mode=pick.random() < 0.5,
        count_include_pad=pick.random() < 0.5,
        **{name: random_axes(pick, range(1, 10)) for name in ("kernel", "stride", "outputs")},
        padding=random_axes(pick, range(9)),
    )


def random_channels(pick: random.Random) -> Channels:
    rows, cols, k_h, k_w = pick.randint(1, 6), pick.randint(1, 6), pick.randint(1, 5), pick.randint(1, 5)
    return Channels(
        x=tuple(random_cells(pick, rows, cols) for _ in range(4)),
        w=tuple(random_cells(pick, k_h, k_w) for _ in range(16)),
        b=tuple(random_cells(pick, 1, 1) for _ in range(4)),
        channels=pick.randint(1, 4),
        filters=pick.randint(1, 4),
        groups=pick.randint(1, 4),
        per_axis=pick.random() < 0.5,
        stride=random_axes(pick, range(1, 5)),
        padding=random_axes(pick, range(3)),
    )

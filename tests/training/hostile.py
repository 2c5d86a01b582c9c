"""Texts of one's own whose training takes too long, or too much: a few of each kind, drawn by a seeded generator."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from cnnviz.networks import OWN_TEXT
from cnnviz.training import TrainConfig


def _wide(random: Random) -> list[str]:
    channels = random.randrange(20_000, 65_537)
    many = random.randrange(6, 40)
    return [f"nn.Conv2d(1, {channels}, 1)", *["nn.ReLU()"] * many, f"nn.Conv2d({channels}, 1, 1)", *_head(784)]


def _deep(random: Random) -> list[str]:
    channels, many = random.choice([128, 256]), random.randrange(40, 60)
    same = f"nn.Conv2d({channels}, {channels}, 3, padding=1)"
    return [f"nn.Conv2d(1, {channels}, 3, padding=1)", *[same] * many, *_last(channels)]


def _windows(random: Random) -> list[str]:
    side, kind = random.choice([21, 25, 27]), random.choice(["Max", "Avg"])
    pool = f"nn.{kind}Pool2d({side}, stride=1, padding={side // 2})"
    return ["nn.Conv2d(1, 256, 3, padding=1)", *[pool] * random.randrange(6, 12), *_last(256)]


def _adaptive(random: Random) -> list[str]:
    channels = random.choice([32, 48])
    return [f"nn.AdaptiveAvgPool2d({random.randrange(300, 513)})", f"nn.Conv2d(1, {channels}, 3)", *_averaged(channels)]


def _neighbours(random: Random) -> list[str]:
    norm = f"nn.LocalResponseNorm({random.randrange(1000, 4097)})"
    return ["nn.Conv2d(1, 128, 3, padding=1)", *[norm] * 8, *_last(128)]


def _grouped(random: Random) -> list[str]:
    channels, kernel = random.choice([1024, 2048]), random.choice([7, 9, 11])
    same = f"nn.Conv2d({channels}, {channels}, {kernel}, padding={kernel // 2}, groups={channels})"
    return [f"nn.Conv2d(1, {channels}, 1)", *[same] * 4, *_last(channels)]


def _transposed(random: Random) -> list[str]:
    channels = random.choice([64, 96])
    return [
        f"nn.ConvTranspose2d(1, {channels}, 4, stride={random.randrange(12, 18)})",
        f"nn.Conv2d({channels}, 16, 3)",
        *_averaged(16),
    ]


def _larger(random: Random) -> list[str]:
    scale, mode = random.randrange(24, 64), random.choice(["nearest", "bilinear", "bicubic"])
    return [f"nn.Upsample(scale_factor={scale}, mode='{mode}')", "nn.Conv2d(1, 8, 3)", "nn.Tanh()", *_averaged(8)]


def _padded(random: Random) -> list[str]:
    return [f"nn.Conv2d(1, 16, 3, padding={random.randrange(400, 513)})", "nn.Mish()", *_averaged(16)]


def _frame(random: Random) -> list[str]:
    side = random.randrange(400, 513)
    return [f"nn.ZeroPad2d(({side}, {side}, {side}, {side}))", "nn.Conv2d(1, 16, 3)", "nn.GELU()", *_averaged(16)]


def _head(features: int) -> list[str]:
    return ["nn.Flatten()", f"nn.Linear({features}, 10)"]


def _last(channels: int) -> list[str]:
    return ["nn.AdaptiveAvgPool2d(1)", *_head(channels)]


def _averaged(channels: int) -> list[str]:
    return ["nn.AdaptiveAvgPool2d(4)", *_head(16 * channels)]


KINDS: dict[str, Callable[[Random], list[str]]] = {
    "wide": _wide,
    "deep": _deep,
    "windows": _windows,
    "adaptive": _adaptive,
    "neighbours": _neighbours,
    "grouped": _grouped,
    "transposed": _transposed,
    "larger": _larger,
    "padded": _padded,
    "frame": _frame,
}


def config(kind: str, seed: int, **settings: object) -> TrainConfig:
    """A run of such a network on MNIST, at the usual batch size unless that is among the settings."""
    text = ", ".join(KINDS[kind](Random(f"{kind} {seed}")))
    return TrainConfig(network=OWN_TEXT, text=f"nn.Sequential({text})", device="cpu", **settings)

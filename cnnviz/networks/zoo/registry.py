"""The register of networks: what can be built by name, and what is known about it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Entry:
    """A network of the zoo. `input_shape` is (C, H, W); `parameters` and `accuracy` are as published, `classes` are
    its outputs. `runs` is False for the one that is kept for its mistake."""

    name: str
    build: Callable[[], nn.Module]
    title: str
    input_shape: tuple[int, int, int]
    source: str
    parameters: int
    accuracy: str
    teaches: str
    classes: int
    year: int | None
    runs: bool


_entries: dict[str, Entry] = {}


def register(
    title: str,
    input_shape: tuple[int, int, int],
    source: str,
    parameters: int,
    teaches: str,
    accuracy: str = "",
    classes: int = 10,
    year: int | None = None,
    runs: bool = True,
) -> Callable[[Callable[[], nn.Module]], Callable[[], nn.Module]]:
    """A decorator that enters a builder into the zoo under its own name."""

    def enter(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        name = build.__name__
        _entries[name] = Entry(
            name, build, title, input_shape, source, parameters, accuracy, teaches, classes, year, runs
        )
        return build

    return enter


def names() -> list[str]:
    """The networks of the zoo, in the order of their registration."""
    return list(_entries)


def titles() -> dict[str, str]:
    """The networks as they stand in a sentence or a menu, by name."""
    return {name: entry.title for name, entry in _entries.items()}


def trainable(channels: int, height: int, width: int, classes: int = 1) -> list[str]:
    """The networks that run, tell that many classes apart and take images of (channels, height, width), laid in the
    middle of their input where that is a little larger; none of those that are made for ImageNet. Those with just so
    many outputs come first."""
    taking = [
        entry
        for entry in _entries.values()
        if entry.runs
        and entry.classes >= classes
        and entry.input_shape[0] == channels
        and all(size <= limit <= size + 8 for size, limit in zip((height, width), entry.input_shape[1:], strict=True))
    ]
    return [entry.name for entry in sorted(taking, key=lambda entry: entry.classes != classes)]


def entry(name: str) -> Entry:
    """What is known about a network. Raises ValueError for a name that the zoo does not have."""
    if name not in _entries:
        raise ValueError(f"there is no network {name!r} in the zoo; it has {', '.join(_entries)}")
    return _entries[name]


def build(name: str) -> nn.Module:
    """A new network with fresh weights from torch's generator. Raises ValueError for an unknown name."""
    return entry(name).build()


def weightless(name: str) -> nn.Module:
    """A network on the meta device: layers with shapes and without numbers, so that any size is built at once. Raises
    ValueError for an unknown name."""
    with torch.device("meta"):
        return build(name)

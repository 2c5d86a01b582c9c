"""The register of networks: what can be built by name, and what is known about it."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Entry:
    """A network of the zoo. `input_shape` is (C, H, W); `parameters` and `accuracy` are as published."""

    name: str
    build: Callable[[], nn.Module]
    input_shape: tuple[int, int, int]
    source: str
    parameters: int
    accuracy: str
    teaches: str


_entries: dict[str, Entry] = {}


def register(
    input_shape: tuple[int, int, int], source: str, parameters: int, teaches: str, accuracy: str = ""
) -> Callable[[Callable[[], nn.Module]], Callable[[], nn.Module]]:
    """A decorator that enters a builder into the zoo under its own name."""

    def enter(build: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
        name = build.__name__
        _entries[name] = Entry(name, build, input_shape, source, parameters, accuracy, teaches)
        return build

    return enter


def names() -> list[str]:
    """The networks of the zoo, in the order of their registration."""
    return list(_entries)


def entry(name: str) -> Entry:
    """What is known about a network. Raises ValueError for a name that the zoo does not have."""
    if name not in _entries:
        raise ValueError(f"there is no network {name!r} in the zoo; it has {', '.join(_entries)}")
    return _entries[name]


def build(name: str) -> nn.Module:
    """A new network with fresh weights from torch's generator. Raises ValueError for an unknown name."""
    return entry(name).build()

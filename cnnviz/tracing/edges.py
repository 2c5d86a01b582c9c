"""Convolutions without padding, which take rows and columns from the edges of their maps: those between two maps that
meet, and the change that leaves the sizes as they are."""

from collections.abc import Iterator, Sequence

from torch import nn
from torch.nn.modules.conv import _ConvNd

from cnnviz.tracing.edits import Edit, Fix, Set, Several, changeable
from cnnviz.tracing.steps import Shape, Step

MAX_LAYERS = 200  # that are padded at once


def lose_edges(network: nn.Module, steps: Sequence[Step]) -> list[str]:
    """The paths of the convolutions among `steps` whose kernel is odd and that pad by nothing, in their order."""
    return [path for path in dict.fromkeys(step.module for step in steps) if path and _kept(network, path)]


def keep_edges(network: nn.Module, between: Sequence[str]) -> Iterator[Fix]:
    """Padding by half the kernel in the convolutions `between` the maps that meet, and in all of the network that lose
    their edges: that first where all have the same kernel, for in a U-Net the same happens at every join."""
    every = [path for path, _ in network.named_modules() if path and _kept(network, path)]
    values = {path: _short(_kept(network, path)) for path in every}
    alike = len(set(values.values())) == 1
    for paths in (every, between) if alike else (between, every):
        if len(paths) > MAX_LAYERS:
            continue
        written = {values[path] for path in paths}
        what = f"padding={written.pop()}" if len(written) == 1 else "padding by half the kernel"
        where = paths[0] if len(paths) == 1 else f"{len(paths)} convolutions"
        edits: tuple[Edit, ...] = tuple(Set(path, "padding", values[path]) for path in paths)
        yield Fix(f"{what} in {where}", "padding", edits[0] if len(edits) == 1 else Several(edits))


def _kept(network: nn.Module, path: str) -> Shape:
    """The padding with which the layer at `path` leaves the size as it is, where it is a convolution with an odd kernel
    and none; () otherwise."""
    layer = changeable(network, path)
    if (
        not isinstance(layer, _ConvNd)
        or layer.transposed
        or layer.padding not in ((0,) * len(layer.kernel_size), "valid")
    ):
        return ()
    if all(size == 1 for size in layer.kernel_size) or any(size % 2 == 0 for size in layer.kernel_size):
        return ()
    return tuple(d * (size - 1) // 2 for size, d in zip(layer.kernel_size, layer.dilation, strict=True))


def _short(value: Shape) -> int | Shape:
    return value[0] if len(set(value)) == 1 else value

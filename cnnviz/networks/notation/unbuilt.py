"""Layers that torch does not build because their numbers do not go together: why, with the numbers, and the arguments
with which it does."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import gcd, isqrt
from typing import Any

from torch import nn
from torch.nn.modules.conv import _ConvNd

_LARGEST = 10**9  # number that is looked at
_NEAREST = 2  # divisors that are named
_HEADS = {  # of layers with attention: what is parted, and among how many
    nn.MultiheadAttention: ("embed_dim", "num_heads"),
    nn.TransformerEncoderLayer: ("d_model", "nhead"),
    nn.TransformerDecoderLayer: ("d_model", "nhead"),
    nn.Transformer: ("d_model", "nhead"),
}


@dataclass(frozen=True)
class Unbuilt:
    """A layer that cannot be built: why, and other values of its arguments, the likeliest first."""

    kind: str
    why: str
    changes: tuple[tuple[str, Any], ...]


def unbuilt(layer: type[nn.Module], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Unbuilt | None:
    """What is wrong with the numbers of a layer that torch has refused; None where it is something else."""
    try:
        bound = inspect.signature(layer).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return None
    bound.apply_defaults()
    for look in (_strided, _grouped, _normed, _parted):
        with suppress(TypeError, ValueError, KeyError):  # no numbers, which is another reason
            if (found := look(layer, bound.arguments)) is not None:
                why, changes = found
                return Unbuilt(layer.__name__, why, tuple(changes))
    return None


_Found = tuple[str, list[tuple[str, Any]]]


def _strided(layer: type[nn.Module], given: Mapping[str, Any]) -> _Found | None:
    """padding='same', which is for convolutions that move by one."""
    if not issubclass(layer, _ConvNd) or given["padding"] != "same":
        return None
    axes = int(layer.__name__[-2])
    kernel, stride, dilation = (_along(given[name], axes) for name in ("kernel_size", "stride", "dilation"))
    if set(stride) == {1}:
        return None
    half = _short(tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)))
    whose = "" if set(dilation) == {1} else f" and its dilation of {_short(dilation)}"
    why = (
        f"padding='same' is for a stride of 1, and its stride is {_short(stride)}; padding={half}, half of its kernel "
        f"of {_short(kernel)}{whose}, takes its place"
    )
    return why, [("padding", half), ("stride", 1)]


def _grouped(layer: type[nn.Module], given: Mapping[str, Any]) -> _Found | None:
    """Channels that cannot be parted into as many groups."""
    if not issubclass(layer, _ConvNd):
        return None
    into, out, groups = (_number(given[name]) for name in ("in_channels", "out_channels", "groups"))
    fitting = [("groups", one) for one in _nearest(groups, gcd(into, out))]
    if into % groups:
        return _sentence(f"{into:,} in_channels", groups, "groups", fitting), fitting
    if out % groups:
        counts = [one for one in (out // groups * groups, -(-out // groups) * groups) if one]
        likely = [("out_channels", one) for one in sorted(counts, key=lambda one: abs(one - out))]
        return _sentence(f"{out:,} out_channels", groups, "groups", likely), [*likely, *fitting[:1]]
    return None


def _normed(layer: type[nn.Module], given: Mapping[str, Any]) -> _Found | None:
    """A GroupNorm whose channels cannot be parted into as many groups."""
    if layer is not nn.GroupNorm:
        return None
    count, groups = _number(given["num_channels"]), _number(given["num_groups"])
    if count % groups == 0:
        return None
    fitting = [("num_groups", one) for one in _nearest(groups, count)]
    return _sentence(f"{count:,} channels", groups, "groups", fitting), fitting


def _parted(layer: type[nn.Module], given: Mapping[str, Any]) -> _Found | None:
    """An attention whose features cannot be parted among as many heads."""
    names = _HEADS.get(layer)
    if names is None:
        return None
    width, heads = (_number(given[name]) for name in names)
    if width % heads == 0:
        return None
    fitting = [(names[1], one) for one in _nearest(heads, width)]
    return _sentence(f"{width:,} features", heads, "heads", fitting), fitting


def _sentence(what: str, parts: int, unit: str, fitting: Sequence[tuple[str, int]]) -> str:
    words = " or ".join(f"{one}" for _, one in fitting)
    return f"{what} cannot be parted into {parts:,} {unit}; {fitting[0][0]}={words} fits"


def _number(value: Any) -> int:
    """A whole number that is looked at. Raises ValueError for any other value."""
    if type(value) is not int or not 0 < value <= _LARGEST:
        raise ValueError(value)
    return value


def _nearest(number: int, of: int) -> list[int]:
    """The divisors that are nearest to a number, the nearest first."""
    return sorted(_divisors(of), key=lambda one: (abs(one - number), one))[:_NEAREST]


def _divisors(of: int) -> Iterator[int]:
    for one in range(1, isqrt(of) + 1):
        if of % one == 0:
            yield from {one, of // one}


def _along(value: Any, axes: int) -> tuple[int, ...]:
    """A size for each axis. Raises ValueError for what is none."""
    sizes = (value,) * axes if isinstance(value, int) else tuple(value)
    return tuple(map(_number, sizes * axes if len(sizes) == 1 else sizes))


def _short(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    return sizes[0] if len(set(sizes)) == 1 else sizes

"""einops' patterns, 'b c (h p) (w q) -> b (h w) (p q c)', as reshape, permute and a mean: https://einops.rocks.

An axis has a name, a number where its size is fixed, or stands among those of '...'; what stands in brackets is one
axis of the tensor. Sizes that are not given come from the tensor, so that the batch may have any.
"""

import re
import string
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import prod

import torch
from torch import Tensor

MAX_PATTERN = 400  # characters
_TOKEN = re.compile(r"\s*(\.\.\.|…|->|[()]|\d+|[^\W\d]\w*)")
_DOTS, _IN_BRACKETS = "...", "(...)"  # the axes that a pattern does not name, each for itself and as one
_REDUCED: dict[str, Callable[[Tensor, tuple[int, ...]], Tensor]] = {
    "mean": lambda x, axes: x.mean(axes),
    "sum": lambda x, axes: x.sum(axes),
    "max": lambda x, axes: x.amax(axes),
    "min": lambda x, axes: x.amin(axes),
    "prod": lambda x, axes: _each(torch.prod, x, axes),
    "any": lambda x, axes: _each(torch.any, x, axes),
    "all": lambda x, axes: _each(torch.all, x, axes),
}
_Group = tuple[str, ...]  # the axes that one axis of a tensor stands for


def rearrange(tensor: Tensor | Sequence[Tensor], pattern: str, **sizes: int) -> Tensor:
    """einops.rearrange: the same numbers along other axes. A row of tensors is stacked first, as its first axis."""
    x, left, right = _parsed(tensor, pattern, sizes)
    _check_names("rearrange", pattern, _names(left), _names(right))
    return _carried_out(x, left, right, sizes, pattern)


def reduce(tensor: Tensor | Sequence[Tensor], pattern: str, reduction: str, **sizes: int) -> Tensor:
    """einops.reduce: axes that the right side does not name are taken together by 'mean', 'sum', 'max', 'min',
    'prod', 'any' or 'all'."""
    if reduction not in _REDUCED:
        raise ValueError(f"reduce takes one of {', '.join(_REDUCED)}, and this is {reduction!r}")
    x, left, right = _parsed(tensor, pattern, sizes)
    _check_names("reduce", pattern, _names(left), _names(right), fewer=True)
    return _carried_out(x, left, right, sizes, pattern, reduction)


def repeat(tensor: Tensor | Sequence[Tensor], pattern: str, **sizes: int) -> Tensor:
    """einops.repeat: along axes that the left side does not name, of a given size, the tensor stands again."""
    x, left, right = _parsed(tensor, pattern, sizes)
    _check_names("repeat", pattern, _names(left), _names(right), more=True)
    return _carried_out(x, left, right, sizes, pattern)


def einsum(*given: Tensor | str) -> Tensor:
    """einops.einsum(x, y, 'b i d, b j d -> b i j'): torch.einsum with axes that have whole names."""
    *tensors, pattern = given
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN:
        raise ValueError("einsum of einops takes its tensors first and then the pattern")
    letters: dict[str, str] = {}

    def short(side: str) -> str:
        words = [one if one == _DOTS else letters.setdefault(one, _letter(len(letters))) for one in side.split()]
        return "".join(words)

    left, arrow, right = pattern.partition("->")
    sides = [short(one) for one in left.split(",")]
    return torch.einsum(f"{','.join(sides)}{arrow}{short(right)}", *tensors)


def pack(tensors: Tensor | Sequence[Tensor], pattern: str) -> tuple[Tensor, list[torch.Size]]:
    """einops.pack: tensors of any number of axes in the place of the pattern's '*' with one there, behind one another
    along it; and the axes that each of them had."""
    before, behind = _around(pattern)
    tensors = [*tensors] if isinstance(tensors, Tensor) else tensors
    if not isinstance(tensors, list | tuple) or not tensors or not all(isinstance(x, Tensor) for x in tensors):
        raise ValueError("pack takes a list of tensors, one at least")
    for x in tensors:
        if x.dim() < before + behind:
            raise ValueError(f"the pattern {pattern!r} is for {before + behind} axes or more, and this has {_shape(x)}")
    packed = [x.shape[before : x.dim() - behind] for x in tensors]
    rows = [x.reshape((*x.shape[:before], prod(of), *x.shape[x.dim() - behind :])) for x, of in zip(tensors, packed)]
    return torch.cat(rows, before), packed


def unpack(x: Tensor, packed: Sequence[Sequence[int]], pattern: str) -> list[Tensor]:
    """einops.unpack: the tensors that pack has put behind one another, each with its own axes again; of one of these
    the length may be left open, as -1."""
    before, behind = _around(pattern)
    if not isinstance(x, Tensor) or not all(map(_is_shape, packed if isinstance(packed, list | tuple) else [None])):
        raise ValueError("unpack takes a tensor and the list of sizes that pack has given beside it")
    if sum(one < 0 for of in packed for one in of) > 1:
        raise ValueError("unpack leaves one length open, and more than one is -1")
    if x.dim() != before + behind + 1:
        raise ValueError(f"the pattern {pattern!r} is for {before + behind + 1} axes, and this has {_shape(x)}")
    lengths = [-1 if -1 in of else prod(of) for of in packed]
    left = x.shape[before] - sum(one for one in lengths if one >= 0)
    if left < 0 or (left and -1 not in lengths):
        raise ValueError(f"unpack wants {x.shape[before] - left} along '*', and gets {x.shape[before]}")
    parts = x.split([left if one < 0 else one for one in lengths], before)
    return [part.reshape((*x.shape[:before], *of, *x.shape[before + 1 :])) for part, of in zip(parts, packed)]


def _is_shape(value: object) -> bool:
    """Whether it is a list of sizes, of which one may be left open as -1."""
    return isinstance(value, list | tuple) and all(isinstance(one, int) and one >= -1 for one in value)


def _around(pattern: str) -> tuple[int, int]:
    """How many axes stand before and behind the '*' of a pattern."""
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN or pattern.split().count("*") != 1:
        raise ValueError("pack and unpack want a pattern with one *, such as 'b * c'")
    names = pattern.split()
    return names.index("*"), len(names) - names.index("*") - 1


def _letter(number: int) -> str:
    if number >= len(string.ascii_letters):
        raise ValueError("a pattern has at most 52 axes")
    return string.ascii_letters[number]


@lru_cache(maxsize=256)
def _sides(pattern: str) -> tuple[tuple[_Group, ...], tuple[_Group, ...]]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    sides: list[list[_Group]] = [[]]
    inner: list[str] | None = None
    at = 0
    while at < len(pattern.rstrip()):
        found = _TOKEN.match(pattern, at)
        if found is None:
            raise ValueError(f"the pattern {pattern!r} has {pattern[at:].strip()[:1]!r}, which stands for nothing")
        at, token = found.end(), found[1].replace("…", _DOTS)
        if token == "->":
            sides.append([])
        elif token == "(":
            if inner is not None:
                raise ValueError(f"the pattern {pattern!r} has brackets within brackets")
            inner = []
        elif token == ")":
            if inner is None:
                raise ValueError(f"the pattern {pattern!r} closes a bracket that is not open")
            sides[-1].append(tuple(inner))
            inner = None
        elif inner is not None:
            inner.append(_IN_BRACKETS if token == _DOTS else token)
        else:
            sides[-1].append((token,))
    if len(sides) != 2 or inner is not None:
        raise ValueError(f"the pattern {pattern!r} wants two sides with -> between them, and each bracket closed")
    left, right = (tuple(tuple(one for one in group if one != "1") for group in side) for side in sides)
    return left, right


def _parsed(
    tensor: Tensor | Sequence[Tensor], pattern: str, sizes: Mapping[str, int]
) -> tuple[Tensor, list[_Group], list[_Group]]:
    """The tensor and the sides of a pattern, with names for the axes of '...'; a number on the left has its side in
    the name, so that it is another axis than the same number on the right."""
    x = tensor if isinstance(tensor, Tensor) else torch.stack(list(tensor))
    if not isinstance(pattern, str):
        raise ValueError(f"a pattern is a word such as 'b c h w -> b (c h w)', and this is {type(pattern).__name__}")
    left, right = _sides(pattern)
    dots = x.dim() - sum(group != (_DOTS,) for group in left)
    if any(_IN_BRACKETS in group for group in left):
        raise ValueError(f"the pattern {pattern!r} has ... in brackets on its left side")
    if ((_DOTS,) not in left and dots) or dots < 0:
        raise ValueError(f"the pattern {pattern!r} is for {len(left)} axes, and this has {_shape(x)}")
    further = tuple(f"...{number}" for number in range(dots))
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name} in the pattern {pattern!r} wants a whole number, and this is {size!r}")
    return x, _named(left, further, "<"), _named(right, further, ">")


def _named(side: tuple[_Group, ...], further: tuple[str, ...], mark: str) -> list[_Group]:
    found: list[_Group] = []
    for place, group in enumerate(side):
        if group == (_DOTS,):
            found += [(one,) for one in further]
            continue
        names: list[str] = []
        for one in group:
            names += further if one == _IN_BRACKETS else [f"{one}{mark}{place}.{len(names)}" if one.isdigit() else one]
        found.append(tuple(names))
    return found


def _names(side: Sequence[_Group]) -> list[str]:
    return [one for group in side for one in group]


def _check_names(
    what: str, pattern: str, left: list[str], right: list[str], fewer: bool = False, more: bool = False
) -> None:
    for side in (left, right):
        if twice := next((one for one in side if side.count(one) > 1), None):
            raise ValueError(f"the pattern {pattern!r} has {twice} twice on one side")
    gone, new = [one for one in left if one not in right], [one for one in right if one not in left]
    if new and not more:
        raise ValueError(f"the pattern {pattern!r} of {what} has {new[0].partition('>')[0]} on its right side alone")
    if gone and not fewer:
        raise ValueError(f"the pattern {pattern!r} of {what} has {gone[0].partition('<')[0]} on its left side alone")


def _carried_out(
    x: Tensor, left: list[_Group], right: list[_Group], sizes: Mapping[str, int], pattern: str, reduction: str = "mean"
) -> Tensor:
    known = _sizes(x, left, right, sizes, pattern)
    axes, wanted = _names(left), _names(right)
    x = _shaped(x, [known[one] for one in axes])
    if gone := tuple(place for place, one in enumerate(axes) if one not in wanted):
        x = _REDUCED[reduction](x, gone)
        axes = [one for one in axes if one in wanted]
    order = [axes.index(one) for one in wanted if one in axes]
    if order != sorted(order):
        x = x.permute(order)
    if len(wanted) > len(order):
        x = _shaped(x, [known[one] if one in axes else 1 for one in wanted]).expand([known[one] for one in wanted])
    return _shaped(x, [prod(known[one] for one in group) for group in right])


def _sizes(
    x: Tensor, left: list[_Group], right: list[_Group], given: Mapping[str, int], pattern: str
) -> dict[str, int]:
    """The size of each axis. Raises ValueError where the tensor has another, or where one is left open."""
    names = {*_names(left), *_names(right)}
    known = {name: size for name, size in given.items() if name in names}
    known |= {one: int(re.split("[<>]", one)[0]) for one in names if one[0].isdigit()}
    if unknown := next((name for name in given if name not in names), None):
        raise ValueError(f"the pattern {pattern!r} has no {unknown}")
    for group, size in zip(left, x.shape, strict=True):
        open_ones = [one for one in group if one not in known]
        inner = prod(known[one] for one in group if one in known)
        if len(open_ones) > 1:
            raise ValueError(f"the pattern {pattern!r} leaves {' and '.join(open_ones)} open; give one of them a size")
        if size % max(1, inner) or (not open_ones and size != inner):
            word = " ".join(re.split("[<>]", one)[0] for one in group) or "1"
            wanted = f"a multiple of {inner}" if open_ones else str(inner)
            raise ValueError(f"the pattern {pattern!r} wants ({word}) to be {wanted}, and it is {size}")
        known |= dict.fromkeys(open_ones, size // inner)
    if unknown := next((one for one in _names(right) if one not in known), None):
        raise ValueError(f"the pattern {pattern!r} gives {unknown} no size; write {unknown}=2")
    return known


def _shaped(x: Tensor, sizes: list[int]) -> Tensor:
    return x if list(x.shape) == sizes else x.reshape(sizes)


def _shape(x: Tensor) -> str:
    return " × ".join(map(str, x.shape)) or "none"


def _each(function: Callable[[Tensor, int], Tensor], x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """One axis after the other, the last first."""
    for axis in sorted(axes, reverse=True):
        x = function(x, axis)
    return x

"""Padding that mirrors or wraps around more than there is, and unpooling into maps of another size than were pooled:
what is said of them in numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Argument, Fix, Keyword, Set, changeable
from cnnviz.tracing.steps import Shape

_WINDOW = ("kernel_size", "stride", "padding")
_WORDS = {"reflect": "mirrors", "circular": "carries around"}


def padded_too_far(case: Case) -> Cause | None:
    """A padding of more cells than there are to be mirrored or carried around."""
    mode, pads = _padding(case)
    sides = tuple(reversed(case.shape))[: len(pads)]
    is_padding = "Pad" in case.stopped.operation.name
    if len(sides) < len(pads) or any(side + sum(pair) < 1 for side, pair in zip(sides, pads, strict=True)):
        return _impossible(case, pads) if is_padding else None
    if mode not in _WORDS or not pads:
        return None
    most = tuple(side - (mode == "reflect") for side in sides)
    if all(max(pair) <= limit for pair, limit in zip(pads, most, strict=True)):
        return None
    widest = max(map(max, pads))
    least = widest + (mode == "reflect")
    sentence = (
        f"{case.name} {_WORDS[mode]} {widest} cell{'' if widest == 1 else 's'} at the edges, for which a side needs "
        f"{least} or more, and {case.source(0)} {'has' if case.stopped.is_of_input else 'delivers'} "
        f"{times(tuple(reversed(sides)))}"
    )
    return Cause(sentence, tuple(_padded_less(case, min(most))), is_all=False)


def _impossible(case: Case, pads: list[Shape]) -> Cause:
    """A padding along more axes than there are, or one that takes away all that there is."""
    shape = case.shape
    if len(pads) > len(shape):
        said = f"is given {2 * len(pads)} numbers, two for each of {len(pads)} axes"
        has = f"{case.source(0)} {'has' if case.stopped.is_of_input else 'delivers'} {len(shape)} with the batch"
        return Cause(f"{case.name} {said}, and {has}", (), is_all=False)
    side, pair = next((n, pair) for n, pair in zip(reversed(shape), pads, strict=False) if n + sum(pair) < 1)
    taken = " and ".join(str(-one) for one in pair if one < 0)
    return Cause(f"{case.name} takes {taken} cells away from the edges of a side of {side}", (), is_all=False)


def _padding(case: Case) -> tuple[str, list[Shape]]:
    """How a step pads, and by how much before and behind, the last axis first; ('', []) where it does not."""
    layer, operation = case.stopped.layer, case.stopped.operation
    flat: Any = ()
    mode = ""
    if layer is not None:
        kinds = {"ReflectionPad": "reflect", "CircularPad": "circular"}
        mode = next((kind for word, kind in kinds.items() if operation.is_a(word)), getattr(layer, "padding_mode", ""))
        flat = getattr(layer, "_reversed_padding_repeated_twice", getattr(layer, "padding", ()))
    elif case.stopped.name.rpartition(".")[2] == "pad":
        given = (*operation.settings.get("positional", ()), None, None)
        flat, mode = operation.settings.get("pad", given[0]), operation.settings.get("mode", given[1])
    numbers = [one for one in flat if isinstance(one, int)] if isinstance(flat, Sequence) else []
    pairs = [tuple(numbers[at : at + 2]) for at in range(0, len(numbers) - 1, 2)]
    return (mode, pairs) if isinstance(mode, str) else ("", [])


def _padded_less(case: Case, most: int) -> Iterator[Fix]:
    """Zeros in place of what is not there; as many cells as there are."""
    path, layer = case.stopped.name, changeable(case.network, case.stopped.name)
    if case.stopped.layer is None:
        yield Fix(f"mode='constant' in {case.name}", "padding", Argument(case.call, "mode", "constant"))
    elif layer is not None and hasattr(layer, "padding_mode"):
        yield Fix(f"padding_mode='zeros' in {case.name}", "padding", Set(path, "padding_mode", "zeros"))
    elif layer is not None and most > 0:
        yield Fix(f"padding={most} in {case.name}", "padding", Set(path, "padding", most))


def unpooled(case: Case) -> Cause | None:
    """Numbers that are to be laid back at places that do not belong to them, or that do not lie in the maps."""
    shapes = case.stopped.shapes
    if not case.stopped.operation.is_a("MaxUnpool") or len(shapes) < 2:
        return None
    numbers, places = shapes[:2]
    if numbers != places:
        met = f"{times(numbers[1:])} from {case.source(0)} and places of {times(places[1:])} from {case.source(1)}"
        return Cause(f"{case.name} needs a place for each number, and meets {met}", (), is_all=False)
    made, pooled = getattr(case.stopped.error, "laid_back", ((), ()))
    if pooled:
        said = f"{case.name} makes {times(made)} of {times(numbers[1:])}, and the places are those of {times(pooled)}"
        size = f"output_size=({', '.join(map(str, pooled))}{',' if len(pooled) == 1 else ''})"
        fix = Fix(f"{size} in {case.name}", "call", Keyword(case.call, "output_size", size.partition("=")[2]))
        return Cause(f"{said}: {size} leaves room for all of them", (fix,), is_all=False)
    kernel, stride, ring = (_sizes(case.stopped.operation.settings.get(name)) for name in _WINDOW)
    if "output_size" not in str(case.stopped.error) or not len(kernel) == len(stride) == len(ring) > 0:
        return None
    window = zip(numbers[-len(kernel) :], stride, ring, kernel, strict=True)
    ways = [((n - 1) * s - 2 * p + k, s - 1) for n, s, p, k in window]
    low, high = (times(side + sign * more for side, more in ways) for sign in (-1, 1))
    said = f"{case.name} can make {low} to {high} of {times(numbers[1:])}, and is asked for another size"
    return Cause(said, (), is_all=False)


def _sizes(value: Any) -> Shape:
    return tuple(one for one in value if isinstance(one, int)) if isinstance(value, tuple) else ()

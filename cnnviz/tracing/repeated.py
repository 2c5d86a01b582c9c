"""Numbers of each image that are joined with its maps, or with a sequence: an axis for the positions, along which they
are repeated."""

from collections.abc import Sequence
from math import prod

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case
from cnnviz.tracing.edits import Edit, Fix, Operand, Several
from cnnviz.tracing.steps import Shape


def repeated(case: Case, maps: Sequence[int]) -> tuple[str, tuple[Fix, ...], bool] | None:
    """What is said of that, the fixes, with the sizes of the maps by their name and as numbers, and whether a layer of
    the network takes as many channels as they then have; None where the maps themselves do not go together."""
    shapes, settings = case.stopped.shapes, case.stopped.operation.settings
    first = shapes[maps[0]]
    positional = settings.get("positional") or ()
    dim = settings.get("dim", settings.get("axis", positional[0] if positional else 0))
    axis = dim % len(first) if isinstance(dim, int) and -len(first) <= dim < len(first) else 0
    rows = [index for index, shape in enumerate(shapes) if len(shape) == 2]
    others = {(*shapes[one][:axis], *shapes[one][axis + 1 :]) for one in maps}
    if axis not in (1, len(first) - 1) or len(others) != 1:
        return None
    at = ", ".join(":" if one in (0, axis) else "None" for one in range(len(first)))
    named, counted = (
        ", ".join("-1" if one in (0, axis) else size.format(one, first[one]) for one in range(len(first)))
        for size in ("{{1}}.size({0})", "{1}")
    )
    said = (
        f"{{0}}[{at}].expand({counted}) repeats {' and '.join(case.source(one) for one in rows)} at each of the "
        f"{times(size for one, size in enumerate(first) if one not in (0, axis))} places"
    )
    fixes = []
    for sizes in (named, counted):
        edits: tuple[Edit, ...] = tuple(Operand(one, f"{{0}}[{at}].expand({sizes})") for one in rows)
        text = f"{' and '.join(case.source(one) for one in rows)} at each place"
        fixes.append(Fix(text, "call", edits[0] if len(edits) == 1 else Several(edits)))
    own = sum(shapes[one][axis] for one in maps)
    if _is_taken(case.network, own + sum(shapes[one][1] for one in rows), axis == 1):
        return said.format("x"), tuple(fixes), True
    return _viewed(case, first, rows, own) or (said.format("x"), tuple(fixes), False)


def _viewed(case: Case, maps: Shape, rows: Sequence[int], own: int) -> tuple[str, tuple[Fix, ...], bool] | None:
    """The same where a row has as many numbers as maps of those sides: it is laid in maps, which a layer then takes."""
    sides = maps[2:]
    counts = [case.stopped.shapes[one][1] // prod(sides) for one in rows if sides and prod(sides) > 1]
    laid = [count * prod(sides) for count in counts] == [case.stopped.shapes[one][1] for one in rows]
    if not counts or not laid or not _is_taken(case.network, own + sum(counts), True):
        return None
    views = [f"view({', '.join(map(str, (-1, count, *sides)))})" for count in counts]
    edits: tuple[Edit, ...] = tuple(Operand(one, f"{{0}}.{view}") for one, view in zip(rows, views, strict=True))
    where = " and ".join(case.source(one) for one in rows)
    fix = Fix(f"{' and '.join(views)} of {where}", "call", edits[0] if len(edits) == 1 else Several(edits))
    return f"{' and '.join(views)} lays {where} in maps of that size", (fix,), True


def _is_taken(network: nn.Module, count: int, of_channels: bool) -> bool:
    """Whether a layer takes so many channels, or so many features of each place."""
    words = ("in_channels", "num_features") if of_channels else ("in_features", "input_size")
    return any(getattr(one, word, None) == count for one in network.modules() for word in words)

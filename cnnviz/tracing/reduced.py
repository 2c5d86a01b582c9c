"""Axes that a mean, a maximum or their like takes away though what follows still wants them: what is said of it, and
keepdim=True written where they are taken."""

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, zip_longest

from cnnviz.networks.source import Source
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Axes, Fix
from cnnviz.tracing.explaining import called, rank_wanted
from cnnviz.tracing.places import Piece, span
from cnnviz.tracing.steps import Shape, Step
from cnnviz.tracing.turns import calls_in_turn, with_keyword

REDUCING = {
    *("Mean", "Sum", "Amax", "Amin", "Max", "Min", "Median", "Std", "Var", "Norm", "Prod", "Logsumexp", "Nanmean"),
    *("Nansum", "Nanmedian", "Mode", "Kthvalue", "Linalg vector norm"),
}
_MEETING = ("Add", "Subtract", "Multiply", "Divide", "Concatenate")
_AXES = {3: ("the channels", "the length"), 4: ("the channels", "the height", "the width")}


def axes_taken_away(case: Case) -> Cause | None:
    """Operands that have fewer axes than the others, or maps that have fewer than a layer wants, because of what they
    were made by."""
    shapes, sources, beside = case.stopped.shapes, case.stopped.sources, list[Shape]()
    if case.stopped.operation.name in _MEETING and len(shapes) == len(sources) > 1:
        rank = max(map(len, shapes))
        low = [_reducing(case, name, rank) for name, shape in zip(sources, shapes, strict=True) if len(shape) < rank]
        found = [step for steps in low for step in steps]
        if case.stopped.operation.name == "Concatenate":
            beside = [shape for shape in shapes if len(shape) == rank]
        met = " and ".join(f"{times(shape[1:])} from {case.source(index)}" for index, shape in enumerate(shapes))
        said = f"{case.name} meets {met}"
    else:
        rank = rank_wanted(case.stopped)
        if rank < 3 or len(case.shape) >= rank or not sources:
            return None
        low = [_reducing(case, sources[0], rank)]
        found = low[0]
        said = f"{case.name} takes images × {_LAID[rank]}, and {times(case.shape)} arrives"
    if not low or not all(low):
        return None
    steps = list({step.name: step for step in found}.values())
    names = " and ".join(called(step.name, step.operation) for step in steps)
    verb = "have" if len(steps) > 1 else "has"
    sentence = f"{said}: {names} {verb} taken away {_named(steps, beside)}, and keepdim=True leaves one cell there"
    return Cause(sentence, (Fix(f"keepdim=True in {names}", "call", Axes(tuple(step.name for step in steps))),))


_LAID = {3: "channels × length", 4: "channels × height × width", 5: "channels × depth × height × width"}


def _reducing(case: Case, name: str, rank: int) -> list[Step]:
    """The steps that took axes away of what arrives by that name and had as many as `rank` before, perhaps through a
    cat of several such; [] where there are none, or others, too."""
    step = next((one for one in case.steps if one.name == name), None)
    if step is None:
        return []
    if step.operation in REDUCING:
        return [step] if len(step.input_shape) == rank and _taken(step) else []
    if step.operation != "Concatenate" and (len(step.sources) > 1 or step.input_shape != step.output_shape):
        return []
    found = [_reducing(case, source, rank) for source in step.sources]
    return [one for steps in found for one in steps] if all(found) else []


def _taken(step: Step) -> list[Shape]:
    """The axes, other than that of the images, that a step may have taken away, as its shapes say it."""
    came, left = step.input_shape, step.output_shape
    count = len(came) - len(left)
    return [
        axes
        for axes in combinations(range(1, len(came)), max(0, count))
        if count > 0 and left == tuple(size for axis, size in enumerate(came) if axis not in axes)
    ]


def _named(steps: Sequence[Step], beside: Sequence[Shape]) -> str:
    """Which axes that are, where it can be told: of what is joined with others, those after which it fits to them."""
    ways = [[axes for axes in _taken(step) if all(_fits(step, axes, shape) for shape in beside)] for step in steps]
    words = _AXES.get(len(steps[0].input_shape), ())
    if any(way != ways[0] for way in ways) or len(ways[0]) != 1 or not words:
        return "axes" if len(steps[0].input_shape) - len(steps[0].output_shape) > 1 else "an axis"
    taken = [words[axis - 1] for axis in ways[0][0]]
    return f"the ax{'e' if len(taken) > 1 else 'i'}s of {' and '.join(taken)}"


def _fits(step: Step, axes: Shape, shape: Shape) -> bool:
    """Whether what a step gives differs from that shape along one axis at most, with those axes left as one cell."""
    kept = [1 if axis in axes else size for axis, size in enumerate(step.input_shape)]
    return sum(one != other for one, other in zip(kept, shape, strict=True)) < 2


def axes_kept(source: Source, edit: Axes) -> Iterator[list[Piece]]:
    """The pieces that write keepdim=True: in one call for each step, then in all calls of those words."""
    ways = [[call for call in calls_in_turn(source, step) if _has_dim(call)] for step in edit.steps]
    if not all(ways):
        return
    rows = [[call for call in row if call is not None] for row in zip_longest(*ways)]
    every = list(dict.fromkeys(call for way in ways for call in way))
    for calls in (*(row for row in rows if len(row) == len(ways)), every):
        yield [piece for call in dict.fromkeys(calls) for piece in _keeping(source, call)]


def _keeping(source: Source, call: ast.Call) -> list[Piece]:
    """keepdim=True in a call, or True where it is given False without a name."""
    by_order = [one for one in call.args if isinstance(one, ast.Constant) and one.value is False]
    return [(*span(source, by_order[0]), "True")] if by_order else with_keyword(source, call, "keepdim", "True")


def _has_dim(call: ast.Call) -> bool:
    """Whether a call is given its axes, and does not keep them already."""
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    by_function = of is None or (isinstance(of, ast.Name) and of.id == "torch")
    kept = any(one.arg == "keepdim" and ast.unparse(one.value) == "True" for one in call.keywords)
    given = len(call.args) > by_function or any(one.arg in ("dim", "axis") for one in call.keywords)
    return given and not kept

"""Tensors that are stacked along an axis of their own where they were to be joined along their channels: what is said
of it, and torch.cat in place of torch.stack."""

import ast
from collections.abc import Iterator

from cnnviz.networks.source import Source
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Fix, Joined
from cnnviz.tracing.explaining import called, rank_wanted, sequence_wanted, wanted_width
from cnnviz.tracing.places import Piece, span
from cnnviz.tracing.steps import Step
from cnnviz.tracing.turns import calls_in_turn, with_keyword


def stacked(case: Case) -> Cause | None:
    """One axis more than a layer takes, which a stack has made of tensors that together have the channels it wants; a
    stack of tensors that differ in their channels."""
    if case.stopped.operation.name == "Stack":
        return _unlike(case)
    step, features = _stack(case), sequence_wanted(case.stopped)
    is_last = features is not None or case.stopped.operation.name == "Linear"
    wanted = wanted_width(case.stopped) if features is None else features
    if step is None:
        return None
    rank = len(step.input_shape) if is_last else rank_wanted(case.stopped)
    if rank < 2 or len(case.shape) != rank + 1 or {*map(len, step.input_shapes)} != {rank}:
        return None
    if wanted not in (None, sum(shape[-1 if is_last else 1] for shape in step.input_shapes)):
        return None
    name, each = called(step.name, step.operation), times(step.input_shape[1:])
    what, dim = "features" if is_last else "channels", -1 if is_last and rank > 2 else 1
    sentence = (
        f"{case.name} meets {times(step.output_shape)}, images and all: {name} lays its {len(step.input_shapes)} "
        f"sources of {each} one behind the other along an axis of their own, and torch.cat with dim={dim} joins "
        f"their {what}"
    )
    return Cause(sentence, (Fix(f"torch.cat in place of {name}", "call", Joined(step.name, dim)),))


def _unlike(case: Case) -> Cause | None:
    shapes = case.stopped.shapes
    others = {(shape[0], *shape[2:]) for shape in shapes if len(shape) > 1}
    if len(shapes) < 2 or len(others) != 1 or len({*map(len, shapes)}) != 1 or len({*shapes}) == 1:
        return None
    met = " and ".join(f"{times(shape[1:])} from {case.source(index)}" for index, shape in enumerate(shapes))
    sentence = f"{case.name} takes sources of one shape, and meets {met}: torch.cat with dim=1 joins their channels"
    return Cause(sentence, (Fix(f"torch.cat in place of {case.name}", "call", Joined(case.call)),))


def _stack(case: Case) -> Step | None:
    """The stack whose result arrives, perhaps through what leaves its shape as it is."""
    known = {step.name: step for step in case.steps}
    step = known.get(case.stopped.sources[0]) if case.stopped.sources else None
    while step is not None and step.operation != "Stack":
        if len(step.sources) != 1 or step.input_shape != step.output_shape:
            return None
        step = known.get(step.sources[0])
    return step


def joined_instead(source: Source, edit: Joined) -> Iterator[list[Piece]]:
    """The pieces that write cat and its dim."""
    for call in calls_in_turn(source, edit.step):
        end = span(source, call.func)[1]
        word: Piece = (end - len("stack"), end, "cat")
        given = call.args[1] if len(call.args) > 1 else None
        if isinstance(given, ast.expr):
            yield [word, (*span(source, given), f"{edit.dim}")]
        else:
            axis = "axis" if any(one.arg == "axis" for one in call.keywords) else "dim"
            yield [word, *with_keyword(source, call, axis, f"{edit.dim}")]

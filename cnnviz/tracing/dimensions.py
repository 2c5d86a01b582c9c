"""A layer for another number of axes than its network has, such as a Conv3d among maps: that of the right number."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.layers import LAYERS, SIGNATURES
from cnnviz.networks.notation.printer import arguments, described
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Fix, Replace, Word, changeable
from cnnviz.tracing.explaining import called, wanted_width
from cnnviz.tracing.operations import Operation
from cnnviz.tracing.steps import Step

WINDOWS = ("Conv", "MaxPool", "AvgPool", "Adaptive", "LPPool")
ALONG = {1: "length", 2: "height", 3: "depth"}  # the first axis of so many


def taken_by_accident(case: Case) -> Cause | None:
    """A step before that took the channels of its maps for one of their axes, as a MaxPool2d does behind a Conv1d."""
    step = _accident(case)
    if step is None:
        return None
    name, axes = called(step.name, step.operation), len(step.input_shape) - 2
    of = f"{name}, a {step.operation}," if name != step.operation else name
    sentence = (
        f"{of} takes the channels of {times(step.input_shape[1:])} as their {ALONG[axes + 1]}; a "
        f"{_word(step.operation, axes)} leaves them"
    )
    return Cause(sentence, tuple(_of_step(case, step)))


def of_the_dimension(case: Case, norms: bool = False) -> Iterator[Fix]:
    """The layer of as many axes as its maps have, in place of one that took the wrong ones or that stopped; `norms` as
    well."""
    step = _accident(case)
    if step is not None:
        yield from _of_step(case, step)
        return
    axes, operation, wanted = len(case.shape) - 2, case.stopped.operation, wanted_width(case.stopped)
    kinds = (*WINDOWS, "BatchNorm", "InstanceNorm") if norms else WINDOWS
    if case.stopped.is_of_input and axes != 1:
        return  # a network for volumes, say, which wants another input than an image
    if operation.is_a(*kinds) and operation.dimensions != axes and wanted in (None, *case.shape[1:2]):
        yield from _fixes(case, case.stopped.name if case.stopped.layer is not None else "", case.call, operation, axes)


def _accident(case: Case) -> Step | None:
    """The first step that took images with their batch for one image without."""
    for step in case.ancestors():
        operation, shape = Operation(step.operation, {}, ()), step.input_shape
        if operation.is_a(*WINDOWS) and 3 <= len(shape) == operation.dimensions + 1:
            return step if shape[:1] == case.input_shape[:1] else None
    return None


def _of_step(case: Case, step: Step) -> Iterator[Fix]:
    operation = Operation(step.operation, {}, ())
    yield from _fixes(case, step.module, step.name, operation, len(step.input_shape) - 2)


def _fixes(case: Case, path: str, step: str, operation: Operation, axes: int) -> Iterator[Fix]:
    """The layer at `path` for so many axes, or the function that is called as that step."""
    if axes not in ALONG:
        return
    word = _word(operation.name, axes)
    if not path:
        function = step.rpartition(".")[2].rstrip("0123456789").rstrip("_")
        other = function.replace(f"{operation.dimensions}d", f"{axes}d")
        yield Fix(f"{other} in place of {function}", "dimension", Word(step, other))
        return
    layer = changeable(case.network, path)
    text = _written(layer, word, operation.dimensions) if layer is not None else ""
    if text:
        edit = Replace(path, f"nn.{text}", keeps_arguments=True)
        yield Fix(f"{text} in place of {called(path, operation.name)}", "dimension", edit)


def _word(operation: str, axes: int) -> str:
    """MaxPool1d for MaxPool2d and 1."""
    return f"{operation[:-2]}{axes}d"


def _written(layer: nn.Module, word: str, axes: int) -> str:
    """A layer of that class with the same arguments; '' where there is none, or they differ from axis to axis."""
    kind = LAYERS.get(word)
    if kind is None:
        return ""
    given = {name: _for_all(value, axes) for name, value in arguments(layer).items() if name in SIGNATURES[kind]}
    try:
        with torch.device("meta"):
            return described(kind(**given))
    except Exception:  # what torch's constructors refuse
        return ""


def _for_all(value: Any, axes: int) -> Any:
    """One number for those of all axes, where they are alike."""
    is_alike = isinstance(value, tuple | list) and len(value) == axes and len(set(value)) == 1
    return value[0] if is_alike else value

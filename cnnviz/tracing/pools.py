"""Poolings that leave the size of their maps as it is, which a branch of an Inception block needs."""

from collections.abc import Iterator

from cnnviz.tracing.cases import Case
from cnnviz.tracing.edits import Argument, Edit, Fix, Set, Several, changeable
from cnnviz.tracing.explaining import called
from cnnviz.tracing.steps import Step


def kept_alike(case: Case) -> Iterator[Fix]:
    """Where maps are joined with larger ones, the pooling behind them with no stride, and padded by half its window."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    if case.stopped.operation.name != "Concatenate" or len(shapes) != len(sources) or min(map(len, shapes)) < 3:
        return
    small = min(range(len(shapes)), key=lambda index: shapes[index][2:])
    behind = case.ancestors([one for index, one in enumerate(sources) if index != small])
    for step in case.ancestors(sources[small : small + 1]):
        halves = {size // 2 for size in step.kernel or () if size % 2}
        if step not in behind and step.operation.startswith(("MaxPool", "AvgPool")) and len(halves) == 1:
            yield from _kept(case, step, halves.pop())


def _kept(case: Case, step: Step, half: int) -> Iterator[Fix]:
    """Those arguments of a pooling that are not so, of a layer or of a call."""
    if step.module and changeable(case.network, step.module) is None:
        return
    stride = {} if set(step.stride or ()) == {1} else {"stride": 1}
    padding = {} if set(step.padding or ()) == {half} else {"padding": half}
    for change in filter(None, ({**stride, **padding}, stride)):
        edits: tuple[Edit, ...] = tuple(
            Set(step.module, name, value) if step.module else Argument(step.name, name, value)
            for name, value in change.items()
        )
        text = ", ".join(f"{name}={value}" for name, value in change.items())
        edit = edits[0] if len(edits) == 1 else Several(edits)
        yield Fix(f"{text} in {called(step.name, step.operation)}", next(iter(change)), edit)

"""Transposed convolutions that make maps a little smaller or larger than those which they meet: what they would have to
be given, one after the other, for in a decoder they are mostly made alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import nn
from torch.nn.modules.conv import _ConvTransposeNd

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Edit, Fix, Set, Several, changeable
from cnnviz.tracing.explaining import called
from cnnviz.tracing.meeting import made_by
from cnnviz.tracing.steps import Shape, Step

MAX_ENLARGED = 4  # by which factor maps are usually made larger
MAX_NAMED = 3  # layers in one sentence
_KINDS = {"output_padding": "padding", "padding": "padding", "kernel_size": "kernel", "stride": "stride"}


@dataclass(frozen=True)
class _Window:
    """The arguments of a transposed convolution, the same along each axis."""

    kernel_size: int
    stride: int
    padding: int
    output_padding: int
    dilation: int

    def size(self, n: int) -> int:
        """(n - 1) s - 2 p + d (k - 1) + 1 + more, as torch has it."""
        reach = self.dilation * (self.kernel_size - 1) + 1
        return (n - 1) * self.stride - 2 * self.padding + reach + self.output_padding


def sizes_missed(case: Case) -> Cause | None:
    """Maps that a transposed convolution makes of another size than those which they meet, which are as many times
    larger than what came in as its stride, or as a stride would be."""
    shapes, sources = case.stopped.shapes, case.stopped.sources
    if case.stopped.operation.name not in ("Concatenate", "Add") or len(shapes) != 2 or len(sources) != 2:
        return None
    if {*map(len, shapes)} - {3, 4, 5} or len(shapes[0]) != len(shapes[1]):
        return None
    for own, other in ((0, 1), (1, 0)):
        step = made_by(case, sources[own], "ConvTranspose")
        window = _window_of(case.network, step.module) if step is not None else None
        if step is None or window is None or shapes[own][2:] == shapes[other][2:]:
            continue
        changes = [*_changes(window, step.input_shape[2:], shapes[other][2:])]
        if changes:
            return _cause(case, step, changes, (own, other))
    return None


def _cause(case: Case, step: Step, changes: list[dict[str, int]], order: tuple[int, int]) -> Cause:
    shapes, (own, other) = case.stopped.shapes, order
    met = " and ".join(f"{times(shapes[one][1:])} from {case.source(one)}" for one in (other, own))
    name = called(step.name, step.operation)
    sentence = (
        f"{case.name} meets {met}: {name} makes {times(shapes[own][2:])} of {times(step.input_shape[2:])}, and "
        f"{_written(changes[0])} makes {times(shapes[other][2:])} of them"
    )
    fixes = tuple(fix for change in changes for fix in _fixes(case.network, step, change))
    return Cause(sentence, fixes, is_all=False)


def _window_of(network: nn.Module, path: str) -> _Window | None:
    """What a transposed convolution was given; None where that differs from axis to axis."""
    layer = changeable(network, path) if path else None
    if not isinstance(layer, _ConvTransposeNd):
        return None
    values = [{*getattr(layer, name)} for name in _Window.__dataclass_fields__]
    return None if any(len(one) != 1 for one in values) else _Window(*(one.pop() for one in values))


def _changes(window: _Window, sides: Shape, wanted: Shape) -> Iterator[dict[str, int]]:
    """Other arguments with which maps of `sides` become those that are wanted, the fewest first."""
    factors = {m // n if n and m % n == 0 else 0 for n, m in zip(sides, wanted, strict=True)}
    factor = factors.pop() if len(factors) == 1 else 0
    if not 1 < factor <= MAX_ENLARGED or (window.stride > 1 and window.stride != factor):
        return
    stride: dict[str, int] = {} if window.stride == factor else {"stride": factor}
    mores = [{"output_padding": more} for more in range(1, factor)]
    paddings = [{"padding": padding} for padding in range(window.kernel_size // 2 + 1)]
    both = [{**one, **more} for one in paddings for more in mores]
    for change in ({}, *mores, *paddings, {"kernel_size": factor}, *both):
        change = {key: value for key, value in {**stride, **change}.items() if value != getattr(window, key)}
        made = replace(window, **change)
        fits = all(made.size(n) == m for n, m in zip(sides, wanted, strict=True))
        if change and fits and made.output_padding < max(made.stride, made.dilation):
            yield change


def _fixes(network: nn.Module, step: Step, change: dict[str, int]) -> Iterator[Fix]:
    """The change in all that were given the same, then in the one alone."""
    own = _window_of(network, step.module)
    alike = [path for path, _ in network.named_modules() if path and _window_of(network, path) == own]
    for paths in (alike, [step.module]) if len(alike) > 1 else (alike,):
        edits: tuple[Edit, ...] = tuple(Set(path, key, value) for path in paths for key, value in change.items())
        names = [called(path, step.operation) for path in paths]
        where = " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])
        where = where if len(names) <= MAX_NAMED else f"{len(names)} transposed convolutions"
        kind = _KINDS[next(iter(change))]
        yield Fix(f"{_written(change)} in {where}", kind, edits[0] if len(edits) == 1 else Several(edits))


def _written(change: dict[str, int]) -> str:
    """padding=1, output_padding=1"""
    return ", ".join(f"{key}={value}" for key, value in change.items())

"""The arithmetic of one unit, with the numbers of this very picture."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite, log, prod

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from cnnviz.interpret.activations import Anatomy
from cnnviz.ops.arithmetic import adaptive_window, times
from cnnviz.tracing.steps import Shape, Step

Array = NDArray[np.float32]
Inside = NDArray[np.bool_]
Place = tuple[int, ...]
UNSHOWN = "unshown"
WITHIN = 1e-3  # of the largest number in it, what the arithmetic of float32 may be away from the value
MOVES = ("Flatten", "Unflatten", "Reshape", "Identity")  # the same numbers in another order
FUNCTIONS = (  # one number in, one number out
    *("ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Softplus"),
    *("Sigmoid", "LogSigmoid", "Tanh", "Hardtanh", "Hardswish", "Hardsigmoid"),
)


@dataclass(frozen=True, eq=False)
class Term:
    """What one source map gives to the unit: `inputs` (rows, columns) and, where it has weights, as many `weights`;
    `sum` is what comes out of them. `channel` is the map, `inside` marks what counts: all but padding, and for an
    average the padding that it counts."""

    channel: int
    inputs: Array
    weights: Array | None
    inside: Inside
    sum: float


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How unit `at` of a step came to its `value`.

    `kind` is convolution, linear, maximum, average, softmax, log softmax, normalisation, sum, passed (as it was, or by
    ReLU), function (by another one, which the step's operation names) or unshown, which has no terms; `bias` is
    added to the terms' sums where there is one. `constants` names further numbers: mean and deviation, or the
    softmax's divisor.
    """

    kind: str
    at: Place
    value: float
    terms: tuple[Term, ...]
    bias: float | None = None
    constants: tuple[tuple[str, float], ...] = ()

    @property
    def result(self) -> float:
        """What the numbers that are shown come to: the value, but for float32's rounding; before ReLU or another
        function what goes into it."""
        known, sums = dict(self.constants), sum(term.sum for term in self.terms) + (self.bias or 0.0)
        if self.kind == "maximum":
            return float(self.terms[0].inputs[self.terms[0].inside].max())
        if self.kind == "average":
            return float(self.terms[0].inputs[self.terms[0].inside].astype(float).mean())
        if self.kind == "softmax":
            return self.terms[0].sum / known["sum"]
        if self.kind == "log softmax":
            return log(self.terms[0].sum) - log(known["sum"]) if self.terms[0].sum else -np.inf
        if self.kind == "normalisation":
            return (self.terms[0].sum - known["mean"]) / known["deviation"] * known["weight"] + (self.bias or 0.0)
        return sums


def arithmetic(anatomy: Anatomy, name: str, at: Place) -> Arithmetic:
    """The arithmetic of unit `at` of the step `name`, with as many numbers as its values have axes: (channel, row,
    column), (unit,).

    It is of kind 'unshown' where the step's arithmetic is not known here, or does not come to the value. Raises
    ValueError where there is no such step or unit.
    """
    step, value = anatomy.step(name), anatomy.values[name]
    if len(at) != value.dim() or any(not 0 <= i < size for i, size in zip(at, value.shape)):
        raise ValueError(f"{name} gives {times(value.shape)} units, and {at} is none of them")
    sources = [anatomy.values[source] for source in step.sources]
    layer = anatomy.network.get_submodule(step.module) if step.module else None
    found = _how(step, layer)(step, layer, sources, at, float(value[at]))
    return (
        found if _comes_to_its_value(step, found) else replace(found, kind=UNSHOWN, terms=(), bias=None, constants=())
    )


def _how(step: Step, layer: nn.Module | None) -> Callable[..., Arithmetic]:
    """What works out the step's arithmetic."""
    if isinstance(layer, _NormBase | nn.LayerNorm | nn.GroupNorm):
        return _normalisation
    if step.operation in (*MOVES, *FUNCTIONS, "ReLU"):
        return _passed
    return HOW.get(step.operation, _unshown)


def _comes_to_its_value(step: Step, found: Arithmetic) -> bool:
    """Whether the numbers that are shown give the unit's value."""
    if found.kind == "function" or not found.terms:
        return True
    result = max(0.0, found.result) if step.operation == "ReLU" else found.result
    scale = max(1.0, abs(found.value), *(float(np.abs(term.inputs).max(initial=0)) for term in found.terms))
    return isfinite(result) and abs(result - found.value) <= WITHIN * scale


# --- where a unit is


def on_maps(shape: Shape) -> Shape:
    """The shape in which the values (F,), (C, L), (C, H, W) or (A, B, ..., H, W) of a step are drawn: (F,) or
    (maps, rows, columns); a row is a map of its own."""
    if len(shape) < 2:
        return shape
    return (shape[0], 1, shape[1]) if len(shape) == 2 else (prod(shape[:-2]), *shape[-2:])


def unit_of(shape: Shape, at: Place) -> Place:
    """The unit of values of that shape that is drawn at (map, row, column) or (unit,)."""
    number = np.ravel_multi_index(at, on_maps(shape))
    return tuple(map(int, np.unravel_index(number, shape)))


def _pairs(step: Step) -> tuple[tuple[int, int], ...]:
    """Kernel, stride, padding and dilation of a step with a window, (vertical, horizontal); a row has a height of 1."""
    kernel, stride, padding, dilation = (
        step.kernel or (1,),
        step.stride or (1,),
        step.padding or (0,),
        step.dilation or (1,),
    )
    along = ((kernel, 1), (stride, 1), (padding, 0), (dilation, 1))
    return tuple((usual, pair[0]) if len(pair) == 1 else (pair[0], pair[1]) for pair, usual in along)


def _behind(step: Step, layer: nn.Module | None, source: Tensor, place: Place) -> tuple[Tensor, Inside, Inside]:
    """The cells (C, kh, kw) of the source (C, H, W) behind the unit at `place`, 0 where there are none; which of them
    are not padding, and which are no further out than the padding goes."""
    kernel, stride, padding, dilation = _pairs(step)
    rows, cols = (
        torch.arange(kernel[axis]) * dilation[axis] + place[axis] * stride[axis] - padding[axis] for axis in (0, 1)
    )
    (height, width), (top, left) = source.shape[1:], padding
    real = ((rows >= 0) & (rows < height))[:, None] & ((cols >= 0) & (cols < width))[None]
    padded = (rows < height + top)[:, None] & (cols < width + left)[None]
    mode = getattr(layer, "padding_mode", "zeros")
    if mode != "zeros":
        margins: list[int] = layer._reversed_padding_repeated_twice  # type: ignore[union-attr, assignment]
        wide = F.pad(source[None], (*margins, 0, 0)[:4], mode=mode)[0]
        return wide[:, rows + top][:, :, cols + left], real.numpy(), padded.numpy()
    cells = source[:, rows.clamp(0, height - 1)][:, :, cols.clamp(0, width - 1)]
    return cells * real, real.numpy(), padded.numpy()


# --- with a window, or a weight for each input


def _convolution(step: Step, layer: nn.Module, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """One window and one kernel for each input channel of the unit's group."""
    assert isinstance(layer, nn.Conv1d | nn.Conv2d)
    source, kernels = sources[0], layer.weight[at[0]]  # (C / groups, kh, kw), or (C / groups, k)
    if len(at) == 2:
        source, kernels, at_map = source[:, None], kernels[:, None], (0, at[1])
    else:
        at_map = (at[1], at[2])
    first = at[0] // (layer.out_channels // layer.groups) * len(kernels)
    inputs, inside, _ = _behind(step, layer, source[first : first + len(kernels)], at_map)
    terms = (_term(first + c, inputs[c], kernel, inside) for c, kernel in enumerate(kernels))
    return Arithmetic("convolution", at, value, tuple(terms), None if layer.bias is None else float(layer.bias[at[0]]))


def _term(channel: int, inputs: Tensor, weights: Tensor, inside: Inside) -> Term:
    return Term(channel, inputs.numpy(), weights.detach().numpy(), inside, float((inputs * weights).sum()))


def _linear(step: Step, layer: nn.Module, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """Every input of the unit's row times its weight: one term, in a row."""
    assert isinstance(layer, nn.Linear)
    inputs, weights = sources[0][at[:-1]][None], layer.weight[at[-1]][None]
    bias = None if layer.bias is None else float(layer.bias[at[-1]])
    return Arithmetic("linear", at, value, (_term(0, inputs, weights, _all_of(inputs)),), bias)


def _all_of(cells: Tensor) -> Inside:
    return np.ones(tuple(cells.shape), bool)


def _own_map(step: Step, source: Tensor, at: Place) -> tuple[Tensor, Place, int]:
    """The map (H, W) on which a pooling of rows or maps finds unit `at`, the unit's place on it, and its channel."""
    axes = 1 if step.operation.endswith("1d") else 2
    own = source[at[:-axes]]
    place = at[-axes:]
    return (own[None], (0, *place), at[0]) if axes == 1 else (own, place, at[0])


def _pooling(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """The window on the unit's own map."""
    own, place, channel = _own_map(step, sources[0], at)
    cells, inside, padded = _behind(step, layer, own[None], place)
    kind = "maximum" if step.operation.startswith("MaxPool") else "average"
    counted = padded if kind == "average" and getattr(layer, "count_include_pad", True) else inside
    return Arithmetic(kind, at, value, (Term(channel, cells[0].numpy(), None, counted, value),))


def _adaptive(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """The average or maximum of a whole map, or of the part of it that an adaptive pooling gives the unit."""
    own, place, channel = _own_map(step, sources[0], at)
    sizes = (1, step.output_shape[-1]) if step.operation.endswith("1d") else step.output_shape[-2:]
    rows, cols = (adaptive_window(i, n, m) for i, n, m in zip(place, own.shape, sizes))
    cells = own[rows.start : rows.stop, cols.start : cols.stop]
    kind = "maximum" if "Max" in step.operation else "average"
    return Arithmetic(kind, at, value, (Term(channel, cells.numpy(), None, _all_of(cells), value),))


# --- along an axis, or over many cells


def _softmax(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """exp(logit) over the sum of all of them, or its logarithm; the largest logit is taken off first, so that none
    overflows. The logits are those along the layer's axis; along the axis of the pictures there is the one."""
    axes = len(at)
    axis = axes - 1 if layer is None else _softmax_axis(layer, axes)
    line = tuple(slice(None) if number == axis else i for number, i in enumerate(at))
    logits = sources[0][line].reshape(-1)
    exponentials = (logits - logits.max()).exp()
    own = float(exponentials[at[axis] if axis >= 0 else 0])
    one = Term(0, logits[None].numpy(), exponentials[None].numpy(), _all_of(logits[None]), own)
    constants = (("largest", float(logits.max())), ("sum", float(exponentials.sum())))
    kind = "softmax" if step.operation == "Softmax" else "log softmax"
    return Arithmetic(kind, at, value, (one,), None, constants)


def _softmax_axis(layer: nn.Module, axes: int) -> int:
    """The axis of one picture's values along which a softmax adds; -1 for that of the pictures."""
    dim = getattr(layer, "dim", None)
    if not isinstance(dim, int):  # torch's own choice, by the number of axes with that of the pictures
        dim = 0 if axes + 1 in (1, 3) else 1
    return dim % (axes + 1) - 1


def _normalisation(step: Step, layer: nn.Module, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """(x - mean) / deviation x weight + bias, with the mean and variance that were kept in training, or those of the
    cells that it normalises together."""
    mean, variance = _statistics(step, layer, sources[0], at)
    whose = at[-len(layer.normalized_shape) :] if isinstance(layer, nn.LayerNorm) else at[0]
    weight, bias = getattr(layer, "weight", None), getattr(layer, "bias", None)
    constants = (
        ("mean", mean),
        ("deviation", (variance + float(layer.eps)) ** 0.5),  # type: ignore[arg-type]
        ("weight", 1.0 if weight is None else float(weight[whose])),
    )
    bias_there = 0.0 if bias is None else float(bias[whose])
    return Arithmetic("normalisation", at, value, (_single(sources[0], at),), bias_there, constants)


def _statistics(step: Step, layer: nn.Module, source: Tensor, at: Place) -> tuple[float, float]:
    """Mean and variance by which unit `at` is normalised."""
    if isinstance(layer, _NormBase) and layer.running_mean is not None and layer.running_var is not None:
        return float(layer.running_mean[at[0]]), float(layer.running_var[at[0]])
    cells = source[at[0]]
    if isinstance(layer, nn.LayerNorm):
        cells = source[at[: len(at) - len(layer.normalized_shape)]]
    elif isinstance(layer, nn.GroupNorm):
        size = layer.num_channels // layer.num_groups
        first = at[0] // size * size
        cells = source[first : first + size]
    elif step.operation == "InstanceNorm2d" and source.dim() == 2:  # a map without a channel
        cells = source
    cells = cells.double()
    return float(cells.mean()), float(cells.var(correction=0))


# --- one number from each source


def _added(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """One number from each branch."""
    if any(tuple(source.shape) != step.output_shape[1:] for source in sources):
        return _unshown(step, layer, sources, at, value)
    return Arithmetic("sum", at, value, tuple(_single(source, at) for source in sources))


def _passed(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """One number goes in and one comes out, as in ReLU and flatten."""
    source, shape = sources[0], step.output_shape[1:]
    if source.numel() != prod(shape):
        return _unshown(step, layer, sources, at, value)
    number = int(np.ravel_multi_index(at, shape))
    before = tuple(map(int, np.unravel_index(number, tuple(source.shape))))
    kind = "function" if step.operation in FUNCTIONS else "passed"
    return Arithmetic(kind, at, value, (_single(source, before),))


def _single(source: Tensor, at: Place) -> Term:
    number = float(source[at])
    return Term(at[0], np.array([[number]], np.float32), None, np.ones((1, 1), bool), number)


def _unshown(step: Step, layer: nn.Module | None, sources: list[Tensor], at: Place, value: float) -> Arithmetic:
    """The value alone."""
    return Arithmetic(UNSHOWN, at, value, ())


HOW: dict[str, Callable[..., Arithmetic]] = {
    "Conv1d": _convolution,
    "Conv2d": _convolution,
    "Linear": _linear,
    "MaxPool1d": _pooling,
    "MaxPool2d": _pooling,
    "AvgPool1d": _pooling,
    "AvgPool2d": _pooling,
    "AdaptiveAvgPool1d": _adaptive,
    "AdaptiveAvgPool2d": _adaptive,
    "AdaptiveMaxPool2d": _adaptive,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Add": _added,
}

"""The arithmetic of one unit, with the numbers of this very picture."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cnnviz.interpret.activations import Anatomy
from cnnviz.ops.arithmetic import adaptive_window, times, window
from cnnviz.tracing.steps import Step

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Term:
    """What one source map gives to the unit: `inputs` (rows, columns) and, where it has weights, as many `weights`;
    `sum` is what comes out of them. `channel` is the map, `inside` marks what is not padding."""

    channel: int
    inputs: Array
    weights: Array | None
    inside: NDArray[np.bool_]
    sum: float


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How unit `at` of a step came to its `value`.

    `kind` is convolution, linear, maximum, average, softmax, log softmax, normalisation, sum or passed; `bias` is
    added to the
    terms' sums where there is one. `constants` names further numbers: mean and deviation, or the softmax's divisor.
    """

    kind: str
    at: tuple[int, ...]
    value: float
    terms: tuple[Term, ...]
    bias: float | None = None
    constants: tuple[tuple[str, float], ...] = ()


def arithmetic(anatomy: Anatomy, name: str, at: tuple[int, ...]) -> Arithmetic:
    """The arithmetic of unit `at`, (channel, row, column) or (unit,), of the step `name`.

    Raises ValueError where there is no such step or unit.
    """
    step, value = anatomy.step(name), anatomy.values[name]
    if len(at) != value.dim() or any(not 0 <= i < size for i, size in zip(at, value.shape)):
        raise ValueError(f"{name} gives {times(value.shape)} units, and {at} is none of them")
    sources = [anatomy.values[source] for source in step.sources]
    layer = anatomy.network.get_submodule(step.module) if step.module else None
    of: Callable[..., Arithmetic] = HOW.get(step.operation, _passed)
    if isinstance(layer, _BatchNorm):
        of = _normalisation
    return of(step, layer, sources, at, float(value[at]))


def _convolution(step: Step, layer: nn.Conv2d, sources: list[Tensor], at: tuple[int, ...], value: float) -> Arithmetic:
    """One window and one kernel for each input channel of the unit's group."""
    inputs, inside = _behind(step, layer, sources[0], at[1:])
    kernels = layer.weight[at[0]]  # (C / groups, kh, kw)
    first = at[0] // (layer.out_channels // layer.groups) * len(kernels)
    terms = (_term(first + c, inputs[first + c], kernel, inside) for c, kernel in enumerate(kernels))
    return Arithmetic("convolution", at, value, tuple(terms), None if layer.bias is None else float(layer.bias[at[0]]))


def _behind(step: Step, layer: nn.Module, source: Tensor, place: tuple[int, ...]) -> tuple[Tensor, NDArray[np.bool_]]:
    """The cells (C, kh, kw) of the padded source behind the unit at `place`, and which of them are not padding."""
    mode = getattr(layer, "padding_mode", "zeros")
    (kh, kw), (ph, pw) = step.kernel or (1, 1), step.padding or (0, 0)
    (sh, sw), (dh, dw) = step.stride or (1, 1), step.dilation or (1, 1)
    rows, cols = list(window(place[0], kh, sh, dilation=dh)), list(window(place[1], kw, sw, dilation=dw))
    # 'same' and ceil_mode may need more cells behind the last than before the first
    beyond = (kw * dw + pw, kh * dh + ph) if mode == "zeros" else (pw, ph)
    margins = (pw, beyond[0], ph, beyond[1])
    padded = F.pad(source[None], margins, mode="constant" if mode == "zeros" else mode)[0]
    real = F.pad(torch.ones_like(source[:1]), margins)[0] > 0
    return padded[:, rows][:, :, cols], real[rows][:, cols].numpy()


def _term(channel: int, inputs: Tensor, weights: Tensor, inside: NDArray[np.bool_]) -> Term:
    return Term(channel, inputs.numpy(), weights.detach().numpy(), inside, float((inputs * weights).sum()))


def _linear(step: Step, layer: nn.Linear, sources: list[Tensor], at: tuple[int, ...], value: float) -> Arithmetic:
    """Every input times its weight: one term, in a row."""
    inputs, weights = sources[0][None], layer.weight[at[0]][None]
    every = np.ones(tuple(inputs.shape), bool)
    bias = None if layer.bias is None else float(layer.bias[at[0]])
    return Arithmetic("linear", at, value, (_term(0, inputs, weights, every),), bias)


def _pooling(step: Step, layer: nn.Module, sources: list[Tensor], at: tuple[int, ...], value: float) -> Arithmetic:
    """The window on the unit's own map."""
    inputs, inside = _behind(step, layer, sources[0][at[0]][None], at[1:])
    kind = "maximum" if step.operation.startswith("MaxPool") else "average"
    return Arithmetic(kind, at, value, (Term(at[0], inputs[0].numpy(), None, inside, value),))


def _whole_map(step: Step, layer: nn.Module, sources: list[Tensor], at: tuple[int, ...], value: float) -> Arithmetic:
    """The average or maximum of a whole map, or of the part of it that an adaptive pooling gives the unit."""
    source = sources[0][at[0]]
    rows, cols = (adaptive_window(i, n, m) for i, n, m in zip(at[1:], source.shape, step.output_shape[2:]))
    cells = source[rows.start : rows.stop, cols.start : cols.stop]
    kind = "maximum" if "Max" in step.operation else "average"
    return Arithmetic(kind, at, value, (Term(at[0], cells.numpy(), None, np.ones(tuple(cells.shape), bool), value),))


def _softmax(
    step: Step, layer: nn.Module | None, sources: list[Tensor], at: tuple[int, ...], value: float
) -> Arithmetic:
    """exp(logit) over the sum of all of them, or its logarithm; the largest logit is taken off first, so that none
    overflows."""
    logits = sources[0].flatten()
    exponentials = (logits - logits.max()).exp()
    every = np.ones((1, len(logits)), bool)
    one = Term(0, logits[None].numpy(), exponentials[None].numpy(), every, float(exponentials[at[-1]]))
    constants = (("largest", float(logits.max())), ("sum", float(exponentials.sum())))
    kind = "softmax" if step.operation == "Softmax" else "log softmax"
    return Arithmetic(kind, at, value, (one,), None, constants)


def _normalisation(
    step: Step, layer: _BatchNorm, sources: list[Tensor], at: tuple[int, ...], value: float
) -> Arithmetic:
    """(x - mean) / deviation x weight + bias, with the mean and variance that were kept in training."""
    assert layer.running_mean is not None and layer.running_var is not None
    c = at[0]
    constants = (
        ("mean", float(layer.running_mean[c])),
        ("deviation", float((layer.running_var[c] + layer.eps).sqrt())),
        ("weight", float(layer.weight[c]) if layer.affine else 1.0),
    )
    bias = float(layer.bias[c]) if layer.affine else 0.0
    return Arithmetic("normalisation", at, value, (_single(sources[0], at),), bias, constants)


def _added(step: Step, layer: nn.Module | None, sources: list[Tensor], at: tuple[int, ...], value: float) -> Arithmetic:
    """One number from each branch."""
    return Arithmetic("sum", at, value, tuple(_single(source, at) for source in sources))


def _passed(
    step: Step, layer: nn.Module | None, sources: list[Tensor], at: tuple[int, ...], value: float
) -> Arithmetic:
    """One number goes in and one comes out, as in ReLU and flatten."""
    source = sources[0]
    if source.shape == step.output_shape[1:]:
        return Arithmetic("passed", at, value, (_single(source, at),))
    flat = int(np.ravel_multi_index(at, step.output_shape[1:]))
    if source.numel() != np.prod(step.output_shape[1:]):
        return Arithmetic("passed", at, value, ())
    return Arithmetic("passed", at, value, (_single(source, tuple(map(int, np.unravel_index(flat, source.shape)))),))


def _single(source: Tensor, at: tuple[int, ...]) -> Term:
    number = float(source[at])
    return Term(at[0], np.array([[number]], np.float32), None, np.ones((1, 1), bool), number)


HOW: dict[str, Callable[..., Arithmetic]] = {
    "Conv2d": _convolution,
    "Linear": _linear,
    "MaxPool2d": _pooling,
    "AvgPool2d": _pooling,
    "AdaptiveAvgPool2d": _whole_map,
    "AdaptiveMaxPool2d": _whole_map,
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Add": _added,
}

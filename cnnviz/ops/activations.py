"""Activation functions and their derivatives (NumPy), as torch.nn.functional defines them with its defaults."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnviz.ops.windows import Array

LEAK = 0.01  # torch.nn.LeakyReLU's negative_slope


@dataclass(frozen=True)
class _Activation:
    """A function applied to every cell, with its derivative (at a kink: the one from the left, as in torch), its
    formula in LaTeX and one sentence. `torch` is how PyTorch calls it, with torch.nn.functional as F."""

    name: str
    torch: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    formula: str
    sentence: str


def _sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    value: Array = np.where(x >= 0, 1, small) / (1 + small)
    return value


def _normal_share(x: Array) -> Array:
    """The normal distribution function at x: (1 + erf(x / sqrt 2)) / 2."""
    shares = [(1 + math.erf(one / math.sqrt(2))) / 2 for one in np.ravel(x)]
    return np.array(shares, dtype=float).reshape(np.shape(x))


ACTIVATIONS: dict[str, _Activation] = {
    activation.name: activation
    for activation in (
        _Activation(
            "ReLU",
            "F.relu",
            lambda x: np.maximum(x, 0),
            lambda x: (x > 0).astype(float),
            r"\max(0, x)",
            "Negative numbers become 0, the rest stays. Where it is open its slope is 1: gradients pass unchanged.",
        ),
        _Activation(
            "Leaky ReLU",
            "F.leaky_relu",
            lambda x: np.where(x > 0, x, LEAK * x),
            lambda x: np.where(x > 0, 1.0, LEAK),
            rf"\max(0, x) + {LEAK}\,\min(0, x)",
            "Negative numbers keep a hundredth of their size, so that a unit which is never positive can still learn.",
        ),
        _Activation(
            "Sigmoid",
            "torch.sigmoid",
            _sigmoid,
            lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
            r"\frac{1}{1 + e^{-x}}",
            "Everything lands between 0 and 1. Its slope is at most 1/4: deep stacks of it learn slowly.",
        ),
        _Activation(
            "Tanh",
            "torch.tanh",
            lambda x: np.tanh(x),
            lambda x: 1 - np.tanh(x) ** 2,
            r"\tanh(x)",
            "Everything lands between -1 and 1, with 0 in the middle. It is flat at both ends as well.",
        ),
        _Activation(
            "GELU",
            "F.gelu",
            lambda x: x * _normal_share(x),
            lambda x: _normal_share(x) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
            r"x\,\Phi(x)",
            "A smooth ReLU that dips a little below 0: x times the share of a normal distribution that lies below x.",
        ),
    )
}

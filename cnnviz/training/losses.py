"""Losses: how wrong scores (N, classes) are for labels (N,), a mean over the batch.

Only their arithmetic differs: cross-entropy is by definition the negative log-likelihood after log-softmax, which
torch.nn.functional has as one function and as two.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """-log of the probability of the label; a share `smoothing` of the target is spread over all classes."""
    return F.cross_entropy(logits, labels, label_smoothing=smoothing)


def nll(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """The negative log-likelihood after log-softmax; a share `smoothing` of the target is spread over all classes."""
    log_probabilities = F.log_softmax(logits, 1)
    return (1 - smoothing) * F.nll_loss(log_probabilities, labels) - smoothing * log_probabilities.mean()


def mse(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """The mean square of what the probabilities are off from 1 for the label and 0 for all others; `smoothing` does
    nothing here."""
    return F.mse_loss(logits.softmax(1), F.one_hot(labels, logits.shape[1]).float())


Loss = Callable[[Tensor, Tensor, float], Tensor]
LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "nll": nll, "mse": mse}

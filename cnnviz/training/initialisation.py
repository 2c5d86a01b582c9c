"""First weights of convolutions and linear layers, in place of those that torch gives them (Kaiming uniform with
a = sqrt(5), which is uniform within 1 / sqrt(inputs)). Their biases begin at 0."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)  # whose weights are initialised


def he(network: nn.Module) -> None:
    """Normal with variance 2 / inputs, so that a ReLU hands on the variance that it gets (He et al., 2015)."""
    initialise(network, partial(nn.init.kaiming_normal_, nonlinearity="relu"))


def xavier(network: nn.Module) -> None:
    """Uniform with variance 2 / (inputs + outputs), a mean for signals and gradients (Glorot and Bengio, 2010)."""
    initialise(network, nn.init.xavier_uniform_)


def zeros(network: nn.Module) -> None:
    """All 0: every unit of a layer gives the same and gets the same gradient, so that none learns a thing of its
    own."""
    initialise(network, nn.init.zeros_)


def initialise(network: nn.Module, fill: Callable[[Tensor], object]) -> None:
    """Fills the weights, layer by layer, and sets the biases to 0."""
    for layer in network.modules():
        if isinstance(layer, LAYERS):
            fill(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


INITIALISATIONS: dict[str, Callable[[nn.Module], None]] = {"he": he, "xavier": xavier, "zeros": zeros}

"""What the networks are built of: named layers in a row, and a path around some of them."""

from collections import OrderedDict

from torch import Tensor, nn


def stack(**layers: nn.Module) -> nn.Sequential:
    """Named layers, one after the other."""
    return nn.Sequential(OrderedDict(layers))


class Residual(nn.Module):
    """What the body makes of its input, plus the input: y = body(x) + shortcut(x).

    `shortcut` is nothing at all (the identity) unless the body changes the shape; then it is a module that changes
    it likewise, often a 1x1 convolution. An activation after the sum is a layer of its own. (He et al., 2015)
    """

    def __init__(self, *body: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.body = nn.Sequential(*body)
        self.shortcut = shortcut if shortcut is not None else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.body(x) + self.shortcut(x)
        return total


class Embedding(nn.Embedding):
    """torch's own, which looks up positions or codes. On the meta device torch's takes pictures, and this does not.
    Raises TypeError for numbers that are not whole."""

    WHY = "it takes integers (words, positions), not pictures; a network for pictures begins with a convolution"

    def forward(self, input: Tensor) -> Tensor:
        if input.is_floating_point():
            raise TypeError(f"nn.Embedding is given numbers that are not whole: {self.WHY}")
        return super().forward(input)

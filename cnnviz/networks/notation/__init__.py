"""A network as the text of an nn.Sequential, and back. Nothing of a text is ever executed.

    nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        Residual(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()),  # body(x) + x; shortcut=nn.Conv2d(...) if need be
        nn.Flatten(),
        nn.Linear(8 * 28 * 28, 10),
    )

`parse` reads the text by a whitelist over Python's syntax tree; `layers.py` says what is allowed.
"""

from cnnviz.networks.notation.parser import MAX_CHARACTERS, Network, NotationError, parse
from cnnviz.networks.notation.printer import export, write

__all__ = ["MAX_CHARACTERS", "Network", "NotationError", "export", "parse", "write"]

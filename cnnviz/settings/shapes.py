"""The Shapes page: which network is followed."""

from dataclasses import dataclass

from cnnviz import links, zoo


@dataclass(frozen=True)
class Shapes:
    """A network of the zoo."""

    network: str = links.choice("lenet5", zoo.names())

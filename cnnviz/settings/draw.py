"""The Draw page: which network reads the pad."""

from dataclasses import dataclass

from cnnviz import links


@dataclass(frozen=True)
class Draw:
    """`network` is the name of a checkpoint that ships, or the id of a run."""

    network: str = links.text("lenet5", most=80)

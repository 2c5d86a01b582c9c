"""The Draw page: which network reads the pad."""

from dataclasses import dataclass

from cnnviz import links
from cnnviz.settings.tasks import WithTask


@dataclass(frozen=True)
class Draw(WithTask):
    """`network` is the name of a checkpoint that ships, or the id of a run."""

    network: str = links.text("lenet5", most=80)

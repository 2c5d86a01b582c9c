"""The Architectures page: which milestone is looked at, and which step of its block."""

from dataclasses import dataclass, replace

from cnnviz import links
from cnnviz.lessons.common.settings import WithTask
from cnnviz.networks.zoo.history import MILESTONES


@dataclass(frozen=True)
class Architectures(WithTask):
    """The settings."""

    LOOKING = ("step",)

    milestone: str = links.choice("LeNet-5", tuple(MILESTONES))
    step: str = links.text("", 200)

    def validated(self, changed: list[str]) -> tuple["Architectures", list[str]]:
        """Another milestone begins with no step chosen."""
        return (replace(self, step=""), []) if "milestone" in changed else (self, [])

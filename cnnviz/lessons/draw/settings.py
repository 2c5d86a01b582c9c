"""The Draw page: which networks read the pad, what is on it, and which steps lie between."""

from dataclasses import dataclass

from cnnviz import links
from cnnviz.data.drawing import MAX_INK, STEPS
from cnnviz.lessons.common.settings import WithTask

NONE = -1  # no test digit
MAX_BESIDE = 3


@dataclass(frozen=True)
class Draw(WithTask):
    """`network` and those `beside` it are names of checkpoints that ship, or ids of runs. `digit` is the test image on
    the pad, and `drawing` what a link puts there, as `drawing.to_text` writes it. The others say which steps are taken
    of the preprocessing (see `drawing.pipeline`)."""

    LOOKING = ("digit", "drawing")

    network: str = links.text("lenet5", max_length=80)
    beside: tuple[str, ...] = links.names(MAX_BESIDE)
    digit: int = links.integer(NONE, NONE, 9_999)
    drawing: str = links.text("", max_length=MAX_INK)
    ink: bool = links.flag(True)
    crop: bool = links.flag(True)
    scale: bool = links.flag(True)
    centre: bool = links.flag(True)
    normalise: bool = links.flag(True)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of `drawing.pipeline` that are taken."""
        return tuple(step for step in STEPS if getattr(self, step))

    @property
    def networks(self) -> tuple[str, ...]:
        """Who reads, each once."""
        return tuple(dict.fromkeys((self.network, *self.beside)))

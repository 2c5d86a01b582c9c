"""The Inside page: which network looks at which picture, which of its units is looked at, and how."""

from dataclasses import dataclass, replace
from typing import Any

from cnnviz import links
from cnnviz.data.drawing import MAX_INK
from cnnviz.lessons.common.settings import WithTask

SOURCES = ("test image", "drawing", "upload")
VIEWS = ("arithmetic", "kernels", "strongest inputs", "why")
SCALES = ("layer", "network")
NONE = -1  # no class of its own: the one that the network names


@dataclass(frozen=True)
class Inside(WithTask):
    """`network` is the name of a checkpoint that ships, or the id of a run; `image` is a test
    image, `drawing` what a link puts on the pad. `layer` is a step
    of the network ('' for its first), and `channel`, `row`, `col` one of its units; a unit without a place on a map
    is its `channel`. `target` and `cam` are the class and the layer of 'why' (NONE and '': chosen for the reader)."""

    LOOKING = ("drawing", "scale", "layer", "channel", "row", "col", "view", "target", "cam")

    network: str = links.text("lenet5", max_length=80)
    source: str = links.choice("test image", SOURCES)
    image: int = links.integer(0, 0, 999_999_999)
    drawing: str = links.text("", max_length=MAX_INK)
    scale: str = links.choice("layer", SCALES)
    layer: str = links.text("", max_length=120)
    channel: int = links.integer(0, 0, 99_999)
    row: int = links.integer(12, 0, 9_999)
    col: int = links.integer(12, 0, 9_999)
    view: str = links.choice("arithmetic", VIEWS)
    target: int = links.integer(NONE, NONE, 9_999)
    cam: str = links.text("", max_length=120)

    def validated(self, changed: list[str]) -> tuple["Inside", list[str]]:
        """Another network has other layers and classes; what the same change names stays."""
        if "network" not in changed:
            return self, []
        forgotten: dict[str, Any] = {"layer": "", "target": NONE, "cam": ""}
        return replace(self, **{name: value for name, value in forgotten.items() if name not in changed}), []

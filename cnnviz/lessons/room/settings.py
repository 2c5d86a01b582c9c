"""The Room page: which room's board is shown, and over what."""

from dataclasses import dataclass

from cnnviz import links
from cnnviz.lessons.common.settings import Settings
from cnnviz.server.classrooms import LENGTH, is_code

AXES = ("seconds", "parameters")


@dataclass(frozen=True)
class Board(Settings):
    """`room` is the code of a room, '' before there is one; the accuracy of its runs is drawn over `axis`."""

    LOOKING = ("axis",)

    room: str = links.text("", LENGTH, lambda text: not text or is_code(text))
    axis: str = links.choice(AXES[0], AXES)

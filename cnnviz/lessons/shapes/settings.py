"""The Shapes page: which network is followed, for an input of which size, and beside which other one."""

from dataclasses import dataclass, replace

from cnnviz import links
from cnnviz.lessons.common.settings import WithTask
from cnnviz.networks import OWN_TEXT, zoo

OWN = OWN_TEXT
NONE = "none"
MAX_TEXT = 100_000
MAX_PASTED = MAX_TEXT  # letters that the box takes
MAX_SIDE, MAX_CHANNELS, MAX_BATCH = 1024, 64, 1024
START = """nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),  # (N, 1, 28, 28) -> (N, 8, 28, 28)
    nn.ReLU(),
    nn.MaxPool2d(2),
    Residual(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1)),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8 * 7 * 7, 10),
)"""


@dataclass(frozen=True)
class Shapes(WithTask):
    """The settings. A size of 0 stands for the network's own."""

    LOOKING = ("step", "beside")

    network: str = links.choice("lenet5", (*zoo.names(), OWN))
    text: str = links.source(START, MAX_TEXT)
    channels: int = links.integer(0, 0, MAX_CHANNELS)
    height: int = links.integer(0, 0, MAX_SIDE)
    width: int = links.integer(0, 0, MAX_SIDE)
    batch: int = links.integer(1, 1, MAX_BATCH)
    beside: str = links.choice(NONE, (NONE, *zoo.names()))
    step: str = links.text("", 200)

    @property
    def own_shape(self) -> tuple[int, int, int]:
        """(C, H, W) as the network was made for; of a text, MNIST's."""
        return (1, 28, 28) if self.network == OWN else zoo.entry(self.network).input_shape

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)."""
        return self.batch, self.channels, self.height, self.width

    def validated(self, changed: list[str]) -> tuple["Shapes", list[str]]:
        """A new network comes with its own input size and no chosen step, unless a size was chosen with it; sizes of 0
        are filled in."""
        c, h, w = self.own_shape
        if "network" in changed and "height" not in changed:
            return replace(self, channels=c, height=h, width=w, step=""), []
        return replace(self, channels=self.channels or c, height=self.height or h, width=self.width or w), []

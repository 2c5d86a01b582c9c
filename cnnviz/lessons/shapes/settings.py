"""The Shapes page: which network is followed, for an input of which size, and beside which other one."""

from dataclasses import dataclass, replace
from typing import Any

from cnnviz import links
from cnnviz.lessons.common.settings import WithTask
from cnnviz.networks import OWN_TEXT, zoo

OWN = OWN_TEXT
NONE = "none"
MAX_TEXT = 100_000
MAX_PASTED = MAX_TEXT  # letters that the box takes
MAX_SIDE, MAX_CHANNELS, MAX_BATCH = 1024, 4096, 1024
MAX_INPUTS = 8  # that a network takes
FORMS = {  # of an input, without its batch: what its sizes are called
    "image": ("channels", "height", "width"),
    "sequence": ("channels", "width"),
    "features": ("channels",),
    "volume": ("channels", "depth", "height", "width"),
}
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


def _sizes(text: str) -> tuple[int, ...]:
    """1 to 4 sizes written as 3x32x32; none where they are not."""
    parts = text.lower().replace("×", "x").replace(" ", "").split("x")
    sizes = tuple(int(one) for one in parts if one.isascii() and one.isdigit() and len(one) < 6)
    return sizes if len(sizes) == len(parts) <= 4 and min(sizes) > 0 else ()


@dataclass(frozen=True)
class Shapes(WithTask):
    """The settings. A size of 0 stands for the network's own."""

    LOOKING = ("step", "beside")

    network: str = links.choice("lenet5", (*zoo.names(), OWN))
    text: str = links.source(START, MAX_TEXT)
    channels: int = links.integer(0, 0, MAX_CHANNELS)
    height: int = links.integer(0, 0, MAX_SIDE)
    width: int = links.integer(0, 0, MAX_SIDE)
    depth: int = links.integer(0, 0, MAX_SIDE)
    form: str = links.choice("image", tuple(FORMS))
    batch: int = links.integer(1, 1, MAX_BATCH)
    chosen: str = links.text("", 80)
    arguments: str = links.source("", 2000)
    further: str = links.text("", 200)
    batched: bool = links.flag(False)
    beside: str = links.choice(NONE, (NONE, *zoo.names()))
    step: str = links.text("", 200)

    @property
    def own_shape(self) -> tuple[int, int, int]:
        """(C, H, W) as the network was made for; of a text, MNIST's."""
        return (1, 28, 28) if self.network == OWN else zoo.entry(self.network).input_shape

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, C, H, W); of a text also (N, C, L), (N, F) or (N, C, D, H, W)."""
        form = self.form if self.network == OWN else "image"
        return self.batch, *(getattr(self, name) for name in FORMS[form])

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The values of the arguments that the text's class has no default for: a line each, name=value."""
        lines = (line.partition("=") for line in self.arguments.split("\n"))
        return tuple((name.strip(), value.strip()) for name, _, value in lines if value.strip())

    def with_argument(self, name: str, value: str) -> str:
        """The arguments with another value of one of them."""
        kept = {**dict(self.given), name: " ".join(value.split())}
        return "\n".join(f"{key}={text}" for key, text in kept.items() if text)

    def further_shapes(self, count: int) -> tuple[tuple[int, ...], ...]:
        """The shapes of so many inputs after the first, with the batch: as given, or else as the first."""
        given = [_sizes(text) for text in self.further.split(",")]
        return tuple(
            (self.batch, *(given[at] if at < len(given) and given[at] else self.shape[1:]))
            for at in range(min(count, MAX_INPUTS))
        )

    def with_further(self, at: int, text: str) -> str:
        """`further` with the sizes of the input number `at` after the first. Raises ValueError where these are none."""
        if text.strip() and not _sizes(text):
            raise ValueError(f"{links.shorten(text)} is no size of an input; write one such as 3x32x32")
        given = [*self.further.split(","), *[""] * (at + 1)][: max(at + 1, self.further.count(",") + 1)]
        given[at] = "x".join(map(str, _sizes(text)))
        return ",".join(given).rstrip(",")

    def validated(self, changed: list[str]) -> tuple["Shapes", list[str]]:
        """A new network comes with its own input size and no chosen step, unless a size was chosen with it; sizes of 0
        are filled in."""
        c, h, w = self.own_shape
        if "network" in changed and "height" not in changed:
            return replace(self, channels=c, height=h, width=w, step=""), []
        sizes: dict[str, Any] = {"channels": c, "height": h, "width": w, "depth": w}
        return replace(self, **{name: getattr(self, name) or value for name, value in sizes.items()}), []

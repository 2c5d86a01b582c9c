"""The Shapes page: which network is followed, for an input of which size, and beside which other one."""

import re
from collections.abc import Sequence
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

_CONVOLUTION = re.compile(r"\bConv([123])d\(\s*(?:in_channels\s*=\s*)?(\d{1,4})\b")
_CHANNELS = re.compile(r"\b(?:in|n|num|input)_(?:channels|chans|ch)(?:\s*:\s*int)?\s*=\s*([1-4])\b")
_NUMBERS = r"[\[(]*\s*(\d{1,5}(?:\s*,\s*\d{1,5})+)"
_EXAMPLES = (  # of an input: what summary is given, and tensors that are made outside of classes
    re.compile(r"\bsummary\([^,\n]+,\s*(?:input_size\s*=\s*)?" + _NUMBERS),
    re.compile(r"\binput_size\s*=\s*" + _NUMBERS),
    re.compile(r"^(?:>>> )?\S.*?\btorch\.(?:randn|rand|zeros|ones)\(\s*" + _NUMBERS, re.MULTILINE),
)
_CROPPED = re.compile(r"\b(?:Resize|CenterCrop|RandomCrop|RandomResizedCrop)\(\s*(?:size\s*=\s*)?[\[(]?\s*(\d{2,4})\b")
_PICTURE_CHANNELS = 4  # that a picture has at most; a convolution of more is none of the first


def named_sizes(text: str) -> tuple[int, ...]:
    """The sizes of the input that the text of a network names, without the batch: C, L or C, H, W or C, D, H, W; ()
    where it names none.

    The channels are those of the first convolution of the last class that has one written out. The rest comes from
    `summary(net, (3, 32, 32))`, from `torch.randn(1, 3, 32, 32)` outside of classes, or from what resizes pictures, and
    is else as usual: 28 for one channel, 32 for more, 224 where the text has that number.
    """
    axes, channels = _first_convolution(text)
    if not axes:
        return ()
    for found in (found for example in _EXAMPLES for found in example.finditer(text)):
        numbers = tuple(int(number) for number in found[1].split(","))
        sizes = numbers[-axes - 1 :]
        fits = len(numbers) in (axes + 1, axes + 2) and sizes[0] == channels
        if fits and all(0 < size <= MAX_SIDE for size in sizes[1:]):
            return sizes
    return channels, *([_usual_side(text, channels)] * axes)


def _first_convolution(text: str) -> tuple[int, int]:
    """The axes of the input beside its channels, and these; 0 and 0 where they are not written out."""
    for part in reversed(re.split(r"^class ", text, flags=re.MULTILINE)):
        for found in _CONVOLUTION.finditer(part):
            axes, channels = int(found[1]), int(found[2])
            if 0 < channels <= (_PICTURE_CHANNELS if axes > 1 else MAX_CHANNELS):
                return axes, channels
    found_name = _CHANNELS.search(text)
    return (2, int(found_name[1])) if found_name else (0, 0)


def _usual_side(text: str, channels: int) -> int:
    cropped = [int(side) for side in _CROPPED.findall(text)]
    if cropped and cropped[-1] <= MAX_SIDE:
        return cropped[-1]
    if re.search(r"\b224\b", text):
        return 224
    return 28 if channels == 1 else 32


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
    depth: int = links.integer(16, 1, MAX_SIDE)
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

    def sized(self, sizes: Sequence[int]) -> dict[str, Any]:
        """The settings with which the input has those sizes, without its batch; {} where no form of it has as many."""
        form = next((name for name, parts in FORMS.items() if len(parts) == len(sizes)), None)
        return {"form": form, **dict(zip(FORMS[form], sizes, strict=True))} if form else {}

    def _taken_over(self, changed: list[str]) -> dict[str, Any]:
        """The sizes that a new text names, as long as nobody has chosen any and no exercise asks about them."""
        chosen = self.task or not {"channels", "height", "width", "form"}.isdisjoint(changed)
        start = (self.form, self.channels, self.height, self.width) == ("image", *self.own_shape)
        is_new = self.network == OWN and "text" in changed
        return self.sized(named_sizes(self.text)) if is_new and start and not chosen else {}

    def validated(self, changed: list[str]) -> tuple["Shapes", list[str]]:
        """A new network comes with its own input size and no chosen step, unless a size was chosen with it, and a new
        text with the size that it names, as long as the page's own stands there; sizes of 0 are filled in."""
        c, h, w = self.own_shape
        if "network" in changed and "height" not in changed:
            return replace(self, channels=c, height=h, width=w, step=""), []
        sizes: dict[str, Any] = {"channels": c, "height": h, "width": w}
        filled = replace(self, **{name: getattr(self, name) or value for name, value in sizes.items()})
        return replace(filled, **filled._taken_over(changed)), []

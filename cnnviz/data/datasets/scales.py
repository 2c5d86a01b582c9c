"""On which scale the numbers of images stand, and what brings each part of a data set to 0 to 255.

Parts that were saved alike share one scale, so that a dark part stays dark. Where their types or ranges are of two
kinds, such as floats from 0 to 1 beside bytes, each gets its own, as far as that can be told; otherwise it is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.data.datasets.understood import Account

GREY_LEVELS = 16  # whole numbers up to it are taken for so many levels of grey, as in scikit-learn's digits
BITS = (10, 12, 14, 16)  # that a pixel has in files of scanners and cameras
BEYOND = 0.05  # of the whole scale that numbers may lie beyond its ends, as after a resize: they are cut off there
FEWEST = 16  # levels of grey that broken numbers have to make: with fewer, rounding would lose what they tell apart
BRIGHT = 64  # up to which, at least, broken numbers on a scale to 255 go
SURE = 200  # the same where some lie below 0
APART = 16  # how many times as far one part may go as another that is on the same scale

Scale = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Extent:
    """The lowest and the highest number of the images `name`, whether all are whole, and of which type they are;
    `typed` is whether that type says something, as it does not where they stood as text."""

    name: str
    dtype: np.dtype
    low: float
    high: float
    whole: bool
    typed: bool = True

    @property
    def far(self) -> float:
        """How far from 0 they go."""
        return max(-self.low, self.high)

    @property
    def ends(self) -> str:
        """Both ends, not rounded."""
        return f"from {_plain(self.low)} to {_plain(self.high)}"


def scales(file: str, parts: Sequence[Extent], account: Account) -> list[Scale]:
    """What brings each part to 0 to 255, and sentences where that does more than to copy. Raises ValueError where no
    scale can be told."""
    telling = [part for part in parts if part.far > 0 and part.dtype.kind != "b"]  # what is 0 throughout tells nothing
    joint = _joint(telling) if telling else None
    kind = _kind(joint) if joint else ""
    if joint is None or (kind and all(_goes_with(part, joint, kind) for part in telling)):
        shared = _scale(file, joint, kind, account) if joint else _times(1)
        if any(part.dtype.kind == "b" for part in parts):
            account.note("The pixels are True or False: they were taken as white and black.")
        return [_times(255) if part.dtype.kind == "b" else shared for part in parts]
    kinds = {part.name: _kind(part) for part in telling}
    if len(telling) == 1 or (len(set(kinds.values())) == 1 and not kind):
        raise _refusal(file, _joint([part for part in parts if part.dtype.kind != "b"]))
    if not _are_sure(telling, kinds):
        said = " and ".join(f"{part.name} ({part.dtype}) {part.ends}" for part in telling)
        raise ValueError(f"{file}: pixels run in {said}; save all parts on one scale, best uint8 from 0 to 255")
    own = {part.name: _scale(file, part, kinds[part.name], account, f" of {part.name}") for part in telling}
    return [own.get(part.name, _times(255) if part.dtype.kind == "b" else _times(1)) for part in parts]


def _joint(parts: Sequence[Extent]) -> Extent:
    """The numbers of all parts as if they were of one."""
    return Extent(
        parts[0].name,
        np.result_type(*(part.dtype for part in parts)),
        min(part.low for part in parts),
        max(part.high for part in parts),
        all(part.whole for part in parts),
    )


def _kind(part: Extent) -> str:
    """On which scale numbers stand: 'binary', 'unit' (0 to 1), 'half' (-0.5 to 0.5), 'signed' (-1 to 1), 'levels',
    'byte', 'deep'; '' where that cannot be told."""
    low, high = part.low, part.high
    if part.whole:
        if low < 0:
            return "signed" if low >= -1 and high <= 1 else ""
        bounds = {"binary": 1, "levels": GREY_LEVELS, "byte": 255, "deep": 2 ** BITS[-1] - 1}
        return next((kind for kind, bound in bounds.items() if high <= bound), "")
    if low >= -BEYOND and high <= 1 + BEYOND:
        return "unit" if low == high or 255 * (high - low) >= FEWEST else ""
    if part.far <= 0.5 + BEYOND / 2 and part.far >= 0.4 and low <= -0.25:
        return "half"
    if low >= -1 - BEYOND and high <= 1 + BEYOND:
        return "signed" if part.far >= 0.75 else ""
    inside = low >= -255 * BEYOND and high <= 255 * (1 + BEYOND)
    return "byte" if inside and high >= (SURE if low < 0 else BRIGHT) else ""


def _goes_with(part: Extent, joint: Extent, kind: str) -> bool:
    """Whether a part may be on that scale, which is the one of all parts together."""
    own = _kind(part)
    if kind in ("signed", "half"):
        return part.low < -BEYOND
    if kind == own == "byte" or (part.far == joint.far and kind != "deep"):
        return True
    if kind == "unit":
        return own in ("unit", "binary", "") and joint.far <= APART * part.far
    if kind == "deep":
        return not (part.typed and part.dtype == np.uint8) and own != "unit" and joint.far <= APART * part.far
    if kind == "levels":
        return own == "levels"
    return own not in ("unit", "half", "signed", "binary", "levels") and joint.far <= APART * part.far


def _are_sure(parts: Sequence[Extent], kinds: dict[str, str]) -> bool:
    """Whether each part by itself says on which scale it stands, though they stand on several."""
    present = set(kinds.values())
    if present & {"signed", "half"} and present & {"unit", "binary"}:
        return False
    whole = [part.dtype for part in parts if part.typed and part.dtype.kind in "iu"]
    for part in parts:
        kind = kinds[part.name]
        if kind in ("", "levels"):
            return False
        if kind == "binary" and not (part.typed and part.dtype.kind == "f" and len(whole) == len(parts) - 1):
            return False
        if kind == "byte" and "deep" in present and not (part.typed and part.dtype == np.uint8):
            return False
        if kind == "deep" and any(part.dtype == other.dtype for other in parts if other is not part):
            return False
    return True


def _refusal(file: str, found: Extent) -> ValueError:
    """What is raised where nothing tells the scale."""
    if found.low < -255 * BEYOND or (found.low < 0 and found.high < SURE):
        return ValueError(
            f"{file}: pixels run {found.ends}, as after a normalisation that cannot be told back; save the images as "
            "they were before it, from 0 to 255 or from 0 to 1"
        )
    few = f", which would be fewer than {FEWEST if found.high <= 1 else BRIGHT} of 256 levels of grey"
    return ValueError(
        f"{file}: pixels run {found.ends}{few if not found.whole and found.high < BRIGHT else ''}; save them as uint8, "
        "from 0 to 255"
    )


def _scale(file: str, found: Extent, kind: str, account: Account, of: str = "") -> Scale:
    """What brings numbers of that kind to 0 to 255; says what it does, ` of` which part."""
    low, high, ends = found.low, found.high, found.ends
    match kind:
        case "signed" | "half":
            side = 1 if kind == "signed" else 0.5
            account.note(f"Pixels{of} run {ends}: {-side:g} to {side:g} was brought to 0 to 255.")
            return _clipped(lambda block: (block.astype(np.float64) + side) * (127.5 / side))
        case "binary":
            account.note(f"Pixels{of} ({found.dtype}) are 0 or 1: they were brought to 0 to 255.")
            return _times(255)
        case "unit":
            if low < 0 or high > 1:
                account.note(
                    f"Pixels{of} ({found.dtype}) run {ends}: 0 to 1 was brought to 0 to 255, and what lies beyond was "
                    "cut off."
                )
                return _clipped(lambda block: block * np.float64(255))
            account.note(f"Pixels{of} ({found.dtype}) run from 0 to 1: they were brought to 0 to 255.")
            return _times(255)
        case "levels":
            account.note(f"Pixels{of} are whole numbers from 0 to {high:g}: these levels were brought to 0 to 255.")
            return _times(255 / high)
        case "deep":
            bits = next(bits for bits in BITS if high < 2**bits)
            account.note(f"Pixels{of} run up to {high:,.0f}: they were taken as {bits} bits each and brought to 8.")
            return lambda block: (block.astype(np.int64) >> (bits - 8)).astype(np.uint8)
    if low < 0 or high > 255:
        account.note(f"Pixels{of} ({found.dtype}) run {ends}: they were rounded, and cut off at 0 and 255.")
        return _clipped(lambda block: block)
    if found.dtype != np.uint8:
        rounded = "" if found.whole else "rounded and "
        account.note(f"Pixels{of} of type {found.dtype} {ends} were {rounded}kept as uint8.")
    return _times(1)


def _times(factor: float) -> Scale:
    if factor == 1:
        return lambda block: np.rint(block).astype(np.uint8) if block.dtype.kind == "f" else block.astype(np.uint8)
    return lambda block: np.rint(block * np.float64(factor)).astype(np.uint8)


def _clipped(scaled: Scale) -> Scale:
    return lambda block: np.rint(np.clip(scaled(block), 0, 255)).astype(np.uint8)


def _plain(number: float) -> str:
    """A number as it is, not rounded to what another would be, too."""
    return f"{number:.9g}"

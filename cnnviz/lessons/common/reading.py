"""What a guess means, read as kindly as it can be: commas, crosses, spaces, fractions, units."""

import math
import re

from cnnviz.links import shorten
from cnnviz.ops.arithmetic import times

GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")  # 61,706 is what it looks like, and perhaps 61.706 as well
PLAIN = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d{1,3})?")
SIZE = re.compile(r"[\d\s,;x×*·()\[\]]+")


def numbers(text: str) -> list[float]:
    """Every number that a guess may mean: '1,5' is 1.5, '61,706' is 61706 or 61.706, '3/4' is 0.75. A unit behind the
    number (a per cent sign, a word) is left out. Raises ValueError with a sentence."""
    cleaned = re.sub(r"\s*(%|[a-z]{2,20})$", "", text.strip().lower().replace("−", "-"))
    parts = [_meanings(part) for part in cleaned.split("/")]
    if len(parts) == 1 and parts[0]:
        return parts[0]
    if len(parts) == 2 and all(parts) and all(parts[1]):
        return [above / below for above in parts[0] for below in parts[1]]
    raise ValueError(f"“{shorten(text)}” is not a number; type one such as 12, -0.5 or 3/4")


def _meanings(text: str) -> list[float]:
    """The numbers that one run of digits may mean; none where it is no number."""
    digits = re.sub(r"[\s_']", "", text)
    if (last := max(digits.rfind(","), digits.rfind("."))) > 0 and len(set(digits) & {",", "."}) == 2:
        digits = re.sub("[.,]", "", digits[:last]) + "." + digits[last + 1 :]  # 1,234.5 and 1.234,5
    found = [float(re.sub("[.,]", "", digits))] if GROUPED.fullmatch(digits) else []
    if PLAIN.fullmatch(digits):
        found.append(float(digits.replace(",", ".")))
    return [value for value in found if math.isfinite(value)]


def size(text: str, axes: int) -> tuple[int, ...]:
    """A size of so many axes: '5x4', '5 × 4', '(5, 4)', '5 by 4'; one number alone stands for all axes. Raises
    ValueError with a sentence."""
    cleaned = text.strip().lower().replace("by", "x")
    found = [int(part[:9]) for part in re.findall(r"\d+", cleaned)] if SIZE.fullmatch(cleaned) else []
    if len(found) == 1:
        found *= axes
    if len(found) != axes:
        raise ValueError(f"“{shorten(text)}” is not a size of {axes} numbers; type one such as {example(axes)}")
    return tuple(found)


def example(axes: int) -> str:
    """How a size of so many axes is written."""
    return times((3, 5, 4)[-axes:])


def choice(text: str, options: tuple[str, ...]) -> str:
    """One of the options, whatever its letters' case. Raises ValueError with a sentence."""
    found = next((option for option in options if option.lower() == text.strip().lower()), None)
    if found is None:
        raise ValueError(f"“{shorten(text)}” is none of the choices; they are {', '.join(options)}")
    return found

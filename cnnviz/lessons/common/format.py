"""How counts, shares, times and bytes are written in what a reader sees: each once. Sizes: `ops.arithmetic.times`.

It stands here because the lessons, the pages and the command line say such things, and no room below them does.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from sys import float_info


def count(value: float) -> str:
    """Write a whole number with thousands separated: 61,706."""
    return f"{value:,.0f}"


def number(value: float) -> str:
    """Write a number of a sentence or a formula: 3, -0.25, 1.2e-07; never a small negative number as 0."""
    return f"{value:.6g}"


def plural(value: float, one: str, many: str = "") -> str:
    """Write how many there are: no images, 1 epoch, 2.5 epochs, 1,135 images; `many` where an s does not do."""
    written = "no" if value == 0 else count(value) if float(value).is_integer() or value >= 100 else f"{value:.3g}"
    return f"{written} {one if written == '1' else many or one + 's'}"


def percent(share: float, digits: int = 2) -> str:
    """Write a share of counts, from 0 to 1: 98.36 %; < 0.01 % and > 99.99 % where rounding would claim nothing or all.

    The same rule to the letter as in the browser; halves go up, as JavaScript's toFixed has them. What is no share, NaN
    included, is written as it is.
    """
    if not 0 <= share <= 1:  # what a stranger's file says, and no count
        return f"{100 * share:.{digits}f} %"
    unit = Decimal(1).scaleb(-digits)
    rounded = Decimal(100 * share).quantize(unit, ROUND_HALF_UP)
    if not rounded and share > 0:
        return f"< {unit} %"
    return f"> {100 - unit} %" if rounded >= 100 and share < 1 else f"{rounded} %"


def probability(value: float) -> str:
    """Write a probability: 98.4 %. A softmax is never 0 nor 1, float32 only rounds to them: < 0.1 %, > 99.9 %."""
    return percent(min(max(value, float_info.min), 1 - float_info.epsilon / 2), digits=1)


def duration(seconds: float) -> str:
    """Write how long something takes: 7.4 s, 48 s, 3 min 20 s, 2 h 5 min."""
    whole, minutes = round(seconds), round(seconds / 60)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{minutes // 60} h {minutes % 60} min"


def size_of(count: float) -> str:
    """Write an amount of bytes: 6.3 kB, 102 MB."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= 0.9995 * size:  # what three digits would write as 1000 of the next smaller
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} bytes"


def labels(options: Iterable[str]) -> dict[str, str]:
    """What stands in a menu for each of its options: the same with a capital."""
    return {option: sentence_case(option) for option in options}


def sentence_case(text: str) -> str:
    """Write 'max and average' as a label: only the first letter changes."""
    return text[:1].upper() + text[1:]

"""Words that a page has parted by a hyphen at the end of a line: `nn.Lin-` and `ear(4, 2)` behind it."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from cnnviz.networks.source.cleaning.lines import Line

_HYPHENS = "-\u2010\u00ad"
_NEVER_MINUS = "\u2010\u00ad"
_TAIL = 80  # characters of a name that are looked at
_LEFT = re.compile(r"[^\W\d]\w*$")
_NAME = re.compile(r"[^\W\d]\w*")


def unhyphenated(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """The lines with such words whole, and how many were joined. A `-` is taken for a hyphen only if the whole word is
    a name of the text, or of a layer, and its parts are none."""
    parted = [_parts(first.text, second.text) for first, second in pairwise(lines)]
    if not any(parted):
        return list(lines), 0
    names = Counter(name for line in lines for name in _NAME.findall(line.text))
    names.subtract(name for parts in parted if parts for name in parts)
    new = [lines[0]]
    joined = 0
    for parts, line in zip(parted, lines[1:]):
        if parts is not None and _is_one(*parts, new[-1].text, names):
            end = len(new[-1].text.rstrip()) - 1
            new[-1] = new[-1].cut(0, end).joined("", line.cut(len(line.indent)))
            joined += 1
        else:
            new.append(line)
    return new, joined


def _parts(first: str, second: str) -> tuple[str, str] | None:
    """The word before the hyphen and the one that the next line begins with."""
    first = first.rstrip()
    if first[-1:] not in _HYPHENS or "#" in first:
        return None
    left, right = _LEFT.search(first[-_TAIL:-1]), _NAME.match(second.lstrip()[:_TAIL])
    return (left[0], right[0]) if left and right else None


def _is_one(left: str, right: str, first: str, names: Counter[str]) -> bool:
    if first.rstrip()[-1] in _NEVER_MINUS:
        return True
    whole = left + right
    known = names[whole] > 0 or hasattr(nn, whole) or hasattr(nn.functional, whole)
    return known and names[left] <= 0 and names[right] <= 0

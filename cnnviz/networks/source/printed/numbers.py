"""The numbers of printed rows: of a Sequential they go up from 0, one by one, so that they tell where a row is missing.
(0-2): 3 x Linear(...) stands for three rows, as torch prints equal layers of a ModuleList."""

import re
from collections.abc import Iterator
from dataclasses import replace

from cnnviz.networks.source.printed.layers import MAX_LAYERS, Layer

_SPAN = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?")
_BY_NAME = ("ModuleDict", "ParameterDict")  # whose numbers are keys


def spelled_out(layer: Layer) -> Layer:
    """The layer with a row for each of those that are printed once for several, in the Sequentials in it. Raises
    ValueError where these are too many, or have no numbers."""
    if size(layer) > MAX_LAYERS:
        raise ValueError(f"it has more than {MAX_LAYERS:,} layers, which are the most")
    return _spelled(layer)


def _spelled(layer: Layer) -> Layer:
    children = tuple(map(_spelled, layer.children))
    if layer.kind == "Sequential":
        children = tuple(row for one in children for row in _rows(one))
    return replace(layer, children=children)


def _rows(layer: Layer) -> Iterator[Layer]:
    """The rows that one stands for."""
    if layer.times == 1:
        yield layer
        return
    first, last = _numbers(layer)
    if last - first + 1 != layer.times:
        raise ValueError(f"({layer.name}) is printed once for {layer.times} rows, and names as many in no other way")
    yield from (replace(layer, name=str(first + at), times=1) for at in range(layer.times))


def size(layer: Layer) -> int:
    """How many layers it comes to."""
    return layer.times * (1 + sum(map(size, layer.children)))


def _numbers(layer: Layer) -> tuple[int, int]:
    """The first number of a row and the last, -1 and -1 where it has a name."""
    found = _SPAN.fullmatch(layer.name)
    return (int(found[1]), int(found[2] or found[1])) if found is not None else (-1, -1)


def gaps(tree: Layer, begins_later: bool = False) -> Iterator[str]:
    """A sentence for each layer of a network in whose numbers something is missing. Where it is said already that the
    beginning is missing, `begins_later`, the outermost rows may begin with another number than 0."""
    yield from _gaps(tree, "", begins_later)


def _gaps(layer: Layer, path: str, begins_later: bool) -> Iterator[str]:
    within = begins_later and [one.name for one in layer.children[:1]] == ["part"]
    if layer.kind not in _BY_NAME and (said := _gap(layer, path, begins_later)):
        yield said
    for at, one in enumerate(layer.children):
        yield from _gaps(one, f"{path}.{one.name}".strip("."), within and at == 0)


def _gap(layer: Layer, path: str, begins_later: bool) -> str:
    """What is wrong with the numbers of a layer's rows; '' where nothing is, or where they have names."""
    of = f" of {path}" if path else ""
    numbered = [numbers for numbers in map(_numbers, layer.children) if numbers[0] >= 0]
    for at, (first, _) in enumerate(numbered):
        if at and first <= numbered[at - 1][1]:
            again = any(first == one for one, _ in numbered[:at])
            return f"Row ({first}){of} stands there twice." if again else f"Row ({first}){of} stands in another place."
    expected = numbered[0][0] if numbered and begins_later else 0
    for row in layer.children:
        first, last = _numbers(row)
        if first > expected:
            one = first == expected + 1
            missing = f"Row ({expected}){of} is" if one else f"Rows ({expected}) to ({first - 1}){of} are"
            return f"{missing} missing before ({row.name}){_remedy(first, expected, path)}"
        if first >= 0 and last - first + 1 != row.times:
            return f"({row.name}){of} names {last - first + 1} rows, and {row.times} x is printed."
        expected = last + 1 if first >= 0 else expected + row.times
    return ""


def _remedy(first: int, expected: int, path: str) -> str:
    """What to do where rows are missing; a part of a network, such as net[2:], has kept the numbers that it had."""
    if expected:
        return ": paste all of them."
    if path:
        return f", or it is a part of a longer one: net[{first}:]."
    return f": paste all of them; of a part of a network, print nn.Sequential(*net[{first}:])."

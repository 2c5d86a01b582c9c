"""Printed networks of which torchvision has made a part: a class around one, or a Sequential of its children. What is
written for them makes that part by its call, and lays the other layers behind it as they are printed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cnnviz.networks.source.printed.layers import Layer, all_of, is_aside
from cnnviz.networks.source.printed.reading import written
from cnnviz.networks.source.printed.recognised import INPUT, recognised
from cnnviz.networks.source.printed.torchvision import Call, calls, channels, classes_of, made

_FLAT = ("flatten", "nn.Flatten()")
_BETWEEN = ((), (_FLAT,), (("avgpool", "nn.AdaptiveAvgPool2d(1)"), _FLAT))  # before a linear layer


@dataclass(frozen=True)
class _Part:
    """The statements that a part needs, the call in them, and the expression that then stands for it."""

    expression: str
    lines: tuple[str, ...] = ()
    call: Call | None = None


@dataclass(frozen=True)
class Assembled:
    """Texts that may make the network, the likeliest first, the calls in them, and the input (C, H, W)."""

    texts: tuple[str, ...]
    calls: tuple[Call, ...]
    input_shape: tuple[int, ...]


def assembled(tree: Layer) -> Assembled | None:
    """What a printed network is made of, where torchvision has made a part of it and the rest is of torch.nn; None
    otherwise."""
    tree = replace(tree, children=tuple(one for one in tree.children if not is_aside(one)))
    whole = _taken(tree, "whole") if tree.kind == "Sequential" else None
    try:
        parts = {"net": whole} if whole is not None else {one.name: _part(one) for one in tree.children}
    except ValueError:
        return None
    made_by = tuple(part.call for part in parts.values() if part.call is not None)
    if not made_by:
        return None
    lines = [line for part in parts.values() for line in part.lines]
    rows = [whole.expression] if whole is not None else [_row(row) for row in _rows(tree, parts)]
    texts = tuple(_text(made_by, lines, row) for row in dict.fromkeys(rows))
    return Assembled(texts, made_by, (channels(tree)[0] or 3, *INPUT))


def _text(made_by: tuple[Call, ...], lines: list[str], row: str) -> str:
    """All of a text, with the imports that it needs."""
    imports = [*dict.fromkeys(call.imported for call in made_by), "from torch import nn"]
    imports += ["from collections import OrderedDict"] if "OrderedDict(" in row else []
    return "\n".join([*imports, "", *lines, *([] if row.isidentifier() else [f"net = {row}"]), ""])


def _part(layer: Layer) -> _Part:
    """A child as it is made. Raises ValueError where that is not known."""
    name = layer.name if layer.name.isidentifier() else f"part{layer.name}"
    known = recognised(layer)
    if known is not None:
        return _Part(name, tuple(known.lines(name)), known.call)
    return _taken(layer, f"{name}_whole") or _Part(written(layer))


def _taken(layer: Layer, name: str) -> _Part | None:
    """A Sequential that has been taken out of a network of torchvision, as its features, or that begins with its first
    children; None where it is neither."""
    classes = classes_of(layer) if layer.kind == "Sequential" else []
    for call in (call for kind in classes for alike in calls(kind, layer) for call in alike):
        network = made(call)
        for child in network.children if network is not None else ():
            if child.kind == "Sequential" and child.children == layer.children:
                return _Part(f"{name}.{child.name}", (f"{name} = {call.text}",), call)
        expression = _beginning(layer, network, name) if network is not None else ""
        if expression:
            return _Part(expression, (f"{name} = {call.text}",), call)
    return None


def _beginning(layer: Layer, network: Layer, name: str) -> str:
    """A Sequential of the first children of a network, with other layers behind them; '' where it is none."""
    pairs = zip(layer.children, network.children, strict=False)
    count = next((at for at, (own, its) in enumerate(pairs) if own != replace(its, name=own.name)), None)
    count = min(len(layer.children), len(network.children)) if count is None else count
    try:
        rest = [written(one) for one in layer.children[count:]]
    except ValueError:
        return ""
    return f"nn.Sequential({', '.join([f'*list({name}.children())[:{count}]', *rest])})"


def _rows(tree: Layer, parts: dict[str, _Part]) -> Iterator[list[tuple[str, str]]]:
    """The parts one behind the other by their names: as they are printed and, of a class, with maps laid in a row, or
    with the mean of each, before the first linear layer."""
    row = [(name, part.expression) for name, part in parts.items()]
    at = next((index for index, one in enumerate(tree.children) if index and _is_linear(one)), None)
    for between in _BETWEEN if at is not None and tree.kind != "Sequential" else ((),):
        yield row if at is None else [*row[:at], *between, *row[at:]]


def _row(parts: list[tuple[str, str]]) -> str:
    """A single part, or a Sequential of several."""
    if len(parts) == 1:
        return parts[0][1]
    pairs = ", ".join(f"({name!r}, {expression})" for name, expression in parts)
    return f"nn.Sequential(OrderedDict([{pairs}]))"


def _is_linear(layer: Layer) -> bool:
    """Whether the first of its layers with sizes is a linear one, perhaps behind a dropout."""
    first = next((one for one in all_of(layer) if one.arguments and one.kind != "Dropout"), None)
    return first is not None and first.kind == "Linear"

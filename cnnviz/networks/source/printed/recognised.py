"""Printed networks of torchvision's classes: a text that makes the same, so that what their forward does is known.

Which of torchvision's calls is meant follows from what each of them prints; layers that are others stand below the
call. What is found so prints, once it is made, what was pasted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.source.printed.cut import UNNAMED
from cnnviz.networks.source.printed.layers import Layer, all_of
from cnnviz.networks.source.printed.reading import written
from cnnviz.networks.source.printed.torchvision import Call, calls, channels, classes_of, made

INPUT = (224, 224)
_LARGER = {"Inception3": (299, 299)}
_ONCE = dict.fromkeys(  # what torchvision has called the same before
    ("ConvBNReLU", "ConvBNActivation", "ConvNormActivation"), "Conv2dNormActivation"
)
_MAX_CHANGES = 40  # layers that are others than the call makes
_AT_ONCE = 4  # so few are a head and a first layer: none of more or fewer layers is tried then


@dataclass(frozen=True)
class Recognised:
    """How a network is made: its call, the layers that are others than the call makes, each by its path with the text
    of it, and the input (C, H, W) that it is made for."""

    call: Call
    changes: tuple[tuple[str, str], ...]
    input_shape: tuple[int, ...]

    def lines(self, name: str) -> list[str]:
        """The statements that make it under a name, below an import of nn and that of the call."""
        return [f"{name} = {self.call.text}", *(f"{name}{path} = {text}" for path, text in self.changes)]

    @property
    def text(self) -> str:
        """All of a text that makes it."""
        head = [self.call.imported, *(["from torch import nn"] if self.changes else [])]
        return "\n".join([*head, "", *self.lines("net"), ""])


def recognised(tree: Layer) -> Recognised | None:
    """What makes a printed network of torchvision; None where no call of its functions and classes does."""
    found: list[Recognised] = []
    for kind in classes_of(tree) if tree.kind == UNNAMED else [tree.kind]:
        named = replace(tree, kind=kind)
        shape = (channels(tree)[0] or 3, *_LARGER.get(kind, INPUT))
        for alike in calls(kind, tree):
            for call in alike:
                printed = made(call)
                changes = _changed(named, printed) if printed is not None else None
                if changes is not None:
                    found.append(Recognised(call, changes, shape))
                if changes == ():
                    return found[-1]
            if any(len(one.changes) <= _AT_ONCE for one in found):
                return min(found, key=lambda one: len(one.changes))
    return min(found, key=lambda one: len(one.changes), default=None)


def _changed(tree: Layer, other: Layer) -> tuple[tuple[str, str], ...] | None:
    """The layers that are others than those of a call, with their texts; None where one has none, where they are more
    than half of all, or too many."""
    found: list[tuple[str, str]] = []
    leaves = 0
    try:
        for path, layer in _differing(tree, other):
            found.append((path, written(layer)))
            leaves += _leaves(layer)
            if len(found) > _MAX_CHANGES:
                return None
    except ValueError:
        return None
    return tuple(found) if 2 * leaves <= _leaves(tree) else None


def _differing(own: Layer, other: Layer, at: tuple[str, ...] = ()) -> Iterator[tuple[str, Layer]]:
    """The layers in which two networks differ, each behind its path. Raises ValueError where that is all of one."""
    alike = _alike(own, other)
    if alike and [one.name for one in own.children] == [one.name for one in other.children]:
        for one, its in zip(own.children, other.children, strict=True):
            yield from _differing(one, its, (*at, one.name))
    elif at:
        yield _path(at), own
    else:
        raise ValueError(f"{own.kind} has other layers")


def _alike(own: Layer, other: Layer) -> bool:
    """Whether two layers print the same but for those in them, also as an older torch or torchvision has printed it.
    Raises ValueError where one of torch.nn has no text."""
    own = replace(own, kind=_ONCE.get(own.kind, own.kind))
    if (own.kind, own.arguments, own.times) == (other.kind, other.arguments, other.times):
        return True
    return own.kind == other.kind in LAYERS and not own.children and written(own) == written(other)


def _path(names: Iterable[str]) -> str:
    """.layer1[0].conv1: where a layer stands in its network."""
    return "".join(f"[{name}]" if name.isdigit() else f".{name}" for name in names)


def _leaves(layer: Layer) -> int:
    """How many layers with sizes of their own it has."""
    return sum(one.times for one in all_of(layer) if not one.children and one.arguments)

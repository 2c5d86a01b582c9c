"""A guess at what the forward of a printed class does: a chain of its layers that torch runs."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from math import prod

import torch
from torch import nn

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.source.printed.layers import PASSING, Layer, all_of, counterpart, in_torch, is_aside, made
from cnnviz.networks.source.printed.order import branching, ordered
from cnnviz.networks.source.printed.reading import Printed
from cnnviz.networks.source.printed.sizes import axes_of, sides

MAX_TRIES = 100  # of places for the poolings
MAX_CONVOLUTIONS = 40
LENGTHS = (128, 1024, 16_000)  # of rows of numbers
_SPAN = re.compile(r"(\d{1,4})-\d{1,4}")
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.LocalResponseNorm, nn.LayerNorm)
_ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Hardswish,
    nn.Tanh,
)
_FROZEN = "FrozenBatchNorm2d"
_Named = tuple[str, nn.Module]
Shape = tuple[int, ...]
_Order = Callable[[list[_Named], Shape], Iterator[list[_Named]]]
_Try = tuple[list[_Named], Shape]


@dataclass(frozen=True)
class Guess:
    """The text of an nn.Sequential, and the input (C, H, W) for which it runs."""

    text: str
    input_shape: Shape


def guess(printed: Printed, pictures: Sequence[Shape]) -> Guess | None:
    """A chain of the printed layers that torch runs for one of `pictures` (C, H, W), which are tried in order with
    as many channels as the first layer takes, or for an input that the numbers force; None where none is found. An
    activation follows each convolution and each Linear but the last where none is printed, poolings stand where they
    are printed or where the numbers then fit the first Linear, and a Flatten before it, behind the mean of each channel
    where that is as much as it takes. None, too, where layers are known to stand beside one another."""
    if branching(printed.tree):
        return None
    tree = ordered(printed.tree)
    try:
        layers = [*_leaves(tree)]
    except ValueError:
        return None
    if not layers:
        return None
    orders: list[_Order] = [_as_printed]
    if not any(_pools_in_place(one) for one in all_of(tree)):
        orders.append(_rearranged)
    activated = _activated(layers)
    known: dict[tuple[nn.Module, Shape], Shape] = {}
    tries = chain(_for_inputs(activated, orders, _inputs(layers, pictures)), _for_forced(activated, orders))
    for candidate, shape in tries:
        if _runs(candidate, shape, known):
            return _guess(candidate, shape)
    return None


def _inputs(layers: list[_Named], pictures: Sequence[Shape]) -> list[Shape]:
    """The inputs that are tried: pictures, or rows where the convolutions work along one axis; behind them, of a
    network of fully connected layers, as many numbers as it takes."""
    found = axes_of([layer for _, layer in layers])
    shapes = [(1, length) for length in LENGTHS] if found == 1 else [*pictures]
    taken = [_taken(layers, shape) for shape in shapes]
    first = next((layer for _, layer in layers if isinstance(layer, (*_CONVOLUTIONS, nn.Linear))), None)
    if isinstance(first, nn.Linear):
        taken.append((first.in_features,))
    return [*dict.fromkeys(taken)]


def _for_inputs(layers: list[_Named], orders: list[_Order], shapes: list[Shape]) -> Iterator[_Try]:
    """Chains with the inputs for which they may run: order by order, and in each input by input."""
    for order in [*orders, _averaged]:
        for shape in shapes:
            for candidate in islice(order(layers, shape), MAX_TRIES):
                yield candidate, shape


def _for_forced(layers: list[_Named], orders: list[_Order]) -> Iterator[_Try]:
    """Chains with the inputs that their numbers force: of usual sides first, then the least with a pooling after each
    convolution, if that may be, or as it is printed."""
    axes = axes_of([layer for _, layer in layers])
    channels = _taken(layers, (0,))[0]
    if not axes or not channels:
        return
    smallest: list[list[_Try]] = []
    for order in orders:
        smallest.insert(0, [])
        for candidate in islice(order(layers, (channels, *(0,) * axes)), MAX_TRIES):
            usual, least = sides([layer for _, layer in candidate])
            for side in usual:
                yield candidate, (channels, *(side,) * axes)
            if least:
                smallest[0].append((candidate, (channels, *(least,) * axes)))
    yield from chain.from_iterable(smallest)


def _guess(layers: list[_Named], shape: Shape) -> Guess | None:
    """The chain as a text, if it is one that may be read again: names and numbers of parameters have their bounds."""
    text = write(nn.Sequential(OrderedDict(_unique(layers))))
    try:
        parse(text, traced=True)
    except NotationError:
        return None
    return Guess(text, shape)


def _leaves(layer: Layer, path: str = "", deep: int = 1) -> Iterator[_Named]:
    """The layers in the order in which they are printed, weightless, without losses and metrics. Raises ValueError
    where one is none that a text may name, or where there are too many."""
    if is_aside(layer) or layer.kind in PASSING:
        return
    layer = layer.plain if layer.is_parametrized else layer
    path = f"{path}_{layer.name}".strip("_")
    if layer.times * deep > 64:
        raise ValueError("these are too many layers for a guess")
    if layer.children and (layer.kind == "Sequential" or "):" in layer.arguments) and layer.arguments:
        raise ValueError("some of its layers are not read")
    for index in range(layer.times):
        name = path if layer.times == 1 else _numbered(path, layer.name, index)
        weights = not layer.children or layer.has_weights or bool(counterpart(layer))
        before = [one for one in layer.children if weights and "Pad" in one.kind]
        for child in before:
            yield from _leaves(child, name, deep * layer.times)
        if weights:
            yield re.sub(r"\W", "_", name), _alone(layer)
        for child in layer.children:
            if child not in before:
                yield from _leaves(child, name, deep * layer.times)


def _alone(layer: Layer) -> nn.Module:
    """The layer without those that it holds. Raises ValueError where it is none that a text may name."""
    return _frozen(layer) if layer.kind == _FROZEN else made(in_torch(layer.alone))


def _frozen(layer: Layer) -> nn.Module:
    """A FrozenBatchNorm2d, whose numbers are no parameters, as the BatchNorm2d that has none either."""
    sizes = Layer(layer.name, "BatchNorm2d", f"{layer.arguments}, affine=False")
    return made(sizes)


def _numbered(path: str, name: str, index: int) -> str:
    """layers_3 for the last of layers_0-3."""
    span = _SPAN.fullmatch(name)
    return path.removesuffix(name) + str(int(span[1]) + index) if span else f"{path}_{index}"


def _taken(layers: list[_Named], shape: Shape) -> Shape:
    """The input's shape with as many channels as the first layer takes that says how many."""
    for _, layer in layers:
        if isinstance(layer, nn.Linear):
            break
        channels = getattr(layer, "in_channels", getattr(layer, "num_features", None))
        if isinstance(channels, int):
            return (channels, *shape[1:])
    return shape


def _pools_in_place(layer: Layer) -> bool:
    """Whether it is a Sequential with poolings: they stand where they are printed."""
    return layer.kind == "Sequential" and any(re.match(r"(Max|Avg)Pool\dd", one.kind) for one in layer.children)


def _as_printed(layers: list[_Named], shape: Shape) -> Iterator[list[_Named]]:
    """The chain in the order in which it is printed."""
    yield _flattened(layers, shape)


def _averaged(layers: list[_Named], shape: Shape) -> Iterator[list[_Named]]:
    """The chain as it is printed, with the mean over each channel before the first Linear, if that takes one number of
    each channel."""
    chained = _flattened(layers, shape)
    at = next((index for index, (_, one) in enumerate(chained) if isinstance(one, nn.Flatten)), 0)
    first = next((one for _, one in chained[at:] if isinstance(one, nn.Linear)), None)
    last = next((one for _, one in reversed(chained[:at]) if isinstance(one, _CONVOLUTIONS)), None)
    if at and first is not None and last is not None and first.in_features == last.out_channels:
        mean = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[len(last.kernel_size) - 1](1)
        yield [*chained[:at], ("avgpool", mean), *chained[at:]]


def _rearranged(layers: list[_Named], shape: Shape) -> Iterator[list[_Named]]:
    """Chains with a pooling after each convolution, then after some of them: the one that is printed, or as many as
    are printed."""
    pools = [one for one in layers if isinstance(one[1], _POOLS)]
    bare = [one for one in layers if not isinstance(one[1], _POOLS)]
    places = [*_places(bare)]
    if not places or len(places) > MAX_CONVOLUTIONS or not any(isinstance(one, nn.Linear) for _, one in layers):
        return
    if not pools and len(shape) in (2, 3, 4):
        pools = [("pool", (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[len(shape) - 2](2))]
    for subset in chain.from_iterable(combinations(places, count) for count in range(len(places), 0, -1)):
        if len(pools) in (1, len(subset)):
            yield _flattened(_pooled(bare, pools, subset), shape)


def _activated(layers: list[_Named]) -> list[_Named]:
    """With an activation after each convolution and each Linear but the last, where none is printed or where one is
    printed for all."""
    printed = [one for one in layers if isinstance(one[1], _ACTIVATIONS)]
    weighted = [index for index, one in enumerate(layers) if isinstance(one[1], (*_CONVOLUTIONS, nn.Linear))]
    if len(printed) > 1 or (len(printed) == 1 and len(weighted) <= 2):
        return layers
    activation = _for_all(printed[0]) if printed else ("relu", nn.ReLU())
    result: list[_Named] = []
    pending = False
    for index, one in enumerate(layers):
        if one in printed:
            continue
        if pending and not isinstance(one[1], _NORMS):
            result.append(activation)
            pending = False
        result.append(one)
        pending = pending or index in weighted[:-1]
    return result


def _for_all(one: _Named) -> _Named:
    """A layer that stands in several places; where its name is a number of a row, under that of its kind: fc_1 would
    look like a part of fc where it stands behind a convolution."""
    name, layer = one
    return (type(layer).__name__.lower() if name[-1:].isdigit() else name), layer


def _places(layers: list[_Named]) -> Iterator[int]:
    """Behind which layer a pooling may stand: behind each convolution's norm and activation."""
    for index, (_, layer) in enumerate(layers):
        if isinstance(layer, _CONVOLUTIONS):
            while index + 1 < len(layers) and isinstance(layers[index + 1][1], (*_NORMS, *_ACTIVATIONS)):
                index += 1
            yield index


def _pooled(layers: list[_Named], pools: list[_Named], places: tuple[int, ...]) -> list[_Named]:
    """With a pooling behind each of the places: the one that there is, or each in its turn."""
    turn = iter(pools if len(pools) == len(places) else [_for_all(pools[0])] * len(places))
    behind = {place: next(turn) for place in places}
    return [part for index, one in enumerate(layers) for part in ((one, behind[index]) if index in behind else (one,))]


def _flattened(layers: list[_Named], shape: Shape) -> list[_Named]:
    """With a Flatten before the first Linear, where none is printed and the picture is not flat already."""
    if len(shape) == 1 or any(isinstance(one, nn.Flatten) for _, one in layers):
        return layers
    first = next((index for index, one in enumerate(layers) if isinstance(one[1], nn.Linear)), None)
    if first is None:
        return layers
    while first and isinstance(layers[first - 1][1], nn.Dropout):
        first -= 1
    return [*layers[:first], ("flatten", nn.Flatten()), *layers[first:]]


def _runs(layers: list[_Named], picture: Shape, known: dict[tuple[nn.Module, Shape], Shape]) -> bool:
    """Whether torch runs the chain for two pictures, without numbers; the outcome has to be two rows or pictures.
    `known` keeps what each layer makes of which shape, for many chains share most of their layers."""
    shape = (2, *picture)
    for _, layer in layers:
        if (layer, shape) not in known:
            known[layer, shape] = _through(layer, shape)
        shape = known[layer, shape]
        if not prod(shape):
            return False
    return shape[0] == 2


def _through(layer: nn.Module, shape: Shape) -> Shape:
    """The shape of what torch makes of one; (0,) where it does not take it."""
    try:
        with torch.no_grad():
            return tuple(layer.eval()(torch.empty(shape, device="meta")).shape)
    except Exception:  # whatever torch says of shapes that do not fit
        return (0,)


def _unique(layers: list[_Named]) -> Iterator[_Named]:
    """Each under a name of its own: relu, relu2, relu3."""
    used: set[str] = set()
    for name, layer in layers:
        name = name if not hasattr(nn.Sequential, name) else f"{name}_"
        own, number = name, 2
        while own in used:
            own, number = f"{name}{number}", number + 1
        used.add(own)
        yield own, layer

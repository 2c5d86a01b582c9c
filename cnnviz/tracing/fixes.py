"""What would mend a network that stopped: the smallest changes, each verified by a trace before it is named."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.notation.printer import arguments, described
from cnnviz.networks.zoo.blocks import Residual
from cnnviz.ops.arithmetic import times
from cnnviz.tracing.explaining import called, channels, oversized_window, rank_wanted, wanted_width
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.recorder import Stopped, record
from cnnviz.tracing.steps import INPUT, Shape, Step

MAX_FIXES = 4
USUAL = (28, 32, 64, 96, 224, 227, 256)  # sides of inputs that networks are made for
MAX_SECONDS = 0.8  # for trying

_Change = Callable[[nn.Module], None]  # made in a weightless copy of a network


@dataclass(frozen=True)
class Fix:
    """One change. `text` names it; `change` makes it in a weightless copy of the network, or `input_shape` is what the
    network then takes; `whole` says whether it then runs to its end. Of several with one `kind`, the place and what is
    changed there, one is enough."""

    text: str
    kind: tuple[str, str] = ("", "input")
    change: _Change | None = None
    input_shape: Shape = ()
    whole: bool = False


def apply(network: nn.Module, fix: Fix) -> nn.Module:
    """A weightless copy of `network` with the change made; for a change of the input, just the copy."""
    changed = weightless(network)
    if fix.change is not None:
        with torch.device("meta"):
            fix.change(changed)
    return changed.eval()


# --- changes


def _replace(path: str, make: Callable[[nn.Module], nn.Module]) -> _Change:
    """What `make` makes of the layer at `path`, in its place."""

    def change(network: nn.Module) -> None:
        parent, _, name = path.rpartition(".")
        setattr(network.get_submodule(parent), name, make(network.get_submodule(path)))

    return change


def _rebuild(path: str, attribute: str, value: Any) -> _Change:
    """The layer at `path` with another kernel_size, padding, in_features ..."""
    return _replace(path, lambda layer: type(layer)(**{**arguments(layer), attribute: value}))


def _flatten_before(path: str, features: int) -> _Change:
    """A Flatten before the linear layer at `path`, a child of a Sequential, and the layer made for `features`."""
    widen = _rebuild(path, "in_features", features)

    def change(network: nn.Module) -> None:
        widen(network)
        parent, _, name = path.rpartition(".")
        _insert(network.get_submodule(parent), name, nn.Flatten())

    return change


def _shortcut(path: str, c_in: int, c_out: int, stride: int) -> _Change:
    """A 1 x 1 convolution around the residual block at `path`."""

    def change(network: nn.Module) -> None:
        network.get_submodule(path).shortcut = nn.Conv2d(c_in, c_out, 1, stride=stride)

    return change


def _insert(parent: nn.Module, name: str, layer: nn.Module) -> None:
    """`layer` in front of child `name` of a Sequential."""
    children = list(parent._modules.items())
    parent._modules.clear()
    numbered = all(key.isdigit() for key, _ in children)
    for key, child in children:
        if key == name:
            parent.add_module(str(len(parent._modules)) if numbered else "flatten", layer)
        parent.add_module(str(len(parent._modules)) if numbered else key, child or nn.Identity())


def suggest_fixes(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> tuple[Fix, ...]:
    """Up to four changes after which the step that stopped works, those first after which the whole network does."""
    found: list[Fix] = []
    kinds: set[tuple[str, str]] = set()
    end = time.monotonic() + MAX_SECONDS
    for candidate in _candidates(network, input_shape, stopped, steps):
        if time.monotonic() > end or len(found) >= MAX_FIXES:
            break
        if candidate.kind in kinds:
            continue
        further = _tried(network, input_shape, candidate, stopped)
        if further is not None:
            kinds.add(candidate.kind)
            found.append(further)
    return tuple(sorted(found, key=lambda fix: not fix.whole))


def _tried(network: nn.Module, input_shape: Shape, fix: Fix, stopped: Stopped) -> Fix | None:
    """The fix with `whole` filled in; None where the same step still stops, or stops sooner. Another size of the
    input has to mend all of it."""
    shape = fix.input_shape or input_shape
    try:
        changed = apply(network, fix) if fix.change else network
        if runs(changed, shape):
            return replace(fix, whole=True)
        if shape[2:] != input_shape[2:]:
            return None
        steps, now = record(changed, shape)
    except Exception:  # a change that torch's constructors refuse is none
        return None
    passed = any(step.module == stopped.name or step.name == stopped.name for step in steps)
    if now is not None and not passed:
        return None
    return replace(fix, whole=now is None)


def runs(network: nn.Module, input_shape: Shape) -> bool:
    """Whether a weightless network takes such an input; a fifth of the time of a trace."""
    try:
        with torch.no_grad():
            network(torch.empty(input_shape, device="meta"))
    except Exception:  # as in `record`
        return False
    return True


def _candidates(network: nn.Module, input_shape: Shape, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """Changes worth trying, the smallest first: the layer itself, a layer before it, the input, another layer more."""
    yield from _own(stopped)
    yield from _shape(network, stopped, steps)
    if stopped.operation.name == "Linear" and stopped.shapes and len(stopped.shapes[0]) > 2:
        return  # maps that are not laid in one row: a size that fits by chance mends nothing
    yield from _paddings(network, stopped, steps)
    yield from _sources(network, stopped, steps)
    yield from _inputs(input_shape, stopped)


def _changeable(network: nn.Module, path: str) -> nn.Module | None:
    """The layer at `path`, where it can be built anew."""
    layer = dict(network.named_modules()).get(path)
    return layer if layer is not None and LAYERS.get(type(layer).__name__) is type(layer) else None


def _named(step: Step | Stopped) -> str:
    """A step in a sentence."""
    return called(step.name, step.operation if isinstance(step, Step) else step.operation.name)


def _attribute(text: str, path: str, attribute: str, value: Any) -> Fix:
    """The fix that gives the layer at `path` another value of one of its arguments."""
    return Fix(text, (path, attribute), _rebuild(path, attribute, value))


def _changed_text(layer: nn.Module, attribute: str, value: Any) -> str:
    """Linear(784, 120): the layer as it would be written after the change."""
    with torch.device("meta"):
        return described(type(layer)(**{**arguments(layer), attribute: value}))


def _own(stopped: Stopped) -> Iterator[Fix]:
    """The width of the layer that stopped, its kernel or its padding."""
    layer, shape = stopped.layer, stopped.shapes[0] if stopped.shapes else ()
    if layer is None or LAYERS.get(type(layer).__name__) is not type(layer):
        return
    wanted, rank = wanted_width(stopped), rank_wanted(stopped)
    if wanted is not None and len(shape) == (rank or len(shape)) and len(shape) >= 2:
        met = shape[-1] if stopped.operation.name == "Linear" and len(shape) == 2 else shape[1]
        names = ("in_features", "in_channels", "num_features", "num_channels", "num_parameters")
        attribute = next(name for name in names if hasattr(layer, name))
        if met != wanted:
            try:
                yield _attribute(_changed_text(layer, attribute, met), stopped.name, attribute, met)
            except Exception:  # groups that do not divide
                yield from ()
    if isinstance(layer, nn.LayerNorm):
        sizes = shape[-len(layer.normalized_shape) :]
        yield _attribute(_changed_text(layer, "normalized_shape", sizes), stopped.name, "normalized_shape", sizes)
    other = {("BatchNorm1d", 4): "BatchNorm2d", ("BatchNorm2d", 2): "BatchNorm1d", ("BatchNorm2d", 3): "BatchNorm1d"}
    if (kind := other.get((stopped.operation.name, len(shape)))) is not None:
        change = _replace(stopped.name, lambda layer: LAYERS[kind](**arguments(layer)))
        yield Fix(f"{kind} in place of {stopped.operation.name} in {_named(stopped)}", (stopped.name, "kind"), change)
    found = oversized_window(stopped)
    if found is not None:
        padded, extents, padding = found
        min_padding = tuple(max(p, p - (-(r - n) // 2)) for n, r, p in zip(padded, extents, padding, strict=True))
        fitting = tuple(min(n, r) for n, r in zip(padded, extents, strict=True))
        for attribute, value in (("kernel_size", fitting), ("padding", min_padding)):
            number = value[0] if len(set(value)) == 1 else value
            yield _attribute(f"{attribute}={number} in {_named(stopped)}", stopped.name, attribute, number)


def _shape(network: nn.Module, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """A Flatten more or less, a 1x1 convolution around a residual block."""
    path = stopped.name.rpartition(".")[0]
    maps = stopped.operation.name == "Linear" and len(stopped.shapes[0]) > 2
    if maps and stopped.layer is not None and isinstance(network.get_submodule(path), nn.Sequential):
        features = prod(stopped.shapes[0][1:])
        text = f"nn.Flatten() and then {_changed_text(stopped.layer, 'in_features', features)}"
        yield Fix(text, (stopped.name, "before"), _flatten_before(stopped.name, features))
    flat = next((step for step in reversed(steps) if step.operation == "Flatten" and step.module), None)
    if flat and rank_wanted(stopped) > 2 and len(stopped.shapes[0]) == 2:
        change = _replace(flat.module, lambda _: nn.Identity())
        yield Fix(f"no {flat.operation} before {_named(stopped)}", (flat.module, "remove"), change)
    block = dict(network.named_modules()).get(stopped.scope)
    if stopped.operation.name == "Add" and isinstance(block, Residual) and len(stopped.shapes) == 2:
        (c_out, *body), (c_in, *enclosing) = (shape[1:] for shape in stopped.shapes)
        for stride in range(1, 5):
            if len(body) == 2 and all(-(-n // stride) == m for n, m in zip(enclosing, body, strict=True)):
                more = f", stride={stride}" if stride > 1 else ""
                text = f"shortcut=nn.Conv2d({c_in}, {c_out}, 1{more}) in {stopped.scope}"
                yield Fix(text, (stopped.scope, "shortcut"), _shortcut(stopped.scope, c_in, c_out, stride))


def _paddings(network: nn.Module, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """Another padding in a convolution before it, the nearest first."""
    if wanted_width(stopped) is not None and stopped.operation.name != "Linear":
        return  # channels do not change by padding
    near = [step for step in reversed(steps) if step.module and step.kernel and step.operation.startswith("Conv")][:6]
    for step in near:
        for value in (0, 1, 2, 3):
            if (value, value) != step.padding and _changeable(network, step.module) is not None:
                yield _attribute(f"padding={value} in {_named(step)}", step.module, "padding", value)


def _sources(network: nn.Module, stopped: Stopped, steps: Sequence[Step]) -> Iterator[Fix]:
    """As many channels from the layer before it as it wants."""
    wanted = wanted_width(stopped)
    if wanted is None or not stopped.shapes or stopped.shapes[0][1] == wanted:
        return
    for step in reversed(steps):
        layer = _changeable(network, step.module)
        attribute = next((name for name in ("out_channels", "out_features") if hasattr(layer, name)), None)
        if layer is not None and attribute:
            yield _attribute(f"{attribute}={wanted} in {_named(step)}", step.module, attribute, wanted)
            return


def _inputs(input_shape: Shape, stopped: Stopped) -> Iterator[Fix]:
    """An input of other channels or of another size, the nearest first."""
    wanted = wanted_width(stopped)
    if stopped.sources[:1] == (INPUT,) and wanted is not None and len(input_shape) > 2:
        yield Fix(f"an input of {channels(wanted)}", input_shape=(input_shape[0], wanted, *input_shape[2:]))
    if len(input_shape) != 4:
        return
    height, width = input_shape[2:]
    near = [(height + step, width + step) for step in sorted(range(-12, 13), key=abs)]
    usual = [(side, side) for side in sorted({height, width, *USUAL}, key=lambda side: abs(side - height))]
    for size in dict.fromkeys([*near, *usual]):
        if size != (height, width) and min(size) > 0:
            yield Fix(f"an input of {times(size)}", input_shape=(*input_shape[:2], *size))

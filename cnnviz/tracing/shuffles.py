"""Channels that a shuffle of pixels or of channels cannot part evenly, and sides that an unshuffle cannot: what is said
of them, and as many channels in the convolution before as can be parted."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.cases import Case, Cause
from cnnviz.tracing.edits import Edit, Fix, Set, Several, changeable
from cnnviz.tracing.explaining import called, channels
from cnnviz.tracing.steps import Step

MAX_WIDTHS = 6  # that are tried
_ARGUMENTS = {"PixelShuffle": "upscale_factor", "PixelUnshuffle": "downscale_factor", "ChannelShuffle": "groups"}


@dataclass(frozen=True)
class _Before:
    """The convolution whose channels arrive, and the norms between."""

    convolution: Step
    norms: tuple[str, ...]


def shuffled(case: Case) -> Cause | None:
    """Channels that are no multiple of what a shuffle makes of them, and sides that are none."""
    word, shape = case.stopped.operation.name, case.shape
    factor = _factor(case, _ARGUMENTS.get(word, ""))
    if factor < 2 or len(shape) < 4 or word not in _ARGUMENTS:
        return None
    arrive = f"{case.source(0)} {'has' if case.stopped.is_of_input else 'delivers'}"
    if word == "PixelUnshuffle":
        if all(side % factor == 0 for side in shape[2:]):
            return None
        sides = " × ".join(f"{side // factor * factor}" for side in shape[2:])
        sentence = (
            f"{case.name} lays {factor} × {factor} cells out as channels and needs a height and a width that are "
            f"multiples of {factor}, such as {sides}, and {arrive} {times(shape[2:])}"
        )
        return Cause(sentence, (), is_all=False)
    unit = factor if word == "ChannelShuffle" else factor * factor
    if shape[1] % unit == 0:
        return None
    of = f"{factor} × {factor} = {unit}" if word == "PixelShuffle" else f"{unit}"
    does = f"lays {factor} × {factor} channels out as cells" if word == "PixelShuffle" else "parts the channels"
    sentence = f"{case.name} {does} and needs a multiple of {of} channels, and {arrive} {channels(shape[1])}"
    return Cause(sentence, tuple(_wider(case, unit)))


def _factor(case: Case, argument: str) -> int:
    """The factor or the groups that a layer was made with, or a function called with; 0 where that is none."""
    settings = case.stopped.operation.settings
    value = getattr(case.stopped.layer, argument, settings.get(argument, next(iter(settings.get("positional", ())), 0)))
    return value if isinstance(value, int) else 0


def _wider(case: Case, unit: int) -> Iterator[Fix]:
    """The next multiple above in the convolution before, the one below, then those of which layers behind it would take
    what is made; an input of the next multiple where nothing stands before."""
    count = case.shape[1]
    above = -(-count // unit) * unit
    before = _before(case)
    if before is None:
        if case.stopped.is_of_input:
            shape = (case.shape[0], above, *case.shape[2:])
            yield Fix(f"an input of {channels(above)}", input_shape=shape)
        return
    run = {step.module for step in case.steps}
    behind = [getattr(one, "in_channels", 0) for path, one in case.network.named_modules() if path not in run]
    taken = [unit * one for one in behind if isinstance(one, int) and one > 0]
    for width in [*dict.fromkeys([above, above - unit, *sorted(taken, key=lambda one: abs(one - count))])][:MAX_WIDTHS]:
        if width > 0:
            edits: tuple[Edit, ...] = (
                Set(before.convolution.module, "out_channels", width),
                *(Set(path, "num_features", width) for path in before.norms),
            )
            norms = f" and num_features={width} in {' and '.join(before.norms)}" if before.norms else ""
            text = f"out_channels={width} in {called(before.convolution.name, before.convolution.operation)}{norms}"
            yield Fix(text, "source", edits[0] if len(edits) == 1 else Several(edits))


def _before(case: Case) -> _Before | None:
    """The convolution before, and what stands between that has as many features."""
    known, norms = {step.name: step for step in case.steps}, list[str]()
    step = known.get(case.stopped.sources[0]) if case.stopped.sources else None
    while step is not None:
        layer = changeable(case.network, step.module) if step.module else None
        if step.operation.startswith("Conv"):
            return _Before(step, tuple(norms)) if layer is not None else None
        if len(step.sources) != 1 or step.input_shape != step.output_shape:
            return None
        if isinstance(layer, nn.Module) and hasattr(layer, "num_features"):
            norms.append(step.module)
        step = known.get(step.sources[0])
    return None

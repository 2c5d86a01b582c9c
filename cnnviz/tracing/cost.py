"""What one picture costs a network, known from its trace before anything runs, and what a look or an evaluation may
cost.

Three variables of the environment set the bounds (the table in server/limits.py has them all):

    CNNVIZ_MAX_LOOK_MB      MB that the outputs of a network's steps may take at a time [256]
    CNNVIZ_MAX_GMACS        thousand millions of multiply-accumulates of an evaluation, or of another answer [1000]
    CNNVIZ_MAX_PARAMETERS   parameters of a text's network that is trained, or that predicts [25000000]
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, prod

from torch import nn

from cnnviz.ops.arithmetic import times
from cnnviz.tracing.meta import weightless
from cnnviz.tracing.operations import writes_in_place
from cnnviz.tracing.recorder import record
from cnnviz.tracing.steps import Shape, Step, around, result_of

MB, GIGA = 2**20, 10**9
VARIABLES: dict[str, tuple[str, int, int]] = {  # field -> its variable, the lowest and the highest value
    "look_mb": ("CNNVIZ_MAX_LOOK_MB", 16, 1_000_000),
    "gmacs": ("CNNVIZ_MAX_GMACS", 1, 1_000_000_000),
    "parameters": ("CNNVIZ_MAX_PARAMETERS", 1000, 10_000_000_000),
}
GRADIENTS = 2  # with gradients, outputs are kept for the way back, and their gradients come on top
BACKWARD = 3  # a pass there and back takes as long as so many there
WRITTEN = 8  # multiply-accumulates that take as long as writing one number


@dataclass(frozen=True)
class Bounds:
    """What a look and an evaluation may take: MB of outputs, and thousand millions of multiply-accumulates; and how
    many parameters the network of a text may have that is trained, or that predicts."""

    look_mb: int = 256
    gmacs: int = 1000
    parameters: int = 25_000_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Bounds":
        """The bounds that the variables set. Raises ValueError where one of them has a value that cannot be."""
        texts = {field: environment.get(name, "").strip() for field, (name, _, _) in VARIABLES.items()}
        return cls(**{field: whole_number(text, *VARIABLES[field]) for field, text in texts.items() if text})


def check_parameters(network: nn.Module) -> None:
    """Raises ValueError where the network of a text has more parameters than are trained, or predict, here."""
    count, allowed = sum(one.numel() for one in network.parameters()), Bounds.from_environment().parameters
    if count > allowed:
        raise ValueError(
            f"the network has {count:,} parameters and {allowed:,} are trained, or predict, here; it is followed on "
            "Shapes all the same, and runs with fewer channels or features"
        )


def whole_number(text: str, name: str, low: int, high: int) -> int:
    """What an operator has set `name` to. Raises ValueError where it is no whole number from `low` to `high`."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and low <= int(digits) <= high):
        raise ValueError(
            f"{name} = {text[:40]!r} is not a whole number from {low} to {high}; set it to one or unset it"
        )
    return int(digits)


@dataclass(frozen=True)
class Cost:
    """What one picture costs. `plain` are the bytes that stand in memory at the same time in a plain pass, `kept` those
    where every step's output is kept; `work` counts multiply-accumulates, and what takes as long. `largest` names the
    step with the largest output."""

    plain: int
    kept: int
    work: int
    largest: str

    def batch(self, at_most: int) -> int:
        """How many pictures a plain pass takes at a time. Raises ValueError where one is too many."""
        return self._batch(self.plain, at_most)

    def batch_kept(self, at_most: int) -> int:
        """The same where every step's output is kept."""
        return self._batch(self.kept, at_most)

    def batch_with_gradients(self, at_most: int) -> int:
        """The same where the pass goes back, too."""
        return self._batch(GRADIENTS * self.kept, at_most)

    def pictures(self, at_most: int) -> int:
        """How many pictures an answer may take in all. Raises ValueError where one is too many."""
        self.check_work(1)
        return max(1, min(at_most, Bounds.from_environment().gmacs * GIGA // max(1, self.work)))

    def check_work(self, pictures: int) -> None:
        """Raises ValueError where passes over so many pictures are more work than is allowed."""
        allowed, needed = Bounds.from_environment().gmacs, pictures * self.work / GIGA
        if needed > allowed:
            raise ValueError(
                f"{pictures:,} passes through this network take {needed:,.0f} thousand million multiply-accumulates "
                f"and {allowed:,} are allowed here; a network with {_part(needed / allowed)} of the work would fit"
            )

    def _batch(self, each: int, at_most: int) -> int:
        allowed = Bounds.from_environment().look_mb * MB
        if each > allowed:
            raise ValueError(
                f"the outputs of this network's steps take {each / MB:,.0f} MB for one picture and "
                f"{allowed // MB:,} MB are allowed here; the largest, {self.largest}, and its like would fit with "
                f"{_part(each / allowed)} of their channels, or after a pooling"
            )
        return max(1, min(at_most, allowed // max(1, each)))


def _part(times_too_much: float) -> str:
    """What part of it fits: 1/21 of what is 20.3 times too much."""
    return f"1/{ceil(times_too_much):,}"


def cost_of(network: nn.Module, picture: Shape) -> Cost:
    """What a picture (C, H, W) costs the network. Raises ValueError as `trace` does."""
    traced = weightless(network).float()  # shapes do not depend on the kind of numbers
    steps, stopped = record(traced, (1, *picture))
    if stopped is not None:
        raise ValueError(f"the network does not take pictures of {times(picture)}")
    layers = [traced.get_submodule(step.module) if step.module else None for step in steps]
    spaces = [_workspace(step, layer) for step, layer in zip(steps, layers)]
    own = 4 * prod(picture)
    copies = 2 if writes_in_place(network) else 1  # what is written over has to be kept before
    largest = max(steps, key=lambda step: step.memory, default=None)
    return Cost(
        plain=_peak(steps, spaces, own),
        kept=copies * (own + sum(step.memory for step in steps)) + max(spaces, default=0),
        work=sum(_work(step, layer) for step, layer in zip(steps, layers)),
        largest=f"{largest.name} with {times(largest.output_shape[1:])}" if largest else "the input",
    )


def _peak(steps: Sequence[Step], spaces: Sequence[int], own: int) -> int:
    """The most bytes at the same time: what is still to be read, what is written, and what its step needs besides."""
    memory, needed_until = {step.name: step.memory for step in steps}, _needed_until(steps)
    alive: dict[str, int] = {}
    peak = now = own
    for index, (step, space) in enumerate(zip(steps, spaces)):
        alive[step.name] = memory[step.name]
        now += memory[step.name]
        peak = max(peak, now + space)
        for name in [name for name in alive if needed_until.get(name, 0) <= index]:
            now -= alive.pop(name)
    return peak


def _needed_until(steps: Sequence[Step]) -> dict[str, int]:
    """The number of the last step that needs a step's output. A block holds what it was given until it ends."""
    last: dict[str, int] = {}
    given: dict[str, tuple[str, ...]] = {}
    ends: dict[str, int] = {}
    for index, step in enumerate(steps):
        last.update(dict.fromkeys(step.sources, index))
        for block in around(step.scope):
            given.setdefault(block, step.sources)
            ends[block] = index
    for block, sources in given.items():
        for name in sources:
            last[name] = max(last[name], ends[block])
    if (result := result_of(steps)) is not None:
        last[result.name] = len(steps)
    rows = {step.name for step in steps}  # whoever asks holds the inputs all the while
    return {name: end for name, end in last.items() if name in rows}


def _workspace(step: Step, layer: nn.Module | None) -> int:
    """The bytes that torch takes for a step beside its input and output, where it takes the way that needs most."""
    read, written = 4 * prod(step.input_shape), step.memory
    if step.operation.startswith("ConvTranspose"):
        return read + written + 4 * step.macs // max(1, step.input_shape[1])
    if step.operation.startswith("Conv"):
        padded = 1 if getattr(layer, "padding_mode", "zeros") == "zeros" else 3 ** (len(step.input_shape) - 2)
        return (
            padded * read + written + 4 * step.macs // max(1, step.output_shape[1])
        )  # the windows as rows of a matrix
    if step.operation == "LocalResponseNorm":
        return 4 * written
    return 2 * written if "MaxPool" in step.operation else written  # a maximum comes with its place, in 8 bytes


def _work(step: Step, layer: nn.Module | None) -> int:
    """Multiply-accumulates, or the numbers that are read where there are none; and what writing takes."""
    written = prod(step.output_shape)
    window = prod(step.kernel or (1,)) if not step.macs else 0
    if isinstance(layer, nn.LocalResponseNorm):
        window = layer.size
    return step.macs + (window + WRITTEN) * written

"""The work and the memory of a training step, from shapes alone: known before anything is allocated.

An operation is a multiply-accumulate of a convolution, a linear layer or a matrix product, or what takes as long: a
number that is read and written, a cell of a pooling window. The weights below come from measured steps of one kind of
layer each, on the CPU.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from torch import nn

from cnnviz import networks
from cnnviz.data import datasets
from cnnviz.networks import OWN_TEXT
from cnnviz.tracing import INPUT, Shape, Step, trace
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import multiplies_bfloat16

FLOAT = 4  # bytes
UNBOUNDED = 1e30
BACKWARD = 2  # a backward pass takes as long as so many forward ones

# operations
NUMBER = 24.0  # that goes into a step or comes out of it
NUMBERS = {  # where it is more, or less, by the beginning of the step's name
    "ConvTranspose": 32.0,
    "Conv": 8.0,
    "Linear": 8.0,
    "Flatten": 8.0,
    "ReLU": 12.0,
    "Dropout2d": 24.0,
    "Dropout": 72.0,
    "Mish": 48.0,
    "Upsample": 60.0,
    "Adaptive": 48.0,
}
CELL = 6.0  # of a window that is pooled
NEIGHBOUR = 32.0  # a channel in a local response normalisation's window
GROUPED = 8.0  # a MAC of a convolution in groups
ROUNDED = 8.0  # a MAC in bfloat16 on a processor that has no such products
PIXEL = 24.0  # of an input: gathered, framed, normalised
AUGMENTED = 600.0  # a pixel that is turned or drawn anew besides
UPDATED = 64.0  # a parameter, once a step

# numbers that are kept for the backward pass beside the output, as shares of its size
KEPT_BESIDE = {
    "MaxPool": 2,
    "AdaptiveMaxPool": 2,
    "Dropout": 1,
    "LocalResponseNorm": 8,
    "InstanceNorm": 2,
    "GroupNorm": 2,
    "LayerNorm": 2,
}
PIXEL_COPIES, AUGMENTED_COPIES = 4, 10  # of the input, until it is normalised
PASSING = 4  # copies of the largest output: its gradient, that of the next, a layout that suits the processor
SPARE = 1.25  # for what torch takes beside its tensors
STATE = {"sgd": 0, "momentum": 1, "nesterov": 1, "adam": 2, "adamw": 2}  # numbers an optimiser keeps a parameter
WEIGHT_COPIES = 3  # the weight, its gradient, and a moment's copy when it is saved or cast


@dataclass(frozen=True)
class Work:
    """What training asks of a machine: operations of a forward pass on one image, bytes that an image keeps until its
    backward pass and those that it takes when it is measured, and what each step takes whatever its batch."""

    operations: float
    kept: int
    measured: int
    fixed_operations: float
    fixed: int

    def step_operations(self, batch: int) -> float:
        """Of a step, forward and backward, on so many images."""
        return self.fixed_operations + batch * self.operations * (1 + BACKWARD)

    def step_memory(self, batch: int) -> int:
        """Bytes of a step on so many images, weights and optimiser included."""
        return self.fixed + batch * self.kept

    def largest_batch(self, operations: float, memory: float) -> int:
        """The most images of which a step stays within so many operations and bytes; 0 where not one does."""
        by_time = (operations - self.fixed_operations) / (self.operations * (1 + BACKWARD))
        return max(0, int(min(by_time, (memory - self.fixed) / self.kept)))

    def images_at_once(self, most: int, operations: float, memory: float) -> int:
        """How many images may go forward together, without gradients, within so many operations and bytes: one at
        least and `most` at the most."""
        return max(1, int(min(most, operations / self.operations, memory / self.measured)))


def work_of(network: nn.Module, shape: Shape, config: TrainConfig) -> Work:
    """The work of training a network on images of `shape` (C, H, W). Raises ValueError where it does not take them."""
    steps, layers = trace(network, (1, *shape)), dict(network.named_modules())
    augmented, pixels = config.augmentation != "none", prod(shape)
    numbers = [_numbers(step, layers.get(step.module)) for step in steps]
    largest = max([pixels, *(prod(step.output_shape) for step in steps)])
    mac = ROUNDED if config.precision == "bfloat16" and not multiplies_bfloat16(config.device) else 1.0
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Work(
        operations=sum(_operations(step, layers.get(step.module), mac) for step in steps)
        + pixels * (PIXEL + AUGMENTED * augmented) / (1 + BACKWARD),
        kept=_bytes(sum(numbers) + PASSING * largest + pixels * (AUGMENTED_COPIES if augmented else PIXEL_COPIES)),
        measured=_bytes(2 * _most_alive(steps, numbers) + pixels * PIXEL_COPIES),
        fixed_operations=UPDATED * parameters,
        fixed=FLOAT * (WEIGHT_COPIES + STATE[config.optimizer]) * parameters,
    )


def check_step(config: TrainConfig, operations: float, memory: float) -> None:
    """Raises ValueError where a step of the run takes more operations or bytes than that (0: any number), with the
    largest batch that fits. A network that does not take its images passes: its run says so before its first step."""
    work = _work_of_run(config)
    operations, memory = operations or UNBOUNDED, memory or UNBOUNDED
    batch = min(config.batch_size, config.subset or config.batch_size)
    if work is None or batch <= (largest := work.largest_batch(operations, memory)):
        return
    asked = max(1, batch if largest else 1)
    if work.step_operations(asked) > operations:
        takes, allowed = f"about {_billions(work.step_operations(asked))} operations", f"{_billions(operations)}"
    else:
        takes, allowed = f"about {_gigabytes(work.step_memory(asked))} of memory", _gigabytes(memory)
    on = f"batches of {batch:,}" if largest else "single images"
    remedy = f"choose a batch size of up to {largest:,}, or a smaller network" if largest else "use a smaller network"
    raise ValueError(
        f"a step of {config.network} on {on} takes {takes}, more than the {allowed} that this server allows: {remedy}"
    )


def _work_of_run(config: TrainConfig) -> Work | None:
    """The work of a run; None where its network does not take the images. Raises ValueError where a text of one's own
    is for images of a data set that is not here."""
    picture = datasets.form(config.dataset).picture if config.network == OWN_TEXT else (0, 0, 0)
    shape = networks.input_shape(config.network, picture)
    own = config.network == OWN_TEXT
    try:
        model = networks.weightless(config.network, config.text, shape if own else None)
        return work_of(model, shape, config)
    except ValueError:
        return None


def _operations(step: Step, layer: nn.Module | None, mac: float) -> float:
    """Of a step's forward pass on one image, where a multiply-accumulate counts as so many."""
    moved = prod(step.output_shape) + sum(map(prod, step.input_shapes))
    window = prod(step.output_shape) * _window(step, layer)
    return step.macs * mac * (GROUPED if step.groups > 1 else 1) + moved * _first(NUMBERS, step, NUMBER) + window


def _window(step: Step, layer: nn.Module | None) -> float:
    """The operations of the window behind one output of a step that pools; 0 for others."""
    if "Pool" in step.operation:
        return CELL * prod(step.kernel or ())
    return NEIGHBOUR * float(layer.size) if isinstance(layer, nn.LocalResponseNorm) else 0.0


def _first(table: Mapping[str, float], step: Step, usual: float) -> float:
    """What a table has for a step, by the beginning of its name."""
    return next((value for start, value in table.items() if step.operation.startswith(start)), usual)


def _numbers(step: Step, layer: nn.Module | None) -> int:
    """How many numbers of a step are kept for its backward pass, for one image."""
    beside = int(_first(KEPT_BESIDE, step, 0))
    padded = isinstance(layer, nn.Conv1d | nn.Conv2d) and layer.padding_mode != "zeros"
    return (1 + beside) * prod(step.output_shape) + (_padded(step) if padded else 0)


def _padded(step: Step) -> int:
    """The numbers of the input of a convolution once it is padded."""
    padding = step.padding or ()
    outer = len(step.input_shape) - len(padding)
    sizes = (size + 2 * pad for size, pad in zip(step.input_shape[outer:], padding, strict=True))
    return prod((*step.input_shape[:outer], *sizes))


def _bytes(numbers: int) -> int:
    """The memory of so many numbers."""
    return int(SPARE * FLOAT * numbers)


def _most_alive(steps: Sequence[Step], numbers: Sequence[int]) -> int:
    """The most numbers that are needed at a time in a forward pass: a step's output and all that later steps read."""
    last = {source: index for index, step in enumerate(steps) for source in step.sources}
    alive = {INPUT: prod(steps[0].input_shape)} if steps else {}
    most = 1
    for index, (step, size) in enumerate(zip(steps, numbers, strict=True)):
        alive[step.name] = size
        most = max(most, sum(alive.values()))
        for name in [name for name in alive if last.get(name, -1) <= index]:
            del alive[name]
    return most


def _billions(operations: float) -> str:
    return f"{operations / 1e9:,.0f} billion" if operations >= 1e9 else f"{operations / 1e9:.2g} billion"


def _gigabytes(memory: float) -> str:
    return f"{memory / 1e9:,.1f} GB"

"""What a step of a network does, told in sentences and in formulas with its numbers."""

from collections.abc import Sequence
from math import prod

from cnnviz.ops.arithmetic import extent, times
from cnnviz.tracing.steps import Step

MAX_TENSORS = 6  # of a layer that are told: an LSTM of many layers has dozens

# operation -> what it does; the words of torch.nn
SENTENCES = {
    "ReLU": "Negative numbers become 0, the rest stays.",
    "LeakyReLU": "Negative numbers are made small, the rest stays.",
    "PReLU": "Negative numbers are multiplied by a factor that is learnt, the rest stays.",
    "GELU": "Every number is multiplied by its share of the normal distribution: a smooth ReLU.",
    "SiLU": "Every number is multiplied by its own sigmoid: a smooth ReLU.",
    "Sigmoid": "Every number is brought between 0 and 1.",
    "Tanh": "Every number is brought between -1 and 1.",
    "Softmax": "Scores become probabilities: all between 0 and 1, with the sum 1.",
    "LogSoftmax": "Scores become the logarithms of probabilities.",
    "Dropout": "In training a random part of the numbers is set to 0; in use it does nothing.",
    "Dropout2d": "In training some whole channels are set to 0; in use it does nothing.",
    "Flatten": "All numbers of an image are laid in one row. Nothing is computed.",
    "Reshape": "The same numbers in another shape. Nothing is computed.",
    "Identity": "Nothing happens.",
    "Add": "Its sources are added, place by place: they have to have the same shape.",
    "Multiply": "Its sources are multiplied, place by place.",
    "BatchNorm": "Each channel is brought to mean 0 and variance 1, as measured in training, then scaled and shifted: "
    "two numbers a channel are learnt.",
    "LayerNorm": "Each image is brought to mean 0 and variance 1, then scaled and shifted.",
    "GroupNorm": "Each group of channels is brought to mean 0 and variance 1, then scaled and shifted.",
    "InstanceNorm": "Each channel of each image is brought to mean 0 and variance 1.",
    "RMSNorm": "Each row is divided by the root of the mean of its squares, then scaled.",
    "LocalResponseNorm": "Each number is divided by a measure of its neighbours in the channels beside it.",
    "MaxPool": "Of each window the largest number stays. Every channel is treated alone, and nothing is learnt.",
    "AvgPool": "Of each window the mean stays. Every channel is treated alone, and nothing is learnt.",
    "AdaptiveAvgPool": "Each map is cut into as many windows as asked for, and of each the mean stays.",
    "AdaptiveMaxPool": "Each map is cut into as many windows as asked for, and of each the largest number stays.",
    "Upsample": "Each map is made larger, between its numbers filled in. Nothing is learnt.",
    "PixelShuffle": "Groups of channels become finer maps: r × r channels are laid out as r × r cells.",
    "PixelUnshuffle": "Finer maps become more channels: r × r cells are laid out as r × r channels.",
    "Matmul": "Rows of the one are multiplied by columns of the other and added up: a product of matrices.",
    "Einsum": "Numbers are multiplied along the axes that its letters name, and added up along the others.",
    "MultiheadAttention": "Every place looks at all places: their values are averaged, by how well its query fits "
    "their keys.",
    "Scaled dot product attention": "Every place looks at all places: their values are averaged, by how well its query "
    "fits their keys.",
    "LSTM": "It reads the places of a sequence one after the other, and keeps what its gates let through.",
    "GRU": "It reads the places of a sequence one after the other, and keeps what its gates let through.",
    "RNN": "It reads the places of a sequence one after the other, and mixes each with what it kept of those before.",
    "Transpose": "Two axes change places. Nothing is computed.",
    "Permute": "Axes change places. Nothing is computed.",
    "Slice": "A part is taken. Nothing is computed.",
    "Linear": "Every output is a sum of all inputs, each times a weight of its own.",
}


def sentence(step: Step) -> str:
    """What the step does, in one sentence; '' for an operation without one."""
    operation = step.operation
    if operation.startswith("ConvTranspose"):
        return "Every input cell stamps the kernel, times its value, onto the output; stamps that overlap add up."
    if operation.startswith("Conv"):
        return _convolution(step)
    if operation == "Concatenate":
        return f"The channels of its sources are stacked: {_words(len(step.output_shape) - 2)} have to agree."
    stem = operation.rstrip("123d")
    return SENTENCES.get(operation) or SENTENCES.get(stem, "")


def _words(axes: int) -> str:
    """What the axes behind the channels are called together: heights and widths."""
    plural = {1: "lengths", 2: "heights and widths", 3: "depths, heights and widths"}
    return plural.get(axes, "all other sizes")


def _convolution(step: Step) -> str:
    """What a convolution does: its filters, and which channels each of them sees."""
    channels, filters = step.input_shape[1], step.output_shape[1]
    if step.groups == channels > 1:
        return f"Depthwise: each of its {filters:,} filters slides over one channel alone."
    which = f"all {channels:,} channels" if channels > 1 else "the one channel"
    if step.groups > 1:
        which = f"the {channels // step.groups:,} channels of its group"
    if step.kernel and prod(step.kernel) == 1:
        size = times(step.kernel) if len(step.kernel) > 1 else "One cell wide"
        return f"{size}: each of its {filters:,} filters mixes {which} at every place, and looks at no neighbours."
    return f"Each of its {filters:,} filters slides over {which} and gives one feature map."


def formulas(step: Step) -> list[str]:
    """The arithmetic behind a step's output size, parameters, MACs and receptive field, one line each."""
    lines = [*_sizes(step)]
    if step.reused:
        lines.append("parameters: counted already, the layer is used again")
    elif step.parameters:
        written = f"{step.arithmetic} = " if step.arithmetic else ""
        lines.append(f"parameters: {written}{step.parameters:,}")
    if step.tensors:
        lines.append(f"tensors: {_tensors(step)}")
    if step.macs:
        lines.append(f"MACs: {_macs(step)}{step.macs:,}, FLOPs: {2 * step.macs:,}")
    if step.receptive_field is not None and step.jump is not None:
        lines.append(f"a unit sees {times(step.receptive_field)} of the input; neighbours lie {_apart(step)} apart")
    return lines


def _tensors(step: Step) -> str:
    """The sizes of a layer's parameters by their names: weight 6 × 1 × 5 × 5, bias 6."""
    shown = [f"{name} {times(shape)}" for name, shape in step.tensors[:MAX_TENSORS]]
    more = len(step.tensors) - len(shown)
    return ", ".join([*shown, *([f"{more} more"] if more else [])])


def _sizes(step: Step) -> list[str]:
    """The output size by its formula, for every axis; one line where all are alike."""
    if step.kernel is None or None in (step.stride, step.padding) or "Adaptive" in step.operation:
        return []
    lines = [_size(step, axis) for axis in range(len(step.kernel))]
    names = ["length"] if len(lines) == 1 else ["depth", "height", "width"][-len(lines) :]
    if len(set(lines)) == 1:
        return [f"{' = '.join(names)}: {lines[0]}"]
    return [f"{name}: {line}" for name, line in zip(names, lines, strict=False)]


def _size(step: Step, axis: int) -> str:
    """⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28 along one axis; rounded up where the traced size says so."""
    kernel, stride, padding = (value[axis] for value in (step.kernel, step.stride, step.padding) if value)
    dilation = step.dilation[axis] if step.dilation else 1
    before, after = (shape[axis - len(step.kernel or ())] for shape in (step.input_shape, step.output_shape))
    span = extent(kernel, dilation)
    if step.operation.startswith("ConvTranspose"):
        rest = after - ((before - 1) * stride - 2 * padding + span)
        more = f" + {rest}" if rest else ""
        return f"({before} − 1)·{stride} − 2·{padding} + {span}{more} = {after}"
    left, right = ("⌊", "⌋") if (before + 2 * padding - span) // stride + 1 == after else ("⌈", "⌉")
    ring = f" + 2·{padding}" if padding else ""
    window = f"({dilation}·({kernel} − 1) + 1)" if dilation > 1 else str(kernel)
    return f"{left}({before}{ring} − {window}) / {stride}{right} + 1 = {after}"


def _macs(step: Step) -> str:
    """The factors of the MACs of a convolution or a linear layer, with '=' behind them."""
    factors: tuple[int, ...] = ()
    if step.kernel is not None and step.operation.startswith("Conv") and "Transpose" not in step.operation:
        factors = (*step.kernel, step.input_shape[1] // step.groups, *step.output_shape[1:])
    elif step.operation == "Linear":
        factors = (step.input_shape[-1], *step.output_shape[1:])
    return f"{times(factors)} = " if prod(factors) == step.macs else ""  # more, where a weight is made first


def _apart(step: Step) -> str:
    """The jump, as one number where all axes are alike."""
    jumps = [f"{float(jump):g}" for jump in step.jump or ()]
    return times(jumps[:1] if len(set(jumps)) == 1 else jumps)


def window(step: Step) -> str:
    """Kernel, stride, padding and dilation, as far as they say something: 3 × 3, stride 2, padding 1."""
    if step.kernel is None:
        return ""
    parts = [times(step.kernel)]
    for name, value, usual in (
        ("stride", step.stride, 1),
        ("padding", step.padding, 0),
        ("dilation", step.dilation, 1),
    ):
        if value and set(value) != {usual}:
            parts.append(f"{name} {value[0] if len(set(value)) == 1 else times(value)}")
    return ", ".join([*parts, f"groups {step.groups}"] if step.groups > 1 else parts)


def rows(steps: Sequence[Step]) -> list[dict[str, str | int | None]]:
    """The steps as a table: a row each, by the names of the columns."""
    return [
        {
            "Step": step.name,
            "Operation": step.operation,
            "From": ", ".join(step.sources),
            "Input": " and ".join(times(shape[1:]) for shape in step.input_shapes),
            "Output": times(step.output_shape[1:]),
            "Window": window(step),
            "Tensors": _tensors(step),
            "Parameters": step.parameters,
            "MACs": step.macs,
            "Memory (bytes)": step.memory,
            "Receptive field": times(step.receptive_field) if step.receptive_field else None,
            "Jump": _apart(step) if step.jump else None,
        }
        for step in steps
    ]


def label(step: Step) -> str:
    """The operation, short, as it stands in a diagram: Conv 5 × 5."""
    names = {"Conv": "Conv", "ConvTranspose": "Transposed conv", "MaxPool": "Max pool", "AvgPool": "Average pool"}
    names |= {"AdaptiveAvgPool": "Average pool", "AdaptiveMaxPool": "Max pool", "BatchNorm": "Batch norm"}
    stem = step.operation.rstrip("123d")
    name = names.get(stem, step.operation)
    if step.operation.startswith("Adaptive"):
        return f"{name} to {times(step.output_shape[2:])}"
    if step.kernel is None:
        return name
    stride = f" /{step.stride[0]}" if step.stride and step.operation.startswith("Conv") and step.stride[0] > 1 else ""
    return f"{name} {times(step.kernel)}{stride}"

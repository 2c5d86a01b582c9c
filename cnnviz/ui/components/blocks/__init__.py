"""A network as a row of blocks: maps as stacks of sheets, vectors as bars; hover or arrow keys read it."""

from collections.abc import Sequence
from typing import Any

from cnnviz.tracing import Step
from cnnviz.ui.components.load import load_component
from cnnviz.ui.theme import count

mount = load_component(__file__)


def blocks(key: str, input_shape: tuple[int, ...], steps: Sequence[Step]) -> None:
    """Draw the input (C, H, W) and a block for each step that changes the shape; the others join the last."""
    row = [block("input", "", (1, *input_shape), "What comes in.")]
    for step in steps:
        if step.output_shape == step.input_shape:
            row[-1]["by"] += f", {step.operation}"
        else:
            row.append(block(step.name, called(step), step.output_shape, told(step)))
    mount(key=key, data={"blocks": row})


def block(name: str, by: str, shape: tuple[int, ...], told: str) -> dict[str, Any]:
    """A block as the browser takes it: the output shape without the batch, what made it, and what to say."""
    return {"name": name, "by": by, "shape": list(shape[1:]), "told": told}


def called(step: Step) -> str:
    """The operation, short, as it stands above the arrow."""
    name = {"Conv2d": "Conv", "MaxPool2d": "Max pool", "AvgPool2d": "Average pool"}.get(step.operation, step.operation)
    return f"{name} {step.kernel[0]} × {step.kernel[1]}" if step.kernel else name


def told(step: Step) -> str:
    """What a step does, in numbers."""
    sizes = [" × ".join(map(count, shape[1:])) for shape in (step.input_shape, step.output_shape)]
    written = f"{step.arithmetic.replace('x', '×')} = {count(step.parameters)} parameters, " if step.parameters else ""
    macs = f"{count(step.macs)} MACs" if step.macs else "nothing to learn"
    return f"{sizes[0]} → {sizes[1]}: {written}{macs}."

"""A forward pass that keeps what every step gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from cnnviz.tracing.recorder import Recorder
from cnnviz.tracing.steps import INPUT, Step

SOFTMAX = "softmax"  # the name of the step that cnnviz adds after the network's last


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The steps of `network`, and what each gave for one picture: `values` holds tensors (C, H, W) or (F,) by the
    name of the step, and the input as (C, H, W) under INPUT."""

    network: nn.Module
    steps: tuple[Step, ...]
    values: Mapping[str, Tensor]

    def step(self, name: str) -> Step:
        """Raises ValueError where the network has no such step."""
        found = next((step for step in self.steps if step.name == name), None)
        if found is None:
            raise ValueError(f"the network has no step {name[:80]!r}; it has {', '.join(s.name for s in self.steps)}")
        return found

    @property
    def logits(self) -> Tensor:
        """What the network's own last step gives, (classes,)."""
        return self.values[[step.name for step in self.steps if step.operation != "Softmax"][-1]].flatten()


def examine(network: nn.Module, inputs: Tensor) -> Anatomy:
    """Runs `network` once on `inputs`, float32 (1, C, H, W), and keeps a copy of every step's output.

    A last step, SOFTMAX, turns the logits into probabilities where the network does not do so itself.
    """
    watcher = watch(network, inputs)
    values = {name: value[0].detach() for name, value in watcher.values.items()}
    steps = [step for step in watcher.steps if step.operation not in ("Dropout", "Dropout2d")]
    if steps[-1].operation != "Softmax":
        last = steps[-1]
        steps.append(Step(SOFTMAX, "Softmax", (last.name,), (last.output_shape,), last.output_shape))
        values[SOFTMAX] = values[last.name].softmax(-1)
    return Anatomy(network, tuple(steps), {INPUT: inputs[0], **values})


class Watcher(Recorder):
    """A recorder that follows numbers instead of shapes and keeps them; with gradients where the input has them."""

    def __init__(self, inputs: Tensor):
        super().__init__(tuple(inputs.shape))
        self.input = inputs
        self.known = {id(inputs): (inputs, INPUT, self.unseen)}
        self.values: dict[str, Tensor] = {}

    def row(self, path: str, operation: str, settings: dict[str, Any], *rest: Any) -> None:
        before = len(self.steps)
        super().row(path, operation, settings, *rest)
        if len(self.steps) > before:
            result: Tensor = rest[-2][0]
            self.values[self.steps[-1].name] = result if result.requires_grad else result.clone()


def watch(network: nn.Module, inputs: Tensor) -> Watcher:
    """One forward pass with every step written down; the hooks come off whatever happens."""
    watcher = Watcher(inputs)
    with watcher.hooks(network), watcher:
        network(watcher.input)
    return watcher

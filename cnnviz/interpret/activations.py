"""A forward pass that keeps what every step gives."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from cnnviz.tracing.cost import Cost, cost_of
from cnnviz.tracing.meta import first_line, twin
from cnnviz.tracing.operations import layer_name, tensors, writes_in_place
from cnnviz.tracing.recorder import Recorder
from cnnviz.tracing.steps import INPUT, Step, result_of

SOFTMAX = "softmax"  # the name of the step that cnnviz adds after the network's last
LEFT_OUT = ("Dropout", "Dropout2d")  # they do nothing here


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The steps of `network`, and what each gave for one picture: `values` holds tensors (C, H, W), (F,) or of other
    shapes by the name of the step, and the input as (C, H, W) under INPUT."""

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
        """What the network gives before a Softmax, (classes,)."""
        last = result_of(self.steps)
        name = INPUT if last is None else last.sources[0] if last.operation == "Softmax" else last.name
        return self.values[name].flatten()


def examine(network: nn.Module, inputs: Tensor, cost: Cost | None = None) -> Anatomy:
    """Runs `network` once on `inputs`, float32 (1, C, H, W), and keeps every step's output; `cost` is worked out where
    it is not given.

    A last step, SOFTMAX, turns scores (F,) into probabilities where the network does not do so itself. Raises
    ValueError where the outputs take more memory than a look may, where a step does not run on one picture or gives no
    finite numbers, and where there is no step.
    """
    (cost or cost_of(network, tuple(inputs.shape[1:]))).batch_kept(1)
    watcher = watch(network, inputs)
    values = {name: value[0].detach() for name, value in watcher.values.items()}
    steps = _without(LEFT_OUT, watcher.steps)
    _check(steps, values)
    last = result_of(steps)
    assert last is not None  # there are steps, as has been checked
    if last.operation != "Softmax" and values[last.name].dim() == 1:
        steps.append(Step(SOFTMAX, "Softmax", (last.name,), (last.output_shape,), last.output_shape))
        values[SOFTMAX] = values[last.name].softmax(-1)
    return Anatomy(network, tuple(steps), {INPUT: inputs[0], **values})


def _without(operations: tuple[str, ...], steps: Iterable[Step]) -> list[Step]:
    """The other steps, fed by what fed those that are left out."""
    source_of: dict[str, str] = {}
    kept = []
    for step in steps:
        sources = tuple(source_of.get(name, name) for name in step.sources)
        if step.operation in operations:
            source_of[step.name] = sources[0]
        else:
            kept.append(replace(step, sources=sources))
    return kept


def _check(steps: list[Step], values: Mapping[str, Tensor]) -> None:
    """Raises ValueError where there is nothing to be seen."""
    if not steps:
        raise ValueError("the network has no step that computes anything; give it a layer")
    for step in steps:
        if not values[step.name].isfinite().all():
            raise ValueError(
                f"{step.name} ({step.operation}) gives numbers that are not finite for this picture; smaller weights, "
                "or an eps above 0 in what normalises, may help"
            )


class Watcher(Recorder):
    """A recorder that follows numbers instead of shapes and keeps them; with gradients where the input has them.

    With `apart` a layer that writes in place leaves what is kept as it was: a copy is kept; with gradients, which go
    through what is kept, the layer hands on a copy instead.
    """

    def __init__(self, inputs: Tensor, apart: bool):
        super().__init__(tuple(inputs.shape))
        self.input, self.apart = inputs, apart
        self.hands_on_copies = apart and inputs.requires_grad
        self.known = {id(inputs): (inputs, INPUT, self.unseen)}
        self.values: dict[str, Tensor] = {}
        self.output = inputs  # what forward gave, or the first tensor in it

    def row(self, path: str, operation: str, settings: dict[str, Any], *rest: Any) -> None:
        before = len(self.steps)
        super().row(path, operation, settings, *rest)
        if len(self.steps) > before:
            result: Tensor = rest[-2][0]
            self.values[self.steps[-1].name] = result if self.hands_on_copies or not self.apart else result.clone()

    def returned(self, result: Any) -> None:
        super().returned(result)
        self.output = next(iter(tensors([result])), self.input)
        last = next((step for step in self.steps if step.result is not None), None)
        if last is not None:  # of several pieces the one that was given back
            self.values[last.name] = self.output

    def layer_hooks(self, path: str, name: str) -> tuple[Any, Any]:
        enter, leave = super().layer_hooks(path, name)

        def leave_a_copy(layer: nn.Module, args: Any, kwargs: Any, result: Any) -> Any:
            leave(layer, args, kwargs, result)
            is_over = self.layer is None and isinstance(result, Tensor)
            return result.clone() if self.hands_on_copies and is_over else None

        return enter, leave_a_copy


def watch(network: nn.Module, inputs: Tensor) -> Watcher:
    """One forward pass with every step written down, on `inputs` (N, C, H, W), which stay as they are.

    The hooks hang on a twin of the network, so that no other pass meets them. Layers may write in place, functions may
    not. Raises ValueError where a step does not run.
    """
    own = twin(network)
    watcher = Watcher(inputs, writes_in_place(own))
    if watcher.hands_on_copies:
        _part(own)
    try:
        with watcher.hooks(own), watcher:
            watcher.returned(own(inputs.clone() if watcher.apart else inputs))
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(_refusal(watcher, error)) from error
    return watcher


def _refusal(watcher: Watcher, error: Exception) -> str:
    """Why a pass stopped, in a sentence."""
    layer, count = watcher.layer, len(watcher.input)
    pictures = "one picture" if count == 1 else f"{count:,} pictures"
    if layer is None:
        return f"the network does not run on {pictures}: {first_line(error)}"
    path, operation, _ = watcher.at_work
    if isinstance(layer, _NormBase) and layer.running_mean is None:
        return (
            f"{path} ({operation}) normalises by what it meets, and gets one number a channel of {pictures}; "
            "leave track_running_stats=True, or give it larger maps"
        )
    return f"{path} ({operation}) does not run on {pictures}: {first_line(error)}"


def on_copies(network: nn.Module) -> nn.Module:
    """A network to take gradients through: itself, or where a layer writes in place a twin whose layers work on copies
    and hand on copies, so that nothing a gradient needs is written over."""
    if not writes_in_place(network):
        return network
    own = twin(network)
    _part(own)
    for layer in _layers(own):
        layer.register_forward_hook(lambda _layer, _inputs, output: output.clone())
    return own


def _part(own: nn.Module) -> None:
    """Make the layers of a twin work on copies of their inputs. One that writes in place still does so afterwards, for
    a branch that reads the same tensor later."""
    for layer in _layers(own):
        if getattr(layer, "inplace", False):
            setattr(layer, "inplace", False)  # noqa: B010
            layer.forward = partial(_written_over, layer.forward)
        else:
            layer.register_forward_pre_hook(lambda _layer, inputs: tuple(one.clone() for one in inputs))


def _layers(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if layer_name(module)]


def _written_over(forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What a layer makes of x, which it overwrites."""
    y = forward(x.clone())
    x.copy_(y)
    return y

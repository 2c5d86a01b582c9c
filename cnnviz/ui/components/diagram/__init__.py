"""A network as a diagram: tensors as blocks, shortcuts as arcs, deep networks folded into their blocks.

Python hands over the steps with what is to be said of each; the browser lays them out, folds and unfolds, and lets one
step through. A selected step goes into the link.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnnviz.lessons.common.format import count
from cnnviz.ops.arithmetic import times
from cnnviz.tracing import Step, describe, input_names
from cnnviz.ui.core import assets, component, export

if TYPE_CHECKING:
    from cnnviz.server.following import Stop
    from cnnviz.tracing import ShapeError
    from cnnviz.ui.core.store import Store

ASSETS = assets.read(__file__)

MANY = 26  # visible steps from which on a network is folded into its blocks
MAX_SAID = 20_000  # letters that come back when it has been looked at
QUIET = ("ReLU", "GELU", "SiLU", "Norm", "Dropout", "Sigmoid", "Tanh", "ELU", "Hardswish", "Softmax", "Mish")


def diagram(
    store: "Store[Any]",
    name: str,
    steps: Sequence[Step],
    input_shape: tuple[int, ...],
    stopped: "Stop | None" = None,
    height: int = 150,
    title: str = "Network",
    further: Sequence[tuple[int, ...]] = (),
    batched: bool = False,
    inputs: Sequence[str] = (),
) -> None:
    """Draw `steps` for an input of `input_shape` (N, C, H, W); `stopped` is why the network ends before its end.
    `height` is that of the highest block, in pixels; `title` is said above it in a saved file. `further`, `batched`
    and `inputs` are for `drawn`."""
    key = store.key(name)
    data = {**drawn(steps, input_shape, stopped, height, further, batched, inputs), "at": store.state.step}

    def file() -> str:
        sentences = [f"Input {times(input_shape[1:])}: {', '.join(_work(steps))}.", export.link_back(store)]
        return export.standalone(ASSETS, data, title, sentences)

    component.mount(
        ASSETS,
        key=key,
        data={**data, "file": export.requested(key, file)},
        default={"rested": ""},
        max_letters={"rested": MAX_SAID},
        on_rested_change=lambda: None,
        on_at_change=lambda: _take(store, key),
        on_save_change=lambda: export.ask(key),
    )


def drawn(
    steps: Sequence[Step],
    input_shape: tuple[int, ...],
    stopped: "Stop | ShapeError | None" = None,
    height: int = 150,
    further: Sequence[tuple[int, ...]] = (),
    batched: bool = False,
    inputs: Sequence[str] = (),
) -> dict[str, Any]:
    """What the browser draws of `steps`, as `diagram` takes them: JSON, with no step chosen. `further` are the shapes
    of the inputs after the first, of a network that takes several, and `inputs` what they are called; `batched` says
    whether shapes are written with their first axis, the batch."""
    names = input_names(1 + len(further), inputs)
    return {
        "name": "network",
        "input": list(input_shape[1:]),
        "further": [list(shape[1:]) for shape in further],
        "inputs": list(names),
        "first": input_shape[0] if batched else 0,
        "steps": [_step_data(step, batched) for step in steps],
        "folds": folds(steps),
        "stopped": stopped and {"name": stopped.layer, "sources": [steps[-1].name if steps else names[0]]},
        "said": _said(stopped) if stopped else "",
        "tall": height,
        "at": "",
    }


def _take(store: "Store[Any]", key: str) -> None:
    """Callback: the step that was chosen goes into the settings."""
    at = component.sent(key, "at")
    if isinstance(at, str):
        store.take(step=at)


def _said(stopped: "Stop | ShapeError") -> str:
    """Why a network ends before its end, as the diagram says it."""
    return f"{stopped.sentence}."


def is_idle(store: "Store[Any]", name: str, stopped: "Stop") -> bool:
    """Whether the reader has looked at the diagram `name`, which ends with `stopped`, for a moment: the browser sends
    back then what it says."""
    return bool(component.sent(store.key(name), "rested") == _said(stopped))


def _step_data(step: Step, batched: bool = False) -> dict[str, Any]:
    """A step as the browser takes it: shapes without the batch, which is said beside where it is to be seen."""
    return {
        "name": step.name,
        "label": describe.label(step),
        "sources": list(step.sources),
        "shape": list(step.output_shape[1:]),
        "first": step.output_shape[0] if batched and step.output_shape else 0,
        "from": [times(shape[0 if batched else 1 :]) for shape in step.input_shapes],
        "scope": step.scope,
        "quiet": _is_quiet(step),
        "joint": len(step.sources) > 1 and step.operation == "Add",
        "sentence": describe.sentence(step),
        "formulas": describe.formulas(step),
    }


def _is_quiet(step: Step) -> bool:
    """Whether a step leaves the shape as it is, works on every number alone, and so needs no block of its own."""
    return len(step.sources) == 1 and step.output_shape == step.input_shape and any(q in step.operation for q in QUIET)


def folds(steps: Sequence[Step]) -> dict[str, dict[str, Any]]:
    """The scopes that a deep network folds into, each with its summary; none for a network that fits as it is."""
    if sum(not _is_quiet(step) for step in steps) <= MANY:
        return {}
    inside: dict[str, list[Step]] = {}
    for step in steps:
        for scope in _scopes(step.scope):
            inside.setdefault(scope, []).append(step)
    dominant = {
        scope for scope, own in inside.items() if len(own) > 0.8 * len(inside.get(scope.rpartition(".")[0], steps))
    }

    def outermost(scope: str) -> bool:
        """Whether nothing around it folds: what holds most of the steps around it stays unfolded."""
        return all(outer in dominant for outer in _scopes(scope)[:-1])

    return {
        scope: _summary(own)
        for scope, own in inside.items()
        if scope not in dominant and len(own) >= (4 if outermost(scope) else 7)
    }


def _scopes(path: str) -> list[str]:
    """'layer1', 'layer1.0' for 'layer1.0'."""
    parts = path.split(".") if path else []
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def _summary(steps: Sequence[Step]) -> dict[str, Any]:
    """What is said about a folded block."""
    return {"label": f"{len(steps)} steps", "from": times(steps[0].input_shape[1:]), "formulas": _work(steps)}


def _work(steps: Sequence[Step]) -> list[str]:
    """Parameters and multiply-accumulates of the steps together."""
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    return [f"{count(parameters)} parameters", f"{count(macs)} MACs"]

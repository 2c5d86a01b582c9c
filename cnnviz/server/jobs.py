"""What helper processes compute for the pages: functions by name, with arguments as `wire` sends them.

Each takes, last, a function that is told how far it has come, from 0 to 1. Checkpoints are named by their files, which
the app chose, never a reader. Raises ValueError with a sentence, as the functions do that are called here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cnnviz.data import datasets
from cnnviz.data.datasets import normalise
from cnnviz.inference import checkpoints, evaluate, predict
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.evaluate import Evaluation
from cnnviz.interpret import Excited, attributions, exciting
from cnnviz.networks import notation, zoo
from cnnviz.tracing import Fix, Shape, ShapeError, Step, Tracer

Tell = Callable[[float], None]
Maps = tuple[np.ndarray, ...]

SEARCHED = 2000  # test images that are searched for the strongest inputs
ENOUGH = 2000  # test images tell how sure a network is of most


@dataclass(frozen=True)
class Stop:
    """Where a network stopped: the step, those that feed it, and why, in a sentence."""

    layer: str
    sources: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Traced:
    """A network as far as it goes: its steps, where it stopped, or why its text is none. `text` is its own notation,
    '' where it has none."""

    shape: Shape
    steps: tuple[Step, ...]
    stopped: Stop | None = None
    error: str = ""
    text: str = ""


def trace(name: str, text: str, shape: Shape, _tell: Tell) -> Traced:
    """The steps of a network of the zoo, or of `text`, for an input of `shape` (N, C, H, W)."""
    try:
        tracer, own = _tracer(name, text)
    except ValueError as error:
        return Traced(shape, (), error=str(error))
    try:
        return Traced(shape, tuple(tracer.trace(shape)), text=own)
    except ShapeError as error:
        stopped = Stop(error.layer, error.sources, error.sentence)
        return Traced(shape, tuple(error.steps), stopped, text=own)
    except ValueError as error:
        return Traced(shape, (), error=f"{error}.", text=own)


def fixes(name: str, text: str, shape: Shape, _tell: Tell) -> tuple[Fix, ...]:
    """What has been seen to mend that network; none where it is whole."""
    try:
        _tracer(name, text)[0].trace(shape)
    except ShapeError as error:
        return error.fixes
    return ()


@lru_cache(maxsize=64)
def _tracer(name: str, text: str) -> tuple[Tracer, str]:
    """The tracer of that network, and its text, '' where it has none."""
    model = zoo.weightless(name) if name in zoo.names() else notation.parse(text).weightless()
    try:
        own = notation.write(model)
    except ValueError:  # it is made of more than a text may name
        own = ""
    return Tracer(model), own


def evaluation(path: str, changed: int, dataset: str, tell: Tell) -> Evaluation:
    """The network of that file, as it is since `changed`, on the test images of a data set."""
    return evaluate.evaluate(_checkpoint(path, changed), datasets.load(dataset), tell)


def limit_of_doubt(path: str, changed: int, dataset: str, tell: Tell) -> float:
    """The entropy in bits above which it is uncertain, from the first test images of a data set."""
    data = datasets.load(dataset)
    part = replace(data, x_test=data.x_test[:ENOUGH], y_test=data.y_test[:ENOUGH])
    return predict.limit_of_doubt(evaluate.evaluate(_checkpoint(path, changed), part, tell))


def strongest(path: str, changed: int, dataset: str, step: str, tell: Tell) -> Excited:
    """The test images of a data set that excite each map of `step` most."""
    one = _checkpoint(path, changed)
    return exciting(one.network, _normalised(one, datasets.load(dataset).x_test[:SEARCHED]), step, tell=tell)


def why(path: str, changed: int, inputs: np.ndarray, target: int, cam: str, tell: Tell) -> Maps:
    """Saliency, Grad-CAM on the step `cam`, integrated gradients and occlusion of the class `target`, for `inputs`
    float32 (1, C, H, W) as the network takes them: four (H, W); no Grad-CAM, an empty array, where `cam` is ''."""
    network, pixels = _checkpoint(path, changed).network, torch.from_numpy(inputs)
    grey = pixels.shape[1] == 1
    paper = pixels.amin((2, 3), keepdim=True).expand_as(pixels) if grey else torch.zeros_like(pixels)
    patch, apart = (5, 2) if grey else (8, 4)  # coarser in colour: those networks take their time
    ways: list[Callable[[], torch.Tensor]] = [
        lambda: attributions.saliency(network, pixels, target),
        lambda: attributions.grad_cam(network, pixels, target, cam) if cam else torch.empty(0),
        lambda: attributions.integrated_gradients(network, pixels, target, paper),
        lambda: attributions.occlusion(network, pixels, target, patch, apart, paper),
    ]
    found = []
    for number, way in enumerate(ways):
        tell(number / len(ways))
        found.append(way().numpy())
    return tuple(found)


def keep(file: str, path: str, tell: Tell) -> str:
    """The name under which the data set at `path`, which its reader calls `file`, can be loaded from now on."""
    return datasets.keep(file, Path(path), tell)


@lru_cache(maxsize=4)
def _checkpoint(path: str, _changed: int) -> Checkpoint:
    return checkpoints.load(Path(path))


def _normalised(one: Checkpoint, images: torch.Tensor) -> torch.Tensor:
    height, width = one.card.input_shape[1:]
    return normalise(images, one.card.mean, one.card.std, (height, width))


JOBS: dict[str, Callable[..., Any]] = {
    job.__name__: job for job in (trace, fixes, evaluation, limit_of_doubt, strongest, why, keep)
}
CLASSES: dict[str, type] = {kind.__name__: kind for kind in (Traced, Stop, Step, Fix, Evaluation, Excited)}


def warm_up() -> None:
    """Loads what the first job would wait for."""
    torch.set_num_threads(1)
    trace("lenet5", "", (1, 1, 32, 32), lambda _share: None)

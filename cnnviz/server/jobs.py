"""What helper processes compute for the pages: functions by name, with arguments as `wire` sends them.

Each takes, last, a function that is told how far it has come, from 0 to 1. Checkpoints are named by their files, which
the app chose, never a reader. Raises ValueError with a sentence, as the functions do that are called here.
"""

import gc
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cnnviz.data import datasets
from cnnviz.data.datasets import Choice, LeftOut, Understood, looking
from cnnviz.data.datasets.looking import Figures, Repeats
from cnnviz.inference import checkpoints, evaluate, passes, predict
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.evaluate import Evaluation
from cnnviz.inference.suspicious import Suspicious, suspicious
from cnnviz.interpret import Excited, exciting
from cnnviz.interpret.attributions import every_way
from cnnviz.networks.source import Argument, Candidate
from cnnviz.server.following import Reading, Remedy, Stop, Traced, mixed, remedies, trace
from cnnviz.tracing import Mixed, Step
from cnnviz.training import TrainConfig
from cnnviz.training.augmentation import augment
from cnnviz.training.batches import epoch_order
from cnnviz.training.slow import SlowSteps, slow_steps

Tell = Callable[[float], None]

SELDOM = 1000  # looks through the young objects before one through all, within a job
ENOUGH = 2000  # test images tell how sure a network is of most


def _evaluation(path: str, changed: int, dataset: str, _labels: str, tell: Tell) -> Evaluation:
    """The network of that file, as it is since `changed`, on the test images of a data set; `_labels` tell another one
    of the same name apart."""
    return evaluate.evaluate(_checkpoint(path, changed), datasets.at_hand(dataset), tell)


def _limit_of_doubt(path: str, changed: int, dataset: str, tell: Tell) -> float:
    """The entropy in bits above which it is uncertain, from the first test images of a data set."""
    one, data = _checkpoint(path, changed), datasets.at_hand(dataset)
    count = one.cost.pictures(ENOUGH)
    part = replace(data, x_test=data.x_test[:count], y_test=data.y_test[:count])
    return predict.limit_of_doubt(evaluate.evaluate(one, part, tell))


def _strongest(path: str, changed: int, dataset: str, _version: int, step: str, count: int, tell: Tell) -> Excited:
    """Which of the first `count` test images of a data set excite each map of `step` most."""
    one, images = _checkpoint(path, changed), datasets.at_hand(dataset).x_test[:count]
    preprocess = partial(passes.prepared, one)
    return exciting(one.network, images, step, preprocess=preprocess, cost=one.cost, progress=tell)


def _why(
    path: str, changed: int, inputs: np.ndarray, target: int, step: str, tell: Tell
) -> tuple[np.ndarray | str, ...]:
    """What speaks for class `target` in `inputs`, float32 (1, C, H, W) as the network takes them, in every way: each
    (H, W), or why it is not there."""
    one = _checkpoint(path, changed)
    found = every_way(one.network, torch.from_numpy(inputs), target, step, one.cost, tell)
    return tuple(values if isinstance(values, str) else values.numpy() for values in found)


def _slow(config: str, _changed: int, _tell: Tell) -> SlowSteps:
    """The first steps of a run, given as its JSON, one by one; `_changed` tells one state of its data set from
    another."""
    return slow_steps(TrainConfig.from_json(config))


def _convert(path: str, file: str, target: str, side: int, channels: int, tell: Tell) -> Understood:
    """Makes of the file at `path`, which its reader calls `file`, a data set of our own at `target`, by a choice; what
    there is to say of it."""
    return datasets.convert(Path(path), file, Path(target), Choice(side, channels), tell)


def _prepare(dataset: str, _changed: int, _tell: Tell) -> bool:
    """Brings a data set in the data folder into our own form, where it is in another."""
    datasets.form(dataset)
    return True


def _figures(dataset: str, _changed: int, part: str, tell: Tell) -> Figures:
    """What there is to count of a part of a data set; `_changed` tells one state of it from another."""
    return looking.figures(datasets.arrays(dataset), part, tell)


def _repeats(dataset: str, _changed: int, tell: Tell) -> Repeats:
    """Which of its images are there more than once."""
    return looking.repeats(datasets.arrays(dataset), tell)


def _suspicious(dataset: str, _changed: int, part: str, tell: Tell) -> Suspicious:
    """The images of a part whose labels the best shipped network contradicts most."""
    return suspicious(datasets.at_hand(dataset), part, tell)


def _epoch_order(count: int, seed: int, epoch: int, _tell: Tell) -> np.ndarray:
    """The order in which a run goes through so many training images in its epoch: int32 (count,)."""
    return epoch_order(count, seed, epoch).numpy().astype(np.int32)


def _augmented(image: np.ndarray, augmentation: str, seed: int, count: int, _tell: Tell) -> np.ndarray:
    """An image, uint8 (H, W, C), as an augmentation lets it be seen `count` times: (count, H, W, C)."""
    batch = torch.from_numpy(image.copy()).permute(2, 0, 1).expand(count, -1, -1, -1)
    seen = augment(augmentation, batch, torch.Generator().manual_seed(seed))
    return seen.permute(0, 2, 3, 1).numpy()


@lru_cache(maxsize=4)
def _checkpoint(path: str, _changed: int) -> Checkpoint:
    return checkpoints.load(Path(path))


JOBS: dict[str, Callable[..., Any]] = {
    "trace": trace,
    "remedies": remedies,
    "mixed": mixed,
    "evaluation": _evaluation,
    "limit_of_doubt": _limit_of_doubt,
    "strongest": _strongest,
    "why": _why,
    "convert": _convert,
    "prepare": _prepare,
    "figures": _figures,
    "repeats": _repeats,
    "suspicious": _suspicious,
    "epoch_order": _epoch_order,
    "augmented": _augmented,
    "slow": _slow,
}
OF_NETWORKS = (Traced, Stop, Step, Remedy, Reading, Candidate, Argument, Mixed)
RETURNED = (*OF_NETWORKS, Evaluation, Excited, SlowSteps, Understood, LeftOut, Figures, Repeats)
CLASSES: dict[str, type] = {kind.__name__: kind for kind in (*RETURNED, Suspicious)}


def warm_up() -> None:
    """Loads what the first job would wait for."""
    torch.set_num_threads(1)
    trace("lenet5", "", (1, 1, 32, 32), "", (), (), lambda _share: None)
    gc.collect()
    gc.freeze()  # what has been loaded stays: to look through it for rubbish takes half a second
    gc.set_threshold(*gc.get_threshold()[:2], SELDOM)


def tidy_up() -> None:
    """Between two jobs: a look through all objects for rubbish, which would hold up the answer within one."""
    gc.collect()

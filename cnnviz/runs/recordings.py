"""Runs that ship as they were recorded: their curves and kernels, in pairs (`training.pairs`), a file each.

    <name>.safetensors   for each of the two: steps, loss, accuracy of its reports; measured, train_accuracy,
                         train_loss, test_accuracy, test_loss of its measurements; at, kernels, scales of its kernels;
                         in its header the configs, by which a file is known to be of the pair as it is now, and
                         the classes

Kernels are kept in 255 levels: 128 is 0, and 255 the largest of them, whose size is their scale.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from torch import nn

from cnnviz.data import datasets
from cnnviz.inference import checkpoints, tensors
from cnnviz.runs import snapshots
from cnnviz.training import Event, TrainConfig, new_network, train
from cnnviz.training.pairs import PAIRS, Pair

FOLDER = checkpoints.SHIPPED / "recordings"
MAX_BYTES = 250_000  # of a file
MAX_KERNEL = 11  # rows of the largest kernel, AlexNet's
MAX_FRAMES = 24  # looks at the kernels, denser at the start
KERNELS = 190_000  # bytes of the kernels of a run

Floats = NDArray[np.float32]
Steps = NDArray[np.int32]


@dataclass(frozen=True)
class Recording:
    """A run as it was recorded. Reports come at `steps` (R,) with the `loss` and `accuracy` since the report before,
    measurements at the steps `measured` (M,). `kernels` (K, F, C, kh, kw), uint8, are those of the first layer at the
    steps `at` (K,), with their `scales` (K,): 128 + 127 v / scale is kept of a weight v. `classes` are the data set's.
    """

    steps: Steps
    loss: Floats
    accuracy: Floats
    measured: Steps
    train_loss: Floats
    train_accuracy: Floats
    test_loss: Floats
    test_accuracy: Floats
    at: Steps
    kernels: NDArray[np.uint8]
    scales: Floats
    classes: tuple[str, ...]

    @property
    def are_templates(self) -> bool:
        """Whether the kernels are as many as the classes, and as large as pictures."""
        _, count, _, rows, _ = self.kernels.shape
        return bool(count == len(self.classes) and rows > MAX_KERNEL)

    @property
    def last(self) -> int:
        """The last step."""
        return int(self.measured[-1])


def record(config: TrainConfig) -> Recording:
    """Trains and records. Raises RuntimeError where the run does not come to its end."""
    network = new_network(config)
    looks: list[tuple[int, Floats]] = [(0, templates(network))]
    events: list[Event] = []
    for event in train(config, network):
        if event["event"] == "failed":
            raise RuntimeError(f"{config.command()}: {event['reason']}")
        events.append(event)
        if event["event"] == "step":
            looks.append((event["step"], templates(network)))
    return _recording(events, looks, datasets.load(config.dataset).classes)


def templates(network: nn.Module) -> Floats:
    """What the first layer looks for, (F, C, kh, kw): a convolution's kernels; of a flat network the weights of each
    class as a picture of three channels."""
    found = snapshots.kernels(network)
    if found is not None:
        return found
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Linear))
    side = round((first.in_features / 3) ** 0.5)
    return first.weight.detach().reshape(-1, 3, side, side).numpy().copy()


def _recording(events: list[Event], looks: list[tuple[int, Floats]], classes: tuple[str, ...]) -> Recording:
    """What is kept of all events, and of the first layer at each report."""
    steps = [event for event in events if event["event"] == "step"]
    measured = [event for event in events if event["event"] == "epoch"]
    frames = max(2, min(MAX_FRAMES, KERNELS // looks[0][1].size))
    chosen = sorted({round((frame / (frames - 1)) ** 2 * (len(looks) - 1)) for frame in range(frames)})
    kernels = np.stack([looks[index][1] for index in chosen])
    scales = np.abs(kernels).max(axis=(1, 2, 3, 4)).astype(np.float32)
    levels = np.round(128 + 127 * kernels / np.maximum(scales, 1e-12)[:, None, None, None, None])

    def column(of: list[Event], name: str) -> Floats:
        return np.array([event[name] for event in of], np.float32)

    return Recording(
        steps=np.array([event["step"] for event in steps], np.int32),
        loss=column(steps, "loss"),
        accuracy=column(steps, "accuracy"),
        measured=np.array([event["step"] for event in measured], np.int32),
        train_loss=column(measured, "train_loss"),
        train_accuracy=column(measured, "train_accuracy"),
        test_loss=column(measured, "test_loss"),
        test_accuracy=column(measured, "test_accuracy"),
        at=np.array([looks[index][0] for index in chosen], np.int32),
        kernels=levels.astype(np.uint8),
        scales=scales,
        classes=classes,
    )


def write(pair: Pair, recorded: tuple[Recording, Recording], folder: Path = FOLDER) -> Path:
    """The pair's file, written into a folder. Raises ValueError where it is larger than one that ships may be."""
    arrays = dict(_named(recorded))
    header = {"configs": [asdict(config) for config in pair.configs], "classes": recorded[0].classes}
    content = safetensors.numpy.save(arrays, {name: json.dumps(value) for name, value in header.items()})
    if len(content) > MAX_BYTES:
        raise ValueError(f"{pair.name} takes {len(content):,} bytes and {MAX_BYTES:,} are the most")
    path = folder / f"{pair.name}.safetensors"
    folder.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def _named(recorded: tuple[Recording, Recording]) -> Iterator[tuple[str, NDArray[np.generic]]]:
    for place, one in enumerate(recorded):
        yield from ((f"{place}.{name}", values) for name, values in vars(one).items() if name != "classes")


@lru_cache(maxsize=len(PAIRS))
def read(name: str) -> tuple[Recording, Recording]:
    """The pair of that name as it ships. Raises KeyError where there is none, and ValueError where it was recorded with
    other settings than the pair has now."""
    pair = PAIRS[name]
    with tensors.opened(FOLDER / f"{name}.safetensors", "numpy") as file:
        configs = [TrainConfig(**values) for values in tensors.entry(file, "configs")]
        classes = tuple(tensors.entry(file, "classes"))
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    if configs != list(pair.configs):
        raise ValueError(f"{name} was recorded with other settings; run python -m checkpoints.record {name}")
    first, second = (
        Recording(**{key[2:]: values for key, values in arrays.items() if key[0] == place}, classes=classes)
        for place in "01"
    )
    return first, second

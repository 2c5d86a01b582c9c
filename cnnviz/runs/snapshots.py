"""A snapshot of a network while it trains: its first kernels, and what it makes of a few test images.

    look.safetensors    step; kernels, first_kernels; images, indices, labels, probabilities; in its header the classes

The trainer takes one at the start, then now and then between two events, and one at the end. A snapshot changes
nothing: it draws no random number, and leaves the network in the mode in which it was.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import prod
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn

from cnnviz.data.datasets import DataSet
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.data.files import atomic_write
from cnnviz.data.texts import is_text
from cnnviz.inference import tensors
from cnnviz.tracing.cost import cost_of

NAME = "look.safetensors"
MAX_FILTERS = 64
MAX_WEIGHTS = 2**20  # of the kernels that are kept: a text of one's own may have a hundred million
MAX_NUMBERS = 2**24  # of an array in the file; sixteen pictures of 512 x 512 in colour are 12 million
MAX_IMAGES = 16
KINDS = {  # each array's type, and how many dimensions it has
    "step": ("I64", 1),
    "kernels": ("F32", 4),
    "first_kernels": ("F32", 4),
    "images": ("U8", 4),
    "indices": ("I64", 1),
    "labels": ("I64", 1),
    "probabilities": ("F32", 2),
}
OPTIONAL = {"kernels", "first_kernels"}
PAUSE = 0.5  # seconds between two snapshots
SHARE = 0.01  # of the time that snapshots may take


@dataclass(frozen=True)
class Snapshot:
    """What was seen at `step`.

    `kernels` (F, C, kh, kw) are those of the first convolution, `first_kernels` the same at step 0; both are None for
    a network without one. `images` (N, C, H, W), uint8, are those of the test images that were guessed, `indices` (N,)
    say which; `labels` (N,) and `probabilities` (N, classes) belong to them. They are kept here so that who watches
    need not load the data set.
    """

    step: int
    kernels: NDArray[np.float32] | None
    first_kernels: NDArray[np.float32] | None
    images: NDArray[np.uint8]
    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    classes: tuple[str, ...]


class Snapshotter:
    """Takes snapshots of a network and leaves the newest in a folder."""

    def __init__(
        self,
        folder: Path,
        network: nn.Module,
        preprocessing: Preprocessing,
        data: DataSet,
        max_images: int = MAX_IMAGES,
    ):
        """The first snapshot is taken at once: step 0."""
        self.folder, self.network = folder, network
        self.indices = spread(data.y_test)[:max_images]
        self.labels, self.classes, self.pictures = data.y_test[self.indices], data.classes, data.x_test[self.indices]
        self.images = preprocessing(self.pictures)
        self.size = cost_of(network, tuple(self.images.shape[1:])).batch(MAX_IMAGES)  # at a time
        self.first_kernels, self.due = kernels(network), 0.0
        self.capture(0)

    def capture_if_due(self, step: int) -> None:
        """A snapshot, unless the last one was a moment ago."""
        if time.perf_counter() >= self.due:
            self.capture(step)

    def capture(self, step: int) -> None:
        """A snapshot; the dearer it was, the longer until the next. What goes wrong does not cost the run."""
        start = time.perf_counter()
        with suppress(OSError, SafetensorError, RuntimeError, MemoryError):  # a full disk, a full device
            write(self.folder, self.snapshot(step))
        end = time.perf_counter()
        self.due = end + max(PAUSE, (end - start) / SHARE)

    def snapshot(self, step: int) -> Snapshot:
        """The network as it is now."""
        with _at_rest(self.network):
            device = next((one.device for one in self.network.parameters()), torch.device("cpu"))
            parts = [
                self.network(part.to(device))[:, : len(self.classes)].float() for part in self.images.split(self.size)
            ]
        logits = torch.cat(parts)
        guesses = logits.softmax(1).cpu().numpy()
        images, indices, labels = (one.numpy() for one in (self.pictures, self.indices, self.labels))
        now = kernels(self.network)
        return Snapshot(step, now, self.first_kernels, images, indices, labels, guesses, self.classes)


@contextmanager
def _at_rest(network: nn.Module) -> Iterator[None]:
    """Without gradients and in evaluation mode for the while: no dropout, and batch norm learns nothing."""
    training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        network.train(training)


def spread(labels: Tensor) -> Tensor:
    """Labels (N,) -> the indices of at most MAX_IMAGES of them: the first of each class, then the second of each.

    Where there are more classes than that, every so many-th of them.
    """
    present = labels.unique()
    count = min(MAX_IMAGES, len(present))
    chosen = [present[place * len(present) // count] for place in range(count)]
    each = [(labels == label).nonzero().flatten()[:MAX_IMAGES].tolist() for label in chosen]
    turns = chain.from_iterable(zip_longest(*each))
    return torch.tensor([index for index in turns if index is not None][:MAX_IMAGES])


def kernels(network: nn.Module) -> NDArray[np.float32] | None:
    """A copy of the first convolution's kernels (F, C, kh, kw), at most MAX_FILTERS of them and MAX_WEIGHTS numbers;
    None where there is no convolution, or one kernel alone has more."""
    first = next((layer for layer in network.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is None or first.weight[0].numel() > MAX_WEIGHTS:
        return None
    filters = min(MAX_FILTERS, MAX_WEIGHTS // first.weight[0].numel())
    return first.weight.detach()[:filters].float().cpu().contiguous().numpy().copy()


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write the snapshot into the folder of its run."""
    arrays = {
        name: np.atleast_1d(value) for name, value in vars(snapshot).items() if value is not None and name != "classes"
    }
    with atomic_write(folder / NAME) as temporary:
        safetensors.numpy.save_file(arrays, temporary, {"classes": json.dumps(snapshot.classes)})


def read(folder: Path) -> Snapshot | None:
    """The newest snapshot of the run in that folder; None where there is none, or none that can be."""
    try:
        with tensors.opened(folder / NAME, "numpy") as file:
            if not _are_of_their_kind(tensors.described(file)):
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            classes = tensors.entry(file, "classes")
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    step, first = int(arrays.pop("step")[0]), arrays.pop("first_kernels", None)
    named = isinstance(classes, list) and all(isinstance(name, str) and is_text(name) for name in classes)
    snapshot = Snapshot(step, arrays.pop("kernels", None), first, **arrays, classes=tuple(classes) if named else ())
    return snapshot if _fits(snapshot) and _can_be(snapshot) else None


def _are_of_their_kind(found: tensors.Described) -> bool:
    """Whether all arrays are there, each of its type and dimensions, and no larger than the trainer writes them."""
    if found.keys() | OPTIONAL != KINDS.keys():
        return False
    alike = all((kind, len(shape)) == KINDS[name] for name, (kind, shape) in found.items())
    small = all(prod(shape) <= MAX_NUMBERS for _, shape in found.values())
    return alike and small and found["step"][1] == (1,) and found["images"][1][0] <= MAX_IMAGES


def _fits(snapshot: Snapshot) -> bool:
    """Whether the parts of a snapshot are of the shapes that belong together."""
    count, first = len(snapshot.indices), snapshot.first_kernels
    alike = len(snapshot.images) == len(snapshot.labels) == count
    alike &= snapshot.probabilities.shape == (count, len(snapshot.classes))
    if snapshot.kernels is None or first is None:
        return alike and snapshot.kernels is first
    return alike and snapshot.kernels.shape == first.shape


def _can_be(snapshot: Snapshot) -> bool:
    """Whether its numbers are what they stand for: kernels finite, shares as probabilities, classes as labels."""
    labels, shares = snapshot.labels, snapshot.probabilities
    right = snapshot.step >= 0 and (snapshot.indices >= 0).all()
    right &= ((labels >= 0) & (labels < len(snapshot.classes))).all()
    right &= (np.isnan(shares) | ((shares >= 0) & (shares <= 1))).all()  # those of a network that has run away are none
    return bool(right) and all(
        each is None or np.isfinite(each).all() for each in (snapshot.kernels, snapshot.first_kernels)
    )

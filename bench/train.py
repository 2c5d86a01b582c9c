"""How fast training is, against the loop of the notebooks: `python -m bench.train [--repeats 3] [--write]`.

In one run and on one machine, both train lenet5 on MNIST. The notebooks' loop: a DataLoader over a data set that makes
a PIL picture of each digit, frames and turns it into a normalised tensor, one by one, as torchvision's MNIST with its
transforms does; loss.item() at every step. Ours: `cnnviz.training.train`. First images per second at the same batch,
optimiser and learning rate; then the time until 98 % of the test images are named rightly, each at its own settings,
measurements included.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from cnnviz import datasets, zoo
from cnnviz.datasets import DataSet
from cnnviz.training import TrainConfig, train
from cnnviz.training.cores import use_cores

GOAL = 0.98
ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "bench-train.md"
BATCHES = (100, 250)
NOTEBOOK = TrainConfig(batch_size=100, optimizer="momentum", learning_rate=0.01, weight_decay=1e-4, epochs=10)
OURS = TrainConfig(batch_size=100, optimizer="adamw", learning_rate=0.008, schedule="one_cycle", epochs=1, steps=360)
MOST_EPOCHS = 10


class Digits(Dataset[tuple[Tensor, int]]):
    """What torchvision's MNIST does for each digit, with Pad, ToTensor and Normalize."""

    def __init__(self, images: Tensor, labels: Tensor, data: DataSet):
        self.images, self.labels, self.mean, self.std = images[:, 0], labels, data.mean, data.std

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = ImageOps.expand(Image.fromarray(self.images[index].numpy()), 2)
        pixels = torch.from_numpy(np.array(picture)).view(32, 32, 1).permute(2, 0, 1).contiguous()
        tensor = pixels.to(torch.float32).div(255)
        mean, std = (torch.as_tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        return tensor.sub_(mean).div_(std), int(self.labels[index])


class Notebook:
    """The notebooks' way: network, optimiser and loaders as they write them."""

    def __init__(self, data: DataSet, batch: int, images: int | None = None):
        torch.manual_seed(0)
        some, c = slice(images), NOTEBOOK
        self.train = DataLoader(Digits(data.x_train[some], data.y_train[some], data), batch, shuffle=True)
        self.test = DataLoader(Digits(data.x_test, data.y_test, data), batch)
        self.network, self.criterion = zoo.build("lenet5"), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=c.learning_rate, momentum=c.momentum, weight_decay=c.weight_decay
        )

    def epoch(self) -> None:
        """Once through the training images, counting hits at every step."""
        self.network.train()
        correct = total = 0
        for inputs, targets in self.train:
            out = self.network(inputs)
            loss = self.criterion(out, targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            _, predicted = torch.max(out, 1)
            total += targets.size(0)
            correct += (predicted == targets).sum().item()

    @torch.no_grad()
    def accuracy(self) -> float:
        """On the test images."""
        self.network.eval()
        hits = [(self.network(inputs).argmax(1) == targets).sum().item() for inputs, targets in self.test]
        return sum(hits) / len(self.test.dataset)  # type: ignore[arg-type]


def notebook_speed(data: DataSet, batch: int, images: int) -> float:
    """Images per second of one pass."""
    notebook = Notebook(data, batch, images)
    started = time.perf_counter()
    notebook.epoch()
    return images / (time.perf_counter() - started)


def our_speed(batch: int, images: int) -> float:
    """The same of ours, from the start to the last step; what is measured afterwards is left out, as there."""
    config = TrainConfig(**{**vars(NOTEBOOK), "batch_size": batch, "subset": images, "epochs": 1, "device": "cpu"})
    steps = [event for event in train(config) if event["event"] == "step"]
    return images / steps[-1]["seconds"]


def notebook_time(data: DataSet) -> tuple[float, str]:
    """Seconds until the goal, measured after every epoch, and what it came to."""
    notebook, started = Notebook(data, NOTEBOOK.batch_size), time.perf_counter()
    epochs, accuracy = 0, 0.0
    while accuracy < GOAL and epochs < MOST_EPOCHS:
        notebook.epoch()
        epochs, accuracy = epochs + 1, notebook.accuracy()
    return time.perf_counter() - started, f"{accuracy:.2%} after {epochs} epochs"


def our_time(seed: int) -> tuple[float, str]:
    """The same of ours."""
    config = TrainConfig(**{**vars(OURS), "seed": seed, "device": "cpu"})
    *_, done = train(config)
    reached = f"{done['test_accuracy']:.2%} after {done['epoch']:.2f} epochs"
    if done["test_accuracy"] < GOAL:
        raise RuntimeError(f"{reached} is below the goal of {GOAL:.0%}; give OURS more steps")
    return done["seconds"], reached


def main(given: Sequence[str] | None = None) -> None:
    """Measures in turns, so that what else the machine does meets both; prints medians and the range of each."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.train", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--images", type=int, default=12_000, help="for the images per second")
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    data, threads = datasets.load("mnist"), use_cores()
    lines = ["| what | the notebooks' loop | ours | ratio | budget | |", "|---|---|---|---|---|---|"]
    for batch in BATCHES:
        pairs = [
            (notebook_speed(data, batch, chosen.images), our_speed(batch, chosen.images)) for _ in range(chosen.repeats)
        ]
        theirs, ours = (median(speeds) for speeds in zip(*pairs, strict=True))
        speeds = f"{spread([p[0] for p in pairs])} | {spread([p[1] for p in pairs])} | {ours / theirs:.1f}"
        lines.append(f"| images a second, batches of {batch} | {speeds} | at least 2 | {verdict(ours >= 2 * theirs)} |")
        print(lines[-1], flush=True)
    timed = [(notebook_time(data), our_time(seed)) for seed in range(chosen.repeats)]
    theirs, ours = (median(seconds for seconds, _ in which) for which in zip(*timed, strict=True))
    times = " | ".join(spread([once[i][0] for once in timed], " s") for i in (0, 1))
    within = verdict(ours <= theirs / 5)
    lines.append(f"| time to {GOAL:.0%} of the test images | {times} | {ours / theirs:.2f} | at most 0.2 | {within} |")
    reached = "; ".join(f"{theirs[1]} against {ours[1]}" for theirs, ours in timed)
    text = "\n".join(lines) + f"\n\nReached: {reached}.\n\n{where(threads, chosen.repeats)}\n"
    print(f"\n{text}")
    if chosen.write:
        REPORT.write_text(f"# Training\n\nMade by `python -m bench.train --write`.\n\n{text}", encoding="utf-8")


def spread(values: Sequence[float], unit: str = "") -> str:
    """The median, and from which to which the values go."""
    digits = 1 if unit else 0
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
    return f"{middle}{unit} ({low} to {high})"


def verdict(holds: bool) -> str:
    return "ok" if holds else "OVER"


def where(threads: int, repeats: int) -> str:
    """The circumstances, in one line."""
    return (
        f"LeNet-5 on MNIST, {threads} threads of {platform.machine()}, torch {torch.__version__}; medians of "
        f"{repeats}, taken in turns. For the images a second both train with the same batch, optimiser and learning "
        f"rate; for the time each has settings of its own (the notebooks' batches of {NOTEBOOK.batch_size} with "
        f"momentum; ours {OURS.steps} batches of {OURS.batch_size}, AdamW, one-cycle), measurements included."
    )


if __name__ == "__main__":
    main()

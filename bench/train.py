"""How fast training is, against the loop of the notebooks: `python -m bench.train [--repeats 3] [--write]`.

In one run and on one machine, both train lenet5 on MNIST. The notebooks' loop: a DataLoader over a data set that makes
a PIL picture of each digit, frames and turns it into a normalised tensor, one by one, as torchvision's MNIST with its
transforms does; loss.item() at every step. Ours: `cnnviz.training.train`. First images per second at the same batch,
optimiser and learning rate; then the time until 98 % of the test images are classified correctly, each at its own
settings, measurements included.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import torch

from bench import device
from bench.notebook import NOTEBOOK, Notebook
from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.training import TrainConfig, train
from cnnviz.training.devices import use_cores

GOAL = 0.98
ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "bench-train.md"
BATCHES = (100, 250)
OURS = TrainConfig(batch_size=100, optimizer="adamw", learning_rate=0.008, schedule="one_cycle", epochs=1, steps=360)
MAX_EPOCHS = 10


def our_speed(batch: int, images: int) -> float:
    """The same of ours, from the start to the last step; what is measured afterwards is left out, as there."""
    config = TrainConfig(**{**vars(NOTEBOOK), "batch_size": batch, "subset": images, "epochs": 1, "device": "cpu"})
    steps = [event for event in train(config) if event["event"] == "step"]
    return images / steps[-1]["seconds"]


def notebook_time(data: DataSet) -> tuple[float, str]:
    """Seconds until the goal, measured after every epoch, and what it came to."""
    notebook, started = Notebook(data, NOTEBOOK.batch_size), time.perf_counter()
    epochs, accuracy = 0, 0.0
    while accuracy < GOAL and epochs < MAX_EPOCHS:
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
    parser.add_argument("--device", choices=("cuda", "mps", "cpu"), help="measure training on that device alone")
    parser.add_argument("--steps", type=int, default=0, help="with --device: end every run after so many, as a trial")
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    if chosen.device:
        device.main(chosen)
        return
    data, threads = datasets.load("mnist"), use_cores()
    lines = ["| what | the notebooks' loop | ours | ratio | budget | |", "|---|---|---|---|---|---|"]
    for batch in BATCHES:
        pairs = [
            (Notebook(data, batch, chosen.images).speed(), our_speed(batch, chosen.images))
            for _ in range(chosen.repeats)
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

"""How fast training is on one device: `python -m bench.train --device cuda [--steps N] [--write]`.

Time to 99 % of MNIST's test images, with what comes before apart: loading (the images on the device, normalised) and
recording (the step as a CUDA graph). Images per second against the notebooks' loop on the same device, at the same
batch. How far predictions agree with the CPU's. Peak memory. With `--steps` every run ends after so many: a trial.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from statistics import median

import torch

from bench.notebook import Notebook
from bench.reading import source_of
from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT, own
from cnnviz.training import TrainConfig, devices, new_network
from cnnviz.training.loop import Trainer
from cnnviz.training.steps import GraphedSteps

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "bench-gpu.md"
GOAL, SEEDS = 0.99, 5
FASTEST = TrainConfig(
    batch_size=512, optimizer="adamw", learning_rate=0.015, schedule="one_cycle", epochs=4, precision="auto"
)
SPEEDS = (("lenet5", "mnist", 250), ("lenet5", "mnist", 512), ("mnist_cnn", "mnist", 512), ("resnet20", "cifar10", 512))
TEXTS = (("lenet5", "LeNet5", "mnist", 100), ("resnet20", "ResNet20", "cifar10", 128))  # of bench.texts
NOTEBOOK_IMAGES = 8_000  # of the notebooks' pass, which takes about a second
PASSES = 3  # of ours, over all images
AGREED = 2_000  # test images whose predictions are compared


def trainer(config: TrainConfig, data: DataSet) -> Trainer:
    """A run that is ready to begin, its step recorded where the device can."""
    return Trainer(config, new_network(config), data, torch.device(config.device), lambda: False)


def wait(device: str) -> None:
    """Until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


# --- time to the goal


@dataclass(frozen=True)
class GoalReached:
    """A run to the goal: seconds until it was ready, until the goal was measured, and what was measured then."""

    ready: float
    seconds: float
    accuracy: float
    epochs: float


def to_the_goal(config: TrainConfig, data: DataSet) -> GoalReached:
    """A run until its first measurement at or above the goal, or its end."""
    started = time.perf_counter()
    run = trainer(config, data)
    wait(config.device)
    ready = time.perf_counter()
    for event in run.events():
        if event["event"] == "epoch" and event["test_accuracy"] >= GOAL:
            break
    wait(config.device)
    return GoalReached(ready - started, time.perf_counter() - ready, run.test_accuracy, run.step / run.steps_per_epoch)


def goal_rows(device: str, steps: int) -> list[str]:
    """The time to the goal over the seeds; the very first run, which also loads the device's libraries, apart."""
    config, data = replace(FASTEST, device=device, steps=steps), datasets.load("mnist")
    first = to_the_goal(config, data)
    runs = [to_the_goal(replace(config, seed=seed), data) for seed in range(SEEDS)]
    reached = sum(run.accuracy >= GOAL for run in runs)
    times = ", ".join(f"{run.seconds:.3f} s ({run.accuracy:.2%} after {run.epochs:.3g} epochs)" for run in runs)
    ready = f"{median(run.ready for run in runs):.3f} s; {first.ready:.2f} s the first time in a process"
    return [
        "| | |",
        "|---|---|",
        f"| time to {GOAL:.0%}, measurements included: median of {SEEDS} seeds | "
        f"{median(run.seconds for run in runs):.3f} s |",
        f"| seeds that reached it | {reached} of {SEEDS}: {times} |",
        f"| before it: images to the device, normalised; the step recorded | {ready} |",
    ]


# --- images per second


def our_speed(config: TrainConfig, data: DataSet) -> float:
    """Images per second of a pass over the training images: the median of several, after one to warm up."""
    return _speed(trainer(config, data), config)


def _speed(run: Trainer, config: TrainConfig) -> float:
    speeds = []
    steps = min(run.steps_per_epoch, config.steps or run.steps_per_epoch)
    for _ in range(1 + PASSES):
        wait(config.device)
        started = time.perf_counter()
        run.steps.begin(run.data.shuffled(), [config.learning_rate] * run.steps_per_epoch)
        for index in range(steps):
            run.steps.take(index)
        wait(config.device)
        speeds.append(run.learner.recent.count / (time.perf_counter() - started))
        run.learner.recent.reset()
    return median(speeds[1:])


def speed_rows(device: str, steps: int) -> Iterator[str]:
    """Each network against the notebooks' loop, in one run."""
    yield "| network, batch | the notebooks' loop | ours, float32 | ours, precision auto | ratio | peak memory |"
    yield "|---|---|---|---|---|---|"
    for network, name, batch in SPEEDS:
        data = _data(name)
        images = min(NOTEBOOK_IMAGES, steps * batch or NOTEBOOK_IMAGES)
        theirs = Notebook(data, batch, images, network, device).speed()
        config = TrainConfig(
            network, name, batch_size=batch, optimizer="momentum", learning_rate=0.01, device=device, steps=steps
        )
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        ours = [our_speed(replace(config, precision=precision), data) for precision in ("float32", "auto")]
        peak = f"{torch.cuda.max_memory_allocated() / 2**20:,.0f} MiB" if device == "cuda" else "-"
        speeds = " | ".join(f"{speed:,.0f}" for speed in (theirs, *ours))
        what = f"{network} on {data.name} ({len(data.x_train):,} images), {batch}"
        yield f"| {what} | {speeds} | {max(ours) / theirs:.1f} | {peak} |"


def _data(name: str) -> DataSet:
    """The data set, where it is at hand; else pictures of its form made by chance, on which steps take as long."""
    if name in datasets.names():
        return datasets.load(name)
    (channels, height, width), classes = datasets.form(name).picture, datasets.form(name).classes
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (10_000, channels, height, width), generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, classes, (10_000,), generator=generator)
    words, even = tuple(map(str, range(classes))), (0.5,) * channels
    return DataSet(f"chance pictures like {name}", images, labels, images[:AGREED], labels[:AGREED], words, even, even)


def text_rows(device: str, steps: int) -> Iterator[str]:
    """Classes that are pasted as a text, against the same classes in plain Python, by the same trainer."""
    yield "| class, batch | plain Python | as a text | ratio | its steps |"
    yield "|---|---|---|---|---|"
    for module, kind, name, batch in TEXTS:
        text = source_of(module)
        config = TrainConfig(
            OWN_TEXT, name, text=text, batch_size=batch, optimizer="momentum", device=device, steps=steps
        )
        runs = []
        for network in (getattr(import_module(f"bench.texts.{module}"), kind)(), own.read(text, kind).build()):
            runs.append(Trainer(config, network, _data(name), torch.device(device), lambda: False))
        speeds = [_speed(run, config) for run in runs]
        recorded = "recorded" if isinstance(runs[1].steps, GraphedSteps) else "one by one"
        numbers = " | ".join(f"{speed:,.0f}" for speed in speeds)
        yield f"| {kind}, {batch} | {numbers} | {speeds[1] / speeds[0]:.3f} | {recorded} |"


# --- agreement


@torch.inference_mode()
def agreement_rows(device: str) -> Iterator[str]:
    """How far the checkpoints that ship predict on the device what they predict on the CPU."""
    yield "| checkpoint | test images | same prediction | largest difference of a probability |"
    yield "|---|---|---|---|"
    for name, path in checkpoints.shipped().items():
        checkpoint = checkpoints.load(path)
        card, data = checkpoint.card, _data(checkpoint.card.dataset)
        inputs = card.preprocessing(data.x_test[:AGREED])
        expected = checkpoint.network(inputs).softmax(1)
        found = checkpoint.network.to(device)(inputs.to(device)).softmax(1).cpu()
        same = (expected.argmax(1) == found.argmax(1)).double().mean().item()
        yield f"| {name} on {data.name} | {len(inputs):,} | {same:.2%} | {(expected - found).abs().max().item():.1g} |"


def main(chosen: argparse.Namespace) -> None:
    """Measures, prints as it goes, and with `--write` keeps the report."""
    device, lines, started = chosen.device, [], time.perf_counter()
    for title, rows in (
        (f"## MNIST to {GOAL:.0%}\n", goal_rows(device, chosen.steps)),
        ("\n## Images per second of training\n", speed_rows(device, chosen.steps)),
        ("\n## A class that is pasted, images per second\n", text_rows(device, chosen.steps)),
        ("\n## Agreement with the CPU\n", agreement_rows(device)),
    ):
        lines.append(title)
        print(title, flush=True)
        for row in rows:
            lines.append(row)
            print(row, flush=True)
    lines.append(f"\n{circumstances(device, chosen.steps, time.perf_counter() - started)}")
    print(lines[-1])
    if chosen.write:
        made = f"Made by `python -m cnnviz bench train --device {device} --write`."
        REPORT.write_text("\n".join(["# Training on a GPU\n", made + "\n", *lines]) + "\n", encoding="utf-8")


def circumstances(device: str, steps: int, seconds: float) -> str:
    """Where and how all this was measured."""
    name = devices.describe(torch.device(device)).name
    trial = f", a trial of {steps} steps each" if steps else ""
    c = FASTEST
    return (
        f"{name}, torch {torch.__version__}{trial}; {seconds:.0f} s in all. The goal is reached by LeNet-5 in batches "
        f"of {c.batch_size}, {c.optimizer} up to {c.learning_rate:g}, {c.schedule}, {c.epochs} epochs, precision auto; "
        "its time begins with the first step and contains the measurements on all test images. The notebooks' loop is "
        "that of `bench train`, on the same device: a DataLoader that makes each picture with PIL, float32, one pass "
        f"over {NOTEBOOK_IMAGES:,} images."
    )

"""How long it takes to work out what happens inside a network, for bench.draw."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from cnnviz.inference import checkpoints
from cnnviz.interpret import examine
from cnnviz.interpret.attributions import grad_cam, integrated_gradients, occlusion, saliency

TIMES = 15
WORKS = ("every step", "saliency", "Grad-CAM", "integrated gradients", "occlusion")


def milliseconds(work: Callable[[], object]) -> float:
    """The median of TIMES runs after a first one."""
    work()
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def figures(path: Path) -> list[float]:
    """Every step's output, then the four attributions of one class."""
    one = checkpoints.load(path)
    network, inputs = one.network, torch.randn(1, *one.card.input_shape)
    last = [step.name for step in examine(network, inputs).steps if step.operation == "Conv2d"][-1]
    works: list[Callable[[], object]] = [
        lambda: examine(network, inputs),
        lambda: saliency(network, inputs, 0),
        lambda: grad_cam(network, inputs, 0, last),
        lambda: integrated_gradients(network, inputs, 0),
        lambda: occlusion(network, inputs, 0),
    ]
    return [milliseconds(work) for work in works]


def main() -> None:
    names = ("all steps", "saliency", "Grad-CAM", "integrated", "occlusion")
    print(f"{'median ms':14}" + "".join(f"{name:>12}" for name in names))
    for name, path in checkpoints.shipped().items():
        print(f"{name:14}" + "".join(f"{value:12.1f}" for value in figures(path)))

"""How well drawings are read, and how soon: `python -m bench.draw [--images 10000] [--write]`.

MNIST's test images are drawn onto a canvas of 280x280 as people draw (handwriting.py), go through the whole pipeline
and are read by every network for MNIST that ships.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from bench.browser import ROOT
from bench.handwriting import as_arrays
from cnnviz import checkpoints, datasets
from cnnviz.datasets import DataSet
from cnnviz.drawing import pipeline
from cnnviz.evaluation import accuracy

REPORT = ROOT / "docs" / "bench-draw.md"
LEAST, LOSS = 0.98, 0.01  # that the shipped network has to reach on drawings, and may lose there


@dataclass(frozen=True)
class Read:
    """The share of the test images that a network reads: as they are, and as drawings."""

    network: str
    clean: float
    drawn: float

    @property
    def good(self) -> bool:
        return self.drawn >= LEAST and self.clean - self.drawn <= LOSS


def drawn(data: DataSet, seed: int = 0) -> DataSet:
    """The data set with its test images drawn on a canvas and put through the pipeline."""
    seen = [pipeline(canvas, photo=True)[-1].picture for canvas in as_arrays(data.x_test, seed)]
    return _with_tests(data, torch.stack([torch.from_numpy(picture.copy()) for picture in seen])[:, None])


def _with_tests(data: DataSet, images: torch.Tensor) -> DataSet:
    return DataSet(**{**vars(data), "x_test": images, "y_test": data.y_test[: len(images)]})


def reading(images: int, names: Sequence[str] | None = None) -> list[Read]:
    """What the networks for MNIST that ship read of the first `images` test images."""
    mnist = datasets.load("mnist")
    clean = _with_tests(mnist, mnist.x_test[:images])
    hand = drawn(clean)
    shipped = {name: checkpoints.load(path) for name, path in checkpoints.shipped().items()}
    return [
        Read(name, accuracy(one, clean), accuracy(one, hand))
        for name, one in shipped.items()
        if one.card.dataset == "mnist" and (names is None or name in names)
    ]


def reading_report(images: int) -> str:
    """The table of what is read."""
    began = time.perf_counter()
    rows = reading(images)
    seconds = time.perf_counter() - began
    lines = ["| network | test images | drawn | |", "| --- | --- | --- | --- |"]
    lines += [f"| {r.network} | {r.clean:.2%} | {r.drawn:.2%} | {'ok' if r.good else 'UNDER'} |" for r in rows]
    said = f"{images:,} test images, drawn and read in {seconds:.0f} s. Budget: {LEAST:.0%} of the drawings, and at "
    return "\n".join(lines) + f"\n\n{said}most {100 * LOSS:g} point less than of the test images."


def main(given: Sequence[str] | None = None) -> None:
    """Measure, print, and with --write keep it in docs/bench-draw.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.draw", description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help=f"also write {REPORT.relative_to(ROOT)}")
    chosen = parser.parse_args(given)
    text = reading_report(chosen.images)
    print(text)
    if chosen.write:
        REPORT.write_text(f"# How drawings are read\n\nMade by `python -m bench.draw --write`.\n\n{text}\n")


if __name__ == "__main__":
    main()

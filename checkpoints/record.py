"""Records the pairs of runs that ship with the app (cnnviz/training/pairs.py), into recordings/ beside this file.

python -m checkpoints.record             all of them; CIFAR-10 is downloaded if it is not in the data folder
python -m checkpoints.record momentum    only those named
python -m checkpoints.record --pictures  those that the pairs on CIFAR-10 see in their first 62 steps, for the tests
"""

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cnnviz.data import datasets
from cnnviz.runs import recordings
from cnnviz.training.pairs import COLOUR, PAIRS

STEPS, COLUMNS = 62, 31  # up to the second report of a run
PICTURES = Path(__file__).resolve().parents[1] / "tests" / "runs" / "first_pictures.webp"


def main() -> None:
    if sys.argv[1:] == ["--pictures"]:
        keep_pictures()
        return
    for name in sys.argv[1:] or PAIRS:
        pair = PAIRS[name]
        first, second = (recordings.record(config) for config in pair.configs)
        path = recordings.write(pair, (first, second))
        for label, one in zip(pair.labels, (first, second), strict=True):
            train, test = one.train_accuracy[-1], one.test_accuracy[-1]
            print(
                f"{name}, {label}: {train:.2%} of the training images, {test:.2%} of the test images, {one.last} steps"
            )
        print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)


def keep_pictures() -> None:
    """The first pictures, in the order in which they are seen, and their labels in the row of pixels below them."""
    data = datasets.load(COLOUR.dataset)
    order = torch.randperm(len(data.x_train), generator=torch.Generator().manual_seed(COLOUR.seed))
    chosen = order[: STEPS * COLOUR.batch_size]
    pictures = data.x_train[chosen].permute(0, 2, 3, 1).numpy()
    rows = pictures.reshape(-1, COLUMNS, 32, 32, 3).swapaxes(1, 2).reshape(-1, COLUMNS * 32, 3)
    labels = np.zeros((1, COLUMNS * 32, 3), np.uint8)
    labels[0, : len(chosen), 0] = data.y_train[chosen].numpy()
    Image.fromarray(np.concatenate([rows, labels])).save(PICTURES, lossless=True, quality=100)


if __name__ == "__main__":
    main()

"""Trains the checkpoints that ship with the app and writes README.md with what they measure.

python -m checkpoints.make            all of them; CIFAR-10 is downloaded if it is not in the data folder
python -m checkpoints.make lenet5     only those named

The run that makes lenet5 ships too, without its weights, as the example that the Train page opens on.
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from cnnviz import cli, runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints, evaluate
from cnnviz.runs import snapshots
from cnnviz.training import TrainConfig
from cnnviz.training.experiments import MNIST_CNN

DIGITS = TrainConfig(epochs=12, optimizer="adamw", weight_decay=0.01)
RISING = replace(DIGITS, schedule="one_cycle", learning_rate=0.004)
COLOUR = replace(RISING, dataset="cifar10", network="conv_cifar10", augmentation="flip_crop")
TRAINING = {
    "lenet5": replace(RISING, epochs=16, augmentation="handwriting"),  # it reads what is drawn
    "mnist_cnn": replace(
        MNIST_CNN.config, epochs=12, schedule="cosine", seed=2, normalisation="computed"
    ),  # other seeds silence a class for good
    "conv_mnist": replace(RISING, network="conv_mnist"),
    "conv_cifar10": replace(COLOUR, epochs=30),
    "residual_8": replace(COLOUR, epochs=40, network="residual_8"),
    "resnet20": replace(
        COLOUR,
        epochs=15,
        network="resnet20",
        optimizer="nesterov",
        learning_rate=0.2,
        weight_decay=0.0005,
        precision="bfloat16",
    ),
}
EXAMPLE = "lenet5"

HEAD = """# Checkpoints

Trained by this project's own code; written, as is this page, by `python -m checkpoints.make`. The accuracy was
measured on the 10,000 test images of the data set.

| network | data set | test accuracy | epochs | size | made by |
| --- | --- | --- | --- | --- | --- |
"""


def make(name: str) -> None:
    """Trains one checkpoint."""
    config = TRAINING[name]
    run = runs.create(config)
    for event in runs.execute(run):
        cli.show(config, event)
    if run.state() != "done":
        sys.exit(1)
    shutil.copyfile(run.weights, checkpoints.SHIPPED / f"{name}.safetensors")
    if name == EXAMPLE:
        runs.EXAMPLE.folder.mkdir(exist_ok=True)
        early = [run.early(epoch).name for epoch in runs.EARLY]
        for part in ("config.json", "metrics.jsonl", snapshots.NAME, *early):
            shutil.copyfile(run.folder / part, runs.EXAMPLE.folder / part)


def row(path: Path) -> str:
    """A line of the README, with the accuracy measured anew."""
    checkpoint = checkpoints.load(path)
    card = checkpoint.card
    share = evaluate.accuracy(checkpoint, datasets.load(card.dataset))
    size = f"{path.stat().st_size / 1000:.0f} kB"
    return f"| {card.network} | {card.dataset} | {share:.2%} | {card.epochs:g} | {size} | `{card.command}` |\n"


if __name__ == "__main__":
    for name in sys.argv[1:] or TRAINING:
        make(name)
    (checkpoints.SHIPPED / "README.md").write_text(HEAD + "".join(map(row, checkpoints.shipped().values())))

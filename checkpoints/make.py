"""Trains the checkpoints that ship with the app and writes README.md with what they measure.

python -m checkpoints.make            all of them
python -m checkpoints.make lenet5     only those named
"""

import sys
from pathlib import Path

from cnnviz import checkpoints, cli, datasets, evaluation

DIGITS = "--optimizer adamw --weight-decay 0.01"
COLOUR = "--dataset cifar10 --schedule one_cycle --augmentation flip_crop"
TRAINING = {
    "lenet5": f"--epochs 12 {DIGITS}",
    "mnist_cnn": f"--epochs 12 {DIGITS} --schedule one_cycle --learning-rate 0.004",
    "conv_mnist": f"--epochs 12 {DIGITS} --schedule one_cycle --learning-rate 0.004",
    "conv_cifar10": f"--epochs 30 {COLOUR} --optimizer adamw --weight-decay 0.01 --learning-rate 0.004",
    "residual_8": f"--epochs 40 {COLOUR} --optimizer adamw --weight-decay 0.01 --learning-rate 0.004",
    "resnet20": f"--epochs 24 {COLOUR} --optimizer nesterov --weight-decay 0.0005 --learning-rate 0.2 "
    "--precision bfloat16",
}

HEAD = """# Checkpoints

Trained by this project's own code; written, as is this page, by `python -m checkpoints.make`. The accuracy
was measured on the 10,000 test images of the data set.

| network | data set | test accuracy | epochs | size | made by |
| --- | --- | --- | --- | --- | --- |
"""


def make(name: str) -> None:
    """Trains one checkpoint."""
    output = checkpoints.SHIPPED / f"{name}.safetensors"
    code = cli.main(["train", "--network", name, *TRAINING[name].split(), "--output", str(output)])
    if code:
        sys.exit(code)


def row(path: Path) -> str:
    """A line of the README, with the accuracy measured anew."""
    checkpoint = checkpoints.load(path)
    card = checkpoint.card
    share = evaluation.accuracy(checkpoint, datasets.load(card.dataset))
    size = f"{path.stat().st_size / 1000:.0f} kB"
    return f"| {card.network} | {card.dataset} | {share:.2%} | {card.epochs:g} | {size} | `{card.command}` |\n"


if __name__ == "__main__":
    for name in sys.argv[1:] or TRAINING:
        make(name)
    (checkpoints.SHIPPED / "README.md").write_text(HEAD + "".join(map(row, checkpoints.shipped().values())))

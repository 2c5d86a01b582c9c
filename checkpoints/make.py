"""Trains the checkpoints that ship with the app and writes README.md with what they measure.

python -m checkpoints.make            all of them
python -m checkpoints.make lenet5     only those named
"""

import sys
from pathlib import Path

from cnnviz import checkpoints, cli, datasets, evaluation

TRAINING = {
    "lenet5": "--network lenet5 --epochs 12 --optimizer adamw --learning-rate 0.001 --weight-decay 0.01",
}

HEAD = """# Checkpoints

Trained by this project's own code; written, as is this page, by `python -m checkpoints.make`. The accuracy
was measured on the 10,000 test images of MNIST.

| network | data set | test accuracy | epochs | size | made by |
| --- | --- | --- | --- | --- | --- |
"""


def make(name: str) -> None:
    """Trains one checkpoint."""
    output = checkpoints.SHIPPED / f"{name}.safetensors"
    code = cli.main(["train", *TRAINING[name].split(), "--output", str(output)])
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

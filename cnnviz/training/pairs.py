"""Pairs of runs that differ in one thing and ship as they were recorded (`runs.recordings`): what that thing does is
seen without training.

Those on CIFAR-10 take batches of 16 in one order, so that the pictures of their first steps are few.
"""

from dataclasses import dataclass, replace
from typing import Any

from cnnviz.networks.names import OWN_TEXT
from cnnviz.training.config import TrainConfig

FLAT = "nn.Sequential(\n    nn.Flatten(),\n    nn.Linear(3072, 10),\n)"
DENSE = """nn.Sequential(
    nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(256, 128), nn.ReLU(),{dropout}
    nn.Linear(128, 10),
)"""


@dataclass(frozen=True)
class Pair:
    """Two runs, each with a word for what it has and the other has not, and what there is to see in them."""

    name: str
    title: str
    first: str
    second: str
    configs: tuple[TrainConfig, TrainConfig]
    sentence: str

    @property
    def labels(self) -> tuple[str, str]:
        """The runs' words."""
        return self.first, self.second


DIGITS = TrainConfig(batch_size=100, epochs=2, steps=1200, evaluate_every=100, device="cpu")
FEW = replace(DIGITS, batch_size=50, epochs=100, steps=1000, evaluate_every=50, train_measure="pass")
COLOUR = TrainConfig(
    dataset="cifar10", batch_size=16, epochs=2, steps=6000, evaluate_every=500, normalisation="half", device="cpu"
)
LONGER: dict[str, Any] = {
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "epochs": 4,
    "steps": 12_000,
    "evaluate_every": 1000,
}


def _two(both: TrainConfig, first: dict[str, Any], second: dict[str, Any]) -> tuple[TrainConfig, TrainConfig]:
    """The configs of two runs, which differ in what is named."""
    return replace(both, **first), replace(both, **second)


PAIRS: dict[str, Pair] = {
    pair.name: pair
    for pair in (
        Pair(
            "flat",
            "Flat or convolutions",
            "flat",
            "convolutions",
            _two(replace(COLOUR, **LONGER), {"network": OWN_TEXT, "text": FLAT}, {"network": "conv_cifar10"}),
            "The flat network, 3,072 numbers to 10 classes, has 30,730 weights: one template a class, a blurred "
            "picture of all that it has seen of it. The other has kernels, which look for the same thing everywhere: "
            "it is slower to begin, and passes.",
        ),
        Pair(
            "batch_norm",
            "Batch norm",
            "with batch norm",
            "without",
            _two(
                replace(COLOUR, optimizer="sgd", learning_rate=0.01),
                {"network": "residual_8_batch_norm"},
                {"network": "residual_8"},
            ),
            "Twenty convolutions in ten residual blocks. Batch norm keeps what every layer sees on one scale, and the "
            "same rate takes the network further in each step.",
        ),
        Pair(
            "few_images",
            "Few images",
            "60,000 images",
            "500 images",
            _two(FEW, {"epochs": 1}, {"subset": 500}),
            "Both take 1,000 steps. The one that sees the same 500 images again and again gets all of them right, and "
            "its loss on the test images turns round and rises: it overfits.",
        ),
        Pair(
            "dropout",
            "Dropout",
            "with dropout",
            "without",
            _two(
                replace(FEW, subset=500),
                {"network": OWN_TEXT, "text": DENSE.format(dropout=" nn.Dropout(0.5),")},
                {"network": OWN_TEXT, "text": DENSE.format(dropout="")},
            ),
            "500 images for both. Dropout silences half of the units at random in each step, so that no unit can rely "
            "on another: it learns more slowly, and its loss on the test images rises later and less.",
        ),
        Pair(
            "augmentation",
            "Augmentation",
            "shifted and turned",
            "as they are",
            _two(replace(FEW, subset=500), {"augmentation": "shift_rotate"}, {}),
            "500 images for both. Shifted and turned a little each time, they are never twice the same, and cannot be "
            "learnt by heart.",
        ),
        Pair(
            "too_large",
            "A rate too large",
            "rate 0.001",
            "rate 0.1",
            _two(DIGITS, {}, {"learning_rate": 0.1}),
            "With Adam, each weight moves by about the learning rate in a step. By 0.1 every step goes beyond the "
            "valley, and the loss stays where guessing is: ln 10 = 2.303.",
        ),
        Pair(
            "too_small",
            "A rate too small",
            "rate 0.001",
            "rate 0.00001",
            _two(DIGITS, {}, {"learning_rate": 0.00001}),
            "The same way down, at a hundredth of the pace: nothing is wrong with it but the time that it takes.",
        ),
        Pair(
            "momentum",
            "Momentum",
            "momentum 0.9",
            "no momentum",
            _two(
                replace(DIGITS, learning_rate=0.01, normalisation="none"),
                {"optimizer": "momentum"},
                {"optimizer": "sgd"},
            ),
            "Momentum adds up the steps that point the same way, up to ten times as far with 0.9: what takes plain "
            "SGD an epoch is done in its first tenth.",
        ),
    )
}

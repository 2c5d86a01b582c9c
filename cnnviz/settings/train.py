"""The Train page: what the next run is made of, and which run is watched."""

from dataclasses import dataclass

from cnnviz import links, zoo
from cnnviz.networks import OWN_TEXT
from cnnviz.settings.shapes import MOST_TEXT, START, typed

LEARNING_RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1")
BATCH_SIZES = ("32", "64", "128", "256", "512")
MOST_EPOCHS = 20
NETWORKS = (*zoo.trainable(1, 28, 28), OWN_TEXT)


@dataclass(frozen=True)
class Train:
    """The settings of a run; `text` counts for a network of one's own, `run` is the id of the one that is watched."""

    network: str = links.choice("lenet5", NETWORKS)
    text: str = links.text(START, MOST_TEXT, typed)
    epochs: int = links.integer(3, 1, MOST_EPOCHS)
    rate: str = links.choice("0.001", LEARNING_RATES)
    batch: str = links.choice("128", BATCH_SIZES)
    run: str = links.text("", most=80)

"""What is worth training."""

from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.train.settings import USUAL, shown
from cnnviz.training.experiments import QUICK

KEPT = ("network", "text", "dataset", "device", "time_limit")  # the reader's own; all else is set to what is usual
PLAIN: Values = {name: value for name, value in shown(USUAL).items() if name not in KEPT}

CHALLENGES: Challenges = {
    QUICK.title: (
        "Set it up, press Train, and draw a digit for the network that you have just trained.",
        {name: value for name, value in shown(QUICK.config).items() if name not in ("device", "time_limit")},
    ),
    "Jump over the valley": (
        "A learning rate of 0.1 with Adam: each step goes too far, and the loss no longer falls.",
        {**PLAIN, "learning_rate": "0.1", "epochs": 1},
    ),
    "Crawl": (
        "A learning rate of 0.0001: the loss falls, and slowly. Both runs stay on one chart.",
        {**PLAIN, "learning_rate": "0.0001", "epochs": 1},
    ),
    "Few images": (
        "Only 1,000 images, 30 times: the network knows them by heart, and the test images do not follow.",
        {**PLAIN, "subset": 1000, "epochs": 30},
    ),
    "Chance": ("Another seed and nothing else: how much of a difference between two runs is chance?", {"seed": 1}),
}

"""What is worth looking at inside a network."""

from cnnviz.lessons.common.settings import Challenges
from cnnviz.lessons.inside.settings import NONE

CHALLENGES: Challenges = {
    "An edge, found": (
        "Point at the bright cells of conv1 and watch the window on the 7: which edges does each kernel answer to?",
        {"network": "lenet5", "source": "test image", "image": 0, "layer": "conv1", "channel": 0, "view": "arithmetic"},
    ),
    "What ReLU throws away": (
        "Compare conv2 with relu2: everything negative is gone. How many cells are left?",
        {"network": "lenet5", "source": "test image", "image": 0, "layer": "relu2", "channel": 3, "view": "arithmetic"},
    ),
    "What does it wait for?": (
        "The eight test images that excite one map of conv2 most, and where in them. What have these places in common?",
        {"network": "lenet5", "source": "test image", "layer": "conv2", "channel": 5, "view": "strongest inputs"},
    ),
    "Four methods, one question": (
        "Why a 4? The four pictures do not agree everywhere. Choose another class and see what speaks for that one.",
        {"network": "lenet5", "source": "test image", "image": 4, "view": "why", "target": NONE},
    ),
}

"""What is worth drawing."""

from cnnviz.lessons.common.settings import Challenges, Values

WHOLE: Values = {"ink": True, "crop": True, "scale": True, "centre": True, "normalise": True}

CHALLENGES: Challenges = {
    "Off centre": (
        "Draw a small digit in a corner, then switch Crop, Scale and Centre off: what is left for the network to see?",
        WHOLE | {"crop": False, "scale": False, "centre": False},
    ),
    "Black on white": (
        "The network has learnt white ink on black. Leave the first step out: it gets paper for ink.",
        WHOLE | {"ink": False, "crop": False, "scale": False},
    ),
    "Before it learnt": (
        "The same network before its first step, after one epoch, after three: draw, and watch the bars sharpen.",
        WHOLE | {"network": "lenet5", "beside": ("lenet5--epoch_0", "lenet5--epoch_1", "lenet5--epoch_3")},
    ),
    "Three networks, one digit": (
        "Draw a 4 that could be a 9. Where do the three disagree?",
        WHOLE | {"network": "lenet5", "beside": ("mnist_cnn", "conv_mnist")},
    ),
}

"""What is worth trying with a kernel on a picture."""

from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.filters.settings import KERNELS

PLAIN: Values = {
    "b": ((0.0,),),
    "padding": "none",
    "stride": 1,
    "pool": "none",
    "colours": "automatic",
}

CHALLENGES: Challenges = {
    "One direction": (
        "Sobel x on rings, without ReLU: which stripes light up, and at which angle is the answer zero? "
        "Then try Sobel y.",
        PLAIN | {"picture": "Zone plate", "w": KERNELS["Sobel x"], "relu": False},
    ),
    "Half of the edges": (
        "A stroke has two edges, one positive and one negative, and ReLU keeps only one of them. Which "
        "numbers of the kernel do you change to get the other one?",
        PLAIN | {"picture": "Letters", "w": KERNELS["Sobel x"], "relu": True},
    ),
    "A frame from nowhere": (
        "The picture has no frame, but the result has one on the left and on the right. Which padding makes "
        "it, and which one does not?",
        PLAIN | {"picture": "Checkerboard", "w": KERNELS["Sobel x"], "padding": "zeros", "relu": False},
    ),
    "Blind to brightness": (
        "The disc grows brighter from left to right, and hardly anything is left of it. What is the "
        "Laplacian of an even slope?",
        PLAIN | {"picture": "Checkerboard", "w": KERNELS["Laplacian"], "padding": "replicate", "relu": True},
    ),
    "Max or average": (
        "After max pooling the outline of the seven is still bright. Change it to average: where did it go?",
        PLAIN | {"picture": "Digit", "w": KERNELS["Laplacian"], "relu": True, "pool": "max", "window": 6},
    ),
}

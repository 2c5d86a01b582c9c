"""From a drawn picture, or a photograph of one, to the 28x28 picture that MNIST would have made of it.

LeCun et al. scaled each digit, keeping its proportions, so that its longer side was 20 pixels, with
anti-aliasing, and placed it in a field of 28x28 with its centre of mass in the middle
(http://yann.lecun.com/exdb/mnist).
"""

from cnnviz.data.drawing.linked import MAX_INK, from_text, to_text
from cnnviz.data.drawing.steps import BOX, SIZE, STEPS, Stage, has_ink, pipeline, to_mnist
from cnnviz.data.drawing.uploads import photographed

__all__ = [
    "BOX",
    "MAX_INK",
    "SIZE",
    "STEPS",
    "Stage",
    "from_text",
    "has_ink",
    "photographed",
    "pipeline",
    "to_mnist",
    "to_text",
]

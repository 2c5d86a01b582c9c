"""A strip of test images with what the network makes of each while it trains."""

from math import ceil

from cnnviz.looks import Look
from cnnviz.ui.components.load import load_component
from cnnviz.ui.components.packed import packed

mount = load_component(__file__, shared=("packed.js",))

MOST_PIXELS = 64  # along a side: an image is shown no larger than that


def guesses(key: str, look: Look) -> None:
    """Draw the images of `look`, each with the guess and its probability."""
    every = ceil(max(look.images.shape[2:]) / MOST_PIXELS)
    shown = look.images[:, :, ::every, ::every].transpose(0, 2, 3, 1)
    mount(
        key=key,
        data=packed(
            {"step": look.step, "shape": shown.shape, "classes": list(look.classes), "labels": look.labels.tolist()},
            {"images": shown, "probabilities": look.probabilities},
        ),
    )

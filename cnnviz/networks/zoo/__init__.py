"""Every network by name: builder, input shape, where it comes from, published figures, what it teaches."""

# isort: off
from cnnviz.networks.zoo import digits, colour, imagenet  # in the order of the menus  # noqa: F401

# isort: on
from cnnviz.networks.zoo.registry import Entry, build, entry, names, titles, trainable, weightless

__all__ = ["Entry", "build", "entry", "names", "titles", "trainable", "weightless"]

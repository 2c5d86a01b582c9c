"""Every network by name: builder, input shape, where it comes from, published figures, what it teaches."""

from cnnviz.zoo import digits as digits
from cnnviz.zoo.registry import Entry, build, entry, names

__all__ = ["Entry", "build", "entry", "names"]

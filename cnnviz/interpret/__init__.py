"""What happens inside a network on one picture: every step's output, what each unit sees, and how it came about."""

from cnnviz.interpret.activations import SOFTMAX, Anatomy, examine
from cnnviz.interpret.fields import Spans, spans, windows
from cnnviz.interpret.top_images import Excited, exciting
from cnnviz.interpret.units import UNSHOWN, Arithmetic, Term, arithmetic, on_maps, unit_of

__all__ = [
    "SOFTMAX",
    "UNSHOWN",
    "Anatomy",
    "Arithmetic",
    "Excited",
    "Spans",
    "Term",
    "arithmetic",
    "examine",
    "exciting",
    "on_maps",
    "spans",
    "unit_of",
    "windows",
]

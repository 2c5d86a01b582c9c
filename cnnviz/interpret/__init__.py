"""What happens inside a network on one picture: every step's output, what each unit sees, and how it came about."""

from cnnviz.anatomy.exciting import Excited, exciting
from cnnviz.anatomy.spans import Spans, spans, windows
from cnnviz.anatomy.units import Arithmetic, Term, arithmetic
from cnnviz.anatomy.watching import SOFTMAX, Anatomy, examine

__all__ = [
    "SOFTMAX",
    "Anatomy",
    "Arithmetic",
    "Excited",
    "Spans",
    "Term",
    "arithmetic",
    "examine",
    "exciting",
    "spans",
    "windows",
]

"""The PyTorch code that does what a page shows, to copy and run."""

import re
from collections.abc import Sequence

from cnnviz.links import Cells, number_texts

HEAD = "import torch\nimport torch.nn.functional as F\n\n"


def operation(script: str) -> str:
    """The lines of a script that work, without imports, numbers and print."""
    lines = [line for line in script.splitlines() if re.match(r"(x|y|y2) = (F|torch)\.(?!tensor)", line)]
    return "\n".join(lines)


def nested(grid: Cells) -> str:
    """A grid as nested lists."""
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in number_texts(grid)) + "]"


def tensor(name: str, text: str, shape: str) -> str:
    """`name = torch.tensor(...)` with its shape in a comment; float64, so that whole numbers stay exact."""
    return f"{name} = torch.tensor({text}, dtype=torch.float64)  # {shape}\n"


def pair(values: Sequence[int]) -> str:
    """1 for (1, 1), else (1, 2): as one writes it."""
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"

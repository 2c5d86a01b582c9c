"""Worked examples and well-known kernels, by name."""

import numpy as np

from cnnviz.links import Cells, cells

# a digit three of MNIST's proportions, 10 x 8, grey levels from 0 to 9
THREE = """
02676200
79999920
52114970
00003980
00069920
00099970
00001498
30000398
89766997
26899741
"""


def _digits(text: str) -> Cells:
    """A grid of one-digit numbers, a row a line."""
    return cells([[int(character) for character in line] for line in text.split()])


def edge(rows: int = 8, cols: int = 8) -> Cells:
    """Dark on the left, bright on the right."""
    return cells([[0 if col < cols // 2 else 10 for col in range(cols)] for _ in range(rows)])


def random_input(rows: int, cols: int, seed: int) -> Cells:
    """Whole numbers from 0 to 9."""
    return cells(np.random.default_rng(seed).integers(0, 10, (rows, cols)).tolist())


def random_kernel(rows: int, cols: int, seed: int) -> Cells:
    """Whole numbers from -2 to 2."""
    return cells(np.random.default_rng(seed).integers(-2, 3, (rows, cols)).tolist())


def _rounded_gaussian(size: int, sigma: float) -> Cells:
    """exp(-r² / 2 sigma²), normalised to the sum 1, to four digits."""
    steps = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(steps**2) / (2 * sigma**2))
    kernel = np.outer(bell, bell) / bell.sum() ** 2
    return cells(kernel.round(4).tolist())


WORKED_5X5 = cells([[1, 2, 1, 0, 1], [3, 1, 2, 5, 0], [2, 0, 1, 2, 1], [4, 5, 1, 3, 0], [0, 1, 3, 3, 0]])
WORKED_KERNEL = cells([[1, 0, 1], [1, 1, 1], [1, 0, 1]])
BINARY_5X5 = cells([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
BINARY_KERNEL = cells([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
PICTURE_5X5 = cells(
    [
        [60, 113, 56, 139, 85],
        [73, 121, 54, 84, 128],
        [131, 99, 70, 129, 127],
        [80, 57, 115, 69, 134],
        [104, 126, 123, 95, 130],
    ]
)
SHARPEN = cells([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])

INPUTS: dict[str, Cells] = {
    "Worked example": WORKED_5X5,
    "Binary image": BINARY_5X5,
    "Picture 5 × 5": PICTURE_5X5,
    "Digit": _digits(THREE),
    "Edge": edge(),
    "Counting": cells([[row * 6 + col + 1 for col in range(6)] for row in range(6)]),
}

KERNELS: dict[str, Cells] = {
    "Worked example": WORKED_KERNEL,
    "Diagonal cross": BINARY_KERNEL,
    "Identity": cells([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "Box blur": cells([[round(1 / 9, 4)] * 3] * 3),
    "Gaussian blur": cells([[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]]),
    "Gaussian blur 5 × 5": _rounded_gaussian(5, 1.0),
    "Sharpen": SHARPEN,
    "Sobel x": cells([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "Sobel y": cells([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "Laplacian": cells([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "Emboss": cells([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}

"""Bounds in processor time that hold on any machine: one is given for the machine on which it was set, and where a
processor is slower, or shared with other work, it is as many times as long."""

import ast
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch

# seconds of the processor for `_work` where the bounds were set: ResNet-50's text is read and followed in 75 ms there,
# and in 218 on a machine on which this takes 0.1
HERE = 0.03
SAMPLES = 5
_TEXT = "class Net(nn.Module):\n    def forward(self, x):\n        return self.fc(x.flatten(1)) + [1, 2, 3][0]\n" * 20


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The block takes less processor time than `seconds`, where the bounds were set."""
    begun = time.process_time()
    yield
    used = time.process_time() - begun
    assert scaled(used, seconds) < seconds, f"{used:.1f} s of the processor, and {seconds} are the bound"


def scaled(used: float, bound: float) -> float:
    """What `used` seconds of the processor would have been where the bounds were set, as far as that matters: below
    the `bound` nothing is measured."""
    return used if used < bound else used / max(1.0, pace())


def pace() -> float:
    """How many times as long as there the processor takes here and now."""
    return median(_seconds() for _ in range(SAMPLES)) / HERE


def _seconds() -> float:
    begun = time.process_time()
    _work()
    return time.process_time() - begun


def _work() -> None:
    """What reading and following a text is made of: a syntax tree, and tensors without numbers."""
    for _ in range(3):
        sum(isinstance(node, ast.Call) for node in ast.walk(ast.parse(_TEXT)))
    for size in range(1, 300):
        torch.empty(2, size, device="meta").reshape(size, 2).add(1)

"""Weights by a name: those of a checkpoint that ships or the last of a run, its best, or its early ones.

lenet5, lenet5-20261127-101500-0123abcd            a checkpoint that ships, or a run's weights so far
lenet5-20261127-101500-0123abcd--best              the best of that run, where they were kept
lenet5--epoch_1, lenet5-...-0123abcd--epoch_1      after its first epoch, where they were kept
net_0123456789abcdef0123456789abcdef              those that a reader brought (inference/brought.py)
"""

from pathlib import Path

from cnnviz.inference import brought, checkpoints
from cnnviz.links import shorten
from cnnviz.runs.directory import EARLY, EXAMPLE, Run, find

BEST_MARK, EPOCH_MARK = "--best", "--epoch_"  # between a name and which of its weights are meant


def path(name: str) -> Path:
    """The file of the weights of that name. Raises ValueError where there is none."""
    if brought.is_brought(name):
        return brought.path(name)
    if name.endswith(BEST_MARK):
        run = find(name.removesuffix(BEST_MARK))
        if not run.best.is_file():
            raise ValueError(f"run {run.id} has no best weights: they are kept where its settings ask for them")
        return run.best
    whole, _, epoch = name.partition(EPOCH_MARK)
    if epoch:
        run = _run(whole)
        if epoch not in map(str, EARLY) or not run.early(int(epoch)).is_file():
            raise ValueError(f"the weights of {shorten(whole)} after epoch {shorten(epoch)} were not kept")
        return run.early(int(epoch))
    found = checkpoints.shipped().get(name) or find(name).weights
    if not found.is_file():
        raise ValueError(f"run {name} has no weights yet; they are written after its first epoch")
    return found


def early(name: str) -> list[str]:
    """The names of the early weights of a checkpoint or run, those that were kept."""
    run = _run(name)
    return [f"{name}{EPOCH_MARK}{epoch}" for epoch in EARLY if run.early(epoch).is_file()]


def of_run(run: Run) -> list[str]:
    """The names of the last weights of a run and of its best, those that were kept."""
    names = [run.id] if run.weights.is_file() else []
    return [*names, f"{run.id}{BEST_MARK}"] if run.best.is_file() else names


def run_of(name: str) -> Run:
    """The run that made the weights of that name. Raises ValueError where there is none."""
    return _run(name.removesuffix(BEST_MARK).partition(EPOCH_MARK)[0])


def title(name: str) -> str:
    """The weights as they stand in a menu."""
    if brought.is_brought(name):
        return brought.title(name)
    if name.endswith(BEST_MARK):
        return f"{name.removesuffix(BEST_MARK)}, its best weights"
    whole, _, epoch = name.partition(EPOCH_MARK)
    return name if not epoch else f"{whole} before its first step" if epoch == "0" else f"{whole} after epoch {epoch}"


def _run(name: str) -> Run:
    """The run of a name without a mark; the example by the name of the checkpoint that it made."""
    return EXAMPLE if name == EXAMPLE.config().network else find(name)

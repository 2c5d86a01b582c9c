"""What all sessions share: checkpoints in memory, traces, the workers that carry runs out."""

from pathlib import Path

import streamlit as st

from cnnviz import checkpoints, runs, zoo
from cnnviz.checkpoints import Checkpoint
from cnnviz.tracing import Step, trace
from cnnviz.workers import Workers


@st.cache_resource
def workers() -> Workers:
    """The workers of this server."""
    return Workers()


@st.cache_data
def steps(network: str) -> list[Step]:
    """The trace of a network of the zoo for one image of its own input shape."""
    return trace(zoo.build(network), (1, *zoo.entry(network).input_shape))


def checkpoint(name: str) -> Checkpoint:
    """A checkpoint that ships, or the weights so far of a run. Raises ValueError where there is none."""
    path = checkpoints.shipped().get(name)
    if path is None:
        path = runs.find(name).weights
        if not path.is_file():
            raise ValueError(f"run {name} has no weights yet; they are written after its first epoch")
    return _checkpoint(path, path.stat().st_mtime_ns)


@st.cache_resource(max_entries=8)
def _checkpoint(path: Path, changed: int) -> Checkpoint:
    return checkpoints.load(path)

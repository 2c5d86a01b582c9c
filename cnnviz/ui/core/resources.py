"""What all sessions share: checkpoints in memory, traces, the workers that carry runs out."""

import os
from importlib import import_module
from pathlib import Path
from threading import Thread

import numpy as np
import streamlit as st

from cnnviz import runs
from cnnviz.data import byte_cache
from cnnviz.data.byte_cache import ByteCache
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.predict import read
from cnnviz.links import shorten
from cnnviz.runs import Run, weights
from cnnviz.server import data_use
from cnnviz.server.classrooms import Classrooms
from cnnviz.server.following import Traced, trace
from cnnviz.server.helpers import Helpers
from cnnviz.server.limits import Limits
from cnnviz.server.local_workers import Workers
from cnnviz.server.ray_cluster import Cluster
from cnnviz.server.scheduler import Engine
from cnnviz.tracing import Shape
from cnnviz.training.devices import devices as all_devices
from cnnviz.ui.core import reader

KEPT_ALONE = 8 * 2**20  # bytes of answers for the next to come, when all have left
TRACES, STEP = 16 * 2**20, 5000  # bytes of all traces that are kept, and about those of a step with its layers


def _size(traced: Traced) -> int:
    """About the bytes of a trace; one that stopped at its first layer still has its text, as what is asked and as what
    was read."""
    return STEP * (1 + len(traced.steps)) + 2 * len(traced.text)


_traces: ByteCache[Traced] = ByteCache(TRACES, _size, when_alone=0)


@st.cache_resource
def workers() -> Engine:
    """What carries out this server's runs: processes of its own machine, or a Ray cluster where one is named. Raises
    ValueError where a variable of the environment has a value that cannot be."""
    address = os.environ.get("CNNVIZ_RAY_ADDRESS")
    return Cluster(address) if address else Workers()


@st.cache_resource(show_spinner=False)
def helpers() -> Helpers:
    """The processes that compute for this server's pages what takes long; see `core.work`."""
    return Helpers(Limits.from_environment().helpers)


@st.cache_resource(show_spinner=False)
def classrooms() -> Classrooms:
    """The rooms of this server. With the first, pandas is loaded in the background: the board's table needs it, and
    would keep the whole server waiting for it while a class trains."""
    Thread(target=import_module, args=("pandas",), daemon=True).start()
    return Classrooms()


@st.cache_resource(show_spinner=False)
def devices() -> str:
    """What there is to compute on, in words."""
    return ", ".join(f"{one.kind} ({one.name}{f', {one.cores} cores' if one.cores else ''})" for one in all_devices())


def session() -> str:
    """The session under which what this reader does is kept; `reader` says whose anything is."""
    return reader.name()


def may_stop(run: Run) -> bool:
    """Whether this reader may stop that run: who started it may, and who opened the room in which it stands."""
    if reader.owns(run.owner):
        return True
    return run.is_on_board() and bool(reader.own(classrooms().openers(run.id)))


def stop(run_id: str) -> None:
    """Ask a run to stop. Raises ValueError where there is no such run, or where it is not this reader's to stop."""
    run = runs.find(run_id)
    if not may_stop(run):
        whose = "somebody else" if run.owner else "hand on this machine"
        raise ValueError(f"this run was started by {whose}, and goes on: only who started it can stop it")
    workers().stop(run_id)


def traced(name: str, text: str, shape: Shape) -> Traced:
    """The steps of a network of the zoo, or of a short `text`, for an input of `shape` (N, C, H, W); long ones are a
    helper's job."""
    return _traces.get((name, text, shape), lambda: trace(name, text, shape, "", (), (), lambda _share: None))


def checkpoint(name: str) -> Checkpoint:
    """The network with the weights of that name (`runs.weights`). Raises ValueError where there is none."""
    return _checkpoint(*version(name))


def version(name: str) -> tuple[Path, int]:
    """The file of a checkpoint or run, and when it was written: what is worked out of it holds for this pair. Raises
    ValueError where there is none."""
    path = weights.path(name)
    data_use.USE.look(name, reader.name())
    try:
        return path, path.stat().st_mtime_ns
    except OSError as error:  # it has just been cleared away
        raise ValueError(f"the weights of {shorten(name)} cannot be read: {error.strerror}") from error


@st.cache_resource(max_entries=16, show_spinner=False)
def _checkpoint(path: Path, changed: int) -> Checkpoint:
    return checkpoints.load(path)


def readable(name: str, default: str) -> tuple[str, Checkpoint, str]:
    """A checkpoint with its name, and no sentence; the default one, and why, where it cannot be read. Whatever else is
    asked about it is asked by the name that is given back."""
    try:
        return name, checkpoint(name), ""
    except ValueError as error:
        return default, checkpoint(default), f"{error}. {default} is shown in its place."


def check_reads(name: str) -> None:
    """Raises ValueError where there is no such network, or where it does not read a single picture."""
    _check_reads(*version(name))


def let_go() -> None:
    """Nobody is there any more: of what is kept for whoever asks the same a little stays."""
    helpers().trim(KEPT_ALONE)
    _checkpoint.clear()
    byte_cache.let_go()


@st.cache_resource(max_entries=64, show_spinner=False)
def _check_reads(path: Path, changed: int) -> None:
    one = _checkpoint(path, changed)
    channels, height, width = one.card.input_shape
    read(one, (np.arange(height * width * channels) % 256).astype(np.uint8).reshape(height, width, channels))

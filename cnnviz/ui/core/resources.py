"""What all sessions share: checkpoints in memory, traces, the workers that carry runs out."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from torch import nn

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import Checkpoint
from cnnviz.inference.evaluate import evaluate
from cnnviz.inference.predict import limit_of_doubt
from cnnviz.links import shorten
from cnnviz.networks import notation, zoo
from cnnviz.runs import Run
from cnnviz.server.classrooms import Classrooms
from cnnviz.server.local_workers import Workers
from cnnviz.server.ray_cluster import Cluster
from cnnviz.server.scheduler import Engine
from cnnviz.tracing import Shape, ShapeError, Step, Tracer
from cnnviz.training.devices import devices as all_devices
from cnnviz.ui.core import reader

ENOUGH = 2000  # test images tell how sure a network is of most
EARLY = "--epoch_"  # between the name of a network and the epoch after which its weights were kept


@st.cache_resource
def workers() -> Engine:
    """What carries out this server's runs: processes of its own machine, or a Ray cluster where one is named. Raises
    ValueError where a variable of the environment has a value that cannot be."""
    address = os.environ.get("CNNVIZ_RAY_ADDRESS")
    return Cluster(address) if address else Workers()


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


@dataclass(frozen=True)
class Traced:
    """A network as far as it goes: its steps, where it stopped, or why its text is none. `text` is its own notation,
    '' where it has none."""

    shape: Shape
    steps: Sequence[Step]
    stopped: ShapeError | None = None
    error: str = ""
    text: str = ""


@st.cache_resource(max_entries=64, show_spinner=False)
def network(name: str, text: str) -> nn.Module:
    """A network of the zoo, or of a text, without weights: to be looked at, never changed. Raises ValueError where the
    text describes none."""
    return zoo.weightless(name) if name in zoo.names() else notation.parse(text).weightless()


@st.cache_resource(max_entries=64, show_spinner=False)
def _tracer(name: str, text: str) -> tuple[Tracer, str]:
    """The tracer of that network, and its text, '' where it has none."""
    model = network(name, text)
    try:
        own = notation.write(model)
    except ValueError:  # it is made of more than a text may name
        own = ""
    return Tracer(model), own


@st.cache_resource(max_entries=256, show_spinner=False)
def traced(name: str, text: str, shape: Shape) -> Traced:
    """The steps of a network of the zoo, or of `text`, for an input of `shape` (N, C, H, W)."""
    try:
        own_tracer, own = _tracer(name, text)
    except ValueError as error:
        return Traced(shape, (), error=str(error))
    try:
        return Traced(shape, own_tracer.trace(shape), text=own)
    except ShapeError as error:
        return Traced(shape, error.steps, error, text=own)
    except ValueError as error:
        return Traced(shape, (), error=f"{error}.", text=own)


def weights(name: str) -> Path:
    """The file of a checkpoint that ships, or of the weights so far of a run; 'NAME--epoch_1' are those after its first
    epoch. Raises ValueError where there is none."""
    whole, _, epoch = name.partition(EARLY)
    if epoch:
        run = runs.EXAMPLE if whole == runs.EXAMPLE.config().network else runs.find(whole)
        if epoch not in map(str, runs.EARLY) or not run.early(int(epoch)).is_file():
            raise ValueError(f"the weights of {shorten(whole)} after epoch {shorten(epoch)} were not kept")
        return run.early(int(epoch))
    path = checkpoints.shipped().get(name) or runs.find(name).weights
    if not path.is_file():
        raise ValueError(f"run {name} has no weights yet; they are written after its first epoch")
    return path


def early(name: str) -> list[str]:
    """The names by which the early weights of a checkpoint or run are found, those that were kept."""
    run = runs.EXAMPLE if name == runs.EXAMPLE.config().network else runs.find(name)
    return [f"{name}{EARLY}{epoch}" for epoch in runs.EARLY if run.early(epoch).is_file()]


def checkpoint(name: str) -> Checkpoint:
    """A checkpoint that ships, or the weights so far of a run. Raises ValueError where there is none."""
    path = weights(name)
    return _checkpoint(path, path.stat().st_mtime_ns)


@st.cache_resource(max_entries=16, show_spinner=False)
def _checkpoint(path: Path, changed: int) -> Checkpoint:
    return checkpoints.load(path)


def readable(name: str, default: str) -> tuple[Checkpoint, str]:
    """A checkpoint and no sentence; the default one, and why, where it cannot be read."""
    try:
        return checkpoint(name), ""
    except ValueError as error:
        return checkpoint(default), f"{error}. {default} is shown in its place."


def doubt(name: str) -> float | None:
    """The entropy in bits above which that network is uncertain (`predict.limit_of_doubt`); None where its data set is
    not on this machine."""
    path = weights(name)
    return _doubt(path, path.stat().st_mtime_ns)


@st.cache_resource(max_entries=64, show_spinner=False)
def _doubt(path: Path, changed: int) -> float | None:
    one = _checkpoint(path, changed)
    if one.card.dataset not in datasets.names():
        return None
    data = datasets.load(one.card.dataset)
    part = replace(data, x_test=data.x_test[:ENOUGH], y_test=data.y_test[:ENOUGH])
    return limit_of_doubt(evaluate(one, part))

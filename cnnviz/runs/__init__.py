"""A run is a directory: what trains writes it, whoever watches reads it."""

from cnnviz.runs.creation import create
from cnnviz.runs.directory import (
    EARLY,
    EXAMPLE,
    FULL,
    LOST_AFTER,
    Run,
    all,
    fail,
    find,
    in_words,
    state,
)
from cnnviz.runs.execution import execute
from cnnviz.runs.journal import FINAL

__all__ = [
    "EARLY",
    "EXAMPLE",
    "FINAL",
    "FULL",
    "LOST_AFTER",
    "Run",
    "all",
    "create",
    "execute",
    "fail",
    "find",
    "in_words",
    "state",
]

"""A run is a directory: what trains writes it, whoever watches reads it."""

from cnnviz.runs.directory import (
    EARLY,
    EXAMPLE,
    FINAL,
    FULL,
    LOST_AFTER,
    Run,
    all,
    carry_out,
    create,
    fail,
    find,
    in_words,
    state,
)

__all__ = [
    "EARLY",
    "EXAMPLE",
    "FINAL",
    "FULL",
    "LOST_AFTER",
    "Run",
    "all",
    "carry_out",
    "create",
    "fail",
    "find",
    "in_words",
    "state",
]

"""Reads texts in a process with bounds on memory and time: a line of JSON comes in for each, and one goes out."""

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

import torch

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.tracing import Tracer
from tests.pace import scaled

SPARE = 1_500_000_000  # bytes of address space above what torch takes
SECONDS = 3.0  # of a processor for one text; the helper ends it after as long
SHAPES = [(2, 4), (1, 3, 8, 8)]


def outcome(text: str) -> dict[str, object]:
    """What becomes of a text: a sentence, or a network that is followed for an input; and the processor's seconds."""
    started = time.process_time()
    try:
        found: dict[str, object] = _read(text)
    except NotationError as error:
        found = {"refused": str(error), "line": error.line, "column": error.column}
    return {**found, "seconds": scaled(time.process_time() - started, SECONDS)}


def _read(text: str) -> dict[str, object]:
    read = own.read(text)
    network = read.weightless(((4,),))
    for shape in SHAPES:
        try:
            return {"steps": len(Tracer(network).trace(shape))}
        except NotationError:
            raise
        except ValueError as error:
            if isinstance(error.__cause__, NotationError):
                raise error.__cause__ from None
            said = str(error)
    return {"stopped": said}


def main() -> None:
    torch.set_num_threads(1)
    signal.signal(signal.SIGPROF, lambda *_: os._exit(9))  # a text that takes for ever ends the child
    outcome("nn.Sequential(nn.Linear(4, 2))")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + SPARE, used + SPARE))
    for line in sys.stdin:
        signal.setitimer(
            signal.ITIMER_PROF, 10 * SECONDS
        )  # seconds of the processor, of which a busy machine gives fewer
        print(json.dumps(outcome(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

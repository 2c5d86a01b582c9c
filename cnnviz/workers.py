"""Who carries runs out: a warm process of its own, so that training never slows the app down.

The app hands the id of a run to `python -m cnnviz worker` on its standard input; the worker, with torch
imported and MNIST loaded, carries out one run after the other and says on its standard output what it is at:

    ready | started <id> | finished <id>

multiprocessing is of no use here: its spawn would import the app's script again.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from cnnviz import runs
from cnnviz.training import TrainConfig, train

ROOT = Path(__file__).parents[1]


class Workers:
    """Takes runs and has them carried out one at a time, in their order. Threads may share it.

    A worker that dies ends its run as failed; the next run gets a fresh worker. When the server ends, its
    worker finishes the run at hand and goes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._queue: list[str] = []

    def warm(self) -> None:
        """Starts the worker, if none is there, so that the next run begins at once."""
        with self._lock:
            self._worker()

    def submit(self, config: TrainConfig) -> str:
        """Hands a run over and returns its id."""
        run = runs.create(config)
        with self._lock:
            self._queue.append(run.id)
            self._send(run.id)
        return run.id

    def stop(self, run_id: str) -> None:
        """Asks a run to stop, whoever carries it out. Raises ValueError where there is no such run."""
        runs.find(run_id).request_stop()

    def running(self) -> list[str]:
        """The runs submitted here that are not over, in their order; the first is the one at work."""
        with self._lock:
            return list(self._queue)

    def close(self) -> None:
        """Lets the worker finish what it has and waits for it to go."""
        with self._lock:
            process = self._process
        if process and process.stdin:
            process.stdin.close()
            process.wait()

    def _worker(self) -> subprocess.Popen[str]:
        if self._process is None:
            path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cnnviz", "worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C in the server's terminal is not meant for the run
            )
            threading.Thread(target=self._watch, args=[self._process], daemon=True).start()
        return self._process

    def _send(self, run_id: str) -> None:
        stdin = self._worker().stdin
        with contextlib.suppress(OSError):  # a worker that just died: _watch hands the queue to the next one
            print(run_id, file=stdin, flush=True)

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Follows what a worker says, to its end."""
        said, run_id = "", ""
        for line in process.stdout or ():
            said, _, run_id = line.strip().partition(" ")
            if said == "finished":
                with self._lock:
                    self._queue.remove(run_id)
        code = process.wait()
        with self._lock:
            self._process = None
            victims = {"started": [run_id], "": list(self._queue)}.get(said, [])  # "": it never got ready
            for victim in victims:
                self._queue.remove(victim)
                with contextlib.suppress(OSError, ValueError):
                    if runs.find(victim).state() in runs.FINAL:
                        continue  # it died after the run was over
                    runs.fail(runs.find(victim), f"its worker process ended ({_how(code)}); press Train again")
            for waiting in self._queue:
                self._send(waiting)


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def serve() -> None:
    """The worker: carries out the runs whose ids come in on standard input, until it ends."""
    next(train(TrainConfig()))  # loads MNIST, and what torch loads at its first step
    print("ready", flush=True)
    for line in sys.stdin:
        run_id = line.strip()
        print("started", run_id, flush=True)
        for _ in runs.carry_out(runs.find(run_id)):
            pass
        print("finished", run_id, flush=True)

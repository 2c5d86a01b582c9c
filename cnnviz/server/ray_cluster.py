"""Who carries runs out on other machines: a Ray cluster, in place of this machine's workers, behind the same queue.

An actor trains in a folder of its own over there and hands its events back, together with the files that are new;
they are written into the run's folder here. So the machines need no common disk, and whoever watches the run cannot
tell where it is trained. Ray is an extra (requirements-ray.txt) and loaded only where a cluster is asked for.

An actor that does not answer any more, or does not hear a stop or its time limit, is killed by ray.kill (watch.py).
"""

import importlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnviz import PACKAGE, runs
from cnnviz.data.files import atomic_write
from cnnviz.runs import FINAL, Run
from cnnviz.server import uncompiled
from cnnviz.server.limits import Limits
from cnnviz.server.scheduler import Scheduler
from cnnviz.server.watch import PATIENCE, Watch
from cnnviz.training import Event, TrainConfig

log = logging.getLogger(__name__)

CHECK_EVERY = 0.3  # seconds between two looks whether a run is to stop
ASK_EVERY = 2.0  # seconds between two questions to an actor whether it is there
Files = dict[str, bytes]  # a file's name -> what is in it
Result = tuple[Event, Files]


class Cluster(Scheduler):
    """Has runs carried out by the Ray cluster at `address` ('auto', 'host:6379' or 'ray://host:10001'), as many at a
    time as the limits say. A remote worker that dies ends its run as failed. Raises ValueError where Ray is not
    installed."""

    def __init__(self, address: str, limits: Limits | None = None, patience: float = PATIENCE):
        limits = limits or Limits.from_environment()
        ray = Connection(address)
        super().__init__([Remote(ray, patience) for _ in range(limits.runs)], limits)


class Connection:
    """Ray, connected when it is first needed: a cluster that is slow to answer does not keep a page waiting."""

    def __init__(self, address: str):
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise ValueError(
                f"CNNVIZ_RAY_ADDRESS = {address!r} asks for a Ray cluster and Ray is not installed; "
                "install it (pip install -r requirements-ray.txt) or unset the variable"
            ) from error
        self.address, self._lock, self._tried = address, threading.Lock(), False

    def try_once(self) -> None:
        """Begins to connect, unless that was tried before, and returns at once."""
        if not self._tried:
            self._tried = True
            threading.Thread(target=self._try, daemon=True).start()

    def ray(self) -> Any:
        """The module, connected. Raises ConnectionError where the cluster does not answer."""
        with self._lock:
            if not self._ray.is_initialized():
                code = {"py_modules": [str(PACKAGE)]}
                self._ray.init(address=self.address, runtime_env=code, log_to_driver=False, configure_logging=False)
                log.info("connected to the Ray cluster at %s", self.address)
            return self._ray

    def _try(self) -> None:
        try:
            self.ray()
        except Exception as error:  # the run that needs it tries again, and tells its reader
            log.warning("the Ray cluster at %s does not answer: %.300r", self.address, _first_line(error))


class Remote:
    """Carries out a run by an actor, made for this run: the cluster's cores are held only while it trains."""

    def __init__(self, connection: Connection, patience: float = PATIENCE):
        self._connection, self._patience = connection, patience

    def warm(self) -> None:
        """Connects, in the background."""
        self._connection.try_once()

    def execute(self, run: Run) -> str:
        """Has a run carried out; returns '' or what ended it from outside."""
        try:
            ray = self._connection.ray()
        except Exception as error:
            return f"the Ray cluster at {self._connection.address} did not answer ({_first_line(error)})"
        try:
            return self._execute(ray, run)
        except (ray.exceptions.RayError, ConnectionError) as error:
            return _ended(error)
        except (OSError, ValueError):  # of the run's folder on this machine
            raise
        except Exception as error:  # the connection has many more kinds
            return _ended(error)

    def _execute(self, ray: Any, run: Run) -> str:
        gpus = 1 if ray.cluster_resources().get("GPU") else 0
        start = run.start.read_bytes() if run.config().start else b""
        actor = ray.remote(num_cpus=1, num_gpus=gpus, max_concurrency=2)(_Trainee).remote(run.config().to_json(), start)
        try:
            if _is_there(ray, actor, run):
                _write_down(run, _results(ray, actor, run, Watch(run, self._patience)))
        except _Unheard as unheard:
            return str(unheard)
        finally:
            ray.kill(actor)
        return ""

    def close(self) -> None:
        """Nothing is held between two runs."""


class _Unheard(Exception):
    """An actor does not answer; the sentence says since when."""


class _Trainee:
    """Over there: carries out one run in a folder of its own. Two threads call it: one trains, one stops."""

    def __init__(self, config: str, start: bytes):
        """`start` holds the weights that the run goes on from, where it does."""
        uncompiled.leave_out()
        self._folder = tempfile.TemporaryDirectory()
        os.environ["CNNVIZ_RUNS"] = self._folder.name
        weights = Path(self._folder.name) / "start"
        weights.write_bytes(start)
        self._run = runs.create(TrainConfig.from_json(config), start=weights if start else None)
        self._events, self._ages = runs.execute(self._run), dict[str, int]()

    def ready(self) -> None:
        """Answers once torch is loaded, and then at once."""

    def next(self) -> Result | None:
        """Trains on to the next event: that, and the files that were written for it. None after the last."""
        event = next(self._events, None)
        if event is None:
            self._folder.cleanup()
            return None
        return event, _new_files(self._run.folder, self._ages)

    def stop(self) -> None:
        """Ends the run between two steps."""
        self._run.request_stop()


def _new_files(folder: Path, ages: dict[str, int]) -> Files:
    """The weights, and what else is kept in their format, where it has changed; `ages` remembers their ages."""
    files = {}
    for path in filter(Path.is_file, folder.glob("*.safetensors")):
        changed = path.stat().st_mtime_ns
        if ages.get(path.name) != changed:
            files[path.name], ages[path.name] = path.read_bytes(), changed
    return files


def _is_there(ray: Any, actor: Any, run: Run) -> bool:
    """Waits until a machine of the cluster is free and ready; False where the run was ended in the meantime."""
    ready = actor.ready.remote()
    while not ray.wait([ready], timeout=CHECK_EVERY)[0]:
        if run.state() in FINAL:
            return False
    ray.get(ready)
    return run.begin()


def _results(ray: Any, actor: Any, run: Run, watch: Watch) -> Iterator[Result]:
    """What comes back, to the end of the run; in between, passes on that it is to stop, and shows that the actor
    answers. Raises _Unheard where it does not."""
    pending, pulse, stop_sent = actor.next.remote(), _Pulse(ray, actor, run), False
    while True:
        if not stop_sent and run.stop_requested():
            actor.stop.remote()
            stop_sent = True
        pulse.look()
        if complaint := watch.complaint():
            raise _Unheard(complaint)
        if not ray.wait([pending], timeout=CHECK_EVERY)[0]:
            continue
        result = ray.get(pending)
        if result is None:
            return
        pending = actor.next.remote()  # training goes on while this result is written
        yield result


class _Pulse:
    """The beat of a run that is trained elsewhere: each answer of its actor is one."""

    def __init__(self, ray: Any, actor: Any, run: Run):
        self._ray, self._actor, self._run = ray, actor, run
        self._question, self._due = actor.ready.remote(), 0.0

    def look(self) -> None:
        """Beats where the last question was answered, and asks the next when it is time. Returns at once."""
        if time.monotonic() >= self._due and self._ray.wait([self._question], timeout=0)[0]:
            self._run.beat()
            self._question, self._due = self._actor.ready.remote(), time.monotonic() + ASK_EVERY


def _write_down(run: Run, results: Iterator[Result]) -> None:
    """Makes of what comes back the run's folder on this machine."""
    for event, files in results:
        for name, content in files.items():
            with atomic_write(run.folder / Path(name).name) as temporary:
                temporary.write_bytes(content)
        run.append(event)


def _ended(error: Exception) -> str:
    return f"its worker in the Ray cluster ended ({_first_line(error)}); press Train again"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".:")

"""The run directory: the one contract between a trainer and whoever watches it.

    config.json          the TrainConfig, whole: what is in it repeats the run
    metrics.jsonl        one JSON object a line, appended and flushed: step, epoch, done, stopped or failed;
                         whoever creates it, empty, has begun the run: nobody else may
    model.safetensors    the weights so far, written to a temporary name and renamed
    best.safetensors     the best weights so far, where the config asks for them, by what it says
    start.safetensors    those that it goes on from, where it does: a copy, whose SHA-256 stands in the config
    epoch_1.safetensors  those of a small network after each epoch of EARLY, to see how it learnt
    look.safetensors     its first kernels and some guesses, as they are now (snapshots.py), written likewise
    stop                 whoever wants the run to stop creates it
    alive                touched again and again by whoever has the run, in a queue or in training; gone at its end
    owner                the session that started it, where one did: a name of 32 letters that says nothing of anybody
    room                 touched while the run stands on the board of a room: until then it is not cleared away

Directories lie in the folder CNNVIZ_RUNS, otherwise in the user's cache folder, and are named by the run's
id.
"""

import contextlib
import errno
import json
import logging
import math
import os
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from cnnviz.data.files import check_regular, read_regular
from cnnviz.data.texts import one_line
from cnnviz.inference import checkpoints
from cnnviz.runs import journal, snapshots
from cnnviz.runs.journal import FINAL
from cnnviz.runs.snapshots import Snapshot
from cnnviz.training import Event, TrainConfig

log = logging.getLogger(__name__)

ID = re.compile(r"[a-z0-9_]{1,40}-\d{8}-\d{6}-[0-9a-f]{8}")
DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
FULL = "the disk that holds the runs is full: free some space or set CNNVIZ_RUNS to another folder"
LOST_AFTER = 20.0  # seconds without one after which nobody has the run any more
NEVER_BEGUN: Event = {"event": "stopped", "step": 0, "epoch": 0.0, "seconds": 0.0}
LONGEST_OWNER = 64  # letters
ON_A_BOARD = 24 * 3600.0  # seconds after `room` was touched
EARLY = (0, 1, 3)  # epochs after which the weights of a small network are kept
LONGEST_REASON = 200  # letters of why a config.json cannot be read
MAX_CONFIG = 2**20  # bytes of a config.json; a text of one's own in it has 20,000 letters


def runs_folder() -> Path:
    """Where the runs lie."""
    return Path(os.environ.get("CNNVIZ_RUNS") or Path.home() / ".cache" / "cnnviz" / "runs")


@dataclass(frozen=True)
class Run:
    """A run by its id. It reads its directory anew each time: another process may be writing there."""

    id: str
    folder: Path

    @property
    def weights(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def best(self) -> Path:
        return self.folder / "best.safetensors"

    @property
    def start(self) -> Path:
        return self.folder / "start.safetensors"

    def early(self, epoch: int) -> Path:
        """The weights after that epoch, where they were kept."""
        return self.folder / f"epoch_{epoch}.safetensors"

    @property
    def owner(self) -> str:
        """The session that started it; '' where it was started by hand on this machine. Read once, for it stays."""
        return _owner(self.folder / "owner")

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest snapshot of the network; None where there is none yet."""
        return snapshots.read(self.folder)

    def config(self) -> TrainConfig:
        """The settings of the run; read once, for nobody writes them twice. Raises ValueError where config.json is not
        one."""
        path = self.folder / "config.json"
        try:
            return _config(path, path.stat().st_mtime_ns)
        except (OSError, RecursionError, OverflowError, TypeError, ValueError) as error:
            reason = one_line(getattr(error, "strerror", None) or error, LONGEST_REASON)
            raise ValueError(f"run {self.id} has no readable config.json ({reason})") from error

    def events(self) -> list[Event]:
        """What has happened so far. A line that was not written to its end is left out."""
        return journal.read(self.folder / "metrics.jsonl")

    def append(self, event: Event) -> None:
        """Adds one line, on a line of its own even after one that a killed trainer left half written."""
        path = self.folder / "metrics.jsonl"
        if path.exists():
            check_regular(path)
        with open(path, "ab+") as file:
            if file.tell() and _last_byte(file) != b"\n":
                file.write(b"\n")
            file.write(json.dumps(event).encode() + b"\n")
        if event["event"] in FINAL:
            with contextlib.suppress(OSError):  # it is gone, or no file
                (self.folder / "alive").unlink()

    def state(self) -> str:
        """waiting, running, done, stopped or failed."""
        return state(self.events())

    @property
    def changed(self) -> int:
        """When its figures were last added to, in nanoseconds; 0 before the first."""
        try:
            return (self.folder / "metrics.jsonl").stat().st_mtime_ns
        except OSError:
            return 0

    def silent_for(self) -> float:
        """Seconds since anything was written: a trainer that was killed leaves its run without an end."""
        written = [0.0]
        with contextlib.suppress(OSError):  # the folder may have been cleared away
            for path in self.folder.iterdir():
                with contextlib.suppress(OSError):  # a temporary name that has just been renamed, a link to nothing
                    written.append(path.stat().st_mtime)
        return time.time() - max(written)

    def age(self) -> float:
        """Seconds since it was made; without end where it has been cleared away."""
        return _since(self.folder / "config.json")

    def begun(self) -> bool:
        """Whether somebody has taken the run, to carry it out or to end it."""
        return (self.folder / "metrics.jsonl").exists()

    def begin(self) -> bool:
        """Takes the run, to carry it out or to end it; False where somebody has done so before."""
        with contextlib.suppress(FileExistsError):
            (self.folder / "metrics.jsonl").touch(exist_ok=False)
            return True
        return False

    def hold(self) -> None:
        """Says that somebody has the run; from now on `beat` shows that they still do."""
        (self.folder / "alive").touch()

    def beat(self) -> None:
        """Shows that somebody has the run; nothing once it is over."""
        with contextlib.suppress(OSError):
            os.utime(self.folder / "alive")

    def last_beat(self) -> int | None:
        """When `beat` was last heard, in nanoseconds of the disk's clock; None where nobody has the run: nobody had it
        yet, or it is over."""
        try:
            return (self.folder / "alive").stat().st_mtime_ns
        except OSError:
            return None

    def is_lost(self) -> bool:
        """Whether the process that had the run has ended without a word. One that nobody ever had is not lost."""
        beat = self.last_beat()
        return beat is not None and time.time() - beat / 1e9 > LOST_AFTER and self.state() not in FINAL

    def request_stop(self) -> None:
        """Asks whoever carries the run out to stop; the weights so far are kept. Raises ValueError where the disk
        does not take it."""
        path = self.folder / "stop"
        try:
            path.touch()
            check_regular(path)
        except OSError as error:
            raise ValueError(cannot_write(error)) from error

    def stop_requested(self) -> bool:
        return (self.folder / "stop").is_file()

    def withdraw(self, reason: str = "") -> bool:
        """Ends the run as stopped, and why if nobody asked for it, where nobody has begun it; False where somebody
        has."""
        if not self.begin():
            return False
        self.append({**NEVER_BEGUN, **({"reason": reason} if reason else {})})
        return True

    def was_never_begun(self) -> bool:
        """Whether it was asked to stop, and did before its first step: there is nothing in it."""
        return self.stop_requested() and not self.weights.exists() and self.events() == [NEVER_BEGUN]

    def keep_on_board(self) -> None:
        """Says that the run stands on the board of a room; however often it is said, it is written once an hour."""
        if _since(self.folder / "room") > 3600:
            with contextlib.suppress(OSError):  # it was cleared away, or the disk is full
                (self.folder / "room").touch()

    def is_on_board(self) -> bool:
        """Whether it stands on the board of a room, of this server or of another."""
        return _since(self.folder / "room") < ON_A_BOARD

    def leave_board(self) -> None:
        """Says that it does no more."""
        with contextlib.suppress(OSError):
            (self.folder / "room").unlink(missing_ok=True)


EXAMPLE = Run("example", checkpoints.SHIPPED / "example")  # the run that made the lenet5 that ships


@lru_cache(maxsize=500)
def _config(path: Path, _changed: int) -> TrainConfig:
    return TrainConfig.from_json(read_regular(path, MAX_CONFIG).decode())


@lru_cache(maxsize=5000)
def _owner(path: Path) -> str:
    if not path.is_file():  # a pipe would keep us waiting
        return ""
    try:
        with path.open(encoding="ascii") as file:
            return file.read(LONGEST_OWNER)
    except (OSError, ValueError):  # there is none, or it is not ours
        return ""


def _since(path: Path) -> float:
    """Seconds since that file was touched; without end where there is none."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return math.inf


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def state(events: list[Event]) -> str:
    """What the events of a run amount to: waiting, running, done, stopped or failed."""
    if not events:
        return "waiting"
    return events[-1]["event"] if journal.is_over(events) else "running"


def all() -> list[Run]:
    """All runs, newest first, by the time when their config was written; folders that are no run are left out."""
    found = []
    with contextlib.suppress(OSError):
        for folder in runs_folder().iterdir():
            with contextlib.suppress(OSError):
                config = folder / "config.json"
                if ID.fullmatch(folder.name) and config.is_file():
                    found.append((config.stat().st_mtime_ns, folder))
    return [Run(folder.name, folder) for _, folder in sorted(found, reverse=True)]


def find(run_id: str) -> Run:
    """The run of that id (only such becomes a path). Raises ValueError where no run has it."""
    run = Run(run_id, runs_folder() / run_id) if ID.fullmatch(run_id) else None
    if run is None or not (run.folder / "config.json").is_file():
        raise ValueError(f"there is no run {run_id[:80]!r} on this machine; it may have been cleared away")
    return run


def fail(run: Run, reason: str) -> Event:
    """Ends the run as failed."""
    for unfinished in run.folder.glob("*.tmp"):  # of a full disk, they may hold what the last line needs
        with contextlib.suppress(OSError):  # it was renamed meanwhile, or is no file
            unfinished.unlink()
    event = {"event": "failed", "reason": reason}
    run.append(event)
    return event


def in_words(error: Exception) -> str:
    """What went wrong, in a sentence where it was the disk that holds the runs."""
    if getattr(error, "errno", None) in DISK_FULL or f"(os error {errno.ENOSPC})" in str(error):  # safetensors' words
        return FULL
    if isinstance(error, OSError) and str(error.filename or "").startswith(str(runs_folder())):
        return cannot_write(error)
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def cannot_write(error: OSError) -> str:
    """Why the disk did not take what was to be written for a run, and the remedy."""
    why = error.strerror or type(error).__name__
    if error.errno in DISK_FULL:
        return FULL
    return f"the folder of the runs cannot be written ({why}: {error.filename}): set CNNVIZ_RUNS to another folder"

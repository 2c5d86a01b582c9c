"""The run directory: the one contract between a trainer and whoever watches it.

    config.json          the TrainConfig, whole: what is in it repeats the run
    metrics.jsonl        one JSON object a line, appended and flushed: step, epoch, done, stopped or failed
    model.safetensors    the weights so far, written to a temporary name and renamed
    stop                 whoever wants the run to stop creates it

Directories lie in the folder CNNVIZ_RUNS, otherwise in the user's cache folder, and are named by the run's
id.
"""

import contextlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cnnviz import checkpoints, datasets
from cnnviz.training import FIGURES, Event, TrainConfig, new_network, train

ID = re.compile(r"[a-z0-9_]{1,40}-\d{8}-\d{6}-[0-9a-f]{8}")
FINAL = ("done", "stopped", "failed")


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

    def config(self) -> TrainConfig:
        """The settings of the run. Raises ValueError where config.json is not one."""
        try:
            return TrainConfig.from_json((self.folder / "config.json").read_text())
        except (OSError, TypeError, ValueError) as error:
            raise ValueError(f"run {self.id} has no readable config.json ({error})") from error

    def events(self) -> list[Event]:
        """What has happened so far. A line that was not written to its end is left out."""
        try:
            lines = (self.folder / "metrics.jsonl").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [event for line in lines if (event := _event(line))]

    def append(self, event: Event) -> None:
        """Adds one line, on a line of its own even after one that a killed trainer left half written."""
        with open(self.folder / "metrics.jsonl", "ab+") as file:
            if file.tell() and _last_byte(file) != b"\n":
                file.write(b"\n")
            file.write(json.dumps(event).encode() + b"\n")

    def state(self) -> str:
        """waiting, running, done, stopped or failed."""
        return state(self.events())

    def silent_for(self) -> float:
        """Seconds since anything was written: a trainer that was killed leaves its run without an end."""
        written = [0.0]
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # a temporary name that has just been renamed
                written.append(path.stat().st_mtime)
        return time.time() - max(written)

    def request_stop(self) -> None:
        """Asks whoever carries the run out to stop; the weights so far are kept."""
        (self.folder / "stop").touch()

    def stop_requested(self) -> bool:
        return (self.folder / "stop").exists()


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    known = isinstance(event, dict) and FIGURES.get(str(event.get("event")))
    return event if known and known <= event.keys() else None


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def state(events: list[Event]) -> str:
    """What the events of a run amount to: waiting, running, done, stopped or failed."""
    if not events:
        return "waiting"
    return events[-1]["event"] if events[-1]["event"] in FINAL else "running"


def create(config: TrainConfig) -> Run:
    """A new run directory, waiting for somebody to carry it out."""
    run_id = f"{config.network.replace(' ', '_')}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
    run = Run(run_id, runs_folder() / run_id)
    run.folder.mkdir(parents=True)
    (run.folder / "config.json").write_text(config.to_json())
    return run


def find(run_id: str) -> Run:
    """The run of that id (only such becomes a path). Raises ValueError where no run has it."""
    run = Run(run_id, runs_folder() / run_id) if ID.fullmatch(run_id) else None
    if run is None or not (run.folder / "config.json").is_file():
        raise ValueError(f"there is no run {run_id[:80]!r} on this machine; it may have been cleared away")
    return run


def carry_out(run: Run) -> Iterator[Event]:
    """Trains what the run's config says, writes the run directory and passes the events on.

    Whatever goes wrong ends the run as 'failed' with its reason. Raises OSError only where even that cannot
    be written.
    """
    try:
        for event in _recorded(run):
            run.append(event)
            yield event
    except ValueError as error:
        yield fail(run, str(error))
    except Exception as error:
        yield fail(run, f"{type(error).__name__}: {error}")


def fail(run: Run, reason: str) -> Event:
    """Ends the run as failed."""
    event = {"event": "failed", "reason": reason}
    run.append(event)
    return event


def _recorded(run: Run) -> Iterator[Event]:
    """The events of the run in training; the weights are saved before the event that tells of them."""
    config = run.config()
    network, data = new_network(config), datasets.load(config.dataset)
    epoch, accuracy = 0.0, None
    for event in train(config, network):
        epoch, accuracy = event.get("epoch", epoch), event.get("test_accuracy")
        stopped = run.stop_requested() and event["event"] not in FINAL
        if event["event"] == "epoch" or stopped:
            card = checkpoints.card_for(
                config.network,
                data,
                accuracy=accuracy,
                epochs=epoch,
                seed=config.seed,
                command=config.command(),
                text=config.text,
            )
            checkpoints.save(run.weights, network, card)
        yield event
        if stopped:
            yield {"event": "stopped", "step": event["step"], "epoch": epoch, "seconds": event["seconds"]}
            return

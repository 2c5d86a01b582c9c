"""What the experiments came to here, run with several seeds and numbers of threads: `bench experiments` measures it.

`measured.jsonl` beside this file holds an outcome a line. One counts as long as its experiment is what it was.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from cnnviz.training.config import TrainConfig
from cnnviz.training.experiments import EXPERIMENTS, Experiment

FILE = Path(__file__).with_name("measured.jsonl")


@dataclass(frozen=True)
class Outcome:
    """A run of an experiment: the shares (0 to 1) that it ended with, `test_accuracies` after each measurement, and
    how many classes are `never_predicted` for a test image in the end; `config` is the digest of what was run."""

    experiment: str
    seed: int
    threads: int
    test_accuracy: float
    train_accuracy: float
    test_accuracies: tuple[float, ...]
    never_predicted: int
    seconds: float
    torch: str
    config: str

    @classmethod
    def from_json(cls, line: str) -> "Outcome":
        """What `to_json` wrote."""
        values = json.loads(line)
        return cls(**{**values, "test_accuracies": tuple(values["test_accuracies"])})

    def to_json(self) -> str:
        """The outcome as one line."""
        return json.dumps(asdict(self))


def digest(config: TrainConfig) -> str:
    """What tells a config from another, whatever its seed and its device."""
    alike = replace(config, seed=0, device=TrainConfig.device, time_limit=0.0)
    return hashlib.sha256(alike.to_json().encode()).hexdigest()[:12]


def keep(line: str) -> None:
    """Appends an outcome, as its JSON, on a line of its own also after half a one."""
    broken = FILE.is_file() and not FILE.read_bytes().endswith(b"\n") and FILE.stat().st_size > 0
    with FILE.open("a", encoding="utf-8") as file:
        file.write(f"{chr(10) * broken}{line}\n")


@cache
def outcomes() -> tuple[Outcome, ...]:
    """All outcomes of experiments as they are now. A line that was being written when the process died is left out."""
    known: list[Outcome] = []
    for line in FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else []:
        with suppress(ValueError):
            known.append(Outcome.from_json(line))
    digests = {name: digest(experiment.config) for name, experiment in EXPERIMENTS.items()}
    return tuple(one for one in known if digests.get(one.experiment) == one.config)


def outcomes_of(experiment: Experiment) -> list[Outcome]:
    """Those of an experiment, by threads and seed."""
    return sorted((one for one in outcomes() if one.experiment == experiment.name), key=lambda o: (o.threads, o.seed))

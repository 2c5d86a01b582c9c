"""What a server lets its readers' runs take, and how long it keeps them.

All of it is set by environment variables; this is their one table:

    CNNVIZ_TRAINING          off: no training on this server [on]
    CNNVIZ_MAX_EPOCHS        epochs of a run [1000]
    CNNVIZ_MAX_SECONDS       seconds of training of a run; 0: as long as it takes [0]
    CNNVIZ_MAX_STEP_WORK     billions of operations of a training step (training/work.py); 0: any number [150]
    CNNVIZ_MAX_STEP_MEMORY   MB of memory of a training step; 0: as much as there is [2000]
    CNNVIZ_MAX_RUNS          runs at a time [1]
    CNNVIZ_MAX_QUEUED        runs that wait, in all [100]
    CNNVIZ_MAX_QUEUED_EACH   runs of one session that wait [20]
    CNNVIZ_KEEP_WAITING      seconds that a run waits on after its reader has left; 0: until its turn comes [60]
    CNNVIZ_KEEP_RUNS         runs that are kept; of those that are over, the oldest of the session with most go [200]
    CNNVIZ_KEEP_RUNS_EACH    runs that are kept of one session; its oldest that are over go first [50]
    CNNVIZ_KEEP_DAYS         days that a run is kept after its end; 0: no matter how old it is [0]
    CNNVIZ_HELPERS           processes that compute for pages what takes long; 0: the server does so itself [2]
    CNNVIZ_MAX_LOOK_MB       MB that the outputs of a network's steps may take at a time (tracing/cost.py) [256]
    CNNVIZ_MAX_GMACS         thousand millions of multiply-accumulates of an evaluation, or of another answer [1000]
    CNNVIZ_MAX_PARAMETERS    parameters of a text's network that is trained, or that predicts [25000000]
    CNNVIZ_WORKER_PRIORITY   low: workers and helpers stand ten steps below the app; idle: a worker also gets only what
                             of the processor nothing else wants, where the system has that (Linux); same: they stand
                             beside the app [low]

A step of the largest work takes two slow cores some 5 seconds, and a stop or the time limit is heard after it.

Those with MAX were called MOST (CNNVIZ_MOST_EPOCHS): such a variable is still read, with a line in the log.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cnnviz.tracing.cost import whole_number
from cnnviz.training import BOUNDS, TrainConfig

log = logging.getLogger(__name__)

LONGEST = BOUNDS["time_limit"][1]
MAX_EPOCHS = int(BOUNDS["epochs"][1])


@dataclass(frozen=True)
class Limits:
    """The bounds of a server, of which each run and each session has its share; see the table above."""

    training: bool = True
    epochs: int = MAX_EPOCHS
    seconds: int = 0
    runs: int = 1
    queued: int = 100
    queued_each: int = 20
    keep_waiting: int = 60
    keep_runs: int = 200
    keep_runs_each: int = 50
    keep_days: int = 0
    helpers: int = 2
    step_work: int = 150
    step_memory: int = 2000
    priority: str = "low"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Limits":
        """The limits that the variables set. Raises ValueError where one of them has a value that cannot be."""
        numbers = {
            field: whole_number(environment[name], name, low, high)
            for field, (new, low, high) in VARIABLES.items()
            for name in [_name(new, environment)]
            if environment.get(name, "").strip()
        }
        priority = _word("CNNVIZ_WORKER_PRIORITY", environment, ("low", "idle", "same"))
        return cls(training=_word("CNNVIZ_TRAINING", environment, ("on", "off")) == "on", priority=priority, **numbers)

    def admit(self, config: TrainConfig) -> TrainConfig:
        """The config within the limits of time. Raises ValueError where the server does not train, or not that long,
        and where a step of the run takes more than one may."""
        from cnnviz.training import work

        if not self.training:
            raise ValueError("this server does not train networks; run the app on your own machine to train there")
        if config.epochs > self.epochs:
            raise ValueError(f"epochs = {config.epochs} is more than the {self.epochs} that this server allows a run")
        work.check_step(config, 1e9 * self.step_work, 1e6 * self.step_memory)
        longest = min(filter(None, (config.time_limit, float(self.seconds))), default=0.0)
        return replace(config, time_limit=longest)

    def check_queue(self, waiting: int, waiting_of_session: int) -> None:
        """Raises ValueError where so many runs wait already that one more has no room."""
        if waiting_of_session >= self.queued_each:
            raise ValueError(
                f"{waiting_of_session} of your runs are waiting, as many as this server takes from one reader; "
                "stop one of them or wait until one begins"
            )
        if waiting >= self.queued:
            raise ValueError(f"{waiting} runs are waiting, as many as this server takes; try again in a while")


VARIABLES: dict[str, tuple[str, int, int]] = {  # field -> its variable, the lowest and the highest value
    "epochs": ("CNNVIZ_MAX_EPOCHS", 1, MAX_EPOCHS),
    "seconds": ("CNNVIZ_MAX_SECONDS", 0, int(LONGEST)),
    "runs": ("CNNVIZ_MAX_RUNS", 1, 64),
    "queued": ("CNNVIZ_MAX_QUEUED", 0, 10_000),
    "queued_each": ("CNNVIZ_MAX_QUEUED_EACH", 0, 10_000),
    "keep_waiting": ("CNNVIZ_KEEP_WAITING", 0, 1_000_000),
    "keep_runs": ("CNNVIZ_KEEP_RUNS", 1, 100_000),
    "keep_runs_each": ("CNNVIZ_KEEP_RUNS_EACH", 1, 100_000),
    "keep_days": ("CNNVIZ_KEEP_DAYS", 0, 36_500),
    "helpers": ("CNNVIZ_HELPERS", 0, 64),
    "step_work": ("CNNVIZ_MAX_STEP_WORK", 0, 10**9),
    "step_memory": ("CNNVIZ_MAX_STEP_MEMORY", 0, 10**9),
}


_logged: set[str] = set()  # old names that the log has a line about


def _name(new: str, environment: Mapping[str, str]) -> str:
    """By which name a variable is set. Where both are, it is the old one that counts: the image that we ship sets new
    ones, and a server that was set up before has its own choice under the old."""
    old = new.replace("_MAX_", "_MOST_")
    if old == new or not environment.get(old, "").strip():
        return new
    if old not in _logged:
        _logged.add(old)
        log.warning("%s is the old name of %s and goes before it; set the new one and unset the old", old, new)
    return old


def _word(name: str, environment: Mapping[str, str], words: tuple[str, ...]) -> str:
    """Which of some words a variable is set to; the first where it is not."""
    text = environment.get(name, "")
    word = text.strip().lower() or words[0]
    if word not in words:
        others = " nor ".join(map(repr, words))
        raise ValueError(f"{name} = {text[:40]!r} is neither {others}; set it to one of them or unset it")
    return word

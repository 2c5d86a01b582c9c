"""Who computes for the pages what takes long: at most a few processes of lower priority, with one queue that is fair to
sessions, so that nobody's edit waits for another's search.

A job is a function of `jobs.JOBS` with plain arguments. A helper carries out one after the other, within bounds of
time and memory: what goes beyond is ended with its process, and a sentence says so. Two sessions that ask the same
share one answer. Without helpers (CNNVIZ_HELPERS=0) the server computes itself, unbounded.
"""

import atexit
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from typing import IO, Any

from cnnviz.server import children, jobs, wire
from cnnviz.server.fair_queue import Turns
from cnnviz.server.limits import Limits

log = logging.getLogger(__name__)

LOOK_EVERY = 0.1  # seconds between two looks at what a helper takes
GRACE = 1.0  # seconds that a job goes on which nobody waits for any more: a new process costs three
START = 120.0  # seconds that a process has to load torch
HUNG = 3.0  # a helper that waits for anything but a processor is given so many times its seconds
MAX_WAITING = 200  # jobs
KEPT = 128 * 2**20  # bytes of answers that are kept for whoever asks the same
SENTENCES = {
    "seconds": "it takes more than the {:g} s that this server gives to one question; ask for something smaller",
    "megabytes": "it takes more than the {:,} MB that this server gives to one question; ask for something smaller",
    "ended": "the process that was to compute it has ended; ask again",
    "full": "{:,} questions wait already, as many as this server takes; ask again in a moment",
    "left": "nobody waits for it any more",
}


@dataclass(frozen=True, eq=False)
class Job:
    """A function of `jobs.JOBS`, its arguments, and how much processor time and memory above an idle helper's it may
    take."""

    function: str
    arguments: tuple[Any, ...]
    seconds: float = 20.0
    megabytes: int = 500

    @cached_property
    def digest(self) -> str:
        """The same for the same function, arguments and bounds, which have the same answer."""
        sent = BytesIO()
        wire.write(sent, (self.function, self.arguments))
        return sha256(sent.getvalue()).hexdigest() + f" {self.seconds} {self.megabytes}"


@dataclass(eq=False)
class Answer:
    """What becomes of a job. `progress` goes from 0 to 1 where it is known."""

    job: Job
    progress: float | None = None
    askers: int = 0
    lasts: bool = False  # whoever asks the same gets it, too
    size: int = 0  # about how many bytes it holds
    _value: Any = None
    _refusal: str | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it is there within so many seconds."""
        return self._over.wait(seconds)

    def value(self) -> Any:
        """The answer. Raises ValueError with a sentence where there is none."""
        if self._refusal is not None:
            raise ValueError(self._refusal)
        return self._value

    @property
    def refusal(self) -> str:
        """Why there is no answer; '' where there is one, or none yet."""
        return self._refusal or ""

    @property
    def good(self) -> bool:
        """Whether there is an answer and not a refusal."""
        return self.over and self._refusal is None

    def end(self, value: Any = None, refusal: str | None = None, lasts: bool = True, size: int = 0) -> None:
        """Gives it its value, which holds about `size` bytes, or why there is none, and whether that lasts; the first
        end counts."""
        if not self.over:
            self._value, self._refusal, self.lasts, self.size = value, refusal, lasts, size
            self._over.set()


class Helpers:
    """So many helper processes and their queue. Threads may share it."""

    def __init__(self, processes: int):
        self._lock = threading.Condition()
        self._turns = Turns()
        self._waiting: dict[str, Answer] = {}  # by the number under which they stand in the queue
        self._kept: OrderedDict[str, Answer] = OrderedDict()  # by the digest of the job, the last used at the end
        self._count = 0
        self._helpers = [_Helper(starts=number == 0) for number in range(processes)]  # others when they are needed
        for helper in self._helpers:
            threading.Thread(target=self._work, args=[helper], daemon=True).start()

    def ask(self, session: str, job: Job) -> Answer:
        """The answer, where somebody has asked the same lately; else a share in what others wait for, or a place in
        the queue for `session`."""
        with self._lock:
            if kept := self._kept.get(job.digest):
                self._kept.move_to_end(job.digest)
                return kept
            for same in [*self._waiting.values(), *(one.at_work for one in self._helpers if one.at_work)]:
                if same.job.digest == job.digest and (same.lasts or (same.askers > 0 and not same.over)):
                    same.askers += 1
                    return same
            answer = Answer(job, askers=1)
            if len(self._waiting) >= MAX_WAITING:
                answer.end(refusal=SENTENCES["full"].format(MAX_WAITING), lasts=False)
            elif self._helpers:
                self._count += 1
                self._waiting[str(self._count)] = answer
                self._turns.add(str(self._count), session)
                self._lock.notify_all()
                return answer
        if not self._helpers:
            _compute_here(answer)
            self._keep(answer)
        return answer

    def has(self, job: Job) -> bool:
        """Whether the answer is there already."""
        with self._lock:
            return job.digest in self._kept

    def leave(self, answer: Answer) -> None:
        """One of those who asked waits no more. A job without anybody who does leaves the queue, or is ended after a
        moment where it is under way."""
        with self._lock:
            answer.askers -= 1
            number = next((number for number, one in self._waiting.items() if one is answer), None)
            if number is not None and answer.askers <= 0:
                self._turns.remove(number)
                del self._waiting[number]
                answer.end(refusal=SENTENCES["left"], lasts=False)

    def close(self) -> None:
        """Ends the processes."""
        for helper in self._helpers:
            helper.end("ended")

    def _work(self, helper: "_Helper") -> None:
        if helper.starts:
            try:
                helper.warm()
            except OSError:  # no process is to be had just now; the first job tries again
                log.exception("a helper could not be started")
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._falls_to(helper))
                answer = self._waiting.pop(str(self._turns.take()))
                helper.at_work = answer
            try:
                helper.carry_out(answer)
            except Exception:
                log.exception("a helper failed at %s", answer.job.function)
            answer.end(refusal=SENTENCES["ended"], lasts=False)
            self._keep(answer)
            helper.at_work = None

    def _falls_to(self, helper: "_Helper") -> bool:
        """Whether a job waits for that helper: a new process costs three seconds, and who is there goes first."""
        ahead = 0 if helper.is_there else sum(one.is_there and one.is_free for one in self._helpers)
        return self._turns.waiting() > ahead

    def _keep(self, answer: Answer) -> None:
        """Keeps an answer for others, within KEPT bytes, also that a job takes too much; the one that was used longest
        ago goes first."""
        with self._lock:
            if answer.lasts:
                self._kept[answer.job.digest] = answer
            self.trim(KEPT)

    def trim(self, most: int) -> None:
        """Keeps answers of `most` bytes, those that were used last."""
        with self._lock:
            while self._kept and sum(one.size for one in self._kept.values()) > most:
                self._kept.popitem(last=False)


class _Helper:
    """A process that carries out one job after the other; another one after it was ended."""

    def __init__(self, starts: bool) -> None:
        self.starts = starts  # it is about to be there
        self.at_work: Answer | None = None
        self._process: children.Child | None = None
        self._idle = 0  # bytes that it holds when it has nothing to do
        self._why = ""  # it was ended
        atexit.register(self.end, "ended")

    @property
    def is_there(self) -> bool:
        """Whether its process is there, or about to be."""
        return self.starts or (self._process is not None and self._process.poll() is None)

    @property
    def is_free(self) -> bool:
        """Whether it takes the next job, now or as soon as it has put the last one away."""
        return self.at_work is None or self.at_work.over

    def warm(self) -> None:
        """Starts the process, if it is not there, and waits until it is ready."""
        if self._process is not None and self._process.poll() is None:
            return
        self._why = ""
        try:
            self._process = children.start("helper")
        finally:
            self.starts = False
        ready = threading.Event()
        threading.Thread(target=self._await, args=[ready], daemon=True).start()
        try:
            wire.read(self._output, {})
        except (EOFError, OSError, ValueError):
            self.end("ended")
        ready.set()
        self._idle = children.resident(self._process.pid)

    def carry_out(self, answer: Answer) -> None:
        """Gives the answer its end."""
        self.warm()
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=[answer, over], daemon=True)
        watch.start()
        try:
            wire.write(self._input, (answer.job.function, answer.job.arguments))
            self._listen(answer)
        except (EOFError, OSError):
            why = self._why
            self.end("ended")
            limit = getattr(answer.job, why, None)
            answer.end(refusal=SENTENCES[why or "ended"].format(limit), lasts=limit is not None)
            log.warning("a helper ended at %s (%s)", answer.job.function, why or "by itself")
        except Exception:  # what it says is not understood, and neither would be what comes after
            self.end("ended")
            raise
        finally:
            over.set()
            watch.join()

    def end(self, why: str) -> None:
        """Ends the process, and waits until it is gone: one that has closed its pipes may still be there for a moment,
        and whoever asked next would be sent to it."""
        process = self._process
        if process is not None and process.poll() is None:
            self._why = why
            process.kill()
            process.wait()

    def _listen(self, answer: Answer) -> None:
        """What the process says of the job, to its end."""
        while not answer.over:
            (said, what), size = wire.read(self._output, jobs.CLASSES)
            match said:
                case "progress":
                    answer.progress = float(what)
                case "answer":
                    answer.end(what, size=size)
                case "refused":
                    answer.end(refusal=str(what))

    def _await(self, ready: threading.Event) -> None:
        """Ends the process where it does not get ready."""
        assert self._process is not None
        clock = children.OwnTime(self._process.pid)
        while not ready.wait(LOOK_EVERY):
            if clock() > START:
                self.end("ended")

    def _watch(self, answer: Answer, over: threading.Event) -> None:
        """Ends the process where it takes more than the job may, or where nobody waits for the job any more."""
        assert self._process is not None
        pid, job = self._process.pid, answer.job
        clock, before, alone = children.OwnTime(pid), children.seconds(pid), 0.0
        while not over.wait(LOOK_EVERY):
            used = children.seconds(pid) - before
            alone = 0.0 if answer.askers > 0 else alone + LOOK_EVERY
            if used > job.seconds or clock() > HUNG * job.seconds:
                self.end("seconds")
            elif children.resident(pid) - self._idle > job.megabytes * 2**20:
                self.end("megabytes")
            elif alone > GRACE:
                self.end("ended")

    @property
    def _input(self) -> IO[bytes]:
        assert self._process is not None and self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process is not None and self._process.stdout is not None
        return self._process.stdout


def _compute_here(answer: Answer) -> None:
    """Gives it its end in this very thread."""
    try:
        value = jobs.JOBS[answer.job.function](*answer.job.arguments, lambda _share: None)
        answer.end(value, size=wire.write(BytesIO(), value))
    except ValueError as error:
        answer.end(refusal=str(error))


def serve() -> None:
    """The helper: carries out the jobs that come in on standard input, until it ends."""
    source, target = children.own_pipes()
    children.stand_back("same" if Limits.from_environment().priority == "same" else "low")
    jobs.warm_up()
    wire.write(target, ("ready", None))
    while True:
        try:
            (function, arguments), _ = wire.read(source, jobs.CLASSES)
        except EOFError:
            return
        wire.write(target, _outcome(function, arguments, _teller(target)))
        jobs.tidy_up()


def _outcome(function: str, arguments: tuple[Any, ...], tell: Callable[[float], None]) -> tuple[str, Any]:
    try:
        return "answer", jobs.JOBS[function](*arguments, tell)
    except ValueError as error:
        return "refused", str(error)
    except MemoryError:
        return "refused", "it takes more memory than there is; ask for something smaller"
    except Exception:
        log.exception("the job %s failed", function)
        return "refused", "it could not be computed, which is a mistake of the app; the server's log has the reason"


def _teller(target: IO[bytes]) -> Callable[[float], None]:
    """Tells the app how far a job has come, ten times a second at most."""
    last = 0.0

    def tell(share: float) -> None:
        nonlocal last
        if time.monotonic() - last > LOOK_EVERY:
            last = time.monotonic()
            wire.write(target, ("progress", float(share)))

    return tell

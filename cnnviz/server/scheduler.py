"""Who is carried out next: one queue for all sessions, within the server's limits, whatever carries the runs out.

What carries them out is an Executor: a process on this machine (local_workers.py) or an actor of a Ray cluster
(ray_cluster.py).
"""

import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from cnnviz import runs
from cnnviz.runs import FINAL, Run, cleanup
from cnnviz.server.fair_queue import Turns
from cnnviz.server.limits import Limits
from cnnviz.server.presence import HERE
from cnnviz.training import TrainConfig, check

log = logging.getLogger(__name__)

CHECK_EVERY = 0.3  # seconds between two looks after the runs in hand
GAVE_WAY = "the queue is full, and its place went to a reader who had nothing in it; press Train again in a while"
LEFT = "its reader has left the page; press Train again"
CHECKS_PER_ROUND = 20  # so many looks, and the runs that others have lost are looked for too


class Engine(Protocol):
    """What a page may ask of whoever carries runs out."""

    limits: Limits

    def submit(self, config: TrainConfig, session: str = "") -> str: ...

    def stop(self, run_id: str) -> None: ...

    def running(self) -> list[str]: ...

    def place(self, run_id: str) -> int | None: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


class Executor(Protocol):
    """Carries out one run at a time."""

    def warm(self) -> None:
        """Gets ready, so that the next run begins at once. Returns at once."""

    def execute(self, run: Run) -> str:
        """Has a run carried out and returns when that is over: '', or what ended it from outside. What hears neither
        `stop` nor its time limit, or gives no sign of life, is ended (watch.py)."""

    def close(self) -> None:
        """Gives back what it holds."""


class Scheduler:
    """An Engine over some carriers, each of which carries out a run at a time. Threads may share it."""

    def __init__(self, executors: Sequence[Executor], limits: Limits):
        self.limits = limits
        self._executors, self._idle = executors, list(executors)
        self._lock = threading.Condition()
        self._turns = Turns()
        self._at_work: list[str] = []
        self._closed = threading.Event()
        self.presence = HERE
        threading.Thread(target=self._keep_checking, daemon=True).start()

    def warm(self) -> None:
        """Gets a carrier ready, if none is, so that the next run begins at once."""
        with self._lock:
            if self.limits.training and len(self._idle) == len(self._executors):
                self._idle[0].warm()

    def submit(self, config: TrainConfig, session: str = "") -> str:
        """Hands a run over and returns its id. The session has its turn among the others; where the queue is full and
        it has nothing in it, the newest run of the session that has most gives way.

        Raises ValueError where the limits do not allow the run, the queue has no room, or the disk does not take it.
        """
        try:
            run = self._admitted(config, session)
        except ValueError as error:
            log.info("a run was refused: %.300r", str(error))
            raise
        cleanup.clear(self.limits.keep_runs, self.limits.keep_days, self.limits.keep_runs_each)
        return run.id

    def _admitted(self, config: TrainConfig, session: str) -> Run:
        """A new run in the queue; raises as `submit` does."""
        config = self.limits.admit(config)
        check(config)
        with self._lock:
            self._check_capacity(session)
        run = runs.create(config, held=True, owner=session)  # weights to go on from may take a while
        with self._lock:
            try:
                giving_way = self._check_capacity(session)
            except ValueError:  # somebody took the place meanwhile
                cleanup.remove(run)
                raise
            if giving_way:
                self._withdraw(giving_way, GAVE_WAY)
            self._turns.add(run.id, session)
            log.info("run %s is submitted; waiting: %d", run.id, self._turns.waiting())
            self._dispatch()
        return run

    def stop(self, run_id: str) -> None:
        """Asks a run to stop, whoever carries it out; one that waits is over at once. Raises ValueError where there is
        no such run."""
        run = runs.find(run_id)
        log.info("run %s is asked to stop", run.id)
        run.request_stop()
        self._check_runs()

    def running(self) -> list[str]:
        """The runs submitted here that are not over: those at work, then those that wait, in their order."""
        with self._lock:
            return [*self._at_work, *self._turns.order()]

    def place(self, run_id: str) -> int | None:
        """The place of a run in the queue: 0 is at work, n waits behind n others. None where it is not in hand here."""
        with self._lock:
            if run_id in self._at_work:
                return 0
            order = self._turns.order()
            return order.index(run_id) + 1 if run_id in order else None

    def close(self) -> None:
        """Ends the runs that wait, lets those at work come to their end, and gives the carriers back."""
        self._closed.set()
        with self._lock:
            waiting = self._turns.order()
            log.info(
                "the scheduler closes; %d runs are at work, %d that wait are ended", len(self._at_work), len(waiting)
            )
            for run_id in waiting:
                self._turns.remove(run_id)
        for run_id in waiting:
            _fail(run_id, cleanup.LOST_WAITING)
        with self._lock:
            self._lock.wait_for(lambda: len(self._idle) == len(self._executors))
        for executor in self._executors:
            executor.close()

    def _check_capacity(self, session: str) -> str | None:
        """The run that has to give way to one of that session; raises ValueError where the queue has no room."""
        if self._idle:
            return None
        waiting, own = self._turns.waiting(), self._turns.waiting(session)
        giving_way = self._turns.newest_of_most() if waiting >= self.limits.queued and not own else None
        self.limits.check_queue(waiting - bool(giving_way), own)
        return giving_way

    def _withdraw(self, run_id: str, reason: str) -> None:
        """Ends a run that waits; the lock is held."""
        self._turns.remove(run_id)
        with contextlib.suppress(OSError, ValueError):  # it was cleared away, or the disk takes nothing more
            if runs.find(run_id).withdraw(reason):
                log.info("run %s is withdrawn: %s", run_id, reason)

    def _withdraw_of_gone(self) -> None:
        """Ends the waiting runs of sessions that have left, a while after: a reload and a short cut are no leaving.
        Those at work go on."""
        if not (patience := self.limits.keep_waiting):
            return
        with self._lock:
            for run_id in self._turns.of(lambda session: self.presence.left_for(session) > patience):
                self._withdraw(run_id, LEFT)

    def _dispatch(self) -> None:
        """Gives idle carriers the runs whose turn it is; the lock is held."""
        while self._idle and (run_id := self._turns.take()) is not None:
            self._at_work.append(run_id)
            threading.Thread(target=self._execute, args=[self._idle.pop(0), run_id], daemon=True).start()

    def _execute(self, executor: Executor, run_id: str) -> None:
        """A run at work, to its end; then the next."""
        log.info("run %s begins", run_id)
        try:
            run = runs.find(run_id)
            reason = "" if run.state() in FINAL else executor.execute(run)  # it may have been stopped by now
        except Exception as error:
            reason = runs.in_words(error)
            if not isinstance(error, OSError | ValueError):
                log.exception("run %s was not carried out", run_id)
        if reason:
            log.warning("run %s ended from outside: %.300r", run_id, reason)
        _fail(run_id, reason or "it was left without an end")
        log.info("run %s is over", run_id)
        with self._lock:
            self._forget(run_id)
            self._idle.insert(0, executor)  # it is warm
            self._dispatch()
            self._lock.notify_all()

    def _keep_checking(self) -> None:
        """Until the end: looks after the runs in hand, and now and then after those that others have lost."""
        checks = 0
        while not self._closed.wait(CHECK_EVERY):
            self._check_runs()
            self._withdraw_of_gone()
            if checks % CHECKS_PER_ROUND == 0:
                cleanup.end_lost(self.running())
            checks += 1

    def _check_runs(self) -> None:
        """Shows that the runs in hand are, and ends those that were asked to stop before anybody began them."""
        for run_id in self.running():
            with contextlib.suppress(OSError, ValueError):  # its folder was cleared away: whoever takes it will see
                run = runs.find(run_id)
                if run.stop_requested() and run.withdraw():
                    with self._lock:
                        self._forget(run_id)
                elif not run.begun():  # from then on whoever carries it out shows that it is alive
                    run.beat()

    def _forget(self, run_id: str) -> None:
        self._turns.remove(run_id)
        if run_id in self._at_work:
            self._at_work.remove(run_id)


def _fail(run_id: str, reason: str) -> None:
    """Ends a run as failed, if it has no end yet."""
    try:
        run = runs.find(run_id)
        if run.state() not in FINAL:
            runs.fail(run, reason)
    except (OSError, ValueError) as error:  # the disk takes nothing more, or the run was cleared away
        log.warning("run %s could not be given its end: %.300r", run_id, str(error))

"""How one process that gets no processor is told from one that hangs: on a real machine, with processes of our own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from cnnviz.server import children
from cnnviz.server.children import OwnTime
from tests.helpers import wait

pytestmark = pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="this system does not tell what a process gets")
BUSY = "while True: pass"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended at the end."""
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for one in made:
        one.kill()
        one.wait()


def on_one_core(made: list[subprocess.Popen[bytes]], code: str) -> int:
    made.append(subprocess.Popen([sys.executable, "-c", code]))
    os.sched_setaffinity(made[-1].pid, {min(os.sched_getaffinity(0))})
    return made[-1].pid


def test_who_works_or_sleeps_or_was_stopped_gets_older_with_the_clock(started: list[subprocess.Popen[bytes]]) -> None:
    sleeper = on_one_core(started, "import time; time.sleep(600)")
    wait(lambda: not children._is_ready(sleeper))
    now = 100.0
    age = OwnTime(sleeper, clock=lambda: now)
    now += 7
    assert age() == 7
    busy = on_one_core(started, BUSY)
    os.kill(busy, signal.SIGSTOP)
    wait(lambda: not children._is_ready(busy))
    age = OwnTime(busy, clock=lambda: now)
    now += 5
    assert age() == 5
    os.kill(busy, signal.SIGCONT)
    before = children.seconds(busy)
    wait(lambda: children.seconds(busy) > before + 0.5)
    now += 1000
    assert 5.5 <= age() <= 5 + children.seconds(busy) - before, "what it worked, and not what it waited"


@pytest.mark.slow
def test_who_gets_no_processor_gets_hardly_older(started: list[subprocess.Popen[bytes]]) -> None:
    on_one_core(started, BUSY)
    starved = on_one_core(started, BUSY)
    os.sched_setscheduler(starved, os.SCHED_IDLE, os.sched_param(0))
    age, began = OwnTime(starved), time.monotonic()
    while time.monotonic() < began + 2:
        time.sleep(0.1)
        age()
    assert age() < 0.5


def test_one_that_has_gone_gets_older_too(started: list[subprocess.Popen[bytes]]) -> None:
    gone = on_one_core(started, "")
    started[-1].wait()
    now = 0.0
    age = OwnTime(gone, clock=lambda: now)
    now = 3.0
    assert age() == 3

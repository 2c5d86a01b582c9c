"""Which sessions are there."""

import threading

from cnnviz.server import presence
from cnnviz.server.presence import GRACE, Presence


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_session_is_gone_a_while_after_its_last_connection():
    clock = Clock()
    here = Presence(clock)
    for _ in range(2):
        here.arrive("a")
    here.leave("a")
    clock.now = 10 * GRACE
    assert not here.is_gone("a"), "its other tab is there"
    here.leave("a")
    clock.now += GRACE
    assert not here.is_gone("a")
    clock.now += 1
    assert here.is_gone("a")


def test_a_reload_is_no_leaving():
    clock = Clock()
    here = Presence(clock)
    here.arrive("a")
    here.leave("a")
    clock.now = GRACE - 1
    here.arrive("a")
    clock.now = 10 * GRACE
    assert not here.is_gone("a")


def test_who_never_had_a_connection_is_not_gone():
    assert not Presence().is_gone("a script")


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(presence, "REMEMBERED", 3)
    clock = Clock()
    here = Presence(clock)
    for number in range(5):
        here.arrive(f"{number}")
        here.leave(f"{number}")
    clock.now = GRACE + 1
    assert [here.is_gone(f"{number}") for number in range(5)] == [False, False, True, True, True]


def test_threads_count_right():
    clock = Clock()
    here = Presence(clock)
    here.arrive("a")

    def reload():
        for _ in range(500):
            here.arrive("a")
            here.leave("a")

    threads = [threading.Thread(target=reload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.now = GRACE + 1
    assert not here.is_gone("a")
    here.leave("a")
    clock.now = 3 * GRACE
    assert here.is_gone("a")

"""Which sessions are there."""

import threading

from cnnviz.server import presence
from cnnviz.server.presence import Presence


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_session_has_left_when_its_last_connection_has_ended():
    clock = Clock()
    here = Presence(clock)
    for _ in range(2):
        here.arrive("a")
    here.leave("a")
    clock.now = 100
    assert here.left_for("a") == 0, "its other tab is there"
    here.leave("a")
    clock.now = 103
    assert here.left_for("a") == 3


def test_who_comes_back_has_not_left():
    clock = Clock()
    here = Presence(clock)
    here.arrive("a")
    here.leave("a")
    clock.now = 9
    here.arrive("a")
    clock.now = 100
    assert here.left_for("a") == 0


def test_who_never_had_a_connection_has_not_left():
    assert Presence().left_for("a script") == 0


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(presence, "REMEMBERED", 3)
    clock = Clock()
    here = Presence(clock)
    for number in range(5):
        here.arrive(f"{number}")
        here.leave(f"{number}")
    clock.now = 1
    assert [here.left_for(f"{number}") for number in range(5)] == [0, 0, 1, 1, 1]


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
    clock.now = 1
    assert here.left_for("a") == 0
    here.leave("a")
    clock.now = 3
    assert here.left_for("a") == 2

"""Rooms: what is kept of a class, and for how long."""

import threading

import pytest

from cnnviz.server.classrooms import (
    KEPT,
    LENGTH,
    LONGEST_NAME,
    MAX_EACH,
    MAX_ROOMS,
    MAX_RUNS,
    Classrooms,
    cleaned,
    is_code,
    nickname,
)
from tests.helpers import refused


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_runs_appear_in_their_room_alone():
    rooms = Classrooms()
    one, other = rooms.open(), rooms.open()
    rooms.add(one, "Fox", "run-1", "a")
    rooms.add(one, "Otter", "run-2", "b")
    assert [(entry.nickname, entry.run) for entry in rooms.board(one)] == [("Fox", "run-1"), ("Otter", "run-2")]
    assert rooms.board(other) == [] and one != other and is_code(one) and is_code(other)


@pytest.mark.parametrize("code", ["", "ABC", "../..", "a" * 500, "ABCDE1", "абвгде"])
def test_a_room_that_is_not_there(code):
    rooms = Classrooms()
    assert not is_code(code)
    for ask in (lambda: rooms.board(code), lambda: rooms.add(code, "Fox", "run", "a")):
        with refused(repr(code[:12])):
            ask()


def test_bounds():
    rooms, clock = Classrooms(), Clock()
    code = rooms.open()
    rooms.add(code, "Fox", "another's", "b")
    for number in range(MAX_EACH + 3):
        rooms.add(code, "Fox", f"run-{number}", "a")
    assert [entry.run for entry in rooms.board(code)] == [
        "another's",  # goes by the same nickname, and loses nothing by that
        *(f"run-{number}" for number in range(3, MAX_EACH + 3)),
    ]
    for number in range(MAX_RUNS):
        rooms.add(code, f"name {number}", f"other-{number}", f"session {number}")
    assert len(rooms.board(code)) == MAX_RUNS and rooms.board(code)[0].run == "other-0"
    rooms = Classrooms(clock)
    codes = []
    for number in range(MAX_ROOMS + 2):
        clock.now = number
        codes.append(rooms.open())
    with pytest.raises(ValueError):
        rooms.board(codes[1])
    assert rooms.board(codes[2]) == []


def test_a_room_that_is_not_used_goes():
    clock = Clock()
    rooms = Classrooms(clock)
    left, used = rooms.open(), rooms.open()
    clock.now = KEPT - 1
    rooms.add(used, "Fox", "run", "a")
    clock.now = KEPT + 1
    assert len(rooms.board(used)) == 1
    with refused(repr(left)):
        rooms.board(left)


def test_many_at_once_lose_nothing():
    rooms = Classrooms()
    code = rooms.open()

    def student(name):
        for number in range(10):
            rooms.add(code, name, f"{name}-{number}", name)

    threads = [threading.Thread(target=student, args=(f"student {number}",)) for number in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(rooms.board(code)) == 200


def test_nicknames():
    assert cleaned("  Ada\n Lovelace\t") == "Ada Lovelace" and len(cleaned("x" * 99)) == LONGEST_NAME
    assert cleaned("<b>hi</b>") == "<b>hi</b>"  # it is escaped where it is shown
    for name in ("", " \n", "\x00\x07"):
        with refused("letter"):
            cleaned(name)
    assert all(cleaned(name) == name for name in (nickname() for _ in range(50))) and LENGTH == 6

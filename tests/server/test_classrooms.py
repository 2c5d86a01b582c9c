"""Rooms: what is kept of a class, and for how long."""

import threading

import pytest

from cnnviz.server.classrooms import (
    IN_USE,
    KEPT,
    LENGTH,
    LONGEST_NAME,
    MAX_EACH,
    MAX_ROOMS,
    MAX_ROOMS_EACH,
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


def exist(rooms, codes):
    found = []
    for code in codes:
        try:
            rooms.board(code)
        except ValueError:
            continue
        found.append(code)
    return found


def test_a_hundred_rooms_of_one_session_push_no_others_out():
    clock = Clock()
    rooms = Classrooms(clock)
    teachers = rooms.open("teacher")
    clock.now = IN_USE + 1
    codes = []
    for _ in range(MAX_ROOMS + 1):
        clock.now += 1
        codes.append(rooms.open("one"))
    assert exist(rooms, codes) == codes[-MAX_ROOMS_EACH:] and exist(rooms, [teachers]) == [teachers]


def test_when_all_are_taken_the_session_with_most_loses_the_one_that_was_used_longest_ago():
    clock = Clock()
    rooms = Classrooms(clock)
    greedy = []
    for _ in range(3):
        clock.now += 1
        greedy.append(rooms.open("greedy"))
    others = [rooms.open(f"session {number}") for number in range(MAX_ROOMS - 3)]
    clock.now += 1
    rooms.board(greedy[0])
    mine = [rooms.open("new"), rooms.open("another")]
    assert exist(rooms, [*greedy, *others, *mine]) == [greedy[0], *others, *mine]


def test_a_room_in_use_does_not_go_for_another_one():
    clock = Clock()
    rooms = Classrooms(clock)
    codes = [rooms.open(f"session {number}") for number in range(MAX_ROOMS)]
    with refused(MAX_ROOMS):
        rooms.open("one more")
    clock.now = IN_USE + 1
    exist(rooms, codes[1:])
    new = rooms.open("one more")
    assert exist(rooms, [*codes, new]) == [*codes[1:], new]
    assert rooms.open("session 5") not in codes, "one's own is one's own"


def test_nobody_takes_anothers_nickname():
    rooms = Classrooms()
    code, other = rooms.open(), rooms.open()
    assert rooms.name(code, "Ada", ["a"]) == "Ada"
    assert [rooms.name(code, name, ["b"]) for name in ("Ada", "ada", "ＡＤＡ")] == ["Ada 2", "ada 2", "ＡＤＡ 2"]
    assert rooms.name(other, "Ada", ["b"]) == "Ada"
    assert rooms.name(code, "Ada", ["c"]) == "Ada 3"
    assert rooms.name(code, "Grace", ["b"]) == "Grace"
    assert rooms.name(code, "Ada", ["d"]) == "Ada 2", "who goes by another name leaves the old one free"
    long = "x" * LONGEST_NAME
    assert rooms.name(code, long, ["e"]) == long
    assert rooms.name(code, long, ["f"]) == f"{'x' * (LONGEST_NAME - 2)} 2"


def test_a_nickname_on_the_board_stays_taken():
    rooms = Classrooms()
    code = rooms.open()
    rooms.add(code, "Ada", "run-1", "a")
    rooms.name(code, "Grace", ["a"])
    assert rooms.name(code, "Ada", ["b"]) == "Ada 2" and rooms.name(code, "Ada", ["a"]) == "Ada"
    rooms.add(code, "Ada", "run-2", "c")
    assert [entry.nickname for entry in rooms.board(code)] == ["Ada", "Ada 3"]


def test_both_names_of_a_reader_are_one():
    rooms = Classrooms()
    code = rooms.open("connection")
    assert rooms.name(code, "Ada", ["connection"]) == "Ada"
    rooms.add(code, "Ada", "run-1", "connection")
    assert rooms.name(code, "Ada", ["browser", "connection"]) == "Ada"
    assert rooms.nicknames(code) == {"browser": "Ada"}
    for number in range(MAX_EACH):
        rooms.add(code, "Ada", f"more-{number}", "browser", "connection")
    assert {(entry.nickname, entry.run == "run-1") for entry in rooms.board(code)} == {("Ada", False)}
    rooms.remove(code, "more-3", ["browser", "connection"])


def test_who_opened_a_room_keeps_order_and_nobody_else():
    rooms = Classrooms()
    code, open_to_nobody = rooms.open("teacher"), rooms.open()
    for run in ("run-1", "run-2"):
        rooms.add(code, "Ada", run, "a")
    assert rooms.opener(code) == "teacher" and rooms.openers("run-1") == ["teacher"] and rooms.openers("run-9") == []
    for change in (lambda by: rooms.remove(code, "run-1", by), lambda by: rooms.close(code, by)):
        for by in ([], [""], ["a"], ["b", ""]):
            with refused(code):
                change(by)
    with refused(open_to_nobody):
        rooms.close(open_to_nobody, [""])
    rooms.remove(code, "run-1", ["teacher", "connection"])
    assert [entry.run for entry in rooms.board(code)] == ["run-2"]
    assert [entry.run for entry in rooms.close(code, ["teacher"])] == ["run-2"]
    with refused(repr(code)):
        rooms.board(code)


def test_a_class_that_chooses_one_nickname_at_once_has_as_many():
    rooms = Classrooms()
    code, given = rooms.open(), []
    threads = [
        threading.Thread(target=lambda number=number: given.append(rooms.name(code, "Ada", [f"session {number}"])))
        for number in range(40)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(set(given)) == 40 and sorted(rooms.nicknames(code).values()) == sorted(given)

import random
from collections import Counter

from cnnviz.server.fair_queue import REMEMBERED, Turns


def filled(*pairs):
    turns = Turns()
    for run_id, session in pairs:
        turns.add(run_id, session)
    return turns


def taken(turns):
    return [turns.take() for _ in range(turns.waiting())]


def test_one_session_keeps_its_order():
    assert taken(filled(("a1", "a"), ("a2", "a"), ("a3", "a"))) == ["a1", "a2", "a3"]


def test_a_session_with_ten_runs_does_not_keep_the_others_waiting():
    turns = filled(*((f"a{i}", "a") for i in range(10)))
    assert turns.take() == "a0"
    turns.add("b0", "b")
    turns.add("c0", "c")
    assert turns.order()[:5] == ["b0", "c0", "a1", "a2", "a3"]


def test_whoever_had_the_last_turn_longest_ago_is_next():
    turns = filled(("a1", "a"), ("b1", "b"))
    assert taken(turns) == ["a1", "b1"]
    for run_id, session in (("b2", "b"), ("a2", "a"), ("c1", "c")):
        turns.add(run_id, session)
    assert taken(turns) == ["c1", "a2", "b2"]


def test_the_order_is_foretold_and_each_round_gives_everybody_one():
    chance = random.Random(0)
    for _ in range(200):
        turns = Turns()
        for index in range(chance.randrange(1, 30)):
            turns.add(f"{index}", f"session {chance.randrange(5)}")
            if chance.random() < 0.3:
                turns.take()
        foretold = turns.order()
        sizes = Counter({session: len(own) for session, own in turns._waiting.items()})
        owner = {run_id: session for session, own in turns._waiting.items() for run_id in own}
        assert taken(turns) == foretold and turns.take() is None
        first_round = [owner[run_id] for run_id in foretold[: len(sizes)]]
        assert len(set(first_round)) == len(sizes)


def test_a_run_leaves_from_wherever_it_stands():
    turns = filled(("a1", "a"), ("b1", "b"), ("a2", "a"))
    turns.remove("b1")
    turns.remove("nobody")
    assert turns.order() == ["a1", "a2"] and turns.waiting("a") == turns.waiting() == 2 and turns.waiting("b") == 0


def test_the_memory_of_turns_is_bounded():
    turns = Turns()
    for index in range(REMEMBERED + 50):
        turns.add(f"run {index}", f"session {index}")
        turns.take()
    assert len(turns._last) == REMEMBERED and f"session {REMEMBERED + 49}" in turns._last


def test_the_newest_of_whoever_has_most():
    assert filled().newest_of_most() is None and filled(("a1", "a"), ("b1", "b")).newest_of_most() is None
    turns = filled(("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b"), ("a3", "a"))
    assert turns.newest_of_most() == "a3"
    assert turns.of(lambda session: session == "b") == ["b1", "b2"]

"""What becomes of jobs and of the processes that carry them out: how they are told, shared, bounded and ended, by a
helper that loads no torch (light_helper.py); and that the real one answers as the app would."""

import os
import signal

import pytest

from cnnviz.server import helpers, jobs
from cnnviz.server.helpers import Helpers, Job
from tests.helpers import PATIENCE, names, program, refused, wait
from tests.server import light_helper

pytestmark = pytest.mark.slow
BROKEN = "nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(100, 10))"
HUNG = "#!/bin/sh\nexec sleep 600\n"


def small(number, **limits):
    return Job("echo", (number,), **limits)


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    return program(tmp_path_factory.mktemp("light"), light_helper.PROGRAM)


@pytest.fixture(scope="module")
def pool(light):
    """One light process, there from test to test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.executable", light)
        one = Helpers(1)
        over(one.ask("a", small(-1)))
    yield one
    one.close()


@pytest.fixture
def shared(pool, light, monkeypatch):
    monkeypatch.setattr("sys.executable", light)
    return pool


def over(answer):
    assert answer.wait(PATIENCE)
    return answer


def pid(pool):
    return pool._helpers[0]._process.pid


def test_an_answer_is_what_the_app_would_have_computed_itself_and_one_that_takes_too_long_is_a_refusal():
    """The process is `cnnviz helper`, with torch."""
    pool = Helpers(1)
    questions = [
        ("lenet5", "", (2, 1, 32, 32), "", (), ()),
        ("own text", BROKEN, (1, 1, 28, 28), "", (), ()),
        ("own text", "x", (1, 1, 28, 28), "", (), ()),
    ]
    for question in questions:
        here = jobs.trace(*question, lambda _: None)
        assert over(pool.ask("a", Job("trace", question))).value() == here
    assert here.error
    first, *_ = over(pool.ask("a", Job("remedies", questions[1]))).value()
    assert (first.text, first.whole) == ("Linear(2704, 10)", True)
    assert f"nn.Linear({4 * 26 * 26}, 10)" in first.network

    long = over(pool.ask("a", Job("trace", ("resnet152", "", (1, 3, 224, 224), "", (), ()), seconds=0.02)))
    with refused("0.02"):
        long.value()
    pool.close()


def test_without_processes_it_computes_itself():
    answer = Helpers(0).ask("a", Job("trace", ("lenet5", "", (1, 1, 28, 28), "", (), ())))
    assert answer.over and answer.value().steps[0].operation == "Conv2d"


def test_who_asks_the_same_shares_the_answer(shared):
    first, second = shared.ask("a", small(1)), shared.ask("b", small(1))
    assert first is second and over(first).value() is shared.ask("c", small(1)).value()


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_is_answered(shared):
    before = over(shared.ask("a", small(2))) and pid(shared)
    answer = over(shared.ask("a", Job("work", (), seconds=0.02)))
    with refused("0.02"):
        answer.value()
    assert over(shared.ask("a", small(3))).good and pid(shared) != before
    assert shared.ask("b", Job("work", (), seconds=0.02)) is answer, "it is not tried again"


def test_a_job_that_takes_too_much_memory_is_ended(shared):
    over(shared.ask("a", small(40)))
    answer = over(shared.ask("a", Job("hold", (50,), megabytes=20)))
    with refused("20 MB"):
        answer.value()
    assert over(shared.ask("a", small(4))).good


def test_a_helper_that_hangs_blocks_nobody(shared):
    over(shared.ask("a", small(5)))
    os.kill(pid(shared), signal.SIGSTOP)
    answer = over(shared.ask("a", small(6, seconds=0.2)))
    with refused("0.2"):
        answer.value()
    assert over(shared.ask("b", small(7))).good


def test_another_process_is_started_only_when_the_first_is_at_work(light, monkeypatch):
    monkeypatch.setattr("sys.executable", light)
    pool = Helpers(2)
    try:
        for number in range(3):  # the first of them while the process starts
            assert over(pool.ask("a", small(number))).good
        first, second = pool._helpers
        assert second._process is None
        os.kill(first._process.pid, signal.SIGSTOP)
        held = pool.ask("a", small(3))
        wait(lambda: first.at_work is held)
        assert over(pool.ask("b", small(4))).good and not held.over and second._process.poll() is None
        os.kill(first._process.pid, signal.SIGKILL)
        wait(lambda: first._process.poll() is not None)
        wait(lambda: first.at_work is None)
        assert over(pool.ask("a", small(5))).good and first._process.poll() is not None
    finally:
        pool.close()


def test_one_that_could_not_be_started_is_started_for_the_next_job(light, monkeypatch):
    monkeypatch.setattr("sys.executable", light)
    start, tried = helpers.children.start, []

    def starting(kind):
        tried.append(kind)
        if len(tried) == 1:
            raise BlockingIOError("no process is to be had")
        return start(kind)

    monkeypatch.setattr(helpers.children, "start", starting)
    pool = Helpers(2)
    try:
        wait(lambda: tried)
        assert over(pool.ask("a", small(1))).good
    finally:
        pool.close()


def test_one_that_died_while_it_was_idle_is_replaced(shared):
    over(shared.ask("a", small(8)))
    os.kill(pid(shared), signal.SIGKILL)
    wait(lambda: shared._helpers[0]._process.poll() is not None)
    assert over(shared.ask("a", small(9))).good


def test_a_session_with_many_jobs_delays_another_by_one_at_most(shared, monkeypatch):
    order, carry_out = [], helpers._Helper.carry_out

    def noted(self, answer):
        order.append(answer)
        carry_out(self, answer)

    monkeypatch.setattr(helpers._Helper, "carry_out", noted)
    over(shared.ask("c", small(10)))
    os.kill(pid(shared), signal.SIGSTOP)
    many = [shared.ask("a", small(number)) for number in range(20, 26)]
    lone = shared.ask("b", small(11))
    os.kill(pid(shared), signal.SIGCONT)
    assert all(over(answer).good for answer in (*many, lone))
    assert order.index(lone) <= 2  # after the first of all and one of the many


def test_what_nobody_waits_for_leaves_the_queue_or_is_ended(shared):
    over(shared.ask("a", small(12)))
    before = pid(shared)
    os.kill(before, signal.SIGSTOP)
    at_work, waiting = shared.ask("a", small(13)), shared.ask("a", small(14))
    wait(lambda: shared._helpers[0].at_work is at_work)
    shared.leave(waiting)
    assert waiting.over and not waiting.good
    shared.leave(at_work)
    assert not over(at_work).good
    assert over(shared.ask("a", small(14))).good and pid(shared) != before


def test_a_full_queue_says_so_and_later_has_room(shared, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(helpers, "MAX_WAITING", 0)
        answer = shared.ask("a", small(15))
    assert not answer.lasts and names(answer.refusal, 0)
    assert over(shared.ask("a", small(15))).good


def test_one_that_hangs_while_it_starts_is_ended(tmp_path, light, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(helpers, "START", 0.2)
        patch.setattr("sys.executable", program(tmp_path, HUNG))
        pool = Helpers(1)
        answer = over(pool.ask("a", small(17)))
    assert not answer.lasts and answer.refusal
    monkeypatch.setattr("sys.executable", light)
    assert over(pool.ask("a", small(17))).good
    pool.close()


def test_after_what_is_not_understood_there_is_a_fresh_one(shared):
    before = over(shared.ask("a", small(18))) and pid(shared)
    answer = over(shared.ask("a", Job("strange", ())))
    assert not answer.lasts and answer.refusal
    assert over(shared.ask("a", small(19))).good and pid(shared) != before


def test_answers_are_kept_within_their_bytes(shared, monkeypatch):
    first = over(shared.ask("a", small(16)))
    wait(lambda: shared._kept)
    monkeypatch.setattr(helpers, "KEPT", first.size * 3)
    for number in range(30, 36):
        over(shared.ask("a", small(number)))
    wait(lambda: len(shared._kept) in (1, 2, 3))
    assert shared.ask("a", small(35)).over
    shared.trim(first.size)
    assert len(shared._kept) <= 1 and shared.ask("a", small(35)).over
    shared.trim(0)
    assert not shared._kept

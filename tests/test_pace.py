"""What takes longer than its bound fails, by the pace of the machine."""

import time
from contextlib import nullcontext

import pytest

from tests import pace


def spent(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.mark.parametrize(("slower", "passes"), [(0.5, False), (1.0, False), (2.0, False), (1000.0, True)])
def test_a_bound_is_as_many_times_as_long_as_the_machine_is_slow(
    monkeypatch: pytest.MonkeyPatch, slower: float, passes: bool
) -> None:
    monkeypatch.setattr(pace, "pace", lambda: slower)
    outcome = nullcontext() if passes else pytest.raises(AssertionError, match=r"0\.01")
    with outcome, pace.within(0.01):
        spent(0.03)


def test_what_keeps_to_its_bound_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "pace", lambda: pytest.fail("measured"))
    with pace.within(60):
        spent(0)


def test_the_pace_is_that_of_the_processor() -> None:
    assert 0.05 < pace.pace() < 100

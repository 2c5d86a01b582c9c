"""Samples of the long checks: the same every time, another by another seed, and each try the same in any of them."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.sampling import Tries, chosen, outside


def test_a_sample_is_the_same_until_another_is_asked_for() -> None:
    assert chosen(1000, 20, "0 test") == chosen(1000, 20, "0 test") == sorted(set(chosen(1000, 20, "0 test")))
    assert chosen(1000, 20, "0 test") != chosen(1000, 20, "1 test") and chosen(3, 20, "0 test") == [0, 1, 2]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_try_of_a_sample_is_that_of_the_whole(seed: int) -> None:
    whole = [pick.random() for pick in Tries("test", seed, whole=True)(100, sample=5)]
    sample = [pick.random() for pick in Tries("test", seed, whole=False)(100, sample=5)]
    assert len(set(whole)) == 100 and sample == [whole[number] for number in chosen(100, 5, f"{seed} test")]


def test_the_last_try_is_known() -> None:
    tries = Tries("test", 0, whole=False)
    for _ in tries(100, sample=5):
        pass
    assert tries.last == chosen(100, 5, "0 test")[-1]


def item(name: str, **marks: Any) -> Any:
    found = {mark: SimpleNamespace(kwargs=kwargs) for mark, kwargs in marks.items()}
    return SimpleNamespace(nodeid=name, get_closest_marker=found.get)


def test_of_long_tests_alone_parameters_are_left_out() -> None:
    short = [item(f"short[{number}]") for number in range(10)]
    long = [item(f"long[{number}]", long={"sample": 3}) for number in range(10)]
    left_out = [one.nodeid for one in outside([*short, *long], 0)]
    assert len(left_out) == 7 and all(name.startswith("long[") for name in left_out)

"""Who gives first where there is not enough for all."""

import random
from collections import Counter

import pytest

from cnnviz.data.shares import most, surplus


@pytest.mark.parametrize(
    ("owners", "each", "in_all", "gone"),
    [
        ("", 1, 1, []),
        ("aab", 5, 5, []),
        ("aaab", 2, 9, [0]),  # its own oldest
        ("abaab", 1, 9, [0, 1, 2]),
        ("baaa", 9, 2, [1, 2]),  # of whoever has most
        ("abc", 9, 2, [0]),  # of equals the oldest
        ("abab", 9, 1, [0, 1, 2]),
        ("ab", 9, 0, [0, 1]),
    ],
)
def test_whoever_has_most_gives_first(owners, each, in_all, gone):
    assert surplus(list(owners), each, in_all) == gone


def test_what_nobody_owns_is_bounded_together_alone():
    assert surplus(["", "", "", "a"], 1, 9) == []
    assert surplus(["a", "", "", ""], 1, 2) == [1, 2]


def test_one_owner_cannot_push_others_out():
    generator = random.Random(0)
    for _ in range(300):
        owners = [generator.choice("abcdefgh") for _ in range(generator.randrange(60))]
        each, in_all = generator.randrange(1, 12), generator.randrange(1, 40)
        gone = surplus(owners, each, in_all)
        kept = Counter(owner for place, owner in enumerate(owners) if place not in gone)
        assert kept.total() <= in_all and max(kept.values(), default=0) <= each
        for place in gone:  # whoever lost one had as many as anybody has now, or more than one may have
            assert kept[owners[place]] + 1 > each or kept[owners[place]] + 1 >= max(kept.values())
        for owner in "abcdefgh":  # its oldest
            own = [place for place, other in enumerate(owners) if other == owner]
            assert [place for place in own if place in gone] == own[: len(own) - kept[owner]]


def test_most():
    assert (most([]), most(["a", "b"]), most(["a", "b", "a"])) == (0, 1, 2)

"""What many sessions share when there is not enough for all: whoever has most gives first, of its own the oldest."""

from collections import Counter, deque
from collections.abc import Sequence


def surplus(owners: Sequence[str], each: int, in_all: int) -> list[int]:
    """The places in `owners` of the things that have to go: `owners` says whose each thing is, the oldest first.

    Nobody keeps more than `each`, the newest ones. If that is still more than `in_all` together, the oldest goes of
    whoever has most, again and again; of equals, whose oldest is the oldest. What nobody owns ('') counts as one
    owner's, which `each` does not bind.
    """
    own: dict[str, deque[int]] = {}
    for place, owner in enumerate(owners):
        own.setdefault(owner, deque()).append(place)
    gone = [places.popleft() for owner, places in own.items() if owner for _ in range(len(places) - each)]
    for _ in range(sum(map(len, own.values())) - in_all):
        gone.append(max(own.values(), key=lambda places: (len(places), -places[0] if places else 0)).popleft())
    return sorted(gone)


def most(owners: Sequence[str]) -> int:
    """How many things whoever has most has; 0 where there are none."""
    return max(Counter(owners).values(), default=0)

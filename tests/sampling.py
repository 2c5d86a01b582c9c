"""Long checks try a sample in `make test`, and everything in `make test-long`. Two kinds of tests are long:

    @pytest.mark.long(sample=3)     one with many parameters: three of them are run
    def test_...(tries): for pick in tries(300, sample=40):    one of many random settings: forty of them are tried

Which ones, a seed says that stands in the header: the same sample every time, unless `--seed` asks for another. Each
try has a generator of its own, so that it is the same in any sample; the number of the last one stands in the report
of a failure.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

LONGEST = ("test_types.py", "test_ray_cluster.py")  # at the end the other processes would wait for them
_LEFT_OUT = re.compile("is not (installed|set)")


class Tries:
    """Random generators for the tries of one test, all of them or a sample."""

    def __init__(self, name: str, seed: int, whole: bool):
        self._name, self._seed, self._whole, self.last = name, seed, whole, -1

    def __call__(self, count: int, sample: int) -> Iterator[random.Random]:
        """A generator for each of `count` tries, or for `sample` of them."""
        for number in range(count) if self._whole else chosen(count, sample, f"{self._seed} {self._name}"):
            self.last = number
            yield random.Random(f"{self._name} {number}")


def chosen(count: int, sample: int, seed: str) -> list[int]:
    """`sample` of the numbers below `count`, in order; all of them where there are no more."""
    return sorted(random.Random(seed).sample(range(count), min(count, sample)))


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> Iterator[Tries]:
    """tries(300, sample=40): see above."""
    config = request.config
    made = Tries(request.node.name, config.getoption("seed"), config.getoption("long"))
    yield made
    print(f"The last try was number {made.last}.")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="long checks run whole, not a sample of each")
    parser.addoption("--seed", type=int, default=0, help="what draws the sample of the long checks [0]")


def pytest_report_header(config: pytest.Config) -> str:
    if config.getoption("long"):
        return "long checks: whole"
    return f"long checks: the sample of --seed {config.getoption('seed')} (all of it: --long)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begins with what takes longest, and leaves out the parameters of long tests that stand in no sample."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    if config.getoption("long"):
        return
    left_out = set(outside(items, config.getoption("seed")))
    items[:] = [one for one in items if one not in left_out]
    config.hook.pytest_deselected(items=list(left_out))


def outside(items: list[pytest.Item], seed: int) -> Iterator[pytest.Item]:
    """The items that stand in no sample of their test."""
    of_test: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("long"):
            of_test.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for name, its in of_test.items():
        sample = its[0].get_closest_marker("long").kwargs["sample"]
        inside = chosen(len(its), sample, f"{seed} {name}")
        yield from (item for number, item in enumerate(its) if number not in inside)


def say_what_was_left_out(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was left out because something is not installed, or not there."""
    skipped = [str(report.longrepr[-1]) for report in terminalreporter.getreports("skipped")]
    for reason in dict.fromkeys(one for one in skipped if _LEFT_OUT.search(one)):
        terminalreporter.write_line(f"{skipped.count(reason)} tests were left out: {reason.removeprefix('Skipped: ')}")

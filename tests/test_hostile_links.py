"""Links that nobody of ours made: mutations of good ones. Whatever a link says, a page opens, within bounds of work and
memory, and the next thing that its reader does is answered rightly."""

import json
import random
import resource
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import lessons, links
from cnnviz.lessons import LESSONS
from tests.helpers import opened, ran
from tests.sampling import Tries

pytestmark = pytest.mark.slow
GOOD = [one["link"] for one in json.loads((Path(__file__).parent / "links" / "old_links.json").read_text())["links"]]
NEWER = ["/data?dataset=mnist&view=image&image=7"]  # of pages that there was none of when those were made
PAGES = [lesson.slug for lesson in LESSONS]
MAX_SECONDS, MAX_GROWTH = 2.0, 200 << 10  # of processor time; kB of memory
WORDS = [
    "", "0", "-1", "1e999", "nan", "inf", "99999999999999999999", "1_000", "٣", "½", "True", "None", "nosuch", "lenet5",
    "resnet20", "own_text", "own_deadbeef", "lenet5--epoch_1", "lenet5--epoch_9", "resnet20-20260101-000000-deadbeef",
    "../../etc/passwd", "/dev/zero", "con", "a" * 3000, "é" * 500, "\x00", "\u202e\u2066", "<img src=x>", "[x](y)",
    "1x1_0", "7x7_" + "_".join(["9"] * 49), "99x99_0", "3x3_1_2", "0x0", "-1x3", "3x3__3x3", "_", "__", ".", ",", "~",
    "%00",
    "nn.Sequential()", "nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", "nn.Sequential(" * 300,
    "nn.Linear(10**9, 10**9)",
    "cell_0_0_0", "cell_9_9_9", "all", "strongest_inputs", "why", "kernels", "arithmetic", "drawing", "upload", "AAAA",
]  # fmt: skip


def parted(link: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(link)
    return parts.path.strip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))


def mutated(pick: random.Random) -> tuple[str, dict[str, str]]:
    """A page and a query: a good link with its values cut, swapped, repeated or replaced, perhaps on another page."""
    page, query = parted(pick.choice(GOOD))
    fields = [*links.parameters(lessons.find(page).settings), "lock", "present", "present_from"]
    for _ in range(pick.randint(1, 4)):
        name = pick.choice([*query, *fields])
        value = query.get(name, pick.choice(WORDS))
        query[name] = pick.choice(
            [
                lambda value: pick.choice(WORDS),
                lambda value: value[: pick.randint(0, len(value))],
                lambda value: value + pick.choice(WORDS),
                lambda value: value[::-1],
                lambda value: value * pick.randint(2, 40),
                lambda value: "".join(chr(ord(one) ^ (pick.random() < 0.1)) for one in value),
                lambda value: value.replace(pick.choice("0123456789_.x"), pick.choice(["", "9", "-", "_"])),
                lambda value: pick.choice([*query.values(), ""]),
            ]
        )(value)[:4000]
    return (pick.choice(PAGES) if pick.random() < 0.1 else page), query


def used() -> tuple[float, int]:
    return time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def settings(at: AppTest, page: str) -> Any:
    """What the page shows."""
    return at.session_state[f"state of {page}"].state


@pytest.fixture(scope="module", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@cache
def load(page: str) -> None:
    """What a page loads when it is opened for the first time is no matter of its link."""
    opened(page)
    if page == "inside":
        opened("inside", view="strongest_inputs")
        opened("inside", view="why")


def test_whatever_a_link_says_the_page_opens_and_goes_on(tries: Tries) -> None:
    for pick in tries(3000, sample=8):
        page, query = mutated(pick)
        load(page)
        seconds, peak = used()
        at = opened(page, None, **{name: value for name, value in query.items() if name != "page"})
        spent, grown = used()[0] - seconds, used()[1] - peak
        assert spent < MAX_SECONDS and grown < MAX_GROWTH, f"/{page} {query}: {spent:.2f} s, {grown} kB"
        good = pick.choice([link[1] for link in map(parted, [*GOOD, *NEWER]) if link[0] == page])
        at.query_params.clear()  # then a link that somebody made
        at.query_params.update(good)
        again, fresh = ran(at), opened(page, None, **good)
        assert settings(again, page) == settings(fresh, page), f"/{page} {query} then {good}"

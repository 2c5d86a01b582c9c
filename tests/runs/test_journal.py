"""The journal of a run is read on from where it was, and as it is now, whatever became of it in between."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnnviz.runs import journal
from cnnviz.training import Event


def step(number: int) -> Event:
    figures = dict.fromkeys(("epoch", "loss", "accuracy", "learning_rate", "seconds"), number / 700)
    return {"event": "step", "step": number, **figures, "images_per_second": 7000}


def lines(*events: Event) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines that were parsed; those that are empty cost nothing."""
    seen: list[bytes] = []
    parse = journal._event
    monkeypatch.setattr(journal, "_event", lambda line: seen.append(line) or parse(line))
    return seen


def test_each_line_is_parsed_once(path: Path, parsed: list[bytes]):
    assert journal.read(path) == []
    for number in range(1, 30):
        with path.open("ab") as file:
            file.write(lines(step(number)))
        assert journal.read(path) == [step(each) for each in range(1, number + 1)]
    assert len([line for line in parsed if line]) == 29


def test_a_line_that_is_being_written_counts_once_it_is_whole(path: Path):
    whole = lines(step(1), step(2))
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        expected = [step(1)] * (length >= len(lines(step(1))) - 1) + [step(2)] * (length >= len(whole) - 1)
        assert journal.read(path) == expected


def test_another_journal_in_its_place_is_read_from_its_beginning(path: Path):
    path.write_bytes(lines(step(1), step(2)))
    assert journal.read(path) == [step(1), step(2)]
    path.write_bytes(lines(step(3), step(4), step(5)))  # longer, and another
    assert journal.read(path) == [step(3), step(4), step(5)]
    path.write_bytes(lines(step(3)))  # shorter
    assert journal.read(path) == [step(3)]
    path.unlink()
    assert journal.read(path) == []
    path.write_bytes(lines(step(3), step(6)))
    assert journal.read(path) == [step(3), step(6)]


def test_whoever_reads_may_add_to_the_list(path: Path):
    path.write_bytes(lines(step(1)))
    journal.read(path).append(step(9))
    assert journal.read(path) == [step(1)]


def test_the_journals_that_nobody_reads_any_more_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "MAX_KEPT", 10)
    journal._known.clear()
    paths = [tmp_path / f"{number}.jsonl" for number in range(4)]
    for path in paths:
        path.write_bytes(lines(*map(step, range(1, 5))))
        journal.read(path)
    assert list(journal._known) == paths[2:]
    paths[0].write_bytes(lines(*map(step, range(1, 50))))  # alone more than may be kept
    assert len(journal.read(paths[0])) == 49 and list(journal._known) == [paths[0]]
    assert len(journal.read(paths[1])) == 4 and list(journal._known) == [paths[1]]


def test_many_watch_a_journal_that_grows_and_each_line_is_parsed_once(path: Path, parsed: list[bytes]):
    def watch() -> None:
        seen = 0
        while seen < 300:
            events = journal.read(path)
            assert seen <= len(events) and events == [step(number) for number in range(1, len(events) + 1)]
            seen = len(events)

    path.touch()
    with ThreadPoolExecutor(8) as pool:
        watching = [pool.submit(watch) for _ in range(8)]
        for number in range(1, 301):
            with path.open("ab") as file:
                file.write(lines(step(number)))
        for one in watching:
            one.result(60)
    whole = lines(*map(step, range(1, 301))).splitlines()
    # who reads while a line is being written may meet its beginning, which says nothing yet
    assert all(any(one.startswith(line) for one in whole) for line in parsed if line not in whole)
    assert Counter(line for line in parsed if line in whole) == dict.fromkeys(whole, 1)


def test_nothing_counts_after_an_end(path: Path, parsed: list[bytes]):
    failed, done = {"event": "failed", "reason": "lost"}, {"event": "stopped", "step": 9, "epoch": 1.0, "seconds": 1.0}
    path.write_bytes(lines(step(1), failed, step(2)))
    assert journal.read(path) == [step(1), failed]
    for written in (lines(step(3), done), lines(step(4))[:-1]):
        with path.open("ab") as file:
            file.write(written)
        assert journal.read(path) == [step(1), failed]
    assert len([line for line in parsed if line]) == 2
    path.write_bytes(lines(step(1), failed)[:-1])
    assert journal.read(path) == [step(1), failed]

"""metrics.jsonl, the journal of a run: one JSON object a line, read on from where it was read last.

Whoever watches a run reads its journal several times a second, and that of a long run has thousands of lines.
"""

import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from cnnviz.data.files import read_regular
from cnnviz.training.events import Event, checked

MAX_BYTES = 64 * 2**20  # that are read of a journal: the longest, of 20,000 reports and 1,000 epochs, has five million
FINAL = ("done", "stopped", "failed")
MAX_KEPT = 50_000  # events of all the journals that are remembered, some 600 bytes each


@dataclass
class _Known:
    """The whole lines of a journal that were read before: how many bytes, their checksum, and what they say."""

    length: int = 0
    checksum: int = 0
    events: list[Event] = field(default_factory=list)

    def begins(self, content: bytes) -> bool:
        """Whether the journal still begins with them: somebody may have written another one in its place."""
        return len(content) >= self.length and zlib.crc32(memoryview(content)[: self.length]) == self.checksum

    def read_on(self, content: bytes) -> None:
        """Takes the whole lines that have come since."""
        end = content.rfind(b"\n") + 1
        fresh = content[self.length : end]
        if not is_over(self.events):
            self.events += _until_over(filter(None, map(_event, fresh.split(b"\n"))))
        self.length, self.checksum = self.length + len(fresh), zlib.crc32(fresh, self.checksum)


_known: OrderedDict[Path, _Known] = OrderedDict()  # the one read last comes last
_lock = threading.Lock()


def read(path: Path) -> list[Event]:
    """The events of a journal, none where there is none. A line that is no event, or was not written to its end, is
    left out, and so is all that comes after an end: who was taken for gone may wake up and write on. The events belong
    to all who read them: nobody changes one."""
    with _lock:  # the file is read in it, too: who came with less than is known would begin anew
        content = _content(path)
        known = _known.pop(path, None)
        if known is None or not known.begins(content):
            known = _Known()
        known.read_on(content)
        if known.events:
            _known[path] = known
        _forget()
        events = known.events.copy()
    last = None if is_over(events) else _event(content[known.length :])
    return [*events, last] if last else events


def is_over(events: Sequence[Event]) -> bool:
    """Whether a run with these events has come to its end."""
    return bool(events) and events[-1]["event"] in FINAL


def _until_over(events: Iterable[Event]) -> Iterator[Event]:
    """The events up to the first that ends the run, and that one."""
    for event in events:
        yield event
        if event["event"] in FINAL:
            return


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_BYTES)
    except OSError:
        return b""


def _forget() -> None:
    """Forgets the journals that were not read for the longest time, but for the newest."""
    kept = sum(len(known.events) for known in _known.values())
    while kept > MAX_KEPT and len(_known) > 1:
        kept -= len(_known.popitem(last=False)[1].events)


def _event(line: bytes) -> Event | None:
    """What a line says; None where it is no event that can be."""
    try:
        event = checked(json.loads(line))
    except (ValueError, RecursionError):  # the latter for a thousand brackets
        return None
    return event and {intern(name): figure for name, figure in event.items()}

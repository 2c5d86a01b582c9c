"""A server that is far away: a line to it, on this machine, that delays, narrows, loses or is cut.

    with far(server.port, round_trip=0.15, rate=2_000_000) as line:
        page.goto(f"http://127.0.0.1:{line.port}/")
        line.cut()

Every piece is `round_trip / 2` on its way, and a new connection costs one round trip, as TCP's handshake does. The rate
is that of the whole line, for each direction, and connections take turns on it. TCP's slow start is not played.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

HOST = "127.0.0.1"
PIECE = 4096  # bytes that a connection puts onto a narrow line before the others have their turn
WIDE = 65536  # bytes at once where nothing narrows
ON_THE_WAY = 4096  # pieces of one connection; what has no place waits at its sender
LATE = 0.005  # seconds by which a timer may be late without the line having been idle

Way = Literal["up", "down"]
_Pieces: TypeAlias = "asyncio.Queue[tuple[float, bytes]]"  # when each is due; an empty one is the end


@dataclass(eq=False)
class _Connection:
    """Both ends of a connection over the line, and whether bytes of it were lost."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    has_hole: bool = False

    def abort(self) -> None:
        """Hang up at once, at both ends."""
        for end in self.ends:
            end.transport.abort()


class Line:
    """A line to a port of this machine, from `port` on. `round_trip` (seconds) and `rate` (bits a second in each
    direction, None: without bound) may be set at any time and hold for what is sent from then on. `passed` counts the
    bytes that went up to the server and down from it, `lost` those that were swallowed."""

    def __init__(self, target: int, round_trip: float, rate: float | None) -> None:
        self.round_trip, self.rate = round_trip, rate
        self.port = 0  # once it is laid
        self.passed: dict[Way, int] = {"up": 0, "down": 0}
        self.lost = 0
        self._target = target
        self._free_at: dict[Way, float] = {"up": 0.0, "down": 0.0}
        self._is_cut = False
        self._passes = asyncio.Event()
        self._passes.set()
        self._connections: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()

    def swallow(self) -> None:
        """From now on nothing arrives, what is on its way included, and nobody is told."""
        self._do(lambda: self._set(swallows=True))

    def cut(self) -> None:
        """Hang up all connections and take no new ones."""
        self._do(lambda: self._set(is_cut=True))

    def restore(self, hang_up: bool = True) -> None:
        """All is well again. A connection that has lost bytes cannot go on and is hung up; or not, as behind a router
        that has forgotten it: nobody is told, and it loses all."""
        self._do(lambda: self._set(hangs_up=hang_up))

    def _set(self, is_cut: bool = False, swallows: bool = False, hangs_up: bool = True) -> None:
        self._is_cut = is_cut
        self._passes.clear() if swallows else self._passes.set()
        for one in self._connections:
            if is_cut or (one.has_hole and hangs_up and not swallows):
                one.abort()

    def _do(self, what: Callable[[], None]) -> None:
        """Have it done in the line's own thread, and wait for that."""

        async def done() -> None:
            what()

        self._wait_for(done())

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    # --- in the line's own thread

    async def _lay(self) -> None:
        self._listener = await asyncio.start_server(self._take, HOST, 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _take(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        """Carry a new connection until it ends."""
        try:
            if self._is_cut:
                raise ConnectionError
            distant, to_distant = await asyncio.open_connection(HOST, self._target)
        except OSError:
            await self._passes.wait()
            return to_near.transport.abort()
        connection = _Connection((to_near, to_distant))
        self._connections.add(connection)
        try:
            await self._carry(connection, near, distant)
        finally:
            self._connections.discard(connection)
            connection.abort()

    async def _carry(self, connection: _Connection, near: asyncio.StreamReader, distant: asyncio.StreamReader) -> None:
        """Both ways of a connection, until both are at their end or one has failed. While all is swallowed no end hears
        of the other's."""
        to_near, to_distant = connection.ends
        up, down = _pieces(), _pieces()
        opened = time.monotonic() + self.round_trip
        works = (
            self._depart("up", near, up, opened),
            self._depart("down", distant, down, opened),
            self._arrive("up", up, to_distant, connection),
            self._arrive("down", down, to_near, connection),
        )
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            failed = any(one.exception() for one in done)
            await self._passes.wait()
            if not failed:
                for end in connection.ends:
                    end.close()
                    await end.wait_closed()
        finally:
            for one in tasks:
                one.cancel()

    async def _depart(self, way: Way, source: asyncio.StreamReader, pieces: _Pieces, opened: float) -> None:
        """Put on the way what comes from `source`, from the moment on at which the connection was `opened`."""
        await _until(opened)
        is_over = False
        while not is_over:
            piece = await source.read(PIECE if self.rate else WIDE)
            is_over = not piece
            await self._transmit(way, len(piece))
            await pieces.put((time.monotonic() + self.round_trip / 2, piece))

    async def _transmit(self, way: Way, size: int) -> None:
        """Wait for the line, and until so many bytes are on it."""
        if self.rate:
            start = max(time.monotonic() - LATE, self._free_at[way])
            self._free_at[way] = start + 8 * size / self.rate
            await _until(self._free_at[way])

    async def _arrive(self, way: Way, pieces: _Pieces, to: asyncio.StreamWriter, connection: _Connection) -> None:
        """Deliver the pieces, each when it is due, until the empty one: the end."""
        is_over = False
        while not is_over:
            due, piece = await pieces.get()
            is_over = not piece
            await _until(due)
            connection.has_hole |= not self._passes.is_set()
            if connection.has_hole:
                self.lost += len(piece)
            else:
                self.passed[way] += len(piece)
                to.write(piece) if piece else to.write_eof()
                await to.drain()

    async def _end(self) -> None:
        self._listener.close()
        for one in self._connections:
            one.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        self._loop.call_later(0, self._loop.stop)  # once all have heard of it


def _pieces() -> _Pieces:
    return asyncio.Queue(ON_THE_WAY)


async def _until(moment: float) -> None:
    if (seconds := moment - time.monotonic()) > 0:
        await asyncio.sleep(seconds)


@contextmanager
def far(target: int, round_trip: float = 0.0, rate: float | None = None) -> Iterator[Line]:
    """A line to the port `target` of this machine, as long as the block lasts."""
    line = Line(target, round_trip, rate)
    thread = threading.Thread(target=line._loop.run_forever, name="far", daemon=True)
    thread.start()
    try:
        line._wait_for(line._lay())
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(line._end(), line._loop)
        thread.join()
        line._loop.close()

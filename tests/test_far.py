"""The line to a server far away: what arrives arrives whole, in order and late; lost and cut are what they say."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from harness.far import HOST, Line, far
from harness.server import free_port

PATIENCE = 60  # seconds for what has to come


class Echo(StreamRequestHandler):
    """Sends back all that comes."""

    def handle(self) -> None:
        while text := self.rfile.read1():
            self.wfile.write(text)


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """The port of a server that echoes."""
    ThreadingTCPServer.daemon_threads = True
    with ThreadingTCPServer((HOST, 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def connected(line: Line) -> Iterator[socket.socket]:
    with socket.create_connection((HOST, line.port), PATIENCE) as connection:
        yield connection


def receive(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or those that came before the end."""
    found = b""
    while len(found) < size and (text := connection.recv(size)):
        found += text
    return found


def echoed(connection: socket.socket, text: bytes) -> float:
    """Send it and have it back; the seconds that took."""
    start = time.monotonic()
    connection.sendall(text)
    assert receive(connection, len(text)) == text
    return time.monotonic() - start


def is_hung_up(connection: socket.socket) -> bool:
    """Wait for what comes next: the end, or something."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_what_is_sent_is_a_round_trip_on_its_way_and_a_new_connection_one_more(echo: int) -> None:
    with far(echo, round_trip=0.1) as line, connected(line) as connection:
        assert echoed(connection, b"first") >= 0.2
        assert 0.1 <= echoed(connection, b"then") < PATIENCE
        line.round_trip = 0
        text = bytes(range(256)) * 4000
        sender = threading.Thread(target=connection.sendall, args=(text,))
        sender.start()
        assert receive(connection, len(text)) == text
        sender.join()
        assert line.passed == {"up": 9 + len(text), "down": 9 + len(text)}


def test_the_rate_is_that_of_all_connections_together(echo: int) -> None:
    size, rate = 10_000, 1_600_000
    with far(echo, rate=rate) as line, connected(line) as one, connected(line) as other:
        start = time.monotonic()
        for connection in (one, other):
            connection.sendall(bytes(size))
        assert [len(receive(connection, size)) for connection in (one, other)] == [size, size]
        assert time.monotonic() - start >= 2 * size * 8 / rate - 0.02  # what a timer may be late is made up for


def test_what_is_swallowed_is_lost_and_nobody_is_told_until_all_is_well_again(echo: int) -> None:
    with far(echo) as line, connected(line) as one, connected(line) as untouched:
        echoed(one, b"heard")
        echoed(untouched, b"heard")
        line.swallow()
        one.sendall(b"lost")
        while line.lost < 4:
            time.sleep(0.01)
        one.setblocking(False)
        with pytest.raises(BlockingIOError):
            one.recv(1)
        line.restore()
        one.settimeout(PATIENCE)
        assert is_hung_up(one)
        echoed(untouched, b"goes on")
        with connected(line) as another:
            echoed(another, b"heard again")


def test_a_cut_hangs_up_and_takes_nobody_until_it_is_mended(echo: int) -> None:
    with far(echo) as line, connected(line) as before:
        echoed(before, b"heard")
        line.cut()
        assert is_hung_up(before)
        with connected(line) as during:
            assert is_hung_up(during)
        line.restore()
        with connected(line) as after:
            echoed(after, b"heard again")


def test_an_end_that_hangs_up_ends_the_other(echo: int) -> None:
    with far(echo) as line, connected(line) as connection:
        connection.sendall(b"last")
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection, 100) == b"last" and is_hung_up(connection)
    with far(free_port()) as nowhere, connected(nowhere) as connection:
        assert is_hung_up(connection)

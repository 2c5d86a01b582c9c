"""Who is kept, for how long, and when it is collected."""

import asyncio
import gc
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.runtime.session_manager import ActiveSessionInfo, SessionInfo

from cnnviz.ui.core import sweeper
from cnnviz.ui.core.sweeper import EVERY, KEPT, KEPT_LEFT, Leaving, _Sweeper
from tests.helpers import PATIENCE, ROOT


@dataclass
class Manager:
    """Sessions by name, and whether each is connected."""

    sessions: dict[str, bool]
    closed: list[str] = field(default_factory=list)
    known: dict[str, tuple[bool, Any]] = field(default_factory=dict)

    def list_sessions(self) -> list[Any]:
        """As Streamlit gives them: those that are connected are of a class of their own, and each cut makes a new
        entry."""
        of = {True: partial(ActiveSessionInfo, cast(Any, "client")), False: partial(SessionInfo, None)}
        for name, active in self.sessions.items():
            if self.known.get(name, (None,))[0] is not active:
                self.known[name] = active, of[active](cast(Any, SimpleNamespace(id=name)))
        return [self.known[name][1] for name in self.sessions]

    def comes_back_for_a_moment(self, name: str) -> None:
        del self.known[name]

    def close_session(self, name: str) -> None:
        self.closed.append(name)
        del self.sessions[name]


def test_a_session_outlives_half_a_minute_and_is_gone_within_one() -> None:
    manager = Manager({"stays": True, "leaves": False, "returns": False})
    one, now = _Sweeper(manager), 0.0
    while not manager.closed:
        one.close_gone(now)
        if now == 30:
            assert manager.sessions.keys() == {"stays", "leaves", "returns"}
            manager.sessions["returns"] = True
        now += EVERY
    assert manager.closed == ["leaves"] and 30 < now - EVERY == KEPT and KEPT + 2 * EVERY <= 60


def test_a_second_cut_counts_anew() -> None:
    manager = Manager({"a": False})
    one = _Sweeper(manager)
    one.close_gone(0)
    manager.sessions["a"] = True
    one.close_gone(40)
    manager.sessions["a"] = False
    one.close_gone(50)
    one.close_gone(50 + KEPT - 1)
    assert manager.closed == []
    one.close_gone(50 + KEPT)
    assert manager.closed == ["a"]


def test_a_second_cut_counts_anew_also_between_two_looks() -> None:
    manager = Manager({"a": False})
    one = _Sweeper(manager)
    one.close_gone(0)
    one.close_gone(40)
    manager.comes_back_for_a_moment("a")
    one.close_gone(45)
    one.close_gone(45 + KEPT - 1)
    assert manager.closed == []
    one.close_gone(45 + KEPT)
    assert manager.closed == ["a"]


class Connection(SimpleNamespace):
    """As Streamlit's: it has what the server knows of the WebSocket."""


@pytest.mark.parametrize(("code", "kept"), [(1000, KEPT_LEFT), (1001, KEPT_LEFT), (1006, KEPT), (1009, KEPT)])
def test_who_closes_the_page_is_gone_sooner_than_who_loses_the_line(
    monkeypatch: pytest.MonkeyPatch, code: int, kept: float
) -> None:
    manager, now = Manager({"stays": True, "a": True}), 0.0
    active = {"stays": Connection(_websocket=Connection(scope={})), "a": Connection()}
    infos = [Connection(session=Connection(id=name), client=client) for name, client in active.items()]
    manager.list_active_sessions = lambda: infos  # type: ignore[attr-defined]
    runtime = SimpleNamespace(exists=lambda: True, instance=lambda: SimpleNamespace(_session_mgr=manager))
    monkeypatch.setattr(sweeper, "Runtime", runtime)
    monkeypatch.setattr(Leaving, "left", {})

    async def streamlit(scope: Any, receive: Any, _send: Any) -> None:
        active["a"]._websocket = Connection(scope={**scope})
        assert (await receive())["code"] == code

    async def ended() -> Any:
        return {"type": "websocket.disconnect", "code": code}

    asyncio.run(Leaving(streamlit)({"type": "websocket"}, ended, cast(Any, None)))
    one = _Sweeper(manager)
    manager.sessions["a"] = False
    while not manager.closed:
        one.close_gone(now)
        now += EVERY
    assert manager.closed == ["a"] and now - EVERY == kept
    one.close_gone(now)
    assert Leaving.left == {}


def test_who_left_came_back_and_lost_the_line_between_two_looks_has_lost_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(_websocket=Connection(scope={}))
    info = Connection(session=Connection(id="a"), client=connection)
    manager = SimpleNamespace(list_active_sessions=lambda: [info])
    runtime = SimpleNamespace(exists=lambda: True, instance=lambda: SimpleNamespace(_session_mgr=manager))
    monkeypatch.setattr(sweeper, "Runtime", runtime)
    monkeypatch.setattr(Leaving, "left", {"a": "its connection before", "b": "another's"})

    async def streamlit(scope: Any, receive: Any, _send: Any) -> None:
        connection._websocket.scope = scope
        await receive()

    async def ended() -> Any:
        return {"type": "websocket.disconnect", "code": 1006}

    asyncio.run(Leaving(streamlit)({"type": "websocket"}, ended, cast(Any, None)))
    assert Leaving.left == {"b": "another's"}


def test_who_comes_back_to_a_page_that_was_closed_is_there_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Leaving, "left", {"a": "its connection"})
    manager = Manager({"a": False})
    one = _Sweeper(manager)
    one.close_gone(0)
    manager.sessions["a"] = True
    one.close_gone(5)
    manager.sessions["a"] = False
    for now in (10.0, 10 + KEPT_LEFT, 9 + KEPT):
        one.close_gone(now)
    assert manager.closed == [] and Leaving.left == {}


def test_when_all_have_left_it_is_told_once() -> None:
    told: list[str] = []
    manager = Manager({"a": False, "b": False})
    one = _Sweeper(manager, lambda: told.append("alone"))
    for seconds in (0.0, KEPT, KEPT + 5, KEPT + 10):
        one.close_gone(seconds)
        one.collect()
    assert manager.sessions == {} and told == ["alone"]
    manager.sessions["c"] = True
    one.close_gone(KEPT + 15)
    one.collect()
    assert told == ["alone"]


def test_it_is_collected_only_after_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    monkeypatch.setattr(sweeper.gc, "collect", lambda: collected.append("collect"))
    monkeypatch.setattr(sweeper.gc, "freeze", lambda: collected.append("freeze"))
    manager = Manager({"a": True, "b": False})
    one = _Sweeper(manager)
    one.close_gone(0)
    one.collect()
    assert collected == []
    one.close_gone(KEPT)
    one.collect()
    one.collect()
    assert collected == ["collect"]
    del manager.sessions["a"]  # Streamlit itself has let go of it
    one.cut_off["a"] = (None, KEPT)
    one.frozen = 0  # more has been imported since
    one.close_gone(KEPT + 1)
    one.collect()
    assert collected == ["collect", "collect", "freeze"]
    assert gc.isenabled()


def test_what_was_left_out_with_a_session_is_looked_for_when_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(sweeper.gc, name, lambda name=name: did.append(name))
    monkeypatch.setattr(sweeper, "_give_back", lambda: None)
    manager = Manager({"first": True, "second": True, "third": True})
    one, now = _Sweeper(manager), 0.0

    def all_but(*names: str) -> list[str]:
        nonlocal now
        for name in set(manager.sessions) - set(names):
            manager.sessions[name] = False
        did.clear()
        for _ in range(12):
            one.close_gone(now)
            one.collect()
            now += EVERY
        return [*did]

    one.frozen = 0  # something was imported since
    assert all_but("first", "second")[-2:] == ["collect", "freeze"] and "unfreeze" not in did
    assert {*all_but("first")} == {"collect"}
    assert all_but()[-3:] == ["unfreeze", "collect", "freeze"]
    manager.sessions["fourth"] = True
    assert {*all_but()} == {"collect"}, "nobody was there when it was left out"


FREED = """
import resource
from cnnviz.ui.core import sweeper
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
before = resident()
blocks = [b"x" * 100_000 for _ in range(2000)]
last, held = blocks.pop(), resident()
del blocks
kept = resident()
sweeper._give_back()
print(held - before, kept - before, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it is the C library of Linux that keeps what was freed")
def test_what_was_freed_goes_back_to_the_system() -> None:
    """Blocks too small to be mapped, with one at the end that stays: the library keeps all of them otherwise. In a
    process of its own, where no other test leaves gaps to put them into."""
    told = subprocess.run(
        [sys.executable, "-c", FREED], check=True, timeout=PATIENCE, cwd=ROOT, capture_output=True, text=True
    )
    held, kept, left = map(int, told.stdout.split())
    assert held > 190e6 and kept > 150e6 and left < 50e6


def test_without_a_server_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "Thread", None)
    sweeper.start()


PARTS = """
import ctypes, sys, threading
from cnnviz.ui.core import sweeper
if sys.argv[1] == "tuned":
    sweeper._tune_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
together, done = threading.Barrier(8), threading.Barrier(8)
def allocate():
    together.wait()
    for _ in range(2000):
        library.malloc(1000)
    done.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
library.malloc.argtypes = [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
library.free(library.malloc(20_000_000))  # after which glibc counts what is as large among what is small
large = [library.malloc(300_000) for _ in range(100)]
library.fopen.restype = ctypes.c_void_p
file = library.fopen(sys.argv[2].encode(), b"w")
library.malloc_info(0, ctypes.c_void_p(file))
library.fclose(ctypes.c_void_p(file))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's parts of the memory")
def test_threads_share_two_parts_of_the_memory_and_what_is_large_stands_apart(tmp_path: Path) -> None:
    """Eight at once, each of which would have a part of its own; then a hundred large pieces."""
    parts, large = {}, {}
    for how in ("tuned", "as it is"):
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", PARTS, how, str(told)], check=True, timeout=PATIENCE, cwd=ROOT)
        found = told.read_text(encoding="utf-8")
        parts[how] = found.count("<heap nr=")
        large[how] = int(found.split('<total type="mmap" count="')[1].split('"')[0])
    assert parts["tuned"] <= 2 < parts["as it is"]
    assert large["tuned"] >= 100 > large["as it is"]

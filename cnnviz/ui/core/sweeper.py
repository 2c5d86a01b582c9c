"""The memory of sessions that are gone, given back within a minute.

Streamlit keeps a session for 120 seconds after its connection has ended, and for longer where none ends after it; what
then refers to itself in circles stays until Python's collector happens to come by, since one after every rerun would
cost too much (`postScriptGC` in .streamlit/config.toml). So a thread beside the sessions closes those whose reader has
not come back, and collects when some have ended.

KEPT is long enough for a class that loses its Wi-Fi for half a minute. Who comes later begins a new session: the link
holds the page's settings, and the browser what it has not sent yet. A connection that the browser itself has closed, as
where its tab is closed, loaded again, or shows something else, is not one that was lost: nobody comes back to its
session but by way of a browser's own copy of the page.
"""

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

from streamlit.runtime import Runtime

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 45.0  # seconds from when the connection was found ended
KEPT_LEFT = 10.0  # the same where it was the browser that ended it
BY_BROWSER = {1000, 1001}  # why a WebSocket is closed (RFC 6455, 7.4.1): it has done its work, whoever had it goes away
EVERY = 5.0  # seconds between two looks
ARENA_MAX, MMAP_THRESHOLD = -8, -3  # mallopt's names for them (malloc.h)
LARGE = 2**18  # bytes of a piece of memory that goes back to the system as soon as it is freed
FEW = 2  # sessions at most, when what was imported meanwhile is left out of all later collections


def start() -> None:
    """Begin, where a server runs; tests run pages without one."""
    if Runtime.exists() and type(Runtime.instance()) is Runtime:
        _tune_memory()
        Thread(target=_sweep_for_ever, args=(Runtime.instance(),), name="cnnviz-sweeper", daemon=True).start()


class Leaving:
    """ASGI middleware that hears whose browser ends the connection itself. `left` are their sessions by name, as long
    as these are kept, each with the connection that ended."""

    left: ClassVar[dict[str, Any]] = {}

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        scope["cnnviz"] = mark = object()

        async def heard() -> "Message":
            message = await receive()
            if message["type"] == "websocket.disconnect" and Runtime.exists():
                own = _sessions_of(Runtime.instance()._session_mgr, mark)
                others = {name: client for name, client in Leaving.left.items() if name not in own}
                Leaving.left = others | own if message.get("code") in BY_BROWSER else others
            return message

        await self.app(scope, heard, send)


def _sessions_of(manager: Any, mark: object) -> dict[str, Any]:
    """The session whose connection has that mark, and the connection as Streamlit has it."""
    active = [(info.session.id, info.client) for info in manager.list_active_sessions()]
    scopes = [getattr(getattr(client, "_websocket", None), "scope", {}) for _, client in active]
    return {name: client for (name, client), scope in zip(active, scopes, strict=True) if scope.get("cnnviz") is mark}


def _sweep_for_ever(runtime: Runtime) -> None:
    """Look every EVERY seconds, as long as the server runs. Sessions are closed on its event loop, and collected here
    a look later."""
    sweeper, loop = (
        _Sweeper(runtime._session_mgr, _trim),
        runtime._get_async_objs().eventloop,
    )
    while not loop.is_closed():
        loop.call_soon_threadsafe(sweeper.close_gone, time.monotonic())
        time.sleep(EVERY)
        sweeper.collect()


def _trim() -> None:
    """Lets go of what nobody is there to ask for; where no page has loaded what keeps it, there is nothing."""
    if "cnnviz.ui.core.resources" in sys.modules:
        from cnnviz.ui.core import resources

        resources.let_go()


class _Sweeper:
    """What is known of the sessions of `manager`, Streamlit's: since when those that are cut off are. When all have
    left, `alone` is called."""

    def __init__(self, manager: Any, alone: Callable[[], None] = lambda: None) -> None:
        self.manager, self.alone = manager, alone
        self.cut_off: dict[str, tuple[Any, float]] = {}  # what the manager keeps of each since its last cut, and when
        self.alive = 0
        self.ended = False  # whether one has since the last collection
        self.frozen = len(sys.modules)
        self.pinned = True  # whether sessions that were there when something was left out may lie among it

    def close_gone(self, now: float) -> None:
        """Close the sessions that were cut off more than KEPT seconds before `now`, or KEPT_LEFT where their browsers
        have left; to be called on the event loop."""
        sessions = {info.session.id: info for info in self.manager.list_sessions()}
        self.ended |= any(session not in sessions for session in self.cut_off)
        before, self.cut_off = self.cut_off, {}
        Leaving.left = {  # without those that came back, or are gone
            name: client
            for name, client in Leaving.left.items()
            if name in sessions and sessions[name].client in (None, client)
        }
        for session, info in sessions.items():
            if info.client is not None:
                continue
            kept, since = before.get(session, (None, now))
            self.cut_off[session] = (info, since if kept is info else now)  # it may have come back for a moment
            if now - self.cut_off[session][1] >= (KEPT_LEFT if session in Leaving.left else KEPT):
                self.manager.close_session(session)
                self.ended = True
        self.alive = len(sessions)

    def collect(self) -> None:
        """Collect where a session has ended. While hardly anybody is there, what was imported since is left out of
        later collections: with torch, plotly and pandas they take a tenth of the time then. What those who were there
        held is left out with it, and looked for once nobody is there, when it takes nobody's time."""
        if not self.ended:
            return
        self.ended = False
        again = self.pinned and not self.alive
        if not self.alive:
            self.alone()
        if again:
            gc.unfreeze()
        gc.collect()
        _give_back()
        if again or (self.alive <= FEW and len(sys.modules) > self.frozen):
            self.frozen, self.pinned = len(sys.modules), self.alive > 0
            gc.freeze()


def _c_library(name: str) -> Any:
    """A function of the C library; None where it has none of that name, or the system is not Linux."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None


def _tune_memory() -> None:
    """Has threads share two parts of the memory (glibc's mallopt), and not up to eight a core: each page runs in a new
    one, and what one has freed is of use to those of its part alone. What is large goes back by itself: once some was
    freed, glibc would put what is as large, up to 32 MB, among what is small, and gaps of it stay."""
    if tune := _c_library("mallopt"):
        tune(ARENA_MAX, 2)
        tune(MMAP_THRESHOLD, LARGE)


def _give_back() -> None:
    """Give what was freed back to the system, where the C library can (glibc's malloc_trim)."""
    if trim := _c_library("malloc_trim"):
        trim(0)

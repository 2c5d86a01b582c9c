"""A session without a browser: Streamlit's own messages over a WebSocket, as a page sends and takes them.

It draws nothing and caches no messages; what it measures is what a server has to do for a reader.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from cnnviz.ui.shell.serving import WAYS_ON

PATIENCE = 60  # seconds for a page or an edit, then the server is taken for stuck
LOOK_EVERY = 0.3  # seconds between two looks at what is computed, as the page asks
OVER = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Shown:
    """What the server's messages say of one open page. `widgets` are the ids of what is on it with the fragment that
    each is in; `data` is what the components show; `alerts` are the warnings and the like of the last run; `problems`
    is what a reader would have seen go wrong. `session_id` is the server's name for the session, by which it is found
    again."""

    session_id: str = ""
    page: str = ""
    query: str = ""
    page_hash: str = ""
    widgets: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)  # as JSON: most of it is never asked for
    alerts: list[str] = field(default_factory=list)
    menu: dict[str, str] = field(default_factory=dict)  # the queries by which it leads to the pages
    polled: str = ""  # the fragment that asks to be run again and again; '' once the page has none
    problems: list[str] = field(default_factory=list)

    def find(self, suffix: str) -> str:
        """The id of the newest widget of that key. Raises KeyError where there is none."""
        found = [widget for widget in self.widgets if widget.endswith(suffix)]
        if not found:
            raise KeyError(f"no widget on {self.page!r} ends in {suffix!r}: {sorted(self.widgets)}")
        return found[-1]

    def shown(self, suffix: str) -> Any:
        """What the component of that key shows."""
        return json.loads(self.data[self.find(suffix)])

    def take(self, message: ForwardMsg) -> bool:
        """Learn from one message; whether the script is over."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.alerts.clear()
            self.session_id = message.new_session.initialize.session_id
        if kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.polled = message.auto_rerun.fragment_id
        elif kind == "stop_auto_rerun" or (kind == "new_session" and not message.metadata.run.fragment_ids):
            self.polled = ""  # what is run as a whole says anew whether it asks for it
        elif kind == "delta":
            self.draw(message.delta)
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.problems.append(f"{self.page}: the script does not compile")
        return kind == "script_finished" and message.script_finished in OVER

    def draw(self, delta: Delta) -> None:
        """An element: which widget it is, what a component shows, a warning, an exception. A block: which widget it is
        where it can be folded."""
        if delta.WhichOneof("type") == "add_block":
            self.fold(delta.add_block, delta.fragment_id)
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        element = getattr(delta.new_element, kind) if kind else None
        if kind == "exception":
            self.problems.append(f"{self.page}: {element.type}: {element.message}")
        if kind == "html" and element.body == WAYS_ON:
            self.problems.append(f"{self.page}: something went wrong; the server's log says what")
        if kind == "alert":
            self.alerts.append(element.body)
        if kind == "page_link":
            self.menu[element.page] = element.query_string
        if widget := getattr(element, "id", ""):
            self.widgets.pop(widget, None)  # the newest comes last
            self.widgets[widget] = delta.fragment_id
        if kind == "bidi_component" and element.json:
            self.data[widget] = element.json

    def fold(self, block: Block, fragment: str) -> None:
        """What can be unfolded, and tells the server so."""
        kind = block.WhichOneof("type")
        if widget := getattr(getattr(block, kind), "id", "") if kind else "":
            self.widgets[widget] = fragment


@dataclass
class Session(Shown):
    """One open page over its socket; `states` are what was set on it."""

    socket: ClientConnection = field(kw_only=True)
    states: dict[str, WidgetState] = field(default_factory=dict)

    async def visit(self, page: str, query: str = "") -> float:
        """Go to a page ('' is the home page); seconds until its script is over."""
        self.leave_for(page, query)
        return await self.run()

    def leave_for(self, page: str, query: str = "") -> None:
        """What is sent next asks for this page."""
        self.page, self.query, self.page_hash, self.polled = page, query, "", ""
        for known in (self.widgets, self.data, self.states):
            known.clear()

    async def send(self, suffix: str, **value: Any) -> float:
        """Change the widget whose id ends in `suffix`, as WidgetState names its values; seconds until its script is
        over."""
        widget = self.find(suffix)
        state = WidgetState(id=widget, **value)
        if not {"trigger_value", "json_trigger_value"} & value.keys():
            self.states[widget] = state
        return await self.run(state, self.widgets[widget])

    async def run(self, state: WidgetState | None = None, fragment: str = "", automatic: bool = False) -> float:
        """One run of the script, or of the fragment: seconds from the message to its end."""
        states = {**self.states, **({state.id: state} if state else {})}
        return await self.run_with(states.values(), fragment, automatic)

    async def run_with(self, states: Iterable[WidgetState], fragment: str = "", automatic: bool = False) -> float:
        """The same with just these values, whatever they are."""
        start = time.perf_counter()
        await self._write(states, fragment, automatic)
        await asyncio.wait_for(self.answered(), PATIENCE)
        return time.perf_counter() - start

    async def post(self, suffix: str = "", **value: Any) -> None:
        """Change a widget, or ask for the page, without waiting for what comes of it."""
        widget = self.find(suffix) if suffix else ""
        states = [WidgetState(id=widget, **value)] if suffix else []
        await self._write(states, self.widgets.get(widget, ""))

    async def _write(self, states: Iterable[WidgetState], fragment: str, automatic: bool = False) -> None:
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_name, client.page_script_hash = self.query, self.page, self.page_hash
        client.fragment_id, client.is_auto_rerun = fragment, automatic
        client.widget_states.widgets.extend(states)
        await self.socket.send(message.SerializeToString())

    async def settle(self, seconds: float = PATIENCE) -> None:
        """Ask how far it is, as a page does, until what is computed for it is there. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while self.polled:
            if time.monotonic() > end:
                raise TimeoutError(f"/{self.page} still waits after {seconds:g} s")
            await asyncio.sleep(LOOK_EVERY)
            await self.run(None, self.polled, automatic=True)

    async def answered(self) -> None:
        """Take what comes until the script is over."""
        while not self.take(ForwardMsg.FromString(bytes(await self.socket.recv(decode=False)))):
            pass


@asynccontextmanager
async def session(url: str, session_id: str = "") -> AsyncIterator[Session]:
    """A session with the server at `url` (http://...), whose connection ends with the block; a new one, or that of the
    given name, as a browser finds its own after a cut."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    again = ["no-token", session_id] if session_id else []
    async with connect(address, origin=url, subprotocols=["streamlit", *again], max_size=None) as socket:
        yield Session(socket=socket)

"""What a reader does around a page's whole run. Streamlit 1.67 loses it in six ways, which are mended here.

Until the browser has heard of the other page, what it sends still names the one before. A request for a whole page ends
the session's script, and what that was to look at is forgotten. A script that is to end breaks off in the middle of an
edit. One that had yet to run its page once more calls the session back there, and forgets the widgets of the other
page. Until it comes to its end it works on what the session keeps beside the script that replaces it. And where a
fragment runs as soon as the page has run, the browser takes away all that the page has drawn, a pad with its drawing,
and draws the fragment anew.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests, ScriptRequestType
from streamlit.runtime.state.session_state import SessionState

# of one session's messages that no script has looked at; whoever sends many for a fragment that is none fills them
MAX_UNREAD = 4_000_000  # bytes: twice the largest
MAX_MESSAGES = 20
DRAWN = 0.15  # seconds until the browser has taken in that a page has run

# Streamlit's own, which it may name otherwise one day
_send: Any = getattr(AppSession, "_enqueue_forward_msg", None)
_intend: Any = getattr(PagesManager, "set_script_intent", None)
_come_to: Any = getattr(PagesManager, "set_current_page_script_hash", None)
_next: Any = getattr(ScriptRequests, "on_scriptrunner_ready", None)
_begin: Any = getattr(SessionState, "on_script_will_rerun", None)
_finish: Any = getattr(SessionState, "on_script_finished", None)


@dataclass(eq=False)
class _Tray:
    """What is known of one session. `page` is where its browser is, or will be: the one that it asked for last, or was
    told of since. `unread` came in and no script has looked at it; `at_it` is whoever looks, or has what is kept follow
    a link, one script at a time. `over` is when the page had run last, in seconds of the monotonic clock."""

    page: str = ""
    unread: list[WidgetStates] = field(default_factory=list)
    at_it: Any = field(default_factory=RLock)
    over: float = 0.0


_trays: WeakKeyDictionary[AppSession, _Tray] = WeakKeyDictionary()
_by_id: WeakValueDictionary[str, _Tray] = WeakValueDictionary()
_handing_out = Lock()  # what is unread goes to one: to the script that it was for, or along with what came later


def arrives(session: AppSession, client: ClientState) -> None:
    """A message, before Streamlit runs a script for it."""
    tray = _tray_of(session)
    _lead_to_new_page(tray, client)
    _put_on_top(tray, client)


def _tray_of(session: AppSession) -> _Tray:
    tray = _trays.setdefault(session, _Tray())
    _by_id[getattr(session, "id", "")] = tray
    return tray


def _lead_to_new_page(tray: _Tray, client: ClientState) -> None:
    """Until the browser has heard of a new page, what is typed and clicked on the one before still comes from that one,
    and on a phone what was typed always comes after the tap on the link. Streamlit runs the old page's fragment for it
    then, which is no more, and the browser shows nothing at all. Here the new page runs, with what was sent."""
    if not client.fragment_id:
        tray.page = client.page_script_hash or tray.page
    elif tray.page and client.page_script_hash != tray.page:
        client.page_script_hash, client.fragment_id = tray.page, ""


def _put_on_top(tray: _Tray, client: ClientState) -> None:
    """For a whole page Streamlit ends the session's script and forgets what that was to look at. An edit or a click
    just before a link would be lost: of the page that is left the browser sends nothing more. So it comes along with
    what is sent now."""
    sent = client.widget_states
    with _handing_out:
        if not client.fragment_id:
            for older in reversed(tray.unread):
                named = {state.id for state in sent.widgets}
                sent.widgets.extend(state for state in older.widgets if state.id not in named)
                del older.widgets[:]
            tray.unread.clear()
        if sent.widgets:
            tray.unread = [*tray.unread[1 - MAX_MESSAGES :], sent]
        while sum(one.ByteSize() for one in tray.unread) > MAX_UNREAD:
            del tray.unread[0]


def _look_through(session: SessionState, sent: WidgetStates | None, **more: Any) -> None:
    """In place of SessionState.on_script_will_rerun: takes what came in and calls whom it concerns, to the end."""
    tray = _tray_here()
    if tray is None:
        _begin(session, sent, **more)
        return
    with tray.at_it, _unbroken():
        _hand_out(tray, sent)
        _begin(session, sent, **more)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """While a script reads what the session keeps and writes it back, no other one takes what came in: an edit would be
    taken, and then written over by what was read before it. A script that was told to end does not come to it if the
    first thing that it does is to look into the session."""
    tray = _tray_here()
    with tray.at_it if tray else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _unbroken() -> Iterator[None]:
    """Where a script has been told to end, Streamlit ends it at the next look into what the session keeps, and be it in
    the middle of an edit. Here it comes through to the end of what it takes."""
    run = get_script_run_ctx(suppress_warning=True)
    kept = run.session_state if run else None
    ends = getattr(kept, "_yield_callback", None)
    if ends is None:
        yield
        return
    object.__setattr__(kept, "_yield_callback", lambda: None)  # it sends what is set to the session
    try:
        yield
    finally:
        object.__setattr__(kept, "_yield_callback", ends)


def _hand_out(tray: _Tray, sent: WidgetStates | None) -> None:
    """What was unread until `sent` is read now, all of it where Streamlit has joined several messages. What has become
    empty went along with a later one."""
    with _handing_out:
        place = next((place for place, one in enumerate(tray.unread) if one is sent), None)
        if place is not None:
            del tray.unread[: place + 1]
        elif sent is not None and sent.widgets:
            tray.unread.clear()


def _put_away(session: SessionState, *widgets: Any, **more: Any) -> None:
    """In place of SessionState.on_script_finished, by which a script for another page begins, too: not while one looks
    at what came in, and not for a script that has been told to end, which would forget the widgets of the one that
    replaces it. Notes when a page has run."""
    run, tray = get_script_run_ctx(suppress_warning=True), _tray_here()
    if tray and run and not run.fragment_ids_this_run:
        tray.over = time.monotonic()
    with tray.at_it if tray else contextlib.nullcontext():
        if not _has_to_end():
            _finish(session, *widgets, **more)


def _intend_unless_ended(pages: PagesManager, *page: str) -> None:
    """In place of PagesManager.set_script_intent: which page of the session is to be run. A script that has been told
    to end and was about to run its page once more does not call back the script for the next one."""
    with _handing_out:
        if not _has_to_end():
            _intend(pages, *page)


def _come_unless_ended(pages: PagesManager, page: str) -> None:
    """In place of PagesManager.set_current_page_script_hash: on which page the session is. Likewise."""
    with _handing_out:
        if not _has_to_end():
            _come_to(pages, page)


def _has_to_end() -> bool:
    """Whether the script that this thread runs has been told to end: another one has taken its place."""
    run = get_script_run_ctx(suppress_warning=True)
    return getattr(run and run.script_requests, "_state", None) is ScriptRequestType.STOP


def _next_once_drawn(requests: ScriptRequests) -> ScriptRequest:
    """In place of ScriptRequests.on_scriptrunner_ready, by which a thread asks what to run, first and next: right after
    its page a fragment not at once, and not at all where it has been told to end meanwhile."""
    tray = _tray_here()
    request: ScriptRequest = _next(requests)
    if tray and request.type is ScriptRequestType.RERUN and request.rerun_data.fragment_id_queue:
        time.sleep(max(0.0, tray.over + DRAWN - time.monotonic()))
        if _has_to_end():
            return ScriptRequest(ScriptRequestType.STOP)
    return request


def _tray_here() -> _Tray | None:
    """That of the session whose script this thread runs; None where no message began it."""
    run = get_script_run_ctx(suppress_warning=True)
    return _by_id.get(run.session_id) if run else None


def _note_page(session: AppSession, message: ForwardMsg) -> None:
    """In place of AppSession._enqueue_forward_msg: remembers of which page the browser is told."""
    kind = message.WhichOneof("type")
    if kind in ("new_session", "navigation"):
        tray = _tray_of(session)
        tray.page = getattr(message, kind).page_script_hash or tray.page
    _send(session, message)


OURS: dict[tuple[type, str], Callable[..., Any]] = {  # in place of Streamlit's, by inbox.install
    (AppSession, "_enqueue_forward_msg"): _note_page,
    (PagesManager, "set_script_intent"): _intend_unless_ended,
    (PagesManager, "set_current_page_script_hash"): _come_unless_ended,
    (ScriptRequests, "on_scriptrunner_ready"): _next_once_drawn,
    (SessionState, "on_script_will_rerun"): _look_through,
    (SessionState, "on_script_finished"): _put_away,
}

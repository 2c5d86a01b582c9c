"""What comes in from browsers, before Streamlit takes it into its books: the one place where a message is read.

Anybody can send any value to any widget. Streamlit reads a value when it is first asked for; where that raises (NaN for
a whole number, a number for a pill, JSON that is none), the value stays where it is, and every later message of the
session raises again. So each value is read here first: what is of another kind than its widget's, what no control
offers, what is larger than a component ever sends or made of parts that it does not have was never sent, and the widget
keeps what it had. What a value then means is judged by whoever takes it (`core.store`, the components' own readers).
"""

import contextlib
import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, SessionState, WStates
from streamlit.runtime.uploaded_file_manager import DeletedFile

log = logging.getLogger(__name__)

MAX_ROUND = 200_000  # bytes of a message beside the widgets' values: the address twice, what the browser has kept
MAX_UNREAD = 4_000_000  # bytes of one session's messages that no script has looked at: twice the largest
MAX_PARAMETERS = 200  # of an address
MAX_WIDGETS = 500  # in a message; the fullest page has a tenth of it
MAX_LETTERS = 100_000  # of a text that was typed; the longest that a page takes has 6,000
MAX_CHOICES = 100  # of a menu in which one chooses several, and files of one
MAX_EVENTS = 20  # of a component in one message
MAX_MARKS = 60_000  # brackets and commas, where a value is not even parsed: in text that was pasted there are many
MAX_PARTS = 5_000  # numbers, texts, lists and their parts in one value
MAX_DEPTH = 6
MAX_INTEGER = 2**53  # from here on a browser's numbers have gaps
NUMBERS = {"int_value", "double_value"}  # a browser sends a whole number as the first, Streamlit calls both the second

# Streamlit's own, which it may name otherwise one day
_begin: Any = getattr(SessionState, "on_script_will_rerun", None)
_finish: Any = getattr(SessionState, "on_script_finished", None)
_intend: Any = getattr(PagesManager, "set_script_intent", None)
_take: Any = getattr(SessionState, "set_widgets_from_proto", None)
_value: Any = WStates.__getitem__
_run: Any = getattr(AppSession, "_handle_rerun_script_request", None)
_send: Any = getattr(AppSession, "_enqueue_forward_msg", None)
_name_files: Any = getattr(AppSession, "_handle_file_urls_request", None)


@dataclass(eq=False)
class _Tray:
    """What is known of one session. `page` is where its browser is, or will be: the one that it asked for last, or was
    told of since. `unread` came in and no script has looked at it; `at_it` is whoever looks, one script at a time."""

    page: str = ""
    unread: list[WidgetStates] = field(default_factory=list)
    at_it: Any = field(default_factory=RLock)


_trays: WeakKeyDictionary[AppSession, _Tray] = WeakKeyDictionary()
_by_id: WeakValueDictionary[str, _Tray] = WeakValueDictionary()
_handing_out = Lock()  # what is unread goes to one: to the script that it was for, or along with what came later


def install() -> None:
    """Stand in front of Streamlit's sessions and of what they keep, for all of this process. Where this Streamlit has
    one of these places no more, the log says so, and the others are taken."""
    ours: dict[tuple[type, str], Callable[..., Any]] = {
        (AppSession, "_handle_rerun_script_request"): _run_if_small,
        (AppSession, "_enqueue_forward_msg"): _note_page,
        (AppSession, "_handle_file_urls_request"): _name_few_files,
        (AppSession, "_handle_clear_cache_request"): _keep_caches,
        (PagesManager, "set_script_intent"): _intend_unless_ended,
        (SessionState, "on_script_will_rerun"): _look_through,
        (SessionState, "on_script_finished"): _put_away,
        (SessionState, "set_widgets_from_proto"): _take_readable,
        (WStates, "__getitem__"): _readable_value,
    }
    for (place, name), function in ours.items():
        if hasattr(place, name):
            setattr(place, name, function)
        else:
            log.warning("Streamlit has no %s.%s any more: what it takes is not read beforehand", place.__name__, name)


def _run_if_small(session: AppSession, client: ClientState | None = None) -> None:
    """In place of AppSession._handle_rerun_script_request: an address of a length that a browser has."""
    around = client.ByteSize() - client.widget_states.ByteSize() if client else 0
    parameters = client.query_string.count("&") if client else 0
    if around > MAX_ROUND or parameters > MAX_PARAMETERS:
        log.info("a message with an address of %d bytes and %d parameters was dropped", around, parameters)
        return
    if client is not None:
        tray = _tray_of(session)
        _lead_to_new_page(tray, client)
        _put_on_top(tray, client)
    _run(session, client)


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
        tray.unread.append(sent)
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
    at what came in."""
    tray = _tray_here()
    with tray.at_it if tray else contextlib.nullcontext():
        _finish(session, *widgets, **more)


def _intend_unless_ended(pages: PagesManager, *page: str) -> None:
    """In place of PagesManager.set_script_intent: which page of the session is to be run. A script that has been told
    to end and was about to run its page once more does not call back the script for the next one."""
    run = get_script_run_ctx(suppress_warning=True)
    with _handing_out:
        if getattr(run and run.script_requests, "_state", None) is not ScriptRequestType.STOP:
            _intend(pages, *page)


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


def _name_few_files(session: AppSession, request: FileURLsRequest) -> None:
    """In place of AppSession._handle_file_urls_request: addresses for as many files as one chooses at once."""
    if len(request.file_names) <= MAX_CHOICES:
        _name_files(session, request)


def _keep_caches(_: AppSession) -> None:
    """In place of AppSession._handle_clear_cache_request: a visitor empties nothing that all sessions share."""
    log.info("a message that asks to clear the caches was dropped")


def _take_readable(session: SessionState, sent: WidgetStates) -> None:
    """In place of SessionState.set_widgets_from_proto: takes what can be read of a message. Of a widget that this
    session has not drawn yet (the server was started anew) nothing is known before it is: `_readable_value` reads that.
    """
    if len(sent.widgets) > MAX_WIDGETS:
        log.info("a message with the values of %d widgets was dropped", len(sent.widgets))
        return
    _take(session, sent)
    values = session._new_widget_state
    for widget in {state.id for state in sent.widgets} & values.widget_metadata.keys():
        try:
            values[widget]
        except KeyError:
            values.states.pop(widget, None)


def _readable_value(values: WStates, widget: str) -> Any:
    """In place of WStates.__getitem__: the value of a widget. Raises KeyError, as for one that was not sent, where it
    cannot be read."""
    state, metadata = values.states.get(widget), values.widget_metadata.get(widget)
    if not isinstance(state, Serialized) or metadata is None:
        return _value(values, widget)
    kept = _readable(state.value, metadata)
    if kept is None:
        log.info("a value of %d bytes was dropped: %.80r cannot have sent it", state.value.ByteSize(), widget)
        raise KeyError(widget)
    values.states[widget] = Serialized(kept)
    try:
        read = _value(values, widget)
    except Exception as error:  # on a value that its control cannot send Streamlit raises nearly anything
        raise KeyError(widget) from error
    finally:
        values.set_widget_metadata(metadata)  # Streamlit has put the kind of what was sent in place of the widget's
    if isinstance(read, DeletedFile):  # a file that this session never brought
        values.states[widget] = state
        raise KeyError(widget)
    return read


def _readable(state: WidgetState, metadata: WidgetMetadata[Any]) -> WidgetState | None:
    """What a widget can have sent of `state`; None where that is nothing. A control that was emptied sends no value."""
    kind = state.WhichOneof("value")
    if kind is None:
        return state
    if kind != metadata.value_type and not {kind, metadata.value_type} <= NUMBERS:
        return None
    if kind in ("json_value", "json_trigger_value"):
        text = (_known_state if kind == "json_value" else _known_events)(getattr(state, kind), metadata.callbacks or {})
        if text is None:
            return None
        known = WidgetState(id=state.id)
        setattr(known, kind, text)
        return known
    return state if _fits(kind, getattr(state, kind), getattr(metadata, "formatted_options", None)) else None


def _fits(kind: str, value: Any, options: list[str] | None) -> bool:
    """Whether a control with these options (None: any text) can have sent this value of that kind."""
    match kind:
        case "string_value":
            return len(value) <= MAX_LETTERS if options is None else value in options
        case "string_array_value":
            return len(value.data) <= MAX_CHOICES and set(value.data) <= set(options or ())
        case "double_value":
            return math.isfinite(value)
        case "int_value":
            return bool(abs(value) <= MAX_INTEGER)
        case "file_uploader_state_value":
            return len(value.uploaded_file_info) <= MAX_CHOICES
    return True


# --- components


def _known_state(text: str, takes: Mapping[str, Any]) -> str | None:
    """The state of a component with those names that it `takes` and with values that it can have; None for what is no
    state at all."""
    state = _parsed(text)
    if not isinstance(state, dict):
        return None
    kept = {name: value for name, value in state.items() if name in takes and _is_small(value, takes[name])}
    return text if kept == state else json.dumps(kept)


def _known_events(text: str, takes: Mapping[str, Any]) -> str | None:
    """The events of a component, likewise."""
    events = _parsed(text)
    several = events if isinstance(events, list) else [events]
    kept = [event for event in several[:MAX_EVENTS] if _is_event(event, takes)]
    return json.dumps([{"event": event["event"], "value": event.get("value")} for event in kept]) if kept else None


def _is_event(event: Any, takes: Mapping[str, Any]) -> bool:
    """Whether it is one that the component has, with a value that it can have."""
    named = isinstance(event, dict) and isinstance(event.get("event"), str) and event["event"] in takes
    return named and _is_small(event.get("value"), takes[event["event"]])


def _parsed(text: str) -> Any:
    """What the JSON says; None where it is none, or too much to be looked at. Counting marks costs a hundredth of
    parsing them."""
    if sum(map(text.count, "{[,")) > MAX_MARKS:
        return None
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_small(value: Any, callback: Any) -> bool:
    """Whether a value has no more letters than its `_Inlet` takes, and is made of what a browser makes JSON of."""
    parts, letters = _measured(value)
    return parts <= MAX_PARTS and letters <= getattr(callback, "max_letters", 0)


def _measured(value: Any) -> tuple[float, int]:
    """How many parts a value has, and letters in them; infinitely many parts where one is none of JSON's."""
    parts, letters, level = 0, 0, [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return parts, letters
        parts += len(level)
        below: list[Any] = []
        for one in level:
            if isinstance(one, list):
                below += one
            elif isinstance(one, dict):
                below += [*one, *one.values()]
            elif isinstance(one, str) and _is_text(one):
                letters += len(one)
            elif not (one is None or (isinstance(one, (int, float)) and abs(one) <= MAX_INTEGER)):
                return math.inf, letters
        if parts + len(below) > MAX_PARTS:
            return math.inf, letters
        level = below
    return (math.inf if level else parts), letters


def _is_text(text: str) -> bool:
    """Whether it can be written: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

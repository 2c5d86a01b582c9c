"""What comes in from browsers, before Streamlit takes it into its books: the one place where a message is read.

Anybody can send any value to any widget. Streamlit reads a value when it is first asked for; where that raises (NaN for
a whole number, a number for a pill, JSON that is none), the value stays where it is, and every later message of the
session raises again. So each value is read here first: what is of another kind than its widget's, what no control
offers, what is larger than a component ever sends or made of parts that it does not have was never sent, and the widget
keeps what it had. What a value then means is judged by whoever takes it (`core.store`, the components' own readers).
"""

import json
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, SessionState, WStates
from streamlit.runtime.uploaded_file_manager import DeletedFile

from cnnviz.ui.core import crossing, downloads

log = logging.getLogger(__name__)

MAX_ROUND = 200_000  # bytes of a message beside the widgets' values: the address twice, what the browser has kept
MAX_PARAMETERS = 200  # of an address
MAX_WIDGETS = 500  # in a message; the fullest page has a tenth of it
MAX_LETTERS = 100_000  # of a text that was typed; the longest that a page takes has 6,000
MAX_CHOICES = 100  # of a menu in which one chooses several, and files of one
MAX_EVENTS = 20  # of a component in one message
MAX_MARKS = 60_000  # brackets and commas outside of texts, where a value is not even parsed
MAX_PARTS = 5_000  # numbers, texts, lists and their parts in one value
MAX_DEPTH = 6
MAX_INTEGER = 2**53  # from here on a browser's numbers have gaps
NUMBERS = {"int_value", "double_value"}  # a browser sends a whole number as the first, Streamlit calls both the second

# Streamlit's own, which it may name otherwise one day
_take: Any = getattr(SessionState, "set_widgets_from_proto", None)
_value: Any = WStates.__getitem__
_run: Any = getattr(AppSession, "_handle_rerun_script_request", None)
_name_files: Any = getattr(AppSession, "_handle_file_urls_request", None)


def install() -> None:
    """Stand in front of Streamlit's sessions and of what they keep, for all of this process. Where this Streamlit has
    one of these places no more, the log says so, and the others are taken."""
    ours: dict[tuple[type, str], Callable[..., Any]] = {
        (AppSession, "_handle_rerun_script_request"): _run_if_small,
        (AppSession, "_handle_file_urls_request"): _name_few_files,
        (AppSession, "_handle_clear_cache_request"): _keep_caches,
        (SessionState, "set_widgets_from_proto"): _take_readable,
        (WStates, "__getitem__"): _readable_value,
        **crossing.OURS,
        **downloads.OURS,
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
        crossing.arrives(session, client)
    _run(session, client)


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
    if _marks(text) > MAX_MARKS and _marks(_without_texts(text)) > MAX_MARKS:
        return None
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def _marks(text: str) -> int:
    return sum(map(text.count, "{[,"))


def _without_texts(written: str) -> str:
    """JSON without what stands within its quotation marks."""
    return "".join(written.replace("\\\\", "").replace('\\"', "").split('"')[::2])


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

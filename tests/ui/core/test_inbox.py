"""What is taken of a message, value by value, and what Streamlit's session state then is."""

import json
import math
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime import caching
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

from cnnviz.ui.core import crossing, inbox
from cnnviz.ui.core.component import SHORT, _Inlet
from tests.pace import within

inbox.install()

TAKES = {"edits": _Inlet(lambda: None, 1000), "pin": _Inlet(lambda: None), "pasted": _Inlet(lambda: None, 100_000 * 4)}


def metadata(kind: Any = "json_value", **more: Any) -> WidgetMetadata[Any]:
    return WidgetMetadata("w", lambda value: value, lambda value: value, kind, **more)


def state_of(text: str) -> Any:
    """What is taken of a component's state."""
    kept = inbox._readable(WidgetState(id="w", json_value=text), metadata(callbacks=TAKES))
    return None if kept is None else json.loads(kept.json_value)


def events_of(text: str) -> Any:
    kept = inbox._readable(
        WidgetState(id="w", json_trigger_value=text), metadata("json_trigger_value", callbacks=TAKES)
    )
    return None if kept is None else json.loads(kept.json_trigger_value)


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ({"pin": {"row": 1}}, {"pin": {"row": 1}}),
        ({"pin": 1, "junk": "x" * 10**5, "__proto__": 2}, {"pin": 1}),
        ({"edits": "x" * 1000, "pin": "x" * SHORT}, {"edits": "x" * 1000, "pin": "x" * SHORT}),
        ({"edits": "x" * 1001, "pin": "x" * (SHORT + 1)}, {}),
        ({"edits": ["é" * 600, "é" * 600]}, {}),
        ({"pasted": 'x[{,]}\\"\n' * 25_000}, {"pasted": 'x[{,]}\\"\n' * 25_000}),  # a text may be all brackets
        ({"edits": [0] * 4990}, {"edits": [0] * 4990}),
        ({"edits": [0] * 5000}, {}),
        ({"edits": [[[[[1]]]]]}, {"edits": [[[[[1]]]]]}),
        ({"edits": [[[[[[1]]]]]]}, {}),
        ({"pin": 2**53}, {"pin": 2**53}),
        ({"pin": 2**53 + 1}, {}),
        ({"pin": "\ud800"}, {}),
        ({"pin": {"\udfff": 1}}, {}),
        ([], None),
        (7, None),
    ],
)
def test_what_is_taken_of_a_state(sent: Any, taken: Any) -> None:
    assert state_of(json.dumps(sent)) == taken


@pytest.mark.parametrize(
    "text",
    ["", "{", "nul", '{"pin": NaN}', '{"pin": -Infinity}', "[" * 9999, '{"pin": 1}{', '{"pin": ' + "1" * 5000 + "}"],
)
def test_what_is_no_json_is_not_taken(text: str) -> None:
    assert state_of(text) is None and events_of(text) is None


def test_a_number_too_large_to_be_written_is_none() -> None:
    assert state_of('{"pin": 1e999, "edits": 1e300}') == {}


def test_events_are_taken_by_name() -> None:
    one, other = {"event": "pin", "value": 1}, {"event": "junk", "value": 1}
    assert events_of(json.dumps([one, other, 7, None, {"event": ["pin"]}])) == [one]
    assert events_of(json.dumps(one)) == [one]
    assert events_of(json.dumps([one] * 50)) == [one] * 20
    assert events_of(json.dumps([other])) is None
    assert events_of(json.dumps([{**one, "value": "x" * (SHORT + 1)}])) is None


def test_many_edits_cost_nothing() -> None:
    cell = '{"seq":1,"kind":"cell","plane":"x0","row":0,"col":0,"text":"1"}'
    for text in ('{"edits":[' + ",".join([cell] * 25_000) + "]}", '{"edits":[' + "{}," * 150_000 + "{}]}"):
        with within(0.1):
            assert state_of(text) is None


def typed(kind: str, value: Any, **more: Any) -> bool:
    """Whether a value of that kind is taken by a widget of that kind."""
    state = WidgetState(id="w")
    if isinstance(value, list):
        getattr(state, kind).data.extend(value)
    else:
        setattr(state, kind, value)
    return inbox._readable(state, metadata(kind, **more)) is not None


def test_a_streamlit_that_names_something_otherwise_still_serves(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for place, name in ((SessionState, "set_widgets_from_proto"), (AppSession, "_handle_clear_cache_request")):
        monkeypatch.delattr(place, name)
        inbox.install()
        assert not hasattr(place, name) and name in caplog.text


def test_plain_values() -> None:
    assert typed("double_value", 1e300) and not any(typed("double_value", one) for one in (math.nan, math.inf))
    assert typed("string_value", "b", formatted_options=["a", "b"])
    assert not typed("string_value", "c", formatted_options=["a", "b"])
    assert typed("string_value", "x" * 100_000) and not typed("string_value", "x" * 100_001)
    assert typed("string_array_value", ["a"], formatted_options=["a", "b"])
    assert not typed("string_array_value", ["a", "c"], formatted_options=["a", "b"])
    assert not typed("string_array_value", ["a"] * 101, formatted_options=["a", "b"])


KINDS = {"trigger_value": True, "bool_value": True, "double_value": 1.0, "int_value": 1, "string_value": "1"}
KINDS |= {"json_value": "{}", "json_trigger_value": "[]", "bytes_value": b"1"}


@pytest.mark.parametrize("sent", KINDS)
def test_another_kind_than_the_widgets_is_not_taken(sent: str) -> None:
    state = WidgetState(**{"id": "w", sent: KINDS[sent]})
    others = [kind for kind in KINDS if kind != sent and not {kind, sent} <= inbox.NUMBERS]
    assert others and all(inbox._readable(state, metadata(kind)) is None for kind in others)


def test_a_whole_number_is_taken_by_a_control_of_numbers() -> None:
    """A browser sends it as a whole number, though Streamlit says that the control's are not."""
    for number, taken in ((28, True), (-(2**53), True), (2**53 + 1, False)):
        state = WidgetState(id="w", int_value=number)
        assert (inbox._readable(state, metadata("double_value")) is not None) == taken


def test_a_control_that_was_emptied_sends_nothing() -> None:
    assert all(inbox._readable(WidgetState(id="w"), metadata(kind)) is not None for kind in KINDS)


def session() -> SessionState:
    """A session with a widget that holds 3, and one that raises on what it is sent, but for 'good'."""

    def read(value: Any) -> Any:
        if value not in (None, "good"):
            raise RuntimeError(value)
        return value

    made = SessionState()
    made._set_widget_metadata(WidgetMetadata("$$ID-1-n", lambda v: 3 if v is None else int(v), float, "double_value"))
    made._set_widget_metadata(WidgetMetadata("$$ID-2-t", read, str, "string_value"))
    made._new_widget_state.set_from_value("$$ID-1-n", 3)
    made._new_widget_state.set_from_value("$$ID-2-t", "good")
    return made


def test_what_cannot_be_read_leaves_the_widget_as_it_was_and_the_next_message_counts() -> None:
    one = session()
    for wrong in (math.nan, math.inf):
        one.on_script_will_rerun(
            WidgetStates(
                widgets=[WidgetState(id="$$ID-1-n", double_value=wrong), WidgetState(id="$$ID-2-t", string_value="bad")]
            )
        )
        assert one["$$ID-1-n"] == 3 and one["$$ID-2-t"] == "good"
    one.on_script_will_rerun(WidgetStates(widgets=[WidgetState(id="$$ID-1-n", double_value=5.0)]))
    assert one["$$ID-1-n"] == 5
    assert one._get_widget_metadata("$$ID-1-n").value_type == "double_value"  # type: ignore[union-attr]


def test_what_came_before_its_widget_is_read_when_that_is_drawn() -> None:
    one, late = session(), "$$ID-3-late"
    one.on_script_will_rerun(WidgetStates(widgets=[WidgetState(id=late, double_value=math.nan)]))
    assert late not in one
    made: Any = WidgetMetadata(late, lambda value: 7 if value is None else int(value), float, "double_value")
    assert one.register_widget(made, None).value == 7


def test_a_message_with_more_widgets_than_any_page_has_is_dropped() -> None:
    one = session()
    many = [WidgetState(id=f"$$ID-{n}-x", double_value=1.0) for n in range(inbox.MAX_WIDGETS)]
    one.on_script_will_rerun(WidgetStates(widgets=[*many, WidgetState(id="$$ID-1-n", double_value=5.0)]))
    assert one["$$ID-1-n"] == 3


def test_a_visitor_clears_nobodys_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[str] = []
    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    monkeypatch.setattr(caching.cache_resource, "clear", lambda: cleared.append("resources"))
    monkeypatch.setattr(caching.cache_data, "clear", lambda: cleared.append("data"))
    AppSession._handle_clear_cache_request(object.__new__(AppSession))
    assert cleared == []


def test_an_address_is_as_long_as_a_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda _, client: run.append(client.page_name))
    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    one = object.__new__(AppSession)
    for name, query in {"plain": "a=1", "long": "x" * 90_000, "longer": "x" * 200_001, "many": "&" * 201}.items():
        AppSession._handle_rerun_script_request(one, ClientState(page_name=name, query_string=query))
    edits = WidgetStates(widgets=[WidgetState(id="w", json_value="x" * 500_000)])
    AppSession._handle_rerun_script_request(one, ClientState(page_name="edits", widget_states=edits))
    assert run == ["plain", "long", "edits"]


def test_what_comes_from_a_page_that_was_left_leads_to_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, str]] = []
    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    monkeypatch.setattr(
        AppSession, "request_rerun", lambda _, client: ran.append((client.page_script_hash, client.fragment_id))
    )
    monkeypatch.setattr(crossing, "_send", lambda *_: None)
    one = object.__new__(AppSession)

    def comes(page: str, fragment: str = "") -> tuple[str, str]:
        AppSession._handle_rerun_script_request(one, ClientState(page_script_hash=page, fragment_id=fragment))
        return ran[-1]

    def is_told(kind: str, page: str) -> None:
        message = ForwardMsg()
        getattr(message, kind).page_script_hash = page
        AppSession._enqueue_forward_msg(one, message)

    assert comes("") == ("", "")  # the first visit
    is_told("new_session", "home")
    is_told("navigation", "old")
    assert comes("old", "stage") == ("old", "stage")
    assert comes("new") == ("new", "")
    assert comes("old", "stage") == ("new", "")  # before the new page has begun,
    is_told("new_session", "new")
    assert comes("old", "stage") == ("new", "")  # and before the browser has heard of it
    assert comes("new", "stage") == ("new", "stage")
    is_told("new_session", "third")  # st.switch_page
    assert comes("third", "stage") == ("third", "stage")
    assert comes("new", "stage") == ("third", "")
    one = object.__new__(AppSession)  # it has asked for nothing yet: it came back
    assert comes("here", "stage") == ("here", "stage")


def test_what_no_script_has_looked_at_goes_with_the_request_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[ClientState] = []
    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    monkeypatch.setattr(AppSession, "request_rerun", lambda _, client: ran.append(client))
    one = object.__new__(AppSession)

    def comes(fragment: str = "", **values: str) -> dict[str, str]:
        states = [WidgetState(id=name, json_value=value) for name, value in values.items()]
        client = ClientState(page_script_hash="p", fragment_id=fragment, widget_states=WidgetStates(widgets=states))
        AppSession._handle_rerun_script_request(one, client)
        return {state.id: state.json_value for state in ran[-1].widget_states.widgets}

    assert comes("stage", edit="1", size="2") == {"edit": "1", "size": "2"}
    assert comes("pad", pen="5") == {"pen": "5"}
    assert comes(size="3") == {"size": "3", "pen": "5", "edit": "1"}
    assert [len(client.widget_states.widgets) for client in ran] == [0, 0, 3], "nothing is looked at twice"

    tray = crossing._trays[one]
    crossing._hand_out(tray, ran[0].widget_states)  # of the script that was ended
    assert tray.unread == [ran[-1].widget_states]
    crossing._hand_out(tray, ran[-1].widget_states)
    assert tray.unread == [] and comes(size="4") == {"size": "4"}
    for _ in range(9):
        comes("gone", text="x" * 1_000_000)
    assert 1_000_000 < sum(sent.ByteSize() for sent in tray.unread) <= crossing.MAX_UNREAD
    for _ in range(100):
        comes("gone")
    assert 0 < len(tray.unread) < 9, "empty ones are not kept"
    for number in range(100):
        comes("gone", text=str(number))
    assert len(tray.unread) == crossing.MAX_MESSAGES and comes(size="5") == {"size": "5", "text": "99"}


def test_addresses_are_made_for_few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(inbox, "_name_files", lambda _, request: asked.append(len(request.file_names)))
    monkeypatch.setattr(AppSession, "__del__", lambda _: None)
    for count in (1, 100, 101):
        AppSession._handle_file_urls_request(object.__new__(AppSession), FileURLsRequest(file_names=["a"] * count))
    assert asked == [1, 100]

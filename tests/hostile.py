"""Messages that no browser of ours sends: any value to any widget, drawn by a seeded generator.

A value is typed (every field that Streamlit's WidgetState has) or, for components, JSON: broken, deep, long, with names
and numbers from the real ones. Whether a page survives them is asked in tests/test_messages.py and over a socket in
tests/test_load.py.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Sequence
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

PARTS = """edits drawing file pick pin at rested save chosen cell page image unit switched named link action value event
    toString __proto__ seq kind plane row col rows cols text layer id picture stamp alone bytes name size digit by"""
NAMES = PARTS.split()
PLAIN = "0 -1 1e400 nan x0 w0 b0 cell paste size lenet5 nosuch None True present previous next &lock=all %00 1,5 −2"
WORDS = [
    *PLAIN.split(),
    *("", " ", "../../etc/passwd", "<script>alert(1)</script>", "$$ID-x-y", "a\nb", "\x00", "1\t2\n3\t4", "\u202e"),
    *("ﷺ", "🙂" * 40, "x" * 5000, "?network=nosuch", "='1+1"),
]
NUMBERS = (0, 1, -1, 2, 9, 10, 255, 256, 2**31, 2**53, 2**63 - 1, -(2**63), 10**30, 0.5, -0.0, 1e308, 5e-324)
FLOATS = (*map(float, NUMBERS), float("nan"), float("inf"), float("-inf"))
CELL = '{"seq": 1, "kind": "cell", "plane": "x0", "row": 0, "col": 0, "text": "1"},'
BROKEN = [  # as JSON
    *("", "{", "nul", "[1,]", '{"edits": NaN}', '{"pin": Infinity}', '{"edits": 1e999}', '"' + "x" * 100, "\ufeff{}"),
    *("[" * 3000, "1" * 5000, '{"edits": ' + "[" * 400 + "]" * 400 + "}", '{"a": ' * 300 + "1" + "}" * 300),
    *('{"link": "\\ud800"}', '{"edits": [' + CELL.replace('"1"', '"\\udfff"') + "{}]}"),
    *('{"edits": [' + CELL * 5_000 + "{}]}", '{"edits": [' + "{}," * 20_000 + "{}]}"),
    '{"rested": "' + "x" * 300_000 + '"}',
]


def states(rng: random.Random, widgets: Sequence[str], options: Sequence[str] = ()) -> WidgetStates:
    """What is sent to one or a few of `widgets`, and now and then to one that is not there. `options` are what controls
    offer, for other ones to be sent."""
    words = [*WORDS, *options]
    chosen = rng.choices(widgets, k=rng.choice((1, 1, 1, 2, 5)))
    if rng.random() < 0.05:
        chosen += [f"$$ID-{rng.getrandbits(64):x}-None"] * rng.choice((1, 600))
    return WidgetStates(widgets=[_state(rng, widget, words) for widget in chosen])


def _state(rng: random.Random, widget: str, words: Sequence[str]) -> WidgetState:
    """One value for that widget."""
    if widget.endswith("__events"):
        return WidgetState(id=widget, json_trigger_value=_events(rng, words))
    kinds = [*TYPED, "json", "json", "nothing"]
    kind = rng.choice(kinds)
    if kind == "nothing":
        return WidgetState(id=widget)
    if kind == "json":
        field = rng.choice(("json_value", "json_value", "json_value", "json_trigger_value", "string_value"))
        return WidgetState(**{"id": widget, field: _json(rng, words)})
    state = WidgetState(id=widget)
    TYPED[kind](state, rng, words)
    return state


def _few(rng: random.Random) -> int:
    return rng.choice((0, 1, 1, 2, 3, 300))


def _set(name: str, pick: Any) -> Any:
    """A writer of a plain field."""
    return lambda state, rng, words: setattr(state, name, pick(rng, words))


def _fill(name: str, pick: Any) -> Any:
    """A writer of an array."""
    return lambda state, rng, words: (
        getattr(state, name).data.extend(pick(rng, words) for _ in range(_few(rng)))
        or (getattr(state, name).SetInParent())
    )


def _whole(rng: random.Random, words: Sequence[str]) -> int:
    return int(rng.choice([one for one in NUMBERS if isinstance(one, int) and abs(one) < 2**63]))


def _files(state: WidgetState, rng: random.Random, words: Sequence[str]) -> None:
    """Files that nobody brought."""
    state.file_uploader_state_value.SetInParent()
    for _ in range(_few(rng)):
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = rng.choice(words), rng.choice(words), abs(_whole(rng, words))


def _chat(state: WidgetState, rng: random.Random, words: Sequence[str]) -> None:
    state.chat_input_value.data = rng.choice(words)


def _arrow(state: WidgetState, rng: random.Random, words: Sequence[str]) -> None:
    state.arrow_value.data = rng.randbytes(50)


TYPED: dict[str, Any] = {
    "trigger": _set("trigger_value", lambda rng, words: rng.random() < 0.5),
    "bool": _set("bool_value", lambda rng, words: rng.random() < 0.5),
    "double": _set("double_value", lambda rng, words: rng.choice(FLOATS)),
    "int": _set("int_value", _whole),
    "string": _set("string_value", lambda rng, words: rng.choice(words)),
    "bytes": _set("bytes_value", lambda rng, words: rng.randbytes(rng.choice((0, 3, 1000)))),
    "doubles": _fill("double_array_value", lambda rng, words: rng.choice(FLOATS)),
    "ints": _fill("int_array_value", _whole),
    "strings": _fill("string_array_value", lambda rng, words: rng.choice(words)),
    "string trigger": lambda state, rng, words: setattr(state.string_trigger_value, "data", rng.choice(words)),
    "files": _files,
    "chat": _chat,
    "arrow": _arrow,
}


def _events(rng: random.Random, words: Sequence[str]) -> str:
    """Events of a component, or something else."""
    if rng.random() < 0.2:
        return _json(rng, words)
    events = [{"event": rng.choice(NAMES), "value": _value(rng, words, 0)} for _ in range(rng.choice((1, 1, 2, 30)))]
    return json.dumps(events if rng.random() < 0.8 else events[0])


def _json(rng: random.Random, words: Sequence[str]) -> str:
    """JSON as a component's state, or what is nearly JSON."""
    if rng.random() < 0.25:
        return rng.choice(BROKEN)
    state = {rng.choice(NAMES): _value(rng, words, 0) for _ in range(rng.choice((1, 1, 2, 4)))}
    text = json.dumps(state if rng.random() < 0.9 else _value(rng, words, 0))
    if rng.random() < 0.1:  # a letter of it is another one
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(string.printable) + text[at + 1 :]
    return text


def _value(rng: random.Random, words: Sequence[str], depth: int) -> Any:
    """Any JSON, often with the names and the kinds of real ones."""
    kind = rng.random()
    if depth > 3 or kind < 0.45:
        return rng.choice((rng.choice(words), rng.choice(NUMBERS), rng.choice((None, True, False)), rng.randrange(20)))
    if kind < 0.7:
        return [_value(rng, words, depth + 1) for _ in range(_few(rng) % 50)]
    if kind < 0.85:
        return _edit(rng, words)
    return {rng.choice(NAMES): _value(rng, words, depth + 1) for _ in range(rng.randrange(5))}


def _edit(rng: random.Random, words: Sequence[str]) -> dict[str, Any]:
    """An edit of a stage, with a part that is none now and then."""
    edit: dict[str, Any] = {
        "seq": rng.choice((1, 2, 5, 10**6, 2**40, rng.randrange(100))),
        "kind": rng.choice(("cell", "paste", "size")),
        "plane": rng.choice(("x0", "w0", "b0", "y0", "x1")),
        "row": rng.randrange(-1, 20),
        "col": rng.randrange(-1, 20),
        "rows": rng.randrange(-1, 20),
        "cols": rng.randrange(-1, 20),
        "text": rng.choice(words),
    }
    if rng.random() < 0.3:
        edit[rng.choice(list(edit))] = rng.choice((None, *NUMBERS[:6], "x", []))
    return edit

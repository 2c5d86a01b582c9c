"""A text box for the text of a network: line numbers, the place of an error marked, read a moment after the last key.

The browser's text counts while it is being edited. The page's takes its place only where the setting has changed for
another reason: a fix was clicked, an exercise opened, a link followed. Each such change has a number, `revision`; what
the box sends names the one that it was typed into, and is dropped where another has come since.
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from cnnviz.ui.core import assets, component

if TYPE_CHECKING:
    from cnnviz.ui.core.store import Store

ASSETS = assets.read(__file__)

MAX_LETTERS = 100_000  # that a text may have; the browser says where one is longer, and does not send it
MAX_NAMES = 200  # letters of what the box sends beside the text
MAX_FILE = 1_000_000  # bytes of a file that fills the box, read by the browser


@dataclass(frozen=True)
class Mark:
    """Where a text is wrong, by line and column from 1, and why."""

    line: int
    column: int
    sentence: str


@dataclass(eq=False)
class _Box:
    """What a box shows, as far as this session knows, and the setting that counts with it: these are two where no
    setting can be made of the text. A box of another session has another `origin`."""

    text: str
    value: str
    revision: int = 0
    origin: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass(frozen=True)
class _Typed:
    """What the browser has sent: a text, and what it was typed into; each has another `id`."""

    id: str
    origin: str
    revision: int
    text: str


def source_box(
    store: "Store[Any]",
    field: str,
    label: str,
    *,
    error: Mark | None = None,
    notes: Sequence[str] = (),
    height: int = 260,
) -> None:
    """Draw the box of the setting `field`, a text, where the link leaves it to be seen, `height` pixels high.

    `error` is what is wrong with the text of the setting, marked in it and said below it; `notes` are said there too. A
    text that cannot be the setting stays in its box until it is mended, with a sentence in the store's notes.
    """
    if field in store.lock.hidden:
        return
    key = store.key(field)
    box, typed = _shown(store, field), _typed(component.sent(key, "typed"))
    knows = typed is not None and (typed.origin, typed.revision, typed.text) == (box.origin, box.revision, box.text)
    data = {
        "name": key,
        "label": label,
        "origin": box.origin,
        "revision": box.revision,
        "text": None if knows else box.text,
        "ack": typed and typed.id,
        "error": error and asdict(error),
        "notes": list(notes),
        "height": height,
        "fixed": store.lock.fixes(field),
        "letters": MAX_LETTERS,
        "bytes": MAX_FILE,
    }
    component.mount(
        ASSETS,
        key=key,
        data=data,
        default={"typed": None},
        max_letters={"typed": MAX_LETTERS + MAX_NAMES},
        on_typed_change=lambda: _take(store, field),
    )


def _shown(store: "Store[Any]", field: str) -> _Box:
    """The box of `field`, with the setting's text in it where that has changed since the box was typed into."""
    import streamlit as st

    name, value = f"box {store.key(field)}", getattr(store.state, field)
    box: _Box | None = st.session_state.get(name)
    if box is None:
        box = st.session_state[name] = _Box(value, value)
    if box.value != value:
        box.text, box.value, box.revision = value, value, box.revision + 1
    return box


def _take(store: "Store[Any]", field: str) -> None:
    """Callback: what was typed becomes the setting, or stays in the box."""
    typed, box = _typed(component.sent(store.key(field), "typed")), _shown(store, field)
    if typed is None or (typed.origin, typed.revision) != (box.origin, box.revision) or typed.text == box.text:
        return
    store.take(**{field: typed.text})
    box.text, box.value = typed.text, getattr(store.state, field)


def _typed(sent: Any) -> _Typed | None:
    """What came in, where a box can have sent it."""
    given = sent if isinstance(sent, dict) else {}
    name, origin, revision, text = (given.get(part) for part in ("id", "origin", "revision", "text"))
    if not (isinstance(name, str) and isinstance(origin, str) and isinstance(text, str) and type(revision) is int):
        return None
    return _Typed(name, origin, revision, text) if len(text) <= MAX_LETTERS else None

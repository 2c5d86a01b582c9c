"""What a page is showing: one frozen dataclass in the session, mirrored in the URL. Widgets are views of it.

A callback (which Streamlit runs before the script) replaces the state; then `page()` calls `load`, which mends what no
longer fits and writes the URL; then the page draws. So the URL needs no second writer and no widget holds a truth of its
own. A URL that the reader changed (a link, the back button) wins over the session.
"""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st

from cnnviz import links

State = TypeVar("State")

STALE_SECONDS = 3.0  # a rerun that was under way when the URL was written still carries the one before


@dataclass
class Store(Generic[State]):
    """The state of one page in one session: `state` is its value, `notes` are the sentences to show above the stage."""

    name: str
    state: State
    notes: list[str]

    def key(self, field: str) -> str:
        """The key of the widget for `field`; every widget's key has its page's prefix."""
        return f"{self.name}_{field}"

    def change(self, **values: Any) -> None:
        """Replace settings; for callbacks. What is named here stays, and what it makes impossible is mended around it."""
        change(self.name, **values)

    def widget(self, draw: Callable[..., Any], field: str, label: str, *args: Any, **options: Any) -> Any:
        """Draw a widget that shows `field` and changes it. Returns the value."""
        key = self.key(field)
        value = getattr(self.state, field)
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value

        def take() -> None:
            taken = st.session_state[key]
            if taken is not None:  # an emptied box or a segment clicked off keeps what was there
                change(self.name, **{field: taken})

        draw(label, *args, key=key, on_change=take, **options)
        return value


def session_key(name: str) -> str:
    """Where the session keeps the state of page `name`."""
    return f"state of {name}"


def change(name: str, **values: Any) -> None:
    """Replace settings of page `name`; for callbacks, before the script runs."""
    kept = st.session_state[session_key(name)]
    kept["state"] = replace(kept["state"], **values)
    kept["changed"] = [*kept["changed"], *values]


def load(name: str, state_class: type[State]) -> Store[State]:
    """The state of page `name` for this run: what a callback made of it, else what the URL says. Writes the URL.

    `state_class` is a frozen dataclass of fields from `cnnviz.links`. Where it has a method `mended(changed)`, that gives
    the state with impossible settings mended (those in `changed` last) and a sentence for each.
    """
    query = {key: str(value) for key, value in st.query_params.to_dict().items()}
    kept = st.session_state.setdefault(
        session_key(name), {"state": None, "changed": [], "written": None, "notes": [], "history": []}
    )
    ours = {field.name for field in dataclasses.fields(state_class)}  # type: ignore[arg-type]
    seen = {key: value for key, value in query.items() if key in ours}
    notes: list[str] = []
    if kept["state"] is None or not (kept["changed"] or is_ours(kept, seen)):
        kept["state"], notes = links.decode(state_class, seen)
    if hasattr(kept["state"], "mended"):
        kept["state"], mends = kept["state"].mended(kept["changed"])
        notes += mends
    if notes or kept["changed"]:
        kept["notes"] = notes
    kept["changed"] = []
    wanted = links.encode(kept["state"])
    if wanted != seen:
        others = {key: value for key, value in query.items() if key not in ours}
        st.query_params.from_dict({**others, **wanted})
    kept["written"] = wanted
    kept["history"] = [(time.monotonic(), wanted), *kept["history"][:9]]
    return Store(name, kept["state"], list(kept["notes"]))


def is_ours(kept: dict[str, Any], seen: dict[str, str]) -> bool:
    """Whether the URL is the one that we wrote, or wrote so lately that this rerun may not know the newer one."""
    now = time.monotonic()
    return seen == kept["written"] or any(
        seen == written for at, written in kept["history"] if now - at < STALE_SECONDS
    )

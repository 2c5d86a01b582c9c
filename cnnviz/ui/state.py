"""What a page is showing: one frozen dataclass in the session, mirrored in the URL. Widgets are views of it.

A callback (which Streamlit runs before the script) replaces the state; then `page()` calls `load`, which mends what no
longer fits and writes the URL; then the page draws. So the URL needs no second writer and no widget holds a truth of
its own. A URL that the reader changed (a link, the back button) wins over the session.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st

from cnnviz import links
from cnnviz.lessons.common.settings import Settings
from cnnviz.links import locks
from cnnviz.links.locks import Lock

State = TypeVar("State", bound=Settings)

# a rerun that was under way when the URL was written still carries the one before, for so long at most: fragments run
# again by themselves or by a click on what is folded; the whole page seldom does, but for the back button
STALE_SECONDS = {"fragment": 3.0, "page": 0.5}


class Nothing:
    """Stands for: no value yet."""


@dataclass
class Store(Generic[State]):
    """The state of one page in one session: `state` is its value, `notes` are the sentences to show above the stage,
    `lock` is what the link fixes of it."""

    name: str
    state: State
    notes: list[str]
    lock: Lock = Lock()

    def key(self, field: str) -> str:
        """The key of the widget for `field`; every widget's key has its page's prefix."""
        return f"{self.name}_{field}"

    def change(self, **values: Any) -> None:
        """Replace settings; for callbacks. What is named here stays, and what it makes impossible is mended around
        it."""
        change(self.name, **values)

    def refuses(self, settings: Mapping[str, Any]) -> bool:
        """Whether `settings` would change what the link fixes, for a button that is then out of reach."""
        return any(self.lock.fixes(field) and getattr(self.state, field) != settings[field] for field in settings)

    def live(self, body: Callable[["Store[State]"], None]) -> None:
        """Draw `body(store)` as a fragment: an edit or a click in it runs it alone, without title, menu and prose, so
        that the new output is seen sooner. For use as a decorator."""
        st.fragment(lambda: body(load(self.name, type(self.state), STALE_SECONDS["fragment"])))()

    def widget(self, draw: Callable[..., Any], field: str, label: str, *args: Any, **options: Any) -> Any:
        """Draw a widget that shows `field` and changes it, where the link leaves it free. Returns the value."""
        value = getattr(self.state, field)
        if field not in self.lock.hidden:
            options["disabled"] = self.lock.fixes(field)
            self.show(draw, field, value, lambda taken: change(self.name, **{field: taken}), label, *args, **options)
        return value

    def show(
        self, draw: Callable[..., Any], widget: str, value: Any, take: Callable[[Any], None], *args: Any, **options: Any
    ) -> None:
        """Draw a `widget` that shows `value`; `take(chosen)` is called before the page runs when the reader has chosen
        something. A box that was emptied and a segment that was clicked off keep what was there.

        The value goes to the browser as the widget's default: one that is set in the session goes there once, and is
        lost where the page runs again before the browser has drawn it, which then shows another and sends that.
        """
        key = self.key_for(widget, value)

        def changed() -> None:
            chosen = st.session_state[key]
            if chosen is not None and key == self.newest_key(widget):  # else it comes from one that is no more
                take(chosen)

        draw(*args, key=key, on_change=changed, **default(draw.__name__, value, args), **options)

    def key_for(self, widget: str, value: Any) -> str:
        """The key for a widget that shows `value`.

        Where the page, not the reader, has changed the value, it becomes a new widget with a new key: the browser
        sends the values of all widgets with every click, and one sent before it heard of the change would undo it.
        """
        shown = st.session_state.get(self.newest_key(widget), Nothing)  # `key in st.session_state` copies the session
        if shown is not Nothing and shown != value:
            revisions = st.session_state[session_key(self.name)]["revisions"]
            revisions[widget] = revisions.get(widget, 0) + 1
        return self.newest_key(widget)

    def newest_key(self, widget: str) -> str:
        """The key of `widget` since the page last changed its value."""
        revision = st.session_state[session_key(self.name)]["revisions"].get(widget, 0)
        return self.key(widget) + (f"_{revision}" if revision else "")


def default(kind: str, value: Any, args: Sequence[Any]) -> dict[str, Any]:
    """The argument that makes a widget of Streamlit's show `value` at first; `args` are its label and its options."""
    match kind:
        case "selectbox":
            return {"index": None if value is None else list(args[1]).index(value)}
        case "multiselect" | "segmented_control" | "pills":
            return {"default": value}
    return {"value": value}


def session_key(name: str) -> str:
    """Where the session keeps the state of page `name`."""
    return f"state of {name}"


def typing_key(name: str) -> str:
    """Where the session keeps what was typed into page `name`'s stage (see `edits`); a link replaces what it was
    typed into."""
    return f"edits of {name}"


def current(name: str) -> Any:
    """The settings of page `name` as they are now; for callbacks, which run before the page does."""
    return st.session_state[session_key(name)]["state"]


def lock(name: str) -> Lock:
    """What the link fixes on page `name`; for callbacks."""
    fixed: Lock = st.session_state[session_key(name)]["lock"]
    return fixed


def change(name: str, **values: Any) -> None:
    """Replace settings of page `name`; for callbacks, before the script runs. A change that would move what the link
    fixes, be it by what has to be mended, is not made, whatever the browser sent: there is a sentence instead."""
    kept = st.session_state[session_key(name)]
    wanted, changed = replace(kept["state"], **values), [*kept["changed"], *values]
    if moved := moved_fields(kept["lock"], kept["state"], wanted, changed):
        kept["refused"] = [locks.refusal(moved)]
        return
    kept.update(state=wanted, changed=changed)


def moved_fields(lock: Lock, before: Any, after: Any, changed: list[str]) -> list[str]:
    """The fixed settings that would not be as they were, once `after` is mended."""
    if lock.fixed:
        after, _ = after.validated(changed)
    return [field for field in lock.fixed if getattr(before, field) != getattr(after, field)]


def take_lock(
    kept: dict[str, Any], fields: Sequence[str], looking: Sequence[str], query: Mapping[str, str]
) -> list[str]:
    """Keep the lock of the URL; its sentences, once."""
    link = {parameter: query[parameter] for parameter in locks.PARAMETERS if parameter in query}
    if link == kept["lock_link"]:
        return []
    kept["lock_link"] = link
    kept["lock"], notes = locks.read(fields, looking, link)
    return notes


def fresh() -> dict[str, Any]:
    """What the session keeps of a page: its settings and which of them just changed; the query that was written and
    those before it; sentences; what the link fixes; how often the page has changed a widget."""
    nothing: dict[str, Any] = {"state": None, "written": None, "lock": Lock()}
    return {**nothing, "changed": [], "replaced": [], "notes": [], "refused": [], "revisions": {}, "lock_link": {}}


def load(name: str, state_class: type[State], stale: float = STALE_SECONDS["page"]) -> Store[State]:
    """The state of page `name` for this run: what a callback made of it, else what the URL says. Writes the URL.

    Its `validated(changed)` gives the state with impossible settings mended (those in `changed` last), and a sentence
    for each. A URL that was replaced less than `stale` seconds ago is taken for that of a late rerun, not for the
    reader's.
    """
    query = {key: str(value) for key, value in st.query_params.to_dict().items()}
    kept = st.session_state.setdefault(session_key(name), fresh())
    ours = [field.name for field in dataclasses.fields(state_class)]
    own_query = {key: value for key, value in query.items() if key in ours}
    notes: list[str] = []
    if kept["state"] is None or not (kept["changed"] or is_ours(kept, own_query, stale)):
        kept["state"], notes = links.decode(state_class, own_query)
        st.session_state.get(typing_key(name), {}).update(drafts={}, cut={}, notes=[])
    kept["state"], changes = kept["state"].validated(kept["changed"])
    notes += [*changes, *take_lock(kept, ours, state_class.LOOKING, query), *kept["refused"]]
    kept["refused"] = []
    if notes or kept["changed"]:
        kept["notes"] = notes
    kept["changed"] = []
    wanted = links.encode(kept["state"])
    if wanted != kept["written"]:
        kept["replaced"] = [(time.monotonic(), kept["written"]), *kept["replaced"][:9]]
        kept["written"] = wanted
    if wanted != own_query:  # last, for Streamlit may break off the run here to start the next one
        others = {key: value for key, value in query.items() if key not in ours}
        st.query_params.from_dict({**others, **wanted})
    return Store(name, kept["state"], list(kept["notes"]), kept["lock"])


def is_ours(kept: dict[str, Any], own_query: dict[str, str], stale: float) -> bool:
    """Whether the URL is the one that we wrote last, or one that we replaced so lately that this rerun may not know
    it. Once the browser has come with the last one, older ones are the reader's."""
    if own_query == kept["written"]:
        kept["replaced"] = []
    late = [query for at, query in kept["replaced"] if time.monotonic() - at < stale]
    return own_query == kept["written"] or own_query in late

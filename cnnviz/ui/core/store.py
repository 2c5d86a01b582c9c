"""What a page is showing: one frozen dataclass in the session, mirrored in the URL. Widgets are views of it.

A callback (which Streamlit runs before the script) replaces the state; then `page()` calls `load`, which mends what no
longer fits and writes the URL; then the page draws. So the URL needs no second writer and no widget holds a truth of
its own. A URL that the reader changed (a link, the back button) wins over the session.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz import links
from cnnviz.lessons.common.settings import Settings
from cnnviz.links import locks
from cnnviz.links.locks import Lock
from cnnviz.ui.core import crossing
from cnnviz.ui.core.edits import Typed
from cnnviz.ui.core.history import History, Moment

State = TypeVar("State", bound=Settings)

# a rerun that was under way when the URL was written still carries the one before, for so long at most: fragments run
# again by themselves or by a click on what is folded; the whole page seldom does, but for the back button
STALE_SECONDS = {"fragment": 3.0, "page": 0.5}


class _Nothing:
    """Stands for: no value yet."""


@dataclass
class Store(Generic[State]):
    """A handle on one page in one session, the same one in every run: `state` are its settings, `notes` the sentences
    to show above the stage, `lock` is what the link fixes, `typed` what was typed into its stage, `history` what was
    there before."""

    name: str
    state: State
    notes: list[str] = field(default_factory=list)
    lock: Lock = Lock()
    typed: Typed = field(default_factory=Typed)
    history: History = field(default_factory=History)
    staged: State | None = None  # the settings that the stage was drawn of last
    around: object = None  # what stands around the stage, as it was drawn last (ui/lessons/staged.py),
    is_drawn_of: Callable[[State], object] | None = None  # and as it would be drawn of a state
    followed: bool = False  # whether a link was, since an exercise was looked for
    unfolded: bool = False  # whether that shows every number
    written: dict[str, str] | None = None  # the page's part of the URL as it was written last
    _replaced: list[tuple[float, dict[str, str] | None]] = field(default_factory=list)  # those before, and until when
    _changed: list[str] = field(default_factory=list)  # settings that were changed since the page ran
    _said: list[str] = field(default_factory=list)  # the notes of the last change, as long as they are about the state
    _refused: list[str] = field(default_factory=list)
    _revisions: dict[str, int] = field(default_factory=dict)  # how often the page has changed a widget's value
    _lock_link: dict[str, str] = field(default_factory=dict)
    _step: Moment | None = None  # what was there before the step that is under way
    _untaken: dict[str, tuple[str, Any]] = field(default_factory=dict)  # by widget, its text that no setting can be,
    # and the setting that counts until it is mended

    def key(self, field: str) -> str:
        """The key of the widget for `field`; every widget's key has its page's prefix."""
        return f"{self.name}_{field}"

    # --- changes: for callbacks, which run before the page does

    def change(self, **values: Any) -> None:
        """Replace settings. What is named here stays, and what it makes impossible is mended around it. A change that
        would move what the link fixes, be it by what has to be mended, is not made, whatever the browser sent: there
        is a sentence instead."""
        wanted, changed = replace(self.state, **values), [*self._changed, *values]
        if moved := self._moved(wanted, changed):
            self._refused = [locks.refusal(moved)]
            return
        if values.get("task", self._task) != self._task:
            self.history.forget()  # what was tried before an exercise is no way out of it
        elif self._step is None and any(getattr(self.state, name) != values[name] for name in self._doing(values)):
            self.history.record(self.moment)
        self.state, self._changed = wanted, changed

    def _doing(self, names: Iterable[str]) -> list[str]:
        """Of settings those that do something, and are not only looked at: these are no steps."""
        return [name for name in names if name not in self.state.LOOKING]

    @property
    def _task(self) -> str:
        """The open exercise, on a page that has any."""
        return getattr(self.state, "task", "")

    @property
    def moment(self) -> Moment:
        """All that an undo brings back."""
        return Moment(self.state, dict(self.typed.drafts), dict(self.typed.cut))

    @contextmanager
    def step(self) -> Iterator[None]:
        """Take whatever is changed meanwhile for one step."""
        if self._step is not None:
            yield
            return
        before = self._step = self.moment
        try:
            yield
        finally:
            self._step = None
        if self.moment != before and before.state.task == self._task:
            self.history.record(before)

    def undo(self) -> None:
        """Take back the last step."""
        self._return_to(self.history.undo(self.moment))

    def redo(self) -> None:
        """Take the last undo back."""
        self._return_to(self.history.redo(self.moment))

    def _return_to(self, moment: Moment | None) -> None:
        """Make a moment what is shown; what the link fixes has not moved since."""
        if moment is not None:
            self.state, self._changed = moment.state, [one.name for one in fields(moment.state)]
            self.typed.drafts, self.typed.cut = dict(moment.drafts), dict(moment.cut)

    @property
    def example(self) -> dict[str, Any]:
        """The settings in which an untouched page opens, of those that the link leaves free; an exercise stays open."""
        kept = {"task", *self.lock.fixed}
        return {one.name: getattr(type(self.state), one.name) for one in fields(self.state) if one.name not in kept}

    @property
    def steps(self) -> dict[str, bool] | None:
        """Whether there is anything to undo, to redo and to put the example in place of; None where the link fixes all
        of it."""
        if self.lock.whole:
            return None
        example = any(getattr(self.state, name) != value for name, value in self.example.items())
        return {"undo": bool(self.history.past), "redo": bool(self.history.taken_back), "example": example}

    def back_to_example(self) -> None:
        """Put the page's own example back on it."""
        self.put(self.example)

    def take(self, **values: Any) -> bool:
        """Replace settings by what a browser has sent, which may be anything: where a link to it could not hold one of
        them, nothing changes, and there is a sentence instead. Whether it was taken."""
        try:
            read = {name: links.accepted(type(self.state), name, value) for name, value in values.items()}
        except ValueError as error:
            sent = ", ".join(links.shorten(str(value)) for value in values.values())
            self._refused = [f"“{sent}” was not taken: {error}."]
            return False
        self.change(**read)
        return True

    def put(self, settings: Mapping[str, Any]) -> None:
        """Replace settings, and forget what was half typed into the grids among them."""
        with self.step():
            self.typed.forget(settings)
            self.change(**settings)

    def refuses(self, settings: Mapping[str, Any]) -> bool:
        """Whether `settings` would change what the link fixes, for a button that is then out of reach."""
        return any(field in settings and getattr(self.state, field) != settings[field] for field in self.lock.fixed)

    def _moved(self, after: State, changed: list[str]) -> list[str]:
        """The fixed settings that would not be as they are, once `after` is mended."""
        if not self.lock.fixed:
            return []
        mended, _ = after.validated(changed)
        return [field for field in self.lock.fixed if getattr(self.state, field) != getattr(mended, field)]

    # --- what is drawn of it

    def live(self, body: Callable[["Store[State]"], None], key: str | None = None) -> None:
        """Draw `body(store)` as a fragment: an edit or a click in it runs it alone, without title, menu and prose, so
        that the new output is seen sooner. For use as a decorator."""
        st.fragment(lambda: body(load(self.name, type(self.state), STALE_SECONDS["fragment"])), key=key)()

    def run_what_changed(self) -> None:
        """At the end of a stage's callback: run all of what lesson_page draws, not the stage alone, where the edit
        changes what stands around it."""
        run = get_script_run_ctx()
        if self.is_drawn_of is None or run is None or not run.fragment_ids_this_run:
            return  # the whole page runs, and it may be another one, to which the reader has gone on
        validated = cast(State, self.state.validated(self._changed)[0])
        if self.is_drawn_of(validated) != self.around:
            st.rerun(self.key("live"))

    def widget(self, draw: Callable[..., Any], field: str, label: str, *args: Any, **options: Any) -> Any:
        """Draw a widget that shows `field` and changes it, where the link leaves it free. Returns the value."""
        value = getattr(self.state, field)
        if field not in self.lock.hidden:
            options["disabled"] = self.lock.fixes(field)
            self.show(draw, field, value, lambda chosen: self._choose(field, chosen), label, *args, **options)
        return value

    def _choose(self, field: str, chosen: Any) -> None:
        """Callback of a widget: `chosen` becomes the setting. A text that cannot be one stays in its box until it is
        mended."""
        self._untaken.pop(field, None)
        if not self.take(**{field: chosen}) and isinstance(chosen, str):
            self._untaken[field] = chosen, getattr(self.state, field)

    def show(
        self,
        draw: Callable[..., Any],
        widget: str,
        value: Any,
        take: Callable[[Any], object],
        *args: Any,
        **options: Any,
    ) -> None:
        """Draw a `widget` that shows `value`; `take(chosen)` is called before the page runs when the reader has chosen
        something. A box that was emptied and a segment that was clicked off keep what was there.

        The value goes to the browser as the widget's default: one that is set in the session goes there once, and is
        lost where the page runs again before the browser has drawn it, which then shows another and sends that.
        """
        key = self._key_for(widget, value)

        def changed() -> None:
            chosen = st.session_state[key]
            if chosen is not None and key == self._newest_key(widget):  # else it comes from one that is no more
                take(chosen)

        draw(*args, key=key, on_change=changed, **_default(draw.__name__, value, args), **options)

    def _key_for(self, widget: str, value: Any) -> str:
        """The key for a widget that shows `value`.

        Where the page, not the reader, has changed the value, it becomes a new widget with a new key: the browser
        sends the values of all widgets with every click, and one sent before it heard of the change would undo it.
        """
        shown = st.session_state.get(self._newest_key(widget), _Nothing)  # `key in st.session_state` copies the session
        if shown is not _Nothing and shown != value and (shown, value) != self._untaken.get(widget):
            self._revisions[widget] = self._revisions.get(widget, 0) + 1
        return self._newest_key(widget)

    def _newest_key(self, widget: str) -> str:
        """The key of `widget` since the page last changed its value."""
        revision = self._revisions.get(widget, 0)
        return f"{self.name}_{widget}_{revision}" if revision else f"{self.name}_{widget}"

    # --- the URL

    def _follow(self, stale: float) -> None:
        """Take what the URL says where the reader has changed it, mend the settings, and write the URL."""
        query = {key: str(value) for key, value in st.query_params.to_dict().items()}
        ours = links.parameters(type(self.state))
        own_query = {key: value for key, value in query.items() if key in ours}
        notes: list[str] = []
        if not (self._changed or self._is_ours(own_query, stale)):
            self.state, notes = links.decode(type(self.state), own_query)
            self.followed = True
            self.typed.replace()
            self.history.forget()
        validated, changes = self.state.validated(self._changed)
        self.state = cast(State, validated)
        notes += [*changes, *self._take_lock(ours, query), *self._refused]
        if notes or self._changed:
            self._said = notes
        self._refused, self._changed, self.notes = [], [], list(self._said)
        wanted = links.encode(self.state)
        if wanted != self.written:
            self._replaced = [(time.monotonic(), self.written), *self._replaced[:9]]
            self.written = wanted
        if wanted != own_query:  # last, for Streamlit may break off the run here to start the next one
            others = {key: value for key, value in query.items() if key not in ours}
            st.query_params.from_dict({**others, **wanted})

    def _is_ours(self, own_query: dict[str, str], stale: float) -> bool:
        """Whether the URL is the one that we wrote last, or one that we replaced so lately that this rerun may not know
        it. Once the browser has come with the last one, older ones are the reader's."""
        if own_query == self.written:
            self._replaced = []
            return True
        return own_query in [query for at, query in self._replaced if time.monotonic() - at < stale]

    def _take_lock(self, parameters: Mapping[str, str], query: Mapping[str, str]) -> Iterable[str]:
        """Keep the lock of the URL; its sentences, once."""
        link = {parameter: query[parameter] for parameter in locks.PARAMETERS if parameter in query}
        if link == self._lock_link:
            return ()
        self._lock_link = link
        self.history.forget()  # what was there before may be what it fixes
        self.lock, notes = locks.read(parameters, self.state.LOOKING, link)
        return notes


def load(name: str, state_class: type[State], stale: float = STALE_SECONDS["page"]) -> Store[State]:
    """The handle on page `name` for this run: its state is what a callback made of it, else what the URL says. Writes
    the URL.

    Its `validated(changed)` gives the state with impossible settings mended (those in `changed` last), and a sentence
    for each. A URL that was replaced less than `stale` seconds ago is taken for that of a late rerun, not for the
    reader's.
    """
    with crossing.undisturbed():
        store = visited(name)
        if store is None:
            store = st.session_state[_session_key(name)] = Store(name, state_class())
        store._follow(stale)
    return store


def visited(name: str) -> Store[Any] | None:
    """The handle on another page, where this session has been there."""
    store: Store[Any] | None = st.session_state.get(_session_key(name))
    return store


def _session_key(name: str) -> str:
    """Where the session keeps the handle on page `name`."""
    return f"state of {name}"


def _default(kind: str, value: Any, args: Sequence[Any]) -> dict[str, Any]:
    """The argument that makes a widget of Streamlit's show `value` at first; `args` are its label and its options."""
    match kind:
        case "selectbox" | "radio":
            return {"index": None if value is None else list(args[1]).index(value)}
        case "multiselect" | "segmented_control" | "pills":
            return {"default": value}
    return {"value": value}

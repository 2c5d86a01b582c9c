"""page(): the first line of every page. Title, menu, link to copy, and the page's state."""

import gc
import re
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import streamlit as st

from cnnviz import lessons, links
from cnnviz.lessons.common.settings import Settings
from cnnviz.links import locks
from cnnviz.server import logs
from cnnviz.ui.core import inbox, sweeper
from cnnviz.ui.core.edits import Target
from cnnviz.ui.core.store import Store, load, visited
from cnnviz.ui.core.titles import TITLES
from cnnviz.ui.shell import presenter
from cnnviz.ui.shell.connection import connection
from cnnviz.ui.shell.share import share
from cnnviz.ui.shell.visitor import visitor

State = TypeVar("State", bound=Settings)

STYLE = Path(__file__).with_name("page.css")
JOINER = "\N{WORD JOINER}"
ICON = str(Path(__file__).with_name("icon.svg"))  # a file of ours: a named icon would be fetched from a font server


def page(name: str, state_class: type[State]) -> Store[State]:
    """Begin page `name` (a lesson's slug, or 'home') and give its state; see `core.store.load`."""
    logs.configure()
    inbox.install()
    title = TITLES[name]
    presenter.turn(_left_at)
    presenting = presenter.is_on(name)
    st.set_page_config(
        page_title="cnnviz" if name == "home" else f"{title} · cnnviz",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state="auto",
    )
    _style(presenting)
    _freeze_imports()
    store = load(name, state_class)
    if not presenting:
        _menu()
    with st.container(horizontal=True, vertical_alignment="center", key="page_head"):
        st.title(title, anchor=False, width="stretch")
        presenter.bar(name, TITLES, presenting)
        with st.container(width="content"):
            share(f"{name}_share", _offered(state_class), lambda: _text_at(name))
        visitor(f"{name}_visitor")
        connection(f"{name}_connection")
    if fixed := locks.describe(store.lock):
        st.caption(fixed)
    return store


def _style(presenting: bool) -> None:
    """The stylesheets, as one element."""
    sheets = [STYLE, presenter.STYLE] if presenting else [STYLE]
    st.html("<style>" + "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets) + "</style>")


def _offered(state_class: type[Settings]) -> dict[str, str]:
    """What a link to the page can fix: names for `?lock=`, and words for them."""
    return locks.offered(links.parameters(state_class), state_class.LOOKING)


@st.cache_resource(show_spinner=False)
def _freeze_imports() -> None:
    """Once a server: what has been imported stays, so the garbage collector need not walk over it after every edit.
    From then on it also comes by when sessions have ended."""
    gc.collect()
    gc.freeze()
    sweeper.start()


def _menu() -> None:
    """The grouped menu in the sidebar. A page that was visited is linked in the state in which it was left."""
    with st.sidebar:
        st.page_link("home.py", label="**cnnviz**")
        for group, entries in lessons.grouped().items():
            st.caption(group)
            for one in entries:
                st.page_link(f"pages/{one.slug}.py", label=one.title, query_params=_left_at(one.slug))


def _left_at(slug: str) -> dict[str, str]:
    """The query of page `slug` as this session left it."""
    store = visited(slug)
    return (store and store.written) or {}


def _text_at(slug: str) -> str:
    """The text that the link to page `slug` holds, as this session left it; '' where it holds none."""
    store = visited(slug)
    return store.state.text if store and "text" in (store.written or ()) else ""


def notes(store: Store[State], targets: Collection[Target] | None = None) -> None:
    """The sentences about what was mended, not understood or typed wrong (in `targets`), above the stage."""
    sentences = [*store.notes, *store.typed.sentences(targets)]
    if sentences:
        st.warning("  \n".join(map(plain_text, sentences)), icon=":material/info:")


def plain_text(sentence: str) -> str:
    """A sentence that may quote what a stranger typed, so that Markdown shows it as it is, in one line, and makes no
    links of addresses: these it would find also where they are escaped, so that an invisible joiner parts them."""
    parted = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", JOINER, " ".join(sentence.split()), flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>$~:&@-])", r"\\\1", parted)


def lesson(name: str) -> str:
    """The prose of page `name`."""
    return lessons.find(name).prose
